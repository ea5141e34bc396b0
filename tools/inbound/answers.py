"""Whether a machine may answer a mail, and how its answer is addressed.

RFC 3834 and RFC 5230 (Sieve vacation): an answer goes to the envelope sender, only
to somebody who is who he claims to be, once a day, and never to a program.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..mail import addresses
from ..mail.headers import Field, Summary, message_ids
from ..mail.text import single_line
from .authentication import Verdicts, is_aligned

#: A person's own decision to answer: it needs no proof of who the sender is.
REJECT = "reject"
#: Longest subject of an answer.
MAX_SUBJECT = 250
#: Most message ids that an answer refers to; the newest are last (RFC 5322 3.6.4).
MAX_REFERENCES = 20


@dataclass(frozen=True)
class Facts:
    """What is known of a mail that may be answered.

    `address`: who would be answered, "" for nobody. `is_own`: it is one of ours.
    `is_named`: the address he wrote to stands in To or Cc. `is_forged`: the provider
    says that he is not who he claims to be; `is_proven`: that he is, or he is known.
    `told_today`: he had this kind of answer. `told_last_hour`: answers to anybody.
    """

    kind: str
    address: str
    is_own: bool
    is_automatic: bool
    is_spam: bool
    is_named: bool
    is_forged: bool
    is_proven: bool
    told_today: bool
    told_last_hour: int
    answers_per_hour: int


#: (code, what forbids an answer), in the order in which they are told.
RULES = (
    ("no_address", lambda facts: not facts.address),
    ("own_address", lambda facts: facts.is_own),
    ("automatic", lambda facts: facts.is_automatic),
    ("spam", lambda facts: facts.is_spam),
    ("not_named", lambda facts: not facts.is_named),
    ("forged", lambda facts: facts.is_forged),
    ("not_proven", lambda facts: not facts.is_proven and facts.kind != REJECT),
    ("told_today", lambda facts: facts.told_today),
    ("too_many", lambda facts: facts.told_last_hour >= facts.answers_per_hour),
)


def forbidden(facts: Facts) -> str:
    """Return the code of the first rule that forbids the answer, "" when none does."""
    return next((code for code, forbids in RULES if forbids(facts)), "")


def address_of(trace: Iterable[Field], email_from: str) -> str:
    """Return the address that an answer goes to, "" when there is nobody to answer.

    It is the envelope sender that our own server wrote down (RFC 3834 4), else the
    author. `trace`: what `recipients.trusted_trace` answers.
    """
    sender = envelope_sender(trace)
    return addresses.normalize(email_from) if sender is None else sender


def envelope_sender(trace: Iterable[Field]) -> str | None:
    """Return what the sending host said at MAIL FROM, as our own server wrote it down
    (RFC 5321 4.4): "" for the empty one, None where it has not.

    `trace`: as for `address_of`.
    """
    for field in trace:
        if field.name.lower() == "return-path":
            return addresses.normalize(field.value)
    return None


def is_proven(
    address: str, email_from: str, authenticated: bool | None, verdicts: Verdicts
) -> bool:
    """Tell whether the provider vouches for the one who is answered.

    A proven author alone doesn't: somebody may write under his own name and give
    another's address as the envelope sender.
    """
    host = addresses.domain(address)
    is_told = verdicts.trusted and verdicts.spf == "pass"
    if is_told and is_aligned(verdicts.spf_domain, host):
        return True
    author = addresses.domain(addresses.normalize(email_from))
    return authenticated is True and is_aligned(author, host)


def subject_of(text: str) -> str:
    """Return a subject on one line.

    What is left of a broken encoded word is set apart: the standard library would
    read it as one, and raise when it writes the mail.
    """
    words = " ".join(single_line(text).split())
    return words.replace("=?", "= ?")[:MAX_SUBJECT]


def references_of(summary: Summary) -> tuple[str, ...]:
    """Return the message ids that an answer refers to, the answered mail's own last."""
    own = message_ids(summary.message_id)[:1]
    others = [one for one in summary.references if one not in own]
    return tuple(map(_plain, (*others[1 - MAX_REFERENCES :], *own)))


def headers_of(summary: Summary) -> dict[str, str]:
    """Return the headers that make a mail the answer of a machine to another mail."""
    headers = {
        # RFC 3834 5, and what Microsoft's servers look at (MS-OXCMAIL 2.2.3.2.14).
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
    }
    if own := message_ids(summary.message_id)[:1]:
        headers["In-Reply-To"] = _plain(own[0])
    return headers


def _plain(message_id: str) -> str:
    """Return a message id as a header may hold it: printable ASCII."""
    return "".join(char for char in message_id if "!" <= char <= "~")
