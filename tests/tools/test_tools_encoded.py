import base64
import copy
import random
import tracemalloc
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import encoded, mime
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail

from ..strategies import given, quick, st

FILE = random.Random(1).randbytes(9000)
HEAD = b"From: lan@customer.test\r\nSubject: A file\r\nMIME-Version: 1.0\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\r\n"
KIND = b"Content-Type: application/pdf; name=a.pdf\r\n"


def lines(data=FILE, width=76, line_end=b"\r\n"):
    """Return base64 in lines of so many digits."""
    text = base64.b64encode(data)
    found = (text[at : at + width] for at in range(0, len(text), width))
    return b"".join(line + line_end for line in found)


def in_parts(*parts, line_end=b"\r\n"):
    """Return a mail of these parts, each with its own header."""
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    raw += b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return raw.replace(b"\r\n", line_end)


def all_of(message):
    """Return whatever anybody can ask of a parsed mail."""
    found = []
    for part in message.walk():
        found.append((part.items(), part.get_content_type(), part.is_multipart()))
        found.append((part.preamble, part.epilogue, len(part.defects)))
        found.append((mime.whole_content(part), mime.decoded_size(part)))
        if not part.is_multipart():
            found.append((part.get_payload(), part.get_payload(decode=True)))
            found.append((mime.decoded_payload(part), part.get_content()))
    return [*found, message.as_bytes(), message.as_string()]


def plainly(raw):
    """Return the mail as the standard parser alone reads it."""
    with patch.object(encoded, "find_runs", lambda _raw: []):
        return mime.parse(raw)


def in_small(size=400):
    """Let runs of so few bytes be taken out."""
    return patch.object(encoded, "LEAST_RUN", size)


