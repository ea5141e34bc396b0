import email
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses

from .test_mail_mail_attempt import SendingCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestNeverOdooBot(SendingCommon):
    """Whatever program writes, OdooBot is neither in From nor in Reply-To on the wire,
    and the mail says that no person wrote it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.robot = cls.env.ref("base.user_root")
        cls.robot_email = cls.robot.partner_id.email_normalized
        cls.company = cls.router.company_id
        cls.company.write({"alias_domain_id": cls.mail_alias_domain.id, "email": False})
        cls.document = cls.env["res.partner"].create(
            {"name": "Document", "email": "document@customer.example"}
        )
        cls.as_robot = cls.document.with_user(cls.robot)

    def assertNotOfRobot(self, *recipients, is_automatic=True):
        """Return the last letter to these recipients."""
        self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        self.assertTrue(self.smtp.letters)
        for letter in self.smtp.letters:
            headers = email.message_from_bytes(letter.content)
            for name in ("From", "Reply-To", "Sender", "Return-Path"):
                value = headers[name] or ""
                self.assertNotIn(self.robot_email, value.lower(), name)
                self.assertNotIn("OdooBot", value, name)
            self.assertTrue(headers["From"])
            if is_automatic:
                self.assertEqual(headers["Auto-Submitted"], "auto-generated")
        found = [
            one for one in self.smtp.letters if set(recipients) & {*one.recipients}
        ]
        self.assertTrue(found)
        return self.headers_of(found[-1])

    def sender_of(self, headers):
        return addresses.normalize(headers["From"])

    def test_a_comment_of_a_scheduled_action(self):
        self.as_robot.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        headers = self.assertNotOfRobot("lan@customer.example")
        self.assertEqual(self.sender_of(headers), self.account)
        found = self.router._find_signed_document(
            addresses.normalize(headers["Reply-To"])
        )
        self.assertEqual(found, ("res.partner", self.document.id))

    def test_a_comment_comes_from_the_responsible_user(self):
        self.document.user_id = self.user_employee
        self.as_robot.message_post(
            body="Hello", message_type="comment", partner_ids=self.customer.ids
        )
        headers = self.assertNotOfRobot("lan@customer.example")
        self.assertEqual(self.sender_of(headers), self.author)

    def test_a_notification_about_a_document(self):
        self.as_robot.message_notify(body="Hello", partner_ids=self.customer.ids)
        self.assertNotOfRobot("lan@customer.example")

    def test_a_notification_about_nothing(self):
        Thread = self.env["mail.thread"].with_user(self.robot)
        Thread.message_notify(body="Hello", partner_ids=self.customer.ids)
        headers = self.assertNotOfRobot("lan@customer.example")
        self.assertEqual(self.sender_of(headers), self.account)

    def test_a_note_that_mentions_a_colleague(self):
        self.user_admin.write(
            {"notification_type": "email", "email": "admin@customer.example"}
        )
        self.as_robot.message_post(
            body="Look",
            message_type="comment",
            partner_ids=self.user_admin.partner_id.ids,
        )
        self.assertNotOfRobot("admin@customer.example")

    def test_a_mail_about_nothing(self):
        self.env["mail.mail"].with_user(self.robot).sudo().create(
            {
                "email_to": "lan@customer.example",
                "email_from": self.robot.email_formatted,
                "reply_to": self.robot.email_formatted,
                "author_id": self.robot.partner_id.id,
                "body_html": "<p>Hello</p>",
            }
        )
        headers = self.assertNotOfRobot("lan@customer.example")
        self.assertEqual(self.sender_of(headers), self.account)

    def test_a_template_of_a_scheduled_action(self):
        template = self.env["mail.template"].create(
            {
                "name": "Hello",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "email_from": "{{ user.email_formatted }}",
                "subject": "Hello",
                "body_html": "<p>Hello</p>",
                "email_to": "lan@customer.example",
                "use_default_to": False,
            }
        )
        template.with_user(self.robot).sudo().send_mail(self.document.id)
        self.assertNotOfRobot("lan@customer.example")

    def test_the_password_mail(self):
        user = self.user_admin
        user.email = "admin@customer.example"
        self.smtp.letters.clear()
        user.with_user(self.robot).sudo().action_reset_password()
        self.assertNotOfRobot("admin@customer.example")

    def test_the_digest(self):
        if "digest.digest" not in self.env:
            return
        self.user_admin.email = "admin@customer.example"
        digest = self.env["digest.digest"].create(
            {"name": "Numbers", "company_id": self.company.id}
        )
        digest.user_ids = self.user_admin
        digest.with_user(self.robot).sudo()._action_send_to_user(self.user_admin)
        self.assertNotOfRobot("admin@customer.example")

    def test_an_invitation_to_a_meeting(self):
        if "calendar.event" not in self.env:
            return
        start = fields.Datetime.now() + timedelta(days=2)
        self.env["calendar.event"].with_user(self.robot).sudo().create(
            {
                "name": "Meeting",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": False,
                "partner_ids": self.customer.ids,
            }
        )
        self.assertNotOfRobot("lan@customer.example")

    def test_the_confirmation_of_an_event(self):
        if "event.event" not in self.env:
            return
        start = fields.Datetime.now() + timedelta(days=2)
        event = self.env["event.event"].create(
            {
                "name": "Fair",
                "date_begin": start,
                "date_end": start + timedelta(days=1),
                "organizer_id": False,
                "user_id": False,
            }
        )
        self.env["event.registration"].with_user(self.robot).sudo().create(
            {"event_id": event.id, "name": "Lan", "email": "lan@customer.example"}
        ).action_confirm()
        event.sudo().event_mail_ids.with_user(self.robot).sudo().execute()
        self.assertNotOfRobot("lan@customer.example")

    def test_the_invitation_to_a_survey(self):
        if "survey.survey" not in self.env:
            return
        survey = self.env["survey.survey"].create({"title": "Survey"})
        survey.question_and_page_ids = [
            (0, 0, {"title": "How?", "question_type": "text_box"})
        ]
        action = survey.action_send_survey()
        invite = (
            self.env["survey.invite"]
            .with_user(self.robot)
            .sudo()
            .with_context(**action["context"])
            .create({"partner_ids": self.customer.ids})
        )
        invite.action_invite()
        self.assertNotOfRobot("lan@customer.example", is_automatic=False)

    def test_a_person_keeps_the_own_name(self):
        message, _mail = self.message_to(self.customer)
        headers = self.headers_of(self.smtp.letters[-1])
        self.assertEqual(self.sender_of(headers), self.author)
        self.assertFalse(headers["Auto-Submitted"])
        self.assertIn(self.author, message.email_from)

    def test_who_wants_odoobot_has_it(self):
        self.router.automatic_from = "odoo"
        message = self.as_robot.message_post(body="Hello", message_type="comment")
        self.assertIn(self.robot_email, message.email_from)
