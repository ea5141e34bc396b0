from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import CommittingCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReject(CommittingCommon):
    """A person rejects a mail, and its sender is told so."""

    def held(self, **values):
        return self.route(self.mail(self.at_domain("nobody"), **values))

    def wizard(self, messages, **values):
        action = messages.action_reject()
        wizards = self.env[action["res_model"]].with_context(**action["context"])
        return wizards.create(values)

    def reject(self, messages, **values):
        """Reject mail; return (what the person is told, the queued answers)."""
        before = self.env["mail.mail"].search([])
        told = self.wizard(messages, **values).action_reject()["params"]
        return told, self.env["mail.mail"].search([]) - before

    def test_the_sender_is_answered_and_the_mail_is_settled(self):
        message = self.held()
        told, answer = self.reject(message, body="Not here.\nAsk <b>elsewhere</b>.")
        self.assertEnd(message, "ignored", "rejected")
        self.assertEqual((told["type"], told["undo_ids"]), ("success", message.ids))
        self.assertEqual(answer.state, "outgoing")
        self.assertEqual(answer.email_to, "lan@customer.example")
        self.assertEqual(answer.subject, "Re: A question")
        self.assertIn("&lt;b&gt;elsewhere", answer.body_html)
        self.assertIn(f"{self.env.user.name} rejected it, and lan@", message.why)

    def test_a_rejection_is_taken_back_while_the_answer_waits(self):
        message = self.held()
        _told, answer = self.reject(message, body="No")
        self.assertTrue(message.undoable)
        message.action_undo()
        self.assertFalse(answer.exists())
        self.assertEnd(message, "held", "unknown_recipient")
        # As if nobody had been told: the next rejection is.
        _told, answer = self.reject(message, body="No, again")
        self.assertTrue(answer)

    def test_a_rejection_is_not_taken_back_once_the_answer_is_leaving(self):
        message = self.held()
        _told, answer = self.reject(message, body="No")
        answer.state = "exception"  # as core writes it before it sends
        message.invalidate_recordset(["undoable"])
        self.assertFalse(message.undoable)
        with self.assertRaisesRegex(UserError, "on its way"):
            message.action_undo()
        self.assertEnd(message, "ignored", "rejected")

    def test_a_rejection_is_not_taken_back_once_the_answer_is_gone(self):
        message = self.held()
        _told, answer = self.reject(message, body="No")
        answer.unlink()
        with self.assertRaisesRegex(UserError, "on its way"):
            message.action_undo()

    def test_core_says_that_it_sends_before_it_does(self):
        message = self.held()
        _told, answer = self.reject(message, body="No")
        answer.state = "exception"
        answer._prepare_outgoing_list()
        self.env.cr.execute("SELECT state FROM mail_mail WHERE id = %s", [answer.id])
        self.assertEqual(self.env.cr.fetchone()[0], "exception")

    def test_who_may_not_be_answered_is_not_and_the_person_is_told_why(self):
        message = self.route(
            self.mail(
                self.at_domain("nobody"),
                extra="Auto-Submitted: auto-generated\r\n",
            )
        )
        with self.assertRaisesRegex(UserError, "(?s)a program wrote.*discard"):
            self.reject(message, body="No")
        self.assertEqual(message.state, "held")
        self.assertFalse(message.decided_date)

    def test_of_many_those_are_settled_whose_senders_are_answered(self):
        first = self.held()
        machine = self.held(
            message_id="<two@customer.example>",
            extra="Auto-Submitted: auto-generated\r\n",
        )
        told, answers = self.reject(first + machine, body="No")
        self.assertEqual(told["type"], "warning")
        self.assertIn("a program wrote", told["message"])
        self.assertEqual(len(answers), 1)
        self.assertEnd(first, "ignored", "rejected")
        self.assertEqual(machine.state, "held")

    def test_a_subject_brings_no_header_into_the_answer(self):
        message = self.held(
            subject="=?utf-8?q?Hi=0D=0ABcc=3A_victim=40evil.example?=\r\n",
        )
        _told, answer = self.reject(message, body="No\r\nBcc: victim@evil.example")
        self.assertEqual(len(answer.subject.splitlines()), 1)
        self.assertFalse(answer.email_cc)
        with self.mock_smtplib_connection():
            answer.send()
        self.assertEqual(self.emails[0]["smtp_to_list"], ["lan@customer.example"])
        header = self.emails[0]["message"].partition("\r\n\r\n")[0]
        self.assertNotIn("\nBcc:", header)

    def test_the_text_is_in_the_senders_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example", "lang": "fr_FR"}
        )
        message = self.held()
        wizard = self.wizard(message)
        self.assertEqual(wizard._language_of_senders(), "fr_FR")
        self.assertIn(message.company_id.name, wizard.body)
