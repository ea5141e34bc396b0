"""Read DKIM-Signature fields (RFC 6376 3.5); whether they hold is not looked at."""

import re
from dataclasses import dataclass

from ..mail.headers import Headers

_MAX_SIGNATURES = 10
_VALUE_LIMIT = 8000
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Signature:
    """Who signed a mail with which key, and the header fields that are signed.

    `domain` and `covered` are in lower case; `selector` names the key.
    """

    domain: str
    selector: str
    covered: frozenset[str]


def read_signatures(headers: Headers) -> tuple[Signature, ...]:
    """Return the signatures of a mail from the top down, broken ones left out."""
    values = headers.get_all("DKIM-Signature")[:_MAX_SIGNATURES]
    found = (_read(read_tags(value[:_VALUE_LIMIT])) for value in values)
    return tuple(one for one in found if one.domain and one.selector)


def read_tags(text: str) -> dict[str, str]:
    """Return the tags of a list such as "v=DKIM1; p=..." (RFC 6376 3.2).

    Of several of one name the first counts; names are in lower case.
    """
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def _read(tags: dict[str, str]) -> Signature:
    compact = {name: _SPACE.sub("", tags.get(name, "")) for name in "dsh"}
    covered = (name.lower() for name in compact["h"].split(":"))
    return Signature(
        domain=compact["d"].lower().rstrip("."),
        selector=compact["s"],
        covered=frozenset(filter(None, covered)),
    )
