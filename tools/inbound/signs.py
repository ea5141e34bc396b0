"""Signs of spam and forgery that a router can see for itself, from the first mail on.

Each has a weight in points; none alone is enough to keep a mail from a person.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

from ..mail import addresses
from ..mail.addresses import first_mailbox
from ..mail.registrable import registrable
from . import craft, files, lures, steps
from .letter import Letter, Link, host_of
from .lookalike import imitated, is_mixed, readable_host, skeleton

#: Weight of each sign. What a person would stop at by itself is nearly a warning.
WEIGHTS: Mapping[str, float] = {
    "first": 1.0,
    "own_domain": 2.0,
    "own_name": 3.0,
    "our_name": 2.5,
    "office": 2.0,
    "lookalike": 4.0,
    "lookalike_link": 2.5,
    "mixed_letters": 2.5,
    "brand": 3.2,
    "brand_link": 2.0,
    "forged": 1.5,
    "reply_elsewhere": 0.5,
    "reply_payment": 2.5,
    "link_other": 2.5,
    "link_hidden": 2.0,
    "cheap_host": 0.8,
    "form": 2.0,
    "program": 4.0,
    "double_ending": 3.0,
    "macro": 3.0,
    "encrypted": 2.0,
    "archive": 1.0,
    "odd_archive": 3.0,
    "page": 3.0,
    "secret": 2.0,
    "threat": 1.5,
    "parcel": 1.5,
    "document": 1.2,
    "refund": 1.5,
    "account": 2.5,
    "favour": 2.0,
    "fortune": 3.2,
    "blackmail": 4.3,
    "urges": 0.7,
    "prize": 1.8,
    "authority": 2.0,
    "goods": 1.8,
    "callback": 3.5,
    "offer": 2.5,
    "romance": 2.5,
    "job": 2.0,
    "no_reverse_name": 0.8,
    "bulk": 1.2,
    "stranger": 1.2,
    "reply_free": 1.5,
    "link_us": 2.5,
    "mailto": 2.0,
    "elsewhere": 1.2,
    "picture": 2.5,
    "noise": 2.0,
    "wallet": 2.5,
    "loud": 1.0,
    "no_id": 1.0,
    "no_thread": 1.0,
    "ornate": 1.0,
    "subject_us": 1.0,
    "no_recipient": 0.8,
    "envelope": 0.5,
    "scan": 1.0,
    "messenger": 1.0,
}
#: Of an engine that finds a mail suspicious, but not spam: it confirms what is seen
#: here, if that is as much.
DOUBT = 2.0
#: Signs that are read off the words alone.
WORDING = frozenset(
    {*(code for code, _phrase, _clicks in lures.LURES), "urges", "messenger"}
)
#: Of these, what customers write, too: of accounts, parcels, documents.
PLAIN = frozenset({*(code for code, _phrase, clicks in lures.LURES if clicks), "urges"})
#: And what nobody who is known is asked for twice: contacts speak of it as well.
DELICATE = frozenset({"favour", "account"})
#: Beside what a messenger is where a fraud goes on: whatever wants more than a click,
#: and what authorities do not use one for.
FRAUD = WORDING - PLAIN - DELICATE - {"messenger"} | {"own_name", "authority"}
#: Where a list says where it is at home.
LIST_FIELDS = (
    "List-Unsubscribe", "List-Id", "List-Post", "List-Help", "List-Owner",
    "List-Archive", "Return-Path",
)  # fmt: skip
#: What lists and newsletters have no reason to say.
POSING = frozenset({"secret", "threat", "refund", "authority", "account"})
#: In whose name a mail comes, and is not from.
BORROWED = frozenset({"own_name", "our_name", "office", "brand", "stranger"})
#: What is switched on and off together.
GROUPS: Mapping[str, frozenset[str]] = {
    "sender": frozenset(
        {
            "own_domain", "own_name", "our_name", "office", "lookalike", "brand",
            "brand_link", "forged", "mixed_letters", "no_reverse_name", "stranger",
            "no_id", "no_thread", "no_recipient", "envelope", "ornate", "subject_us",
        }
    ),
    "answer": frozenset({"reply_elsewhere", "reply_payment", "reply_free"}),
    "links": frozenset(
        {
            "lookalike_link", "link_other", "link_hidden", "cheap_host", "form",
            "link_us", "mailto", "elsewhere", "picture", "noise", "scan",
        }
    ),
    "files": frozenset(
        {
            "program", "double_ending", "macro", "encrypted", "archive", "page",
            "odd_archive",
        }
    ),
    "words": WORDING | {"wallet", "loud"},
    "contact": frozenset({"first", "bulk"}),
}  # fmt: skip
#: So many of our addresses in one mail are many.
MANY = 5
SHOWN = 100  # characters of evidence
_LONGEST_NAME = 6  # words of a person's name


@dataclass(frozen=True)
class Facts:
    """What the database, and our own servers, say of a mail.

    `own_domains`: those that we serve. `people`: {name as of `name_key`: addresses of
    our users and directors with that name}. `is_known`: the sender is a contact, or
    was answered once, or the mail belongs to a conversation. `is_first`: nothing came
    from this address before. `is_proven`: True or False as our own servers say, None
    where nobody does. `is_inside`: it was sent from our own servers. `recipients`: to
    how many of our addresses. `has_reverse_name`: False where the server that brought
    it has none.
    """

    own_domains: frozenset[str] = frozenset()
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_known: bool = False
    is_first: bool = True
    is_proven: bool | None = None
    is_inside: bool = False
    recipients: int = 1
    has_reverse_name: bool = True


@dataclass(frozen=True)
class Sign:
    """A sign that was found: its code, its weight, and what shows it."""

    code: str
    weight: float
    value: str = ""

    @property
    def is_wording(self) -> bool:
        """Whether it is read off the words alone."""
        return self.code in WORDING

    @property
    def is_plain(self) -> bool:
        """Whether customers write such words, too."""
        return self.code in PLAIN


def find_signs(
    letter: Letter, facts: Facts, off: Iterable[str] = ()
) -> tuple[Sign, ...]:
    """Return the signs in a mail, the heaviest first, each once; never raises.

    `off`: codes of signs that are switched off.
    """
    ignored = frozenset(off)
    found: dict[str, str] = {}
    for finder in _FINDERS:
        for code, value in finder(letter, facts):
            if code not in ignored:
                found.setdefault(code, " ".join(value.split())[:SHOWN])
    for code in _beside(letter, facts, found.keys()):
        if code not in ignored:
            found.setdefault(code, letter.author.address)
    is_new = facts.is_first and not facts.is_known and letter.files
    if is_new and BORROWED & found.keys() and "first" not in ignored:
        found.setdefault("first", letter.author.address)
    signs = [Sign(code, WEIGHTS[code], value) for code, value in found.items()]
    return tuple(sorted(signs, key=lambda one: -one.weight))


def _beside(letter: Letter, facts: Facts, found: AbstractSet[str]) -> Iterator[str]:
    """Yield what counts only beside what was found already."""
    if facts.is_known or not found & FRAUD:
        return
    # An address for a name is an old trick, which the sender's address undoes.
    is_named = "own_name" in found and "@" not in letter.author.name
    asks_money = is_named and (
        steps.speaks_of_money(letter.said) or lures.speaks_of_payment(letter.said)
    )
    goes_on = steps.names_messenger(letter.said)
    if asks_money:
        yield "favour"
    if goes_on:
        yield "messenger"
    if (asks_money or goes_on) and facts.is_first:
        yield "first"


def confirmed(found: tuple[Sign, ...], engine: str) -> tuple[Sign, ...]:
    """Return the signs in a mail with the doubt of an engine, if it counts.

    `engine`: the name of one that finds the mail suspicious, "" for none.
    """
    counts = engine and sum(one.weight for one in found) >= DOUBT
    return (*found, Sign("doubt", DOUBT, engine)) if counts else found


@lru_cache(maxsize=16_384)
def name_key(name: str) -> str:
    """Return by what a person's name is recognised, however it is written: without
    marks, the words in any order; "" for one word, which is nobody's name alone."""
    found = lures.plain(name).replace(",", " ").replace(".", " ").split()
    words = [one.strip("\"'()") for one in found]
    return " ".join(sorted(words)) if 2 <= len(words) <= _LONGEST_NAME else ""


