import base64

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import charsets
from odoo.addons.mail_catchall_router.tools.mail.text import (
    decode_bytes,
    decode_words,
    is_readable,
)

from ..strategies import given, quick, st

#: The name that a mailer gives, the code page that it writes in, and what it writes.
MEANT = (
    ("shift_jis", "cp932", "㈱髙橋 ①見積"),
    ("windows-31j", "cp932", "㈱髙橋 ①見積"),
    ("x-sjis", "cp932", "見積ｱｲｳ"),
    ("euc-kr", "cp949", "똠방각하 햏"),
    ("ks_c_5601-1987", "cp949", "똠방각하 햏"),
    ("windows-949", "cp949", "똠방각하 햏"),
    ("gb2312", "gbk", "镕基 報價"),
    ("windows-936", "gbk", "镕基 報價"),
    ("gbk", "gb18030", "镕基 𠀀"),
    ("big5", "cp950", "報價 € 碁銹裏"),
    ("windows-950", "cp950", "報價 € 碁銹裏"),
    ("big5", "big5hkscs", "香港 深水埗 邨"),
    ("big5-hkscs", "big5hkscs", "香港 深水埗 邨"),
    ("tis-620", "cp874", "สวัสดี “ราคา” …"),
    ("iso-8859-11", "cp874", "สวัสดี “ราคา” …"),
    ("windows-874", "cp874", "สวัสดี “ราคา” …"),
    ("iso-8859-1", "cp1252", "“5 €” – ok"),
    ("iso-8859-2", "cp1250", "„Žluťoučký” kůň"),
    ("iso-8859-5", "cp1251", "«Привет» — №5"),
    ("iso-8859-9", "cp1254", "“Şişe” İğne"),
    ("cp-1252", "cp1252", "5 €"),
    ("x-windows-1258", "cp1258", "đồng"),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCharsets(BaseCase):
    """What a mailer calls its charset is read as what it writes."""

    def word(self, charset, data):
        return f"=?{charset}?B?{base64.b64encode(data).decode()}?="

    def assertRead(self, charset, data, text):
        with self.subTest(charset, text=text):
            self.assertEqual(decode_bytes(data, charset), text)
            self.assertEqual(decode_words(self.word(charset, data)), text)

    def test_a_wider_page_is_written_under_the_name_of_its_sister(self):
        for charset, page, text in MEANT:
            data = text.replace("ồ", "ô\u0300").encode(page)
            self.assertRead(charset, data, text)

    def test_a_standard_is_read_as_itself_where_no_page_shows(self):
        for charset, text in (("iso-8859-5", "Привет"), ("iso-8859-2", "šťáva")):
            self.assertRead(charset, text.encode(charset), text)

    def test_japanese_of_windows_in_seven_and_eight_bits(self):
        for name in ("iso-2022-jp", "cp50221", "iso-2022-jp-ms"):
            data = b"\x1b$B-j;3ED\x1b(B \x1b$B-!\x1b(I12\x1b(B \x1b$B|b66\x1b(B"
            self.assertEqual(decode_bytes(data, name), "㈱山田 ①ｱｲ 髙橋")
        data = b"\xad\xea\xbb\xb3\xc5\xc4 \xad\xa1\x8e\xb1\x8e\xb2"
        self.assertEqual(decode_bytes(data, "euc-jp"), "㈱山田 ①ｱｲ")

    def test_vietnamese_of_the_time_before_unicode(self):
        self.assertRead("viscii", b"B\xe1o gi\xe1 gh\xaa", "Báo giá ghế")
        self.assertRead("TCVN-5712", b"B\xb8o gi\xb8 gh\xd5", "Báo giá ghế")
        self.assertRead("x-viet-tcvn", b"\xae\xe5n", "đồn")
        self.assertRead("x-viet-tcvn3", b"\xae\xe5n", "đồn")

    def test_utf_8_is_known_whatever_small_set_is_named(self):
        for charset in (
            *("iso-8859-1", "iso-8859-15", "windows-1252", "windows-1258"),
            *("windows-1251", "koi8-r", "macintosh", "iso-2022-jp", "hz-gb-2312"),
        ):
            self.assertRead(charset, "Gửi báo giá nhé".encode(), "Gửi báo giá nhé")
        # Each of these is UTF-8 by accident.
        self.assertRead("windows-874", b"\xe1\xb4\xb4", "แดด")
        self.assertRead("gbk", b"\xc1\xaa\xcd\xa8", "联通")

    def test_a_byte_order_mark_says_what_it_is(self):
        for codec in ("utf-16-le", "utf-16-be", "utf-8"):
            data = "\ufeffBáo giá".encode(codec)
            for charset in ("", "unicode", "us-ascii", "iso-8859-1", "utf-16", codec):
                with self.subTest(codec=codec, charset=charset):
                    shown = decode_bytes(data, charset).removeprefix("\ufeff")
                    self.assertEqual(shown, "Báo giá")

    def test_a_sign_in_two_halves_is_one(self):
        data = "Cảm ơn ".encode() + b"\xed\xa0\xbd\xed\xb8\x80"
        for charset in ("utf-8", "", "x-unknown"):
            self.assertRead(charset, data, "Cảm ơn 😀")
        self.assertEqual(decode_bytes(b"\xed\xa0\xbda", "utf-8").count("a"), 1)

    def test_two_bytes_for_each_sign_have_names(self):
        for charset in ("ucs-2", "ISO-10646-UCS-2"):
            self.assertRead(charset, "Báo giá ghế".encode("utf-16-be"), "Báo giá ghế")

    def test_damage_costs_only_what_is_damaged(self):
        self.assertEqual(
            decode_bytes(b"\x8c\xa9\x90\xcf\x8c ok", "shift_jis"), "見積� ok"
        )

    def test_core_reads_only_the_words_that_python_reads_alike(self):
        self.assertTrue(is_readable("=?iso-8859-1?Q?caf=E9?= =?utf-8?Q?=C3=A9?="))
        self.assertFalse(is_readable("=?iso-8859-1?Q?=80_5?="))
        self.assertFalse(is_readable("=?x-windows-949?Q?=B0=A1?="))
        self.assertFalse(is_readable("=?x-none?Q?a?="))

    @quick
    @given(
        st.binary(max_size=60),
        st.sampled_from(
            ["iso-2022-jp", "euc-jp", "viscii", "tcvn", "big5", "shift_jis", "gb2312"]
        ),
    )
    def test_whatever_the_bytes_nothing_is_raised(self, data, charset):
        decode_bytes(data, charset).encode()
        codec = charsets.codec_of(charset)
        charsets.decode_damaged(data, codec)

    @quick
    @given(st.text("見積山田アイウ漢字、。abc \n", max_size=30))
    def test_seven_bit_japanese_is_read_as_it_was_written(self, text):
        data = text.encode("iso2022_jp")
        self.assertEqual(charsets.decode(data, "iso2022_jp"), text)
        self.assertEqual(charsets.decode(text.encode("euc_jp"), "euc_jp"), text)
