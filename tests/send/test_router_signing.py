from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail_catchall_router.models.send.router_signing import ID_PARAMETER
from odoo.addons.mail_catchall_router.tools.mail import addresses
from odoo.addons.mail_catchall_router.tools.outbound import reply_address

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReplyAddress(RouterCommon):
    """An answer finds its document by the address it is sent to."""

    def setUp(self):
        super().setUp()
        self.document = self.env["res.partner"].create({"name": "Document"})
        sent = self.document.message_post(body="Offer", message_type="comment")
        self.signed = addresses.normalize(sent.reply_to)

    def answer(self, to=None, **values):
        values.setdefault("message_id", "<answer@customer.example>")
        return self.mail(to or self.signed, subject="Something new", **values)

    def test_reply_to_is_signed_and_readable(self):
        self.assertTrue(reply_address.looks_like_reply_address(self.signed))
        readable = self.mail_alias_domain.catchall_alias.replace(".", "-")
        self.assertTrue(self.signed.startswith(f"{readable}."))
        self.assertTrue(self.signed.endswith(f"@{self.domain}"))

    def test_an_answer_without_references_from_anybody_finds_its_document(self):
        message = self.route(self.answer(email_from="assistant@elsewhere.example"))
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.matched_by, "reply_address")
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_a_document_that_borrows_an_address_gets_its_own(self):
        team = self.env["res.partner"].create({"name": "Lends its address"})
        borrowed = team._notify_get_reply_to()[team.id]
        values = {"message_type": "comment", "reply_to": borrowed}
        sent = self.document.message_post(body="Offer", **values)
        message = self.route(self.answer(sent.reply_to))
        self.assertEqual(message.delivery_ids.res_id, self.document.id)
        self.assertEqual(
            addresses.normalize(sent.reply_to).partition(".")[0],
            addresses.normalize(borrowed).partition(".")[0],
        )

    def test_case_does_not_matter(self):
        message = self.route(self.answer(self.signed.upper()))
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_a_forged_address_is_held(self):
        local_part, domain = addresses.split(self.signed)
        last = "0" if local_part[-1] != "0" else "1"
        message = self.route(self.answer(f"{local_part[:-1]}{last}@{domain}"))
        self.assertEnd(message, "held", "unknown_recipient")

    def test_an_address_of_another_database_is_held(self):
        self.env["ir.config_parameter"].set_param(ID_PARAMETER, "another")
        message = self.route(self.answer())
        self.assertEnd(message, "held", "unknown_recipient")

    def test_an_address_survives_a_restore_that_gives_the_database_another_uuid(self):
        """“This is a copy” is the choice that Odoo's restore proposes."""
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        message = self.route(self.answer())
        self.assertEqual(message.delivery_ids.matched_by, "reply_address")
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_an_address_of_a_version_that_kept_no_id_is_still_good(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(ID_PARAMETER, False)
        self.assertEqual(
            self.router._database_id(), parameters.get_param("database.uuid")
        )
        message = self.route(self.answer())
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_the_key_is_of_all_routers_and_only_an_administrator_changes_it(self):
        manager = new_test_user(
            self.env,
            "router_manager",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
        )
        with self.assertRaises(AccessError):
            self.router.with_user(manager).action_new_key()

    def test_a_new_key_leaves_old_mail_valid(self):
        self.router.action_new_key()
        sent = self.document.message_post(body="Offer", message_type="comment")
        self.assertNotEqual(addresses.normalize(sent.reply_to), self.signed)
        message = self.route(self.answer())
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_the_answer_to_a_deleted_document_is_held(self):
        self.document.unlink()
        message = self.route(self.answer())
        self.assertEnd(message, "held", "deleted_document")

    def test_the_contact_policy_of_the_alias_applies(self):
        for alias in (self.sales, self._create_alias("big.deals")):
            with self.subTest(alias=alias.alias_name):
                alias.alias_contact = "partners"
                signed = self.router._reply_address(
                    "res.partner", self.document.id, alias.alias_full_name
                )
                raw = self.answer(signed, message_id=f"<{alias.id}@customer.example>")
                message = self.route(raw)
                self.assertEnd(message, "held", "alias_contact")

    def test_it_is_never_a_partner_or_a_recipient(self):
        partners = self.document._partner_find_from_emails_single([self.signed])
        self.assertFalse(partners)
        message = self.route(self.answer(extra=f"Cc: {self.signed}\r\n"))
        self.assertFalse(
            self.env["res.partner"].search([("email_normalized", "=", self.signed)])
        )
        post = self.document.message_ids[:1]
        self.assertTrue(message)
        self.assertNotIn(self.signed, post.incoming_email_to or "")
        self.assertNotIn(self.signed, post.incoming_email_cc or "")

    def test_off_is_as_core_does_it(self):
        self.router.reply_to = "alias"
        sent = self.document.message_post(body="Offer", message_type="comment")
        self.assertEqual(
            addresses.normalize(sent.reply_to), self.mail_alias_domain.catchall_email
        )

    def test_answers_may_go_to_the_author_himself(self):
        self.router.reply_to = "author"
        author = f'"User A" <{self.at_domain("user_a")}>'
        sent = self.document.message_post(
            body="Offer", message_type="comment", email_from=author
        )
        self.assertEqual(sent.reply_to, author)
