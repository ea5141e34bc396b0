"""Mails as people's programs write them, and what is right to read in each.

Made up after the shapes of public bug reports; names and addresses are invented.
"""

import base64
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One mail, and what it says: whatever stands in ``expected``, of `found`."""

    name: str
    raw: bytes
    expected: dict = field(default_factory=dict)


def b64(text, charset="utf-8"):
    """Return text in lines of base64."""
    data = text if isinstance(text, bytes) else text.encode(charset)
    return base64.encodebytes(data).decode().replace("\n", "\r\n")


def mail(*lines, charset="utf-8"):
    """Return the bytes of lines."""
    return b"\r\n".join(
        line if isinstance(line, bytes) else line.encode(charset) for line in lines
    )


def several(kind, *parts, edge="b1"):
    """Return the lines of a multipart, each part a list of lines."""
    lines = [f'Content-Type: multipart/{kind}; boundary="{edge}"', ""]
    for part in parts:
        lines += [f"--{edge}", *part]
    return [*lines, f"--{edge}--", ""]


def plain(text, charset="utf-8"):
    """Return the lines of a plain text."""
    return [f"Content-Type: text/plain; charset={charset}", "", text]


def html(text, charset="utf-8"):
    """Return the lines of a page."""
    return [f"Content-Type: text/html; charset={charset}", "", text]


def file(kind, name, data="abc"):
    """Return the lines of an attached file."""
    return [
        f"Content-Type: {kind}",
        f"Content-Disposition: attachment; {name}" if name else "X-No: 1",
        "Content-Transfer-Encoding: base64",
        "",
        b64(data),
    ]


TO = "To: sales@tenmien.test"
KINDS = (
    # ------------------------------------------------------------
    # 1. NO PERSON'S MAIL IS A BOUNCE
    # ------------------------------------------------------------
    Kind(
        "Outlook: returned goods",
        mail(
            "Return-Path: <mai.le@xuongmay.test>",
            "From: =?utf-8?B?TMOqIE1haQ==?= <mai.le@xuongmay.test>",
            TO,
            "Subject: Undeliverable: goods returned to sender",
            "X-Mailer: Microsoft Outlook 16.0",
            *plain("The parcel could not be delivered, it was returned to us."),
        ),
        {"author": "mai.le@xuongmay.test", "author_name": "Lê Mai", "report": ""},
    ),
    Kind(
        "Vietnamese office: delivery failed",
        mail(
            "Return-Path: <ketoan@congtyabc.test>",
            "From: Phòng Kế toán <ketoan@congtyabc.test>",
            TO,
            "Subject: Giao hàng không thành công đơn 7788",
            *plain("Bưu tá báo không giao được, người nhận không tồn tại."),
        ),
        {"author_name": "Phòng Kế toán", "report": "", "auto": ""},
    ),
    Kind(
        "a customer pastes a report",
        mail(
            "Return-Path: <joao@loja.test>",
            "From: João Pereira <joao@loja.test>",
            TO,
            "Subject: Fwd: Delivery Status Notification (Failure)",
            *plain(
                "Vejam isto:\r\n\r\n<ana@outro.test>: host mx.outro.test said: 550"
                " 5.1.1 User unknown\r\n\r\nO que devo fazer?"
            ),
        ),
        {"report": ("", "doubt"), "texts": ["O que devo fazer?"]},
    ),
    Kind(
        "Exchange: undeliverable",
        mail(
            "Return-Path: <>",
            "From: Microsoft Outlook"
            " <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@kunde.test>",
            TO,
            "Subject: Unzustellbar: Angebot 77",
            *several(
                "report; report-type=delivery-status",
                html("<p>Fehler bei der Nachrichtenzustellung an diese Empfänger</p>"),
                [
                    "Content-Type: message/delivery-status",
                    "",
                    "Reporting-MTA: dns;ex.kunde.test",
                    "",
                    "Final-recipient: RFC822;weg@kunde.test",
                    "Action: failed",
                    "Status: 5.1.1",
                ],
            ),
        ),
        {"report": "failed"},
    ),
    Kind(
        "Postfix: delayed",
        mail(
            "Return-Path: <>",
            "From: MAILER-DAEMON@mx.kunde.test (Mail Delivery System)",
            TO,
            "Subject: Delayed Mail (still being retried)",
            "Auto-Submitted: auto-replied",
            *several(
                "report; report-type=delivery-status",
                plain("Your message could not be delivered for 4.0 hours."),
                [
                    "Content-Type: message/delivery-status",
                    "",
                    "Reporting-MTA: dns; mx.kunde.test",
                    "",
                    "Final-Recipient: rfc822; an@kunde.test",
                    "Action: delayed",
                    "Status: 4.4.1",
                ],
            ),
        ),
        {"report": "delayed"},
    ),
    # ------------------------------------------------------------
    # 2. NOBODY IS TAKEN FOR A COLLEAGUE
    # ------------------------------------------------------------
    *(
        Kind(
            f"From: {value}",
            mail(f"From: {value}", TO, "Subject: x", *plain("Hi")),
            {"author": author},
        )
        for value, author in (
            ("boss@tenmien.test <eve@evil.test>", "eve@evil.test"),
            ('"boss@tenmien.test" <eve@evil.test>', "eve@evil.test"),
            ("=?utf-8?Q?boss=40tenmien.test?= <eve@evil.test>", "eve@evil.test"),
            ('"Boss <boss@tenmien.test>" <eve@evil.test>', "eve@evil.test"),
            ("<eve@evil.test> (boss@tenmien.test)", "eve@evil.test"),
            ("Boss boss＠tenmien.test <eve@evil.test>", "eve@evil.test"),
            ("\u202eBoss boss@tenmien.test\u202c <eve@evil.test>", "eve@evil.test"),
            ("Trần, Hoà <hoa@khach.test>", "hoa@khach.test"),
            ("hoa@khach.test (Trần Hoà)", "hoa@khach.test"),
            ("'hoa@khach.test' <hoa@khach.test>", "hoa@khach.test"),
            ("Hoà < hoa@khach.test >", "hoa@khach.test"),
            ("<hoa@khach.test>", "hoa@khach.test"),
            ("mailto:hoa@khach.test", "hoa@khach.test"),
            ("Hoà <mailto:hoa@khach.test>", "hoa@khach.test"),
            ("Hoà [hoa@khach.test]", "hoa@khach.test"),
            ('"Hoà" hoa@khach.test', "hoa@khach.test"),
            ("Hoà <hoa@khach.test>;", "hoa@khach.test"),
            ("Hoà <hoa@khach.test", "hoa@khach.test"),
            ("田中＠営業 <tanaka@kaisha.test>", "tanaka@kaisha.test"),
            ("田中 <tanaka＠kaisha．test>", "tanaka@kaisha.test"),
            ("Hoà <SMTP:hoa@khach.test>", "hoa@khach.test"),
            ("Hoà <@relay.test:hoa@khach.test>", "hoa@khach.test"),
            ("undisclosed", ""),
        )
    ),
    # ------------------------------------------------------------
    # 3. REPLY-TO IS WHO WANTS THE ANSWER
    # ------------------------------------------------------------
    Kind(
        "WordPress form in the shop's own name",
        mail(
            "From: Website <wordpress@tenmien.test>",
            "Reply-To: Phạm Quỳnh <quynh@hoa.test>",
            TO,
            "Subject: Liên hệ mới từ website",
            *plain("Tôi cần báo giá 20 bộ bàn."),
        ),
        {"author": "quynh@hoa.test", "why": "own_from"},
    ),
    Kind(
        "Zalo notice that takes no answers",
        mail(
            "From: Zalo OA <no-reply@zalo.test>",
            "Reply-To: binh@cuahang.test",
            TO,
            "Subject: Tin nhắn mới",
            *plain("Anh Bình hỏi giá"),
        ),
        {"author": "binh@cuahang.test", "why": "no_reply"},
    ),
    Kind(
        "Shopify contact form",
        mail(
            'From: "Nora Shop (Shopify)" <mailer@shopify.test>',
            "Reply-To: nora@kundin.test",
            TO,
            "Subject: New customer message on March 3",
            *plain("Name: Nora"),
        ),
        {"author": "mailer@shopify.test"},
    ),
    Kind(
        "Google group",
        mail(
            "From: 'Hà Vũ' via Kinh doanh <sales@tenmien.test>",
            "X-Original-From: =?utf-8?B?SMOgIFbFqQ==?= <ha.vu@doitac.test>",
            "X-Original-Sender: ha.vu@doitac.test",
            "Reply-To: ha.vu@doitac.test",
            "List-ID: <sales.tenmien.test>",
            "Mailing-list: list sales@tenmien.test",
            TO,
            "Subject: [Kinh doanh] Hỏi hàng",
            *plain("Còn hàng không?"),
        ),
        {"author": "ha.vu@doitac.test", "why": "list"},
    ),
    Kind(
        "Mailman 3 with munged From",
        mail(
            "From: Karl Weiß via Einkauf <einkauf@liste.test>",
            "Reply-To: Karl Weiß <karl@firma.test>",
            "List-Id: Einkauf <einkauf.liste.test>",
            "List-Post: <mailto:einkauf@liste.test>",
            TO,
            "Subject: Frage",
            *plain("Gibt es Rabatt?"),
        ),
        {"author": "karl@firma.test", "author_name": "Karl Weiß", "why": "list"},
    ),
    Kind(
        "Reply-To a colleague",
        mail(
            "From: noreply@shop.test",
            "Reply-To: boss@tenmien.test",
            TO,
            "Subject: x",
            *plain("x"),
        ),
        {"author": "noreply@shop.test", "why": ""},
    ),
    # ------------------------------------------------------------
    # 5. NO TEXT IS LOST
    # ------------------------------------------------------------
    Kind(
        "iOS share sheet: a photo and a signature",
        mail(
            "From: Chi <chi@me.test>",
            TO,
            "Subject:",
            "X-Mailer: iPhone Mail (21E236)",
            *several(
                "mixed",
                plain("\r\n\r\n"),
                [
                    "Content-Type: image/jpeg; name=IMG_0042.jpeg; x-apple-part-url=A1",
                    "Content-Disposition: inline; filename=IMG_0042.jpeg",
                    "Content-Transfer-Encoding: base64",
                    "",
                    b64(b"\xff\xd8\xff\xe0"),
                ],
                plain("\r\n\r\nGửi từ iPhone của tôi"),
            ),
        ),
        {"texts": ["Gửi từ iPhone của tôi"], "files": ["IMG_0042.jpeg"], "subject": ""},
    ),
    Kind(
        "Apple Mail: page, file, page",
        mail(
            "From: Chi <chi@me.test>",
            TO,
            "Subject: Hợp đồng",
            *several(
                "alternative",
                plain("Trước\r\n\r\nSau"),
                several(
                    "mixed",
                    html("<html><body>Trước</body></html>"),
                    file(
                        "application/pdf",
                        "filename*=utf-8''H%E1%BB%A3p%20%C4%91%E1%BB%93ng.pdf",
                    ),
                    html("<html><body>Sau</body></html>"),
                    edge="b2",
                ),
            ),
        ),
        {"texts": ["Trước", "Sau"], "files": ["Hợp đồng.pdf"]},
    ),
    Kind(
        "Outlook for Android: text beside HTML that is only a signature",
        mail(
            "From: Kim <kim@hq.test>",
            TO,
            "Subject: 견적",
            *several(
                "mixed",
                plain("견적 부탁드립니다."),
                html("<div><br></div><div>Android용 Outlook 다운로드</div>"),
            ),
        ),
        {"texts": ["견적 부탁드립니다.", "Android용 Outlook 다운로드"]},
    ),
    Kind(
        "Thunderbird: flowed German text",
        mail(
            "From: Jörg <joerg@firma.test>",
            TO,
            "Subject: Anfrage",
            "Content-Type: text/plain; charset=UTF-8; format=flowed",
            "Content-Transfer-Encoding: 8bit",
            "",
            "Wir brauchen zwölf \r\nStühle.\r\n-- \r\nJörg",
        ),
        {"texts": ["Wir brauchen zwölf Stühle.", "Jörg"]},
    ),
    Kind(
        "K-9: enclosed mail",
        mail(
            "From: Per <per@bedrift.test>",
            TO,
            "Subject: Fwd: Ordre",
            "User-Agent: K-9 Mail for Android",
            *several(
                "mixed",
                plain("Se vedlagt."),
                [
                    "Content-Type: message/rfc822",
                    "",
                    "From: x@y.test",
                    "Subject: Ordre 5",
                    "",
                    "innhold",
                ],
            ),
        ),
        {"texts": ["Se vedlagt."], "files": ["Ordre 5.eml"], "absent": ["innhold"]},
    ),
    Kind(
        "Lotus Notes: three forms and a picture in the page",
        mail(
            "From: Aki/HQ/Acme%Acme <aki@acme.test>",
            TO,
            "Subject: Quote",
            "X-Mailer: Lotus Notes Release 9.0.1",
            *several(
                "related",
                several(
                    "alternative",
                    plain("Please quote.", "US-ASCII"),
                    html("<p>Please quote.<img src=cid:_1_0A1></p>", "US-ASCII"),
                    edge="b2",
                ),
                [
                    "Content-Type: image/gif",
                    "Content-ID: <_1_0A1>",
                    "Content-Transfer-Encoding: base64",
                    "",
                    b64(b"GIF89a"),
                ],
            ),
        ),
        {
            "author": "aki@acme.test",
            "texts": ["Please quote."],
            "files": ["picture.gif"],
        },
    ),
    Kind(
        "scanner: no text at all",
        mail(
            "From: scan@vanphong.test",
            TO,
            "Subject: Message from KM_C258",
            *several("mixed", file("application/pdf", "filename=SKM_C25824030511.pdf")),
        ),
        {"texts": [], "files": ["SKM_C25824030511.pdf"]},
    ),
    Kind(
        "scanner: the mail is the file",
        mail(
            "From: scan@vanphong.test",
            TO,
            "Subject: Scan",
            "Content-Type: image/tiff",
            'Content-Disposition: attachment; filename="scan 01.tif"',
            "Content-Transfer-Encoding: base64",
            "",
            b64(b"II*\0"),
        ),
        {"texts": [], "files": ["scan 01.tif"]},
    ),
    Kind(
        "Google Calendar: an invitation",
        mail(
            "From: Ana <ana@cliente.test>",
            TO,
            "Subject: Invitación: Reunión",
            *several(
                "alternative",
                plain("Reunión mañana"),
                [
                    "Content-Type: text/calendar; charset=UTF-8; method=REQUEST",
                    "",
                    "BEGIN:VCALENDAR",
                    "BEGIN:VEVENT",
                    "SUMMARY:Reunión",
                    "END:VEVENT",
                    "END:VCALENDAR",
                ],
            ),
        ),
        {"texts": ["Reunión mañana"], "files": ["invitation.ics"]},
    ),
    Kind(
        "Zoho: HTML in base64 with a footer below",
        mail(
            "From: Raj <raj@zoho-user.test>",
            TO,
            "Subject: Enquiry",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
            "",
            b64("Please send the price list for all items. " * 3),
            "_______________________________________________",
            "Sales mailing list",
        ),
        {"texts": ["Please send the price list", "Sales mailing list"]},
    ),
    Kind(
        "Lark: page with nothing but a link card",
        mail(
            "From: Minh <minh@lark.test>",
            TO,
            "Subject: 文档",
            *several(
                "alternative",
                plain("Tài liệu: https://lark.test/d/1"),
                html(
                    '<div><a href="https://lark.test/d/1"><img src="x.png"></a></div>'
                ),
            ),
        ),
        {"texts": ["Tài liệu"]},
    ),
    Kind(
        "cron over uuencode",
        mail(
            "From: Báo cáo <report@doitac.test>",
            TO,
            "Subject: So lieu ngay",
            "",
            "Kem theo so lieu.",
            "",
            "begin 644 solieu.csv",
            "#86)C",
            "`",
            "end",
        ),
        {"texts": ["Kem theo so lieu."], "files": ["solieu.csv"], "absent": ["begin"]},
    ),
    Kind(
        "Gmail: a reaction",
        mail(
            "From: Lan <lan@khach.test>",
            TO,
            "Subject: Re: Báo giá",
            *several(
                "alternative",
                plain("👍 Lan đã bày tỏ cảm xúc"),
                [
                    "Content-Type: text/vnd.google.email-reaction+json; charset=utf-8",
                    "",
                    '{"emoji":"👍","version":1}',
                ],
                html("<p>👍 Lan đã bày tỏ cảm xúc</p>"),
            ),
        ),
        {"texts": ["👍 Lan đã bày tỏ cảm xúc"], "absent": ["version"], "files": []},
    ),
    Kind(
        "an old Mac: a file in two halves",
        mail(
            "From: Ed <ed@mac.test>",
            TO,
            "Subject: Layout",
            *several(
                "mixed",
                plain("See layout."),
                several(
                    "appledouble",
                    file("application/applefile", "filename=a.pdf"),
                    file("application/pdf", "filename=a.pdf"),
                    edge="b2",
                ),
            ),
        ),
        {"texts": ["See layout."], "files": ["a.pdf"]},
    ),
    *(
        Kind(
            f"type: {kind}",
            mail(
                "From: a@b.test",
                TO,
                "Subject: x",
                f"Content-Type: {kind}",
                "",
                "Xin chào",
            ),
            {"texts": ["Xin chào"], "files": []},
        )
        for kind in (
            "text",
            "text/plain charset=utf-8",
            "text/plain; charset=",
            "text/plain; charset='utf-8'",
            "text/plain; charset=utf-8 (Unicode)",
            "text/x-unheard-of",
            "multipart/mixed",
            "multipart/mixed; boundary=nowhere",
        )
    ),
    Kind(
        "quoted-printable with a space at the end of a soft break",
        mail(
            "From: a@b.test",
            TO,
            "Subject: x",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "H=E1=BA= ",
            "=BFt h=C3=A0=\t",
            "ng",
        ),
        {"texts": ["Hết hàng"]},
    ),
    Kind(
        "a page in two parts",
        mail(
            "From: Eva <eva@kund.test>",
            TO,
            "Subject: Order",
            *several(
                "mixed",
                html("<p>Hej</p>"),
                file("text/csv", "filename=a.csv"),
                html("<p>Mvh Eva</p>"),
            ),
        ),
        {"texts": ["Hej", "Mvh Eva"], "files": ["a.csv"]},
    ),
    # ------------------------------------------------------------
    # 6. SCRIPTS OF THE WORLD
    # ------------------------------------------------------------
    Kind(
        "Foxmail: GBK in the header",
        mail(
            "From: 王经理 <wang@gongsi.test>".encode("gbk"),
            TO,
            "Subject: 询价单 - 不锈钢螺丝".encode("gbk"),
            "X-Mailer: Foxmail 7.2",
            *plain("您好"),
        ),
        {
            "author": "wang@gongsi.test",
            "author_name": "王经理",
            "subject": "询价单 - 不锈钢螺丝",
        },
    ),
    Kind(
        "a Korean office's old mailer",
        mail(
            "From: 박지훈 <park@hoesa.test>".encode("cp949"),
            TO,
            "Subject: 견적 요청드립니다".encode("cp949"),
            "Content-Type: text/html; charset=ks_c_5601-1987",
            "",
            "<p>안녕하세요 뷁</p>".encode("cp949"),
        ),
        {
            "author_name": "박지훈",
            "subject": "견적 요청드립니다",
            "texts": ["안녕하세요 뷁"],
        },
    ),
    Kind(
        "Becky: ISO-2022-JP with circled numbers",
        mail(
            "From: =?ISO-2022-JP?B?GyRCO0VGIxsoQg==?= <sato@kaisha.test>",
            TO,
            "Subject: =?ISO-2022-JP?B?GyRCLSFKLUIbKEI=?=",
            "Content-Type: text/plain; charset=ISO-2022-JP",
            "",
            b"\x1b$B-!-j\x1b(B",
        ),
        {"texts": ["①㈱"]},
    ),
    Kind(
        "raw Shift_JIS with backslashes",
        mail(
            "From: 表ソ十 <so@kaisha.test>".encode("cp932"),
            TO,
            "Subject: 機能一覧表".encode("cp932"),
            *several(
                "mixed",
                plain("表示".encode("cp932"), "Shift_JIS"),
                [
                    "Content-Type: application/pdf",
                    'Content-Disposition: attachment; filename="仕様表"'.encode(
                        "cp932"
                    ),
                    "",
                    "x",
                ],
            ),
        ),
        {
            "author_name": "表ソ十",
            "subject": "機能一覧表",
            "texts": ["表示"],
            "files": ["仕様表"],
        },
    ),
    Kind(
        "The Bat: KOI8-R, named nowhere",
        mail(
            "From: Иван <ivan@zavod.test>".encode("koi8-r"),
            TO,
            "Subject: Запрос цены на станки".encode("koi8-r"),
            "",
            "Здравствуйте! Прошу выслать цены.".encode("koi8-r"),
        ),
        {
            "author_name": "Иван",
            "subject": "Запрос цены на станки",
            "texts": ["Здравствуйте! Прошу выслать цены."],
        },
    ),
    Kind(
        "Vietnamese in NFD",
        mail(
            "From: Nguye\u0302\u0303n <n@vn.test>",
            TO,
            "Subject: Ba\u0301o gia\u0301",
            *plain("Xin ba\u0301o gia\u0301"),
        ),
        {"author_name": "Nguyễn", "subject": "Báo giá", "texts": ["Xin báo giá"]},
    ),
    Kind(
        "windows-1258",
        mail(
            "From: v@vn.test",
            TO,
            "Subject: =?windows-1258?Q?B=E1o_gi=E1?=",
            "Content-Type: text/plain; charset=windows-1258",
            "",
            b"Ti\xea\xccn m\xe1y",
        ),
        {"subject": "Báo giá", "texts": ["Tiền máy"]},
    ),
    Kind(
        "Arabic in windows-1256 that says iso-8859-6",
        mail(
            "From: a@b.test",
            TO,
            "Subject: =?windows-1256?B?4ta1IDHC?=",
            "Content-Type: text/plain; charset=windows-1256",
            "",
            "عرض سعر".encode("cp1256"),
        ),
        {"texts": ["عرض سعر"]},
    ),
    Kind(
        "Thai in TIS-620",
        mail(
            "From: a@b.test",
            TO,
            "Subject: x",
            "Content-Type: text/plain; charset=tis-620",
            "",
            "ขอใบเสนอราคา".encode("cp874"),
        ),
        {"texts": ["ขอใบเสนอราคา"]},
    ),
    Kind(
        "a page whose charset only its head names",
        mail(
            "From: a@b.test",
            TO,
            "Subject: x",
            "Content-Type: text/html",
            "",
            '<meta charset="gbk"><body>谢谢您的订单</body>'.encode("gbk"),
        ),
        {"texts": ["谢谢您的订单"]},
    ),
    # ------------------------------------------------------------
    # 7. FILE NAMES
    # ------------------------------------------------------------
    *(
        Kind(
            f"file: {name}",
            mail(
                "From: a@b.test",
                TO,
                "Subject: x",
                *several("mixed", plain("x"), file(kind, name)),
            ),
            {"files": [wanted]},
        )
        for kind, name, wanted in (
            ("application/pdf", "filename=Bao gia thang 3.pdf", "Bao gia thang 3.pdf"),
            ("application/pdf", 'filename="B%C3%A1o%20gi%C3%A1.pdf"', "Báo giá.pdf"),
            ("application/pdf", r'filename="C:\Users\lan\Desktop\a.pdf"', "a.pdf"),
            (
                "application/pdf",
                "filename*0*=utf-8''B%C3%A1o;\r\n filename*1=%20gi%C3%A1.pdf",
                "Báo giá.pdf",
            ),
            (
                "application/pdf",
                'filename="=?UTF-8?B?QsOhbyBnacOhLnBkZg==?="',
                "Báo giá.pdf",
            ),
            (
                "application/pdf",
                'filename="=?UTF-8?Q?B=C3=A1o?=\r\n =?UTF-8?Q?_gi=C3=A1.pdf?="',
                "Báo giá.pdf",
            ),
            ("application/pdf", "filename=\"utf-8''B%C3%A1o.pdf\"", "Báo.pdf"),
            ("application/pdf", 'filename="it\'s 5%25.pdf"', "it's 5%25.pdf"),
            ("application/pdf", "", "file.pdf"),
            ("image/png", "", "picture.png"),
            ("application/octet-stream", 'filename="../../etc/passwd"', "passwd"),
            ("text/vcard", "", "contact.vcf"),
        )
    ),
    # ------------------------------------------------------------
    # 8. RECEIPTS, DATES
    # ------------------------------------------------------------
    Kind(
        "Thunderbird: a receipt",
        mail(
            "From: Jörg <joerg@firma.test>",
            TO,
            "Subject: =?UTF-8?Q?Empfangsbest=C3=A4tigung_=28angezeigt=29_-_Angebot?=",
            *several(
                "report; report-type=disposition-notification",
                plain("Dies ist eine Empfangsbestätigung."),
                [
                    "Content-Type: message/disposition-notification",
                    "",
                    "Reporting-UA: Thunderbird",
                    "Final-Recipient: rfc822;joerg@firma.test",
                    "Original-Message-ID: <1@tenmien.test>",
                    "Disposition: manual-action/MDN-sent-manually; displayed",
                ],
            ),
        ),
        {"receipt": "read", "report": ""},
    ),
    Kind(
        "Outlook: not read",
        mail(
            "From: Kim <kim@hq.test>",
            TO,
            "Subject: Not read: Offer",
            *several(
                "report; report-type=disposition-notification",
                plain("Your message was deleted without being read."),
                [
                    "Content-Type: message/disposition-notification",
                    "",
                    "Final-recipient: RFC822; kim@hq.test",
                    "Disposition: automatic-action/MDN-sent-automatically; deleted",
                ],
            ),
        ),
        {"receipt": "deleted", "report": ""},
    ),
    # ------------------------------------------------------------
    # 10. AUTOMATIC ANSWERS
    # ------------------------------------------------------------
    *(
        Kind(
            f"{subject}: {text[:30]}",
            mail("From: a@b.test", TO, f"Subject: {subject}", *extra, *plain(text)),
            {"auto": kind},
        )
        for subject, text, extra, kind in (
            ("Tự động trả lời: Báo giá", "Tôi đang đi công tác.", (), "auto_reply"),
            (
                "Trả lời tự động: Hợp đồng",
                "Tôi vắng mặt đến thứ Hai.",
                (),
                "auto_reply",
            ),
            ("Nghỉ phép: Re: Báo giá", "Tôi nghỉ phép.", (), "auto_reply"),
            (
                "Xác nhận đã nhận được email của Quý khách",
                "Chúng tôi sẽ phản hồi.",
                (),
                "auto_reply",
            ),
            ("Automatische Antwort: Angebot", "Ich bin im Urlaub.", (), "auto_reply"),
            ("自動返信: お見積り", "外出しております。", (), "auto_reply"),
            ("自动回复: 询价", "我正在休假。", (), "auto_reply"),
            ("Réponse automatique : Devis", "Je suis absent.", (), "auto_reply"),
            ("Re: Báo giá", "x", ("Auto-Submitted: auto-replied",), "auto_reply"),
            (
                "Đi công tác từ 10/11",
                "Tôi sẽ phản hồi email sau khi trở lại.",
                (),
                "auto_reply",
            ),
            ("Đi công tác từ 10/11", "Anh Nam đi công tác từ thứ Ba.", (), ""),
            ("Nghỉ phép", "Em xin nghỉ phép thứ Hai ạ.", (), ""),
            ("Xin nghỉ phép ngày 5/6", "Kính gửi anh, em xin nghỉ.", (), ""),
            ("Xác nhận đơn hàng 512", "Tôi xác nhận đặt 20 bộ.", (), ""),
            ("Đã nhận được hàng", "Cảm ơn, tôi đã nhận được hàng.", (), ""),
            ("Out of stock?", "Is item 5 out of stock?", (), ""),
            ("Tự động hoá kho", "Chúng tôi cần hệ thống tự động.", (), ""),
            ("Automatic doors, quote", "We need automatic doors.", (), ""),
        )
    ),
    *(
        Kind(
            f"forwarding: {provider}",
            mail(f"From: {sender}", TO, f"Subject: {subject}", *plain(text)),
            {"forwarding": provider},
        )
        for provider, sender, subject, text in (
            (
                "Google",
                "Nhóm Gmail <forwarding-noreply@google.com>",
                "(#123456789) Xác nhận chuyển tiếp Gmail - Nhận thư từ lan@gmail.com",
                "https://mail-settings.google.com/mail/vf-abc",
            ),
            (
                "Zoho",
                "Zoho Mail <noreply@zohomail.com>",
                "Email Forwarding Confirmation",
                "Your verification code to forward mail: 123456",
            ),
            (
                "",
                "Lan <lan@khach.test>",
                "Confirm forwarding of the goods",
                "Please confirm forwarding.",
            ),
        )
    ),
)
