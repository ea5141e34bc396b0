"""A mail reduced to what can be read of it, with the original attached.

For mail that the standard library or Odoo cannot read: whatever its form, its text
as far as readable and all its bytes reach the document.
"""

from datetime import datetime
from email.contentmanager import raw_data_manager
from email.message import EmailMessage, Message
from typing import Any

from lxml import etree, html

from .addresses import first_mailbox, format_address, parse_list
from .headers import parse_headers, summarize
from .mime import LENIENT, decoded_payload, read_content
from .text import single_line

#: Longest text taken over into the simplified mail.
MAX_TEXT = 200_000
#: Most addresses named in To and Cc of it.
MAX_NAMED = 200
#: Most tags of a page that Odoo is given: it makes an object of each, about 1 kB.
MAX_TAGS = 150_000
#: Longest text that Odoo is given: it keeps some ten copies of it while it works.
MAX_LETTERS = 3_000_000

# What is set is kept, whatever it is; content is written as the library writes it.
_POLICY = LENIENT.clone(content_manager=raw_data_manager)
_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"


def simplify(raw: bytes, message_id: str, note: str) -> EmailMessage:
    """Return an `EmailMessage` in plain form: sender, subject, ids, text, original.

    `note` is the sentence above the text that says what happened.
    """
    headers = parse_headers(raw)
    summary = summarize(headers)
    message = EmailMessage(policy=_POLICY)
    named = {
        "From": _first(summary.email_from),
        "To": ", ".join(summary.to[:MAX_NAMED]),
        "Cc": ", ".join(summary.cc[:MAX_NAMED]),
        "Subject": single_line(summary.subject),
        "Message-ID": single_line(message_id),
        "In-Reply-To": single_line(summary.in_reply_to),
        "References": " ".join(map(single_line, summary.references[-20:])),
    }
    for name, value in named.items():
        if value:
            message[name] = value
    if summary.date:
        message["Date"] = summary.date.strftime("%a, %d %b %Y %H:%M:%S +0000")
    message.set_content(f"{note}\n\n{_text_of(raw)}")
    message.add_attachment(
        raw, maintype="application", subtype="octet-stream", filename="original.eml"
    )
    return message


def check_texts(message: Message, size: int) -> None:
    """Raise ValueError where a text in the mail is more than anybody writes or reads.

    That is a page of too many tags, or plain text of several megabytes that is no file.
    `size` is that of the whole mail (bytes): most are too small to hold such a text.
    """
    if size <= MAX_TAGS:
        return
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/html" and decoded_payload(part).count(b"<") > MAX_TAGS:
            raise ValueError("a page has too many tags")
        if kind == "text/plain" and not _is_file(part):
            if len(decoded_payload(part)) > MAX_LETTERS:
                raise ValueError("a text is too long")


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def without_nul(value: Any) -> Any:
    """Return `value` without NUL characters, which PostgreSQL's text cannot hold.

    What is no str (or a subclass such as Markup) comes back unchanged.
    """
    if isinstance(value, str) and "\0" in value:
        return value.replace("\0", "")
    return value


def storable(values: dict[str, Any]) -> dict[str, Any]:
    """Return core's dict of a mail without what no document can store.

    That is NUL characters, and a date before the year 1000, which core writes with too
    few digits.
    """
    kept = {key: without_nul(value) for key, value in values.items()}
    if not _is_date(kept.get("date")):
        kept.pop("date", None)
    return kept


def named(values: dict[str, Any], subject: str) -> dict[str, Any]:
    """Return core's dict of a mail so that a document can take its name from it.

    One without a subject gets this `subject`, and its sender a name. Models take a
    document's name from one of them, and some refuse to be without.
    """
    if (values.get("subject") or "").strip():
        return values
    sender = first_mailbox(values.get("from") or "")
    if sender.address and not sender.name:
        values = dict(
            values, **{"from": format_address(sender.address, sender.address)}
        )
    return dict(values, subject=subject)


def _is_date(text: Any) -> bool:
    try:
        datetime.strptime(text, _DATE_FORMAT)
    except (TypeError, ValueError):
        return False
    return True


def _first(email_from: str) -> str:
    found = parse_list(email_from)
    return format_address("", found[0]) if found else ""


def _text_of(raw: bytes) -> str:
    content = read_content(raw)
    text = content.text or _text_of_html(content.html)
    return _printable(text[:MAX_TEXT])


def _text_of_html(markup: str) -> str:
    try:
        return str(html.fromstring(markup).xpath("string()")) if markup.strip() else ""
    except (etree.ParserError, ValueError):
        return ""


def _printable(text: str) -> str:
    kept = (char for char in text if char in "\n\t" or char.isprintable())
    return "".join(kept)
