import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import formataddr, getaddresses

from odoo.tests import BaseCase, tagged
from odoo.tools import formataddr as core_formataddr

from odoo.addons.mail_catchall_router.tools.mail.addresses import (
    format_address,
    readable_address,
)
from odoo.addons.mail_catchall_router.tools.mail.text import single_line
from odoo.addons.mail_catchall_router.tools.outbound import address_headers

from ..strategies import given, quick, st
from ..wire_names import NAMES, SUBJECTS

#: What makes an address list of a name, when it is not kept together.
_SPECIAL = st.sampled_from(
    [
        *(",", ";", ":", "<", ">", "@", '"', "'", "\\", "(", ")", "[", "]", ".", " "),
        *("=?", "?=", "=?utf-8?q?a?=", "ceo@own.test", "<ceo@own.test>", ", Ltd."),
        *("ö", "ế", "\u202e", "\u200f", "👩‍👩‍👧", "株式会社", "\t", "\r\n"),
    ]
)
_WORDS = st.text("abcdefghijklmnopqrstuvwxyzăâđêôơư", min_size=1, max_size=90)
_NAMES = st.lists(st.one_of(_SPECIAL, _WORDS), max_size=8).map("".join)
_ADDRESSES = st.sampled_from(
    ["a@foreign.test", "Lan.Anh@Own.test", f"{'b' * 64}@{'c' * 60}.test"]
)


def one_line(text):
    """Return the name as it can stand in a header."""
    return " ".join(single_line(text).split())


def chosen(name, value):
    """Return the header as the router's own identity is set: its name encoded."""
    return address_headers.address_header(name, value)


def on_the_wire(**headers):
    """Return the bytes of a mail as smtplib writes it."""
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Hello")
    address_headers.serialise(message)
    return message.as_bytes()


def read_old(raw, name):
    """Return [(name, address)] as the parser of Python 3.2 has them."""
    value = email.message_from_bytes(raw)[name]
    pairs = getaddresses([" ".join(value.split())])
    return [(str(make_header(decode_header(who))), spec) for who, spec in pairs]


def read_new(raw, name):
    """Return [(name, address)] as Python's present parser has them.

    Between the encoded words of one name it keeps the space that RFC 2047 6.2 drops.
    """
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return [
        (" ".join(one.display_name.split()), one.addr_spec)
        for one in message[name].addresses
    ]


def without_spaces(people):
    """Return [(name, address)] with names whose words are long enough to be torn."""
    return [(name.replace(" ", ""), spec) for name, spec in people]


