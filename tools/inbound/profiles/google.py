"""Gmail and Google Workspace."""

import re

from .profile import Profile

# The last line names the machine by its address alone: `by 2002:a05:... with SMTP`.
GOOGLE = Profile(
    code="google",
    accounts=("gmail.com", "googlemail.com", "google.com"),
    chain=("mx.google.com",),
    backends=re.compile(r"(?:2002:[0-9a-f:]+|10\.[\d.]+)\Z"),
    edge=re.compile(r"^mx\.google\.com"),
    authserv_ids=("mx.google.com",),
    strips_results=True,
)
