"""Mails as the providers store them: their own lines, with other names and numbers.

Each shape is what a provider wrote on one mail from outside: `above` and `edge` are the
lines down to that of the server that took it in, `below` what it wrote under that, and
`tail` what it wrote under all that the sender had written. {spf}, {dkim}, {dmarc} and
{domain} are filled in; `network` is where the mail came from.
"""

from dataclasses import dataclass

DATE = "Mon, 2 Nov 2026 08:00:00 +0000"
MX = "mx.customer.test"
PEER = f"from {MX} ({MX} [203.0.113.44])"


@dataclass(frozen=True)
class Shape:
    """One provider's lines; `verdict` is False where it writes none that is read.

    `account`: its IMAP server. `spam`: a line of its filter's and where it stands.
    `trusted`: whether what it says of the sender may also say yes; `acquits`: whether
    what it says of spam may.
    """

    code: str
    account: str
    above: tuple[str, ...]
    edge: str
    below: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    verdict: bool = True
    trusted: bool = True
    spam: tuple[str, ...] = ()
    ham: tuple[str, ...] = ()
    spam_at: str = "tail"
    acquits: bool = False
    network: str = "203.0.113.0/24"
    original: bool = True

    def lines(self, sent, *, spam=None, **values):
        """Return the lines of a mail of which the sender wrote ``sent``.

        ``spam``: what the filter says, by default that it is none.
        """
        spam = self.ham if spam is None else spam
        filled = {
            "domain": "customer.test",
            "spf": "pass",
            "dkim": "pass",
            "dmarc": "pass",
            **values,
        }
        parts = {"above": self.above, "below": self.below, "tail": self.tail}
        parts = {
            place: [*lines, *(spam if place == self.spam_at else ())]
            for place, lines in parts.items()
        }
        own = [
            one.format(**filled) if "{" in one else one
            for one in (*parts["above"], self.edge, *parts["below"])
        ]
        tail = [one.format(**filled) for one in parts["tail"]]
        return [*own, *sent, *tail]


def results(server, *, separate=False):
    """Return Authentication-Results in one field or one for each method."""
    said = (
        "dkim={dkim} header.i=@{domain} header.s=s1 header.d={domain}",
        "spf={spf} smtp.mailfrom=lan@{domain}",
        "dmarc={dmarc} header.from={domain}",
    )
    start = f"Authentication-Results: {server};"
    if separate:
        return tuple(f"{start} {one}" for one in said)
    return (f"{start} {'; '.join(said)}",)


_OUTLOOK = "eurprd04.prod.outlook.com"
_YANDEX = "mail-nwsmtp-mxfront-production-main-42.sas.yp-c.yandex.net"
_FASTMAIL = "phl-mx-05.messagingengine.com"
_ATLAS = "atlas-production.v2-mail-prod1-bf1.omega.yahoo.com"

