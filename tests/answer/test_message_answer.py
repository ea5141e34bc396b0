import email
import email.policy
from unittest.mock import patch

from markupsafe import Markup

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RouterCommon
from ..strategies import given, header_text, quick

CORE_LOGGER = "odoo.addons.mail.models.mail_thread"
FORGED = 1000


class AnswerCommon(RouterCommon):
    """Mails whose sender may be answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_servers.active = False

    def results(self, verdict, host):
        """Return what our own server says of a sender."""
        return (
            f"Authentication-Results: mx.{self.domain};\r\n"
            f"\tdmarc={verdict} header.from={host}\r\n"
        )

    def proven(self, local_part="nobody", verdict="pass", **values):
        """Return a mail to an own address that our provider vouches for."""
        raw = self.mail(self.at_domain(local_part), **values)
        return self.results(verdict, "customer.example").encode() + raw

    def answer(self, raw, kind="unknown", **values):
        """Route a mail and answer its sender; return (message, queued answer)."""
        message = self.route(raw)
        return message, message._answer_sender(
            message._read_mail(), kind, "Re: A question", "No such address", **values
        )

    def assertNotAnswered(self, raw, code, kind="unknown"):
        message, answer = self.answer(raw, kind)
        self.assertFalse(answer)
        step = message.trace[-1]
        self.assertEqual((step["step"], step["code"]), ("answer", code), step)
        self.assertIn("No automatic answer", message.why)
        return message


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAnswer(AnswerCommon):
    """The sender of a mail is answered, or it is said why not."""

    def sent(self, answer):
        """Send a queued answer; return (envelope sender, the mail)."""
        self.assertEqual(answer.state, "outgoing")
        with self.mock_smtplib_connection():
            answer.send()
        ((sent,),) = (self.emails,)
        return sent, email.message_from_string(
            sent["message"], policy=email.policy.default
        )

    def test_an_answer_is_queued_and_goes_out_as_rfc_3834_says(self):
        message, answer = self.answer(self.proven())
        self.assertIn("lan@customer.example", message.why)
        sent, mail = self.sent(answer)
        self.assertEqual(sent["smtp_from"], "")
        self.assertEqual(sent["smtp_to_list"], ["lan@customer.example"])
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")
        self.assertEqual(mail["In-Reply-To"], "<first@customer.example>")
        self.assertEqual(mail["References"], "<first@customer.example>")
        self.assertEqual(mail["X-Auto-Response-Suppress"], "All")
        self.assertEqual(mail["From"].addresses[0].addr_spec, self.account)
        for name in ("Sender", "Return-Path", "X-Catchall-Null-Sender"):
            self.assertNotIn(name, mail)

    def test_other_mail_keeps_its_envelope_sender(self):
        _message, answer = self.answer(self.proven())
        other = answer.copy({"headers": "{}", "state": "outgoing"})
        sent, _mail = self.sent(other)
        self.assertEqual(sent["smtp_from"], self.account)

    def test_the_queue_is_woken(self):
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        with patch.object(type(cron), "_trigger") as trigger:
            self.answer(self.proven())
            trigger.assert_called_once_with()

    def test_a_sender_is_answered_once_a_day_and_kind(self):
        self.assertTrue(self.answer(self.proven())[1])
        second = self.proven("nobody2", message_id="<second@customer.example>")
        self.assertNotAnswered(second, "told_today")
        third = self.proven("nobody3", message_id="<third@customer.example>")
        self.assertTrue(self.answer(third, kind="reject")[1])
        self.env["mail.catchall.answer"].search([]).day = fields.Date.subtract(
            fields.Date.today(), days=1
        )
        fourth = self.proven("nobody4", message_id="<fourth@customer.example>")
        self.assertTrue(self.answer(fourth)[1])

    def test_another_envelope_sender_makes_no_other_sender(self):
        self.assertTrue(self.answer(self.proven())[1])
        second = self.proven(message_id="<second@customer.example>").replace(
            b"Return-Path: <lan@", b"Return-Path: <verp-2@"
        )
        self.assertNotAnswered(second, "told_today")

    def test_two_lanes_do_not_both_answer(self):
        message = self.route(self.proven())
        mail = message._read_mail()
        facts = message._facts_of_answer(mail, "unknown")
        self.assertTrue(message._register_answer(facts))
        # As seen by a lane that has read the same facts before.
        with patch.object(type(message), "_facts_of_answer", lambda *_args: facts):
            self.assertFalse(message._answer_sender(mail, "unknown", "Re: X", "Y"))
        self.assertEqual(message.trace[-1]["code"], "told_today")

    def test_what_no_machine_may_answer_is_not_answered(self):
        hidden = {"to": "lan@elsewhere.example"}
        for code, values in (
            ("automatic", {"extra": "Auto-Submitted: auto-generated\r\n"}),
            ("automatic", {"extra": "List-Id: <list.customer.example>\r\n"}),
            ("automatic", {"extra": "Precedence: bulk\r\n"}),
            ("not_named", hidden),
            ("forged", {"verdict": "fail"}),
        ):
            with self.subTest(code=code, **values):
                message_id = f"<{len(values)}{code}{hash(str(values))}@x.example>"
                self.assertNotAnswered(
                    self.proven(message_id=message_id, **values), code
                )

    def test_nobody_is_answered_where_there_is_no_envelope_sender(self):
        raw = self.proven().replace(
            b"<lan@customer.example>\r\nX-Orig", b"<>\r\nX-Orig"
        )
        self.assertNotAnswered(raw, "no_address")

    def test_an_own_address_is_not_answered(self):
        own = self.at_domain("colleague")
        raw = self.mail(self.at_domain("nobody"), email_from=own).replace(
            b"<lan@customer.example>\r\nX-Orig", f"<{own}>\r\nX-Orig".encode()
        )
        raw = self.results("pass", self.domain).encode() + raw
        self.assertNotAnswered(raw, "own_address")

    def test_who_is_not_proven_is_answered_only_as_a_contact_or_by_a_person(self):
        raw = self.mail(self.at_domain("nobody"))
        self.assertNotAnswered(raw, "not_proven")
        again = self.mail(self.at_domain("nobody"), message_id="<2@customer.example>")
        self.assertTrue(self.answer(again, kind="reject")[1])
        self.env["res.partner"].create({"name": "L", "email": "lan@customer.example"})
        third = self.mail(self.at_domain("nobody"), message_id="<3@customer.example>")
        self.assertTrue(self.answer(third)[1])

    def test_a_proven_author_cannot_have_somebody_else_answered(self):
        raw = self.proven().replace(
            b"Return-Path: <lan@customer.example>",
            b"Return-Path: <victim@bank.example>",
        )
        self.assertNotAnswered(raw, "not_proven")

    def test_spam_is_not_answered(self):
        self.router.spam_policy = "deliver"
        raw = b"X-Spam-Flag: YES\r\n" + self.proven()
        self.assertNotAnswered(raw, "spam")

    def test_plain_text_stays_text(self):
        message = self.route(self.proven())
        mail = message._read_mail()
        answer = message._answer_sender(mail, "reject", "Re: X", "<b>No</b>\nBye")
        self.assertIn("&lt;b&gt;No", answer.body_html)
        answer = message._answer_sender(mail, "unknown", "Re: X", Markup("<b>No</b>"))
        self.assertIn("<b>No</b>", answer.body_html)

    def test_the_cap_cannot_be_less_than_none(self):
        with self.assertRaises(ValidationError):
            self.router.answers_per_hour = -1

    @mute_logger(CORE_LOGGER)
    def test_what_core_answers_follows_the_same_rules(self):
        self.jobs.alias_contact = "partners"
        message = self.route(self.proven("jobs"))
        self.assertEnd(message, "held", "alias_contact")
        answer = self.env["mail.mail"].search(
            [("email_to", "=", "lan@customer.example")], limit=1
        )
        sent, mail = self.sent(answer)
        self.assertEqual(sent["smtp_from"], "")
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")
        before = self.env["mail.mail"].search_count([])
        again = self.route(self.proven("jobs", message_id="<2@customer.example>"))
        self.assertEnd(again, "held", "alias_contact")
        self.assertIn("already got one today", again.why)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_forgotten_answers_forbid_nothing_and_newer_ones_stay(self):
        Answer = self.env["mail.catchall.answer"]
        for address in ("old@x.example", "new@x.example"):
            Answer._write_down(self.router, "unknown", address, address)
        old = Answer.search([("address", "=", "old@x.example")])
        self.env.cr.execute(
            "UPDATE mail_catchall_answer SET create_date = %s WHERE id = %s",
            ["2020-01-01", old.id],
        )
        Answer._gc_answers()
        self.assertEqual(Answer.search([]).mapped("address"), ["new@x.example"])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBackscatter(AnswerCommon):
    """Nobody makes us send mail to others."""

    def forged(self, number):
        sender = f"victim{number}@v{number}.example"
        raw = self.mail(
            self.at_domain("nobody"),
            email_from=sender,
            message_id=f"<{number}@attacker.example>",
        ).replace(
            b"Return-Path: <lan@customer.example>", f"Return-Path: <{sender}>".encode()
        )
        return self.results("pass", f"v{number}.example").encode() + raw

    def test_many_senders_together_get_no_more_answers_than_the_cap(self):
        # All that an attacker can wish for: our provider vouches for each of them.
        messages = self.journal(*map(self.forged, range(FORGED)))
        answered = 0
        for message in messages:
            mail = message._read_mail()
            message._open_deliveries({message: mail})
            answered += bool(message._answer_sender(mail, "unknown", "Re: X", "Y"))
        self.assertEqual(answered, self.router.answers_per_hour)
        self.assertEqual(self.env["mail.catchall.answer"].search_count([]), answered)
        self.assertEqual(messages[-1].trace[-1]["code"], "too_many")

    def test_the_cap_is_each_router_s_own_and_ends_with_the_hour(self):
        Answer = self.env["mail.catchall.answer"]
        self.router.answers_per_hour = 2
        for number in range(2):
            raw = self.forged(number)
            self.assertTrue(self.answer(raw)[1])
        self.assertNotAnswered(self.forged(2), "too_many")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_answer"
            "   SET create_date = create_date - interval '61 min'"
        )
        self.assertFalse(Answer._count_last_hour(self.router, 30))
        self.assertTrue(self.answer(self.forged(3))[1])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestInjection(AnswerCommon):
    """Nothing in a mail becomes a header of what we send."""

    def test_no_subject_and_no_name_adds_a_header(self):
        message = self.route(self.proven())
        mail = message._read_mail()
        IrMailServer = self.env["ir.mail_server"]

        @quick
        @given(header_text)
        def check(text):
            self.env["mail.catchall.answer"].search([]).unlink()
            message.company_id.name = (
                text.replace("\0", "").encode("utf-8", "replace").decode() or "Company"
            )
            answer = message._answer_sender(mail, "unknown", f"Re: {text}", "No")
            (values,) = answer._prepare_outgoing_list(self.smtp_server)
            built = IrMailServer._build_email__(
                email_from=answer.email_from,
                email_to=values["email_to"],
                subject=values["subject"],
                body=values["body"],
                headers=dict(values["headers"]),
                references=values["references"],
            )
            parsed = email.message_from_bytes(built.as_bytes())
            self.assertEqual(
                [name.lower() for name in parsed],
                [name.lower() for name in built],
            )
            self.assertFalse(parsed["Bcc"])
            self.assertIn(self.account, parsed["From"])

        check()
