"""What a router learns of its provider, and whether the newest mails bear it out.

A provider has many machines and changes them: no machine's full name is learnt, but the
domain that it stands below. Where the provider's profile is known, nothing has to be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..inbound.authentication import read_verdicts
from ..inbound.profiles import Profile
from ..inbound.received import Hop, is_inside, parse_received, peer_addresses
from ..inbound.trust import fits, trusted_trace
from ..mail.addresses import is_below
from ..mail.headers import Headers
from ..mail.registrable import registrable

#: So many of the newest mails in a row must agree that something has changed: one may
#: have been copied into the mailbox.
CHANGED_MAILS = 3
#: So many mails must be without a header that is written into each.
SILENT_MAILS = 10
#: So many of the newest mails must have come through a filter, each of them.
FILTERED_MAILS = 10


@dataclass(frozen=True)
class Known:
    """What is known of the provider: its profile, its servers and authserv-ids."""

    profile: Profile | None = None
    own_hosts: frozenset[str] = frozenset()
    authserv_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Arrived:
    """A mail that came from outside, and when it was journalled."""

    date: datetime
    headers: Headers


def learnable(hosts: Sequence[str]) -> tuple[str, ...]:
    """Return the names to learn of servers: the registered domain of each, once.

    A host without one stays as it is.
    """
    return tuple(dict.fromkeys(registrable(host) or host for host in hosts if host))


# ------------------------------------------------------------
# WHAT MAY BE LEARNT
# ------------------------------------------------------------


def keeps_trust(mails: Sequence[Headers], own_hosts: frozenset[str]) -> bool:
    """Tell whether to believe only these hosts takes nothing away.

    It is about what is believed now of these mails from outside; False without any. A
    provider takes mail in with many servers, and a probe meets but one of them.
    """
    return bool(mails) and all(
        len(trusted_trace(mail, own_hosts)) >= len(trusted_trace(mail))
        for mail in mails
    )


def filtered_domain(mails: Sequence[Headers]) -> str:
    """Return the domain of the servers to which a content filter on their own host
    gives each mail back, or "".

    A stranger who comes through a forwarded port can make one mail look like that, and
    not all of them: in each mail the line below the filter's shows a public address.
    """
    tops = [hop.by for mail in mails if (hop := _top(mail))]
    names = learnable(tops)
    if len(names) != 1 or not len(tops) == len(mails) >= FILTERED_MAILS:
        return ""
    hosts = frozenset(names)
    is_filtered = all(_is_filtered(mail, hosts) for mail in mails)
    return names[0] if is_filtered else ""


def _is_filtered(mail: Headers, hosts: frozenset[str]) -> bool:
    """Tell whether to know the hosts brings the line into the trace that shows a
    stranger's address."""
    trace = trusted_trace(mail, hosts)
    lines = [one.value for one in trace if one.name.lower() == "received"]
    seen = peer_addresses(parse_received(lines[-1])) if lines else []
    is_public = bool(seen) and not any(is_inside(one) for one in seen)
    return is_public and len(trace) > len(trusted_trace(mail))


def keeps_verdicts(
    mails: Sequence[Headers], own_hosts: frozenset[str], authserv_id: str
) -> bool:
    """Tell whether to believe only this authserv-id takes away no verdict on the mails.

    False where there is none on any.
    """
    only = Known(own_hosts=own_hosts, authserv_ids=frozenset({authserv_id}))
    believed = [_believed(mail, Known(own_hosts=own_hosts)) for mail in mails]
    kept = [_believed(mail, only) for mail in mails]
    return any(believed) and all(
        after or not before for before, after in zip(believed, kept, strict=True)
    )


def _believed(mail: Headers, known: Known) -> str:
    """Return the authserv-id whose verdicts on a mail are believed, or ""."""
    trace = trusted_trace(mail, known.own_hosts, known.profile)
    return read_verdicts(trace, known.authserv_ids, headers=mail).authserv_id


# ------------------------------------------------------------
# WHETHER IT IS STILL SO
# ------------------------------------------------------------


def strange_mails(mails: Sequence[Arrived], known: Known) -> tuple[Arrived, ...]:
    """Return the newest mails in a row that are not of the known servers.

    `mails`: newest first. Empty where fewer than three are, and where nothing is known;
    mails without any `Received` tell nothing.
    """
    strange: list[Arrived] = []
    for mail in mails:
        is_known = _is_known(mail.headers, known)
        if is_known:
            break
        if is_known is False:
            strange.append(mail)
    return tuple(strange) if len(strange) >= CHANGED_MAILS else ()


def changed_hosts(mails: Sequence[Arrived], known: Known) -> str | None:
    """Return what the learnt servers have to be replaced by, None where they are right.

    It is the one domain of all servers that took the newest mails in, if to believe
    them takes nothing away; else "".
    """
    strange = strange_mails(mails, Known(own_hosts=known.own_hosts))
    if not strange:
        return None
    tops = [hop.by for mail in strange if (hop := _top(mail.headers))]
    names = learnable(tops)
    headers = [mail.headers for mail in strange]
    is_one = len(names) == 1 and keeps_trust(headers, frozenset(names))
    return names[0] if is_one else ""


def changed_server(mails: Sequence[Arrived], known: Known) -> str | None:
    """Return what the learnt authserv-ids have to be replaced by, None if right.

    They are wrong when none of the newest mails has a verdict under their names, though
    each would have one under the name of a server that has written on top of it. It is
    the one domain of these names, else "".
    """
    found = list(_other_servers(mails, known))
    if len(found) < CHANGED_MAILS:
        return None
    names = learnable(found)
    return names[0] if len(names) == 1 else ""


def is_silent(mails: Sequence[Arrived], known: Known, name: str) -> bool:
    """Tell whether none of the newest mails has a header that the provider wrote.

    `name`: the header's. False for fewer than ten mails.
    """
    traces = (
        trusted_trace(mail.headers, known.own_hosts, known.profile) for mail in mails
    )
    return len(mails) >= SILENT_MAILS and not any(
        field.name.lower() == name.lower() for trace in traces for field in trace
    )


def _other_servers(mails: Sequence[Arrived], known: Known) -> Iterator[str]:
    """Yield the authserv-ids of the newest mails, down to the first known one."""
    anybody = Known(known.profile, known.own_hosts)
    for mail in mails:
        if _believed(mail.headers, known):
            return
        if server := _believed(mail.headers, anybody):
            yield server


def _is_known(headers: Headers, known: Known) -> bool | None:
    """Tell whether the topmost server is a known one; None where nothing tells."""
    top = _top(headers)
    if not top or not (known.profile or known.own_hosts):
        return None
    if known.profile:
        return fits(headers, known.profile)
    return any(is_below(top.by, name) for name in known.own_hosts)


def _top(headers: Headers) -> Hop | None:
    hops = (parse_received(value) for value in headers.get_all("Received"))
    return next((hop for hop in hops if hop.by), None)
