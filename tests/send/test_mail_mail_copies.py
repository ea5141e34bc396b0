from email import policy
from email.parser import BytesParser
from email.utils import getaddresses

from odoo.fields import Command
from odoo.tests import tagged

from .test_mail_mail_attempt import SendingCommon

LAN, BINH, CHI = (f"{name}@customer.example" for name in ("lan", "binh", "chi"))
PARAMETER = "mail_catchall_router.composer_copies"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCopies(SendingCommon):
    """Cc is seen by all, Bcc by nobody; all get it, and all answers come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls.env["res.partner"].create(
            {"name": "Chi, Công ty <secret>", "email": CHI}
        )
        cls.document = cls.env["res.partner"].create({"name": "Document"})

    def composer(self, **values):
        Composer = self.env["mail.compose.message"].with_user(self.user_employee)
        return Composer.with_context(
            default_model="res.partner",
            default_res_ids=self.document.ids,
            default_composition_mode="comment",
        ).create(
            {
                "body": "<p>Hello</p>",
                "subject": "Offer",
                "partner_ids": [Command.set(self.customer.ids)],
                **values,
            }
        )

    def write_to(self, **people):
        """Send with these in Cc and Bcc; return {recipient: letter}."""
        _mails, message = self.composer(
            **{name: [Command.set(one.ids)] for name, one in people.items()}
        )._action_send_mail()
        self.message = message
        found = {}
        for letter in self.smtp.letters:
            (recipient,) = letter.recipients
            found[recipient] = letter
        self.assertEqual(len(found), len(self.smtp.letters))
        return found

    def named(self, letter, header):
        read = BytesParser(policy=policy.compat32).parsebytes(letter.content)
        return [spec for _name, spec in getaddresses(read.get_all(header, []))]

    def test_all_read_to_and_cc(self):
        letters = self.write_to(catchall_cc_ids=self.other + self.third)
        self.assertEqual(set(letters), {LAN, BINH, CHI})
        for letter in letters.values():
            self.assertEqual(self.named(letter, "To"), [LAN])
            self.assertEqual(self.named(letter, "Cc"), [BINH, CHI])

    def test_bcc_is_in_no_byte_of_any_mail(self):
        letters = self.write_to(catchall_cc_ids=self.other, catchall_bcc_ids=self.third)
        self.assertEqual(set(letters), {LAN, BINH, CHI})
        for letter in letters.values():
            self.assertEqual(self.named(letter, "To"), [LAN])
            self.assertEqual(self.named(letter, "Cc"), [BINH])
            self.assertNotIn(b"chi@", letter.content.lower())
            self.assertNotIn(b"bcc", letter.content.lower())
            self.assertNotIn(b"forge", letter.content.lower())

    def test_only_bcc(self):
        self.customer = self.env["res.partner"]
        letters = self.write_to(catchall_bcc_ids=self.other + self.third)
        self.assertEqual(set(letters), {BINH, CHI})
        for letter in letters.values():
            self.assertEqual(self.named(letter, "Cc"), [])
            self.assertNotIn(b"chi@", letter.content.lower())
            self.assertNotIn(b"binh@", letter.content.lower())

    def test_who_is_in_both_is_in_cc(self):
        letters = self.write_to(catchall_cc_ids=self.other, catchall_bcc_ids=self.other)
        self.assertEqual(self.named(letters[LAN], "Cc"), [BINH])

    def test_who_is_in_to_and_bcc_is_in_to(self):
        letters = self.write_to(catchall_bcc_ids=self.customer + self.other)
        self.assertEqual(set(letters), {LAN, BINH})
        self.assertEqual(self.named(letters[BINH], "To"), [LAN])

    def test_a_follower_gets_it_as_ever(self):
        self.document.message_subscribe(self.third.ids)
        letters = self.write_to(catchall_bcc_ids=self.other)
        self.assertEqual(set(letters), {LAN, BINH, CHI})
        self.assertEqual(self.named(letters[CHI], "To"), [LAN])
        for letter in letters.values():
            self.assertNotIn(b"binh@", letter.content.lower())

    def test_what_is_tried_again_names_the_same_people_and_doubles_nobody(self):
        """By the queue, and by Retry (OCA/mail issue 268)."""
        for answer in ("450 4.2.0 Greylisted", "550 5.1.1 User unknown"):
            for refused in (LAN, BINH, CHI):
                with self.subTest(answer=answer, refused=refused):
                    self.smtp.letters.clear()
                    self.smtp.refuse(f"RCPT TO:<{refused}", answer)
                    copies = {"catchall_cc_ids": self.other}
                    self.write_to(**copies, catchall_bcc_ids=self.third)
                    self.smtp.rules.clear()
                    mails = self.message.sudo().mail_ids
                    mails.filtered(lambda one: one.state == "exception").action_retry()
                    for mail in mails:
                        self.retry(mail)
                    self.assertEqual(sorted(self.got()), [BINH, CHI, LAN])
                    for letter in self.smtp.letters:
                        self.assertEqual(self.named(letter, "To"), [LAN])
                        self.assertEqual(self.named(letter, "Cc"), [BINH])
                        self.assertNotIn(b"chi@", letter.content.lower())

    def test_who_is_two_contacts_gets_one_and_stays_unseen(self):
        """The same address in To and Bcc, or in Cc and Bcc (OCA/mail issue 233)."""
        twin = self.env["res.partner"].create({"name": "Twin", "email": LAN})
        third = self.env["res.partner"].create({"name": "Third", "email": CHI})
        letters = self.write_to(
            catchall_cc_ids=self.other, catchall_bcc_ids=twin + third + self.third
        )
        self.assertEqual(sorted(letters), [BINH, CHI, LAN])
        for letter in letters.values():
            self.assertEqual(self.named(letter, "To"), [LAN])
            self.assertEqual(self.named(letter, "Cc"), [BINH])
            self.assertNotIn(b"chi@", letter.content.lower())
            self.assertNotIn(b"Twin", letter.content)

    def test_a_correction_in_time_keeps_them(self):
        self.smtp.refuse("RCPT", "450 4.2.0 Greylisted")
        self.write_to(catchall_cc_ids=self.other, catchall_bcc_ids=self.third)
        self.smtp.rules.clear()
        message = self.message.sudo()
        self.document._message_update_content(message, body="Goodbye")
        message.invalidate_recordset()
        for mail in message.mail_ids:
            self.retry(mail)
        self.assertEqual(sorted(self.got()), [BINH, CHI, LAN])
        for letter in self.smtp.letters:
            self.assertEqual(self.named(letter, "To"), [LAN])
            self.assertEqual(self.named(letter, "Cc"), [BINH])
            self.assertNotIn(b"chi@", letter.content.lower())
            self.assertIn("Goodbye", self.text_of(letter))

    def text_of(self, letter):
        read = BytesParser(policy=policy.default).parsebytes(letter.content)
        return read.get_body(("plain",)).get_content()

    def test_each_has_a_notification(self):
        self.write_to(catchall_cc_ids=self.other, catchall_bcc_ids=self.third)
        people = self.customer + self.other + self.third
        self.assertEqual(self.message.notification_ids.res_partner_id, people)
        for one in people:
            self.assertEqual(self.status_of(self.message, one), "sent")

    def test_one_who_is_refused_is_shown(self):
        self.smtp.refuse("RCPT TO:<binh", "550 5.1.1 User unknown")
        letters = self.write_to(catchall_cc_ids=self.other, catchall_bcc_ids=self.third)
        self.assertEqual(set(letters), {LAN, CHI})
        self.assertEqual(self.status_of(self.message, self.other), "exception")
        self.assertEqual(self.status_of(self.message, self.third), "sent")

    def test_the_answer_of_a_copy_lands_on_the_document(self):
        letters = self.write_to(catchall_bcc_ids=self.third)
        (reply_to,) = self.named(letters[CHI], "Reply-To")
        message = self.route(self.mail(reply_to, email_from=CHI))
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_without_copies_everything_is_as_ever(self):
        letters = self.write_to()
        self.assertEqual(self.named(letters[LAN], "To"), [LAN])
        self.assertEqual(self.named(letters[LAN], "Cc"), [])

    def test_a_scheduled_message_keeps_them(self):
        wizard = self.composer(
            catchall_bcc_ids=[Command.set(self.third.ids)],
            catchall_cc_ids=[Command.set(self.other.ids)],
            scheduled_date="2099-01-01 00:00:00",
        )
        wizard._action_schedule_message()._post_message()
        letter = next(one for one in self.smtp.letters if one.recipients == [LAN])
        self.assertEqual(self.named(letter, "Cc"), [BINH])
        self.assertNotIn(b"chi@", letter.content.lower())

    def test_who_does_not_want_them_is_not_offered_them(self):
        parameters = self.env["ir.config_parameter"].sudo()
        self.assertTrue(self.composer().catchall_offers_copies)
        parameters.set_param(PARAMETER, "no")
        self.assertFalse(self.composer().catchall_offers_copies)
        parameters.set_param(PARAMETER, "auto")
        rival = self.env["ir.module.module"].create(
            {"name": "mail_composer_cc_bcc", "state": "installed"}
        )
        self.env.registry.clear_cache("stable")  # as an installation does
        self.assertFalse(self.composer().catchall_offers_copies)
        rival.state = "uninstalled"
        self.env.registry.clear_cache("stable")
        self.assertTrue(self.composer().catchall_offers_copies)
