"""cPanel with Exim and SpamAssassin, on whosever machine.

Its host is the customer's or the hoster's. It is known by what Exim adds below
everything: SpamAssassin's report, which names the machine.
"""

import re

from .profile import Profile

CPANEL = Profile(
    code="cpanel",
    tail=("X-Spam-Status", "X-Spam-Score", "X-Spam-Bar", "X-Spam-Flag"),
    # Exim's $spam_score_int: 8 is 0.8.
    tenfold=frozenset({"x-spam-score"}),
    results_below=True,
    report=(
        ("X-Spam-Report", "X-Ham-Report"),
        re.compile(r"running\s+on\s+the\s+system\s+\"([\w.-]{1,255})\""),
    ),
)
