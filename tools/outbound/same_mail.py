"""Whether two mails say the same, whenever each of them was made.

A mail that is made anew gets another Message-ID and date, other boundaries, and other
pictures that tell who has opened it.
"""

import hashlib
import re
from email.message import Message

#: What else a reader sees of it, or answers to.
_FIELDS = ("From", "To", "Cc", "Reply-To", "Subject")
#: Such a picture of Odoo's mailings or of OCA's mail_tracking, in HTML, or its address
#: in the plain text that Odoo makes of it: a number and a token.
_COUNTER = re.compile(
    rb"<img\b[^>]{0,500}?/blank\.gif\b[^>]{0,500}>"
    rb"|https?://[^\s\"'<>]{1,500}?/blank\.gif\b",
    re.IGNORECASE,
)


def content_of(message: Message) -> str:
    """Return SHA-256, in hex, of what a reader gets: the fields and the parts."""
    digest = hashlib.sha256()
    for name in _FIELDS:
        _add(digest, str(message[name] or "").encode("utf-8", "surrogateescape"))
    for part in message.walk():
        if not part.is_multipart():
            _add(digest, part.get_content_type().encode())
            _add(digest, (part.get_filename() or "").encode("utf-8", "replace"))
            content = part.get_payload(decode=True)
            content = content if isinstance(content, bytes) else b""
            is_text = part.get_content_maintype() == "text"
            _add(digest, _COUNTER.sub(b"", content) if is_text else content)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", piece: bytes) -> None:
    digest.update(b"%d:" % len(piece))
    digest.update(piece)
