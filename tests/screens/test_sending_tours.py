from odoo import fields
from odoo.tests import HttpCase, tagged

from ..common import RouterCommon

NOT_OWNED = "553 5.7.1 Sender address rejected: not owned by user box"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSendingTours(RouterCommon, HttpCase):
    """What a person does about mail that does not leave as it should."""

    def test_see_who_is_refused_and_try_again(self):
        refused = [self.at_domain(name) for name in ("anh", "binh", "chi")]
        Identity = self.env["mail.catchall.refused.sender"]
        Identity._remember_refused(self.smtp_server.id, refused, NOT_OWNED)
        self.assertTrue(self.smtp_server.catchall_falls_back)
        self.start_tour(
            f"/odoo/action-base.action_ir_mail_server_list/{self.smtp_server.id}",
            "mail_catchall_router_refused",
            login="admin",
        )
        self.assertFalse(self.smtp_server.catchall_falls_back)
        self.assertFalse(self.smtp_server.catchall_refused_sender_ids)

    def test_settle_a_mail_that_was_perhaps_sent(self):
        mail, _waiting = self.env["mail.mail"].create(
            [
                {
                    "subject": "Perhaps this one",
                    "email_to": "lan@customer.example",
                    "state": "exception",
                    "failure_reason": "Perhaps sent: nobody knows.",
                    "catchall_perhaps_sent": True,
                },
                {
                    "subject": "This one waits",
                    "email_to": "lan@customer.example",
                    "scheduled_date": fields.Datetime.now(),
                    "catchall_waiting": "450 4.2.0 Greylisted",
                    "catchall_attempts": 1,
                },
            ]
        )
        Handover = self.env["mail.catchall.handover"]
        Handover._begin(mail.id, ["lan@customer.example"], worker=12345)
        self.start_tour(
            "/odoo/action-mail.action_view_mail_mail",
            "mail_catchall_router_perhaps_sent",
            login="admin",
        )
        self.assertEqual(mail.state, "outgoing")
        known = Handover._known_of(mail.ids)
        self.assertEqual(known[mail.id], {"lan@customer.example": "accepted"})

    def test_write_to_a_customer_and_undo(self):
        self.env["ir.config_parameter"].set_param(
            "mail_catchall_router.undo_seconds", "20"
        )
        customer = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )
        customer.message_subscribe(customer.ids)
        before = customer.message_ids
        self.start_tour(
            f"/odoo/res.partner/{customer.id}", "mail_catchall_undo", login="admin"
        )
        self.assertEqual(customer.message_ids, before)
        self.assertFalse(
            self.env["mail.mail"].search([("recipient_ids", "in", customer.ids)])
        )
