"""HTML that is nested deeper than Odoo reads it loses nothing."""

import time

from odoo.tests import BaseCase, tagged
from odoo.tools import html_sanitize

from odoo.addons.mail_catchall_router.tools.mail.nesting import shallow
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail

from ..strategies import given, quick, st

#: How elements begin and end that people's programs nest.
NESTED = (
    ("<div>", "</div>"),
    ("<blockquote type=cite>", "</blockquote>"),
    ("<div><span><b>", "</b></span></div>"),
    ("<table><tr><td>", "</td></tr></table>"),
    ("<TABLE><TBODY><TR><TD>", "</TABLE>"),
    ("<ul><li>", "</li></ul>"),
    ("<font>", ""),
    ("<!-- <div> --><i>", "</i>"),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestNesting(BaseCase):
    """What lies deep is as visible as all else."""

    def nested(self, start, end, times):
        inner = f"{start * times}<p>inside</p>{end * times}"
        return f"<html><body><p>before</p>{inner}<p>after</p></body></html>"

    def test_nothing_that_is_nested_is_lost(self):
        for start, end in NESTED:
            for times in (60, 130, 300, 3000):
                with self.subTest(start, times=times):
                    page = shallow(self.nested(start, end, times))
                    shown = html_sanitize(page)
                    places = [
                        shown.find(word) for word in ("before", "inside", "after")
                    ]
                    self.assertNotIn(-1, places)
                    self.assertEqual(places, sorted(places))

    def test_without_it_odoo_loses_what_follows(self):
        self.assertNotIn("after", html_sanitize(self.nested("<div>", "</div>", 300)))

    def test_a_page_of_the_usual_depth_stays_as_it_is(self):
        for start, end in NESTED:
            page = self.nested(start, end, 30)
            self.assertEqual(shallow(page), page)
        flat = "<p>a <b>b</b> c<li>d<tr><td>e<img src=x><br/>" * 3000
        self.assertEqual(shallow(flat), flat)

    def test_lines_stay_apart(self):
        page = "<div>" * 200 + "<div><div>a</div><div>b</div></div>" + "</div>" * 200
        self.assertIn("<br>a<br>b<br>", shallow(page))

    def test_the_reader_gives_such_a_page(self):
        page = self.nested("<div>", "</div>", 318)
        raw = f"From: lan@x.test\nContent-Type: text/html\n\n{page}".encode()
        (text,) = read_mail(raw).texts
        self.assertEqual(text.visible, "before inside after")
        self.assertIn("after", html_sanitize(text.content))

    def test_it_is_linear(self):
        started = time.process_time()
        for part in ("<div>", "</div>", "<a></b>", "<!--", "<table>", "<b><i></b>"):
            shallow(part * 100_000)
        self.assertLess(time.process_time() - started, 20)

    @quick
    @given(st.lists(st.sampled_from(["<b>", "<div>", "</b>", "</div>", "<!--", "a"])))
    def test_words_stay(self, pieces):
        page = "".join(pieces) * 200
        self.assertEqual(shallow(page).count("a"), page.count("a"))
