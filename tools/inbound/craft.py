"""How a mail is made, whatever it says: what kits, rented machines and hijacked sites
leave in it, and people's mail programs do not.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

from ..mail import addresses
from ..mail.markup import visible_text
from ..mail.registrable import registrable
from .languages import without_marks

MAX_PAGE = 300_000  # characters of a page that are looked at
#: So many letters that nobody sees are there for a filter.
NOISE = 180
#: A page that shows a picture and less text than this says it in the picture.
FEW_LETTERS = 240

#: Where anybody gets an address for nothing.
FREE_MAIL = frozenset(
    {
        "gmail", "googlemail", "yahoo", "ymail", "rocketmail", "outlook", "hotmail",
        "live", "msn", "aol", "icloud", "gmx", "proton", "protonmail", "yandex", "zoho",
        "zohomail", "tutanota", "rambler", "naver", "daum", "qq", "foxmail", "seznam",
        "laposte", "wanadoo", "libero", "virgilio", "fastmail", "mailfence", "keemail",
        "web.de", "mail.com", "mail.ru", "list.ru", "bk.ru", "inbox.ru", "inbox.lv",
        "163.com", "126.com", "consultant.com", "lawyer.com", "europe.com", "usa.com",
        "accountant.com", "email.com", "dr.com", "engineer.com", "myself.com",
        "post.com", "free.fr", "orange.fr", "me.com", "pm.me", "duck.com", "hey.com",
        "uol.com.br", "bol.com.br", "terra.com.br", "t-online.de", "freenet.de",
    }
)  # fmt: skip

_STYLE = re.compile(r"<style\b[^<>]*>([^<]*)", re.IGNORECASE)
# An element that is not seen, and the text that follows at once.
_UNSEEN = re.compile(
    r"<\w+\b[^<>]{0,500}?(?:display\s*:\s*none|visibility\s*:\s*hidden|"
    r"font-size\s*:\s*[01](?:px|pt|em)?\s*[;\"']|opacity\s*:\s*0\s*[;\"']|"
    r"color\s*[:=]\s*[\"']?(?:#fff(?:fff)?|white)\b)[^<>]{0,500}>([^<]{150,})",
    re.IGNORECASE,
)
_PICTURE_LINK = re.compile(
    r"<a\b[^<>]{0,3000}>\s*(?:<(?!/a)[^<>]{0,500}>\s*){0,4}?<img\b", re.IGNORECASE
)
_PIXEL = re.compile(
    r"<img\b(?=[^<>]*\bwidth\s*[=:]\s*[\"']?1(?:px)?\b)"
    r"(?=[^<>]*\bheight\s*[=:]\s*[\"']?1(?:px)?\b)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")


def of_page(page: str) -> frozenset[str]:
    """Return what a page is made of: "noise", text that nobody sees; "picture", a
    picture that is a link, and hardly a word; "pixel", one that tells of its reading.
    """
    page = page[:MAX_PAGE]
    found = set()
    if any(_is_noise(one[1]) for one in _STYLE.finditer(page)):
        found.add("noise")
    if any(_letters(one[1]) >= NOISE for one in _UNSEEN.finditer(page)):
        found.add("noise")
    if _PICTURE_LINK.search(page) and _letters(visible_text(page)) < FEW_LETTERS:
        found.add("picture")
    if _PIXEL.search(page):
        found.add("pixel")
    return frozenset(found)


def _is_noise(style: str) -> bool:
    """Tell whether what stands where styles do is none."""
    return "{" not in style and "@import" not in style and _letters(style) >= NOISE


def _letters(text: str) -> int:
    return len(_LETTERS.findall(text[:20_000]))


def is_free_mail(domain: str) -> bool:
    """Tell whether anybody gets an address of such a domain for nothing."""
    whole = registrable(domain)
    return whole in FREE_MAIL or whole.partition(".")[0] in FREE_MAIL


def names_us(url: str, own_domains: Iterable[str]) -> bool:
    """Tell whether a link holds an address of ours, as it is or in base64: whose page
    it is knows who comes."""
    lower = url.lower().replace("%40", "@")
    own = [f"@{one}" for one in own_domains]
    if any(one in lower for one in own):
        return True
    return any(one in text for text in _encoded(url) for one in own)


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,200}={0,2}")


def _encoded(url: str) -> Iterator[str]:
    """Yield what parts of a link say in base64, wherever in them it begins."""
    for match in _BASE64.finditer(url):
        text = match[0].replace("-", "+").replace("_", "/")
        for start in range(4):
            part = text[start:].rstrip("=")
            part = part[:-1] if len(part) % 4 == 1 else part
            padded = part + "=" * (-len(part) % 4)
            yield base64.b64decode(padded).decode("latin-1").lower()


_ADDRESS = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-zA-Z]{2,20}")


_KEY = re.compile(
    r"\b(?:pass ?(?:word|code|wort)|kennwort|mot de passe|clave|contrasena|senha|"
    r"parola|"
    r"wachtwoord|haslo|mat khau)\b[^.!?]{0,30}?[\s:=][a-z]{0,12}\d\w{0,20}\b"
)


def tells_key(text: str) -> bool:
    """Tell whether a text, as of `lures.plain`, holds the password of a file."""
    return bool(_KEY.search(text))


def free_mailbox_in(text: str, sender: str) -> str:
    """Return the address of a free mailbox that a text names, and which is not the
    sender's, or ""."""
    for found in _ADDRESS.finditer(text[:MAX_PAGE]):
        address = addresses.normalize(found[0])
        if address != sender and is_free_mail(addresses.domain(address)):
            return address
    return ""


