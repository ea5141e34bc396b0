"""Whether what was proven is proven for the domain in From: DMARC (RFC 7489).

The organisational domain is found by walking up the DNS (RFC 9989 4.10), which needs no
list of public suffixes. Names of the top level are not asked about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import keys
from .book import Book

POLICIES = ("none", "quarantine", "reject")
#: Most names that a walk asks about (RFC 9989 4.10).
MAX_STEPS = 8
STRICT = "s"


@dataclass(frozen=True)
class Published:
    """What a domain wants of mail in its name: one of POLICIES.

    `strict_dkim`, `strict_spf`: only the very same domain counts.
    """

    domain: str
    policy: str
    strict_dkim: bool = False
    strict_spf: bool = False


def find_policy(domain: str, book: Book) -> Published | None:
    """Return what holds for mail of a domain, None if nothing is published.

    Raises what `Book.ask` does.
    """
    found = _walk(domain, book)
    owner = _organisational(domain, found)
    chosen = domain if domain in found else owner
    tags = found.get(chosen)
    if tags is None:
        return None
    policy = tags.get("p", "none" if tags.get("rua") else "").lower()
    if policy not in POLICIES:
        return None
    wanted = tags.get("sp", "").lower()
    if chosen != domain and wanted in POLICIES:
        policy = wanted
    return Published(
        chosen,
        policy,
        strict_dkim=tags.get("adkim", "r").lower() == STRICT,
        strict_spf=tags.get("aspf", "r").lower() == STRICT,
    )


def is_aligned(one: str, other: str, strict: bool, book: Book) -> bool:
    """Tell whether two domains count as one (RFC 7489 3.1); raises what `Book.ask`
    does."""
    if one == other:
        return bool(one)
    if strict or not one or not other:
        return False
    if one.rpartition(".")[2] != other.rpartition(".")[2]:
        return False
    owners = [_organisational(name, _walk(name, book)) for name in (one, other)]
    return owners[0] == owners[1]


def _organisational(domain: str, found: dict[str, dict[str, str]]) -> str:
    """Return the domain that a domain belongs to (RFC 9989 4.10.2).

    `found`: {name: tags of its record}, for the names of a walk.
    """
    for name in _steps(domain):
        mark = found.get(name, {}).get("psd", "").lower()
        if mark == "n":
            return name
        if mark == "y" and name != domain:
            below = domain.removesuffix(f".{name}").rpartition(".")[2]
            return f"{below}.{name}"
    published = [name for name in _steps(domain) if name in found]
    return published[-1] if published else domain


def _walk(domain: str, book: Book) -> dict[str, dict[str, str]]:
    """Return {name: tags} of the records of a domain and of those above it."""
    names = list(_steps(domain))
    book.foresee((f"_dmarc.{name}" for name in names), "TXT")
    found = ((name, _read(book.ask(f"_dmarc.{name}", "TXT"))) for name in names)
    return {name: tags for name, tags in found if tags is not None}


def _steps(domain: str) -> Iterator[str]:
    """Yield a domain and those above it, from the left, down to two labels."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels) - 1, MAX_STEPS - 1), 1, -1):
        yield ".".join(labels[-count:])


def _read(texts: Sequence[str]) -> dict[str, str] | None:
    """Return the tags of the one record among texts; several count as none."""
    records = [one for one in texts if _is_record(one)]
    if len(records) != 1:
        return None
    # RFC 7489 6.3: a part that cannot be read is left out, the rest counts.
    pairs = (part.partition("=") for part in records[0].split(";"))
    tags: dict[str, str] = {}
    for name, _equals, value in pairs:
        tags.setdefault(name.strip().lower(), value.strip())
    return tags


def _is_record(text: str) -> bool:
    return (keys.read_tags(text.partition(";")[0]) or {}).get("v") == "DMARC1"
