from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import CommittingCommon
from ..fake_servers import ImapConnection, ImapServer


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestVisit(CommittingCommon):
    """What is read from the mailbox by hand is said."""

    def setUp(self):
        super().setUp()
        self.router = self.router.with_env(self.env)
        self.imap = ImapServer()

    def visit(self, action, error=None):
        """Press a button; return (the kind of the notification, its sentence)."""

        def _connect__(_server):
            if error:
                raise error
            return ImapConnection(self.imap)

        server = type(self.env["fetchmail.server"])
        with patch.object(server, "_connect__", _connect__):
            done = getattr(self.router, action)()
        self.assertEqual(done["tag"], "display_notification")
        # The form shows the new numbers.
        self.assertEqual(done["params"]["next"]["type"], "ir.actions.act_window_close")
        return done["params"]["type"], done["params"]["message"]

    def put(self, *numbers):
        for number in numbers:
            self.imap.mails[number] = self.mail(
                self.at_domain("sales"), message_id=f"<{number}@customer.example>"
            )
            self.imap.flags[number] = set()

    def test_collecting_says_how_many_came(self):
        for numbers, sentence in (
            ((1, 2), "2 new emails were collected."),
            ((3,), "1 new email was collected."),
            ((), "There is no new email in the mailbox."),
        ):
            self.put(*numbers)
            with self.subTest(numbers=numbers):
                self.assertEqual(self.visit("action_collect"), ("success", sentence))

    def test_where_nothing_could_be_read_nothing_is_claimed(self):
        self.put(1)
        self.router.fetchmail_server_id.active = False
        kind, sentence = self.visit("action_collect")
        self.assertEqual(kind, "warning")
        self.assertIn("Nothing was collected", sentence)

    def test_looking_for_missing_mail_says_whether_there_is_any(self):
        self.visit("action_collect")
        kind, sentence = self.visit("action_check")
        self.assertEqual(kind, "success")
        self.assertIn("Nothing is missing", sentence)

    def test_missing_mail_is_counted_and_then_fetched(self):
        # What was there before the take-over need not be in Odoo.
        self.visit("action_collect")
        self.put(1, 2)
        self.visit("action_collect")
        lost = self.Message.search([("router_id", "=", self.router.id)], limit=1)
        lost.sudo().unlink()
        kind, sentence = self.visit("action_check")
        self.assertEqual(kind, "warning")
        self.assertIn("not in Odoo: 1.", sentence)
        kind, sentence = self.visit("action_fetch_missing")
        self.assertEqual(kind, "success")
        self.assertIn("fetched: 1.", sentence)
        self.assertIn("Nothing is missing", sentence)

    def test_the_server_s_own_button_says_why_nothing_came(self):
        server = self.router.fetchmail_server_id
        unknown = OSError(-2, "Name or service not known")
        with (
            patch.object(type(server), "_connect__", side_effect=unknown),
            self.assertRaisesRegex(UserError, "Name or service not known"),
        ):
            server.fetch_mail()

    def test_what_the_server_refuses_is_explained(self):
        for action in ("action_collect", "action_check", "action_fetch_missing"):
            with self.subTest(action):
                self.assertIn("does not accept connections", self.refusal(action))

    def refusal(self, action):
        """Return what a button says when nobody answers. What the visit has committed
        stays, so that no savepoint may be around it."""
        try:
            self.visit(action, error=ConnectionRefusedError(111, "refused"))
        except UserError as error:
            return str(error)
        return ""
