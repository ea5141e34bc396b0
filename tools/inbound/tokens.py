"""What a statistical filter knows a mail by: its tokens.

A token is a kind and a text, `word:invoice`. Kinds:

- `from`, `domain`, `name`: the sender's address, its domain, the words of his name
- `reply`: the domain of a Reply-To that is another one
- `subject`, `word`: words; `pair`: two syllables that follow each other, without their
  marks. A Vietnamese word is several syllables, and `tài` alone says little.
- `host`, `path`: where links lead; `file`: how files' names end, and their types
- `language`: of the text; it is no sign of anything by itself
- `mailer`, `charset`, `part`, `sign`: how the mail is made
- `lure`: what it is after, in whatever words

Nothing of it depends on when the mail was written, or on which way it came: what a
filter has learnt of last year's mail is to hold for the next.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice

from ..mail import addresses
from ..mail.registrable import registrable
from . import craft, lures
from .languages import without_marks, words
from .letter import Enclosure, Letter, Link

#: Most tokens of one mail: header and links come first.
MAX_TOKENS = 400
#: Longest text of a token; words longer than anybody writes are counted by length.
MAX_LENGTH, LONGEST_WORD = 60, 20
SHORTEST_WORD = 3

# What nobody types: the number of a reader, a coded address.
_LONG = re.compile(r"[A-Za-z0-9_=%-]{24,}")
# An onset, a rhyme and a coda, without their marks.
_SYLLABLE = re.compile(
    r"(?:b|ch?|d|gi?|gh|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x)?"
    r"[aeiouy]{1,3}(?:ch?|m|ng|nh?|p|t)?"
)


def tokens(letter: Letter) -> tuple[str, ...]:
    """Return the tokens of a mail, each once, MAX_TOKENS at most; never raises."""
    found: dict[str, None] = {}
    for token in _all_tokens(letter):
        found[token] = None
        if len(found) >= MAX_TOKENS:
            break
    return tuple(found)


def _all_tokens(letter: Letter) -> Iterator[str]:
    yield from _named("language", [lures.language(letter.said)])
    yield from _sender_tokens(letter)
    yield from _form_tokens(letter)
    yield from _lure_tokens(letter)
    for link in letter.links:
        yield from _link_tokens(link)
    for file in letter.files:
        yield from _file_tokens(file)
    own = _own_words(letter)
    yield from _named(
        "subject", (one for one in words(letter.subject) if one not in own)
    )
    said_of_us = {f"word:{one}" for one in own}
    for token in chain(_text_tokens(letter.subject), _text_tokens(letter.text)):
        if token not in said_of_us:
            yield token


def _own_words(letter: Letter) -> frozenset[str]:
    """Return the words of the addresses that a mail is to: they say nothing."""
    headers = letter.headers
    said = f"{headers.get('To')[:500]} {headers.get('Cc')[:500]}".casefold()
    return frozenset(words(said.replace(".", " ").replace("-", " ")))


def _named(kind: str, texts: Iterable[str]) -> Iterator[str]:
    return (f"{kind}:{text}"[:MAX_LENGTH] for text in texts if text)


# ------------------------------------------------------------
# HEADER AND FORM
# ------------------------------------------------------------


def _sender_tokens(letter: Letter) -> Iterator[str]:
    sender = letter.author.address
    domain = addresses.domain(sender)
    yield from _named("from", [sender])
    yield from _named("domain", [registrable(domain) or domain])
    yield from _named("name", words(letter.author.name))
    for one in letter.replies:
        other = addresses.domain(one.address)
        if other and registrable(other) != registrable(domain):
            yield from _named("reply", [other, "elsewhere"])


def _form_tokens(letter: Letter) -> Iterator[str]:
    headers = letter.headers
    mailer = headers.get("X-Mailer") or headers.get("User-Agent")
    yield from _named("mailer", [" ".join(islice(words(mailer[:200]), 2))])
    # A file's kind is a token of its own.
    texts = (kind for kind in letter.kinds if kind.startswith("text/"))
    yield from _named("part", dict.fromkeys(texts))
    yield from _named("charset", words(_charset(headers.get("Content-Type")[:500])))
    signs = {**_making_signs(letter), **_author_signs(letter)}
    signs.update((one, True) for one in letter.made)
    yield from _named("sign", (name for name, holds in signs.items() if holds))


def _making_signs(letter: Letter) -> dict[str, bool]:
    headers = letter.headers
    sender = registrable(addresses.domain(letter.author.address))
    hosts = {registrable(link.host) for link in letter.links if link.host}
    return {
        "foreign link": bool(hosts) and sender not in hosts,
        "one link": len(hosts) == 1,
        "form": letter.has_form,
        "page only": letter.kinds[:1] == ("text/html",),
        "list": bool(headers.get("List-Id") or headers.get("List-Post")),
        "answer": bool(headers.get("In-Reply-To") or headers.get("References")),
        "no recipient": "@" not in headers.get("To"),
        "no text": not letter.text.strip(),
        "link": bool(letter.links),
        "loud subject": letter.subject.isupper(),
        "no id": not headers.get("Message-ID").strip(),
        "hurried": headers.get("X-Priority")[:1] in ("1", "2")
        or headers.get("Importance").lower() == "high",
        "script": bool(headers.get("X-PHP-Originating-Script")),
        "wallet": bool(letter.wallet),
        "writes to": any(craft.mailto(link.url) for link in letter.links),
        "cheap host": any(lures.is_cheap(link.host) for link in letter.links),
    }


def _author_signs(letter: Letter) -> dict[str, bool]:
    name, address = letter.author.name, letter.author.address
    return {
        "office": craft.is_office_name(name),
        "odd name": craft.is_odd_name(name),
        "own name": craft.shares_word(name, address),
        "free mail": craft.is_free_mail(addresses.domain(address)),
        "brand": bool(lures.brand_in(name, addresses.domain(address))),
    }


def _lure_tokens(letter: Letter) -> Iterator[str]:
    yield from _named("lure", letter.lures)
    if letter.urges:
        yield "lure:urges"


def _charset(value: str) -> str:
    return value.lower().partition("charset=")[2].split(";")[0]


def _link_tokens(link: Link) -> Iterator[str]:
    host = link.host
    if host:
        whole = registrable(host)
        yield from _named("host", [whole or "number", host.rpartition(".")[2]])
        rest = link.url.partition(host)[2]
        if _LONG.search(rest):
            yield "path:\u2026"
        yield from _named("path", islice(words(rest.lower()), 6))


def _file_tokens(file: Enclosure) -> Iterator[str]:
    ending = file.name.lower().rpartition(".")[2] if "." in file.name else ""
    yield from _named("file", [ending[:10], file.content_type])


# ------------------------------------------------------------
# TEXT
# ------------------------------------------------------------


def _text_tokens(text: str) -> Iterator[str]:
    before = ""
    # One by one: most of a long text is not asked for.
    for word in islice(words(text), 2 * MAX_TOKENS):
        token, syllable = _read_word(word)
        if before and syllable:
            yield f"pair:{before} {syllable}"
        if token:
            yield token
        before = syllable


@lru_cache(maxsize=8192)
def _read_word(word: str) -> tuple[str, str]:
    """Return the token of a word, "" where it has none; and a word of one syllable
    without its marks, "" where it is none."""
    plain = without_marks(word)
    return _word_token(word), plain if _SYLLABLE.fullmatch(plain) else ""


def _word_token(word: str) -> str:
    if len(word) > LONGEST_WORD:
        return f"word:{word[0]}\u2026 {len(word) // 10 * 10}"
    is_told = len(word) >= SHORTEST_WORD or not word.isascii()
    return f"word:{word}" if is_told and not word.isdigit() else ""
