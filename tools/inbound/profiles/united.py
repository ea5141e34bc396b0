"""GMX, web.de, mail.com, IONOS: the software of United Internet."""

import re

from .profile import Profile

UNITED = Profile(
    code="united",
    accounts=(
        "gmx.net",
        "gmx.com",
        "gmx.de",
        "web.de",
        "mail.com",
        "ionos.com",
        "ionos.de",
        "ionos.co.uk",
        "ionos.fr",
        "ionos.es",
        "ionos.it",
        "1und1.de",
        "1and1.com",
        "kundenserver.de",
        "perfora.net",
    ),
    chain=(
        "gmx.net",
        "gmx.com",
        "gmx.de",
        "web.de",
        "mail.com",
        "kundenserver.de",
        "perfora.net",
        "ionos.com",
        "ionos.de",
        "1and1.com",
    ),
    edge=re.compile(r"^mx[\w-]*\."),
    authserv_ids=(
        "gmx.net",
        "gmx.com",
        "gmx.de",
        "web.de",
        "mail.com",
        "kundenserver.de",
        "perfora.net",
        "ionos.com",
        "1and1.com",
    ),
    results_below=True,
    tail=(
        "X-UI-Filterresults",
        "UI-InboundReport",
        "X-GMX-Antispam",
        "X-WEBDE-Antispam",
    ),
)
