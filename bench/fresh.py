"""Mail for `defence.py --fresh`, written before its writer had read the rules.

The texts stand in `fresh/`: phishing and spam in nine parts, wanted mail in seven. The
parts of phishing share no text, no host, no kit (a page as one bought it) and no way of
hiding a link. Each text is sent several times, each time as another sender would: by a
rented machine, a hijacked mailbox, a hijacked account of a bulk sender, a script on a
hijacked web site, a free mailbox, a throw-away tenant of an office in the cloud, or in
our own name. The shapes are those that public collections of phishing show; nothing of
them is copied.
"""

import base64
import json
import quopri
import random
import string
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).with_name("fresh")
PARTS = ("a", "b", "c")
LATER = ("e", "f", "g", "h", "i", "j")  # taught by all of PARTS, never by one another
HONEST = (*PARTS, "d", "e", "g", "j")
EACH = 4  # mails of each text of phishing
FORMAT = json.loads((FOLDER / "shapes.json").read_text("utf-8"))
# How a part is sent for which shapes.json says nothing.
DIRTY = ("vps", "vps", "bulk", "hijacked", "script", "forged")


@dataclass(frozen=True)
class Text:
    """One text: in which language and shape, with which fields, what it says."""

    language: str
    shape: str
    body: str
    fields: dict = field(default_factory=dict)


def texts(name):
    """Return the Texts of a file of `fresh/`."""
    found = []
    for one in (FOLDER / f"{name}.txt").read_text("utf-8").split("=== ")[1:]:
        head, _empty, body = one.partition("\n\n")
        kind, *lines = head.split("\n")
        language, shape = kind.split()
        fields = dict(line.split(": ", 1) for line in lines)
        found.append(Text(language, shape, body.strip(), fields))
    return found


def phishing(part, own, boss, chance):
    """Return [(name, bytes)] of the phishing and spam of a part, each text EACH times.

    :param own: our domain
    :param boss: the name of one of our directors
    :param chance: ``random.Random``
    """
    return [
        (
            f"{part}-{text.language}-{text.shape}-{text.fields['Subject'][:30]}-{number}",
            Bad(part, own, boss, chance).mail(text),
        )
        for text in texts(f"phishing_{part}")
        for number in range(EACH)
    ]


def before(part):
    """Return the parts on which a person has decided before a part is judged."""
    return PARTS[: PARTS.index(part)] if part in PARTS else PARTS


def write(kind, part, own, boss, seed):
    """Return [(name, bytes)] of the "fresh" (phishing) or "honest" mail of a part."""
    chance = random.Random(f"{part}{seed}")
    if kind == "honest":
        return wanted(part, own, chance)
    return phishing(part, own, boss, chance)


def wanted(part, own, chance):
    """Return [(name, bytes)] of the honest mail of a part."""
    return [
        (
            f"{part}-{text.fields['Subject'][:40]}",
            Good(part, own, "", chance).mail(text),
        )
        for text in texts(f"wanted_{part}")
    ]


@dataclass
class Writer:
    """What a mail is written with."""

    part: str
    own: str
    boss: str
    chance: object

    def pick(self, what):
        """Return one of the things that this part has of a kind."""
        return self.chance.choice(FORMAT[what][self.part])

    def fill(self, text, known=()):
        """Return a text with its places filled; `*` is any letter, `#` any digit."""
        digits = str(self.chance.randrange(1000, 9999))
        values = {
            "own": self.own, "domain": self.own, "user": "sales",
            "to": f"sales@{self.own}", "boss": self.boss, "num": digits,
            "ip": self.address(), "date": "4 December 2026",
            "btc": "bc1q" + self.letters(38, "acdefghjklmnpqrstuvwxyz023456789"),
            "hex": f"{self.chance.getrandbits(64):016x}",
            "long": self.letters(60, string.ascii_letters + string.digits + "-_"),
            "word": self.word(),
            "b64": base64.b64encode(f"sales@{self.own}".encode()).decode(),
            **dict(known),
        }  # fmt: skip
        for _twice in range(2):  # a host is made of a brand
            for name, value in values.items():
                text = text.replace("{" + name + "}", value)
        return text

    def letters(self, count, letters="abcdefghijklmnopqrstuvwxyz"):
        """Return that many letters."""
        return "".join(self.chance.choice(letters) for _one in range(count))

    def word(self):
        """Return a word that can be spoken, as names of hosts are."""
        return "".join(
            self.chance.choice("bcdfglmnprstv") + self.chance.choice("aeiou")
            for _one in range(self.chance.randrange(3, 5))
        ) + self.chance.choice(("", "n", "x", "tech", "ex"))

    def address(self):
        """Return an address of the net."""
        return ".".join(str(self.chance.randrange(11, 250)) for _one in range(4))

    def parts_of(self, lines, parts, kind="mixed"):
        """Return a mail of several parts: [(fields, content)]."""
        mark = "----=_Part_" + self.letters(12, "0123456789ABCDEF")
        out = [
            *lines,
            "MIME-Version: 1.0",
            f'Content-Type: multipart/{kind}; boundary="{mark}"',
            "",
        ]
        for fields, content in parts:
            out += [f"--{mark}", *fields, "", content]
        return "\r\n".join([*out, f"--{mark}--", ""]).encode()


