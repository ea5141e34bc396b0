"""Header blocks of mails as they lie in mailboxes: every form that a provider has.

`provider_shapes` has one or two forms of each provider, into which tests put forged
lines; here stand the others, each with what it says. Names, addresses and numbers are
made up. A line ``---`` marks the border: above it, the provider has written all; what
stands between it and a line ``===`` is its own as well.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Block:
    """One mail's headers and what they say.

    `said`: "spf dkim dmarc", a dash where nothing is said; `real`: whether the sender
    is; `spam`: what the filter says, None for nothing; `network`: of the sender.
    `hosts`: the own servers that were learnt.
    """

    name: str
    account: str
    text: str
    said: str = "- - -"
    real: bool | None = None
    spam: bool | None = None
    network: str = "203.0.113.0/24"
    original: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def lines(self):
        """Return the header fields, each with its folded lines."""
        fields = []
        for line in self.text.strip("\n").splitlines():
            if line.startswith((" ", "\t")):
                fields[-1] += f"\r\n{line}"
            else:
                fields.append(line)
        return fields

    @property
    def size(self):
        """Return how many fields stand above the border."""
        return self.lines.index("---")

    @property
    def raw(self):
        """Return the mail's header block."""
        return as_bytes(self.lines)

    @property
    def first_sent(self):
        """Return the index in ``lines`` from which on the sender has written."""
        return self.lines.index("===" if "===" in self.lines else "---") + 1


def as_bytes(lines):
    """Return the header block of these lines, without the marks."""
    fields = (one for one in lines if one not in ("---", "==="))
    return "".join(f"{one}\r\n" for one in fields).encode() + b"\r\n"


SENT = """\
Received: from desk ([198.51.100.7]) by mx.customer.test with ESMTPSA id 9;
 Mon, 2 Nov 2026 08:00:00 +0000
From: Lan <lan@customer.test>
To: undisclosed-recipients:;
Subject: Offer
"""

MICROSOFT = (
    Block(
        "China, operated by 21Vianet",
        "partner.outlook.cn",
        """\
Received: from NT0PR01MB1095.CHNPR01.prod.partner.outlook.cn
 (2406:e500:c510:3::11) by NT0PR01MB1210.CHNPR01.prod.partner.outlook.cn with
 HTTPS; Mon, 2 Nov 2026 08:00:02 +0000
Received: from NT0PR01CA0017.CHNPR01.prod.partner.outlook.cn
 (2406:e500:c510:c::13) by NT0PR01MB1095.CHNPR01.prod.partner.outlook.cn
 (2406:e500:c510:3::11) with Microsoft SMTP Server (version=TLS1_2,
 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.7897.26; Mon, 2 Nov
 2026 08:00:01 +0000
Received: from BJSCHN02FT006.eop-CHN02.prod.protection.partner.outlook.cn
 (2406:e500:c510:c:cafe::3c) by NT0PR01CA0017.CHNPR01.prod.partner.outlook.cn
 (2406:e500:c510:c::13) with Microsoft SMTP Server (version=TLS1_2,
 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.7897.26 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; dkim=pass (signature was verified)
 header.d=customer.test;dmarc=pass action=none
 header.from=customer.test;compauth=pass reason=100
Received-SPF: Pass (protection.partner.outlook.cn: domain of customer.test
 designates 203.0.113.44 as permitted sender)
 receiver=protection.partner.outlook.cn; client-ip=203.0.113.44;
Received: from mx.customer.test (203.0.113.44) by
 BJSCHN02FT006.mail.protection.partner.outlook.cn (10.43.110.10) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.7897.12 via
 Frontend Transport; Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-MS-Exchange-Organization-SCL: 1
""",
        said="pass pass pass",
        real=True,
        spam=False,
    ),
    Block(
        "GCC High",
        "outlook.office365.us",
        """\
Received: from BN1P110MB0939.NAMP110.PROD.OUTLOOK.COM (2001:489a:200:16c::9)
 by SA1P110MB1101.NAMP110.PROD.OUTLOOK.COM with HTTPS; Mon, 2 Nov 2026
 08:00:02 +0000
Received: from PH1P110CA0012.NAMP110.PROD.OUTLOOK.COM (2001:489a:200:18d::17)
 by BN1P110MB0939.NAMP110.PROD.OUTLOOK.COM (2001:489a:200:16c::9) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.6500.31; Mon, 2
 Nov 2026 08:00:01 +0000
Received: from BN1NAM02FT048.eop-nam02.prod.protection.office365.us
 (2001:489a:200:18d:cafe::e1) by PH1P110CA0012.office365.us
 (2001:489a:200:18d::17) with Microsoft SMTP Server (version=TLS1_2,
 cipher=X) id 15.20.6500.31 via Frontend Transport; Mon, 2 Nov 2026 08:00:01
 +0000
Authentication-Results: spf=softfail (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; dkim=none (message not signed)
 header.d=none;dmarc=fail action=quarantine
 header.from=customer.test;compauth=fail reason=000
Received-SPF: SoftFail (protection.outlook.com: domain of transitioning
 customer.test discourages use of 203.0.113.44 as permitted sender)
Received: from mx.customer.test (203.0.113.44) by
 BN1NAM02FT048.mail.protection.office365.us (10.97.5.12) with Microsoft SMTP
 Server (version=TLS1_2, cipher=X) id 15.20.6500.31 via Frontend Transport;
 Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-MS-Exchange-Organization-SCL: 5
X-Microsoft-Antispam-Mailbox-Delivery:
 ucf:0;jmr:0;auth:0;dest:J;OFR:SpamFilterAuthJ;ENG:(910001)(944506478);
""",
        said="softfail none fail",
        real=False,
        spam=True,
    ),
    Block(
        "North America, over two Frontend Transports",
        "outlook.office365.com",
        """\
Received: from PH0PR08MB8214.namprd08.prod.outlook.com (::1) by
 SN6PR08MB5101.namprd08.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 08:00:03
 +0000
ARC-Seal: i=1; a=rsa-sha256; s=arcselector10001; d=microsoft.com; cv=none; b=x
ARC-Message-Signature: i=1; a=rsa-sha256; d=microsoft.com; s=x; h=From; bh=x
ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=none; dmarc=none;
 dkim=none; arc=none (0)
Received: from BN9PR03CA0801.namprd03.prod.outlook.com (2603:10b6:408:13f::26)
 by PH0PR08MB8214.namprd08.prod.outlook.com (2603:10b6:510:10e::11) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.8114.20; Mon, 2
 Nov 2026 08:00:02 +0000
Received: from BN2PEPF000055DE.namprd21.prod.outlook.com
 (2603:10b6:408:13f:cafe::87) by BN9PR03CA0801.outlook.office365.com
 (2603:10b6:408:13f::26) with Microsoft SMTP Server (version=TLS1_3,
 cipher=TLS_AES_256_GCM_SHA384) id 15.20.8114.20 via Frontend Transport; Mon,
 2 Nov 2026 08:00:02 +0000
Authentication-Results: spf=none (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; dkim=none (message not signed)
 header.d=none;dmarc=none action=none
 header.from=customer.test;compauth=fail reason=001
Received-SPF: None (protection.outlook.com: customer.test does not designate
 permitted sender hosts)
Received: from mx.customer.test (203.0.113.44) by
 BN2PEPF000055DE.mail.protection.outlook.com (10.167.245.8) with Microsoft
 SMTP Server (version=TLS1_3, cipher=X) id 15.20.8114.16 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:01 +0000
---
"""
        + SENT
        + """\
X-IncomingTopHeaderMarker:
 OriginalChecksum:AA;UpperCasedChecksum:BB;SizeAsReceived:1;Count:5
X-IncomingHeaderCount: 5
X-MS-Exchange-Organization-ExpirationStartTime: 02 Nov 2026 08:00:02.0000 (UTC)
X-MS-Exchange-Organization-MessageDirectionality: Incoming
X-MS-Exchange-Organization-AuthSource:
 BN2PEPF000055DE.namprd21.prod.outlook.com
X-MS-Exchange-Organization-AuthAs: Anonymous
X-MS-UserLastLogonTime: 11/2/2026 7:45:00 AM
X-MS-Exchange-Organization-SCL: 5
X-Microsoft-Antispam: BCL:0;
X-Forefront-Antispam-Report:
 CIP:203.0.113.44;CTRY:US;LANG:en;SCL:5;SRV:;IPV:NLI;SFV:SPM;H:mx.customer.test;PTR:mx.customer.test;CAT:SPM;SFTY:;SFS:(13230040);DIR:INB;
X-Microsoft-Antispam-Mailbox-Delivery:
 abwl:0;wl:0;pcwl:0;kl:0;iwl:0;dwl:0;dkl:0;rwl:0;ucf:0;jmr:0;ex:0;auth:0;dest:J;OFR:SpamFilterAuthJ;ENG:(5062000308);RF:JunkEmail;
""",
        said="none none none",
        real=False,
        spam=True,
    ),
    Block(
        "consumer Outlook, of 2019",
        "outlook.office365.com",
        """\
Received: from VE1EUR02HT052.eop-EUR02.prod.protection.outlook.com
 (2603:10a6:3:a::14) by HE1PR0901MB1500.eurprd09.prod.outlook.com with HTTPS
 via HE1PR0901CA0064.EURPRD09.PROD.OUTLOOK.COM; Mon, 2 Nov 2026 08:00:02 +0000
Received: from VE1EUR02FT007.eop-EUR02.prod.protection.outlook.com
 (10.152.12.55) by VE1EUR02HT052.eop-EUR02.prod.protection.outlook.com
 (10.152.13.133) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id
 15.20.1771.16; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; hotmail.com; dkim=pass (signature was verified)
 header.d=customer.test;hotmail.com; dmarc=bestguesspass action=none
 header.from=customer.test;
Received-SPF: Pass (protection.outlook.com: domain of customer.test designates
 203.0.113.44 as permitted sender)
Received: from mx.customer.test (203.0.113.44) by
 VE1EUR02FT007.mail.protection.outlook.com (10.152.12.92) with Microsoft SMTP
 Server (version=TLS1_2, cipher=X) id 15.20.1771.16 via Frontend Transport;
 Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-MS-Exchange-Organization-SCL: -1
X-Microsoft-Antispam-Mailbox-Delivery:
 wl:1;pcwl:1;kl:0;iwl:0;dwl:0;dkl:0;rwl:0;ex:0;auth:1;dest:I;ENG:(5062000284);
""",
        said="pass pass bestguesspass",
        real=True,
        spam=False,
    ),
    Block(
        "another tenant's user writes",
        "outlook.office365.com",
        """\
Received: from DB7PR04MB02.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) by
 VI1PR04MB01.eurprd04.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 08:00:02
 +0000
Received: from AS4P189CA0019.EURP189.PROD.OUTLOOK.COM (2603:10a6:20b:5db::10)
 by DB7PR04MB02.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.8093.21; Mon, 2 Nov
 2026 08:00:01 +0000
Received: from AM3PEPF0000A792.eurprd04.prod.outlook.com
 (2603:10a6:20b:5db:cafe::e7) by AS4P189CA0019.outlook.office365.com
 (2603:10a6:20b:5db::10) with Microsoft SMTP Server (version=TLS1_3, cipher=X)
 id 15.20.8114.20 via Frontend Transport; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=pass (sender IP is 40.107.21.99)
 smtp.mailfrom=customer.test; dkim=pass (signature was verified)
 header.d=customer.onmicrosoft.test;dmarc=pass action=none
 header.from=customer.test;compauth=pass reason=100
Received-SPF: Pass (protection.outlook.com: domain of customer.test designates
 40.107.21.99 as permitted sender)
Received: from EUR05-VI1-obe.outbound.protection.outlook.com (40.107.21.99) by
 AM3PEPF0000A792.mail.protection.outlook.com (10.167.16.121) with Microsoft
 SMTP Server (version=TLS1_3, cipher=X) id 15.20.8114.16 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:00 +0000
---
ARC-Seal: i=1; a=rsa-sha256; s=arcselector10001; d=microsoft.com; cv=none; b=x
ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=pass
 smtp.mailfrom=customer.test; dmarc=pass action=none
 header.from=customer.test; dkim=pass header.d=customer.test; arc=none
Authentication-Results-Original: dkim=none (message not signed)
 header.d=none;dmarc=none action=none header.from=customer.test;
Received: from AM9PR08MB6001.eurprd08.prod.outlook.com (2603:10a6:20b:2d4::7)
 by PA4PR08MB7602.eurprd08.prod.outlook.com (2603:10a6:102:26f::21) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.8093.27; Mon, 2 Nov
 2026 08:00:00 +0000
Received: from AM9PR08MB6001.eurprd08.prod.outlook.com
 ([fe80::1111:2222:3333:4444]) by AM9PR08MB6001.eurprd08.prod.outlook.com
 ([fe80::1111:2222:3333:4444%4]) with mapi id 15.20.8093.027; Mon, 2 Nov 2026
 08:00:00 +0000
From: Lan <lan@customer.test>
To: sales@own.test
Subject: Offer
X-MS-Exchange-Transport-CrossTenantHeadersStamped: PA4PR08MB7602
X-MS-Exchange-Organization-AuthAs: Anonymous
X-MS-Exchange-Organization-SCL: 1
""",
        said="pass pass pass",
        real=True,
        spam=False,
        network="40.107.21.0/24",
    ),
    Block(
        "a colleague of the same organisation writes",
        "outlook.office365.com",
        """\
Received: from DB7PR04MB02.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) by
 VI1PR04MB01.eurprd04.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 08:00:02
 +0000
Received: from AM9PR08MB6001.eurprd08.prod.outlook.com (2603:10a6:20b:2d4::7)
 by DB7PR04MB02.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.8093.27; Mon, 2 Nov
 2026 08:00:00 +0000
Received: from AM9PR08MB6001.eurprd08.prod.outlook.com
 ([fe80::1111:2222:3333:4444]) by AM9PR08MB6001.eurprd08.prod.outlook.com
 ([fe80::1111:2222:3333:4444%4]) with mapi id 15.20.8093.027; Mon, 2 Nov 2026
 08:00:00 +0000
---
From: Lan <lan@own.test>
To: sales@own.test
Subject: Offer
Authentication-Results: dkim=none (message not signed) header.d=none;dmarc=none
 action=none header.from=own.test;
X-MS-Exchange-Organization-AuthAs: Internal
X-MS-Exchange-Organization-SCL: -1
""",
        spam=False,
        network="",
    ),
    Block(
        "a gateway of the customer's own stands before it",
        "outlook.office365.com",
        """\
Received: from DB7PR04MB02.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) by
 VI1PR04MB01.eurprd04.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 08:00:02
 +0000
Received: from AM3PEPF0000A792.eurprd04.prod.outlook.com
 (2603:10a6:20b:5db:cafe::e7) by AS4P189CA0019.outlook.office365.com
 (2603:10a6:20b:5db::10) with Microsoft SMTP Server (version=TLS1_3, cipher=X)
 id 15.20.8114.20 via Frontend Transport; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=fail (sender IP is 207.82.80.151)
 smtp.mailfrom=customer.test; dkim=fail (body hash did not verify)
 header.d=customer.test;dmarc=fail action=oreject
 header.from=customer.test;compauth=none reason=451
Received-SPF: Fail (protection.outlook.com: domain of customer.test does not
 designate 207.82.80.151 as permitted sender)
Received: from eu-smtp-inbound-delivery-1.mimecast.com (207.82.80.151) by
 AM3PEPF0000A792.mail.protection.outlook.com (10.167.16.121) with Microsoft
 SMTP Server (version=TLS1_3, cipher=X) id 15.20.8114.16 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:00 +0000
---
Received: from mx.customer.test (mx.customer.test [203.0.113.44]) (Using TLS)
 by relay.mimecast.com with ESMTP id uk-mta-1; Mon, 2 Nov 2026 08:00:00 +0000
X-Mimecast-Spam-Score: 0
Authentication-Results: relay.mimecast.com; dkim=pass header.d=customer.test;
 dmarc=pass (policy=reject) header.from=customer.test; spf=pass (relay.mimecast.com)
From: Lan <lan@customer.test>
To: sales@own.test
Subject: Offer
X-MS-Exchange-Organization-SCL: -1
X-MS-Exchange-SkipListedInternetSender: ip=[203.0.113.44];domain=mx.customer.test
""",
        said="fail fail fail",
        real=False,
        spam=False,
        network="207.82.80.0/24",
    ),
)