# ------------------------------------------------------------
# WHO IT SAYS IT IS FROM
# ------------------------------------------------------------

_Found = Iterator[tuple[str, str]]


def _sender(letter: Letter, facts: Facts) -> _Found:
    """What is wrong with the sender."""
    address, name = letter.author.address, letter.author.name
    domain = addresses.domain(address)
    is_own = any(addresses.is_below(domain, one) for one in facts.own_domains)
    if is_own and not facts.is_inside and facts.is_proven is None:
        yield "own_domain", address
    if facts.is_proven is False:
        yield "forged", address
    if is_own:
        return
    if not facts.is_known:
        yield from _borrowed_name(letter, facts)
        yield from _strange_name(letter, facts)
    if (own := imitated(domain, facts.own_domains)) and not facts.is_known:
        yield "lookalike", f"{readable_host(domain)} ({own})"
    if not facts.has_reverse_name:
        yield "no_reverse_name", address
    if not facts.is_known and craft.is_ornate(name):
        yield "ornate", name


def _borrowed_name(letter: Letter, facts: Facts) -> _Found:
    """Whose name a foreign sender has: of one of us, of our company, of a brand."""
    address, name = letter.author.address, letter.author.name
    domain = addresses.domain(address)
    shown = name or address
    theirs = facts.people.get(name_key(name))
    is_theirs = theirs is not None and address not in theirs
    if is_theirs or ("@" in name and _names_us(name, facts.own_domains)):
        yield "own_name", shown
    elif our := _our_label(name, address, facts.own_domains):
        yield "our_name", f"{shown} ({our})"
    brand = lures.brand_in(f"{name} {address.partition('@')[0]}", domain)
    if not brand and " " in name:
        # A usual word beside that of a service, whatever the address is called.
        brand = lures.brand_in(name, domain)
    if brand and not _all_lead_to(letter, facts, brand):
        yield "brand", f"{shown} ({brand})"
    if lures.is_office(name):
        yield "office", shown


