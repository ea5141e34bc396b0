import re
from html.parser import HTMLParser

from odoo.tests import BaseCase, tagged
from odoo.tools import html_sanitize

from odoo.addons.mail_catchall_router.tools.mail import preview

from ..hostile_html import VECTORS
from ..strategies import given, quick, st


def names(text):
    """Return the frozenset of the words in a text."""
    return frozenset(text.split())


FORBIDDEN_ELEMENTS = names(
    "applet area audio base body button details dialog embed form frame frameset head "
    "html iframe input isindex keygen link map marquee math meta noscript object "
    "option picture script select slot source style svg template textarea title video "
    "xmp x-widget image use foreignobject annotation-xml"
)
KNOWN_ATTRIBUTES = names(
    "abbr align alt bgcolor border cellpadding cellspacing color colspan datetime dir "
    "face height href hspace lang nowrap rel rowspan scope size span src start target "
    "title type valign value vspace width"
)
LINK = re.compile(r"(https?://[a-z]|mailto:|tel:)", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(png|gif|jpeg|jpg|webp|bmp);base64,")


class Reader(HTMLParser):
    """Notes what speaks against some HTML; knows nothing of what made it safe."""

    def __init__(self):
        super().__init__()
        self.offences = []

    def handle_starttag(self, tag, attrs):
        if tag in FORBIDDEN_ELEMENTS:
            self.offences.append(f"<{tag}>")
        for name, value in attrs:
            if (
                name not in KNOWN_ATTRIBUTES
                or (name == "href" and not LINK.match(value or ""))
                or (name == "src" and not PICTURE.match(value or ""))
                or (name == "target" and value != "_blank")
            ):
                self.offences.append(f"{tag} {name}={value}")

    def handle_comment(self, data):
        self.offences.append(f"<!--{data}-->")

    def handle_decl(self, decl):
        self.offences.append(f"<!{decl}>")

    unknown_decl = handle_decl

    def handle_pi(self, data):
        self.offences.append(f"<?{data}>")


def offences(markup):
    """Return what speaks against HTML that is to be shown, as a list of str."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader.offences


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPreview(BaseCase):
    """A sender's HTML, on its way to a person's screen."""

    def test_no_hostile_html_gets_through(self):
        self.assertGreater(len(VECTORS), 40)
        for vector in VECTORS:
            with self.subTest(vector):
                self.assertEqual(offences(preview.harmless(vector)), [])

    def test_none_gets_through_after_the_sanitizer_either(self):
        for vector in VECTORS:
            with self.subTest(vector):
                shown = preview.harmless(html_sanitize(vector))
                self.assertEqual(offences(shown), [])

    def test_none_gets_through_in_company(self):
        for before in VECTORS:
            shown = preview.harmless(f"<div><table>{before}" + "".join(VECTORS))
            with self.subTest(before):
                self.assertEqual(offences(shown), [])

    def test_what_is_shown_stays_the_same_when_it_is_read_again(self):
        shown = preview.harmless("<p>a</p>".join(VECTORS))
        self.assertEqual(offences(preview.harmless(shown)), [])

    def test_the_reader_of_this_test_sees_an_offence(self):
        for bad in VECTORS[:1] + VECTORS[14:16] + VECTORS[23:24]:
            self.assertTrue(offences(bad), bad)

    def test_text_and_structure_stay(self):
        shown = preview.harmless(
            "<h1>Hello</h1><p>See <b>this</b> <a href='http://shop.example/a?b=1'>"
            "shop</a>, <a href='mailto:lan@customer.example'>write</a></p>"
            "<table width=600><tr><td colspan=2 bgcolor='#fff'>Cell</td></tr></table>"
            "<form>Kept <button>too</button></form>"
            "<img src='data:image/png;base64,AAAA' alt='A'>"
            "<img src='http://x.example/y.png' alt='A logo'>"
        )
        self.assertEqual(offences(shown), [])
        for kept in (
            "<h1>Hello</h1>",
            "<b>this</b>",
            'href="http://shop.example/a?b=1"',
            'href="mailto:lan@customer.example"',
            'rel="noopener noreferrer nofollow"',
            'colspan="2"',
            "Kept too",
            "data:image/png;base64,AAAA",
            'alt="A logo"',
        ):
            self.assertIn(kept, shown)
        self.assertNotIn("x.example", shown)

    def test_only_so_much_is_shown_as_anybody_looks_at(self):
        most = preview.MOST_ELEMENTS
        for text, mark, count in (
            ("<br>x" * most, "<", most),
            ("<br>x" * (most + 5), "<", most),
            ("a\n" * (most + 5), "\n", most),
            ("a\nb", "\n", 1),
            ("", "<", 0),
        ):
            shown = preview.beginning(text, mark)
            self.assertEqual(shown.count(mark), count)
            self.assertTrue(text.startswith(shown))
        shown = preview.harmless("<br>" * 10 * most)
        self.assertLessEqual(shown.count("<br>"), most)

    def test_control_characters_by_reference_do_not_raise(self):
        shown = preview.harmless(
            "a&#1;<iframe></iframe>b\x02&#0;<object>x</object>&#31;c"
        )
        for letter in "abc":
            self.assertIn(letter, shown)

    @quick
    @given(st.text(max_size=500))
    def test_no_text_raises_or_is_harmful(self, text):
        self.assertEqual(offences(preview.harmless(text)), [])

    @quick
    @given(
        st.lists(st.one_of(st.sampled_from(VECTORS), st.text("<>/'\"= a!-[]"))).map(
            "".join
        )
    )
    def test_no_mixture_is_harmful(self, text):
        self.assertEqual(offences(preview.harmless(text)), [])
