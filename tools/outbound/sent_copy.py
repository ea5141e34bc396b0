"""What a mail looked like when it was handed to the mail server."""

import email.generator
import email.message
import io
import re

#: Tells on its way to the mail server which router wants a copy of a mail; the
#: mail leaves without it.
COPY_HEADER = "X-Catchall-Copy"

# An id of PostgreSQL's, which its integers can hold.
_NUMBER = re.compile(r"[0-9]{1,9}")


def take_copy_header(message: email.message.Message) -> int:
    """Remove the header from a mail and return its number, 0 when it has none."""
    found = _NUMBER.fullmatch(str(message[COPY_HEADER] or "").strip())
    del message[COPY_HEADER]
    return int(found[0]) if found else 0


def as_sent(message: email.message.Message) -> bytes:
    """Return the bytes of a mail as SMTP carries them, without Bcc (RFC 5322 3.6.3)."""
    hidden = message.get_all("Bcc")
    del message["Bcc"]
    try:
        output = io.BytesIO()
        generator = email.generator.BytesGenerator(output, policy=message.policy)
        generator.flatten(message, linesep="\r\n")
    finally:
        for value in hidden or ():
            message["Bcc"] = value
    return output.getvalue()
