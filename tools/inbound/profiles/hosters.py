"""Hosters and smaller providers of Europe and the Americas."""

import re
from ipaddress import ip_network

from .profile import NOTHING, Profile

POSTEO = Profile(
    code="posteo",
    accounts=("posteo.de", "posteo.net"),
    chain=("posteo.de", "posteo.name", "posteo.net"),
    backends=re.compile(r"(?:dovecot|proxy)\d*\.posteo\.(?:name|de)\Z"),
    edge=re.compile(r"^mx\d+\.posteo\.de \(postfix"),
    edge_by_peer=True,
    networks=(ip_network("185.67.36.0/23"), ip_network("2a05:bc0:1000::/48")),
    authserv_ids=("posteo.de", "posteo.name"),
)
# `from mizu1 by soraStorage0 with LMTP`, `by mizu0 with ESMTPS`; before 2026 `from mp0
# by ms17`, `from aspmx1 by mp0`, both with LMTPS, and `by aspmx1`. All of them have
# public addresses that anybody may rent.
MIGADU = Profile(
    code="migadu",
    accounts=("migadu.com",),
    chain=("migadu.com",),
    backends=re.compile(r"(?:sorastorage|ms|mp)\d+\.migadu\.com\Z"),
    edge=re.compile(r"^(?:mizu|aspmx)\d+\.migadu\.com(?: |\Z)"),
    authserv_ids=("migadu.com",),
)
# `from director-05 by dobby39a`, `from mx2.mailbox.org by director-05`, both with LMTPS
# and public addresses; amavis is between.
MAILBOX_ORG = Profile(
    code="mailbox_org",
    accounts=("mailbox.org",),
    chain=("mailbox.org", "heinlein-hosting.de"),
    backends=re.compile(r"(?:dobby|director-?|spamfilter)\w+\.heinlein-hosting\.de\Z"),
    edge=re.compile(r"^mx\d+\.mailbox\.org(?: |\Z)"),
    authserv_ids=("heinlein-hosting.de",),
)
ZOHO = Profile(
    code="zoho",
    accounts=(
        "zoho.com",
        "zoho.eu",
        "zoho.in",
        "zoho.com.au",
        "zoho.com.cn",
        "zoho.jp",
        "zoho.sa",
        "zohocloud.ca",
    ),
    chain=("mx.zohomail.com", *(f"mx.zohomail.{end}" for end in ("eu", "in", "jp"))),
    edge=re.compile(r"^mx\.zohomail\."),
    authserv_ids=("mx.zohomail.com", "mx.zohomail.eu", "mx.zohomail.in"),
)
INFOMANIAK = Profile(
    code="infomaniak",
    accounts=("infomaniak.com", "infomaniak.ch", "ik.me"),
    chain=("infomaniak.ch", "infomaniak.com"),
    edge=re.compile(r"^(?:mx|mta-gw|smtp-in)[\w.-]*\.infomaniak\.(?:ch|com)(?: |\Z)"),
    edge_by_peer=True,
    authserv_ids=("infomaniak.ch", "infomaniak.com"),
    results_below=True,
    networks=(
        ip_network("83.166.128.0/19"),
        ip_network("84.16.64.0/19"),
        ip_network("2001:1600::/32"),
    ),
)
UOL = Profile(
    code="uol",
    accounts=("uol.com.br", "bol.com.br", "uhserver.com", "uolhost.com.br"),
    chain=("uhserver.com", "uol.com.br"),
    backends=re.compile(r"backend-[\w.-]+\Z"),
    edge=re.compile(r"\.uhserver\.com(?: |\Z)"),
    edge_by_peer=True,
    authserv_ids=("uhserver.com", "uol.com.br"),
    tail=("X-Spam", "X-VADE-SPAMSTATE"),
)
LOCAWEB = Profile(
    code="locaweb",
    accounts=("locaweb.com.br", "email-ssl.com.br", "correio.biz"),
    chain=("locaweb.com.br", "email-ssl.com.br", "correio.biz"),
    edge=re.compile(r"^burns\d*[\w-]*\."),
    edge_by_peer=True,
    authserv_ids=("locaweb.com.br", "email-ssl.com.br", "correio.biz"),
)
RACKSPACE = Profile(
    code="rackspace",
    accounts=("emailsrvr.com",),
    chain=("emailsrvr.com", "rsapps.net"),
    backends=re.compile(r"(?:backend|director|proxy)\d+\.mail\.[\w.-]*rsapps\.net\Z"),
    edge=re.compile(r"^smtp\d+\.gate\.[\w.-]*rsapps\.net(?: |\Z)"),
    edge_by_peer=True,
    authserv_ids=("rsapps.net", "emailsrvr.com"),
    # From 0 to 100, beside X-Spam-Threshold.
    other_scale=frozenset({"x-spam-score"}),
)
# The same machine takes mail in from outside and back from its filter.
GANDI = Profile(
    code="gandi",
    accounts=("mail.gandi.net", "gandi.net"),
    chain=("gandi.net", "0x35.net"),
    backends=re.compile(r"n?m?boxes[\w-]*\.(?:[\w-]+\.)*(?:gandi|0x35)\.net\Z"),
    edge=NOTHING,
    edge_by_peer=True,
    networks=(ip_network("217.70.176.0/20"), ip_network("2001:4b98::/32")),
    authserv_ids=("gandi.net",),
)
ARUBA = Profile(
    code="aruba",
    accounts=("aruba.it", "arubabusiness.it", "technorail.com"),
    chain=("aruba.it",),
    backends=re.compile(r"(?:mxd|mdd|mxcmd|mxdh)[\w-]*\.(?:ad\.)?aruba\.it\Z"),
    edge=re.compile(r"^mx(?:avas|cm\d|\d)[\w-]*\.(?:ad\.)?aruba\.it(?: |\Z)"),
    edge_by_peer=True,
)
# `from in31.mail.ovh.net by vr45`, `by out28`, `by 192.168.1.2`, `by localhost`: the
# chain of MX Plan, published in OVHcloud's guides ("send connector").
OVH = Profile(
    code="ovh",
    accounts=("ssl0.ovh.net", "ssl0.ovh.ca", "imap.mail.ovh.net", "pop.mail.ovh.net"),
    chain=("mail.ovh.net", "ha.ovh.net"),
    hosts=re.compile(r"localhost\Z|(?:192\.168|10)\.[\d.]+\Z"),
    edge=re.compile(r"^in\d+\.mail\.ovh\.net \(postfix"),
    authserv_ids=("mail.ovh.net",),
    tail=("X-VR-SPAMSTATE", "X-Ovh-Spam-Status"),
)
