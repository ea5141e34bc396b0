"""Yandex Mail and Yandex 360."""

import re
from ipaddress import ip_network

from .profile import Profile

# What the edge's server writes stands right below its line and ends with its verdict;
# nothing proves that it takes the same headers out of mail from outside.
YANDEX = Profile(
    code="yandex",
    accounts=(
        "yandex.ru",
        "yandex.com",
        "yandex.net",
        "yandex.kz",
        "yandex.by",
        "yandex.ua",
        "yandex.com.tr",
        "ya.ru",
    ),
    chain=("yandex.net", "yandex.ru", "yandex-team.ru"),
    # mxback has a mail of a user of Yandex, by the web or its own SMTP server.
    edge=re.compile(r"\((?:mxfront|nwsmtp|mxback)/yandex\b"),
    networks=(ip_network("2a02:6b8::/32"),),
    authserv_ids=("yandex.net", "yandex.ru"),
    closing=("X-Yandex-Spam", re.compile("")),
    results_below=True,
    by_machine=True,
    tail=("X-Yandex-Spam",),
)
