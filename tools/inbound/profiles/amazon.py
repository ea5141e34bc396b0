"""Amazon WorkMail, and mail that Amazon SES takes in."""

import re

from .profile import Profile

# All that it writes stands below its line, where a sender may write the same.
AMAZON = Profile(
    code="amazon",
    accounts=("awsapps.com", "amazonaws.com", "amazonses.com"),
    chain=("amazonaws.com", "amazonses.com"),
    edge=re.compile(r"^inbound-smtp\."),
    authserv_ids=("amazonses.com",),
    results_below=True,
    tail=("X-SES-Spam-Verdict", "X-SES-Virus-Verdict"),
)
