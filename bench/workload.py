"""Mails for measurements: drawn from a seed, so that each run gets the same."""

import email.policy
import os
import random
import time
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime

DOMAIN = "tenmien.test"
MAILBOX = f"catchall@{DOMAIN}"
ADDRESSES = tuple(f"{name}@{DOMAIN}" for name in ("sales", "ketoantruong", "project"))
WORDS = (
    "báo giá",
    "đơn hàng",
    "hợp đồng",
    "khách",
    "sản phẩm",
    "giao hàng",
    "the",
    "offer",
    "order",
    "please",
    "delivery",
    "price",
    "contract",
    "we",
    "would",
    "like",
    "to",
    "ask",
    "whether",
    "your",
    "company",
    "can",
    "send",
    "a",
    "quotation",
    "for",
    "following",
    "items",
    "before",
    "end",
    "of",
    "next",
    "week",
)
SIZES = (2, 40)  # kilobytes, the smallest and the largest ordinary mail
BEGINNING = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)


def ordinary(count, *, seed=1, known=0, to=ADDRESSES):
    """Yield mails of customers of 2 to 40 KB: text, text with HTML, some with a file.

    :param known: so many customers are contacts already (see ``growth.py``); the
        others write for the first time
    """
    draw = random.Random(seed)
    for number in range(count):
        sender = _sender(draw, number, known)
        yield _mail(draw, number, sender, to[number % len(to)], _size(draw))


def conversations(count, length=3, *, seed=1):
    """Yield mails one by one that are ``length`` mails of each of many customers: the
    first begins a conversation, each other answers the one before it."""
    draw = random.Random(seed)
    for number in range(count):
        which, step = number // length, number % length
        sender = f"customer{which}@customer{which % 50}.example"
        recipient = ADDRESSES[which % len(ADDRESSES)]
        message = _message(draw, number, sender, recipient)
        message.replace_header("Message-ID", _step_id(seed, which, step))
        message.replace_header("Subject", f"Conversation {which}")
        if step:
            message["References"] = _step_id(seed, which, step - 1)
        message.set_content(_text(draw, 2000))
        yield traced(message, recipient)


def _step_id(seed, conversation, step):
    return f"<{seed}.{conversation}.{step}@customer.example>"


def flood(count, *, seed=1, spam=False):
    """Return mails to addresses that nobody has; or to known ones, that the
    provider's filter calls spam."""
    draw = random.Random(seed)
    return [_unwanted(draw, number, spam) for number in range(count)]


def _unwanted(draw, number, spam):
    name = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=12))
    sender = f"{name}@flood{number % 97}.example"
    if not spam:
        return _mail(draw, number, sender, f"{name}@{DOMAIN}", 3000)
    verdicts = {"X-Spam-Flag": "YES", "X-Spam-Score": "15.1"}
    recipient = ADDRESSES[number % len(ADDRESSES)]
    return _mail(draw, number, sender, recipient, 3000, **verdicts)


def large(number, megabytes, files):
    """Return one mail with several attachments, this large in all."""
    draw = random.Random(number)
    message = _message(draw, number, f"large{number}@khachhang.test", ADDRESSES[0])
    message.set_content(_text(draw, 500))
    each = megabytes * 1024 * 1024 * 73 // 100 // files
    for file in range(files):
        message.add_attachment(
            draw.randbytes(each),
            maintype="application",
            subtype="octet-stream",
            filename=f"file-{file}.bin",
        )
    return traced(message, ADDRESSES[0])


def fill(server, raws):
    """Put mails into the catch-all mailbox as its delivery does; answer how many.

    :param server: the sandbox's ``MailServer``
    :param raws: iterable of bytes
    """
    maildir = _maildir(server)
    owner = maildir.stat()
    for folder in ("new", "cur", "tmp"):  # Dovecot makes them for the first mail
        (maildir / folder).mkdir(exist_ok=True)
        os.chown(maildir / folder, owner.st_uid, owner.st_gid)
    number, run = 0, time.time_ns()  # a name that was there before is an old mail
    for number, raw in enumerate(raws, start=1):
        # Beside the folder first: what is in it is complete, as in maildir(5).
        being_written = maildir / f"{run}.{number:07}.sandbox"
        being_written.write_bytes(raw)
        os.chown(being_written, owner.st_uid, owner.st_gid)
        being_written.rename(maildir / "new" / being_written.name)
    return number


def untouched(server):
    """Return how many mails of the catch-all mailbox nobody has looked for yet."""
    return len(list((_maildir(server) / "new").iterdir()))


def _maildir(server):
    local_part, domain = MAILBOX.split("@")
    return server.folder / "vmail" / domain / local_part / "Maildir"


def _size(draw):
    """Return a number of bytes; small mails are more frequent than large ones."""
    smallest, largest = SIZES
    return int(1024 * draw.triangular(smallest, largest, smallest + 4))


def _sender(draw, number, known):
    if known and draw.random() < 0.7:
        which = draw.randrange(1, known + 1)
        return f"contact{which}@customer{which % 1000}.example"
    return f"customer{number}.{draw.randrange(10**6)}@customer{number % 50}.example"


def _mail(draw, number, sender, recipient, size, **headers):
    message = _message(draw, number, sender, recipient)
    for name, value in headers.items():
        message[name] = value
    message.set_content(_text(draw, min(size, 4000)))
    kind = number % 4
    if kind in (1, 2):
        html = f"<p>{_text(draw, min(size, 16_000))}</p>"
        message.add_alternative(html, subtype="html")
    missing = size - len(message.as_bytes())
    if kind == 3 and missing > 2000:
        message.add_attachment(
            draw.randbytes(missing * 3 // 4),
            maintype="application",
            subtype="pdf",
            filename=f"offer-{number}.pdf",
        )
    return traced(message, recipient, headers)


def _message(draw, number, sender, recipient):
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = f'"Customer {number}" <{sender}>'
    message["To"] = recipient
    message["Subject"] = f"{' '.join(draw.choices(WORDS, k=5))} {number}"
    when = BEGINNING + timedelta(seconds=20 * number)
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<{number}.{draw.randrange(10**12)}@customer.example>"
    return message


def _text(draw, size):
    words = draw.choices(WORDS, k=max(size // 6, 5))
    lines = (" ".join(words[at : at + 12]) for at in range(0, len(words), 12))
    return "\n".join(lines) + "\n"


def traced(message, recipient, verdicts=None):
    """Return the bytes with what the sandbox's delivery writes on top.

    What a provider's filter says stands above its own line, where it is believed.
    """
    trace = (
        f"Return-Path: <{message['From'].addresses[0].addr_spec}>\r\n"
        f"X-Original-To: {recipient}\r\n"
        f"Delivered-To: {MAILBOX}\r\n"
    )
    for name, value in (verdicts or {}).items():
        del message[name]
        trace += f"{name}: {value}\r\n"
    # A report of our own server comes from no other (Postfix, bounce(8)).
    is_report = message.get_content_type() == "multipart/report"
    came = (
        "Received: by mx.tenmien.test (Postfix) id 4XyZ"
        if is_report
        else "Received: from mail.customer.example (mail.customer.example [192.0.2.7])"
        "\r\n\tby mx.tenmien.test (Postfix) with ESMTP id 4XyZ\r\n"
        f"\tfor <{recipient}>"
    )
    trace += f"{came}; {message['Date']}\r\n"
    return trace.encode() + message.as_bytes()
