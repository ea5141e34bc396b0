from lxml import html

from odoo.tests import TransactionCase, tagged

# What people paste into a template, and what is no XML.
WRITTEN = "<p>Hello <t t-out='name'></t><o:p></o:p><!-- a -- b --></p>"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestIrQweb(TransactionCase):
    """Templates of mail are compiled once while mail is routed."""

    def render(self, name, **context):
        template = html.fragment_fromstring(WRITTEN, create_parent="div")
        return (
            self.env["ir.qweb"]
            .with_context(**context)
            ._render(template, {"name": name})
        )

    def test_a_template_need_not_be_xml(self):
        for name in ("Lan", "Minh"):
            shown = self.render(name, catchall_routing=1)
            self.assertEqual(shown, self.render(name))
            self.assertIn(f"Hello {name}", shown)