GOOGLE = (
    Block(
        "forwarded by another Gmail account",
        "imap.gmail.com",
        """\
Delivered-To: catchall@own.test
Received: by 2002:a05:622a:1a15:b0:4b0:7ea6:1b2c with SMTP id f21csp100;
        Mon, 2 Nov 2026 00:00:03 -0800 (PST)
X-Forwarded-Encrypted: i=2; AJvYcCU@own.test
X-Google-Smtp-Source: AGHT+x
X-Received: by 2002:a05:620a:4546:b0:7e3:297d:ec4c with SMTP id a1;
        Mon, 2 Nov 2026 00:00:03 -0800 (PST)
ARC-Authentication-Results: i=2; mx.google.com;
       dkim=pass header.i=@customer.test header.s=s1 header.b=x
Return-Path: <sales+caf_=catchall=own.test@other.test>
Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41])
        by mx.google.com with SMTPS id a1sor100.2026.11.02.00.00.03
        for <catchall@own.test>
        (Google Transport Security);
        Mon, 02 Nov 2026 00:00:03 -0800 (PST)
---
Received-SPF: pass (google.com: domain of sales+caf_=catchall=own.test@other.test
 designates 209.85.220.41 as permitted sender) client-ip=209.85.220.41;
Authentication-Results: mx.google.com;
       dkim=pass header.i=@customer.test header.s=s1 header.b=x;
       arc=pass (i=1 spf=pass spfdomain=customer.test dkim=pass dmarc=pass);
       spf=pass (google.com: domain of sales+caf_=catchall=own.test@other.test
 designates 209.85.220.41 as permitted sender)
 smtp.mailfrom="sales+caf_=catchall=own.test@other.test";
       dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=customer.test
===
X-Gm-Message-State: AOJu0Yx
X-Forwarded-To: catchall@own.test
X-Forwarded-For: sales@other.test catchall@own.test
Delivered-To: sales@other.test
Received: by 2002:a05:7000:1::1 with SMTP id x; Mon, 2 Nov 2026 00:00:02 -0800
Received: from mx.customer.test (mx.customer.test. [203.0.113.44]) by
 mx.google.com with ESMTPS id c3 for <sales@other.test>
"""
        + SENT,
        said="pass pass pass",
        real=True,
        network="209.85.220.0/24",
    ),
    Block(
        "a Google Group of the own domain",
        "imap.gmail.com",
        """\
Delivered-To: catchall@own.test
Received: by 2002:a05:6a10:1::1 with SMTP id a1csp12;
        Mon, 2 Nov 2026 00:00:03 -0800 (PST)
X-Received: by 2002:a17:90b:1::1 with SMTP id b2mr3;
        Mon, 2 Nov 2026 00:00:03 -0800 (PST)
Return-Path: <sales+bncBCY2@own.test>
Received: from mail-sor-f69.google.com (mail-sor-f69.google.com. [209.85.220.69])
        by mx.google.com with SMTPS id b2sor3 for <catchall@own.test>
        (Google Transport Security); Mon, 02 Nov 2026 00:00:03 -0800 (PST)
---
Received-SPF: pass (google.com: domain of sales+bncbcy2@own.test designates
 209.85.220.69 as permitted sender) client-ip=209.85.220.69;
Authentication-Results: mx.google.com;
       dkim=pass header.i=@own.test header.s=google header.b=x;
       spf=pass smtp.mailfrom=sales+bncBCY2@own.test;
       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=own.test
===
X-BeenThere: sales@own.test
Received: by 2002:a17:90a:1::1 with SMTP id x; Mon, 2 Nov 2026 00:00:02 -0800
X-Original-Authentication-Results: mx.google.com; dkim=pass
 header.i=@customer.test; spf=pass smtp.mailfrom=lan@customer.test; dmarc=pass
Received: from mx.customer.test (mx.customer.test. [203.0.113.44]) by
 mx.google.com with ESMTPS id c3 for <sales@own.test>
X-Original-Sender: lan@customer.test
From: "'Lan' via sales" <sales@own.test>
To: sales@own.test
Subject: Offer
""",
        said="pass pass pass",
        real=True,
        network="209.85.220.0/24",
    ),
    Block(
        "no signature and no policy, over IPv6",
        "imap.gmail.com",
        """\
Delivered-To: catchall@own.test
Received: by 10.25.21.3 with SMTP id l3csp1; Mon, 2 Nov 2026 00:00:03 -0800 (PST)
X-Received: by 10.194.1.1 with SMTP id l1; Mon, 2 Nov 2026 00:00:03 -0800 (PST)
Return-Path: <lan@customer.test>
Received: from mx.customer.test ([2001:4860:4802:32::a])
        by mx.google.com with ESMTP id b2 for <hoa@own.test>;
        Mon, 02 Nov 2026 00:00:02 -0800 (PST)
---
Received-SPF: neutral (google.com: 2001:4860:4802:32::a is neither permitted nor
 denied by best guess record for domain of lan@customer.test)
Authentication-Results: mx.google.com;
       spf=neutral (google.com: 2001:4860:4802:32::a is neither permitted nor
 denied by best guess record for domain of lan@customer.test)
 smtp.mailfrom=lan@customer.test
===
"""
        + SENT,
        said="neutral - -",
        real=False,
        network="2001:4860:4802:32::/64",
        original="hoa@own.test",
    ),
    Block(
        "written with the account's own program",
        "imap.gmail.com",
        """\
Received: from [192.168.1.7] (dynamic.isp.test. [203.0.113.44])
        by smtp.gmail.com with ESMTPSA id a1 for <hoa@own.test>
        (version=TLS1_3 cipher=X); Mon, 02 Nov 2026 00:00:02 -0800 (PST)
---
From: Catch-all <catchall@own.test>
To: hoa@own.test
Subject: Offer
Authentication-Results: mx.google.com; dmarc=pass header.from=own.test
""",
        original="hoa@own.test",
    ),
)