def _all_lead_to(letter: Letter, facts: Facts, brand: str) -> bool:
    """Tell whether there are links, and all of them to a known company's own pages: it
    may have others send its newsletters."""
    hosts = {one.host for one in _foreign_links(letter, facts)}
    return bool(hosts) and all(lures.is_of(brand, host) for host in hosts)


def _strange_name(letter: Letter, facts: Facts) -> _Found:
    """Whether a name is that of an office or a company, and not a word of it is in the
    address, in a mail that wants something to be opened, or to go on elsewhere."""
    address, name = letter.author.address, letter.author.name
    is_page = "text/html" in letter.kinds
    has_more = letter.files or steps.moves_away(letter.said)
    if not _foreign_links(letter, facts) and not has_more:
        return
    is_office = craft.is_office_name(name) or (is_page and craft.is_odd_name(name))
    if is_office and not craft.shares_word(name, address):
        yield "stranger", name


def _names_us(name: str, own_domains: Iterable[str]) -> bool:
    named = addresses.domain(
        addresses.normalize(name.rsplit(maxsplit=1)[-1].strip("<>()\"'"))
    )
    return any(addresses.is_below(named, one) for one in own_domains)


def _our_label(name: str, address: str, own_domains: Iterable[str]) -> str:
    """Return the label of an own domain that a name or a local part holds, or ""."""
    said = f"{lures.plain(name)} {address.partition('@')[0]}"
    words = {skeleton(one) for one in said.replace(".", " ").split()}
    labels = {(registrable(one) or one).partition(".")[0] for one in own_domains}
    return next(
        (one for one in sorted(labels) if len(one) > 3 and skeleton(one) in words), ""
    )


def _answer_to(letter: Letter, facts: Facts) -> _Found:
    """Where the answer goes, whichever of all that are named gets it."""
    for one in letter.replies:
        yield from _answer_at(one.address, letter, facts)


def _answer_at(wanted: str, letter: Letter, facts: Facts) -> _Found:
    sender = letter.author.address
    here, there = (registrable(addresses.domain(one)) for one in (sender, wanted))
    is_free = craft.is_free_mail(there)
    is_same = here == there and (wanted == sender or not is_free)
    # A button to unsubscribe makes no list whose answers go to a free mailbox.
    is_list = _is_list(letter) and not (is_free and not _has_list(letter))
    if not there or is_same or is_list:
        return
    if own := imitated(addresses.domain(wanted), facts.own_domains):
        yield "lookalike", f"{wanted} ({own})"
    if any(addresses.is_below(there, one) for one in facts.own_domains):
        return
    if craft.is_automaton(sender):
        yield "reply_elsewhere", wanted  # a shop, or a form: to who has filled it in
    elif lures.speaks_of_payment(letter.said) and not _is_list(letter):
        yield "reply_payment", wanted
    elif is_free:
        yield "reply_free", wanted
    else:
        yield "reply_elsewhere", wanted


def _is_list(letter: Letter) -> bool:
    return _has_list(letter) or bool(letter.headers.get("List-Unsubscribe"))


def _has_list(letter: Letter) -> bool:
    """Tell whether it is the mail of a list that has a name."""
    return any(letter.headers.get(name) for name in ("List-Id", "List-Post"))


