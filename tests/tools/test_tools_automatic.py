import base64
import unicodedata

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import automatic
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..strategies import given, st

PERSON = (("From", "Lan Nguyen <lan@customer.example>"), ("Subject", "A question"))

# One of what programs write, by language.
ABSENCE_SUBJECTS = {
    "ar": "رد تلقائي: عرض",
    "cs": "Automatická odpověď: Nabídka",
    "da": "Autosvar: Tilbud",
    "de": "Automatische Antwort: Angebot",
    "de absent": "Abwesenheitsnotiz",
    "el": "Αυτόματη απάντηση: Προσφορά",
    "en": "Automatic reply: Offer",
    "en office": "Out of Office: Offer",
    "en bracket": "Re: Offer (Automatic Response)",
    "en Notes": "AUTO: Smith, Jane is out of the office (returning 05/01/2026)",
    "en until": "Away until May 5",
    "es": "Respuesta automática: Oferta",
    "fi": "Automaattinen vastaus: Tarjous",
    "fr": "Réponse automatique : Offre",
    "he": "מענה אוטומטי: הצעה",
    "hu": "Automatikus válasz: Ajánlat",
    "id": "Balasan otomatis: Penawaran",
    "it": "Risposta automatica: Offerta",
    "ja": "自動返信: お見積り",
    "ja absent": "【不在通知】お見積り",
    "ko": "자동 회신: 견적",
    "nl": "Automatisch antwoord: Offerte",
    "pl": "[Automatyczna odpowiedź] Oferta",
    "pt": "Resposta automática: Oferta",
    "ro": "Răspuns automat: Ofertă",
    "ru": "Автоответ: Предложение",
    "sv": "Automatiskt svar: Offert",
    "th": "ตอบกลับอัตโนมัติ: ใบเสนอราคา",
    "tr": "Otomatik yanıt: Teklif",
    "uk": "Автоматична відповідь: Пропозиція",
    "vi": "Trả lời tự động: Báo giá",
    "vi plain": "Tu dong tra loi: Bao gia",
    "vi absent": "Vắng mặt tại văn phòng",
    "zh": "自动回复: 报价",
    "zh traditional": "自動回覆：報價",
}
PEOPLES_SUBJECTS = (
    "Re: Automatic reply: Offer",
    "Automatic reply feature for our shop",
    "Out of office hours support?",
    "Tự động trả lời email cho khách hàng?",
    "Vacation in Da Lat",
    "Auto: insurance for my car",
    "Thank you for your email",
    "The auto reply doesn't work",
    "",
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAutomatic(BaseCase):
    def headers(self, *fields, base=PERSON):
        names = {name for name, _value in fields}
        kept = [field for field in base if field[0] not in names]
        lines = [f"{name}: {value}\r\n" for name, value in (*fields, *kept)]
        return parse_headers("".join(lines).encode())

    def codes(self, *fields):
        return [one.code for one in automatic.automatic(self.headers(*fields))]

    def assertKind(self, kind, *fields):
        headers = self.headers(*fields)
        evidence = automatic.automatic(headers)
        with self.subTest(fields=fields):
            self.assertEqual(automatic.kind_of(evidence), kind, evidence)
            self.assertTrue(evidence)

    def assertPerson(self, *fields):
        headers = self.headers(*fields)
        with self.subTest(fields=fields):
            self.assertEqual(automatic.automatic(headers), ())
            self.assertEqual(automatic.kind_of(()), "")

    # ------------------------------------------------------------
    # HEADERS
    # ------------------------------------------------------------

    def test_auto_submitted(self):
        self.assertKind("auto_reply", ("Auto-Submitted", "auto-replied"))
        self.assertKind("auto_reply", ("auto-submitted", "Auto-Replied (vacation)"))
        self.assertKind("machine", ("Auto-Submitted", "auto-generated"))
        self.assertKind("machine", ("Auto-Submitted", "auto-notified; owner-email=x"))
        self.assertKind("machine", ("Auto-Submitted", "nobody-knows"))

    def test_auto_submitted_no(self):
        for value in ("no", "No", "no; by=a-person", "no (a person)"):
            self.assertPerson(("Auto-Submitted", value))

    def test_precedence(self):
        self.assertKind("bulk", ("Precedence", "bulk"))
        self.assertKind("bulk", ("X-Precedence", "junk"))
        self.assertKind("list", ("Precedence", "list"))
        self.assertKind("auto_reply", ("Precedence", "auto_reply"))
        self.assertPerson(("Precedence", "first-class"))

    def test_lists(self):
        self.assertKind("list", ("List-Id", "<talk.lists.example>"))
        self.assertKind("list", ("List-Post", "<mailto:talk@lists.example>"))
        self.assertKind("bulk", ("List-Unsubscribe", "<https://shop.example/u>"))
        self.assertKind("list", ("Return-Path", "<talk-bounces@lists.example>"))
        self.assertKind("list", ("Sender", "owner-talk@lists.example"))

    def test_suppress(self):
        for value in ("All", "OOF", "DR, RN, AutoReply", "dr,oof"):
            self.assertKind("machine", ("X-Auto-Response-Suppress", value))

    def test_suppress_of_receipts_only(self):
        self.assertPerson(("X-Auto-Response-Suppress", "DR, NDR, RN, NRN"))

    def test_vendors(self):
        self.assertKind("auto_reply", ("X-Autoreply", "yes"))
        self.assertKind("auto_reply", ("X-Autorespond", ""))
        self.assertKind("auto_reply", ("X-POST-MessageClass", "9; Autoresponder"))
        self.assertKind("machine", ("X-FC-Machinegenerated", "true"))
        self.assertPerson(("X-Autoreply", "no"))

    def test_a_persons_forwarding_is_not_answered(self):
        self.assertKind("", ("X-Loop", "lan@customer.example"))
        self.assertKind("", ("X-MS-Exchange-Inbox-Rules-Loop", "lan@customer.example"))
        self.assertKind("", ("X-Ack", "No"))

    def test_reports(self):
        self.assertKind(
            "machine", ("Content-Type", "multipart/report; report-type=feedback-report")
        )

    def test_null_return_path(self):
        self.assertKind("machine", ("Return-Path", "<>"))
        self.assertPerson(("Return-Path", "<lan@customer.example>"))

    # ------------------------------------------------------------
    # SENDERS
    # ------------------------------------------------------------

    def test_machines_as_senders(self):
        for sender in (
            "MAILER-DAEMON@mx.example",
            "MAILER-DAEMON",
            "Mail System <postmaster@mx.example>",
            "no-reply@shop.example",
            "noreply@shop.example",
            "do_not_reply@shop.example",
            "orders-noreply@shop.example",
            "noreply+ab12@shop.example",
            "khong-tra-loi@cuahang.example",
            "ne-pas-repondre@boutique.example",
            "notifications@forge.example",
        ):
            self.assertKind("machine", ("From", sender))

    def test_other_senders(self):
        self.assertKind("list", ("From", "talk-request@lists.example"))
        self.assertKind("auto_reply", ("From", "auto-reply@shop.example"))
        self.assertKind("bulk", ("From", "newsletter@shop.example"))

    def test_people_with_such_names(self):
        for sender in (
            "daemon.hall@customer.example",
            "rootes@customer.example",
            "noreen.ply@customer.example",
            "the-alerts-team@customer.example",
            '"no-reply" <lan@customer.example>',
        ):
            self.assertPerson(("From", sender))

    # ------------------------------------------------------------
    # SUBJECTS
    # ------------------------------------------------------------

    def test_absence_in_many_languages(self):
        for subject in ABSENCE_SUBJECTS.values():
            self.assertKind("auto_reply", ("Subject", subject))

    def test_absence_in_encoded_words(self):
        for subject in ABSENCE_SUBJECTS.values():
            word = base64.b64encode(subject.encode()).decode()
            self.assertKind("auto_reply", ("Subject", f"=?utf-8?B?{word}?="))

    def test_absence_in_upper_case(self):
        self.assertKind("auto_reply", ("Subject", "TRẢ LỜI TỰ ĐỘNG: BÁO GIÁ"))

    def test_vietnamese_without_any_header(self):
        for subject in (
            "Nghỉ phép: Re: Báo giá",
            "Đi công tác - RE: Hợp đồng số 12",
            "Xác nhận đã nhận được thư của Quý khách",
            "Xác nhận đã nhận yêu cầu của Quý khách: Báo giá",
            "Chúng tôi đã nhận được email của Quý khách.",
        ):
            with self.subTest(subject=subject):
                self.assertKind("auto_reply", ("Subject", subject))

    def test_vietnamese_people_write_of_leave_and_receipt(self):
        for subject in (
            "Nghỉ phép: tôi xin nghỉ từ thứ Hai",
            "Nghỉ phép tháng 12",
            "Re: Nghỉ phép: Re: tháng 12",
            "Đi công tác Hà Nội",
            "Xác nhận đã nhận hàng đơn 512",
            "Xác nhận đã nhận được thư của Quý khách về đơn 512",
        ):
            with self.subTest(subject=subject):
                self.assertPerson(("Subject", subject))

    def test_receipts_of_a_company(self):
        for subject in (
            "Xác nhận đã tiếp nhận yêu cầu của Quý khách [#4711]",
            "[Công ty ABC] Đã nhận được email của Quý khách",
            "[#12] Chúng tôi đã tiếp nhận yêu cầu hỗ trợ của Quý vị",
            "Đã nhận được thư của anh/chị",
            "XAC NHAN DA NHAN DUOC THONG TIN CUA QUY KHACH",
            "Thư tự động: Báo giá",
            "Tôi đang đi công tác: Báo giá",
        ):
            self.assertKind("auto_reply", ("Subject", subject))

    def test_absence_before_the_answered_subject_in_many_languages(self):
        for subject in (
            "Nghỉ Tết: RE: Báo giá",
            "Đi vắng: Trả lời: Báo giá",
            "[Nghỉ thai sản] Re: Báo giá",
            "Urlaub: AW: Angebot",
            "Congés : Re: Offre",
            "Vacaciones: RE: Oferta",
            "Annual leave: Re: Offer",
            "OOO: Re[2]: Offer",
            "出差：回复：报价",
        ):
            self.assertKind("auto_reply", ("Subject", subject))

    def test_peoples_words_over_an_answer(self):
        answer = ("In-Reply-To", "<1@own.example>")
        for subject in (
            "Nghỉ phép: Báo giá",
            "Annual leave",
            "Urlaub: Angebot",
            "Đã tiếp nhận yêu cầu của bạn",
            "We have received your request [#12]",
        ):
            self.assertPerson(("Subject", subject))
            self.assertKind("auto_reply", ("Subject", subject), answer)
        for subject in (
            "Re: Nghỉ phép: Báo giá",
            "Xác nhận đã nhận hàng đơn 512",
            "Nghỉ phép tháng 12",
            "Holiday Inn: 3 rooms",
            "Out of stock",
            "Away match on Sunday",
        ):
            self.assertPerson(("Subject", subject), answer)

    def said(self, subject, text):
        headers = self.headers(("Subject", subject))
        return automatic.kind_of(automatic.automatic(headers, lambda: text))

    def test_peoples_subject_over_a_programs_text(self):
        for subject, text in (
            ("Nghỉ phép: Báo giá", "Tôi nghỉ đến 5/12, sẽ phản hồi khi trở lại."),
            ("Đi công tác", "Đây là thư trả lời tự động."),
            ("Cảm ơn bạn đã liên hệ", "Vui lòng không trả lời email này."),
            ("On leave: Offer", "I will get back to you when I return."),
            ("Vacances", "Je répondrai dès mon retour."),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(self.said(subject, text), "auto_reply")

    def test_peoples_subject_over_a_persons_text(self):
        for subject, text in (
            ("Nghỉ phép: Nguyễn Văn A", "Em xin nghỉ, sẽ phản hồi email khi về."),
            ("Nghỉ phép", "Tôi cần tư vấn chế độ nghỉ phép."),
            ("Cảm ơn bạn đã liên hệ", "Chiều nay tôi gọi lại nhé."),
            ("Nghỉ phép", "Ngày nào?\n> Đây là thư trả lời tự động."),
            ("Báo giá", "Đây là thư trả lời tự động."),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(self.said(subject, text), "")

    def test_who_asks_for_something_is_no_program(self):
        for subject, text in (
            (
                "Nghỉ Tết",
                "Bên anh nghỉ Tết từ 25, nhờ shop giao trước, sẽ trả lời email.",
            ),
            (
                "Đi du lịch",
                "Cần báo giá tour Đà Lạt, bên anh sẽ trả lời trong vòng mấy ngày?",
            ),
            (
                "Nghỉ mát",
                "Cần đặt phòng cho 40 người. Mong bên mình sẽ phản hồi sớm nhất.",
            ),
            ("Holiday", "I will answer your questions. Please send me the price list."),
        ):
            for form in ("NFC", "NFD"):
                written = unicodedata.normalize(form, subject)
                said = unicodedata.normalize(form, text)
                with self.subTest(subject=subject, form=form):
                    self.assertEqual(self.said(written, said), "")

    def test_words_alone_are_no_program_s_mark(self):
        words = automatic.automatic(self.headers(("Subject", "Trả lời tự động: x")))
        self.assertTrue(words)
        self.assertFalse(automatic.is_marked(words))
        marked = self.headers(
            ("Subject", "Trả lời tự động: x"), ("Auto-Submitted", "auto-replied")
        )
        self.assertTrue(automatic.is_marked(automatic.automatic(marked)))

    def test_a_plain_subject_asks_for_no_text(self):
        def text():
            raise AssertionError("nobody needs it")

        automatic.automatic(self.headers(("Subject", "Offer for 3 desks")), text)

    def test_peoples_subjects(self):
        for subject in PEOPLES_SUBJECTS:
            self.assertPerson(("Subject", subject))

    def test_acknowledgement_beside_other_evidence(self):
        fields = ("Subject", "Thank you for your e-mail"), ("Return-Path", "<>")
        self.assertKind("auto_reply", *fields)
        self.assertEqual(
            self.codes(*fields), ["null_return_path", "subject_acknowledgement"]
        )

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def test_all_reasons_with_header_and_value(self):
        evidence = automatic.automatic(
            self.headers(("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"))
        )
        self.assertEqual(
            evidence,
            (
                automatic.Evidence("auto_replied", "Auto-Submitted", "auto-replied"),
                automatic.Evidence("precedence_bulk", "Precedence", "bulk"),
            ),
        )

    def test_the_most_telling_kind(self):
        self.assertKind(
            "auto_reply",
            ("List-Id", "<talk.lists.example>"),
            ("Subject", "Out of office: Offer"),
        )

    def test_unknown_evidence_has_no_kind(self):
        self.assertEqual(automatic.kind_of([automatic.Evidence("x", "y", "z")]), "")

    def test_shown_values_are_bounded(self):
        evidence = automatic.automatic(self.headers(("List-Id", "x" * 100_000)))
        self.assertLessEqual(len(evidence[0].value), automatic.SHOWN_LIMIT)

    # ------------------------------------------------------------
    # PROPERTIES
    # ------------------------------------------------------------

    @given(raw=st.binary(max_size=2000))
    def test_any_bytes_are_read(self, raw):
        evidence = automatic.automatic(parse_headers(raw))
        self.assertIn(automatic.kind_of(evidence), ("", *automatic.KINDS))

    @given(
        name=st.sampled_from(
            sorted({name for rule in automatic.HEADER_RULES for name in rule.headers})
            + ["From", "Sender", "Subject"]
        ),
        value=st.binary(max_size=300),
    )
    def test_any_value_is_read(self, name, value):
        automatic.automatic(parse_headers(name.encode() + b": " + value))

    @given(words=st.lists(st.sampled_from(("hỏi", "giá", "máy", "in", "xanh", "12"))))
    def test_plain_subjects_are_peoples(self, words):
        self.assertEqual(self.codes(("Subject", " ".join(words))), [])

    def test_what_is_marked_is_recognised(self):
        marked = automatic.marked({"X-One": "1"})
        self.assertEqual(marked["X-One"], "1")
        self.assertKind("machine", *marked.items())

    def test_what_a_mail_says_of_itself_already_stays(self):
        marked = automatic.marked({"auto-submitted": "auto-replied"})
        self.assertEqual(marked["auto-submitted"], "auto-replied")
        self.assertNotIn("Auto-Submitted", marked)
