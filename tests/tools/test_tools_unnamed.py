"""Bytes that name no charset are read in the one of their script."""

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.headers import open_mail, summarize
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail
from odoo.addons.mail_catchall_router.tools.mail.unnamed import codec_guessed

from ..strategies import given, quick, st

WORDS = {
    "gbk": (
        "询价单",
        "您好",
        "合同",
        "关于订单报价的问题",
        "回复：样品寄送",
        "Re: 订单12345",
        "深圳市华强电子有限公司",
        "我们想了解一下你们的产品价格，请尽快回复。谢谢",
    ),
    "cp949": ("견적서 요청", "안녕하세요", "Re: 주문 123", "김철수", "세금계산서 발행"),
    "cp932": (
        "お問い合わせ",
        "請求書",
        "ソフトウェア",
        "表示",
        "田中太郎",
        "ご注文の件",
    ),
    "cp950": ("詢價單", "您好", "付款通知", "台北市政府", "Re: 樣品", "會議記錄"),
    "euc_jp": ("見積書の件について", "お問い合わせ", "請求書の送付"),
    "cp1251": ("Счет", "Заявка № 15", "Вопрос по заказу", "КОММЕРЧЕСКОЕ ПРЕДЛОЖЕНИЕ"),
    "koi8-r": ("Счет", "Вопрос по заказу", "Запрос цены"),
    "cp874": ("สอบถามใบเสนอราคา", "สวัสดีครับ", "ใบสั่งซื้อ"),
    "cp1253": ("Προσφορά", "Ερώτηση για παραγγελία"),
    "cp1255": ("הצעת מחיר", "חשבונית"),
    "cp1256": ("عرض سعر", "سؤال حول الطلب"),
}
LATIN = (
    "Größe für Möbel",
    "Commande été à régler",
    "hyvää päivää",
    "Pão de açúcar",
    "It’s – “fine” €5",
    "Smörgåsbord åäö",
    "España ¿Qué?",
    "MÜLLER STRAßE",
    "DÉJÀ VU",
    "£500 bei 20°C",
    "œuvre",
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnnamedCharset(BaseCase):
    """A few words suffice."""

    def subject_of(self, data, kind=b"text/plain; charset=utf-8"):
        raw = b"From: a@b.test\r\nSubject: %b\r\nContent-Type: %b\r\n\r\nHi" % (
            data,
            kind,
        )
        return summarize(open_mail(raw).headers).subject

    def test_a_subject_is_read_in_its_script_beside_a_text_in_utf_8(self):
        for charset, texts in WORDS.items():
            for text in texts:
                with self.subTest(charset=charset, text=text):
                    self.assertEqual(self.subject_of(text.encode(charset)), text)

    def test_latin_letters_stay_those_of_the_west(self):
        for text in LATIN:
            data = text.encode("cp1252")
            self.assertEqual(codec_guessed(data), "", text)
            self.assertEqual(self.subject_of(data), text)

    def test_a_text_without_a_charset_is_read_too(self):
        page = (
            "<html><head><title>x</title></head>" + " " * 5000 + "<p>询价单，谢谢</p>"
        )
        raw = b"From: a@b.test\r\nContent-Type: text/html\r\n\r\n" + page.encode("gbk")
        self.assertIn("询价单，谢谢", read_mail(raw).texts[0].content)

    def test_a_charset_that_is_named_elsewhere_in_the_mail_counts_first(self):
        name = b"=?koi8-r?B?6dfBzg==?="
        raw = b"From: %b <a@b.test>\r\nSubject: %b\r\n\r\n" % (
            name,
            "ОТК".encode("koi8-r"),
        )
        self.assertEqual(summarize(open_mail(raw).headers).subject, "ОТК")
        kind = b"multipart/mixed; boundary=x"
        body = b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\r\n--x\r\n"
        body += b"Content-Type: text/html; charset=shift_jis\r\n\r\n"
        raw = b"Subject: %b\r\nContent-Type: %b\r\n\r\n" % ("十".encode("cp932"), kind)
        self.assertEqual(summarize(open_mail(raw + body).headers).subject, "十")

    def test_korean_escapes_are_no_japanese_ones(self):
        text = "견적서 요청"
        self.assertEqual(self.subject_of(text.encode("iso2022_kr")), text)

    def test_a_backslash_in_a_letter_of_a_file_name_ends_no_quotes(self):
        for charset, name in (
            ("cp932", "一覧表.pdf"),
            ("cp932", "図表"),
            ("big5", "成功"),
        ):
            data = name.encode(charset)
            raw = (
                b"From: a@b.test\r\nContent-Type: application/pdf\r\n"
                b'Content-Disposition: attachment; filename="%b"; size=3\r\n\r\nabc'
                % data
            )
            self.assertEqual([one.name for one in read_mail(raw).files], [name])

    def test_a_pattern_a_few_letters_and_rubbish_are_no_script(self):
        for data in (
            "·¸¸·´¯`".encode("cp1252") * 20,
            "de mulher é assunto".encode("cp1252") + b" text" * 300 + b"\xbb\xbb",
            "Türk ünlülerin".encode("cp1254") + bytes(range(255, 127, -1)) * 9,
        ):
            self.assertEqual(codec_guessed(data), "")

    @quick
    @given(st.binary(max_size=300))
    def test_nothing_makes_it_raise(self, data):
        codec = codec_guessed(data)
        self.assertIsInstance(data.decode(codec, "replace") if codec else "", str)