OTHERS = (
    Block(
        "Rackspace",
        "secure.emailsrvr.com",
        """\
Delivered-To: catchall@own.test
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from director5.mail.iad3b.rsapps.net ([172.31.157.9]) by
 backend41.mail.iad3b.rsapps.net (Dovecot) with LMTP id x for
 <catchall@own.test>; Mon, 2 Nov 2026 03:00:02 -0500
Received: from proxy17.mail.iad3a.rsapps.net ([172.27.129.38]) by
 director5.mail.iad3b.rsapps.net (Dovecot) with LMTP id x ; Mon, 2 Nov 2026
 03:00:02 -0500
Received: from smtp14.gate.iad3a ([172.27.255.53]) (using TLSv1.2 with cipher
 ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)) by proxy17.mail.iad3a.rsapps.net
 (Dovecot) with LMTP id x ; Mon, 2 Nov 2026 03:00:01 -0500
Return-Path: <lan@customer.test>
X-Spam-Threshold: 95
X-Spam-Score: 100
Precedence: junk
X-Spam-Flag: YES
X-Virus-Scanned: OK
X-Orig-To: hoa@own.test
X-Originating-Ip: [203.0.113.44]
Authentication-Results: smtp14.gate.iad3a.rsapps.net; iprev=pass
 policy.iprev="203.0.113.44"; spf=neutral smtp.mailfrom="lan@customer.test"
 smtp.helo="mx.customer.test"; dkim=none (message not signed) header.d=none;
 dmarc=none (p=nil; dis=none) header.from=customer.test
X-Classification-ID: df82d834-a2eb-11e7-b6bd-b8ca3a5bbb60-1-1
Received: from [203.0.113.44] ([203.0.113.44:53887] helo=mx.customer.test) by
 smtp14.gate.iad3a.rsapps.net (envelope-from <lan@customer.test>) (ecelerity
 4.2.1.56364 r(Core:4.2.1.14)) with ESMTPS (cipher=DHE-RSA-AES256-GCM-SHA384)
 id E3/AD-22478-8F1AAC95; Mon, 2 Nov 2026 03:00:00 -0500
---
"""
        + SENT,
        said="neutral none none",
        real=False,
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "Rackspace, no spam",
        "secure.emailsrvr.com",
        """\
Delivered-To: catchall@own.test
Received: from director5.mail.iad3b.rsapps.net ([172.31.157.9]) by
 backend41.mail.iad3b.rsapps.net (Dovecot) with LMTP id x for
 <catchall@own.test>; Mon, 2 Nov 2026 03:00:02 -0500
Received: from smtp14.gate.iad3a ([172.27.255.53]) (using TLSv1.2 with cipher
 ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)) by proxy17.mail.iad3a.rsapps.net
 (Dovecot) with LMTP id x ; Mon, 2 Nov 2026 03:00:01 -0500
X-Spam-Threshold: 95
X-Spam-Score: 12
X-Spam-Flag: NO
X-Virus-Scanned: OK
X-Orig-To: hoa@own.test
Authentication-Results: smtp14.gate.iad3a.rsapps.net; iprev=pass
 policy.iprev="203.0.113.44"; spf=pass smtp.mailfrom="lan@customer.test"
 smtp.helo="mx.customer.test"; dkim=pass header.d=customer.test; dmarc=pass
 (p=none; dis=none) header.from=customer.test
X-Suspicious-Flag: NO
X-Classification-ID: x
Received: from [203.0.113.44] ([203.0.113.44:53887] helo=mx.customer.test) by
 smtp14.gate.iad3a.rsapps.net (envelope-from <lan@customer.test>) (ecelerity
 4.2.38.62370 r(:)) with ESMTPS (cipher=X) id E3; Mon, 2 Nov 2026 03:00:00 -0500
---
"""
        + SENT,
        said="pass pass pass",
        real=True,
        spam=False,
        original="hoa@own.test",
    ),
    Block(
        "Zimbra with amavis",
        "mail.own.test",
        """\
Return-Path: lan@customer.test
Received: from mail.own.test (LHLO mail.own.test) (192.168.50.141) by
 mail.own.test with LMTP; Mon, 2 Nov 2026 15:00:03 +0700 (ICT)
Received: from localhost (localhost [127.0.0.1])
\tby mail.own.test (Postfix) with ESMTP id 4BF272630A6
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:03 +0700 (+07)
X-Spam-Flag: YES
X-Spam-Score: 8.009
X-Spam-Level: ********
X-Spam-Status: Yes, score=8.009 required=6.6 tests=[BAYES_99=3.5,
\tHTML_MESSAGE=0.001] autolearn=no autolearn_force=no
Authentication-Results: mail.own.test (amavis); dkim=fail (1024-bit key)
\treason="fail (message has been altered)" header.d=customer.test
Received: from mail.own.test ([127.0.0.1])
\tby localhost (mail.own.test [127.0.0.1]) (amavis, port 10024) with ESMTP
\tid IJDkrPr9bsDh for <hoa@own.test>; Mon,  2 Nov 2026 15:00:02 +0700 (+07)
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby mail.own.test (Postfix) with ESMTPS id 2BF272630A7
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:01 +0700 (+07)
---
"""
        + SENT,
        said="- fail -",
        real=False,
        spam=True,
        original="hoa@own.test",
        hosts=("own.test",),
    ),
    Block(
        "Zimbra, two machines, of 2014",
        "mail.own.test",
        """\
Return-Path: lan@customer.test
Received: from mta01.own.test (LHLO mta01.own.test) (10.0.0.5) by
 mbox01.own.test with LMTP; Mon, 2 Nov 2026 15:00:03 +0700 (ICT)
Received: from localhost (localhost.localdomain [127.0.0.1])
\tby mta01.own.test (Postfix) with ESMTP id 35A12E49D
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:03 +0700 (ICT)
X-Virus-Scanned: amavisd-new at own.test
X-Spam-Flag: NO
X-Spam-Score: -1.899
X-Spam-Level:
X-Spam-Status: No, score=-1.899 tagged_above=-10 required=3
\ttests=[BAYES_00=-1.9] autolearn=ham
Received: from mta01.own.test ([127.0.0.1])
\tby localhost (mta01.own.test [127.0.0.1]) (amavisd-new, port 10024)
\twith ESMTP id ty-r3CDV-Uii for <hoa@own.test>;
\tMon,  2 Nov 2026 15:00:02 +0700 (ICT)
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby mta01.own.test (Postfix) with ESMTP id B8E73E499
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:01 +0700 (ICT)
---
"""
        + SENT,
        spam=False,
        original="hoa@own.test",
        hosts=("own.test",),
    ),
    Block(
        "FortiMail before Exchange",
        "mail.own.test",
        """\
Received: from EX01.own.test (192.168.10.11) by EX02.own.test (192.168.10.12)
 with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2507.39 via
 Mailbox Transport; Mon, 2 Nov 2026 08:00:02 +0000
Received: from EX02.own.test (192.168.10.12) by EX01.own.test (192.168.10.11)
 with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2507.39; Mon, 2
 Nov 2026 08:00:02 +0000
Received: from fortimail.own.test (192.168.10.5) by EX02.own.test
 (192.168.10.12) with Microsoft SMTP Server id 15.1.2507.39 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:01 +0000
---
Received: from mx.customer.test ([203.0.113.44])
\tby fortimail.own.test  with ESMTP id 4A2800e1007584-4A2800e2007584
\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=OK);
\tMon, 2 Nov 2026 15:00:00 +0700
---
"""
        + SENT
        + """\
X-FEAS-SPF: spf-result=softfail, ip=203.0.113.44, helo=mx.customer.test,
 mailFrom=lan@customer.test
Authentication-Results: fortimail.own.test;
\tspf=softfail (own.test: domain of lan@customer.test does not designate
 203.0.113.44 as permitted sender) smtp.mailfrom=lan@customer.test;
\tdkim=none; dmarc=fail header.from=customer.test
X-FE-Policy-ID: 9:6:0:own.test
X-MS-Exchange-Organization-AuthSource: EX02.own.test
X-MS-Exchange-Organization-AuthAs: Anonymous
X-MS-Exchange-Organization-SCL: 6
""",
        spam=True,
        network="",
    ),
    Block(
        "Exchange Online before Exchange Server",
        "mail.own.test",
        """\
Received: from EX02.own.test (192.168.10.12) by EX02.own.test (192.168.10.12)
 with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.2.1118.7 via
 Mailbox Transport; Mon, 2 Nov 2026 08:00:02 +0000
Received: from EX02.own.test (192.168.10.12) by EX02.own.test (192.168.10.12)
 with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.2.1118.7; Mon, 2
 Nov 2026 08:00:02 +0000
Received: from EUR05-VI1-obe.outbound.protection.outlook.com (40.107.21.99) by
 mail.own.test (192.168.10.12) with Microsoft SMTP Server (version=TLS1_2,
 cipher=X) id 15.2.1118.7 via Frontend Transport; Mon, 2 Nov 2026 08:00:01
 +0000
---
Received: from AM3PEPF0000A792.eurprd04.prod.outlook.com
 (2603:10a6:20b:5db:cafe::e7) by AS4P189CA0019.outlook.office365.com
 (2603:10a6:20b:5db::10) with Microsoft SMTP Server (version=TLS1_3, cipher=X)
 id 15.20.8114.20 via Frontend Transport; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; dkim=none (message not signed)
 header.d=none;dmarc=pass action=none header.from=customer.test;
"""
        + SENT
        + """\
X-MS-Exchange-Organization-AuthAs: Anonymous
X-MS-Exchange-Organization-SCL: 1
""",
        spam=False,
        network="40.107.21.0/24",
    ),
    Block(
        "a colleague writes by Exchange Server",
        "mail.own.test",
        """\
Received: from EX01.own.test (192.168.10.11) by EX02.own.test (192.168.10.12)
 with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2507.39 via
 Mailbox Transport; Mon, 2 Nov 2026 08:00:02 +0000
Received: from EX01.own.test (192.168.10.11) by EX01.own.test (192.168.10.11)
 with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2507.39; Mon, 2
 Nov 2026 08:00:02 +0000
Received: from EX01.own.test ([fe80::1:2:3:4]) by EX01.own.test
 ([fe80::1:2:3:4%12]) with mapi id 15.01.2507.039; Mon, 2 Nov 2026 08:00:01
 +0000
---
From: Hoa <hoa@own.test>
To: sales@own.test
Subject: Offer
X-MS-Exchange-Organization-SCL: -1
X-MS-Exchange-Organization-AuthAs: Internal
""",
        spam=False,
        network="",
    ),
    Block(
        "FortiMail in server mode",
        "mail.own.test",
        """\
Received: from mx.customer.test ([203.0.113.44])
\tby mail.own.test  with ESMTP id 4A2800e1007584-4A2800e3007584
\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=OK)
\tfor <hoa@own.test>; Mon, 2 Nov 2026 15:00:00 +0700
---
"""
        + SENT
        + """\
Authentication-Results: mail.own.test;
\tspf=fail smtp.mailfrom=lan@customer.test
\tdmarc=fail header.from=customer.test
X-FE-Policy-ID: 9:6:0:own.test
X-Spam-Flag: YES
""",
        said="fail - fail",
        real=False,
        original="hoa@own.test",
    ),
    Block(
        "mailcow",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from mail.own.test ([fd4d:6169:6c63:6f77::a])
\tby 7d8d3a5f1a2b with LMTP
\tid AAAA (envelope-from <lan@customer.test>)
\tfor <catchall@own.test>; Mon, 02 Nov 2026 08:00:01 +0000
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
\t key-exchange X25519 server-signature RSA-PSS (2048 bits))
\t(No client certificate requested)
\tby mail.own.test (Postcow) with ESMTPS id 1A2B3C
\tfor <hoa@own.test>; Mon,  2 Nov 2026 08:00:00 +0000 (UTC)
---
Authentication-Results: mail.own.test;
\tdkim=none;
\tspf=fail (mail.own.test: domain of lan@customer.test does not designate
 203.0.113.44 as permitted sender) smtp.mailfrom=lan@customer.test;
\tdmarc=fail reason="No valid SPF, No valid DKIM" header.from=customer.test
 (policy=none)
X-Last-TLS-Session-Version: TLSv1.3
===
"""
        + SENT
        + """\
X-Rspamd-Queue-Id: 1A2B3C
X-Spamd-Result: default: False [-0.10 / 15.00];
""",
        said="fail none fail",
        real=False,
        original="hoa@own.test",
    ),
    Block(
        "Plesk with qmail and SpamAssassin",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
Delivered-To: 3-hoa@own.test
Received: (qmail 12345 invoked by uid 110); 2 Nov 2026 09:00:01 +0100
X-Spam-Checker-Version: SpamAssassin 3.4.0 on server.hoster.test
X-Spam-Level: ***
X-Spam-Status: No, score=3.1 required=7.0 tests=HTML_MESSAGE autolearn=no
Received: from mx.customer.test (203.0.113.44)
  by server.hoster.test with (DHE-RSA-AES256-SHA encrypted) SMTP; 2 Nov 2026
 09:00:00 +0100
---
"""
        + SENT,
        spam=False,
        original="hoa@own.test",
    ),
    Block(
        "Plesk with Postfix",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
X-Original-To: hoa@own.test
Delivered-To: catchall@own.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby server.hoster.test (Postfix) with ESMTPS id 1A2B3C
\tfor <hoa@own.test>; Mon,  2 Nov 2026 09:00:00 +0100 (CET)
---
X-PPP-Vhost: own.test
Authentication-Results: server.hoster.test;
        dmarc=none (p=NONE sp=NONE) smtp.from=customer.test header.from=customer.test;
        dkim=none;
        spf=softfail smtp.mailfrom=lan@customer.test smtp.helo=mx.customer.test
Received-SPF: softfail (server.hoster.test: transitioning domain of customer.test)
===
"""
        + SENT,
        said="softfail none none",
        real=False,
        original="hoa@own.test",
    ),
    Block(
        "Exim with MailScanner",
        "mail.own.test",
        """\
Return-path: <lan@customer.test>
Envelope-to: hoa@own.test
Delivery-date: Mon, 02 Nov 2026 08:00:05 +0000
Received: from [203.0.113.44] (helo=mx.customer.test)
\tby server.hoster.test with esmtps (TLS1.2) tls X (Exim 4.96)
\t(envelope-from <lan@customer.test>) id 1abc for hoa@own.test;
\tMon, 02 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-HosterTest-MailScanner-Information: Please contact the ISP
X-HosterTest-MailScanner-ID: 1abc
X-HosterTest-MailScanner: Found to be clean
X-HosterTest-MailScanner-SpamCheck: spam, SpamAssassin (not cached,
\tscore=8.1, required 5, BAYES_99 3.50)
X-HosterTest-MailScanner-SpamScore: ssssssss
X-HosterTest-MailScanner-From: lan@customer.test
X-Spam-Status: Yes
""",
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "Postfix with MailScanner, behind a sender's own",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
X-Original-To: hoa@own.test
Delivered-To: catchall@own.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby mail.own.test (Postfix) with ESMTPS id 56C70000A6F
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:01 +0700 (+07)
---
"""
        + SENT
        + """\
X-Customer-MailScanner-ID: 7F0E0000B11.A1C2D
X-Customer-MailScanner: Found to be clean
X-Customer-MailScanner-SpamCheck: spam, SpamAssassin (not cached, score=6,
\trequired 5, BAYES_99 3.50)
X-Spam-Status: Yes
X-Own-MailScanner-Information: Please contact the ISP
X-Own-MailScanner-ID: 56C70000A6F.AF21B
X-Own-MailScanner: Found to be clean
X-Own-MailScanner-SpamCheck: not spam, SpamAssassin (not cached, score=-1.87,
\trequired 5, autolearn=not spam, BAYES_00 -0.75)
X-Own-MailScanner-From: lan@customer.test
X-Spam-Status: No
""",
        spam=False,
        original="hoa@own.test",
    ),
    Block(
        "cPanel behind SpamExperts",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from server.hoster.test
\tby server.hoster.test with LMTP id AAAA
\t(envelope-from <lan@customer.test>) for <catchall@own.test>;
\tMon, 02 Nov 2026 08:00:02 +0000
Return-path: <lan@customer.test>
Envelope-to: hoa@own.test
Delivery-date: Mon, 02 Nov 2026 08:00:02 +0000
Received: from delivery44.antispamcloud.com ([203.0.113.44]:52630)
\tby server.hoster.test with esmtps (TLS1.3) tls X (Exim 4.98)
\t(envelope-from <lan@customer.test>) id 1abc-0001
\tfor hoa@own.test; Mon, 02 Nov 2026 08:00:01 +0000
---
Received: from mx.customer.test ([198.51.100.9])
\tby mx218.antispamcloud.com with esmtps (Exim 4.94.2)
\t(envelope-from <lan@customer.test>) id 1xyz for hoa@own.test
X-Spampanel-Class: ham
Authentication-Results: antispamcloud.com; spf=pass smtp.mailfrom=lan@customer.test
"""
        + SENT
        + """\
X-Spam-Status: No, score=0.8
X-Spam-Score: 8
X-Spam-Bar: /
X-Ham-Report: Spam detection software, running on the system
 "server.hoster.test", has NOT identified this incoming email as spam.
X-Spam-Flag: NO
""",
        original="hoa@own.test",
        spam=False,
    ),
    Block(
        "DirectAdmin with Exim and SpamBlocker",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from server.hoster.test
\tby server.hoster.test with LMTP
\tid AAAA (envelope-from <lan@customer.test>)
\tfor <catchall@own.test>; Mon, 02 Nov 2026 08:00:02 +0000
Envelope-to: hoa@own.test
Delivery-date: Mon, 02 Nov 2026 08:00:02 +0000
Received: from mail by server.hoster.test with spam-scanned (Exim 4.97.1)
\t(envelope-from <lan@customer.test>)
\tid 1abc-0002
\tfor hoa@own.test; Mon, 02 Nov 2026 08:00:02 +0000
X-Spam-Checker-Version: SpamAssassin 4.0.0 (2022-12-14) on server.hoster.test
X-Spam-Level: *
X-Spam-Status: No, score=1.2 required=5.0 tests=HTML_MESSAGE autolearn=no
Received: from mx.customer.test ([203.0.113.44])
\tby server.hoster.test with esmtps  (TLS1.3) tls X
\t(Exim 4.97.1) (envelope-from <lan@customer.test>) id 1abc-0001
\tfor hoa@own.test; Mon, 02 Nov 2026 08:00:00 +0000
---
"""
        + SENT,
        original="hoa@own.test",
        spam=False,
    ),
)