# What nobody sees begins with one of these.
_UNSEEN_SIGN = re.compile("[\u200b-\u200f\u2060\ufeff\u034f\u00ad]")
_UNSEEN_ENTITY = re.compile("&(?:shy|zw|zerowidth|#)", re.IGNORECASE)
# What nobody sees, before a letter. That a letter is before it, too, is asked of what
# is found: to ask it first costs a step at each character of a page.
_APART = re.compile(
    r"(?:[\u200b-\u200f\u2060\ufeff\u034f\u00ad]|&shy;|&zwnj;|&zwj;|"
    r"&ZeroWidthSpace;|&#(?:8203|8204|8205|8288|65279|847|173);|"
    r"&#x(?:200[b-f]|2060|feff|34f|ad);)+(?=[^\W_])",
    re.IGNORECASE,
)


def joined(text: str) -> str:
    """Return a text or a page without what is not seen within its words."""
    if not _UNSEEN_SIGN.search(text) and not _UNSEEN_ENTITY.search(text):
        return text

    def kept(found: re.Match[str]) -> str:
        return "" if text[max(found.start() - 1, 0)].isalnum() else found[0]

    return _APART.sub(kept, text)


def mailto(url: str) -> str:
    """Return the address that a link writes to, "" for another link."""
    if url[:7].lower() != "mailto:":
        return ""
    return addresses.normalize(url[7:].partition("?")[0])


# ------------------------------------------------------------
# NAMES AND SUMS
# ------------------------------------------------------------

#: Words of names that are no person's.
_OFFICE_WORDS = """
    account accounts accounting admin administration administrator agency alert alerts
    airdrop assistance bank banking banco banque banca billing bonus care center
    centre central claim claims club cloud compliance court customer deal deals
    delivery department departamento departement desk direction director dispatch
    document documents exchange express fax federal finance finances financial
    foundation fund giveaway gift gov government group help helpdesk hr insurance
    invoice invoices it legal logistics lottery mail mailbox mailer management manager
    member membership message messages ministry network news newsletter notice
    notification notifications offer offers office officer online operations order
    orders parcel payment payments payroll police portal post postal prize procurement
    promo promotion protection purchase quota recorder refund registry remittance
    response reward rewards safety scan scanner secretary secure security server
    service services shipping shop store submission support supplies survey suspension
    system tax team tech technical ticket tracking treasury trust unit update updates
    upgrade verification verify voice voicemail wallet webmail winner kundenservice
    kundendienst rechnung sparkasse versand abteilung zentrale behorde amt finanzamt
    polizei gewinnspiel cliente clientes client clients clientele atencion servicio
    servicios soporte agencia juzgado ministerio correo paquete entrega premio centro
    suporte atendimento receita nota fiscal departamentos financeiro juridico
    assurance maladie livraison colis police judiciaire gendarmerie impots amende
    remboursement servizio assistenza ufficio agenzia klanten klantenservice dienst
    belasting bezorging obsluga biuro bank ngan hang phong ban tuyen dung cskh thue
    buu dien quy ho tro tong cuc cong an
"""
_OFFICES = frozenset(_OFFICE_WORDS.split())
LOUD_FROM = 120  # letters
_NAME_WORD = re.compile(r"[^\W_]+")


