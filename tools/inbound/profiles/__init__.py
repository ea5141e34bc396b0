"""What is known of the providers' own headers: one record for each, data alone.

A profile says which servers make the provider's own chain of `Received` lines, which
of them takes mail in from outside (the edge), and in which headers the provider
speaks. The account's own server chooses it, and the topmost `Received` confirms it;
where the account's server has a name of the customer's, the topmost `Received` chooses
it. Everybody else has the general rule of `trust.trusted_trace`.
"""

import functools

from ...mail.addresses import is_below
from .amazon import AMAZON
from .apple import APPLE
from .asia import NAVER, NETEASE, TENCENT
from .cpanel import CPANEL
from .exchange import EXCHANGE
from .fastmail import FASTMAIL
from .google import GOOGLE
from .hosters import (
    ARUBA,
    GANDI,
    INFOMANIAK,
    LOCAWEB,
    MAILBOX_ORG,
    MIGADU,
    OVH,
    POSTEO,
    RACKSPACE,
    UOL,
    ZOHO,
)
from .mailru import MAILRU
from .microsoft import MICROSOFT
from .profile import NOTHING, Profile
from .proton import PROTON
from .software import MAILSCANNER, SOFTWARE
from .united import UNITED
from .yahoo import YAHOO
from .yandex import YANDEX

__all__ = [
    "CPANEL",
    "EXCHANGE",
    "MAILSCANNER",
    "MICROSOFT",
    "PROFILES",
    "SOFTWARE",
    "Profile",
    "is_program",
    "of_account",
    "of_server",
]

PROFILES = (
    MICROSOFT,
    GOOGLE,
    YAHOO,
    APPLE,
    YANDEX,
    FASTMAIL,
    PROTON,
    UNITED,
    MAILRU,
    AMAZON,
    POSTEO,
    ZOHO,
    INFOMANIAK,
    UOL,
    LOCAWEB,
    RACKSPACE,
    GANDI,
    ARUBA,
    MAILBOX_ORG,
    MIGADU,
    NAVER,
    NETEASE,
    TENCENT,
    OVH,
    CPANEL,
    EXCHANGE,
    *SOFTWARE,
)

_OF_NAME = {name: profile for profile in PROFILES for name in profile.chain}
_OF_FIRST = {one.first.lower() for one in PROFILES if one.first}
_WITH_BACKENDS = [one for one in PROFILES if one.backends is not NOTHING]


@functools.lru_cache(maxsize=128)
def of_account(host: str) -> Profile | None:
    """Return the profile of the provider that an account logs in at, or None."""
    host = host.lower().rstrip(".")
    for profile in PROFILES:
        if any(is_below(host, name) for name in profile.accounts):
            return profile
    return None


def of_server(host: str) -> Profile | None:
    """Return the profile of the provider that has a server of this name, or None.

    A name can be claimed by anybody: the mail's whole chain must bear it out.
    """
    labels = host.split(".")[-10:]
    names = (".".join(labels[start:]) for start in range(len(labels)))
    found = next((_OF_NAME[name] for name in names if name in _OF_NAME), None)
    return found or next(
        (one for one in _WITH_BACKENDS if one.backends.match(host)), None
    )


def is_program(name: str) -> bool:
    """Tell whether a provider's own program puts this header before all others."""
    return name.lower() in _OF_FIRST