def word_of(text):
    """Return a field's text as mailers encode it."""
    if text.isascii():
        return text
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def encoded(kind, content, chance):
    """Return (fields, content) of a text part, in one of the usual encodings."""
    way = chance.choice(("8bit", "quoted-printable", "base64"))
    fields = [
        f"Content-Type: text/{kind}; charset=UTF-8",
        f"Content-Transfer-Encoding: {way}",
    ]
    data = content.encode()
    if way == "base64":
        return fields, base64.encodebytes(data).decode()
    if way == "quoted-printable":
        return fields, quopri.encodestring(data).decode()
    return fields, content


def attached(name, content):
    """Return (fields, content) of a file."""
    fields = [
        f'Content-Type: application/octet-stream; name="{name}"',
        f'Content-Disposition: attachment; filename="{name}"',
        "Content-Transfer-Encoding: base64",
    ]
    return fields, base64.encodebytes(content).decode()


def chunk(kind, data):
    """Return a chunk of a PNG picture."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def square(chance, modules=29, pixels=6):
    """Return a PNG picture that looks like a QR code, with its three finders."""
    corners = ((0, 0), (0, modules - 7), (modules - 7, 0))
    rows = []
    for y in range(modules):
        row = []
        for x in range(modules):
            near = [max(abs(x - a - 3), abs(y - b - 3)) for a, b in corners]
            finder = min(near)
            dark = finder != 2 if finder < 4 else chance.random() < 0.5
            row += [0 if dark else 255] * pixels
        rows += [b"\0" + bytes(row)] * pixels
    side = modules * pixels
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", head),
        chunk(b"IDAT", zlib.compress(b"".join(rows))),
        chunk(b"IEND", b""),
    ))  # fmt: skip


def scanned(paragraphs, chance):
    """Return the parts of a mail that shows a code to be scanned, without a link."""
    inner = "".join(f"<p>{one}</p>" for one in paragraphs)
    page = f'<html><body>{inner}<p><img src="cid:code" width="174"></p></body></html>'
    picture = [
        'Content-Type: image/png; name="image001.png"',
        "Content-ID: <code>",
        "Content-Disposition: inline",
        "Content-Transfer-Encoding: base64",
    ]
    data = base64.encodebytes(square(chance)).decode()
    return [encoded("html", page, chance), (picture, data)]


def invited(said, subject, chance):
    """Return the parts of a mail that puts a meeting into a calendar."""
    lines = (
        "BEGIN:VCALENDAR", "METHOD:REQUEST", "VERSION:2.0", "BEGIN:VEVENT",
        f"UID:{chance.getrandbits(64):x}", "DTSTART:20261203T090000Z",
        "DTEND:20261203T093000Z", f"SUMMARY:{subject}",
        "DESCRIPTION:" + said.replace("\n", "\\n"), "END:VEVENT", "END:VCALENDAR",
    )  # fmt: skip
    fields = ["Content-Type: text/calendar; charset=UTF-8; method=REQUEST"]
    return [encoded("plain", said, chance), (fields, "\r\n".join(lines))]


def mangled(text, chance):
    """Return a text whose words are broken: letters of another script, empty ones."""
    twins = dict(
        zip("aceopxy", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443", strict=True)
    )
    out = []
    for letter in text:
        if letter in twins and chance.random() < 0.25:
            letter = twins[letter]
        gap = letter.isalpha() and chance.random() < 0.2
        out.append(letter + (chance.choice("\u200b\u00ad\u200c") if gap else ""))
    return "".join(out)


class Bad(Writer):
    """Phishing and spam."""

    def mail(self, text):
        """Return the bytes of one mail of a text."""
        via = text.fields.get("Via") or self.chance.choice(
            FORMAT["dirty"].get(self.part, DIRTY)
        )
        url = self.fill(self.pick("links"))
        lines = self.head(text, via)
        parts = self.body(text, url)
        if "File" in text.fields:
            name = self.fill(text.fields["File"])
            parts.append(attached(name, self.file(name, url)))
        if len(parts) == 1:
            fields, content = parts[0]
            return "\r\n".join(
                [*lines, "MIME-Version: 1.0", *fields, "", content, ""]
            ).encode()
        kind = "mixed" if "File" in text.fields else self.kind(parts)
        return self.parts_of(lines, parts, kind)

    @staticmethod
    def kind(parts):
        """Return what a mail of these parts is: a text twice, or with its picture."""
        return "related" if "image" in parts[-1][0][0] else "alternative"

    def head(self, text, via):
        """Return the lines of the head of a mail, as those who send so write them."""
        shown = self.fill(text.fields["From"])
        known = {
            "brand": "".join(
                one
                for one in shown.lower().split()[0]
                if one.isalnum() and one.isascii()
            )
            or "info",
            "shown": word_of(shown) if not shown.isascii() else f'"{shown}"',
            "subject": word_of(self.fill(text.fields["Subject"])),
            "host": self.pick("hosts"),
            "victim": self.fill(self.pick("victims")),
            "free": self.fill(self.pick("free")),
        }
        sent = self.chance.choice(FORMAT["ways"][via])
        lines = self.fill("\n".join(sent), known.items()).split("\n")
        if answer := text.fields.get("Answer"):
            lines.append(f"Reply-To: <{self.fill(answer)}>")
        if not any(line.startswith("To: ") for line in lines):
            lines.append(f"To: {self.chance.choice(('', 'sales '))}<sales@{self.own}>")
        return lines

    def body(self, text, url):
        """Return the parts that show the text."""
        said = self.fill(text.body)
        if text.shape in ("text", "words", "zip", "docm", "svg"):
            return [encoded("plain", said.replace("{link}", url), self.chance)]
        if text.shape == "mangled":
            said = mangled(said, self.chance)
        paragraphs = [one for one in said.split("\n") if one]
        if text.shape == "qr":
            return scanned(paragraphs, self.chance)
        if text.shape == "invite":
            subject = self.fill(text.fields["Subject"])
            return invited(said.replace("{link}", url), subject, self.chance)
        button = text.fields.get("Button", "Open")
        if text.shape == "mailto":
            desk = self.letters(9)
            url = self.fill(
                f"mailto:{desk}{{num}}@gmail.com?subject=Report&cc={desk}@a.cc"
            )
        if text.shape == "image":
            return self.picture(url, said)
        if text.shape in ("bare", "html", "pdf"):
            anchor = f'<a href="{url}">{self.pick("anchors")}</a>'
            inner = "".join(f"<div>{one}</div>" for one in paragraphs)
            inner = self.fill(inner.replace("{link}", anchor))
            return [encoded("html", f'<div dir="ltr">{inner}</div>', self.chance)]
        page = self.page(paragraphs, button, url, text.language)
        parts = [encoded("html", page, self.chance)]
        if self.chance.random() < 0.3:
            parts.insert(
                0, encoded("plain", f"{said}\n\n{button} [{url}]", self.chance)
            )
        return parts

    def page(self, paragraphs, button, url, language):
        """Return a kit's page."""
        page = self.pick("kits")
        body = "".join(page["paragraph"].replace("{text}", one) for one in paragraphs)
        hidden = ""
        if self.chance.random() < 0.4:
            noise = " ".join(self.word() for _one in range(60))
            hidden = self.chance.choice((
                f"<style>{noise.replace(' ', ',')}</style>",
                f'<div style="display:none;font-size:0">{noise}</div>',
                f'<font color="#ffffff" size="1">{noise}</font>',
            ))  # fmt: skip
        return self.fill(
            page["page"],
            {
                "body": body,
                "button": button,
                "link": url,
                "hidden": hidden,
                "language": language,
            }.items(),
        )

    def picture(self, url, said):
        """Return the parts of a mail that is a picture with a link."""
        data = base64.b64encode(self.chance.randbytes(3000)).decode()
        way = self.chance.choice(("data", "remote", "part"))
        known = {
            "link": url,
            "said": said,
            "source": f"data:image/jpeg;base64,{data}"
            if way == "data"
            else "https://i.imgur.com/{word}.png",
        }
        if way != "part":
            page = self.fill(FORMAT["picture"], known.items())
            return [encoded("html", page, self.chance)]
        page = self.fill(FORMAT["picture_part"], known.items())
        picture = [
            'Content-Type: image/png; name="pic.png"',
            "Content-ID: <pic.png>",
            "Content-Transfer-Encoding: base64",
        ]
        return [encoded("html", page, self.chance), (picture, data)]

    def file(self, name, url):
        """Return the content of a file of that name."""
        coded = base64.b64encode(url.encode()).decode()
        shape = FORMAT["files"][name.rpartition(".")[2]]
        text = self.fill(shape, {"link": url, "coded": coded}.items())
        return text.encode("latin-1") + self.chance.randbytes(2000)


