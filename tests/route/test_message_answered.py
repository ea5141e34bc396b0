from odoo.tests import tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReplyAddressAndAlias(RouterCommon):
    """A signed reply address wins over an alias beside it: one email, one reply."""

    def setUp(self):
        super().setUp()
        self.document = self.env["res.partner"].create({"name": "Document"})
        self.signed = self.router._reply_address(
            "res.partner", self.document.id, self.at_domain("sales")
        )
        self.cc = f"Cc: {self.at_domain('sales')}\r\n"
        self.before = self.count()

    def alias_for_leads(self):
        if "crm.lead" not in self.env:
            self.skipTest("leads are not installed")
        self._create_alias("talk", "crm.lead")

    def count(self):
        return self.env["res.partner"].search_count([])

    def assertOnDocument(self, *messages):
        for message in messages:
            self.assertEnd(message, "delivered")
            for delivery in message.delivery_ids:
                self.assertEqual(delivery.model, "res.partner")
                self.assertEqual(delivery.res_id, self.document.id)
        comments = self.document.message_ids.filtered(
            lambda one: one.message_type == "email"
        )
        self.assertEqual(len(comments), 1)
        self.assertEqual(self.count(), self.before)

    def test_the_alias_in_cc(self):
        self.assertOnDocument(self.route(self.mail(self.signed, extra=self.cc)))

    def test_without_the_envelope_s_recipient(self):
        mail = self.mail(to=self.signed, extra=self.cc)
        self.assertOnDocument(self.route(mail))

    def test_both_in_to(self):
        mail = self.mail(to=f"{self.at_domain('sales')}, {self.signed}")
        self.assertOnDocument(self.route(mail))

    def test_a_copy_for_each_whichever_comes_first(self):
        copies = [
            self.mail(one, to=self.signed, extra=self.cc)
            for one in (self.at_domain("sales"), self.signed)
        ]
        self.assertOnDocument(self.route(*copies)[0])

    def test_an_alias_of_another_kind_in_cc(self):
        self.alias_for_leads()
        mail = self.mail(self.signed, extra=f"Cc: {self.at_domain('talk')}\r\n")
        self.assertOnDocument(self.route(mail))

    def test_an_alias_of_another_kind_in_to_is_a_new_email(self):
        self.alias_for_leads()
        to = f"{self.at_domain('talk')}, {self.signed}"
        message = self.route(self.mail(to=to))
        models = set(message.delivery_ids.mapped("model"))
        self.assertEqual(models, {"res.partner", "crm.lead"})

    def test_a_document_that_is_gone(self):
        self.document.unlink()
        message = self.route(self.mail(self.signed, extra=self.cc))
        found = message.delivery_ids.filtered(lambda one: one.alias_id == self.sales)
        self.assertEqual(found.state, "delivered")
