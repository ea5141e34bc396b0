"""Phishing for `defence.py`, written for it: kinds of which one part teaches and the
other judges.

The parts share no sentence, no name, no brand and no host. Each text is written in
several ways: as text or as a page, with its link shown as it is, as another host, or
behind words.
"""

import base64
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

EACH = 10  # mails of each text


@dataclass(frozen=True)
class Text:
    """One text: whom it is from, what it says, and how it wants to be believed.

    `how`: "link" (where the victim is to click), "answer" (Reply-To elsewhere),
    "file NAME" (an attachment), "boss" (a director's name), "own" (our own domain),
    "like" (a domain like ours), "plain" (nothing but words).
    """

    sender: str
    subject: str
    body: str
    how: str = "link"


TEXTS = Path(__file__).with_name("phishing.json")
HOSTS = {
    "teach": (
        "account-check.xyz", "secure-login.top", "198.51.100.23", "webapps.info",
        "parcel-track.site", "formspage.example", "cloud-view.link",
    ),
    "judge": (
        "confirm-now.click", "203.0.113.77", "mail-portal.online",
        "sites.buildpage.app", "kiemtra-baomat.vip", "delivery-desk.shop",
        "auth-center.icu",
    ),
    "wanted": ("minhphat.example",),
}  # fmt: skip
SENDERS = {
    "teach": (
        "info@greenfarm.example", "noreply@host-4411.example", "x.smith@gmail.com",
        "admin@oldschool.example", "sales@kimtex.example",
    ),
    "judge": (
        "contact@boutique.example", "web@srv221.example", "mr.jones77@outlook.com",
        "support@garage.example", "office@hotel-sun.example",
    ),
    "wanted": ("khach@gmail.com", "lienhe@congty.example"),
}  # fmt: skip
ANSWERS = {"teach": "okoro.law@yandex.com", "judge": "pay.desk@mail.ru"}
DRESSES = ("text", "page", "named", "words")


def write(part, own, boss, chance):
    """Return [(name, bytes)] of the mails of a part.

    :param part: "teach" or "judge"; "wanted" is Vietnamese mail that is none, for a
        filter that is to know the language
    :param own: our domain
    :param boss: the name of one of our directors
    :param chance: ``random.Random``
    """
    texts = [
        Text(one["from"], one["subject"], one["body"], one["how"])
        for one in json.loads(TEXTS.read_text("utf-8"))
        if one["part"] == part
    ]
    return [
        (
            f"{part}-{text.subject}-{number}",
            _mail(text, part, own, boss, chance, number),
        )
        for text, number in itertools.product(texts, range(EACH))
    ]


def _mail(text, part, own, boss, chance, number):
    how, _space, file = text.how.partition(" ")
    address = chance.choice(SENDERS[part])
    if how == "own":
        address = f"it{number}@{own}"
    if how == "like":
        address = f"hr@{own.replace('m', 'rn', 1)}"
    name = text.sender.format(boss=boss)
    lines = [
        f"Received: from mail.{address.partition('@')[2]} by mx.provider.example",
        f"From: {_word(name)} <{address}>",
        f"To: <sales@{own}>",
        f"Subject: {_word(text.subject)}",
        f"Message-ID: <{chance.getrandbits(48):x}@{address.partition('@')[2]}>",
        "Date: Mon, 2 Nov 2026 08:00:00 +0000",
    ]
    if how in ("answer", "boss"):
        lines.append(f"Reply-To: <{ANSWERS[part]}>")
    dress = DRESSES[number % len(DRESSES)]
    url = f"http://{chance.choice(HOSTS[part])}/{chance.getrandbits(24):x}/index.php"
    kind, body = _dressed(text.body, url, dress, name)
    if how == "file":
        return _with_file(lines, kind, body, file)
    lines.append(f"Content-Type: text/{kind}; charset=utf-8")
    return "\r\n".join([*lines, "MIME-Version: 1.0", "", body, ""]).encode()


def _word(text):
    if text.isascii():
        return text
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _dressed(body, url, dress, name):
    if dress == "text":
        return "plain", body.format(link=url)
    shown = {
        "page": "Click here",
        "named": f"https://www.{name.split()[0].lower()}.example/",
        "words": "Continue",
    }[dress]
    paragraphs = body.format(link=f'<a href="{url}">{shown}</a>').split("\n")
    return "html", "<html><body><p>" + "</p><p>".join(paragraphs) + "</p></body></html>"


def _with_file(lines, kind, body, name):
    """Return a mail with a file: a locked archive, a page with a form, a program."""
    content = {
        "zip": b"PK\x03\x04\x14\x00\x01\x00" + b"\0" * 18 + b"\x05\x00\x00\x00a.pdf",
        "html": b"<form action=//collect.example><input type=password></form>",
    }.get(name.rpartition(".")[2], b"MZ\x90\x00")
    parts = [
        *lines,
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=frontier",
        "",
        "--frontier",
        f"Content-Type: text/{kind}; charset=utf-8",
        "",
        body,
        "--frontier",
        f'Content-Type: application/octet-stream; name="{name}"',
        "Content-Transfer-Encoding: base64",
        "",
        base64.b64encode(content).decode(),
        "--frontier--",
        "",
    ]
    return "\r\n".join(parts).encode()