SHAPES = (
    Shape(
        code="microsoft",
        account="outlook.office365.com",
        above=(
            (
                f"Received: from VI1PR04MB01.{_OUTLOOK} (::1) by"
                f" DB7PR04MB02.{_OUTLOOK} with HTTPS; {DATE}"
            ),
            (
                f"Received: from AM0PR05CA03.eurprd05.prod.outlook.com"
                f" (2603:10a6:208:1::22) by VI1PR04MB01.{_OUTLOOK}"
                " (2603:10a6:800:5a::11)"
                " with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.1;"
                f" {DATE}"
            ),
            (
                "Received: from AM4PEPF0004.eurprd83.prod.outlook.com"
                " (2603:10a6:208:1:cafe::3) by AM0PR05CA03.outlook.office365.com"
                " (2603:10a6:208:1::22) with Microsoft SMTP Server id 15.20.1"
                " via Frontend"
                f" Transport; {DATE}"
            ),
            (
                "Authentication-Results: spf={spf} (sender IP is 203.0.113.44)"
                " smtp.mailfrom={domain}; dkim={dkim} (signature was verified)"
                " header.d={domain};dmarc={dmarc} action=none"
                " header.from={domain};compauth=pass reason=100"
            ),
            (
                "Received-SPF: Pass (protection.outlook.com: domain of {domain}"
                " designates 203.0.113.44 as permitted sender) client-ip=203.0.113.44;"
            ),
        ),
        edge=f"Received: from {MX} (203.0.113.44) by"
        " AM4PEPF0004.mail.protection.outlook.com (10.167.16.5) with Microsoft SMTP"
        f" Server id 15.20.1 via Frontend Transport; {DATE}",
        spam=("X-MS-Exchange-Organization-SCL: 6",),
        ham=("X-MS-Exchange-Organization-SCL: 1",),
        acquits=True,
        original=False,
    ),
    Shape(
        code="google",
        account="imap.gmail.com",
        above=(
            "Delivered-To: catchall@own.test",
            f"Received: by 2002:a05:6a10:1::1 with SMTP id a1csp12; {DATE}",
            "X-Gm-Original-To: sales@own.test",
            "ARC-Authentication-Results: i=1; mx.google.com; spf=pass",
            "Return-Path: <lan@customer.test>",
        ),
        edge=f"Received: from {MX} ({MX}. [203.0.113.44]) by mx.google.com with"
        f" ESMTPS id b2 for <sales@own.test>; {DATE}",
        below=(
            "Received-SPF: pass (google.com: domain of lan@{domain} designates)",
            *results("mx.google.com"),
        ),
    ),
    Shape(
        code="yahoo",
        account="imap.mail.yahoo.com",
        above=(
            (
                f"Received: from 127.0.0.1 by {_ATLAS} pod-id"
                f" atlas--production-bf1-1.bf1.yahoo.com with HTTP; {DATE}"
            ),
            "Return-Path: <lan@customer.test>",
            "X-Originating-Ip: [203.0.113.44]",
            "Received-SPF: {spf} (domain of {domain} designates 203.0.113.44)",
            *results(_ATLAS),
            "X-Apparently-To: sales@own.test; Mon, 2 Nov 2026 08:00:00 +0000",
        ),
        edge=f"Received: from 203.0.113.44 (EHLO {MX}) by 10.253.233.86 with SMTPs"
        f" (version=TLS1_3 cipher=X); {DATE}",
        original=False,
    ),
    Shape(
        code="yahoo",
        account="imap.mail.yahoo.com",
        above=(
            "X-Apparently-To: sales@own.test",
            *results("mta1234.mail.bf1.yahoo.com"),
        ),
        edge=f"Received: from 127.0.0.1  (EHLO {MX}) (203.0.113.44) by"
        f" mta1234.mail.bf1.yahoo.com with SMTPS; {DATE}",
        original=False,
    ),
    Shape(
        code="icloud",
        account="imap.mail.me.com",
        above=(
            "Original-recipient: rfc822;sales@own.test",
            (
                "Received: from ci74p00im-qukt09.me.com by"
                " p116-mailgateway-smtp-746c496c44"
                f" (mailgateway 2403B92) with SMTP id 4f24 for <sales@own.test>; {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by ci74p00im-qukt09.me.com (Postfix) with ESMTPS id"
        f" 11C7 for <sales@own.test>; {DATE}",
        below=(
            "X-ICL-SCORE: 3.3",
            "Authentication-Results: bimi.icloud.com; bimi=none",
            "Authentication-Results: arc.icloud.com; arc=none",
            (
                "Authentication-Results: dmarc.icloud.com; dmarc={dmarc}"
                " header.from={domain}"
            ),
            (
                "Authentication-Results: dkim-verifier.icloud.com; dkim={dkim}"
                " (2048-bit"
                " key) header.d={domain}"
            ),
            (
                "Authentication-Results: spf.icloud.com; spf={spf}"
                " (spf.icloud.com: domain"
                " of lan@{domain} designates) smtp.mailfrom=lan@{domain}"
            ),
            (
                "Received-SPF: {spf} (spf.icloud.com: domain of lan@{domain}"
                " designates)"
                " receiver=spf.icloud.com; client-ip=203.0.113.44; helo=x"
            ),
        ),
        spam=("X-Apple-MoveToFolder: Junk",),
        ham=("X-Apple-MoveToFolder: INBOX",),
        spam_at="above",
        acquits=True,
    ),
    Shape(
        code="icloud",
        account="p42-imap.mail.me.com",
        above=(
            (
                "Received: from p01-icloudmta-smtpin-us-1k-7 by"
                " p139-mailgateway-smtp-68dc"
                f" (mailgateway 2634B97) with SMTP id 1 for <sales@own.test>; {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by p01-icloudmta-smtpin-us-1k-7 (Postfix) with ESMTPS"
        f" id 2 for <sales@own.test>; {DATE}",
        below=(
            (
                "Authentication-Results: dmarc.icloud.com; dmarc={dmarc}"
                " header.from={domain}"
            ),
            (
                "Authentication-Results: dkim-verifier.icloud.com; dkim={dkim}"
                " header.d={domain}"
            ),
            "Authentication-Results: spf.icloud.com; spf={spf} smtp.mailfrom={domain}",
            "Received-SPF: {spf} (x) receiver=spf.icloud.com; helo=x",
        ),
    ),
    Shape(
        code="yandex",
        account="imap.yandex.ru",
        above=(
            (
                "Received: from postback8b.mail.yandex.net (postback8b.mail.yandex.net"
                " [2a02:6b8:c02:900::8]) by"
                " mail-notsolitesrv-production-main-24.iva.yp-c"
                f".yandex.net (notsolitesrv/Yandex) with LMTPS id 1 for"
                " <sales@own.test>;"
                f" {DATE}"
            ),
            (
                f"Received: from {_YANDEX} ({_YANDEX} [IPv6:2a02:6b8:c1c:3425::]) by"
                " postback8b.mail.yandex.net (Yandex) with ESMTPS id 2 for"
                f" <sales@own.test>; {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by {_YANDEX} (mxfront/Yandex) with ESMTPS id 3; {DATE}",
        below=(
            f"X-Yandex-Front: {_YANDEX}",
            (
                f"Authentication-Results: {_YANDEX}; spf={{spf}} (mxfront: domain of"
                " {domain} designates, rule=[a]) smtp.mail=lan@{domain}; dkim={dkim}"
                " header.i=@{domain}; dmarc={dmarc} header.from={domain}"
            ),
        ),
        spam=("X-Yandex-Spam: 4",),
        ham=("X-Yandex-Spam: 1",),
        spam_at="below",
        acquits=True,
    ),
    Shape(
        code="yandex",
        account="imap.yandex.com",
        above=(
            (
                "Received: from mxfront3q.mail.yandex.net (localhost [127.0.0.1]) by"
                f" mxfront3q.mail.yandex.net with LMTP id 1 for <sales@own.test>;"
                f" {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by mxfront3q.mail.yandex.net (mxfront/Yandex) with"
        f" ESMTPS id 2; {DATE} (using TLSv1.3 with cipher X (256/256 bits)) (Client"
        " certificate not present)",
        below=(
            "Return-Path: lan@customer.test",
            *results("mxfront3q.mail.yandex.net"),
            "X-Yandex-Suid-Status: 1 1",
            "X-Yandex-Spam: 1",
        ),
    ),
    Shape(
        code="fastmail",
        account="imap.fastmail.com",
        above=(
            (
                "Received: from phl-compute-05.internal (phl-compute-05.internal"
                f" [10.202.2.45]) by sloti33d2t19 (Cyrus 3.9.0) with LMTPA; {DATE}"
            ),
            "X-Delivered-to: sales@own.test",
            (
                "Received: from phl-mx-05 ([10.202.2.204]) by phl-compute-05.internal"
                f" (LMTPProxy); {DATE}"
            ),
            (
                f"Received: from {_FASTMAIL} (localhost [127.0.0.1]) by"
                " mailmx.phl.internal"
                f" (Postfix) with ESMTP id 1 for <sales@own.test>; {DATE}"
            ),
            (
                f"Received: from mailmx.phl.internal (localhost [127.0.0.1]) by"
                f" {_FASTMAIL}"
                f" (Authentication Milter) with ESMTP id 2; {DATE}"
            ),
            *results(_FASTMAIL),
        ),
        edge=f"Received: {PEER} (using TLSv1.3 with cipher X) by {_FASTMAIL} (Postfix)"
        f" with ESMTPS id 3 for <sales@own.test>; {DATE}",
        spam=("X-Spam-Flag: YES",),
        ham=("X-Spam-Flag: NO",),
        spam_at="above",
        acquits=True,
    ),
    Shape(
        code="posteo",
        account="posteo.de",
        above=(
            (
                "Received: from proxy02.posteo.name ([185.67.36.243]) by"
                f" dovecot16.posteo.name (Dovecot) with LMTP id 1 for <sales@own.test>;"
                f" {DATE}"
            ),
            (
                "Received: from proxy02.posteo.de ([127.0.0.1]) by proxy02.posteo.name"
                f" (Dovecot) with LMTP id 2 ; {DATE}"
            ),
            (
                "Received: from mailin02.posteo.de (unknown [10.0.0.62]) by"
                f" proxy02.posteo.de (Postfix) with ESMTPS id 3 for <sales@own.test>;"
                f" {DATE}"
            ),
            (
                "Received: from mx02.posteo.de (mailin02.posteo.de [127.0.0.1]) by"
                f" mailin02.posteo.de (Postfix) with ESMTPS id 4 for <sales@own.test>;"
                f" {DATE}"
            ),
            *results("mx02.posteo.de"),
        ),
        edge=f"Received: {PEER} by mx02.posteo.de (Postfix) with ESMTPS id 5 for"
        f" <sales@own.test>; {DATE}",
        spam=("X-Spam-Flag: YES",),
        ham=("X-Spam-Flag: NO",),
        spam_at="above",
        acquits=True,
    ),
    Shape(
        code="proton",
        account="127.0.0.1",
        above=(
            "X-Original-To: sales@own.test",
            *results("mailin026.protonmail.ch", separate=True),
        ),
        edge=f"Received: {PEER} (using TLSv1.3 with cipher X (256/256 bits)) by"
        f" mailin026.protonmail.ch (Postfix) with ESMTPS id 1 for <sales@own.test>;"
        f" {DATE}",
        spam=("X-Pm-Spam-Action: spam",),
        ham=("X-Pm-Spam-Action: inbox",),
    ),
    Shape(
        code="proton",
        account="127.0.0.1",
        above=("X-Original-To: sales@own.test",),
        edge=f"Received: {PEER} by mailin027.protonmail.ch (Postfix) with ESMTPS id 1"
        f" for <sales@own.test>; {DATE}",
        tail=results("mailin027.protonmail.ch", separate=True),
        trusted=False,
    ),
    Shape(
        code="united",
        account="imap.gmx.net",
        above=("Authentication-Results: gmx.net; dkim={dkim} header.i=@{domain}",),
        edge=f"Received: from {MX} ([203.0.113.44]) by mx-ha.gmx.net (mxgmx114"
        f" [212.227.17.5]) with ESMTPS (Nemesis) id 1 for <sales@own.test>; {DATE}",
        tail=("Envelope-To: <sales@own.test>",),
        verdict=False,
        spam=("X-GMX-Antispam: 5 (nemesis text pattern profiler); Detail=V3;",),
        ham=("X-GMX-Antispam: 0 (Mail was not recognized as spam); Detail=V3;",),
    ),
    Shape(
        code="united",
        account="imap.ionos.de",
        above=(
            "Authentication-Results: kundenserver.de; dkim={dkim} header.i=@{domain}",
        ),
        edge=f"Received: from {MX} ([203.0.113.44]) by mx.kundenserver.de (mxeue109"
        f" [217.72.192.67]) with ESMTPS (Nemesis) id 1 for <sales@own.test>; {DATE}",
        verdict=False,
        spam=("UI-InboundReport: junk:10;M01:P0:x;",),
        ham=("UI-InboundReport: notjunk:1;M01:P0:x;",),
    ),
    Shape(
        code="mailru",
        account="imap.mail.ru",
        above=results("mxs.mail.ru"),
        edge=f"Received: from {MX} ([203.0.113.44]:41232) by mx113.mail.ru with esmtp"
        f" (envelope-from <lan@customer.test>) id 1 for sales@own.test; {DATE}",
        spam=("X-Mras: SPAM",),
        ham=("X-Mras: Ok",),
    ),
    Shape(
        code="amazon",
        account="imap.mail.us-east-1.awsapps.com",
        above=("Return-Path: <lan@customer.test>",),
        edge=f"Received: {PEER} by inbound-smtp.us-east-1.amazonaws.com with SMTP id 1"
        f" for sales@own.test; {DATE}",
        below=(
            "X-SES-Virus-Verdict: PASS",
            "Received-SPF: {spf} (spfCheck: domain of {domain} designates)",
            *results("amazonses.com"),
            "X-SES-RECEIPT: AEFB",
        ),
        trusted=False,
        spam=("X-SES-Spam-Verdict: FAIL",),
        ham=("X-SES-Spam-Verdict: PASS",),
        spam_at="below",
    ),
    Shape(
        code="zoho",
        account="imappro.zoho.eu",
        above=("Delivered-To: sales@own.test", *results("mx.zohomail.eu")),
        edge=f"Received: {PEER} by mx.zohomail.eu with SMTPS id 1; {DATE}",
    ),
    Shape(
        code="naver",
        account="imap.naver.com",
        above=(
            *results("mx.naver.com"),
            "X-Session-IP: 203.0.113.44",
            "Message-ID: <1@crcvmail104.nm>",
        ),
        edge=f"Received: from {MX} ([203.0.113.44]) by crcvmail206.nm.naver.com with"
        f" ESMTP id 1 for <sales@own.test>; {DATE}",
    ),
    Shape(
        code="locaweb",
        account="imap.email-ssl.com.br",
        above=(
            "Delivered-To: sales@own.test",
            (
                "Received: from arnie0158.email.locaweb.com.br ([10.31.68.214]) by"
                " lisa0651.email.locaweb.com.br with LMTP id 1 for <sales@own.test>;"
                f" {DATE}"
            ),
            (
                "Received: from arnie0158.email.locaweb.com.br ([127.0.0.1]) by"
                f" arnie0158.email.locaweb.com.br (Dovecot) with LMTP id 2 ; {DATE}"
            ),
            (
                "Received: from arnie0158.email.locaweb.com.br (localhost [127.0.0.1])"
                " by arnie0158.email.locaweb.com.br (Postfix) with ESMTP id 3 for"
                f" <sales@own.test>; {DATE}"
            ),
            (
                "Received: from burns0025.correio.biz (bob0013.email.locaweb.com.br"
                " [10.31.68.217]) by arnie0158.email.locaweb.com.br (Postfix) with"
                f" ESMTP id 4; {DATE}"
            ),
            *results("burns0025.correio.biz"),
        ),
        edge=f"Received: {PEER} by burns0025.correio.biz (Postfix) with ESMTPS id 5;"
        f" {DATE}",
    ),
    Shape(
        code="netease",
        account="imap.163.com",
        above=(),
        edge=f"Received: from {MX} (unknown [203.0.113.44]) by mx57 (Coremail) with"
        f" SMTP id 1; {DATE}",
        tail=results("mx57"),
        trusted=False,
        original=False,
    ),
    Shape(
        code="infomaniak",
        account="mail.infomaniak.com",
        above=results("mx.infomaniak.ch"),
        edge=f"Received: {PEER} by mx3.infomaniak.ch (8.14.5/8.14.5) with ESMTP id 1"
        f" for <sales@own.test>; {DATE}",
    ),
    Shape(
        code="uol",
        account="imap.uol.com.br",
        above=(
            (
                "Received: from c2-mx07.host.intranet ([10.1.2.3]) by backend-12.host"
                f".intranet with LMTP id 1 for <sales@own.test>; {DATE}"
            ),
            *results("a4-mx-1.uhserver.com"),
        ),
        edge=f"Received: {PEER} by a4-mx-1.uhserver.com (Postfix) with ESMTPS id 2 for"
        f" <sales@own.test>; {DATE}",
        spam=("X-VADE-SPAMSTATE: spam:high",),
        ham=("X-VADE-SPAMSTATE: clean",),
    ),
    Shape(
        code="rackspace",
        account="secure.emailsrvr.com",
        above=(
            "Delivered-To: sales@own.test",
            (
                "Received: from director4.mail.ord1d.rsapps.net ([172.31.255.6]) by"
                f" backend44.mail.ord1d.rsapps.net with LMTP id 1; {DATE}"
            ),
            (
                "Received: from proxy21.mail.iad3b.rsapps.net ([172.31.255.6])"
                " (using X) by"
                f" director4.mail.ord1d.rsapps.net with LMTPS id 2; {DATE}"
            ),
            (
                "Received: from smtp1.gate.iad3b ([172.31.255.6]) (using X) by"
                f" proxy21.mail.iad3b.rsapps.net with LMTPS id 3; {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by smtp1.gate.iad3b.rsapps.net (Postfix) with ESMTPS id"
        f" 4 for <sales@own.test>; {DATE}",
        verdict=False,
    ),
    Shape(
        code="gandi",
        account="mail.gandi.net",
        above=(
            "Delivered-To: sales@own.test",
            (
                "Received: from spool.mail.gandi.net (mspool6-d.mgt.gandi.net"
                " [10.0.21.141]) by nmboxes21.sd4.0x35.net (Postfix) with ESMTP id 1"
                f" for <sales@own.test>; {DATE}"
            ),
            (
                "Received: from mfilter6-d.gandi.net (mfilter6-d.mgt.gandi.net"
                " [217.70.183.144]) by spool.mail.gandi.net (Postfix) with ESMTP id 2"
                f" for <sales@own.test>; {DATE}"
            ),
            (
                "Received: from spool.mail.gandi.net ([IPv6:::ffff:10.0.21.132]) by"
                " mfilter6-d.gandi.net (mfilter6-d.gandi.net [::ffff:10.0.15.180])"
                f" (amavisd-new, port 10024) with ESMTP id 3; {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by spool.mail.gandi.net (Postfix) with ESMTPS id 4 for"
        f" <sales@own.test>; {DATE}",
        verdict=False,
    ),
    Shape(
        code="migadu",
        account="imap.migadu.com",
        above=(
            "Delivered-To: catchall@own.test",
            (
                "Received: from mizu1.migadu.com ([198.51.100.80]) by"
                f" soraStorage0.migadu.com with LMTP id abc; {DATE}"
            ),
            "X-Envelope-To: sales@own.test",
            *results("mx13.migadu.com"),
        ),
        edge=f"Received: from {MX} (203.0.113.44) by mizu0.migadu.com with ESMTPS id"
        f" 23d2; {DATE}",
    ),
    Shape(
        code="migadu",
        account="imap.migadu.com",
        above=(
            "Delivered-To: catchall@own.test",
            (
                "Received: from mp0.migadu.com ([2001:db8:e224::]) (using TLSv1.3 with"
                " cipher X) by ms17.migadu.com with LMTPS id a:P1 (envelope-from"
                f" <lan@customer.test>) for <catchall@own.test>; {DATE}"
            ),
            (
                "Received: from aspmx1.migadu.com ([2001:db8:e224::]) (using TLSv1.3"
                " with cipher X) by mp0.migadu.com with LMTPS id a (envelope-from"
                f" <lan@customer.test>) for <catchall@own.test>; {DATE}"
            ),
            "X-Envelope-To: sales@own.test",
            *results("aspmx1.migadu.com"),
        ),
        edge=f"Received: {PEER} by aspmx1.migadu.com (Postfix) with ESMTPS id 4 for"
        f" <sales@own.test>; {DATE}",
    ),
    Shape(
        code="mailbox_org",
        account="imap.mailbox.org",
        above=(
            "Delivered-To: catchall@own.test",
            (
                "Received: from director-05.heinlein-hosting.de ([2001:db8:104::2])"
                " (using TLSv1.3 with cipher X) by dobby39a.heinlein-hosting.de with"
                " LMTPS id a:P1 (envelope-from <lan@customer.test>) for"
                f" <catchall@own.test>; {DATE}"
            ),
            (
                "Received: from mx2.mailbox.org ([2001:db8:104::2]) (using TLSv1.3 with"
                " cipher X) by director-05.heinlein-hosting.de with LMTPS id a"
                f" (envelope-from <lan@customer.test>) for <catchall@own.test>; {DATE}"
            ),
            *results("spamfilter01.heinlein-hosting.de (amavisd-new)"),
        ),
        edge=f"Received: {PEER} by mx2.mailbox.org (Postfix) with ESMTPS id 4 for"
        f" <sales@own.test>; {DATE}",
    ),
    Shape(
        code="aruba",
        account="imaps.aruba.it",
        above=(
            "Delivered-To: own.test-sales@own.test",
            "Received: (qmail 71 invoked by uid 89); 2 Nov 2026 08:00:00 -0000",
            (
                "Received: from unknown (HELO mxavas7.ad.aruba.it) (10.10.10.217) by"
                " mxd4.aruba.it with SMTP; 2 Nov 2026 08:00:00 -0000"
            ),
        ),
        edge=f"Received: from {MX} ([203.0.113.44]) by mxavas7.ad.aruba.it (Aruba) with"
        f" ESMTP id 1 for <sales@own.test>; {DATE}",
        verdict=False,
    ),
    Shape(
        code="cpanel",
        account="mail.own.test",
        above=(
            "Return-Path: <lan@customer.test>",
            "Delivered-To: catchall@own.test",
            (
                f"Received: from server.hoster.test by server.hoster.test with"
                " LMTP id 1"
                f" (envelope-from <lan@customer.test>) for <catchall@own.test>; {DATE}"
            ),
            "Envelope-to: sales@own.test",
        ),
        edge=f"Received: from {MX} ([203.0.113.44]:41232) by server.hoster.test with"
        f" esmtps (TLS1.3) tls X (Exim 4.96) (envelope-from <lan@customer.test>) id 1"
        f" for sales@own.test; {DATE}",
        verdict=False,
        spam=(
            "X-Spam-Status: Yes, score=8.5",
            "X-Spam-Score: 85",
            "X-Spam-Bar: ++++++++",
            (
                "X-Spam-Report: Spam detection software, running on the system"
                ' "server.hoster.test", has identified this email as spam.'
            ),
            "X-Spam-Flag: YES",
        ),
        ham=(
            "X-Spam-Status: No, score=0.8",
            "X-Spam-Score: 8",
            "X-Spam-Bar: /",
            (
                "X-Ham-Report: Spam detection software, running on the system"
                ' "server.hoster.test", has NOT identified this incoming email as spam.'
            ),
            "X-Spam-Flag: NO",
        ),
    ),
    Shape(
        code="exchange",
        account="mail.own.test",
        above=(
            (
                "Received: from EX01.own.test (192.168.10.11) by EX02.own.test"
                " (192.168.10.12) with Microsoft SMTP Server (version=TLS1_2, cipher=X)"
                f" id 15.1.2507.39 via Mailbox Transport; {DATE}"
            ),
            (
                "Received: from EX02.own.test (192.168.10.12) by EX01.own.test"
                " (192.168.10.11) with Microsoft SMTP Server (version=TLS1_2, cipher=X)"
                f" id 15.1.2507.39; {DATE}"
            ),
        ),
        edge=f"Received: from {MX} (203.0.113.44) by mail.own.test (192.168.10.12) with"
        f" Microsoft SMTP Server id 15.1.2507.39 via Frontend Transport; {DATE}",
        verdict=False,
        spam=("X-MS-Exchange-Organization-SCL: 6",),
        ham=("X-MS-Exchange-Organization-SCL: 1",),
        acquits=True,
        original=False,
    ),
    Shape(
        code="fortimail",
        account="mail.own.test",
        above=(),
        edge=f"Received: from {MX} ([203.0.113.44]) by mail.own.test  with ESMTP id"
        " 4A2800e1007584-4A2800e3007584 (version=TLSv1.3 cipher=X bits=256 verify=OK)"
        f" for <sales@own.test>; {DATE}",
        tail=(
            (
                "X-FEAS-SPF: spf-result={spf}, ip=203.0.113.44, helo=mx.customer.test,"
                " mailFrom=lan@{domain}"
            ),
            (
                "Authentication-Results: mail.own.test; dkim={dkim}; spf={spf}"
                " (own.test: domain of lan@{domain} designates 203.0.113.44)"
                " smtp.mailfrom=lan@{domain}; dmarc={dmarc} header.from={domain}"
            ),
            "X-FE-Policy-ID: 9:6:0:own.test",
        ),
        trusted=False,
    ),
    Shape(
        code="rspamd",
        account="mail.own.test",
        above=(
            (
                "Received: from mail.own.test ([fd4d:6169:6c63:6f77::a]) by"
                f" 7d8d3a5f1a2b with LMTP id 1 for <catchall@own.test>; {DATE}"
            ),
        ),
        edge=f"Received: {PEER} by mail.own.test (Postcow) with ESMTPS id 1A2B3C for"
        f" <sales@own.test>; {DATE}",
        below=(
            (
                "Authentication-Results: mail.own.test; dkim={dkim} header.d={domain};"
                " spf={spf} smtp.mailfrom=lan@{domain}; dmarc={dmarc}"
                " header.from={domain}"
            ),
        ),
        tail=("X-Rspamd-Queue-Id: 1A2B3C",),
        trusted=False,
    ),
    Shape(
        code="plesk",
        account="mail.own.test",
        above=("X-Original-To: sales@own.test", "Delivered-To: catchall@own.test"),
        edge=f"Received: {PEER} by server.hoster.test (Postfix) with ESMTPS id 1A2B3C"
        f" for <sales@own.test>; {DATE}",
        below=results("server.hoster.test"),
        tail=("X-PPP-Vhost: own.test",),
        trusted=False,
    ),
    Shape(
        code="mailscanner",
        account="mail.own.test",
        above=("Return-Path: <lan@customer.test>", "Envelope-to: sales@own.test"),
        edge=f"Received: from [203.0.113.44] (helo={MX}) by server.hoster.test with"
        f" esmtps (Exim 4.96) id 1abC-0001 for sales@own.test; {DATE}",
        tail=("X-Own-MailScanner-ID: 1abC-0001",),
        verdict=False,
        spam=(
            (
                "X-Own-MailScanner-SpamCheck: spam, SpamAssassin (not cached,"
                " score=8.1, required 5, BAYES_99 3.50)"
            ),
        ),
        ham=("X-Own-MailScanner-SpamCheck: not spam (whitelisted)",),
    ),
    Shape(
        code="tencent",
        account="imap.exmail.qq.com",
        above=(),
        edge=f"Received: {PEER} by newxmmxszc6-1.qq.com (NewMX) with SMTP id 6010A8AD"
        f" for <sales@own.test>; {DATE}",
        below=("X-QQ-mid: xmmxszc6-1t1", *results("mx.qq.com")),
        trusted=False,
    ),
    Shape(
        code="ovh",
        account="ssl0.ovh.net",
        above=(
            "Return-Path: <lan@customer.test>",
            "Delivered-To: sales@own.test",
            (
                "Received: from localhost (HELO queue) (127.0.0.1) by localhost with"
                f" SMTP; {DATE}"
            ),
            (
                "Received: from unknown (HELO output28.mail.ovh.net) (192.168.11.93) by"
                f" 192.168.1.2 with AES256-GCM-SHA384 encrypted SMTP; {DATE}"
            ),
            (
                "Received: from vr45.mail.ovh.net (unknown [10.101.8.45]) by"
                " out28.mail.ovh.net (Postfix) with ESMTP id 1 for <sales@own.test>;"
                f" {DATE}"
            ),
            (
                "Received: from in31.mail.ovh.net (unknown [10.101.4.31]) by"
                " vr45.mail.ovh.net (Postfix) with ESMTP id 2 for <sales@own.test>;"
                f" {DATE}"
            ),
            (
                "Received-SPF: {spf} (mailfrom) identity=mailfrom;"
                " client-ip=203.0.113.44; envelope-from=lan@{domain};"
                " receiver=sales@own.test"
            ),
            (
                "Authentication-Results: in31.mail.ovh.net; dkim={dkim}"
                " header.d={domain}; dkim-atps=neutral"
            ),
        ),
        edge=f"Received: {PEER} by in31.mail.ovh.net (Postfix) with ESMTPS id 3 for"
        f" <sales@own.test>; {DATE}",
        tail=("X-OVH-Remote: 203.0.113.44 (mx.customer.test)",),
        verdict=False,
        spam=("X-VR-SPAMSTATE: SPAM", "X-Ovh-Spam-Status: SPAM"),
        ham=("X-VR-SPAMSTATE: OK", "X-Ovh-Spam-Status: OK"),
    ),
)
