from dataclasses import replace
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...models.setup import router_samples as samples
from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSamples(RouterCommon):
    """Templates and automations that an administrator can add."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lead = samples.SAMPLES[0]
        cls.sample = replace(
            lead, code="contact", model="res.partner", subject="Got: {{ object.name }}"
        )
        missing = replace(lead, code="nothing", model="no.such.model")
        cls.startClassPatcher(patch.object(samples, "SAMPLES", (cls.sample, missing)))
        cls.env["res.lang"]._activate_lang("vi_VN")

    def added(self, kind="template"):
        return self.router._find_sample(self.sample, kind)

    def test_what_can_be_added_is_listed_and_why_the_rest_cannot(self):
        wizard = self.env["mail.catchall.samples"].create({})
        status = [(line.kind, line.status) for line in wizard.line_ids]
        self.assertEqual(status[0], ("template", "It will be added."))
        self.assertIn(
            ("template", "It needs the app CRM, which is not installed."), status
        )
        self.assertEqual([kind for kind, _status in status].count("cron"), 2)
        wizard.action_add()
        again = self.env["mail.catchall.samples"].create({})
        self.assertEqual(again.line_ids[0].status, "It is already there.")

    def test_samples_are_added_once(self):
        wizard = self.env["mail.catchall.samples"].create({})
        self.assertIn(
            self.sample.name._source, wizard.action_add()["params"]["message"]
        )
        template = self.added()
        self.assertIn("already there", wizard.action_add()["params"]["message"])
        self.assertEqual(self.added(), template)

    def test_a_template_can_be_rendered_for_its_document(self):
        self.router._add_samples()
        document = self.env["res.partner"].create({"name": "Lan"})
        values = self.added()._generate_template(document.ids, ("subject", "body_html"))
        self.assertEqual(values[document.id]["subject"], "Got: Lan")
        self.assertIn("Thank you", values[document.id]["body_html"])

    def test_a_template_speaks_the_installed_languages(self):
        with patch.object(type(self.router), "_sample_texts", _texts_of_lang):
            self.router._add_samples()
        template = self.added()
        self.assertEqual(template.with_context(lang="en_US").subject, "In en_US")
        self.assertEqual(template.with_context(lang="vi_VN").subject, "In vi_VN")

    def test_an_automation_is_added_switched_off(self):
        self.router._add_samples()
        rule = self.added("automation")
        if "base.automation" in self.env:
            self.assertFalse(rule.active)
            self.assertEqual(rule.action_server_ids.template_id, self.added())
        else:
            self.assertFalse(rule)

    def test_an_update_of_the_addon_keeps_what_was_changed(self):
        self.router._add_samples()
        data = self.env["ir.model.data"].search(
            [("model", "=", "mail.template"), ("res_id", "=", self.added().id)]
        )
        self.assertTrue(data.noupdate)

    def test_only_an_administrator_adds_samples(self):
        group = "mail_catchall_router.group_mail_catchall_router_user"
        reader = new_test_user(self.env, "sample_reader", groups=group)
        with self.assertRaises(AccessError):
            self.env["mail.catchall.samples"].with_user(reader).create({})


def _texts_of_lang(router, _sample):
    lang = router.env.lang
    return {"name": "Sample", "subject": f"In {lang}", "body_html": f"<p>{lang}</p>"}
