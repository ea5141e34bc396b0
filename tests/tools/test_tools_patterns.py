import re
import time
import unicodedata
import unittest

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import patterns

from ..strategies import given, header_text, quick, st

try:
    import re2
except ImportError:
    re2 = None

LETTERS = "aAbB1 -đ"


def _extended(inner):
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}", "*?"]))
        .map(lambda two: f"(?:{two[0]}){two[1]}"),
        inner.map(lambda one: f"({one})"),
    )  # fmt: skip


#: Patterns of all that is supported.
regexes = st.recursive(
    st.sampled_from(
        [
            *LETTERS,
            ".",
            r"\d",
            r"\D",
            r"\w",
            r"\W",
            r"\s",
            r"\S",
            r"\b",
            r"\.",
            "^",
            "$",
        ]
        + ["[ab]", "[^a]", "[a-c1]", "[A-C]", r"[\d-]", "[]a]", r"[^\w]", r"\.", ""]
    ).map(lambda one: one if one not in ("^", "$", r"\b") else f"(?:{one})"),
    _extended,
    max_leaves=8,
)
texts = st.text(LETTERS + "c2._", max_size=12)
# RE2's classes know no letters but those of ASCII.
ascii_texts = st.text("aAbB1 -c2._", max_size=12)


def search(pattern, text):
    return patterns.compiled(pattern).search(text)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPatterns(BaseCase):
    """Patterns mean what they mean in Python, and take no time."""

    @unittest.skipUnless(re2, "google-re2 is not installed")
    @quick
    @given(regexes, ascii_texts)
    def test_a_pattern_means_what_it_means_to_re2(self, pattern, text):
        """Another engine that takes no time, made by others, is the judge."""
        if patterns.error_in(pattern):
            return
        expected = re2.search(f"(?i){pattern}", text) is not None
        self.assertEqual(search(pattern, text), expected)

    def test_examples(self):
        for pattern, text, expected in (
            ("invoice", "Your INVOICE", True),
            (r"^\[ticket #\d{3,5}\]", "[Ticket #1234] x", True),
            (r"^\[ticket #\d{3,5}\]", "re: [Ticket #1234] x", False),
            (r"hoá đơn|invoice", unicodedata.normalize("NFD", "Hoá Đơn 7"), True),
            (r"\bsale\b", "wholesale", False),
            (r"\bsale\b", "a sale.", True),
            (r"(?:ab|c){2}$", "xabc", True),
            ("", "", True),
            ("^$", "", True),
            ("^$", "a", False),
            ("a{2", "xa{2", True),
            (r"[\]\\-]", "-", True),
            (r"\AX\Z", "x", True),
            ("a.c", "a\nc", False),
        ):
            with self.subTest(pattern=pattern, text=text):
                self.assertIs(search(pattern, text), expected)

    def test_errors(self):
        for pattern, code in (
            ("a" * 201, "too_long"),
            ("(a{90}){90}", "too_complex"),
            ("a{300}", "too_complex"),
            ("(" * 30 + ")" * 30, "too_complex"),
            ("((((){90}){90}){90}){90}", "too_complex"),
            ("(a", "unbalanced"),
            ("a)", "unbalanced"),
            ("[a", "unbalanced"),
            ("a\\", "unbalanced"),
            ("*a", "nothing_to_repeat"),
            ("a|+", "nothing_to_repeat"),
            ("a**", "nothing_to_repeat"),
            ("a++", "nothing_to_repeat"),
            ("^*", "nothing_to_repeat"),
            ("[z-a]", "bad_range"),
            (r"[a-\d]", "bad_range"),
            ("a{3,1}", "bad_range"),
            (r"(a)\1", "unsupported"),
            ("(?=a)", "unsupported"),
            ("(?!a)", "unsupported"),
            ("(?<=a)", "unsupported"),
            ("(?P<x>a)", "unsupported"),
            ("(?i)a", "unsupported"),
            (r"\p", "unsupported"),
            (r"\x41", "unsupported"),
        ):
            with self.subTest(pattern=pattern):
                self.assertEqual(patterns.error_in(pattern), code)
                self.assertIn(code, patterns.ERRORS)
        self.assertEqual(patterns.error_in("a+"), "")

    @quick
    @given(regexes, st.lists(texts, min_size=1, max_size=5))
    def test_agrees_with_python(self, pattern, found):
        if patterns.error_in(pattern):
            return
        expected = re.compile(pattern.replace("$", r"\Z"), re.IGNORECASE)
        for text in found:
            found_here = search(pattern, text), bool(expected.search(text))
            self.assertEqual(*found_here, (pattern, text))

    @quick
    @given(st.one_of(st.text("ab*+?(){}[]|^$\\.-1,:", max_size=20), header_text), texts)
    def test_any_pattern_is_compiled_or_refused(self, pattern, text):
        code = patterns.error_in(pattern)
        if code:
            self.assertIn(code, patterns.ERRORS)
        else:
            self.assertIn(search(pattern, text), (True, False))

    def test_no_pattern_is_slow(self):
        text = "a" * 100_000
        start = time.monotonic()
        for pattern in (
            "(a+)+$",
            "(a*)*b",
            "(a|a)*b",
            "a*" * 60 + "b",
            "(?:a?){60}a{60}b",
            ".*.*.*.*.*=b",
            "(((a+)+)+)+b",
            "(|a)*b",
        ):
            patterns.compiled(pattern).search(text)
        self.assertLess(time.monotonic() - start, 30)