READERS = (read_old, read_new)
WRITERS = (
    lambda pair: readable_address(*pair),
    core_formataddr,
    formataddr,
)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestAddressHeaders(BaseCase):
    """What readers of another make find in the headers that go over the wire."""

    maxDiff = None

    def assert_form(self, raw):
        """Require what RFC 5322 2.1.1 and RFC 2047 2 want of each line."""
        header = raw.partition(b"\r\n\r\n")[0]
        for line in header.split(b"\r\n"):
            self.assertLessEqual(len(line), 998)
            self.assertTrue(line.isascii())
            self.assertTrue(line.strip())
            for word in line.split():
                if b"=?" in word:
                    word = word.strip(b'",')
                    self.assertRegex(word, rb"\A=\?utf-8\?[qb]\?[^?\s]+\?=\Z")
                    self.assertLessEqual(len(word), 75)

    def assert_read(self, raw, name, people):
        self.assert_form(raw)
        self.assertEqual(read_old(raw, name), people, raw)
        found = read_new(raw, name)
        if max(len(word) for who, _spec in people for word in f"{who} x".split()) > 12:
            found, people = without_spaces(found), without_spaces(people)
        self.assertEqual(found, people, raw)

    def test_names(self):
        for name in NAMES:
            for write in WRITERS:
                with self.subTest(name=name):
                    value = write((name, "lan@foreign.test"))
                    raw = on_the_wire(
                        From=chosen("From", value), To=[value, "b@own.test"]
                    )
                    people = [(" ".join(name.split()), "lan@foreign.test")]
                    self.assert_read(raw, "From", people)
                    self.assert_read(raw, "To", [*people, ("", "b@own.test")])

    @quick
    @given(st.lists(st.tuples(_NAMES, _ADDRESSES), min_size=1, max_size=4))
    def test_a_name_never_adds_a_mailbox(self, pairs):
        people = {spec: one_line(name) for name, spec in reversed(pairs)}
        seen = dict.fromkeys(spec for _name, spec in pairs)
        wanted = [(people[spec], spec) for spec in seen]
        columns = tuple(zip(*pairs, strict=True))
        encoded = chosen("From", ", ".join(map(format_address, *columns)))
        value = ", ".join(map(readable_address, *columns))
        raw = on_the_wire(From=encoded, Reply_To=value, To=value, Cc=value)
        self.assert_read(raw, "From", wanted)
        for name in ("Reply-To", "To", "Cc"):
            if any("=?" in who for who, _spec in wanted):
                # A name that only looks encoded is read as what it looks like.
                found = [spec for _name, spec in read_old(raw, name)]
                self.assertEqual(found, [spec for _name, spec in wanted], raw)
            else:
                self.assert_read(raw, name, wanted)

    def test_an_encoded_address_stays_a_name(self):
        for value in (
            "=?utf-8?q?CEO_=3Cceo=40own.test=3E_=C3=B6?= <x@foreign.test>",
            "CEO <ceo@own.test> ö <x@foreign.test>",
            '"=?utf-8?q?=2C_=3Cceo=40own=2Etest=3E?=" <x@foreign.test>',
            '"ceo@own.test, ö" <x@foreign.test>',
        ):
            raw = on_the_wire(From=chosen("From", value))
            for read in READERS:
                self.assertEqual(
                    [spec for _name, spec in read(raw, "From")], ["x@foreign.test"]
                )

    def test_domains_are_written_as_a_labels(self):
        raw = on_the_wire(From="Lan <Lan@bücher.example>", To="a@công-ty.example")
        self.assert_read(raw, "From", [("Lan", "Lan@xn--bcher-kva.example")])
        self.assert_read(raw, "To", [("", "a@xn--cng-ty-ixa.example")])

    def test_a_domain_with_a_sharp_s_is_its_own(self):
        raw = on_the_wire(To="a@straße.example")
        self.assert_read(raw, "To", [("", "a@xn--strae-oqa.example")])

    def test_no_address_is_encoded(self):
        raw = on_the_wire(
            From="a@b.test", To="müller@own.test", Cc="Ü <ü@x.test>, c@d.test"
        )
        self.assertIn(b"\r\nTo: undisclosed-recipients:;\r\n", raw)
        self.assert_read(raw, "Cc", [("", "c@d.test")])

    def test_a_header_that_could_name_nobody_goes(self):
        raw = on_the_wire(From="a@b.test", To="c@d.test", Cc="ü@x.test", Sender="é@b.t")
        self.assertNotIn(b"Cc:", raw)
        self.assertNotIn(b"Sender:", raw)

    def test_who_takes_utf8_gets_the_address_in_it(self):
        message = EmailMessage(policy=email.policy.SMTP)
        message["To"] = "Jörg <Jörg@bücher.example>"
        address_headers.serialise(message, utf8=True)
        raw = message.as_bytes(policy=email.policy.SMTP.clone(utf8=True))
        self.assertIn("<Jörg@xn--bcher-kva.example>\r\n".encode(), raw)

    def test_subjects(self):
        for subject in SUBJECTS:
            with self.subTest(subject=subject):
                self.assert_subject(subject, subject)

    @quick
    @given(st.text(max_size=300))
    def test_any_subject(self, subject):
        subject = " ".join(subject.split()) or "x"
        self.assert_subject(
            subject, str(address_headers.text_header("Subject", subject))
        )

    def assert_subject(self, subject, wanted):
        message = EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = address_headers.text_header("Subject", subject)
        raw = message.as_bytes()
        self.assert_form(raw)
        old = email.message_from_bytes(raw)["Subject"]
        old = str(make_header(decode_header(old.replace("\r\n", ""))))
        new = email.message_from_bytes(raw, policy=email.policy.default)["Subject"]
        self.assertEqual(old, wanted)
        self.assertEqual(new, wanted)

    def test_a_word_is_torn_only_where_it_is_too_long(self):
        words = address_headers.encoded_words("công ty " * 20 + "ế" * 40)
        for word in words[:-4]:
            text = str(make_header(decode_header(word)))
            self.assertRegex(text, r"\A(công ty )+\Z|\A(ty |công )*(công ty )*\Z")

    def test_what_people_read_stays(self):
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"] = '"Tên Miền Co., Ltd." <a@b.test>'
        message["Subject"] = "Báo giá"
        before = [str(message["From"]), str(message["Subject"])]
        address_headers.serialise(message)
        self.assertEqual([message["From"], message["Subject"]], before)

    # ------------------------------------------------------------
    # OTHER HEADERS
    # ------------------------------------------------------------

    def lines_of(self, name, value):
        """Return the lines of a header on the wire."""
        head = on_the_wire(**{name: value}).partition(b"\r\n\r\n")[0].decode()
        lines = head.split("\r\n")
        start = next(n for n, line in enumerate(lines) if line.startswith(f"{name}:"))
        end = start + 1
        while end < len(lines) and lines[end].startswith(" "):
            end += 1
        self.assertTrue(all(len(line) <= 998 for line in lines))
        return lines[start:end]

    def test_the_address_to_unsubscribe_is_whole(self):
        """Python takes it for a word to be torn; mail clients show no button then."""
        url = (
            f"<https://odoo.own.test/mailing/20/unsubscribe_oneclick?hash={'c' * 128}>"
        )
        self.assertEqual(
            self.lines_of("List-Unsubscribe", url), [f"List-Unsubscribe: {url}"]
        )
        both = f"<mailto:leave@own.test?subject=leave>, {url}"
        lines = self.lines_of("List-Unsubscribe", both)
        self.assertEqual("".join(lines), f"List-Unsubscribe: {both}")

    @quick
    @given(st.lists(st.text("ab<>@:/?=&%._-", min_size=1, max_size=300), min_size=1))
    def test_any_header_of_plain_words(self, words):
        value = " ".join(words).replace("=?", "=")
        lines = self.lines_of("X-Any", value)
        self.assertEqual("".join(lines), f"X-Any: {value}")

    def test_another_header_in_any_script_is_encoded(self):
        raw = on_the_wire(X_Note=f"khách hàng - … {'báo giá ' * 20}của chúng tôi")
        read = email.message_from_bytes(raw, policy=email.policy.default)["X-Note"]
        self.assertTrue(raw.isascii())
        self.assertEqual(read, f"khách hàng - … {'báo giá ' * 20}của chúng tôi")

    def test_references_stay_on_one_line_that_is_not_too_long(self):
        short = [f"<{n}{'x' * 70}@mail.customer.test>" for n in range(4)]
        self.assertEqual(len(self.lines_of("References", " ".join(short))), 1)
        long = [f"<{n}{'x' * 290}@mail.customer.test>" for n in range(4)]
        lines = self.lines_of("References", " ".join(long))
        self.assertEqual(len(lines), 2)
        self.assertEqual("".join(lines), f"References: {' '.join(long)}")
        endless = f"<{'x' * 1000}@customer.test>"
        lines = self.lines_of("References", f"{endless} {short[0]}")
        self.assertEqual(lines, [f"References: {short[0]}"])

    def test_what_is_encoded_in_a_mail_that_was_read_stays(self):
        source = (
            b"From: Lan <lan@customer.test>\r\nTo: b@own.test\r\n"
            b"X-Note: =?utf-8?q?b=C3=A1o_gi=C3=A1?=\r\nX-Two: one\r\n\ttwo\r\n\r\nHello"
        )
        message = email.message_from_bytes(source, policy=email.policy.SMTP)
        address_headers.serialise(message)
        self.assertIn(b"\r\nX-Note: =?utf-8?q?b=C3=A1o_gi=C3=A1?=\r\n", bytes(message))
        self.assertIn(b"\r\nX-Two: one two\r\n", bytes(message))
        self.assertEqual(message["X-Note"], "báo giá")

    def test_the_order_of_headers_stays(self):
        message = EmailMessage(policy=email.policy.SMTP)
        for name in ("X-B", "Subject", "X-A", "X-B", "From"):
            message[name] = "a@own.test"
        address_headers.serialise(message)
        self.assertEqual(message.keys(), ["X-B", "Subject", "X-A", "X-B", "From"])
