"""The domain that a host's owner has registered, without a list of all suffixes."""

#: What countries keep under their own two letters for companies, schools, offices and
#: persons; a domain is registered below it.
_SECOND_LEVEL = frozenset(
    {
        "ac", "asso", "biz", "co", "com", "edu", "firm", "gen", "go", "gob", "gouv",
        "gov", "govt", "health", "id", "in", "ind", "info", "int", "ltd", "me", "mil",
        "name", "ne", "net", "nom", "or", "org", "plc", "press", "pro", "sch", "web",
    }
)  # fmt: skip


def registrable(host: str) -> str:
    """Return the registered domain of a host: `hoster.com.vn` of `mx1.hoster.com.vn`.

    "" for what has none: a single label, a suffix such as `com.vn`, an address. `host`
    is lower case. Names right below a country's suffix that is not one of the usual
    ones are too wide by one label; nothing is ever too narrow.
    """
    labels = host.strip(".").split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdigit() or ":" in host:
        return ""
    is_country = len(labels[-1]) == 2
    size = 3 if is_country and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-size:]) if len(labels) >= size else ""
