from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import pictures

from ..strategies import given, header_text, quick


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestPictures(BaseCase):
    """Which pictures leave the text of a mail."""

    def test_each_picture_is_one_part(self):
        html, found = pictures.take_out(
            '<img src="data:image/png;base64,iVBO Rw0K"/>'
            "<img alt='x' SRC='data:image/svg+xml;base64,PHN2Zz4='/>"
            '<img src="data:image/png;base64,iVBORw0K"/>'
        )
        self.assertEqual([one.subtype for one in found], ["png", "svg+xml"])
        self.assertEqual(found[0].content, b"\x89PNG\r\n")
        self.assertEqual(html.count(f'src="cid:{found[0].cid}"'), 2)
        self.assertTrue(found[1].filename.endswith(".svg"))

    def test_what_browsers_show_is_taken_out(self):
        """With escapes, parameters, and without the padding."""
        for address in (
            "data:image/gif;charset=utf-8;base64,R0lGODdhAQABAA==",
            "data:image/gif;name=a.gif;charset=utf-8;base64,R0lGODdhAQABAA==",
            "data:image/gif;base64,R0lGODdhAQABAA%3D%3D",
            "data:image/gif;base64,R0lGODdhAQABAA",
            "data:image/gif;base64,R0lGOD%0Adh%0AAQABAA=",
        ):
            with self.subTest(address=address):
                html, found = pictures.take_out(f'<img src="{address}"/>')
                self.assertEqual([one.content for one in found], [b"GIF87a\1\0\1\0"])
                self.assertEqual(html, f'<img src="cid:{found[0].cid}"/>')
                self.assertEqual(pictures.without_data(f"[1] {address}"), "[1] ")

    def test_what_is_no_picture_stays(self):
        for html in (
            '<img src="data:image/png;base64,broken"/>',
            '<img src="https://own.test/a.png"/>',
            "<p>data:image/png;base64,iVBORw0K</p>",
            '<a href="data:text/html;base64,iVBORw0K">x</a>',
            '<img src="data:image/png;base64,"/>',
        ):
            self.assertEqual(pictures.take_out(html), (html, ()))

    def test_plain_text_keeps_no_data(self):
        text = "Hello [1]\n\n[1] data:image/png;base64,iVBORw0K"
        self.assertEqual(pictures.without_data(text), "Hello [1]\n\n[1] ")

    @quick
    @given(header_text)
    def test_any_text(self, text):
        html = f'<img src="data:image/png;base64,{text}"/>'
        shown, found = pictures.take_out(html)
        self.assertEqual(bool(found), shown != html)