MAILBOXES = (
    Block(
        "QQ",
        "imap.qq.com",
        """\
Received: from mx.customer.test ([203.0.113.44])
\tby newxmmxszc6-1.qq.com (NewMX) with SMTP id 6010A8AD
\tfor <hoa@own.test>; Mon, 2 Nov 2026 16:00:01 +0800
---
X-QQ-mid: xmmxszc6-1t1729135441tm9qrjq3k
X-QQ-XMRINFO: NgToQqU5s31XQ+vYT/V7+uk=
Authentication-Results: mx.qq.com; spf=none smtp.mailfrom=<lan@customer.test>;
\tdkim=none; dmarc=none(permerror) header.from=customer.test
===
"""
        + SENT,
        said="none none none",
        real=False,
        original="hoa@own.test",
    ),
    Block(
        "Tencent exmail, of 2020",
        "imap.exmail.qq.com",
        """\
Received: from mx.customer.test (unknown [203.0.113.44])
\tby bizmx6.qq.com (NewMx) with SMTP id
\tfor <hoa@own.test>; Mon, 02 Nov 2026 16:00:01 +0800
---
X-QQ-FEAT: h0yizCkM5mMZ=
X-QQ-mid: bizmx6t1403739626t7xszqhfx
X-QQ-CSender: lan@customer.test
===
"""
        + SENT,
        original="hoa@own.test",
    ),
    Block(
        "NetEase, a mail of QQ's",
        "imap.163.com",
        """\
Received: from mx.customer.test (unknown [203.0.113.44])
\tby gzga-mx-mtada-g1-2 (Coremail) with SMTP id PikvCgD3jz1gAAAA--.1S3;
\tMon, 02 Nov 2026 16:00:01 +0800 (CST)
---
"""
        + SENT
        + """\
Authentication-Results: gzga-mx-mtada-g1-2; spf=pass smtp.mail=lan@cus
\ttomer.test; dkim=fail header.i=@customer.test; dmarc=fail
\theader.from=customer.test
""",
        said="pass fail fail",
        real=False,
    ),
    Block(
        "MDaemon",
        "mail.own.test",
        """\
X-MDAV-Result: clean
X-MDAV-Processed: mail.own.test, Mon, 02 Nov 2026 15:00:02 +0700
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby mail.own.test (192.168.1.5) (MDaemon PRO v20.0.3)
\twith ESMTPS id md50000.msg for <hoa@own.test>;
\tMon, 02 Nov 2026 15:00:01 +0700
---
X-Spam-Processed: mail.own.test, Mon, 02 Nov 2026 15:00:01 +0700
X-MDPtrLookup-Result: pass dns.ptr=mx.customer.test (ip=203.0.113.44)
X-MDRemoteIP: 203.0.113.44
X-MDRcpt-To: hoa@own.test
X-Return-Path: lan@customer.test
X-MDaemon-Deliver-To: catchall@own.test
===
"""
        + SENT,
        original="hoa@own.test",
    ),
    Block(
        "hMailServer",
        "mail.own.test",
        """\
Return-Path: lan@customer.test
Delivered-To: catchall@own.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby mail.own.test with ESMTPS
\t(version=TLSv1.2 cipher=X bits=256)
\t; Mon, 2 Nov 2026 15:00:01 +0700
---
X-hMailServer-Spam: YES
X-hMailServer-Reason-1: Rejected by SpamCop. - (Score: 3)
X-hMailServer-Reason-Score: 6
===
"""
        + SENT,
        spam=True,
    ),
    Block(
        "Kerio Connect",
        "mail.own.test",
        """\
X-Spam-Status: No, hits=1.2 required=5.0
\ttests=BAYES_00: -1.665,HTML_MESSAGE: 0.001,TOTAL_SCORE: -1.664,autolearn=ham
X-Spam-Level:
Return-Path: <lan@customer.test>
X-Envelope-To: hoa@own.test
Received: from mx.customer.test ([203.0.113.44])
\tby mail.own.test (Kerio Connect 9.4.0) with ESMTPS
\t(using TLSv1.2 with cipher X (256 bits))
\tfor hoa@own.test;
\tMon, 2 Nov 2026 15:00:01 +0700
---
"""
        + SENT,
        spam=False,
        original="hoa@own.test",
    ),
    Block(
        "amavis behind Postfix",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
X-Original-To: hoa@own.test
Delivered-To: catchall@own.test
Received: from localhost (localhost [127.0.0.1])
\tby mail.own.test (Postfix) with ESMTP id AAAA
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:02 +0700 (+07)
X-Virus-Scanned: Debian amavisd-new at mail.own.test
X-Spam-Flag: YES
X-Spam-Score: 9.1
X-Spam-Level: *********
X-Spam-Status: Yes, score=9.1 tagged_above=2 required=6.31 tests=[BAYES_99=3.5]
\tautolearn=no autolearn_force=no
Authentication-Results: mail.own.test (amavisd-new); dkim=pass (2048-bit key)
\theader.d=customer.test
Received: from mail.own.test ([127.0.0.1])
\tby localhost (mail.own.test [127.0.0.1]) (amavisd-new, port 10024)
\twith ESMTP id BBBB for <hoa@own.test>;
\tMon,  2 Nov 2026 15:00:02 +0700 (+07)
Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=203.0.113.44;
 helo=mx.customer.test; envelope-from=lan@customer.test; receiver=<UNKNOWN>
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\t(using TLSv1.3 with cipher X (256/256 bits))
\tby mail.own.test (Postfix) with ESMTPS id CCCC
\tfor <hoa@own.test>; Mon,  2 Nov 2026 15:00:01 +0700 (+07)
---
"""
        + SENT,
        said="pass pass -",
        real=True,
        spam=True,
        original="hoa@own.test",
        hosts=("own.test",),
    ),
    Block(
        "Infomaniak",
        "mail.infomaniak.com",
        """\
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from mta-gw.infomaniak.ch ([10.4.36.170])
\tby mailstore12.infomaniak.ch with LMTP
\tid AAAA (envelope-from <lan@customer.test>)
\tfor <hoa@own.test>; Mon, 02 Nov 2026 09:00:02 +0100
Authentication-Results: mx.infomaniak.com; dmarc=pass (p=none dis=none)
 header.from=customer.test
Authentication-Results: mx.infomaniak.com; dkim=pass (2048-bit key)
 header.d=customer.test header.i=@customer.test
Authentication-Results: mx.infomaniak.com; spf=pass
 smtp.mailfrom=lan@customer.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby mta-gw.infomaniak.ch (Postfix) with ESMTPS id AAAA
\tfor <hoa@own.test>; Mon,  2 Nov 2026 09:00:01 +0100 (CET)
---
"""
        + SENT,
        said="pass pass pass",
        real=True,
        original="hoa@own.test",
    ),
    Block(
        "OVH MX Plan",
        "ssl0.ovh.net",
        """\
Delivered-To: hoa@own.test
Received: from localhost (HELO queue) (127.0.0.1)
\tby localhost with SMTP; 2 Nov 2026 10:00:03 +0200
Received: from unknown (HELO output35.mail.ovh.net) (192.168.11.93)
  by 192.168.1.2 with AES256-GCM-SHA384 encrypted SMTP; 2 Nov 2026 10:00:03
 +0200
Received: from vr26.mail.ovh.net (unknown [10.101.8.26])
\tby out35.mail.ovh.net (Postfix) with ESMTP id AAAA
\tfor <hoa@own.test>; Mon,  2 Nov 2026 08:00:02 +0000 (UTC)
Received: from in42.mail.ovh.net (unknown [10.101.4.42])
\tby vr26.mail.ovh.net (Postfix) with ESMTP id AAAA
\tfor <hoa@own.test>; Mon,  2 Nov 2026 08:00:02 +0000 (UTC)
Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=203.0.113.44;
 helo=mx.customer.test; envelope-from=lan@customer.test; receiver=<UNKNOWN>
Authentication-Results: in42.mail.ovh.net; dkim=pass header.d=customer.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby in42.mail.ovh.net (Postfix) with ESMTPS id AAAA
\tfor <hoa@own.test>; Mon,  2 Nov 2026 08:00:01 +0000 (UTC)
---
"""
        + SENT
        + """\
X-OVH-Remote: 203.0.113.44 (mx.customer.test)
X-Ovh-Tracer-Id: 13957499672468158019
X-VR-SPAMSTATE: OK
X-VR-SPAMSCORE: 0
X-Ovh-Spam-Status: OK
X-Ovh-Spam-Reason: vr: OK; dkim: disabled; spf: disabled
X-Ovh-Message-Type: OK
""",
        said="pass pass -",
        real=True,
        spam=False,
        original="hoa@own.test",
    ),
)

FORMS = (
    Block(
        "Microsoft 365, of 2017",
        "outlook.office365.com",
        """\
MIME-Version: 1.0
Received: from MWHPR1002MB71.namprd10.prod.outlook.com (10.174.1.5) by
 MWHPR1002MB72.namprd10.prod.outlook.com (10.174.1.3) with Microsoft
 SMTP Server (version=TLS1_2, cipher=X) id 15.1.800.13 via Mailbox
 Transport; Mon, 2 Nov 2026 08:00:00 +0000
Received: from BY2PR10MB77.namprd10.prod.outlook.com (10.163.1.25) by
 MWHPR1002MB71.namprd10.prod.outlook.com (10.174.1.5) with Microsoft
 SMTP Server (version=TLS1_2, cipher=X) id 15.1.800.13; Mon, 2 Nov 2026 08:00:00 +0000
Received: from BL2FFO11FD777.protection.gbl (2a01:111:f400:7c01::7) by
 BY1PR10CA77.outlook.office365.com (2a01:111:e400:5000::18) with Microsoft
 SMTP Server (version=TLS1_2, cipher=X) id 15.1.800.12 via
 Frontend Transport; Mon, 2 Nov 2026 08:00:00 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; own.test; dkim=pass (signature was verified)
 header.d=customer.test;own.test; dmarc=pass action=none
 header.from=customer.test;own.test; dkim=pass (signature was verified)
 header.d=customer.test;
Received-SPF: Pass (protection.outlook.com: domain of customer.test
 designates 203.0.113.44 as permitted sender) receiver=protection.outlook.com;
Received: from mx.customer.test (203.0.113.44) by
 BL2FFO11FD777.mail.protection.outlook.com (10.173.1.7) with Microsoft SMTP
 Server (version=TLS1_2, cipher=X) id 15.1.800.11 via Frontend Transport; Mon, 2
 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-MS-Exchange-Organization-SCL: 1
""",
        said="pass pass pass",
        real=True,
        spam=False,
    ),
    Block(
        "Microsoft 365, a forest of Exchange Labs",
        "outlook.office365.com",
        """\
Received: from DB7PR04MB02.prod.exchangelabs.com (::1) by
 VI1PR04MB01.prod.exchangelabs.com with HTTPS; Mon, 2 Nov 2026 08:00:02 +0000
Received: from AS4PR01CA0019.PROD.EXCHANGELABS.COM (2603:10a6:20b:5db::10)
 by DB7PR04MB02.prod.exchangelabs.com (2603:10a6:800:5a::11) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.8093.21; Mon, 2 Nov 2026
 08:00:01 +0000
Received: from AM3PEPF0000A792.namprd03.prod.outlook.com
 (2603:10a6:20b:5db:cafe::e7) by AS4P189CA0019.outlook.office365.com
 (2603:10a6:20b:5db::10) with Microsoft SMTP Server (version=TLS1_3, cipher=X)
 id 15.20.8114.20 via Frontend Transport; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; own.test; dkim=pass (signature was verified)
 header.d=customer.test;own.test; dmarc=pass action=none
 header.from=customer.test;own.test; dkim=pass (signature was verified)
 header.d=customer.test;
Received: from mx.customer.test (203.0.113.44) by
 AM3PEPF0000A792.mail.protection.outlook.com (10.167.16.121) with Microsoft
 SMTP Server (version=TLS1_3, cipher=X) id 15.20.8114.16 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-MS-Exchange-Organization-SCL: 1
""",
        said="pass pass pass",
        real=True,
        spam=False,
    ),
    Block(
        "the user has blocked the sender",
        "outlook.office365.com",
        """\
Received: from DB7PR04MB02.eurprd04.prod.outlook.com (::1) by
 VI1PR04MB01.eurprd04.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 08:00:02 +0000
Received: from AS4P189CA0019.EURP189.PROD.OUTLOOK.COM (2603:10a6:20b:5db::10)
 by DB7PR04MB02.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) with
 Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.8093.21; Mon, 2 Nov 2026
 08:00:01 +0000
Received: from AM3PEPF0000A792.eurprd04.prod.outlook.com
 (2603:10a6:20b:5db:cafe::e7) by AS4P189CA0019.outlook.office365.com
 (2603:10a6:20b:5db::10) with Microsoft SMTP Server (version=TLS1_3, cipher=X)
 id 15.20.8114.20 via Frontend Transport; Mon, 2 Nov 2026 08:00:01 +0000
Authentication-Results: spf=pass (sender IP is 203.0.113.44)
 smtp.mailfrom=customer.test; own.test; dkim=pass (signature was verified)
 header.d=customer.test;own.test; dmarc=pass action=none
 header.from=customer.test;own.test; dkim=pass (signature was verified)
 header.d=customer.test;
Received: from mx.customer.test (203.0.113.44) by
 AM3PEPF0000A792.mail.protection.outlook.com (10.167.16.121) with Microsoft
 SMTP Server (version=TLS1_3, cipher=X) id 15.20.8114.16 via Frontend
 Transport; Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT
        + """\
X-Forefront-Antispam-Report:
 CIP:203.0.113.44;CTRY:US;LANG:en;SRV:;IPV:NLI;SFV:BLK;H:x;PTR:x;DIR:INB;
""",
        said="pass pass pass",
        real=True,
        spam=True,
    ),
    Block(
        "Workspace, routed once more",
        "imap.gmail.com",
        """\
Delivered-To: catchall@own.test
Received: by 2002:a05:622a:1a15:b0:4b0:7ea6:1b2c with SMTP id f21csp100;
        Mon, 2 Nov 2026 00:00:03 -0800 (PST)
X-Google-Smtp-Source: AGHT+x
X-Gm-Spam: 1
X-Gm-Phishy: 0
Return-Path: <lan@customer.test>
Received: from mx.customer.test (mx.customer.test. [203.0.113.44])
        by mx.google.com with ESMTPS id a1si100.2026.11.02.00.00.03
        for <hoa@own.test>
        (version=TLS1_3 cipher=X bits=128/128);
        Mon, 02 Nov 2026 00:00:03 -0800 (PST)
---
Received-SPF: softfail (google.com: domain of transitioning lan@customer.test does
 not designate 203.0.113.44 as permitted sender) client-ip=203.0.113.44;
Authentication-Results: mx.google.com;
       dkim=temperror (no key for signature) header.i=@customer.test header.s=s1
 header.b=x;
       dkim=neutral (body hash did not verify) header.i=@other.test;
       spf=softfail (google.com: domain of transitioning lan@customer.test does not
 designate 203.0.113.44 as permitted sender) smtp.mailfrom=lan@customer.test;
       dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=customer.test;
       dara=neutral header.i=@own.test
===
"""
        + SENT,
        said="softfail temperror fail",
        real=False,
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "Proton, one name for all servers",
        "127.0.0.1",
        """\
Return-Path: <lan@customer.test>
X-Original-To: hoa@own.test
Delivered-To: catchall@own.test
Authentication-Results: mail.protonmail.ch; dkim=pass (Good 1024 bit
    rsa-sha256 signature) header.d=customer.test header.a=rsa-sha256
Authentication-Results: mail.protonmail.ch; dmarc=pass (p=quarantine dis=none)
 header.from=customer.test
Authentication-Results: mail.protonmail.ch; spf=pass smtp.mailfrom=customer.test
Authentication-Results: mail.protonmail.ch; arc=none smtp.remote-ip=203.0.113.44
Received: from mx.customer.test (mx.customer.test [203.0.113.44]) (using TLSv1.3
 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519
 server-signature RSA-PSS (4096 bits)) (No client certificate requested) by
 mailin077.protonmail.ch (Postfix) with ESMTPS id 4XC0000001 for <hoa@own.test>;
 Mon, 2 Nov 2026 08:00:00 +0000 (UTC)
---
"""
        + SENT
        + """\
X-Pm-Spam: 0x
X-Pm-Origin: external
X-Pm-Transfer-Encryption: TLSv1.3
X-Pm-Content-Encryption: on-delivery
X-Pm-Spamscore: 2
X-Pm-Spam-Action: inbox
""",
        said="pass pass pass",
        real=True,
        spam=False,
        original="hoa@own.test",
    ),
    Block(
        "Proton, unsigned",
        "127.0.0.1",
        """\
Return-Path: <lan@customer.test>
X-Original-To: hoa@own.test
Delivered-To: catchall@own.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44]) (using TLSv1.3 with
 cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (No client
 certificate requested) by mailin078.protonmail.ch (Postfix) with ESMTPS id
 4K00000001 for <hoa@own.test>; Mon, 2 Nov 2026 08:00:00 +0000 (UTC)
---
"""
        + SENT
        + """\
Authentication-Results: mail.protonmail.ch; dmarc=fail (p=none dis=none)
 header.from=customer.test
Authentication-Results: mail.protonmail.ch; spf=softfail smtp.mailfrom=customer.test
Authentication-Results: mail.protonmail.ch; arc=none smtp.remote-ip=203.0.113.44
Authentication-Results: mail.protonmail.ch; dkim=none
X-Pm-Origin: external
X-Pm-Spamscore: 101
X-Pm-Spam-Action: phishing
""",
        said="softfail none fail",
        real=False,
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "Yahoo, bulk mail of 2015",
        "imap.mail.yahoo.com",
        """\
X-Apparently-To: hoa@own.test; Mon, 2 Nov 2026 08:00:01 +0000
Return-Path: <lan@customer.test>
X-YahooFilteredBulk: 203.0.113.44
Received-SPF: pass (domain of customer.test designates 203.0.113.44 as permitted
 sender)
X-YMailISG: Gn1x
X-Originating-IP: [203.0.113.44]
Authentication-Results: mta1777.mail.bf1.yahoo.com  from=customer.test;
 domainkeys=fail (bad syntax);  from=customer.test; dkim=neutral (no sig)
Received: from 127.0.0.1  (EHLO mx.customer.test) (203.0.113.44)
  by mta1777.mail.bf1.yahoo.com with SMTP; Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT,
        said="pass neutral -",
        real=True,
        spam=True,
    ),
    Block(
        "Yahoo, no policy",
        "imap.aol.com",
        """\
Received: from 127.0.0.1
 by atlas-production.v2-mail-prod1-gq1.omega.yahoo.com pod-id
 atlas--production-gq1-6f4 with HTTP; Mon, 2 Nov 2026 08:00:01 +0000
Return-Path: <lan@customer.test>
X-Originating-Ip: [203.0.113.44]
Received-SPF: none (domain of customer.test does not designate permitted sender hosts)
Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;
 dkim=unknown;
 spf=none smtp.mailfrom=customer.test;
 dmarc=unknown header.from=customer.test;
X-Apparently-To: hoa@own.test; Mon, 2 Nov 2026 08:00:01 +0000
X-YMailISG: TpDx
Received: from 203.0.113.44 (EHLO mx.customer.test)
 by 10.253.56.11 with SMTP; Mon, 2 Nov 2026 08:00:00 +0000
---
"""
        + SENT,
        said="none permerror permerror",
        real=False,
    ),
    Block(
        "Yandex, no verdict on the sender",
        "imap.yandex.ru",
        """\
Received: from postback7b.mail.yandex.net (postback7b.mail.yandex.net
 [2a02:6b8:c02:900:1:45:1:1])
\tby mail-notsolitesrv-production-main-77.iva.yp-c.yandex.net (notsolitesrv/Yandex)
 with LMTPS id x
\tfor <hoa@own.test>; Mon, 02 Nov 2026 08:00:00 +0300
Received: from mail-nwsmtp-mxfront-production-main-77.sas.yp-c.yandex.net
 (mail-nwsmtp-mxfront-production-main-77.sas.yp-c.yandex.net
 [IPv6:2a02:6b8:c1c:3425:0:640:1:0])
\tby postback7b.mail.yandex.net (Yandex) with ESMTPS id C71C000001
\tfor <hoa@own.test>; Mon,  2 Nov 2026 08:00:00 +0300 (MSK)
Received: from mx.customer.test (unknown [203.0.113.44])
\tby mail-nwsmtp-mxfront-production-main-77.sas.yp-c.yandex.net (mxfront/Yandex)
 with ESMTPS id y;
\tMon, 02 Nov 2026 08:00:00 +0300
---
X-Yandex-Fwd: 1
X-Yandex-Spam: 4
===
"""
        + SENT
        + """\
Return-Path: lan@customer.test
X-Yandex-Forward: 3103
""",
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "Yandex, a user by the web",
        "imap.yandex.ru",
        """\
Received: from postback7j.mail.yandex.net (postback7j.mail.yandex.net
 [2a02:6b8:c04:105:0:640:1:1])
\tby iva8-33cc44dd55ee.qloud-c.yandex.net with LMTP id Zbe;
\tMon, 02 Nov 2026 08:00:00 +0300
Received: from myt6-44dd55ee66ff.qloud-c.yandex.net
 (myt6-44dd55ee66ff.qloud-c.yandex.net [IPv6:2a02:6b8:c12:42a6:0:640:1:2])
\tby postback7j.mail.yandex.net (Yandex) with ESMTP id 9E5400000001;
\tMon,  2 Nov 2026 08:00:00 +0300 (MSK)
X-Yandex-Internal: 1
Received: from mail.yandex.ru (mail.yandex.ru [203.0.113.44])
\tby myt6-44dd55ee66ff.qloud-c.yandex.net (mxback/Yandex) with HTTP id SRK;
\tMon, 02 Nov 2026 08:00:00 +0300
---
X-Yandex-TimeMark: 1793606400.100
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.test; s=mail;
 t=1793606400; b=x
Authentication-Results: myt6-44dd55ee66ff.qloud-c.yandex.net; dkim=pass
 header.i=@customer.test
X-Yandex-Suid-Status: 1 1130000000000001
X-Yandex-Spam: 1
===
X-Yandex-Sender-Uid: 1000000001
Received: by myt5-55ee66ff77aa.qloud-c.yandex.net with HTTP;
\tMon, 02 Nov 2026 08:00:00 +0300
From: Lan <lan@customer.test>
To: Hoa <hoa@own.test>
Subject: Offer
""",
        said="- pass -",
        real=True,
        spam=False,
    ),
    Block(
        "iCloud, junk",
        "imap.mail.me.com",
        """\
Return-path: <lan@customer.test>
Original-recipient: rfc822;hoa@own.test
Received: from p00-icloudmta-smtpin-us-central-1n-100-percent-11 by
 p121-mailgateway-smtp-11aa22bb33-44cc5 (mailgateway 2634B97)
\twith SMTP id 11111111-2222-3333-4444-555555555555
\tfor <hoa@own.test>; Mon, 2 Nov 2026 08:00:02 GMT
X-Apple-MoveToFolder: Junk
X-Apple-Action: JUNK/Junk
X-Apple-UUID: 11111111
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\tby p00-icloudmta-smtpin-us-central-1n-100-percent-11 (Postfix) with ESMTPS id
 EC1A00000001
\tfor <hoa@own.test>; Mon, 2 Nov 2026 08:00:00 +0000 (UTC)
---
X-ICL-SCORE: 4.3
X-ICL-INFO: GAtbVUseBVFG
Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc"
X-ARC-Info: policy=fail; arc=pass; id=mx.zohomail.test
Authentication-Results: arc.icloud.com; arc=pass
Authentication-Results: dmarc.icloud.com; dmarc=none header.from=customer.test
X-DMARC-Info: pass=none; dmarc-policy=(nopolicy); s=u0; d=u0; pdomain=customer.test
X-DMARC-Policy: none
Authentication-Results: dkim-verifier.icloud.com;
\tdkim=pass (1024-bit key) header.d=customer.test header.i=@customer.test
 header.b=x
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of
 lan@customer.test designates 203.0.113.44 as permitted sender)
 smtp.mailfrom=lan@customer.test
