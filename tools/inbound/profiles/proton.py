"""Proton Mail, read through Proton Mail Bridge on the own machine."""

import re

from .profile import Profile

# A mail without DKIM has the results below all that its sender wrote, and results
# under the same name of an earlier passage are not taken out.
PROTON = Profile(
    code="proton",
    accounts=("protonmail.ch", "proton.me", "protonmail.com"),
    chain=("protonmail.ch", "proton.me", "proton.ch"),
    edge=re.compile(r"^mail[\w-]*\.(?:protonmail\.ch|proton\.\w+)(?: |\Z)"),
    authserv_ids=("protonmail.ch", "proton.ch", "proton.me"),
    results_below=True,
    by_machine=True,
    tail=("X-Pm-Spam-Action",),
    # The Bridge of 2023 and 2024 turned the order of all other headers round.
    first="X-Pm-Gluon-Id",
)
