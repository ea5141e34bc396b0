"""Ask a mail server whom it lets us write as, without sending anything (RFC 5321 3.3).

MAIL FROM and RCPT TO are offered and taken back with RSET. Postfix answers about the
sender at RCPT only, so both answers count.
"""

import smtplib
from dataclasses import dataclass

from ..mail.text import decode_bytes, single_line

WORDS_LIMIT = 500


@dataclass(frozen=True)
class Answer:
    """What the server said of one sender.

    `accepted`: None where the answer is for now only (4yz). `words` are those of the
    refusal, with its code, or "".
    """

    accepted: bool | None
    words: str = ""


def ask(session: smtplib.SMTP, sender: str, recipient: str) -> Answer:
    """Tell whether the server takes a mail from `sender` to `recipient`.

    Raises smtplib.SMTPException and OSError when the connection is lost: also after
    a 421, with which a server closes it.
    """
    for offer, address in ((session.mail, sender), (session.rcpt, recipient)):
        code, words = offer(address)
        if code == 421:
            raise smtplib.SMTPServerDisconnected(_shown(code, words))
        if code // 100 != 2:
            session.rset()
            return Answer(None if code // 100 == 4 else False, _shown(code, words))
    session.rset()
    return Answer(True)


def _shown(code: int, words: bytes) -> str:
    return f"{code} {single_line(decode_bytes(words))}"[:WORDS_LIMIT]