Received-SPF: pass (spf.icloud.com: domain of lan@customer.test designates
 203.0.113.44 as permitted sender) receiver=spf.icloud.com; client-ip=203.0.113.44;
 helo=mx.customer.test; envelope-from=lan@customer.test
===
"""
        + SENT,
        said="pass pass none",
        real=True,
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "iCloud, of a user of iCloud",
        "p42-imap.mail.me.com",
        """\
Return-path: <lan@customer.test>
Original-recipient: rfc822;hoa@own.test
Received: from p00-icloudmta-asmtp-us-central-1k-100-percent-10 by
 p139-mailgateway-smtp-22bb33cc44-55dd6 (mailgateway 2634B97)
        with SMTP id 11111111
        for <hoa@own.test>; Mon, 2 Nov 2026 08:00:00 GMT
X-Apple-MoveToFolder: INBOX
X-Apple-Action: MOVE_TO_FOLDER/INBOX
X-Apple-UUID: 11111111
Received: from outbound.ci.icloud.com (unknown [127.0.0.2])
        by p00-icloudmta-asmtp-us-central-1k-100-percent-10 (Postfix) with ESMTPS
 id 9A9F00000001
        for <hoa@own.test>; Mon, 2 Nov 2026 08:00:00 +0000 (UTC)
