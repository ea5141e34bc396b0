"""A mail inside another mail, byte for byte as it arrived (RFC 2046 5.2.1).

The standard library would write it anew: long headers folded elsewhere, `From ` at
the start of a line changed. A signature over it (RFC 6376) would not hold any more.
"""

import email.message
import re
from collections.abc import Iterable
from typing import Any

MESSAGE_TYPE = "message/rfc822"

_LINE_END = re.compile(rb"\r\n|\r|\n")


class EnclosedMail(email.message.Message):
    """A mail that is written exactly as it is, but for its line ends.

    Those become CRLF: a bare one could end the mail around it (RFC 5321 2.3.8).
    """

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = _LINE_END.sub(b"\r\n", raw)

    def _write_headers(self, generator: Any) -> None:
        """Write the whole mail: a generator asks each message for its headers first.

        Nothing is left for its body.
        """
        generator.write(self._raw.decode("ascii", "surrogateescape"))


def enclose(message: email.message.EmailMessage, raws: list[bytes]) -> None:
    """Put these mails into the `message/rfc822` parts of `message`, in their order."""
    parts = [
        part
        for part in message.iter_attachments()
        if part.get_content_type() == MESSAGE_TYPE
    ]
    for part, raw in zip(parts, raws, strict=True):
        part.set_payload([EnclosedMail(raw)])


def enclose_attached(
    message: email.message.EmailMessage,
    attachments: Iterable[tuple[str, bytes, str]],
) -> None:
    """Enclose those of the attachments that are mails.

    :param attachments: (file name, content, MIME type), from which ``message`` was
        built
    """
    mails = [content for _name, content, kind in attachments if kind == MESSAGE_TYPE]
    if mails:
        enclose(message, mails)
