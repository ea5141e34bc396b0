"""Mail.ru and VK WorkSpace."""

import re

from .profile import Profile

# One id for all machines: `mxs.mail.ru` in a mail that mx113.mail.ru took in.
MAILRU = Profile(
    code="mailru",
    accounts=("mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru"),
    chain=("mail.ru", "smailru.net"),
    edge=re.compile(r"^(?:mx|fallback|exim|imgs)[\w-]*\.(?:[\w-]+\.)*mail\.ru(?: |\Z)"),
    authserv_ids=("mxs.mail.ru", "mail.ru"),
    results_below=True,
    tail=("X-Mras", "X-Mailru-Spam"),
)