---
X-ICL-RepId: 1
"""
        + SENT,
        spam=False,
        network="",
        original="hoa@own.test",
    ),
    Block(
        "iCloud, of 2018",
        "imap.mail.me.com",
        """\
Return-path: <lan@customer.test>
Original-recipient: rfc822;hoa@own.test
Received: from ms11542.mac.com ([10.13.11.42])
 by ms11542.mac.com (Oracle Communications Messaging Server 7u4-23.01 (7.0.4.23.0)
 64bit (built Aug 10 2011))
 with ESMTP id <0LX@ms11542.mac.com> for hoa@own.test; Mon, 2 Nov 2026 08:00:00
 +0000 (GMT)
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
 by st11p01mm-smtpin005.me.com (Oracle Communications Messaging Server
 8.0.1.3.20170906 64bit (built Sep  6 2017))
 with ESMTPS id <0P@st11p01mm-smtpin005.me.com> for hoa@own.test (ORCPT hoa@own.test);
 Mon, 2 Nov 2026 08:00:00 +0000 (GMT)
---
X-Proofpoint-Virus-Version: vendor=fsecure engine=2.50.10432:,, definitions=2018-01-01
X-Proofpoint-Spam-Details: rule=probablespam policy=default score=59
 classifier=spam adjust=0 reason=mlx
