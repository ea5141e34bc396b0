from odoo.fields import Domain
from odoo.tests import Form, tagged

from .test_views import ViewsCommon


@tagged("post_install", "-at_install")
class TestForms(ViewsCommon):
    """Each form that the addon has, or adds to."""

    def _models(self):
        """Return the names of the models with such a form."""
        data = self.env["ir.model.data"].search(
            Domain("module", "=", "mail_catchall_router")
            & Domain("model", "=", "ir.ui.view")
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        return sorted(
            set(views.filtered(lambda one: one.type == "form").mapped("model"))
        )

    def _ask(self, record):
        """Ask what the form of a new record shows, as the web client does."""
        views = record.get_views([(False, "form")])
        fields = views["models"][record._name]["fields"]
        return record.onchange({}, [], {key: {} for key in fields})

    def test_each_form_can_be_begun(self):
        """What is computed of a record has a value before the record has an id."""
        models = self._models()
        # Ours, a window of ours, and a form of Odoo's that we add to.
        known = {"mail.catchall.router", "mail.catchall.snooze", "ir.mail_server"}
        self.assertLessEqual(known, set(models))
        for name in models:
            with self.subTest(name):
                self.assertIn("value", self._ask(self.env[name]))

    def test_a_mail_server_can_be_made_by_hand(self):
        """The form of a new one shows what it has used of its budget: nothing."""
        form = Form(self.env["ir.mail_server"])
        self.assertEqual(form.catchall_used_day, 0)
