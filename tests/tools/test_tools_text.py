import time
import unicodedata

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import text

from ..strategies import given, header_text, quick, st


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestWords(BaseCase):
    """Text out of bytes and encoded words."""

    @quick
    @given(st.text(), st.sampled_from(("NFD", "NFKD")))
    def test_marks_are_taken_off_each_character_by_itself(self, value, form):
        apart = unicodedata.normalize(form, value)
        bare = "".join(one for one in apart if not unicodedata.combining(one))
        self.assertEqual(text.without_combining(value, form), bare)

    def test_a_text_with_and_without_its_marks(self):
        for value, bare in (
            ("Tiếng Việt", "Tieng Viet"),
            ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tieng Viet"),
            ("плей", "плеи"),
            ("plain", "plain"),
        ):
            with self.subTest(value=value):
                self.assertEqual(text.without_combining(value, "NFD"), bare)
        self.assertEqual(text.without_combining("\uff21\ufb01", "NFKD"), "Afi")

    def test_charsets(self):
        for data, charset, shown in (
            (b"Ti\xea\xecng Vi\xea\xf2t", "windows-1258", "Tiếng Việt"),
            ("Tiếp".encode(), "UTF-8", "Tiếp"),
            ("Tiếp".encode(), "", "Tiếp"),
            ("Tiếp".encode(), "x-unknown", "Tiếp"),
            ("Tiếp".encode(), "us-ascii", "Tiếp"),
            ("Tiếp".encode(), "utf-8*vi", "Tiếp"),
            ("Tiếp".encode(), "utf8mb4", "Tiếp"),
            (b"caf\xe9", "utf-8", "café"),
            (b"caf\xe9", "", "café"),
            (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
            (b"a\0b", "utf-8", "ab"),
            (b"", "utf-8", ""),
            ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        ):
            with self.subTest(data=data, charset=charset):
                self.assertEqual(text.decode_bytes(data, charset), shown)

    def test_damaged_utf8_stays_readable(self):
        damaged = "Tiếng Việt rất đẹp".encode()[:-2] + b"\xff"
        self.assertTrue(text.decode_bytes(damaged, "utf-8").startswith("Tiếng Việt"))

    def test_codecs_that_are_no_charsets(self):
        for charset in ("punycode", "idna", "unicode_escape", "zlib", "rot13", "hex"):
            with self.subTest(charset=charset):
                self.assertEqual(text.decode_bytes(b"\\ud800a", charset), "\\ud800a")

    def test_encoded_words(self):
        for value, shown in (
            ("plain", "plain"),
            ("=?utf-8?q?Xin_ch=C3=A0o?=", "Xin chào"),
            ("=?UTF-8?B?WGluIGNow6Bv?=", "Xin chào"),
            # RFC 2047 6.2: white space between words goes, other space stays.
            ("=?utf-8?q?a?= \r\n =?utf-8?q?b?= c", "ab c"),
            ("a =?utf-8?q?b?= c", "a b c"),
            # A character split over two words, against RFC 2047 5.
            ("=?utf-8?b?w4M=?= =?utf-8?b?w6A=?=", "Ãà"),
            ("=?utf-8?q?=C3?= =?utf-8?q?=A0?=", "à"),
            # Careless senders: glued, quoted, unpadded, with spaces, unknown.
            ("x=?utf-8?q?=C3=A0?=y", "xày"),
            ('"=?utf-8?q?=C3=A0?="', '"à"'),
            ("=?utf-8?b?w6A?=", "à"),
            ("=?utf-8?q?a b?=", "a b"),
            ("=?x-none?q?=C3=A0?=", "à"),
            ("=?utf-8*vi?q?=C3=A0?=", "à"),
            # An end that is lost, a question mark within, a folded line.
            ("=?utf-8?q?B=C3=A1o_gi=C3=A1", "Báo giá"),
            ("=?utf-8?B?QsOhbyBnacOh", "Báo giá"),
            ("=?utf-8?q?B=C3=A1o_\r\n =?utf-8?q?gia?=", "Báo gia"),
            ('"=?utf-8?q?B=C3=A1o" <a@b>', '"Báo" <a@b>'),
            ("=?utf-8?q?kh=C3=B4ng?=C6=B0_n?= a", "không?ư n a"),
            ("=?utf-8?q?gi=C3=A1?=2026", "giá2026"),
            ("=?utf-8?q?B=C3=A1o_gi=\r\n =C3=A1?=", "Báo giá"),
            # No encoded words after all.
            ("=?utf-8?q?open", "=?utf-8?q?open"),
            ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
            ("a =? b ?=", "a =? b ?="),
        ):
            with self.subTest(value=value):
                self.assertEqual(text.decode_words(value), shown)

    def test_what_is_shown_is_decoded_twice_where_it_was_encoded_twice(self):
        for value, shown in (
            ("=?utf-8?q?Re:_=3D=3Futf-8=3Fq=3FB=3DC3=3DA1o=3F=3D_20?=", "Re: Báo 20"),
            ("=?utf-8?q?=EF=BB=BFB=C3=A1o?=", "Báo"),
            ("=?utf-8?q?a_=3D=3F_b?=", "a =? b"),
        ):
            self.assertEqual(text.decode_twice(value), shown)

    def test_words_without_an_end_take_no_time(self):
        started = time.process_time()
        for value in ("=?u?B?AAAA", "=?u?Q?=C3", "=?u?Q?a?=AA", "=?u?Q?"):
            text.decode_words(value * 50_000)
        self.assertLess(time.process_time() - started, 10)

    def test_no_line_break_comes_out(self):
        value = "=?utf-8?q?a=0D=0ABcc:_x=40evil.test=00?="
        self.assertEqual(text.decode_words(value), "a Bcc: x@evil.test")

    @quick
    @given(header_text)
    def test_decoding_never_raises(self, value):
        shown = text.decode_words(value)
        shown.encode()
        self.assertFalse(set("\0\r\n") & set(shown))

    @quick
    @given(st.binary(), st.text(max_size=12))
    def test_bytes_always_become_text(self, data, charset):
        shown = text.decode_bytes(data, charset)
        shown.encode()
        self.assertNotIn("\0", shown)

    @quick
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
    def test_utf8_is_read_as_it_is(self, shown):
        self.assertEqual(text.decode_bytes(shown.encode(), "utf-8"), shown)

    @quick
    @given(st.text(max_size=300))
    def test_a_single_line_is_one_for_the_standard_library_too(self, shown):
        self.assertLessEqual(len(text.single_line(shown).splitlines()), 1)

    def test_every_line_end_becomes_a_space(self):
        for end in ("\r\n", "\n ", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"):
            self.assertEqual(text.single_line(f"a{end}b"), "a b", ascii(end))