Authentication-results: spf.icloud.com; spf=pass smtp.mailfrom=lan@customer.test
Authentication-results: dkim-verifier.icloud.com; dkim=pass header.d=customer.test
===
"""
        + SENT,
        said="pass pass -",
        original="hoa@own.test",
    ),
    Block(
        "Fastmail, spam",
        "imap.fastmail.com",
        """\
Return-Path: <lan@customer.test>
Received: from phl-compute-02.internal (phl-compute-02.phl.internal [10.202.2.42])
\t by sloti22d1t06 (Cyrus 3.13.0-alpha0-1108-g3a29173c6d-fm) with LMTPA;
\t Mon, 02 Nov 2026 03:00:00 -0500
X-Cyrus-Session-Id: sloti22d1t06-1
X-Sieve: CMU Sieve 3.0
X-Spam-known-sender: no
X-Spam-sender-reputation: 500 (none)
X-Spam-score: 14.2
X-Spam-hits: BAYES_00 -1.9, HTML_MESSAGE 0.001, LANGUAGES en, BAYES_USED user,
  SA_VERSION 4.0.0
X-Spam-source: IP='203.0.113.44', Host='mx.customer.test', Country='DE',
  FromHeader='test', MailFrom='test'
X-Spam-charsets: plain='utf-8', html='utf-8'
X-Spam: spam
X-Resolved-to: catchall@own.test
X-Delivered-to: hoa@own.test
X-Mail-from: lan@customer.test
Received: from phl-mx-02 ([10.202.2.201])
  by phl-compute-02.internal (LMTPProxy); Mon, 02 Nov 2026 03:00:00 -0500
