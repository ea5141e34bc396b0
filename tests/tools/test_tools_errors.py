from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.runtime.errors import LONGEST, describe


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestErrors(BaseCase):
    """Exceptions in words: all of a short one, the end of a very long one."""

    def test_an_exception_is_told_with_where_it_was_raised(self):
        try:
            int("no number")
        except ValueError as error:
            text = describe(error)
        self.assertIn("test_tools_errors.py", text)
        self.assertIn('int("no number")', text)

    def test_of_a_very_long_one_the_end_is_kept(self):
        text = describe(ValueError("x" * LONGEST + "the end"))
        self.assertEqual(len(text), LONGEST)
        self.assertTrue(text.endswith("the end\n"))
