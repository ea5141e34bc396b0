"""Pictures that stand in the text of a mail, as parts of their own (RFC 2392).

Gmail, Outlook and others show no picture of a `data:` address, which is how an editor
keeps what somebody pastes into a signature.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote

_PARAMETERS = r"(?:;[\w-]{1,40}=[^;,\s\"']{0,80}){0,4}"
_DATA = (
    rf"data:image/([a-z0-9.+-]{{2,20}}){_PARAMETERS};base64,([A-Za-z0-9+/\s%]+=*\s*)"
)
#: How PNG, GIF, JPEG, WebP, BMP and SVG begin.
_BEGINNINGS = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"BM", b"<")
_SOURCE = re.compile(rf"(\bsrc\s*=\s*)(\"{_DATA}\"|'{_DATA}')", re.IGNORECASE)
_ANY = re.compile(rf"\b{_DATA}", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """One picture: `cid` is its Content-ID without brackets, `subtype` as in MIME."""

    cid: str
    subtype: str
    content: bytes

    @property
    def filename(self) -> str:
        """A name for readers that show parts as files."""
        extension = self.subtype.partition("+")[0]
        return f"{self.cid.partition('@')[0][:8]}.{extension}"


def take_out(html: str) -> tuple[str, tuple[Picture, ...]]:
    """Return the text with `cid:` addresses in the place of its pictures, and these.

    What is no picture, for its base64 is broken, stays.
    """
    found: dict[str, Picture] = {}

    def replaced(match: re.Match[str]) -> str:
        subtype, encoded = match[3] or match[5], match[4] or match[6]
        picture = _picture(subtype.lower(), encoded)
        if picture is None:
            return match[0]
        found.setdefault(picture.cid, picture)
        return f'{match[1]}"cid:{picture.cid}"'

    if ";base64," not in html:
        return html, ()
    return _SOURCE.sub(replaced, html), tuple(found.values())


def take_out_of(
    subtype: str, body: str | None, alternative: str | None
) -> tuple[dict[str, str | None], tuple[Picture, ...]]:
    """Return ({"body", "body_alternative"} of a mail without its pictures, and these).

    Only HTML has any; then its alternative is plain text.
    """
    found: tuple[Picture, ...] = ()
    if subtype == "html" and body:
        body, found = take_out(body)
    if found and alternative:
        alternative = without_data(alternative)
    return {"body": body, "body_alternative": alternative}, found


def without_data(text: str) -> str:
    """Return plain text without the addresses that pictures consist of."""
    return _ANY.sub("", text) if ";base64," in text else text


def put_in(message: EmailMessage, pictures: Iterable[Picture]) -> None:
    """Add the pictures to the part of the mail that shows them."""
    body = message.get_body(("html",))
    if body is None:
        return
    for picture in pictures:
        body.add_related(
            picture.content,
            "image",
            picture.subtype,
            cid=f"<{picture.cid}>",
            disposition="inline",
            filename=picture.filename,
        )


def _picture(subtype: str, encoded: str) -> Picture | None:
    """Return the picture, None if it is none.

    As in browsers there may be escapes, and the padding may be missing (WHATWG,
    forgiving-base64 decode); then it must begin like a picture.
    """
    plain = "".join(unquote(encoded).split())
    padding = "=" * (-len(plain) % 4)
    try:
        content = base64.b64decode(plain + padding, validate=True)
    except binascii.Error:
        return None
    if not content or (padding and not content.startswith(_BEGINNINGS)):
        return None
    digest = hashlib.sha256(content).hexdigest()[:32]
    return Picture(f"{digest}@picture", subtype, content)
