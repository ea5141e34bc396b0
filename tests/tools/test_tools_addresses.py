import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses

from .. import strategies
from ..strategies import given, header_text, names, quick, st


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestAddresses(BaseCase):
    """One address, and lists of them."""

    def test_normalize(self):
        for written, normal in (
            ("sales@own.test", "sales@own.test"),
            (" Sales@OWN.Test. ", "sales@own.test"),
            ("Sales Team <Sales@own.test>", "sales@own.test"),
            ("<sales@own.test>", "sales@own.test"),
            ("mailto:sales@own.test", "sales@own.test"),
            ("sales @ own.test", "sales@own.test"),
            ("a@own.test, b@own.test", "a@own.test"),
            # RFC 5322 3.4.1: quotes that are not needed change nothing.
            ('"sales"@own.test', "sales@own.test"),
            ('"Two Words"@own.test', '"two words"@own.test'),
            ('"a\\"b"@own.test', '"a\\"b"@own.test'),
            ('"a@b"@own.test', '"a@b"@own.test'),
            # RFC 5890: domains as A-labels.
            ("a@Tên-Miền.test", "a@xn--tn-min-iva0322d.test"),
            ("KẾ.toán@own.test", "kế.toán@own.test"),
            ("a@[192.0.2.1]", "a@[192.0.2.1]"),
            ("root@localhost", "root@localhost"),
            ("a..b.@own.test", "a..b.@own.test"),
            # RFC 5322 4.4: source routes.
            ("<@mx.test,@mx2.test:a@own.test>", "a@own.test"),
            # None at all.
            ("", ""),
            ("sales", ""),
            ("@own.test", ""),
            ("a@", ""),
            ("a@b@own.test", ""),
            ("a@own..test", ""),
            ("a@own.test\0evil", ""),
            ('""@own.test', ""),
            ("a@" + "x" * 64 + ".test", ""),
            ("a@" + "x." * 130 + "test", ""),
            ("x" * 300 + "@own.test", ""),
            ("a@ä" + "x" * 70 + ".test", ""),
        ):
            with self.subTest(written=written):
                self.assertEqual(addresses.normalize(written), normal)

    def test_lists(self):
        for value, found in (
            ("a@own.test, b@own.test", ["a@own.test", "b@own.test"]),
            ("A@own.test, a@OWN.test", ["a@own.test"]),
            ('"Doe, John" <a@own.test>, b@own.test', ["a@own.test", "b@own.test"]),
            (
                "Team: a@own.test, B <b@own.test>;, c@own.test",
                ["a@own.test", "b@own.test", "c@own.test"],
            ),
            ("undisclosed-recipients:;", []),
            ("a@own.test (a (nested) comment, with b@own.test)", ["a@own.test"]),
            ("(first) a@own.test", ["a@own.test"]),
            ("a@own.test; b@own.test", ["a@own.test", "b@own.test"]),
            ("a@own.test b@own.test", ["a@own.test", "b@own.test"]),
            ("<a@own.test><b@own.test>", ["a@own.test", "b@own.test"]),
            ('"b@own.test" <a@own.test>', ["a@own.test"]),
            ("b@own.test <a@own.test>", ["a@own.test"]),
            ("=?utf-8?q?L=C3=AA=2C_Nam?= <a@own.test>", ["a@own.test"]),
            ("=?utf-8?q?L=C3=AA, Nam?= <a@own.test>", ["a@own.test"]),
            ("=?utf-8?q?Nam_=3Ca=40own.test=3E?=", ["a@own.test"]),
            ("'a@own.test'", ["a@own.test"]),
            ("A <'a@own.test'>", ["a@own.test"]),
            ("A <'a@own.test>", ["'a@own.test"]),
            # Broken: never closed, closed twice, only in a comment.
            ('"Doe <a@own.test>, b@own.test', ["a@own.test", "b@own.test"]),
            ('"Doe <a@own.test>, "Roe" <b@own.test>', ["b@own.test", "a@own.test"]),
            ("Doe <a@own.test, b@own.test", ["a@own.test", "b@own.test"]),
            ("Doe (a <a@own.test>, b@own.test", ["a@own.test", "b@own.test"]),
            ("a@own.test>, b@own.test", ["a@own.test", "b@own.test"]),
            ("Name (a@own.test)", ["a@own.test"]),
            (",,;;, <>, a@own.test", ["a@own.test"]),
            ("\\", []),
        ):
            with self.subTest(value=value):
                self.assertEqual(addresses.parse_list(value), tuple(found))

    def test_an_encoded_word_hides_no_other_address(self):
        value = "=?utf-8?q?boss=40own.test=2C?= <a@foreign.test>"
        self.assertEqual(addresses.parse_list(value), ("a@foreign.test",))

    def test_lists_are_capped(self):
        value = ", ".join(f"a{number}@own.test" for number in range(10_100))
        found = addresses.parse_list(value)
        self.assertEqual(len(found), addresses.MAX_ADDRESSES)
        self.assertEqual(found[-1], "a9999@own.test")

    def test_parts(self):
        self.assertEqual(addresses.split("a@own.test"), ("a", "own.test"))
        self.assertEqual(addresses.split('"a@b"@own.test'), ('"a@b"', "own.test"))
        self.assertEqual(addresses.split("nothing"), ("", ""))
        self.assertEqual(addresses.domain("a@own.test"), "own.test")
        self.assertEqual(addresses.domain(""), "")

    def test_base_of_plus(self):
        for address, base in (
            ("sales+x@own.test", "sales@own.test"),
            ("sales+x+y@own.test", "sales@own.test"),
            ("sales+@own.test", "sales@own.test"),
            ("sales@own.test", ""),
            ("+x@own.test", ""),
            ('"a b+c"@own.test', ""),
            ("", ""),
        ):
            with self.subTest(address=address):
                self.assertEqual(addresses.base_of_plus(address), base)

    def test_display_names(self):
        for value, name in (
            ("Nam Lê <a@own.test>", "Nam Lê"),
            ('"Lê, Nam" <a@own.test>', "Lê, Nam"),
            ('"Nam \\"N\\" Lê" <a@own.test>', 'Nam "N" Lê'),
            ("=?utf-8?q?L=C3=AA?= <a@own.test>", "Lê"),
            ("a@own.test (Nam Lê)", "Nam Lê"),
            ("a@own.test (Nam), b@own.test (Lan)", "Nam"),
            ("a@own.test", ""),
            ("Nam", ""),
        ):
            with self.subTest(value=value):
                self.assertEqual(addresses.first_mailbox(value).name, name)

    def test_the_address_in_brackets_is_meant_whatever_stands_around_it(self):
        for value in (
            "user_a@own.test, <lan@x.test>",
            "user_a@own.test; <lan@x.test>",
            "<user_a@own.test> <lan@x.test>",
            "User A <user_a@own.test> <lan@x.test>",
            "user_a@own.test: lan@x.test;",
            '"user_a@own.test", lan@x.test',
            '"user_a@own.test" lan@x.test',
            "=?utf-8?q?User_A_=3Cuser=5Fa@own.test=3E,?= <lan@x.test>",
            "Lan <\u200blan@x.test>",
            "Lan <l\u00adan\u200d@\ufeffx.test\u202c>",
            "\u202elan@x.test\u202c",
            "User A &lt;user_a@own.test&gt; <lan@x.test>",
            "\u2039user_a@own.test\u203a <lan@x.test>",
            "user_a@own.test <lan@x.test",
            "user_a@own.test<lan@x.test",
        ):
            with self.subTest(value=value):
                self.assertEqual(addresses.first_mailbox(value).address, "lan@x.test")
        for value in (
            '"lan k"@x.test',
            '"a" "lan k"@x.test',
            '"lan k"@x.test "user_a@own.test"',
            '"lan@x.test"',
        ):
            with self.subTest(value=value):
                self.assertTrue(addresses.first_mailbox(value).address)

    def test_what_people_write_for_brackets_is_read_as_these(self):
        for value in (
            "Lan &lt;lan@x.test&gt;",
            '"Lan" &LT;lan@x.test&GT;',
            "Lan \u2039lan@x.test\u203a",
            "Lan \u00ablan@x.test\u00bb",
            "Lan \uff1clan@x.test\uff1e",
            "Lan \u3008lan@x.test\u3009",
            "Lan <<lan@x.test>>",
            "Lan <lan@x.test",
            "Lan<lan@x.test",
            'Lan <"lan@x.test">',
            "Lan \\<lan@x.test\\>",
            "=??B?TGFu?= <lan@x.test>",
            "=??q?Lan?= <lan@x.test>",
        ):
            with self.subTest(value=value):
                found = addresses.first_mailbox(value)
                self.assertEqual(found, addresses.Mailbox("Lan", "lan@x.test"))
                self.assertEqual(addresses.parse_list(value), ("lan@x.test",))
        self.assertEqual(
            addresses.first_mailbox("\u00abLan\u00bb lan@x.test").address, "lan@x.test"
        )

    def test_readable(self):
        for value, text in (
            ("=?utf-8?q?L=C3=AA=2C_Nam?= <A@own.test>", '"Lê, Nam" <a@own.test>'),
            ("a@own.test", "a@own.test"),
            ("=?utf-8?q?L=C3=AA?=", "Lê"),
            ("x" * 2000, "x" * 998),
        ):
            with self.subTest(value=value):
                self.assertEqual(addresses.readable(value), text)
        self.assertEqual(
            addresses.readable_list("A <a@own.test>, b@own.test"),
            '"A" <a@own.test>, b@own.test',
        )

    def test_format_address(self):
        for name, address, value in (
            ("User A", "User_A@own.test", '"User A" <User_A@own.test>'),
            ('Nam "N", Lê', "a@own.test", "=?utf-8?b?TmFtICJOIiwgTMOq?= <a@own.test>"),
            ('O"Neil\\', "a@own.test", '"O\\"Neil\\\\" <a@own.test>'),
            ("", "a@own.test", "a@own.test"),
            ("Nobody", "", ""),
            ("Nobody", "no address", ""),
            (
                "=?utf-8?q?x?=",
                "a@own.test",
                "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@own.test>",
            ),
            (
                "A\r\nBcc: b@evil.test",
                "a@own.test",
                '"A Bcc: b@evil.test" <a@own.test>',
            ),
            ("A", "a@own.test\r\nBcc: b@evil.test", '"A" <a@own.test>'),
        ):
            with self.subTest(name=name, address=address):
                written = addresses.format_address(name, address)
                self.assertEqual(written, value)

    def test_what_people_read_is_not_encoded(self):
        for name, value in (
            ("Tên Miền", '"Tên Miền" <a@own.test>'),
            ('O"Neil', '"O\\"Neil" <a@own.test>'),
            ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@own.test>"),
            ("Tên\r\nBcc: b@evil.test", '"Tên Bcc: b@evil.test" <a@own.test>'),
        ):
            with self.subTest(name=name):
                written = addresses.readable_address(name, "a@own.test")
                self.assertEqual(written, value)

    def test_a_list_is_read_up_to_a_whole_entry(self):
        one = "somebody@own.test"
        value = ", ".join([one] * (addresses.MAX_LIST // 8))
        for read in (addresses.mailboxes, addresses.each_entry):
            found = [mailbox.address for mailbox in read(value)]
            self.assertEqual(set(found), {one})
            self.assertGreater(len(found), addresses.MAX_LIST // 20)
        start = time.process_time()
        self.assertTrue(addresses.readable_list('"\\' * 4_500_000 + one) == "")
        self.assertLess(time.process_time() - start, 10)

    def test_long_names_are_split_between_characters(self):
        name = "Công ty Trách nhiệm hữu hạn Một thành viên Tên Miền"
        written = addresses.format_address(name, "a@own.test")
        self.assertLessEqual(max(map(len, written.split())), 75)
        self.assertEqual(addresses.first_mailbox(written).name, name)

    @quick
    @given(header_text)
    def test_parsing_never_raises(self, value):
        for address in addresses.parse_list(value):
            self.assertEqual(addresses.normalize(address), address)
        addresses.first_mailbox(value).name.encode()
        addresses.readable(value).encode()

    @quick
    @given(header_text)
    def test_normalize_is_idempotent(self, value):
        once = addresses.normalize(value)
        self.assertEqual(addresses.normalize(once), once)

    @quick
    @given(st.text(max_size=40), st.text(max_size=20))
    def test_normalize_is_idempotent_on_unicode(self, local, host):
        once = addresses.normalize(f"{local}@{host}.test")
        self.assertEqual(addresses.normalize(once), once)

    @quick
    @given(header_text, header_text)
    def test_written_addresses_are_one_line(self, name, address):
        for write in (addresses.format_address, addresses.readable_address):
            self.assertFalse(set("\r\n\0") & set(write(name, address)))

    @quick
    @given(names, strategies.addresses)
    def test_what_is_written_is_read_again(self, name, address):
        shown = addresses.single_line(name)
        for write in (addresses.format_address, addresses.readable_address):
            written = write(name, address)
            self.assertEqual(addresses.normalize(written), address)
            self.assertEqual(addresses.parse_list(written), (address,))
            self.assertEqual(
                addresses.first_mailbox(written).name.split(), shown.split()
            )

    @quick
    @given(st.lists(st.tuples(names, strategies.addresses), unique_by=lambda p: p[1]))
    def test_written_lists_are_read_again(self, people):
        value = ", ".join(addresses.format_address(*person) for person in people)
        self.assertEqual(addresses.parse_list(value), tuple(a for _n, a in people))

    def test_hostile_values_take_no_time(self):
        # Quadratic work on these would take minutes.
        start = time.monotonic()
        for seed in ('"', "(", "<", "\\", '\\"', "a@", "=?a?q?", ",", "<a@", " @ "):
            value = (seed * 100_000)[:100_000]
            for prefix in ("", '"', "(", "a@own.test "):
                addresses.parse_list(prefix + value)
                addresses.normalize(prefix + value)
                addresses.first_mailbox(prefix + value)
        self.assertLess(time.monotonic() - start, 60)
