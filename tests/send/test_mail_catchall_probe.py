from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail_catchall_router.models.send import mail_catchall_probe

from ..common import RouterCommon
from ..mail_servers import connecting, refusing_smtp_server


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProbe(RouterCommon):
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

    def probe(self):
        action = self.router.action_probe_senders()
        return self.env["mail.catchall.probe"].browse(action["res_id"])

    def answers(self, probe):
        return {line.email: line.answer for line in probe.line_ids}

    def test_every_kind_of_sender_is_asked_over_one_connection(self):
        with self.serving() as lines:
            probe = self.probe()
            while probe.waiting_count:
                probe.action_ask()
        answers = self.answers(probe)
        for address in (
            self.account,
            self.at_domain("user_a"),
            self.at_domain("jobs"),
            self.mail_alias_domain.bounce_email,
            self.mail_alias_domain.default_from_email,
        ):
            self.assertEqual(answers.get(address), "accepted", address)
        self.assertFalse([line for line in lines if line.upper() == "DATA"])
        self.assertEqual(set(answers.values()), {"accepted"})

    def test_a_refused_sender_is_named_with_the_server_s_words(self):
        refused = self.at_domain("user_a")
        with self.serving(refused) as _lines:
            probe = self.probe()
            while probe.waiting_count:
                probe.action_ask()
        line = probe.line_ids.filtered(lambda one: one.email == refused)
        self.assertEqual(line.answer, "refused")
        self.assertIn("not owned by user", line.words)
        self.assertEqual(probe.refused_count, 1)
        self.assertIn(refused, line.seen_as)

    def test_long_lists_are_asked_in_parts(self):
        with (
            self.serving() as _lines,
            patch.object(mail_catchall_probe, "BATCH_SIZE", 2),
        ):
            probe = self.probe()
            self.assertEqual(probe.accepted_count, 2)
            probe.action_ask()
            self.assertEqual(probe.accepted_count, 4)

    def test_a_server_that_is_away_is_said_and_nothing_is_refused(self):
        with self.serving() as _lines:
            pass
        with connecting(self.smtp_server):
            probe = self.probe()
        self.assertTrue(probe.error)
        self.assertEqual(set(self.answers(probe).values()), {"waiting"})

    def test_a_router_that_does_not_send_has_nothing_to_ask(self):
        self.router.mail_server_id = False
        with self.assertRaises(UserError):
            self.router.action_probe_senders()

    def test_users_of_the_router_may_not_probe(self):
        self.user_employee.group_ids += self.env.ref(
            "mail_catchall_router.group_mail_catchall_router_user"
        )
        with self.assertRaises(AccessError):
            self.router.with_user(self.user_employee).action_probe_senders()
