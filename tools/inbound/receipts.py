"""Reads a receipt: somebody's mail program tells that a mail was read (RFC 8098).

It is no mail of that person's, only a note on the mail that it names.
"""

import re
from dataclasses import dataclass

from ..mail.headers import Headers, message_ids
from .bounce_report import RECEIPT_TYPE, Block, read_report, unix_lines

READ = "read"
DELETED = "deleted"  # without having been shown
OTHER = "other"  # printed, sent on, refused: what happened is not known to us

#: The type of a whole mail that may be a receipt.
_RECEIPT = re.compile(
    r"\s{0,5}(?:multipart/(?:report|mixed|alternative)|message/(?:global-)?disposition-n)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Receipt:
    """What became of a mail: READ, DELETED or OTHER, and its Message-ID or ""."""

    action: str
    original_message_id: str


def read_receipt(raw: bytes, headers: Headers) -> Receipt | None:
    """Return what the mail ``raw`` says as a receipt, None if it isn't one.

    A receipt that is enclosed in another mail is that mail's matter.
    """
    if not _RECEIPT.match(headers.get("Content-Type")) or not _may_be_one(raw):
        return None
    report = read_report(unix_lines(raw))
    if not any(RECEIPT_TYPE.match(kind) for kind in report.types):
        return None
    block = next((one for one in report.blocks if "disposition" in one), None)
    if block is None:
        return None
    named = message_ids(block.get("original-message-id", ""))
    return Receipt(_action(block), named[0] if named else "")


def _may_be_one(raw: bytes) -> bool:
    """Tell whether the part of a receipt is named; hardly any other mail names it."""
    return b"disposition-notification" in raw[: 1 << 18].lower()


def _action(block: Block) -> str:
    """Return what became of the mail, by the disposition type (RFC 8098 3.2.6.2)."""
    said = block["disposition"].rpartition(";")[2].partition("/")[0].strip().lower()
    return {"displayed": READ, "deleted": DELETED}.get(said, OTHER)
