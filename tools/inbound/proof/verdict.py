"""Who wrote a mail, by our own proof: SPF, DKIM, ARC and DMARC put together."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from ...mail.addresses import domain, parse_list
from ...mail.headers import Headers
from ..authentication import UNDECIDED_DMARC, is_aligned, is_authenticated
from . import arc_check, dkim_check, dmarc_check, spf_check
from .book import Book, PendingError, Question, SilenceError
from .canonical import Source, UnreadableError, read_source
from .envelope import Envelope, is_mail_server

_SIGNATURES = ("DKIM-Signature", "ARC-Seal")
NONE, PASS, FAIL, SILENT = "none", "pass", "fail", "temperror"
#: The host that brought a mail is not known: there is no verdict.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Proof:
    """What was found out about who wrote a mail; results as in RFC 8601, "" for none.

    `real`: whether it comes from the domain in From; None where nothing says.
    `author`: that domain. `why`: a code of `dkim_check`, what is wrong with the first
    signature. `policy`: what the domain wants of forged mail, "" for nothing published.
    `sealers`: who has sealed it on its way, if the seals hold.
    """

    real: bool | None = None
    author: str = ""
    spf: str = ""
    spf_domain: str = ""
    dkim: str = ""
    dkim_domains: tuple[str, ...] = ()
    why: str = ""
    dmarc: str = ""
    policy: str = ""
    arc: str = ""
    sealers: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What it says in short: "real", "forged", "double" for a mail with two From,
        "silent" where no name server answers, else "open"."""
        if self.real is not None:
            return (
                "real" if self.real else "double" if self.why == "double" else "forged"
            )
        is_silent = SILENT in (self.spf, self.dkim) or self.dmarc == SILENT
        return "silent" if is_silent else "open"

    @property
    def results(self) -> str:
        """The results as a line of text: "spf=pass (a.example), dkim=none"."""
        told = (
            ("spf", self.spf, self.spf_domain),
            ("dkim", self.dkim, ", ".join(self.dkim_domains) or self.why),
            ("dmarc", self.dmarc, self.policy and f"p={self.policy}"),
            ("arc", "" if self.arc == NONE else self.arc, ", ".join(self.sealers)),
        )
        return ", ".join(
            f"{name}={result}" + (f" ({more})" if more else "")
            for name, result, more in told
            if result
        )

    @property
    def said(self) -> dict[str, str]:
        """What "why" shows of it: its `code` and `results`."""
        return {"code": self.code, "results": self.results}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        kept: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return kept

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Proof":
        """Return the proof that was kept."""
        lists = {one: tuple(kept.get(one, ())) for one in ("dkim_domains", "sealers")}
        return cls(**{**kept, **lists})


@dataclass
class Case:
    """One mail whose sender is to be proven.

    `now`: seconds since 1970, at which it arrived. `own_domains`: those whose mail
    servers may have written the line that `envelope` is of. `asked` and `inquiry`: what
    it has asked for and found out so far.
    """

    raw: bytes
    headers: Headers
    envelope: Envelope
    now: float
    own_domains: Sequence[str] = ()
    asked: set[Question] = field(default_factory=set)
    inquiry: "_Inquiry | None" = None

    @cached_property
    def author(self) -> str:
        """The domain in From, "" unless there is exactly one author."""
        written = self.headers.get_all("From")
        found = parse_list(written[0]) if len(written) == 1 else ()
        return domain(found[0]) if len(found) == 1 else ""

    @cached_property
    def source(self) -> Source | None:
        """The bytes that signatures are made of; None if there are none, or if they
        cannot be read."""
        if not any(self.headers.get_all(name) for name in _SIGNATURES):
            return None
        try:
            return read_source(self.raw)
        except UnreadableError:
            return None


def prove(case: Case, book: Book) -> Proof | None:
    """Return what can be found out about a mail's author; never raises.

    None if there is something to be asked first: `book.wanted` says what.
    """
    if not case.author:
        is_double = len(case.headers.get_all("From")) > 1
        return Proof(real=False, why="double") if is_double else Proof()
    inquiry = case.inquiry = case.inquiry or _Inquiry(case)
    book.asked |= case.asked
    # Whatever has to be asked first for one of them, the others note theirs as well.
    for step in inquiry.left[:-1]:
        inquiry.go(step, book)
    if len(inquiry.left) == 1:
        inquiry.go(inquiry.left[0], book)
    case.asked |= book.asked
    return None if inquiry.left else inquiry.proof()


