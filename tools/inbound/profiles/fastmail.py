"""Fastmail, Pobox, Topicbox."""

import re

from .profile import Profile

# sloti* (Cyrus) has it from *.internal (LMTPProxy, then Postfix behind the milter), and
# that from the edge's own milter over the loopback network.
FASTMAIL = Profile(
    code="fastmail",
    accounts=("fastmail.com", "fastmail.fm", "messagingengine.com"),
    chain=("messagingengine.com", "internal"),
    backends=re.compile(r"(?:slot\w*|store\w*|(?:\w+-)?compute-?\d*\.internal)\Z"),
    edge=re.compile(r"^[\w-]+\.messagingengine\.com \(postfix"),
    authserv_ids=("messagingengine.com", "internal"),
    # "By default, we move anything with a score of 5 or higher to your Spam folder."
    spam_from=5.0,
    known="X-Spam-known-sender",
)
