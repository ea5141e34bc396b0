from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import CommittingCommon


class WaitingCommon(CommittingCommon):
    """A customer's mail on a document with a responsible user."""

    def setUp(self):
        super().setUp()
        self.sales.with_env(self.env).alias_defaults = repr(
            {"user_id": self.user_employee.id}
        )
        self.user = self.env["res.users"].browse(self.user_employee.id)

    def arrive(self, hours=30, number=1, **values):
        """Let a mail arrive some hours ago; return its document."""
        values.setdefault("message_id", f"<{number}@customer.example>")
        raw = self.mail(self.at_domain("sales"), **values)
        message = self.Message._journal(self.router, [{"raw": raw}])
        message._route()
        delivery = message.delivery_ids
        self.assertEqual(delivery.state, "delivered", message.trace)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_delivery SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=hours), delivery.id],
        )
        self.env.invalidate_all()
        return self.env["res.partner"].browse(delivery.res_id)

    def remind(self, document):
        """Run the reminder; return the activities of the document."""
        self.env["mail.catchall.router"]._cron_remind()
        return document.activity_ids


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRemind(WaitingCommon):
    """The responsible user is told of a mail that nobody has answered."""

    def test_the_responsible_user_gets_one_activity(self):
        document = self.arrive()
        activity = self.remind(document)
        self.assertEqual(activity.user_id, self.user)
        self.assertEqual(self.remind(document), activity)
        activity.action_feedback()
        self.assertFalse(self.remind(document))

    def test_looking_for_who_waits_is_not_compiled(self):
        self.env["mail.catchall.delivery"].search([("unanswered", "=", True)])
        self.env.cr.execute("SHOW jit")
        self.assertEqual(self.env.cr.fetchone(), ("off",))

    def test_two_mails_on_a_document_make_one_activity(self):
        document = self.arrive()
        reply = f"References: {document.message_ids[0].message_id}\r\n"
        self.assertEqual(self.arrive(number=2, extra=reply), document)
        self.assertEqual(len(self.remind(document)), 1)

    def test_nobody_is_told_too_early_or_of_old_mail(self):
        for number, hours in enumerate((23, 24 * 15)):
            document = self.arrive(hours=hours, number=number, subject=f"S{number}")
            self.assertFalse(self.remind(document))

    def test_a_mail_that_a_user_has_answered_needs_no_reminder(self):
        document = self.arrive()
        document.with_user(self.user).message_post(
            body="Answer", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(self.remind(document))

    def test_a_note_among_colleagues_and_a_robot_answer_nobody(self):
        document = self.arrive()
        document.with_user(self.user).message_post(
            body="Note", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        document.message_post(
            body="Automatic",
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertTrue(self.remind(document))

    def test_machines_and_colleagues_wait_for_nobody(self):
        document = self.arrive(extra="Precedence: bulk\r\n")
        self.assertFalse(self.remind(document))
        self.user.email = "erna@customer.example"
        document = self.arrive(number=2, email_from="erna@customer.example")
        self.assertFalse(self.remind(document))

    def test_who_becomes_responsible_later_is_told_then(self):
        self.sales.with_env(self.env).alias_defaults = "{}"
        document = self.arrive()
        self.assertFalse(self.remind(document))
        document.user_id = self.user
        self.assertEqual(self.remind(document).user_id, self.user)

    def test_a_deleted_document_is_passed_over(self):
        document = self.arrive()
        document.unlink()
        self.env["mail.catchall.router"]._cron_remind()
        delivery = self.env["mail.catchall.delivery"].search([], limit=1)
        self.assertTrue(delivery.attended)

    def test_reminding_is_off_until_it_is_switched_on(self):
        for name in ("ir_cron_remind", "ir_cron_received"):
            self.assertFalse(self.env.ref(f"mail_catchall_router.{name}").active)

    def test_the_hours_must_be_some(self):
        with self.assertRaises(ValidationError):
            self.router.remind_hours = 0


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReceived(WaitingCommon):
    """Each responsible user gets the mail of the last day."""

    def received(self):
        """Run the daily list; return what the responsible user got."""
        self.env["mail.catchall.router"]._cron_received()
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "=", self.user.partner_id.id),
                ("model", "=", False),
            ]
        )

    def test_the_mail_of_the_last_day_is_listed_with_its_document(self):
        document = self.arrive(hours=2, subject="<b>Question</b>")
        self.arrive(hours=30, number=2, subject="Yesterday")
        digest = self.received()
        self.assertEqual(len(digest), 1)
        self.assertIn("lan@customer.example", digest.body)
        self.assertIn(f"res_id={document.id}", digest.body)
        self.assertIn("&lt;b&gt;Question", digest.body)
        self.assertNotIn("Yesterday", digest.body)

    def test_without_mail_nobody_is_told(self):
        self.arrive(hours=30)
        self.assertFalse(self.received())
