"""Whether two mails say the same, whenever each of them was made.

A mail that is made anew gets another Message-ID and date, and other boundaries.
"""

import hashlib
from email.message import Message

#: What else a reader sees of it, or answers to.
_FIELDS = ("From", "To", "Cc", "Reply-To", "Subject")


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
            _add(digest, content if isinstance(content, bytes) else b"")
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", piece: bytes) -> None:
    digest.update(b"%d:" % len(piece))
    digest.update(piece)