SHAPES = {
    "one file": HEAD + KIND + BASE64 + b"\r\n" + lines(),
    "no end": HEAD + KIND + BASE64 + b"\r\n" + lines().rstrip(),
    "an end of blank lines": HEAD + KIND + BASE64 + b"\r\n" + lines() + b"\r\n \r\n",
    "blank lines before": HEAD + KIND + BASE64 + b"\r\n\r\n\r\n" + lines(),
    "LF": (HEAD + KIND + BASE64 + b"\r\n").replace(b"\r\n", b"\n")
    + lines(line_end=b"\n"),
    "CR": HEAD + KIND + BASE64 + b"\r\n" + lines(line_end=b"\r"),
    "LF in a mail of CRLF": HEAD + KIND + BASE64 + b"\r\n" + lines(line_end=b"\n"),
    "two files": in_parts(
        KIND + BASE64 + b"\r\n" + lines(), KIND + BASE64 + b"\r\n" + lines(FILE[::-1])
    ),
    "two files, LF": in_parts(
        KIND + BASE64 + b"\r\n" + lines(), KIND + BASE64 + b"\r\n" + lines(FILE[:-1]),
        line_end=b"\n",
    ),
    "a whole number of lines": in_parts(
        KIND + BASE64 + b"\r\n" + lines(FILE[: 57 * 100])
    ),
    "a text": in_parts(
        b"Content-Type: text/plain; charset=utf-8\r\n" + BASE64 + b"\r\n"
        + lines("Chào anh, tôi muốn mua hàng. ".encode() * 300)
    ),
    "a text without its charset": in_parts(
        b"Content-Type: text/plain\r\n" + BASE64 + b"\r\n"
        + lines("Chào anh. ".encode() * 900)
    ),
    "another name of base64": in_parts(
        KIND + b"Content-Transfer-Encoding: b64\r\n\r\n" + lines()
    ),
    "a comment": in_parts(
        KIND + b"Content-Transfer-Encoding: BASE64 (RFC 2045)\r\n\r\n" + lines()
    ),
    "no encoding": in_parts(KIND + b"\r\n" + lines()),
    "quoted-printable": in_parts(
        KIND + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + lines()
    ),
    "a list's footer": in_parts(
        KIND + BASE64 + b"\r\n" + lines() + b"____________\r\nThe list: https://l.test"
    ),
    "more behind the end": in_parts(KIND + BASE64 + b"\r\n" + lines() + lines()),
    "an odd line within": in_parts(
        KIND + BASE64 + b"\r\n" + lines(FILE[:5700]) + b"AAAA\r\n" + lines(FILE[5700:])
    ),
    "an end that nobody writes": in_parts(
        KIND + BASE64 + b"\r\n" + lines(FILE[:5700]) + b"QUJDR=\r\n"
    ),
    "spare bits at the end": in_parts(
        KIND + BASE64 + b"\r\n" + lines(FILE[:5700]) + b"QUJ=\r\n"
    ),
    "text before": in_parts(KIND + BASE64 + b"\r\nSee below:\r\n" + lines()),
    "a long line before": in_parts(KIND + BASE64 + b"\r\n" + b"A" * 24 + lines()),
    "in the preamble": in_parts(b"\r\nHello").replace(b"--b\r\n", lines() + b"--b\r\n"),
    "behind the end": in_parts(b"\r\nHello") + lines(),
    "a mail in a mail": in_parts(
        b"Content-Type: message/rfc822\r\n\r\n" + HEAD + KIND + BASE64 + b"\r\n"
        + lines()
    ),
    "an encoded mail in a mail": in_parts(
        b"Content-Type: message/rfc822\r\n" + BASE64 + b"\r\n"
        + lines(HEAD + b"\r\nHello\r\n" * 500)
    ),
    "no header": lines(),
    "in the header": HEAD + lines() + KIND + BASE64 + b"\r\n" + lines(),
    "a header that is broken": b" A\r\n" + HEAD + KIND + BASE64 + b"\r\n" + lines(),
    "no parts": HEAD + b"Content-Type: multipart/mixed\r\n" + BASE64 + b"\r\n"
    + lines(),
}  # fmt: skip


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestEncoded(BaseCase):
    """Whether a file was taken out before parsing, nobody can tell by the mail."""

    def assertSame(self, raw):
        self.assertEqual(all_of(mime.parse(raw)), all_of(plainly(raw)))

    def test_every_shape_is_read_as_before(self):
        for name, raw in SHAPES.items():
            with self.subTest(name), in_small():
                self.assertSame(raw)
                self.assertEqual(
                    [(one.name, one.content) for one in read_mail(raw).files],
                    self.read_plainly(raw),
                )

    def read_plainly(self, raw):
        with patch.object(encoded, "find_runs", lambda _raw: []):
            return [(one.name, one.content) for one in read_mail(raw).files]

    def test_lines_of_every_width(self):
        for width in (4, 60, 64, 72, 75, 76, 77, 996, 1000, 1200):
            for size in range(8990, 9000):
                raw = HEAD + KIND + BASE64 + b"\r\n" + lines(FILE[:size], width)
                with self.subTest(width=width, size=size), in_small():
                    self.assertSame(raw)

    @quick
    @given(
        st.lists(
            st.one_of(
                st.sampled_from(
                    [b"--b\r\n", b"--b--\r\n", b"\r\n", b"\n", b"\r", b"A", b"=", b" "]
                    + [HEAD, KIND, BASE64, b"QUJD\r\n", b"Content-Type: text/plain\r\n"]
                    + [b"Content-Type: message/rfc822\r\n", b"Hello\r\n"]
                    + [b'Content-Type: multipart/mixed; boundary="b"\r\n']
                ),
                st.builds(
                    lambda size, width, end: lines(FILE[:size], width, end),
                    st.integers(0, 3000),
                    st.sampled_from([60, 76, 75]),
                    st.sampled_from([b"\r\n", b"\n"]),
                ),
            ),
            max_size=14,
        ).map(b"".join)
    )
    def test_mails_of_any_pieces(self, raw):
        with in_small(300):
            self.assertSame(raw)

    def test_large_files_are_held(self):
        whole = random.Random(2).randbytes(200_000)
        message = mime.parse(in_parts(KIND + BASE64 + b"\r\n" + lines(whole)))
        part = message.get_payload(0)
        self.assertEqual(part.held, whole)
        self.assertIs(part.get_payload(decode=True), part.held)
        self.assertIs(part.get_content(), part.held)
        self.assertIs(mime.whole_content(part), part.held)
        self.assertEqual(copy.deepcopy(part).get_payload(), part.get_payload())

    def test_what_is_written_later_counts(self):
        with in_small():
            part = mime.parse(HEAD + KIND + BASE64 + b"\r\n" + lines())
            self.assertEqual(part.held, FILE)
            part.set_payload("QUJD")
            self.assertIsNone(part.held)
            self.assertEqual(part.get_payload(decode=True), b"ABC")
            part = mime.parse(HEAD + KIND + BASE64 + b"\r\n" + lines())
            del part["Content-Transfer-Encoding"]
            self.assertEqual(part.get_payload(decode=True), lines())

    def test_small_mail_is_left_alone(self):
        self.assertEqual(encoded.find_runs(in_parts(KIND + BASE64 + lines())), [])

    def test_no_run_that_is_long_enough_is_missed(self):
        for before in range(0, 5000, 977):
            raw = HEAD + b"X" * before + b"\r\n\r\n" + lines()
            for least in (1000, 3000, 6000):
                with self.subTest(before=before, least=least), in_small(least):
                    (run,) = encoded.find_runs(raw)
                    self.assertEqual(raw[run.start : run.end], lines().rstrip())

    def test_a_large_file_takes_no_more_than_itself(self):
        whole = random.Random(3).randbytes(3_000_000)
        raw = HEAD + KIND + BASE64 + b"\r\n" + lines(whole)
        mime.parse(raw[:100_000])
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        message = mime.parse(raw)
        kept, peak = tracemalloc.get_traced_memory()
        self.assertEqual(message.get_content(), whole)
        self.assertLess(kept, 1.1 * len(whole))
        self.assertLess(peak, 1.2 * len(whole))
