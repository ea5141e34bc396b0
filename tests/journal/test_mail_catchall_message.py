from odoo.tests import new_test_user, tagged

from ..common import RouterCommon

READER = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWentTo(RouterCommon):
    """The list of messages says where each went."""

    def test_it_names_the_document_with_what_opens_it(self):
        message = self.route(self.mail(self.at_domain("sales")))
        partner = self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(
            message.went_to,
            [
                {
                    "name": partner.display_name,
                    "model": "res.partner",
                    "id": partner.id,
                }
            ],
        )

    def test_two_recipients_have_two_documents(self):
        both = f"{self.at_domain('sales')}, {self.at_domain('jobs')}"
        message = self.route(self.mail(to=both))
        self.assertEqual(len(message.went_to), 2)

    def test_one_document_counts_once(self):
        message = self.route(self.mail(self.at_domain("sales")))
        [first] = message.delivery_ids
        first.copy({"recipient": "again@x.example", "fingerprint": "x"})
        self.assertEqual(len(message.went_to), 1)

    def test_what_waits_went_nowhere(self):
        self.assertFalse(self.route(self.mail(self.at_domain("nobody"))).went_to)

    def test_nobody_sees_the_name_of_what_he_may_not_read(self):
        message = self.route(self.mail(self.at_domain("sales")))
        reader = new_test_user(
            self.env, "looks", groups=READER, company_id=self.router.company_id.id
        )
        self.assertTrue(message.with_user(reader).went_to)
        partner = self.assertDelivered(message, self.at_domain("sales"))
        partner.company_id = self.company_2
        message.invalidate_recordset()
        message.delivery_ids.invalidate_recordset()
        self.assertFalse(message.with_user(reader).went_to)
