"""iCloud Mail."""

import re

from .profile import Profile

# The edge's server writes results under five names, and a Received-SPF last.
APPLE = Profile(
    code="icloud",
    accounts=("mail.me.com", "icloud.com", "mac.com", "me.com"),
    chain=("me.com", "icloud.com", "mac.com"),
    backends=re.compile(r"p\d+-mailgateway-[\w.-]+\Z"),
    hosts=re.compile(r"p\d+-icloudmta-\w+-[\w.-]+\Z"),
    edge=re.compile(
        r"^(?:p\d+-icloudmta-\w+-[\w.-]+|[\w-]+\.(?:me|mac|icloud)\.com) \(postfix"
        r"|^[\w-]*smtpin[\w-]*\.(?:me|mac)\.com \(oracle"
    ),
    authserv_ids=("icloud.com",),
    closing=("Received-SPF", re.compile(r"\breceiver=spf\.icloud\.com(?:;|\s|\Z)")),
    results_below=True,
    tail=("X-Apple-MoveToFolder",),
)