def is_office_name(name: str) -> bool:
    """Tell whether a word of a name is one of offices and companies."""
    words = _NAME_WORD.findall(name)
    return any(without_marks(one.casefold()) in _OFFICES for one in words)


def is_odd_name(name: str) -> bool:
    """Tell whether a name is not as those of people are: a single word, one in
    capitals, one with a digit."""
    words = _NAME_WORD.findall(name)
    return (len(words) == 1 and len(words[0]) > 2) or any(
        (one.isupper() and len(one) > 2) or any(each.isdigit() for each in one)
        for one in words
    )


def is_ornate(name: str) -> bool:
    """Tell whether a name has pictures in it."""
    return any(unicodedata.category(one) == "So" for one in name)


def shares_word(name: str, address: str) -> bool:
    """Tell whether a word of a name is in an address, or begins as a part of it."""
    said = address.lower()
    words = [without_marks(one.casefold()) for one in _NAME_WORD.findall(name)]
    parts = [one for one in re.split(r"[^a-z0-9]+", said) if len(one) > 2]
    return any(len(one) > 2 and one in said for one in words) or any(
        one.startswith(part) for one in words for part in parts[:1]
    )


_AUTOMATON = re.compile(
    r"(?:no-?_?reply|wordpress|woocommerce|webmaster|www(?:-data)?|apache|forms?|"
    r"kontakt-?formular|website|web|shop|store|orders?|notifications?|"
    r"mailer(?:-daemon)?)"
)


def is_automaton(address: str) -> bool:
    """Tell whether an address is that of a program, whose answers go to a person."""
    return bool(_AUTOMATON.fullmatch(address.partition("@")[0]))


_REPLY = re.compile(
    r"\s*(?:re|aw|sv|antw|odp|r|res|tr\u1ea3 l\u1eddi)\s?:", re.IGNORECASE
)


def says_reply(subject: str) -> bool:
    """Tell whether a subject says that a mail is an answer."""
    return bool(_REPLY.match(subject))


def is_loud(text: str) -> bool:
    """Tell whether a text is written in capitals."""
    start = text[:4000]
    if sum(map(str.isupper, start)) <= 0.7 * LOUD_FROM:
        return False  # as nearly every mail
    letters = [one for one in start if one.isalpha()]
    big = sum(map(str.isupper, letters))
    return len(letters) >= LOUD_FROM and big > 0.7 * len(letters)


# Bitcoin (BIP 173, base58), Ethereum, Tron.
_WALLET = re.compile(
    r"[013bT](?<!\w.)(?:(?<=b)c1[02-9ac-hj-np-z]{25,62}|"
    r"(?<=[13])[1-9A-HJ-NP-Za-km-z]{25,34}|(?<=0)x[0-9a-fA-F]{40}|"
    r"(?<=T)[1-9A-HJ-NP-Za-km-z]{33})\b"
)


def wallet_in(text: str) -> str:
    """Return the address of a wallet that a text names, or ""."""
    for found in _WALLET.finditer(text[:MAX_PAGE]):
        word = found[0]
        if word.startswith(("bc1", "0x")) or _is_checked(word):
            return word
    return ""


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CHECKED_BYTES = 25  # version, hash of 20 bytes, four of the checksum


def _is_checked(word: str) -> bool:
    """Tell whether the checksum of an address in base58 is right: other words that look
    like one are parts of links."""
    number = 0
    for letter in word:
        number = number * 58 + _BASE58.index(letter)
    if number.bit_length() > _CHECKED_BYTES * 8:
        return False
    data = number.to_bytes(_CHECKED_BYTES, "big")
    twice = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()
    return twice[:4] == data[-4:]
