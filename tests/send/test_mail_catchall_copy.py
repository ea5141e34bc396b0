import base64
from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...tools.servers import imap
from ..common import CommittingCommon, RouterCommon
from ..fake_servers import ImapConnection, ImapServer

SERVER_LOGGER = "odoo.addons.mail_catchall_router.models.collect.fetchmail_server"


def letter(message_id="<1@example.com>", **headers):
    message = EmailMessage()
    values = {
        "From": "erna@example.com",
        "To": "lan@x.example",
        "Message-Id": message_id,
        "Subject": "A letter",
    }
    for name, value in {**values, **headers}.items():
        message[name] = value
    message.set_content("Hello\n")
    return message


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestKeep(RouterCommon):
    """Which mail is kept for the Sent folder, and that it is kept once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_servers.active = False
        cls.router.sent_folder = "Sent"
        cls.user_employee.email = cls.at_domain("erna")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )
        cls.Copy = cls.env["mail.catchall.copy"]

    def send(self, user=None, partners=None, **values):
        """Send a comment on the customer through a fake mail server."""
        record = self.customer.with_user(user or self.user_employee)
        with self.mock_smtplib_connection():
            record.message_post(
                body="Hello",
                partner_ids=(partners or self.customer).ids,
                subtype_xmlid="mail.mt_comment",
                **{"message_type": "comment", **values},
            )
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        return self.Copy.search([])

    def test_what_a_user_writes_to_outside_is_kept(self):
        copy = self.send()
        self.assertEqual(copy.router_id, self.router)
        raw = base64.b64decode(copy.raw)
        self.assertIn(copy.message_id.encode(), raw)
        self.assertNotIn(b"X-Catchall-Copy", raw)
        for sent in self.emails:
            self.assertNotIn("X-Catchall-Copy", sent["message"])

    def test_several_recipients_make_one_copy(self):
        other = self.customer.copy({"email": "other@customer.example"})
        copy = self.send(partners=self.customer + other)
        self.assertEqual(len(copy), 1)

    def test_without_a_folder_nothing_is_kept(self):
        self.router.sent_folder = False
        self.assertFalse(self.send())

    def test_what_odoo_writes_is_not_kept(self):
        self.assertFalse(self.send(message_type="auto_comment"))
        robot = self.env.ref("base.user_root")
        self.assertFalse(self.send(user=robot))

    def test_what_only_colleagues_get_is_not_kept(self):
        colleague = self.user_admin.partner_id
        colleague.email = self.at_domain("admin")
        self.user_admin.notification_type = "email"
        self.assertFalse(self.send(partners=colleague))

    def test_a_header_that_somebody_else_writes_makes_no_copy(self):
        for value in ("1; DROP", "９", "-1", "", "999999999", "9" * 40):
            with self.subTest(value=value):
                message = letter(**{"X-Catchall-Copy": value})
                session = self.env["ir.mail_server"]._connect__(
                    mail_server_id=self.smtp_server.id
                )
                self.env["ir.mail_server"].send_email(message, smtp_session=session)
                self.assertNotIn("X-Catchall-Copy", message)
        self.assertFalse(self.Copy.search([]))

    def test_a_refused_mail_is_not_kept_and_can_be_sent_again(self):
        message = letter(**{"X-Catchall-Copy": str(self.router.id)})
        MailServer = self.env["ir.mail_server"]
        with (
            patch.object(
                type(MailServer), "_prepare_email_message__", side_effect=OSError("no")
            ),
            self.assertRaises(OSError),
        ):
            MailServer.send_email(message, mail_server_id=self.smtp_server.id)
        self.assertFalse(self.Copy.search([]))
        self.assertEqual(message["X-Catchall-Copy"], str(self.router.id))

    def test_blind_recipients_are_not_in_the_copy(self):
        message = letter(Bcc="secret@customer.example")
        self.Copy._keep(self.router.id, message)
        raw = base64.b64decode(self.Copy.search([]).raw)
        self.assertNotIn(b"secret@", raw)
        self.assertIn("secret@", message["Bcc"])

    def test_a_mailbox_without_folders_is_refused(self):
        self.router.sent_folder = False
        self.server.server_type = "pop"
        with self.assertRaisesRegex(ValidationError, "POP3 has no folders"):
            self.router.sent_folder = "Sent"

    def test_the_mail_itself_is_for_administrators_of_the_company(self):
        group = "mail_catchall_router.group_mail_catchall_router_user"
        reader = new_test_user(self.env, "copy_reader", groups=group)
        self.Copy._keep(self.router.id, letter())
        copy = self.Copy.search([]).with_user(reader)
        self.assertEqual(copy.subject, "A letter")
        with self.assertRaises(AccessError):
            self.assertFalse(copy.raw)
        stranger = new_test_user(
            self.env, "copy_stranger", groups=group, company_id=self.company_2.id
        )
        self.assertFalse(self.Copy.with_user(stranger).search([]))

    def test_outdated_copies_are_given_up(self):
        self.Copy._keep(self.router.id, letter())
        self.Copy._keep(self.router.id, letter("<2@example.com>"))
        old, new = self.Copy.search([])
        old.date = fields.Datetime.now() - timedelta(days=15)
        self.Copy._gc_copies()
        self.assertEqual(self.Copy.search([]), new)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAppend(CommittingCommon):
    """What is kept comes into the folder, however often it has to be tried."""

    def setUp(self):
        super().setUp()
        self.router.sent_folder = "Sent"
        self.Copy = self.env["mail.catchall.copy"]
        self.imap = ImapServer()
        self.connect = self.startPatcher(
            patch.object(
                type(self.env["fetchmail.server"]),
                "_connect__",
                lambda *_args, **_values: ImapConnection(self.imap),
            )
        )
        self.Copy._keep(self.router.id, letter())

    def stored(self):
        """Return the mails in the Sent folder."""
        return list(self.imap.folders.get("Sent", {}).values())

    def test_a_copy_comes_into_a_new_folder_as_read_mail(self):
        self.Copy._cron_append()
        (raw,) = self.stored()
        self.assertIn(b"Message-Id: <1@example.com>", raw)
        self.assertIn("(\\Seen)", self.imap.append_options)
        self.assertFalse(self.Copy.search([]))

    def test_a_copy_that_is_there_is_not_doubled(self):
        self.Copy._cron_append()
        self.Copy._keep(self.router.id, letter())
        self.Copy._cron_append()
        self.assertEqual(len(self.stored()), 1)
        self.assertFalse(self.Copy.search([]))

    @mute_logger(SERVER_LOGGER)
    def test_what_collides_in_the_database_goes_on_with_what_is_left(self):
        self.Copy._keep(self.router.id, letter("<2@example.com>"))
        append_once, calls = imap.append_once, []

        def colliding(*args):
            calls.append(args)
            if len(calls) == 2:
                raise SerializationFailure("could not serialize access")
            return append_once(*args)

        with patch.object(imap, "append_once", colliding):
            self.Copy._cron_append()
        self.assertEqual((len(calls), len(self.stored())), (3, 2))
        self.assertFalse(self.Copy.search([]))

    def test_a_refused_copy_waits_says_why_and_stops_no_other(self):
        self.imap.append_status = b"NO [OVERQUOTA] the mailbox is full"
        self.Copy._keep(self.router.id, letter("<2@example.com>"))
        self.Copy._cron_append()
        waiting = self.Copy.search([])
        self.assertEqual(waiting.mapped("attempt_count"), [1, 1])
        self.assertIn("the mailbox is full", waiting[0].error)
        self.assertGreater(waiting[0].next_attempt, fields.Datetime.now())
        self.Copy._cron_append()
        self.assertEqual(waiting.mapped("attempt_count"), [1, 1])
        waiting.next_attempt = fields.Datetime.now()
        self.imap.append_status = b"OK stored"
        self.Copy._cron_append()
        self.assertEqual(len(self.stored()), 2)

    @mute_logger(SERVER_LOGGER)
    def test_who_is_to_be_told_is_told_after_some_failures(self):
        with patch.object(
            type(self.env["fetchmail.server"]),
            "_connect__",
            side_effect=OSError(32, "gone"),
        ):
            for _time in range(3):
                self.Copy.search([]).next_attempt = fields.Datetime.now()
                self.Copy._cron_append()
        copy = self.Copy.search([])
        self.assertEqual((copy.attempt_count, copy.error), (3, "gone"))
        self.assertIn("gone", self.router.activity_ids[:1].note)

    def test_a_router_without_a_folder_any_more_says_so(self):
        self.router.sent_folder = False
        self.Copy._cron_append()
        self.assertIn("no longer has a folder", self.Copy.search([]).error)