# ------------------------------------------------------------
# WHERE IT LEADS
# ------------------------------------------------------------


def _links(letter: Letter, facts: Facts) -> _Found:
    """What is wrong with its links."""
    sender = registrable(addresses.domain(letter.author.address))
    for link in letter.links:
        if own := imitated(link.host, facts.own_domains):
            yield "lookalike_link", f"{readable_host(link.host)} ({own})"
        if lures.is_cheap(link.host) and not facts.is_known:
            yield "cheap_host", link.host
        if _is_hidden(link):
            yield "link_hidden", link.url
        named = _host_shown(link)
        is_counted = _is_list(letter) and named == sender
        if named and not is_counted and named != registrable(link.host):
            yield "link_other", f"{named}: {readable_host(link.host) or link.url}"
    if letter.has_form:
        yield "form", ""
    if facts.is_known:
        return
    if not _is_list(letter) or _poses(letter):
        yield from _leads_astray(letter, facts, sender)
    elif not _is_at_home(letter, sender) and (away := _all_away(letter, facts, sender)):
        yield "elsewhere", away


def _poses(letter: Letter) -> bool:
    """Tell whether a mail says what no newsletter does: anybody writes List-Id."""
    domain = addresses.domain(letter.author.address)
    is_odd = bool(POSING & letter.lures.keys())
    return is_odd or bool(lures.brand_in(letter.author.name, domain))


def _is_at_home(letter: Letter, sender: str) -> bool:
    """Tell whether a link of a list's mail leads to its sender, or to who sends it."""
    said = " ".join(letter.headers.get(one)[:1000] for one in LIST_FIELDS).lower()
    hosts = {registrable(one.host) for one in letter.links} - {""}
    return not hosts or sender in hosts or any(one in said for one in hosts)


def _all_away(letter: Letter, facts: Facts, sender: str) -> str:
    """Return where a page's links lead if all lead away from its sender, else ""."""
    foreign = _foreign_links(letter, facts) if "text/html" in letter.kinds else []
    is_away = all(registrable(one.host) != sender for one in foreign)
    return foreign[0].host if foreign and is_away else ""


def _leads_astray(letter: Letter, facts: Facts, sender: str) -> _Found:
    """Where the links of a stranger lead, which is nowhere near to him."""
    foreign = _foreign_links(letter, facts)
    away = [one for one in foreign if registrable(one.host) != sender]
    for link in away[:20]:
        if craft.names_us(link.url, facts.own_domains):
            yield "link_us", link.host
        if brand := lures.brand_in_host(link.host):
            yield "brand", f"{link.host} ({brand})"
    for link in letter.links:
        writes_to = craft.mailto(link.url)
        there = addresses.domain(writes_to)
        if craft.is_free_mail(there) and registrable(there) != sender:
            yield "mailto", writes_to
    if away and facts.is_proven is None and not _leads_home(letter):
        yield "brand_link", f"{sender}: {away[0].host}"
    if where := _all_away(letter, facts, sender):
        yield "elsewhere", where


def _host_shown(link: Link) -> str:
    """Return the registered domain of the host that a link's text names, or ""."""
    words = link.shown.split()
    shown = "".join(words) if len(words) <= 3 else ""
    if not shown or not link.host or "@" in shown:
        return ""
    if "//" not in shown:
        shown = f"//{shown}"
    host = host_of(shown)
    is_host = "." in host and all(
        one and one.replace("-", "").isalnum() for one in host.split(".")
    )
    known = registrable(host)
    ending = known.rpartition(".")[2]
    is_file = "/" not in link.shown.strip("/") and files.is_file_ending(ending)
    is_name = is_host and ending.isalpha() and len(ending) > 1
    return known if is_name and not is_file else ""


def _is_hidden(link: Link) -> bool:
    """Tell whether a link is to a number, has another host before an @, or is written
    with letters of two alphabets."""
    host = link.host
    if not host:
        return link.url.lower().startswith("data:text")
    is_number = not registrable(host) and (host.replace(".", "").isdigit())
    before = link.url.partition("//")[2].partition("/")[0]
    return is_number or "@" in before or is_mixed(readable_host(host))


# ------------------------------------------------------------
# WHAT IT BRINGS AND SAYS
# ------------------------------------------------------------


