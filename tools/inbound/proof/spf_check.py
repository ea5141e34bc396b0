"""Whether a domain lets a host send its mail: SPF (RFC 7208)."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from .book import Book, SilenceError, is_name
from .spf_record import Mechanism, Record, RecordError, choose, expand, parse

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: RFC 7208 4.6.4: terms that need the DNS, those of them that find nothing, hosts of an
#: mx or a ptr.
MAX_TERMS = 10
MAX_VOID = 2
MAX_HOSTS = 10

NONE, NEUTRAL, PASS, FAIL, SOFTFAIL = "none", "neutral", "pass", "fail", "softfail"
TEMPERROR, PERMERROR = "temperror", "permerror"
_COSTLY = frozenset({"include", "a", "mx", "ptr", "exists"})


def check_host(
    address: IPAddress, domain: str, sender: str, helo: str, book: Book
) -> str:
    """Return the result of RFC 7208 2.6 for a host that sends mail of a domain.

    `sender`: the address in MAIL FROM, `helo`: the name in EHLO. Raises
    `PendingError`.
    """
    plain = getattr(address, "ipv4_mapped", None) or address
    local, _at, host = sender.rpartition("@")
    letters = {
        "s": f"{local or 'postmaster'}@{host}",
        "l": local or "postmaster",
        "o": host,
        "i": _dotted(plain),
        "v": "in-addr" if plain.version == 4 else "ip6",
        "h": helo,
    }
    try:
        return _Check(plain, letters, book).of(domain)
    except SilenceError:
        return TEMPERROR
    except RecordError:
        return PERMERROR


def _dotted(address: IPAddress) -> str:
    if address.version == 4:
        return str(address)
    return ".".join(address.exploded.replace(":", ""))


@dataclass
class _Check:
    """One check, with what it has cost so far."""

    address: IPAddress
    letters: dict[str, str]
    book: Book
    terms: int = 0
    void: int = 0

    def of(self, domain: str, depth: int = 0) -> str:
        """Return the result for a domain (RFC 7208 4)."""
        if not _is_host(domain):
            return NONE
        text = choose(self.book.ask(domain, "TXT"))
        if text is None:
            return NONE
        record = parse(text)
        self._foresee(record)
        for one in record.mechanisms:
            if self._matches(one, domain, depth):
                return one.result
        if record.redirect and not any(one.kind == "all" for one in record.mechanisms):
            self._count()
            result = self.of(self._expanded(record.redirect, domain), depth + 1)
            if result == NONE:
                raise RecordError(record.redirect)
            return result
        return NEUTRAL

    def _foresee(self, record: Record) -> None:
        """Note what the record will ask for, as far as that does not depend on the
        mail, and no more than it may ask for: whoever writes it has others asked."""
        kinds = {"include": "TXT", "mx": "MX", "a": self._kind}
        costly = [one for one in record.mechanisms if one.kind in _COSTLY]
        for kind, asked in kinds.items():
            allowed = costly[: max(MAX_TERMS - self.terms, 0)]
            named = (one.domain for one in allowed if one.kind == kind)
            self.book.foresee((one for one in named if one and "%" not in one), asked)

    @property
    def _kind(self) -> str:
        return "A" if self.address.version == 4 else "AAAA"

    # ------------------------------------------------------------
    # MECHANISMS
    # ------------------------------------------------------------

    def _matches(self, one: Mechanism, domain: str, depth: int) -> bool:
        if one.kind == "all":
            return True
        if one.network is not None:
            return self.address.version == one.network.version and (
                self.address in one.network
            )
        self._count()
        target = self._expanded(one.domain, domain) if one.domain else domain
        if one.kind == "include":
            return self._is_included(target, depth)
        if one.kind == "exists":
            return bool(self._ask(target, "A"))
        if one.kind == "a":
            return self._is_among(self._ask(target, self._kind), one)
        if one.kind == "mx":
            return self._is_mail_server(target, one)
        return any(_is_below(name, target) for name in self._own_names())

    def _is_included(self, target: str, depth: int) -> bool:
        """Tell whether another domain's record says "pass" (RFC 7208 5.2)."""
        result = self.of(target, depth + 1)
        if result in (NONE, PERMERROR):
            raise RecordError(target)
        return result == PASS

    def _is_mail_server(self, target: str, one: Mechanism) -> bool:
        hosts = self._ask(target, "MX")
        if len(hosts) > MAX_HOSTS:
            raise RecordError(target)
        self.book.foresee(hosts, self._kind)
        return any(self._is_among(self._ask(host, self._kind), one) for host in hosts)

    def _is_among(self, found: tuple[str, ...], one: Mechanism) -> bool:
        length = one.prefixes[0 if self.address.version == 4 else 1]
        network = ipaddress.ip_network(f"{self.address}/{length}", strict=False)
        return any(ipaddress.ip_address(text) in network for text in found)

    def _own_names(self) -> Iterator[str]:
        """Yield the names of the sending host that lead back to it (RFC 7208 5.5)."""
        try:
            names = self.book.ask(self.address.reverse_pointer, "PTR")
        except SilenceError:
            return
        if not names:
            self._note_void()
        self.book.foresee(names[:MAX_HOSTS], self._kind)
        for name in names[:MAX_HOSTS]:
            try:
                found = self._ask(name, self._kind)
            except SilenceError:
                continue
            if any(ipaddress.ip_address(text) == self.address for text in found):
                yield name

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def _count(self) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise RecordError("too many terms")

    def _ask(self, name: str, kind: str) -> tuple[str, ...]:
        found = self.book.ask(name, kind)
        if not found:
            self._note_void()
        return found

    def _note_void(self) -> None:
        self.void += 1
        if self.void > MAX_VOID:
            raise RecordError("too many names that don't exist")

    def _expanded(self, text: str, domain: str) -> str:
        letters = {**self.letters, "d": domain}
        if "%{p" in text.lower():
            letters["p"] = self._own_name(domain)
        return expand(text, letters)

    def _own_name(self, domain: str) -> str:
        """Return the sending host's name, one of the domain's if it has one."""
        names = list(self._own_names())
        below = (one for one in names if _is_below(one, domain))
        known = next(iter(names), "unknown")
        return domain if domain in names else next(below, known)


def _is_below(name: str, domain: str) -> bool:
    plain, above = name.lower().rstrip("."), domain.lower().rstrip(".")
    return plain == above or plain.endswith(f".{above}")


def _is_host(domain: str) -> bool:
    return is_name(domain) and "." in domain.rstrip(".")