Received: from phl-mx-02.messagingengine.com (localhost [127.0.0.1])
\tby mailmx.phl.internal (Postfix) with ESMTP id 31A1918000A4
\tfor <hoa@own.test>; Mon,  2 Nov 2026 03:00:00 -0500 (EST)
Received: from mailmx.phl.internal (localhost [127.0.0.1])
    by phl-mx-02.messagingengine.com (Authentication Milter) with ESMTP
    id 4A0A5D3A8A2;
    Mon, 2 Nov 2026 03:00:00 -0500
ARC-Seal: i=1; a=rsa-sha256; cv=none; d=messagingengine.com; s=fm3; t=1; b=x
ARC-Authentication-Results: i=1; phl-mx-02.messagingengine.com;
    x-csa=none; x-me-sender=none; x-ptr=pass smtp.helo=mx.customer.test
    policy.ptr=mx.customer.test; dkim=pass header.d=customer.test
Authentication-Results: phl-mx-02.messagingengine.com;
    x-csa=none;
    x-me-sender=none;
    x-ptr=pass smtp.helo=mx.customer.test policy.ptr=mx.customer.test
Authentication-Results: phl-mx-02.messagingengine.com;
    bimi=skipped (DMARC Policy is not at enforcement)
Authentication-Results: phl-mx-02.messagingengine.com;
    arc=none (no signatures found)
Authentication-Results: phl-mx-02.messagingengine.com;
    dkim=pass (2048-bit rsa key sha256) header.d=customer.test
      header.i=@customer.test header.b=x header.a=rsa-sha256 header.s=s1
      x-bits=2048;
    dmarc=pass policy.published-domain-policy=none
      policy.applied-disposition=none policy.evaluated-disposition=none
      (p=none,d=none,d.eval=none) policy.policy-from=p
      header.from=customer.test;
    iprev=pass smtp.remote-ip=203.0.113.44 (mx.customer.test);
    spf=pass smtp.mailfrom=lan@customer.test smtp.helo=mx.customer.test
X-ME-VSCategory: clean
X-ME-CSA: none
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
\t(No client certificate requested)
\tby phl-mx-02.messagingengine.com (Postfix) with ESMTPS id 9DBB61800B54
\tfor <hoa@own.test>; Mon,  2 Nov 2026 03:00:00 -0500 (EST)
---
"""
        + SENT,
        said="pass pass pass",
        real=True,
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "Amazon SES, spam",
        "awsapps.com",
        """\
Return-Path: <lan@customer.test>
Received: from mx.customer.test (mx.customer.test [203.0.113.44])
 by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 7x1
 for hoa@own.test;
 Mon, 02 Nov 2026 08:00:00 +0000 (UTC)
---
X-SES-Spam-Verdict: FAIL
X-SES-Virus-Verdict: PASS
Received-SPF: fail (spfCheck: domain of customer.test designates 203.0.113.44 as
 permitted sender) client-ip=203.0.113.44; envelope-from=lan@customer.test;
 helo=mx.customer.test;
Authentication-Results: amazonses.com;
 spf=fail (spfCheck: domain of customer.test designates 203.0.113.44 as permitted
 sender) client-ip=203.0.113.44; envelope-from=lan@customer.test;
 helo=mx.customer.test;
 dkim=fail header.i=@customer.test;
 dmarc=fail header.from=customer.test;
X-SES-RECEIPT: AEx
X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=x
===
"""
        + SENT,
        said="fail fail fail",
        real=False,
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "cPanel, spam",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from server.hoster.test
\tby server.hoster.test with LMTP
\tid AAAA (envelope-from <lan@customer.test>)
\tfor <catchall@own.test>; Mon, 02 Nov 2026 08:00:02 +0000
Return-path: <lan@customer.test>
Envelope-to: hoa@own.test
Delivery-date: Mon, 02 Nov 2026 08:00:02 +0000
Received: from mx.customer.test ([203.0.113.44]:41232)
\tby server.hoster.test with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384
\t(Exim 4.98.1)
\t(envelope-from <lan@customer.test>)
\tid 1abc-0001
\tfor hoa@own.test;
\tMon, 02 Nov 2026 08:00:01 +0000
---
"""
        + SENT
        + """\
X-Spam-Subject: ***SPAM*** Offer
X-Spam-Status: Yes, score=21.2
X-Spam-Score: 212
X-Spam-Bar: +++++++++++++++++++++
X-Spam-Report: Spam detection software, running on the system "server.hoster.test",
 has identified this incoming email as possible spam.  The original
 message has been attached to this so you can view it or label
 similar future email.
 Content analysis details:   (21.2 points, 5.0 required)
X-Spam-Flag: YES
""",
        spam=True,
        original="hoa@own.test",
    ),
    Block(
        "cPanel behind another one",
        "mail.own.test",
        """\
Return-Path: <lan@customer.test>
Delivered-To: catchall@own.test
Received: from server.hoster.test
\tby server.hoster.test with LMTP
\tid AAAA (envelope-from <lan@customer.test>)
\tfor <catchall@own.test>; Mon, 02 Nov 2026 08:00:02 +0000
Return-path: <lan@customer.test>
Envelope-to: hoa@own.test
Delivery-date: Mon, 02 Nov 2026 08:00:02 +0000
Received: from mx.customer.test ([203.0.113.44]:41232)
\tby server.hoster.test with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384
\t(Exim 4.98.1)
\t(envelope-from <lan@customer.test>)
\tid 1abc-0001
\tfor hoa@own.test;
\tMon, 02 Nov 2026 08:00:01 +0000
---
"""
        + SENT
        + """\
X-Spam-Status: Yes, score=8.5
X-Spam-Score: 85
X-Spam-Report: Spam detection software, running on the system "other.hoster.test",
 has identified
X-Spam-Flag: YES
X-Spam-Status: No, score=0.8
X-Spam-Score: 8
X-Spam-Bar: /
X-Ham-Report: Spam detection software, running on the system "server.hoster.test",
 has NOT identified this incoming email as spam.
X-Spam-Flag: NO
""",
        spam=False,
        original="hoa@own.test",
    ),
)

#: Of one mail that claims to be a colleague's, as Proton Mail Bridge gives it out.
BRIDGED = """\
Return-Path: <lan@customer.test>
X-Original-To: hoa@own.test
Delivered-To: catchall@own.test
Authentication-Results: mail.protonmail.ch; dmarc=fail (p=none dis=none)
 header.from=own.test
Authentication-Results: mail.protonmail.ch; spf=pass smtp.mailfrom=customer.test
Received: from mx.customer.test (mx.customer.test [203.0.113.44]) by
 mailin077.protonmail.ch (Postfix) with ESMTPS id 1 for <hoa@own.test>; Mon, 2 Nov
 2026 08:00:00 +0000 (UTC)
---
Received: from desk ([198.51.100.7]) by mx.customer.test with ESMTPSA id 9 for
 <boss@own.test>; Mon, 2 Nov 2026 08:00:00 +0000
Authentication-Results: mx.customer.test; dmarc=pass header.from=own.test
X-Original-To: boss@own.test
X-Spam-Flag: NO
From: Boss <boss@own.test>
Subject: Pay
X-Pm-Origin: external
X-Pm-Spamscore: 2
X-Pm-Spam-Action: inbox
"""

UNNAMED = replace(FORMS[0], name=f"{FORMS[0].name}, the account unnamed", account="")

#: Its servers in Africa and in the Emirates have a network of their own.
AFRICA = replace(
    FORMS[1],
    name="Microsoft 365, South Africa",
    text=FORMS[1].text.replace("2603:10a6:", "2603:1086:"),
)

BLOCKS = (*MICROSOFT, *GOOGLE, *OTHERS, *MAILBOXES, *FORMS, UNNAMED, AFRICA)
