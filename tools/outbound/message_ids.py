"""Message-IDs at the domain of the sender (RFC 5322 3.6.4)."""

from email.utils import make_msgid


def at_domain(message_id: str, domain: str) -> str:
    """Return the same id at another domain, which receivers know the sender by.

    The name of this machine tells them nothing, or that it is somewhere in an office
    network. Without a domain, or for what is no id, it is `message_id` itself.
    """
    left, at, _host = message_id.strip().rpartition("@")
    if not domain or not at or not left.startswith("<"):
        return message_id
    return f"{left}@{domain}>"


def new_at(domain: str) -> str:
    """Return a new id at a domain."""
    return make_msgid(domain=domain)