class _Inquiry:
    """What is found out about one mail, step by step."""

    def __init__(self, case: Case) -> None:
        self.case = case
        #: The last one needs what all others have found.
        self.left: list[Callable[[Book], None]] = [
            self.find_spf,
            self.find_dkim,
            self.find_policy,
            self.find_arc,
            self.align,
        ]
        self.spf = self.spf_domain = ""
        self.dkim: tuple[dkim_check.Checked, ...] = ()
        self.policy: dmarc_check.Published | None = None
        self.dmarc = NONE
        self.sealed = arc_check.Sealed()

    def go(self, step: Callable[[Book], None], book: Book) -> None:
        """Do a step that is left, unless something has to be asked first."""
        try:
            step(book)
        except PendingError:
            return
        self.left.remove(step)

    def find_spf(self, book: Book) -> None:
        """Check the host that brought it, for the domain that it named at the door: one
        that may send for the domain in From sends for others, too, where it is a
        service's.

        Nothing counts where the host may be a server of our provider's: it brings mail
        of everybody, and is often listed among those that send ours.
        """
        envelope = self.case.envelope
        if envelope.address is None or envelope.sender is None:
            return
        own_domains = self.case.own_domains
        if not envelope.is_edge and not is_mail_server(
            envelope.server, own_domains, book
        ):
            return
        sender = envelope.sender or f"postmaster@{envelope.helo}"
        self.spf_domain = domain(sender)
        self.spf = spf_check.check_host(
            envelope.address, self.spf_domain, sender, envelope.helo, book
        )

    def find_dkim(self, book: Book) -> None:
        """Check its signatures."""
        if source := self.case.source:
            self.dkim = dkim_check.check_signatures(
                source, self.case.author, book, self.case.now
            )

    def find_policy(self, book: Book) -> None:
        """Look up what the domain in From wants."""
        try:
            self.policy = dmarc_check.find_policy(self.case.author, book)
        except SilenceError:
            self.dmarc = SILENT

    def find_arc(self, book: Book) -> None:
        """Check what its forwarders have sealed."""
        if source := self.case.source:
            self.sealed = arc_check.check_chain(source, book)

    def align(self, book: Book) -> None:
        """Find out whether what has passed is of the domain in From (RFC 7489 3.1)."""
        if not self.policy:
            return
        strict = self.policy.strict_dkim
        passed = [(one, strict) for one in self.dkim_domains]
        if self.spf == PASS:
            passed.append((self.spf_domain, self.policy.strict_spf))
        results = [self.spf, *(one.result for one in self.dkim)]
        # Without a word on the host that brought it, nobody can say no.
        otherwise = FAIL if self.spf else UNKNOWN
        try:
            found = [
                dmarc_check.is_aligned(one, self.case.author, is_strict, book)
                for one, is_strict in passed
            ]
        except SilenceError:
            self.dmarc = SILENT
            return
        if any(found):
            self.dmarc = PASS
        else:
            self.dmarc = SILENT if SILENT in results else otherwise

    @property
    def dkim_domains(self) -> tuple[str, ...]:
        """Those whose signature holds."""
        return tuple(dict.fromkeys(o.domain for o in self.dkim if o.result == PASS))

    def proof(self) -> Proof:
        """Return what all steps have found."""
        first = self.dkim[0] if self.dkim else None
        return Proof(
            real=self._is_real(),
            author=self.case.author,
            spf=self.spf,
            spf_domain=self.spf_domain if self.spf else "",
            dkim=PASS if self.dkim_domains else first.result if first else NONE,
            dkim_domains=self.dkim_domains,
            why="" if self.dkim_domains or not first else first.why,
            dmarc=self.dmarc,
            policy=self.policy.policy if self.policy else "",
            arc=self.sealed.result,
            sealers=self.sealed.sealers,
        )

    def _is_real(self) -> bool | None:
        """Tell whether the mail is of the domain in From.

        No is said only where its owner says so: by the policy that he has published, or
        by a list of hosts that ends in `-all`. What a forwarder has found out whom we
        trust takes the no back, for forwarding breaks both.
        """
        author = self.case.author
        if self.dmarc == PASS:
            return True
        if self.dmarc in UNDECIDED_DMARC:
            passed = [*self.dkim_domains, *([self.spf_domain] * (self.spf == PASS))]
            if any(is_aligned(one, author) for one in passed):
                return True
        is_refused = self.spf == FAIL and is_aligned(self.spf_domain, author)
        is_refused &= not any(one.result == SILENT for one in self.dkim)
        is_unwanted = self.dmarc == FAIL and self.policy and self.policy.policy != NONE
        if not is_refused and not is_unwanted:
            return None
        return None if self._is_vouched_for() else False

    def _is_vouched_for(self) -> bool:
        told = self.sealed.verdicts
        return bool(told and is_authenticated(told, self.case.author))
