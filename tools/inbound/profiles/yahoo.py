"""Yahoo Mail, AOL, and the providers whose mail they run."""

import re

from .profile import Profile

# `from 127.0.0.1 by atlas-production.v2-... with HTTP`, and below it the line of the
# server that took the mail in, which names itself by an address: `from 203.0.113.44
# (EHLO x) by 10.253.233.86 with SMTPs`. Before, one line by `mta1.mail.bf1.yahoo.com`.
YAHOO = Profile(
    code="yahoo",
    accounts=(
        "mail.yahoo.com",
        "mail.yahoo.co.uk",
        "aol.com",
        "mail.att.net",
        "verizon.net",
        "ymail.com",
        "rocketmail.com",
    ),
    chain=("yahoo.com", "aol.com", "yahoodns.net"),
    backends=re.compile(r"atlas[\w.-]*\.(?:yahoo|aol)\.com\Z"),
    hosts=re.compile(r"10\.[\d.]+\Z"),
    edge=re.compile(r"^(?:10\.[\d.]+|mta\d*[\w.-]*\.(?:yahoo|aol)\.com)(?: |\Z)"),
    authserv_ids=("yahoo.com", "aol.com"),
)
