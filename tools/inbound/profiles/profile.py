"""What is known of one provider's own headers: data alone, read by `trust`."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

#: Matches nothing.
NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True)
class Profile:
    """One provider.

    `accounts`: names of its IMAP and POP3 servers, a name covers those below it.

    Its own lines: `chain` are names of the servers that write them, in the same way.
    `backends` matches those that no other company's server ever talks to, so that
    whoever they have a mail from is the provider's. `hosts` matches names of others
    that no domain covers. `edge` matches the line that takes mail in from outside, by
    its host and the comment behind it in lower case, as in `mx1.example.com (postfix)`;
    without one, the general rule finds the border. `edge_by_peer`: so does any other
    line of the chain whose peer stands in the public Internet. `networks`: where the
    chain's servers stand; private networks always count.

    Who wrote a mail: `authserv_ids` name those that write Authentication-Results; all
    of them are one writer, a name covers those below it. `nameless`: it leaves the
    authserv-id out. `strips_results`: it takes results under its own name out of mail
    from outside, so that those right below the edge are its own. `closing`: (header,
    what its value matches), the last header that it always writes below the edge's
    line; down to there all is its own. `results_below`: results under its own name
    that stand further down may condemn a mail, never acquit it. `by_machine`: they bear
    the name of the very machine that took the mail in, so that others are of an earlier
    passage. `spf_acquits`: whether a `Received-SPF` alone may say that a sender is
    real.

    What its filters say: `stripped` are headers that it takes out of mail from
    outside: one that stands once is its own, wherever it stands. `tail`: headers that
    it writes below what the sender wrote: the last counts, may condemn a mail and never
    acquits it. `tenfold`: of those, the ones with ten times the score. `other_scale`:
    headers whose score is none of SpamAssassin's, so that only its flag counts.

    `spam_from`: the score from which on it puts a mail among the spam, where it writes
    `X-Spam-Score` and no verdict; `known`: the header in which it says yes of a sender
    whom the mailbox's owner knows, whose mail it leaves alone.

    `top_via` and `edge_via`: by which part of its software the last and the first of
    its servers say that they have a mail: who has no name of his own is known by that.

    `report`: the headers in which it names its own host below everything, and what
    their value looks like: who has no name of his own is known by that.

    `marks`: headers that only its filter adds, under whosever name: they may be forged,
    and so let nothing be believed that speaks for a mail.

    `check`: the end of the name of the header in which its filter speaks, and `number`
    that of another one, which holds the number under which the server took the mail in:
    the customer chooses what stands before them. No sender knows that number, so that
    what bears the same name is the filter's; it stands in the `tail`.

    `first`: the header that its own program puts before all others. Where the lines of
    its servers are not right below, that program has put them in another order, so that
    nobody's place is known any more.

    `internal`: (header, value) of mail that a signed-in user of the same organisation
    has sent: the provider takes both out of mail from outside.
    """

    code: str
    accounts: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    backends: re.Pattern[str] = NOTHING
    hosts: re.Pattern[str] = NOTHING
    edge: re.Pattern[str] | None = None
    edge_by_peer: bool = False
    networks: tuple[Network, ...] = ()
    authserv_ids: tuple[str, ...] = ()
    nameless: bool = False
    strips_results: bool = False
    closing: tuple[str, re.Pattern[str]] = ("", NOTHING)
    results_below: bool = False
    by_machine: bool = False
    spf_acquits: bool = True
    stripped: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    tenfold: frozenset[str] = field(default_factory=frozenset)
    other_scale: frozenset[str] = field(default_factory=frozenset)
    spam_from: float | None = None
    known: str = ""
    top_via: str = ""
    edge_via: str = ""
    report: tuple[tuple[str, ...], re.Pattern[str]] = ((), NOTHING)
    marks: tuple[str, ...] = ()
    first: str = ""
    check: str = ""
    number: str = ""
    internal: tuple[str, str] = ("", "")
