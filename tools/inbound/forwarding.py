"""Mail by which a provider asks whether it may forward somebody's mail to us.

Who sets up forwarding at Gmail or elsewhere has to press a link, or to type a code,
that comes to the address it goes to: to us. The link acts for whoever presses it, so it
is taken only from where the provider really has it.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ..mail import addresses
from ..mail.headers import Headers
from ..mail.phrases import CONFIRMATION_WORDS, FORWARDING_WORDS, any_of, fold

TEXT_LIMIT = 20_000  # characters of the text and of the HTML that are looked at
LINK_LIMIT = 2000  # characters of a link
LINKS = 100  # links that are looked at


@dataclass(frozen=True)
class Provider:
    """Who asks: the domains it writes from, and those that its links lead to.

    `path` is how the path of the confirming link begins, where that is known.
    """

    name: str
    senders: tuple[str, ...]
    links: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True)
class Confirmation:
    """A request to confirm: the provider's name, the code and the link, or ""."""

    provider: str
    code: str
    link: str


_ZOHO = (
    "zoho.com zoho.eu zoho.in zoho.jp zoho.sa zoho.com.au zoho.com.cn zoho.uk "
    "zohomail.com zohomail.eu zohomail.in zohocloud.ca zohocorp.com zohoaccounts.com"
)
_YANDEX = "yandex.ru yandex.com yandex.net yandex-team.ru yandex.kz ya.ru"
_MICROSOFT = "microsoft.com microsoftonline.com outlook.com office.com live.com"
_FASTMAIL = "fastmail.com fastmail.fm fastmailteam.com messagingengine.com"


def _provider(name: str, domains: str) -> Provider:
    return Provider(name, tuple(domains.split()), tuple(domains.split()))


PROVIDERS = (
    Provider(
        "Google",
        ("google.com",),
        # Not google.com itself, which leads on to wherever a link says.
        ("mail-settings.google.com", "mail.google.com", "isolated.mail.google.com"),
        "/mail/vf-",
    ),
    _provider("Zoho", _ZOHO),
    _provider("Yandex", _YANDEX),
    _provider("Microsoft", _MICROSOFT),
    _provider("iCloud", "icloud.com apple.com"),
    _provider("Fastmail", _FASTMAIL),
    _provider("Proton", "proton.me protonmail.com"),
    _provider("Yahoo", "yahoo.com yahoo-inc.com yahoomail.com"),
    _provider("Mail.ru", "mail.ru corp.mail.ru"),
    _provider("GMX", "gmx.net gmx.com gmx.de web.de"),
    _provider("Tucows", "opensrs.com hostedemail.com tucows.com"),
)

# People have mailboxes at most of these domains, but none of these names.
_LOCAL_PART = re.compile(
    r"(?:.{0,40}[-_.])?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|forwarding|devnull)"
    r"(?:[-_.].{0,40})?|(?:mail)?(?:support|team|notifications?)"
)
_GOOGLE = "forwarding-noreply"
_FORWARDING = re.compile(any_of(FORWARDING_WORDS))
_CONFIRMATION = re.compile(any_of(CONFIRMATION_WORDS))
_CODE = re.compile(
    r"(?:code|codigo|codice|kode|\bma|код|コード|番号|代码|代碼|码|碼|코드)"
    r"\D{0,40}?\b(\d{4,12})\b"
)
_CODE_IN_SUBJECT = re.compile(r"\(#(\d{4,12})\)")
# Case counts: to ignore it, the Kelvin sign would keep every k out.
_LINK = re.compile(r"https://[^\s\"'<>()\[\]{}|\\^`\x00-\x20\x7f-\uffff]+")
_CONFIRMING = re.compile(
    r"confirm|verif|accept|approv|activat|validat|allow|podtver", re.IGNORECASE
)
_REFUSING = re.compile(
    r"cancel|reject|declin|deny|denied|refuse|unsubscri|remove|delete|revoke|disallow"
    r"|/help|support\.|/uf-",
    re.IGNORECASE,
)


def read_confirmation(
    headers: Headers, text: Callable[[], tuple[str, str]]
) -> Confirmation | None:
    """Return what a mail asks to confirm, None if it is not one that asks.

    ``text`` returns the mail's text and HTML; it is read only where a provider's
    machine wrote the mail. Whether it did is not proven: see
    `authentication.is_authenticated`.
    """
    sender = addresses.first_mailbox(headers.get("From")).address
    local_part, domain = addresses.split(addresses.normalize(sender))
    provider = _provider_of(local_part, domain)
    if provider is None:
        return None
    subject = headers.decoded("Subject")[:1000]
    plain, markup = (part[:TEXT_LIMIT] for part in text())
    said = fold(f"{subject}\n{plain or _without_tags(markup)}")
    if not _asks(local_part, subject, said):
        return None
    return Confirmation(
        provider.name, _code(subject, said), _link(provider, f"{plain}\n{markup}")
    )


def _provider_of(local_part: str, domain: str) -> Provider | None:
    if not _LOCAL_PART.fullmatch(local_part):
        return None
    return next(
        (one for one in PROVIDERS if any(map(_below(domain), one.senders))), None
    )


def _below(domain: str) -> Callable[[str], bool]:
    return lambda name: addresses.is_below(domain, name)


def _asks(local_part: str, subject: str, said: str) -> bool:
    """Tell whether the words are about forwarding, and about confirming it."""
    if local_part == _GOOGLE:
        return True
    about = fold(subject)
    if _FORWARDING.search(about):
        return bool(_CONFIRMATION.search(said))
    # "Verify your email address", which says only below what for.
    return bool(_CONFIRMATION.search(about) and _FORWARDING.search(said[:TEXT_LIMIT]))


def _code(subject: str, said: str) -> str:
    found = _CODE_IN_SUBJECT.search(subject) or _CODE.search(said)
    return found[1] if found else ""


def _link(provider: Provider, text: str) -> str:
    """Return the link that confirms, "" if none surely does and leads nowhere else."""
    found = [html.unescape(one).rstrip(".,;:!?") for one in _LINK.findall(text)[:LINKS]]
    sure = [one for one in found if _confirms(provider, one)]
    return sure[0] if sure else ""


def _confirms(provider: Provider, link: str) -> bool:
    if len(link) > LINK_LIMIT or not link.isascii() or not link.isprintable():
        return False
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return False
    return (
        port in (None, 443)
        and "@" not in parts.netloc
        and any(map(_below((parts.hostname or "").lower()), provider.links))
        and _is_for_confirming(provider, parts)
    )


def _is_for_confirming(provider: Provider, parts: SplitResult) -> bool:
    if provider.path:
        return parts.path.startswith(provider.path)
    rest = parts._replace(scheme="", netloc="").geturl()
    # A link within the link: the page may lead on to it.
    leads_on = re.search(r"https?(?::|%3a)|//|%2f%2f", rest, re.IGNORECASE)
    refuses = _REFUSING.search(f"{parts.hostname}{rest}")
    return bool(_CONFIRMING.search(rest)) and not leads_on and not refuses


def _without_tags(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]{0,2000}>", " ", markup))