class Good(Writer):
    """Honest mail of small firms and their customers."""

    def mail(self, text):
        """Return the bytes of one mail of a text."""
        name, _space, address = text.fields["From"].rpartition(" <")
        address = self.fill(address.rstrip(">"))
        domain = address.partition("@")[2]
        via = text.fields.get(
            "Via",
            {"news": "news", "form": "form", "kit": "brand"}.get(text.shape, "hoster"),
        )
        known = {
            "shown": word_of(name), "from": address, "host": domain,
            "subject": word_of(text.fields["Subject"]),
            "reply": text.fields.get("Reply", address),
        }  # fmt: skip
        honest = "\n".join(FORMAT["honest"][via])
        lines = self.fill(honest, known.items()).split("\n")
        parts = self.body(text, domain)
        if "File" in text.fields:
            parts.append(attached(text.fields["File"], self.file(text.fields["File"])))
        if len(parts) == 1:
            fields, content = parts[0]
            return "\r\n".join(
                [*lines, "MIME-Version: 1.0", *fields, "", content, ""]
            ).encode()
        return self.parts_of(
            lines, parts, "mixed" if "File" in text.fields else Bad.kind(parts)
        )

    def body(self, text, domain):
        """Return the parts that show the text."""
        said = self.fill(text.body)
        url = text.fields.get("Host") or f"www.{domain}"
        if domain == "gmail.com":
            url = f"www.behance.net/{self.word()}"
        if text.shape == "qr":
            return scanned([one for one in said.split("\n") if one], self.chance)
        if text.shape == "invite":
            return invited(said, text.fields["Subject"], self.chance)
        plain = encoded("plain", said.replace("{link}", f"https://{url}/"), self.chance)
        if text.shape not in ("bare", "news", "kit"):
            return [plain]
        paragraphs = "".join(f"<p>{one}</p>" for one in said.split("\n") if one)
        paragraphs = paragraphs.replace("{link}", f'<a href="https://{url}/">{url}</a>')
        if text.shape == "bare":
            return [
                plain,
                encoded(
                    "html",
                    f'<html><body lang="EN">{paragraphs}</body></html>',
                    self.chance,
                ),
            ]
        link = f"https://{url}/{self.letters(12)}"
        if text.shape == "news":
            link = self.fill(f"https://click.{domain}/ls/click?upn={{long}}")
        page = self.fill(
            FORMAT["newsletter"],
            {
                "body": paragraphs,
                "button": text.fields["Button"],
                "link": link,
                "host": domain,
            }.items(),
        )
        return [plain, encoded("html", page, self.chance)]

    def file(self, name):
        """Return the content of a file of that name."""
        shape = FORMAT["honest_files"][name.rpartition(".")[2]]
        return shape.encode("latin-1") + self.chance.randbytes(3000)
