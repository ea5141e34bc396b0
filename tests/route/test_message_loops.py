from datetime import datetime, timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.inbound import loops

from ..common import CommittingCommon, RouterCommon

CORE_LOGGER = "odoo.addons.mail.models.mail_thread"
MORNING = datetime(2026, 11, 23, 8)


class LoopCommon(RouterCommon):
    """Mails that differ in their Message-ID, and arrive when the test says."""

    def numbered(self, number, **values):
        values.setdefault("subject", f"Mail {number}")
        values.setdefault("body", "Hello\r\n")
        return self.mail(
            self.at_domain("sales"), message_id=f"<{number}@customer.example>", **values
        )

    def route_at(self, arrivals, **values):
        """Route a mail per arrival (minutes after the first), return the messages."""
        mails = [
            {
                "raw": self.numbered(number, **values),
                "internal_date": MORNING + timedelta(minutes=minute),
            }
            for number, minute in enumerate(arrivals)
        ]
        messages = self.Message._journal(self.router, mails)
        for message in messages:
            message._route()
        return messages


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestOwnToken(LoopCommon):
    """What this database has sent is known by its token, and by nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.env["res.partner"].create({"name": "Document"})
        # Core's own servers would answer for the domain first.
        cls.mail_servers.active = False

    def token(self):
        return self.router._make_token("<any@own.example>")

    def send(self, **values):
        """Send a mail through the router's server, return it as it left."""
        mail = self.env["mail.mail"].create(
            {
                "email_from": self.at_domain("user_a"),
                "email_to": "lan@customer.example",
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
                **values,
            }
        )
        with self.mock_smtplib_connection():
            mail.send()
        return self.emails[0]["message"]

    def test_what_is_sent_carries_the_token_in_both_places(self):
        sent = self.send()
        self.assertEqual(sent.count(loops.TOKEN_HEADER), 1)
        message = self.route(self.came_back(sent))
        self.assertEnd(message, "ignored", "own_message")
        self.assertIn("Message-ID carries the signature", message.why)
        self.assertIn(f"{loops.TOKEN_HEADER} carries", message.why)

    def came_back(self, sent):
        """The bytes of a sent mail as a forwarder gives them back, who puts himself
        into From."""
        trace = (
            f"X-Original-To: {self.at_domain('sales')}\r\n"
            f"Delivered-To: {self.account}\r\n"
            f"Received: from list.example (list.example [192.0.2.7])\r\n"
            f"\tby mx.{self.domain} (Postfix) with ESMTP id 1; Mon\r\n"
        )
        lines = [
            "From: List <list@list.example>" if line.startswith("From:") else line
            for line in sent.splitlines()
        ]
        return (trace + "\r\n".join(lines)).encode()

    def test_a_token_that_somebody_else_put_in_is_replaced(self):
        sent = self.send(headers=repr({loops.TOKEN_HEADER: "forged"}))
        self.assertEqual(sent.count(loops.TOKEN_HEADER), 1)
        self.assertNotIn("forged", sent)

    def test_a_message_of_a_document_has_the_token_in_its_id(self):
        sent = self.document.message_post(body="Hello", message_type="comment")
        self.assertIn(f"-openerp-{self.document.id}-res.partner@", sent.message_id)
        raw = self.mail(
            self.at_domain("sales"),
            message_id=sent.message_id,
            email_from=self.at_domain("user_a"),
        )
        sent.sudo().unlink()
        self.assertEnd(self.route(raw), "ignored", "own_message")

    def test_without_a_sending_router_messages_have_core_s_ids(self):
        self.router.mail_server_id = False
        sent = self.document.message_post(body="Hello", message_type="comment")
        self.assertRegex(sent.message_id, r"^<\d+\.\d+\.\d+-openerp-")
        self.router.mail_server_id = self.smtp_server
        sent = self.document.message_post(body="Hello", message_type="comment")
        self.assertRegex(sent.message_id, r"^<[0-9a-z]{31}\.\d+\.\d+\.\d+-openerp-")

    def test_a_relay_may_have_written_a_message_id_of_its_own(self):
        raw = self.numbered(
            1,
            email_from=self.at_domain("user_a"),
            extra=f"{loops.TOKEN_HEADER}: {self.token()}\r\n",
        )
        self.assertEnd(self.route(raw), "ignored", "own_message")

    def test_an_answer_that_copied_our_header_is_delivered(self):
        raw = self.numbered(1, extra=f"{loops.TOKEN_HEADER}: {self.token()}\r\n")
        self.assertEnd(self.route(raw), "delivered")

    def test_an_answer_to_our_mail_is_delivered(self):
        sent = self.document.message_post(body="Hello", message_type="comment")
        raw = self.numbered(1, extra=f"In-Reply-To: {sent.message_id}\r\n")
        self.assertEnd(self.route(raw), "delivered")

    def test_tokens_of_others_prove_nothing(self):
        foreign = loops.make_token(b"k" * 32, "another database", "1")
        stolen_key = loops.make_token(
            self.router._signing_keys()[0], "another database", "1"
        )
        for number, token in enumerate((foreign, stolen_key, "yes", "x" * 31)):
            with self.subTest(token=token):
                raw = self.mail(
                    self.at_domain("sales"),
                    message_id=f"<{token}.{number}@own.example>",
                    email_from=self.at_domain("user_a"),
                    extra=f"{loops.TOKEN_HEADER}: {token}\r\n",
                )
                self.assertEnd(self.route(raw), "delivered")

    def test_a_former_key_still_proves(self):
        token = self.token()
        self.router.action_new_key()
        raw = self.numbered(
            1,
            email_from=self.account,
            extra=f"{loops.TOKEN_HEADER}: {token}\r\n",
        )
        self.assertEnd(self.route(raw), "ignored", "own_message")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRoundAndRound(LoopCommon):
    """Mail that has gone through too many hands, or through this mailbox before."""

    def test_more_than_fifty_servers_are_a_loop(self):
        hops = "Received: from a.example by b.example; now\r\n"
        message = self.route(self.numbered(1, extra=hops * 50))
        self.assertEnd(message, "held", "loop_received")
        self.assertIn("51 mail servers", message.why)

    def test_a_long_way_is_no_loop(self):
        hops = "Received: from a.example by b.example; now\r\n"
        self.assertEnd(self.route(self.numbered(1, extra=hops * 30)), "delivered")

    def test_what_was_in_this_mailbox_before_is_held(self):
        extra = f"Delivered-To: {self.account}\r\n"
        message = self.route(self.numbered(1, extra=extra))
        self.assertEnd(message, "held", "loop_delivered")

    def test_what_was_in_another_mailbox_before_is_delivered(self):
        extra = "Delivered-To: lan@customer.example\r\n" * 3
        self.assertEnd(self.route(self.numbered(1, extra=extra)), "delivered")

    def test_a_released_mail_passes(self):
        extra = f"Delivered-To: {self.account}\r\n"
        message = self.route(self.numbered(1, extra=extra))
        message.released = True
        message._revive()
        message._route()
        self.assertEnd(message, "delivered")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBurst(LoopCommon):
    """The same email over and over."""

    def test_numbers_and_marks_of_answers_make_no_difference(self):
        self.route_at(range(10))
        message = self.route_at([9.5], subject="Re: Mail 2026")
        self.assertEnd(message, "held", "burst")

    def test_the_eleventh_of_a_burst_is_held(self):
        messages = self.route_at([number * 0.5 for number in range(12)])
        self.assertEqual(
            messages.mapped("state"),
            ["delivered"] * 10 + ["held"] * 2,
            messages[-1].why,
        )
        self.assertEnd(messages[-1], "held", "burst")
        self.assertIn("10 emails of this sender", messages[-1].why)

    def test_the_same_mail_every_two_minutes_is_no_burst(self):
        messages = self.route_at(range(0, 30, 2))
        self.assertEqual(set(messages.mapped("state")), {"delivered"})

    def test_a_customer_s_conversation_is_no_burst(self):
        for number in range(12):
            (message,) = self.Message._journal(
                self.router,
                [
                    {
                        "raw": self.numbered(
                            number, subject="Re: Offer", body=f"{'word ' * number}\r\n"
                        ),
                        "internal_date": MORNING + timedelta(minutes=number / 2),
                    }
                ],
            )
            message._route()
            self.assertEnd(message, "delivered")

    def test_copies_of_one_mail_are_no_burst(self):
        for number in range(14):
            name = f"team-{number}"
            self._create_alias(name)
            message = self.route(self.mail(self.at_domain(name), to="list@c.example"))
            self.assertEnd(message, "delivered")

    def test_mail_that_was_fetched_late_arrived_when_it_arrived(self):
        messages = self.route_at(range(0, 15 * 60, 60))
        self.assertEqual(set(messages.mapped("state")), {"delivered"})

    def test_without_a_limit_nothing_is_a_burst(self):
        self.router.burst_count = 0
        messages = self.route_at([0] * 14)
        self.assertEqual(set(messages.mapped("state")), {"delivered"})

    def test_an_allowed_sender_may_write_the_same_again(self):
        self.env["mail.catchall.sender"]._set(
            "lan@customer.example", self.router.company_id, "allow"
        )
        messages = self.route_at([0] * 14)
        self.assertEqual(set(messages.mapped("state")), {"delivered"})

    def test_another_company_s_mail_does_not_count(self):
        domain = self.env["mail.alias.domain"].create({"name": "second.example"})
        self.company_2.alias_domain_id = domain
        self.router.alias_domain_ids += domain
        other = self.env["mail.alias"].create(
            {
                "alias_name": "helpers",
                "alias_domain_id": domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.mail_alias_domain.company_ids = self.router.company_id
        self.route_at([0] * 10)
        raw = self.mail(other.alias_full_name, subject="Mail 7")
        values = {"raw": raw, "internal_date": MORNING}
        message = self.Message._journal(self.router, [values])
        message._route()
        self.assertEqual(message.company_id, self.company_2)
        self.assertEnd(message, "delivered")

    def test_the_journal_s_size_does_not_count(self):
        def queries(number):
            message = self.journal(self.numbered(number, subject="Another"))
            mail = message._read_mail()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            message._guard_burst(mail)
            message._guard_attack(mail)
            message._guard_trap(mail)
            message._find_trapped(mail)
            return self.env.cr.sql_log_count - before

        self.journal(*(self.numbered(number) for number in range(10)))
        few = queries(1000)
        self.journal(*(self.numbered(number) for number in range(10, 500)))
        self.assertEqual(queries(1001), few)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestLoopGuard(CommittingCommon):
    """What core's loop guard stops is held, and let through with one click."""

    def setUp(self):
        super().setUp()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("mail.gateway.loop.threshold", "3")
        parameters.set_param("mail.gateway.loop.minutes", "90")

    def numbered(self, number, **values):
        return self.mail(
            self.at_domain("sales"),
            subject=f"Mail {number}",
            body=f"{'word ' * number}\r\n",
            message_id=f"<{number}@customer.example>",
            **values,
        )

    def answers(self, document, numbers):
        (post,) = document.message_ids.filtered("message_id")[:1]
        extra = f"In-Reply-To: {post.message_id}\r\n"
        return self.route(*(self.numbered(one, extra=extra) for one in numbers))

    @mute_logger(CORE_LOGGER)
    def test_too_many_answers_are_held_with_their_number(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        partner.message_post(body="Offer", message_type="comment")
        with self.mock_mail_gateway():
            messages = self.answers(partner, range(4))
        self.assertEqual(messages.mapped("state"), ["delivered"] * 3 + ["held"])
        held = messages[-1]
        self.assertEnd(held, "held", "loop_guard")
        self.assertIn("Loop guard: 3 emails from this sender", held.reason)
        self.assertIn("in 1.5 h", held.reason)
        self.assertFalse(
            self._new_mails, "the mail waits: nobody is told it was refused"
        )

    @mute_logger(CORE_LOGGER)
    def test_an_allowed_sender_s_waiting_mail_is_released_with_one_click(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        partner.message_post(body="Offer", message_type="comment")
        messages = self.answers(partner, range(6))
        self.assertEqual(messages.mapped("state"), ["delivered"] * 3 + ["held"] * 3)
        nobody = self.route(self.mail(self.at_domain("qwxyz"), message_id="<n@c.x>"))
        messages[4].action_allow_sender()
        self.assertEnd(messages[4], "delivered")
        self.Message._cron_route()
        self.assertEqual(set(messages.mapped("state")), {"delivered"})
        self.assertEnd(nobody, "held", "unknown_recipient")
        (again,) = self.answers(partner, [7])
        self.assertEnd(again, "delivered")

    @mute_logger(CORE_LOGGER)
    def test_allowing_one_sender_lets_no_other_through(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        partner.message_post(body="Offer", message_type="comment")
        held = self.answers(partner, range(4))[-1]
        spam = b"X-Spam-Flag: YES\r\n" + self.numbered(9, email_from="m@other.example")
        other = self.route(spam)
        held.action_allow_sender()
        self.Message._cron_route()
        self.assertEnd(other, "held", "spam")
