from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail_catchall_router.models.send import mail_catchall_sender_check

from ..common import RouterCommon
from ..mail_servers import connecting, refusing_smtp_server


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCheck(RouterCommon):
    """Whom the outgoing server lets the account write as."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_employee.email = cls.at_domain("user_a")
        cls.env["mail.template"].create(
            [
                {"name": "Fixed", "email_from": f"Jobs <{cls.at_domain('jobs')}>"},
                {"name": "Per document", "email_from": "{{ object.email }}"},
            ]
        )

    def serving(self, refused=""):
        return refusing_smtp_server(self.smtp_server, refused)

    def check(self):
        action = self.router.action_check_senders()
        return self.env["mail.catchall.sender.check"].browse(action["res_id"])

    def replies(self, check):
        return {line.email: line.reply for line in check.line_ids}

    def test_every_kind_of_sender_is_asked_over_one_connection(self):
        with self.serving() as lines:
            check = self.check()
            while check.waiting_count:
                check.action_ask()
        replies = self.replies(check)
        for address in (
            self.account,
            self.at_domain("user_a"),
            self.at_domain("jobs"),
            self.mail_alias_domain.bounce_email,
            self.mail_alias_domain.default_from_email,
        ):
            self.assertEqual(replies.get(address), "accepted", address)
        self.assertFalse([line for line in lines if line.upper() == "DATA"])
        self.assertEqual(set(replies.values()), {"accepted"})

    def test_a_refused_sender_is_named_with_the_server_s_words(self):
        refused = self.at_domain("user_a")
        with self.serving(refused) as _lines:
            check = self.check()
            while check.waiting_count:
                check.action_ask()
        line = check.line_ids.filtered(lambda one: one.email == refused)
        self.assertEqual(line.reply, "refused")
        self.assertIn("not owned by user", line.words)
        self.assertEqual(check.refused_count, 1)
        self.assertIn(refused, line.seen_as)

    def test_long_lists_are_asked_in_parts(self):
        with (
            self.serving() as _lines,
            patch.object(mail_catchall_sender_check, "BATCH_SIZE", 2),
        ):
            check = self.check()
            self.assertEqual(check.accepted_count, 2)
            check.action_ask()
            self.assertEqual(check.accepted_count, 4)

    def test_a_server_that_is_away_is_said_and_nothing_is_refused(self):
        with self.serving() as _lines:
            pass
        with connecting(self.smtp_server):
            check = self.check()
        self.assertIn("does not accept connections on port", check.error)
        self.assertNotIn("Errno", check.error)
        self.assertEqual(set(self.replies(check).values()), {"waiting"})

    def test_a_router_that_does_not_send_has_nothing_to_ask(self):
        self.router.mail_server_id = False
        with self.assertRaises(UserError):
            self.router.action_check_senders()

    def test_users_of_the_router_may_not_probe(self):
        self.user_employee.group_ids += self.env.ref(
            "mail_catchall_router.group_mail_catchall_router_user"
        )
        with self.assertRaises(AccessError):
            self.router.with_user(self.user_employee).action_check_senders()
