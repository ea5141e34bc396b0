from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import CommittingCommon

LINK = "https://mail-settings.google.com/mail/vf-%5BANGjd%5D-AbC"
ASKED = (
    "hoa@gmail.com has requested to automatically forward mail to your address.\r\n"
    f"Confirmation code: 123456789\r\n\r\nTo confirm: {LINK}\r\n\r\n"
    "To cancel: https://mail-settings.google.com/mail/uf-%5BANGjd%5D-AbC\r\n"
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestConfirmForwarding(CommittingCommon):
    """A provider asks whether it may forward mail to us: a person is shown its link."""

    def asked(self, recipient="sales", verdict="pass", extra="", **values):
        results = (
            f"Authentication-Results: mx.{self.domain};\r\n dmarc={verdict} "
            "header.from=google.com\r\n"
        )
        mail = self.mail(
            self.at_domain(recipient),
            subject="(#123456789) Gmail Forwarding Confirmation - Receive Mail from x",
            email_from="Gmail Team <forwarding-noreply@google.com>",
            body=ASKED,
            extra=extra,
            **values,
        )
        return self.route((results.encode() if verdict else b"") + mail)

    def finding(self):
        self.router.invalidate_recordset()
        items = {one["item"]: one for one in self.router.health_report["items"]}
        return items.get("forwarding")

    def test_it_is_held_whoever_it_was_sent_to(self):
        for number, recipient in enumerate(("sales", "nobody-there", "catchall")):
            message = self.asked(recipient, message_id=f"<{number}@google.com>")
            self.assertEnd(message, "held", "forwarding")
            self.assertIn("123456789", message.why)

    def test_not_even_a_filter_s_word_ends_it(self):
        self.router.spam_policy = "ignored"
        self.assertEnd(self.asked(extra="X-Spam-Flag: YES\r\n"), "held", "forwarding")

    def test_health_shows_it_and_opens_the_provider_s_page(self):
        self.assertFalse(self.finding())
        message = self.asked()
        finding = self.finding()
        self.assertEqual(finding["state"], "warning")
        for word in ("Google", "123456789", self.at_domain("sales")):
            self.assertIn(word, finding["sentence"])
        self.assertEqual(finding["button"], "Confirm")
        action = self.router.action_health("forwarding")
        self.assertEqual((action["type"], action["url"]), ("ir.actions.act_url", LINK))
        message.action_discard()
        self.assertFalse(self.finding())

    def test_the_router_s_managers_are_told(self):
        self.asked()
        self.env["mail.catchall.router"]._cron_watch()
        summaries = self.router.activity_ids.mapped("summary")
        self.assertIn("A forwarding is waiting to be confirmed", summaries)

    def test_a_link_that_is_not_proven_to_be_the_provider_s_is_not_offered(self):
        for number, verdict in enumerate(("fail", "")):
            message = self.asked(verdict=verdict, message_id=f"<{number}@google.com>")
            self.assertEnd(message, "held", "forwarding")
            self.assertIn("not proven", self.finding()["sentence"])
            action = self.router.action_health("forwarding")
            self.assertEqual(action["type"], "ir.actions.act_window")
            self.assertEqual(action["res_id"], message.id)

    def test_a_person_may_release_it(self):
        message = self.asked()
        message.action_release()
        self.assertEqual(message.state, "delivered")

    def test_only_managers_confirm(self):
        message = self.asked()
        user = new_test_user(
            self.env, "reader", "mail_catchall_router.group_mail_catchall_router_user"
        )
        with self.assertRaises(AccessError):
            message.with_user(user).action_confirm_forwarding()

    def test_what_a_person_writes_is_no_confirmation(self):
        mail = self.mail(
            self.at_domain("sales"), subject="Fwd: Gmail Forwarding Confirmation"
        )
        self.assertEnd(self.route(mail), "delivered")