def _files(letter: Letter, facts: Facts) -> _Found:
    """What is dangerous in its files."""
    for file in letter.files:
        found = files.traps_in(file)
        yield from found.items()
        if "page" in found:
            yield "form", file.name
        is_packed = files.is_packed(file.name) and not facts.is_known
        if is_packed:
            yield "archive", file.name
        if is_packed and files.is_odd(file.name):
            yield "odd_archive", file.name
        if files.is_archive(file.name) and craft.tells_key(letter.said):
            yield "encrypted", file.name
        if (found or is_packed) and facts.is_first and not facts.is_known:
            yield "first", letter.author.address


def _words(letter: Letter, facts: Facts) -> _Found:
    """What it is after. What asks for a click counts only where something is there to
    be clicked on, and nothing of it counts from somebody whom we know."""
    if facts.is_known:
        return
    can_click = bool(_foreign_links(letter, facts)) or bool(letter.files)
    can_click = can_click or any(craft.mailto(link.url) for link in letter.links)
    can_click = can_click or steps.moves_away(letter.said)
    scans = _has_picture(letter) and steps.asks_scan(letter.said)
    can_click = can_click or scans
    if _is_known_company(letter) and _leads_home(letter):
        can_click = False  # a known company, and its links lead to its own pages
    found = {
        code: clicks for code, clicks in letter.lures.items() if can_click or not clicks
    }
    is_free = craft.is_free_mail(addresses.domain(letter.author.address))
    if is_free and steps.asks_call(letter.said):
        found.setdefault("callback", False)
    if steps.moves_pay(letter.said):
        found |= {"account": False, **({"favour": False} if is_free else {})}
    yield from ((code, "") for code in found)
    if found and letter.urges:
        yield "urges", ""
    if scans and (found or lures.is_office(letter.author.name)):
        yield "scan", ""
        if facts.is_first:
            yield "first", letter.author.address
    if set(found) - PLAIN - (frozenset() if is_free else {"favour"}):
        if facts.is_first:
            yield "first", letter.author.address
        if free := craft.free_mailbox_in(letter.text, letter.author.address):
            yield "reply_free", free
    if is_mixed(f"{letter.author.name} {letter.subject}"):
        yield "mixed_letters", letter.subject


def _has_picture(letter: Letter) -> bool:
    """Tell whether it shows a picture, or brings one."""
    return any(one.startswith("image/") for one in letter.kinds)


def _foreign_links(letter: Letter, facts: Facts) -> list[Link]:
    return [
        link
        for link in letter.links
        if link.host
        and not any(addresses.is_below(link.host, one) for one in facts.own_domains)
    ]


def _is_known_company(letter: Letter) -> bool:
    return bool(lures.labels_of(addresses.domain(letter.author.address)))


def _leads_home(letter: Letter) -> bool:
    """Tell whether the sender's domain is no known company's, or a link is to it."""
    hosts = {registrable(one.host).partition(".")[0] for one in letter.links}
    own = lures.labels_of(addresses.domain(letter.author.address))
    return not own or bool(hosts & own)


def _making(letter: Letter, facts: Facts) -> _Found:
    """How it is made: not as people's programs do."""
    if facts.is_known or facts.is_inside:
        return
    headers = letter.headers
    if "picture" in letter.made and _foreign_links(letter, facts):
        yield "picture", ""
    if "noise" in letter.made:
        yield "noise", ""
    if craft.is_loud(letter.text):
        yield "loud", ""
    if letter.wallet:
        yield "wallet", letter.wallet
    if not headers.get("Message-ID").strip():
        yield "no_id", ""
    answers = headers.get("In-Reply-To") or headers.get("References")
    is_alone = facts.is_first and not answers and not _is_list(letter)
    if is_alone and craft.says_reply(letter.subject):
        yield "no_thread", letter.subject
    named = craft.names_us(letter.subject, facts.own_domains)
    if named and is_alone:
        yield "subject_us", letter.subject
    if "@" not in headers.get("To") + headers.get("Cc"):
        yield "no_recipient", ""
    sender = registrable(addresses.domain(letter.author.address))
    came_from = addresses.domain(
        first_mailbox(headers.get("Return-Path")[:500]).address
    )
    if came_from and registrable(came_from) != sender and not _is_list(letter):
        yield "envelope", came_from


def _contact(letter: Letter, facts: Facts) -> _Found:
    """That nobody knows the sender, and how many he wrote to."""
    if facts.is_first and not facts.is_known and _foreign_links(letter, facts):
        yield "first", letter.author.address
    if facts.recipients >= MANY and not facts.is_known:
        yield "bulk", str(facts.recipients)


_FINDERS: tuple[Callable[[Letter, Facts], _Found], ...] = (
    _sender,
    _answer_to,
    _links,
    _files,
    _words,
    _making,
    _contact,
)
