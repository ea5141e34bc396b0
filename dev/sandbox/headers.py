"""What ``dev/headers`` prints: a mail's headers as the router reads them.

Imports the addon's tools from the checkout, which the caller has put on the path.
"""

import textwrap

from tools.inbound import explain, profiles
from tools.mail import headers

WIDTH = 120
BORDER = "border of trust"


def report(raw, account, hosts, domains):
    """Yield the lines to print about the mail ``raw``.

    :param account: name of the mailbox's server, or ""
    :param hosts: names of the provider's servers, none for what the mail tells
    :param domains: the domains served, none for all
    """
    trust = explain.Trust(
        profile=profiles.of_account(account),
        own_hosts=frozenset(host.lower() for host in hosts),
        own_domains=frozenset(one.lower() for one in domains) or None,
    )
    found = explain.explain(headers.parse_headers(raw), trust)
    yield from _summary(found)
    yield ""
    for number, line in enumerate(found.lines, 1):
        yield from _line(number, line)
        if number == found.reading.size:
            yield f"{'':-<20} {BORDER} {'':-<{WIDTH - 22 - len(BORDER)}}"
    if found.more:
        yield f"... {found.more} more"


def _summary(found):
    reading, border = found.reading, found.border
    fits = "" if found.fits else ", but the topmost Received is none of its"
    profile = f"{found.profile}{fits}" if found.profile else "none"
    had = " ".join(filter(None, [border.sender, border.address])) or "nobody"
    yield f"profile     {profile}"
    yield f"border      after line {reading.size}, by {border.rule}: {border.why}"
    if border.host:
        yield f"            {border.host} had it from {had}"
    settled = [
        f"{one.address} ({one.header})" for one in reading.recipients.must_settle
    ]
    yield f"recipients  {', '.join(settled) or 'none'}"
    told = reading.verdicts
    results = {"spf": told.spf, "dkim": told.dkim, "dmarc": told.dmarc}
    said = [f"{name}={result}" for name, result in results.items() if result]
    by = f" by {told.authserv_id}" if told.authserv_id else ""
    yield f"verdicts    {' '.join(said) or 'none'}{by}"
    known = "colleague" if reading.internal else reading.authenticated
    yield f"authentic   {'unknown' if known is None else known}"
    spam = [f"{one.header}: {one.value}" for one in reading.spam if one.is_spam]
    yield f"spam        {'; '.join(spam) or 'no'}"
    yield f"network     {reading.network or 'unknown'}"


def _line(number, line):
    counts = line.counts.replace("_", " ")
    start = f"{number:3} {line.whose:8}{counts:18}"
    text = textwrap.wrap(f"{line.name}: {line.value}", WIDTH - len(start))
    yield start + text[0]
    yield from (f"{'':{len(start)}}{rest}" for rest in text[1:])
