from unittest.mock import patch

from odoo.tests import tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAutomatic(RouterCommon):
    """Automatic mail reaches its record, and never makes one by itself."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Customer"})
        self.sent = self.partner.message_post(body="Offer", message_type="comment")

    def absence(self, **values):
        return self.mail(
            self.at_domain("sales"),
            subject="Trả lời tự động: Vắng mặt",
            extra="Auto-Submitted: auto-replied\r\n" + values.pop("extra", ""),
            **values,
        )

    def test_an_absence_note_is_a_note_on_its_document(self):
        message = self.route(
            self.absence(extra=f"In-Reply-To: {self.sent.message_id}\r\n")
        )
        self.assertEnd(message, "delivered")
        post = self.partner.message_ids[:1]
        self.assertEqual(post.message_id, "<first@customer.example>")
        self.assertEqual(post.subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn("Auto-Submitted", message.why)

    def test_an_absence_note_to_nothing_makes_no_document(self):
        for policy in ("held", "ignored"):
            with self.subTest(policy=policy):
                self.router.auto_reply_policy = policy
                message = self.route(self.absence(message_id=f"<{policy}@c.example>"))
                self.assertEnd(message, policy, "auto_reply")

    def test_words_alone_end_nothing(self):
        self.router.auto_reply_policy = "ignored"
        for subject in ("Vắng mặt", "Ngoài văn phòng", "Autoreply"):
            mail = self.mail(
                self.at_domain("sales"),
                subject=subject,
                message_id=f"<{len(subject)}@customer.example>",
                body="Giao hàng cho tôi thứ Hai nhé.",
            )
            self.assertEnd(self.route(mail), "held", "auto_reply")

    def test_list_mail_still_makes_its_document(self):
        message = self.route(
            self.mail(self.at_domain("sales"), extra="List-Id: <news.shop.example>\r\n")
        )
        self.assertEnd(message, "delivered")
        post = self.assertDelivered(message, self.at_domain("sales")).message_ids[:1]
        self.assertNotEqual(post.subtype_id, self.env.ref("mail.mt_note"))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBounce(RouterCommon):
    """A report ends on the right recipient of the right mail."""

    def setUp(self):
        super().setUp()
        self.document = self.env["res.partner"].create({"name": "Document"})
        self.customers = self.env["res.partner"].create(
            [
                {"name": "Lan", "email": "lan@customer.example"},
                {"name": "Minh", "email": "minh@customer.example"},
            ]
        )
        with self.mock_mail_gateway(mail_unlink_sent=False):
            self.sent = self.document.message_post(
                body="Offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customers.ids,
            )

    def report(self, action="failed", status="5.1.1", message_id=None):
        return (
            f"Return-Path: <>\r\n"
            f"X-Original-To: {self.account}\r\n"
            f"From: MAILER-DAEMON@mx.customer.example (Mail Delivery System)\r\n"
            f"To: {self.account}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\n"
            f"Auto-Submitted: auto-replied\r\n"
            f"Message-ID: <report-{action}@mx.customer.example>\r\n"
            f"MIME-Version: 1.0\r\n"
            f"Content-Type: multipart/report; report-type=delivery-status;\r\n"
            f' boundary="b"\r\n'
            f"\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\nCould not be delivered.\r\n"
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.customer.example\r\n\r\n"
            f"Final-Recipient: rfc822; minh@customer.example\r\n"
            f"Action: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; 550 {status} No such user here\r\n\r\n"
            f"--b\r\nContent-Type: message/rfc822\r\n\r\n"
            f"From: {self.at_domain('user_a')}\r\nTo: minh@customer.example\r\n"
            f"Message-ID: {message_id or self.sent.message_id}\r\n"
            f"Subject: Offer\r\n\r\nOffer\r\n"
            f"--b--\r\n"
        ).encode()

    def statuses(self):
        return {
            one.res_partner_id.name: one.notification_status
            for one in self.sent.notification_ids
        }

    def complaint(self, sender="Lan <lan@customer.example>", extra="", quoted=""):
        """Return what a customer writes about a delivery, in a mail server's words."""
        return self.mail(
            self.at_domain("sales"),
            email_from=sender,
            subject="Delivery problem with order 512: it was not delivered",
            body="The following recipient got nothing: lan@customer.example\r\n"
            "550 5.1.1 says your parcel service. Undeliverable mail?" + quoted,
            extra=extra,
        )

    def test_words_alone_end_no_mail_of_a_person(self):
        message = self.route(self.complaint())
        self.assertEnd(message, "delivered")

    def test_what_only_reads_like_a_report_is_held_with_its_reasons(self):
        message = self.route(
            self.complaint(
                sender="Postmaster <postmaster@customer.example>",
                quoted="\r\nFinal-Recipient: rfc822; lan@customer.example\r\n"
                "Action: failed\r\nStatus: 5.1.1\r\n",
            )
        )
        self.assertEnd(message, "held", "bounce_doubtful")
        self.assertIn("Delivery problem", message.why)

    def test_what_reads_like_a_report_and_answers_a_document_is_posted_on_it(self):
        message = self.route(
            self.complaint(
                sender="Postmaster <postmaster@customer.example>",
                extra=f"In-Reply-To: {self.sent.message_id}\r\n",
            )
        )
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.res_id, self.document.id)

    def test_the_failed_recipient_is_marked_and_no_other(self):
        message = self.route(self.report())
        self.assertEnd(message, "ignored", "bounce")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "bounce"})
        failed = self.sent.notification_ids.filtered(
            lambda one: one.notification_status == "bounce"
        )
        self.assertIn("No such user here", failed.failure_reason)
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 1])
        self.assertIn("minh@customer.example", message.why)

    def test_a_full_mailbox_does_not_count_as_a_dead_address(self):
        self.route(self.report(status="4.2.2"))
        self.assertEqual(self.statuses()["Minh"], "bounce")
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 0])

    def test_a_delay_changes_nothing(self):
        message = self.route(self.report(action="delayed", status="4.4.1"))
        self.assertEnd(message, "ignored", "delivery_notice")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "sent"})

    def test_a_report_on_a_mail_that_is_not_ours_makes_nothing(self):
        message = self.route(self.report(message_id="<forged@elsewhere.example>"))
        self.assertEnd(message, "ignored", "bounce_unknown")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "sent"})

    def test_a_report_twice_counts_once(self):
        self.route(self.report())
        again = self.route(self.report())
        self.assertEnd(again, "ignored", "duplicate")
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 1])

    # ------------------------------------------------------------
    # FORGED
    # ------------------------------------------------------------

    def from_outside(self, sender="MAILER-DAEMON@mx.customer.example", verdict=""):
        """Return the report as our own server took it from another one."""
        report = self.report().replace(
            b"MAILER-DAEMON@mx.customer.example", sender.encode()
        )
        trace = (
            f"Received: from mx.customer.example (mx.customer.example [192.0.2.7])\r\n"
            f"\tby mx.{self.domain} (Postfix) with ESMTP id 4ABC; "
            f"Mon, 23 Nov 2026 08:00:00 +0000 (UTC)\r\n"
        )
        if verdict:
            domain = sender.partition("@")[2]
            trace = (
                f"Authentication-Results: mx.{self.domain};\r\n"
                f"\tdmarc={verdict} header.from={domain}\r\n{trace}"
            )
        return trace.encode() + report

    def assertClaimed(self, message, on_document=True):
        self.assertEnd(message, "ignored", "bounce_claimed")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "sent"})
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 0])
        self.assertIn("minh@customer.example", message.why)
        notes = self.document.message_ids.filtered(lambda one: "claims" in one.body)
        self.assertEqual(len(notes), 1 if on_document else 0)

    def test_a_report_that_nothing_proves_is_a_claim(self):
        with patch.object(
            self.registry["mail.thread"], "_routing_handle_bounce"
        ) as handle:
            self.assertClaimed(self.route(self.from_outside()))
        handle.assert_not_called()

    def test_a_report_that_is_proven_to_be_forged_is_a_claim(self):
        self.assertClaimed(self.route(self.from_outside(verdict="fail")))

    def test_a_stranger_s_proven_report_is_a_claim(self):
        for sender in ("MAILER-DAEMON@attacker.example", "minh2@customer.example"):
            with self.subTest(sender=sender):
                raw = self.from_outside(sender, "pass")
                message = self.route(raw.replace(b"report-failed", sender.encode()))
                self.assertEnd(message, "ignored", "bounce_claimed")
                self.assertEqual(self.customers.mapped("message_bounce"), [0, 0])

    def test_the_recipient_s_proven_server_is_believed(self):
        for sender in (
            "MAILER-DAEMON@mx.customer.example",
            "postmaster@customer.example",
            "mailer-daemon@example.com",  # the server that takes our mail
        ):
            with self.subTest(sender=sender):
                self.sent.notification_ids.notification_status = "sent"
                raw = self.from_outside(sender, "pass")
                message = self.route(raw.replace(b"report-failed", sender.encode()))
                self.assertEnd(message, "ignored", "bounce")
                self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "bounce"})

    def test_who_did_not_get_the_mail_does_not_fail(self):
        other = self.env["res.partner"].create(
            {"name": "Hoa", "email": "hoa@customer.example"}
        )
        report = self.report().replace(b"minh@customer", b"hoa@customer")
        message = self.route(report)
        self.assertEnd(message, "ignored", "bounce_claimed")
        self.assertEqual(other.message_bounce, 0)
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "sent"})

    def test_apps_that_extend_core_s_handling_are_asked(self):
        with patch.object(
            self.registry["mail.thread"], "_routing_handle_bounce"
        ) as handle:
            self.route(self.report())
            hard = handle.call_args[0][-1]
            self.route(self.report(status="4.2.2"))
            soft = handle.call_args[0][-1]
        self.assertEqual(hard["bounced_email"], "minh@customer.example")
        self.assertEqual(hard["bounced_partner"], self.customers[1])
        self.assertEqual(hard["bounced_msg_ids"], [self.sent.message_id])
        self.assertEqual(hard["bounced_message"], self.sent)
        self.assertFalse(soft["bounced_email"])
        self.assertEqual(soft["bounced_msg_ids"], [self.sent.message_id])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSignedBounce(RouterCommon):
    """A report comes back to an address made for the one mail that failed."""

    def setUp(self):
        super().setUp()
        self.mail_servers.active = False
        self.smtp_server.catchall_envelope = "bounce"
        self.document = self.env["res.partner"].create({"name": "Document"})
        self.customer = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )
        with self.mock_smtplib_connection():
            self.sent = self.document.with_context(
                mail_notify_force_send=True
            ).message_post(
                body="Offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.ids,
                email_from=f"User <{self.at_domain('user_a')}>",
            )
            self.env["mail.mail"].search(
                [("mail_message_id", "=", self.sent.id)]
            ).send()
        self.envelope = self.emails[0]["smtp_from"]

    def report(self, subject="It is of no use", path="<>", to=None):
        """A report that says nothing that any list knows."""
        return (
            f"Return-Path: {path}\r\nX-Original-To: {to or self.envelope}\r\n"
            f"From: robot@mx.customer.example\r\nTo: {to or self.envelope}\r\n"
            f"Subject: {subject}\r\nMessage-ID: <r@mx.customer.example>\r\n\r\n"
            "That one left us long ago.\r\n"
        ).encode()

    def test_the_envelope_sender_is_signed_and_on_the_own_domain(self):
        found = self.router._find_signed_bounce(self.envelope)
        self.assertEqual(found[0], self.sent)
        self.assertTrue(self.envelope.endswith(f"@{self.domain}"))
        self.assertNotIn("Return-Path", self.emails[0]["message"])

    def test_a_report_in_no_known_words_marks_the_one_recipient(self):
        message = self.route(self.report())
        self.assertEnd(message, "ignored", "bounce")
        self.assertEqual(self.sent.notification_ids.notification_status, "bounce")
        self.assertEqual(self.customer.message_bounce, 0)

    def test_who_got_the_mail_reports_on_nobody_else(self):
        other = self.env["res.partner"].create(
            {"name": "Minh", "email": "minh@customer.example"}
        )
        status = (
            b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; "
            b"minh@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        )
        raw = self.report().replace(
            b"\r\n\r\n",
            b"\r\nContent-Type: message/delivery-status\r\n\r\n" + status,
            1,
        )
        message = self.route(raw)
        self.assertEnd(message, "ignored", "bounce")
        self.assertEqual(other.message_bounce, 0)
        # What it says is of the one mail that its address was made for.
        self.assertEqual(self.sent.notification_ids.notification_status, "bounce")

    def test_an_absence_note_to_the_bounce_address_reaches_its_document(self):
        raw = self.report("Out of office: Offer", "<lan@customer.example>")
        message = self.route(b"Auto-Submitted: auto-replied\r\n" + raw)
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.res_id, self.document.id)
        self.assertEqual(self.sent.notification_ids.notification_status, "sent")

    def test_the_recipient_s_own_program_is_no_report(self):
        raw = self.report("Offer").replace(
            b"robot@mx.customer.example", b"lan@customer.example"
        )
        message = self.route(raw)
        self.assertEnd(message, "delivered")
        self.assertEqual(self.sent.notification_ids.notification_status, "sent")

    def test_a_forged_bounce_address_marks_nobody(self):
        local_part, domain = self.envelope.split("@")
        last = "0" if local_part[-1] != "0" else "1"
        message = self.route(self.report(to=f"{local_part[:-1]}{last}@{domain}"))
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertEqual(self.sent.notification_ids.notification_status, "sent")

    def test_a_provider_that_takes_the_account_only_gets_the_account(self):
        self.smtp_server.catchall_envelope = "account"
        with self.mock_smtplib_connection():
            mail = self.env["mail.mail"].create(
                {"email_from": self.at_domain("a"), "email_to": "lan@customer.example"}
            )
            mail.send()
        self.assertEqual(self.emails[0]["smtp_from"], self.account)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnwanted(RouterCommon):
    """Forged, spam: what the own provider says counts, and nobody else's word."""

    def results(self, verdict, host=None):
        return (
            f"Authentication-Results: {host or f'mx.{self.domain}'};\r\n"
            f"\tdmarc={verdict} header.from={self.domain}\r\n"
        )

    def with_trace(self, raw, trace):
        """Put header lines above the mail, where only our own server writes."""
        return trace.encode() + raw

    def from_us(self, **values):
        self.user_employee.email = self.at_domain("user_a")
        return self.mail(
            self.at_domain("sales"), email_from=self.at_domain("user_a"), **values
        )

    def test_a_mail_that_claims_to_be_from_one_of_us_is_held(self):
        message = self.route(self.with_trace(self.from_us(), self.results("fail")))
        self.assertEnd(message, "held", "forged_sender")
        self.assertIn("Authentication-Results", message.why)

    def test_a_forged_sender_may_be_taken_for_an_outsider(self):
        self.router.forged_policy = "outsider"
        message = self.route(self.with_trace(self.from_us(), self.results("fail")))
        post = self.assertDelivered(message, self.at_domain("sales")).message_ids[:1]
        self.assertFalse(post.author_id)
        self.assertNotEqual(post.create_uid, self.user_employee)

    def test_a_proven_mail_of_ours_is_posted_as_its_author(self):
        message = self.route(self.with_trace(self.from_us(), self.results("pass")))
        post = self.assertDelivered(message, self.at_domain("sales")).message_ids[:1]
        self.assertEqual(post.author_id, self.partner_employee)

    def test_without_verdicts_nobody_is_stopped(self):
        self.assertEnd(self.route(self.from_us()), "delivered")

    def test_a_verdict_that_the_sender_wrote_is_not_believed(self):
        for verdict in ("fail", "pass"):
            with self.subTest(verdict=verdict):
                raw = self.from_us(
                    extra=self.results(verdict), message_id=f"<{verdict}@c.example>"
                )
                self.assertEnd(self.route(raw), "delivered")
        trace = self.results("fail")
        raw = self.from_us(extra=self.results("pass"), message_id="<both@c.example>")
        self.assertEnd(self.route(self.with_trace(raw, trace)), "held", "forged_sender")

    def test_an_alias_for_partners_needs_proof_when_there_is_some(self):
        self.jobs.alias_contact = "partners"
        self.env["res.partner"].create({"name": "L", "email": "lan@customer.example"})
        trace = (
            f"Authentication-Results: mx.{self.domain};\r\n"
            f"\tdmarc=fail header.from=customer.example\r\n"
        )
        raw = self.mail(self.at_domain("jobs"))
        message = self.route(self.with_trace(raw, trace))
        self.assertEnd(message, "held", "unproven_sender")

    def test_a_blocked_name_ends_no_contact_s_mail_without_proof(self):
        Sender = self.env["mail.catchall.sender"]
        Sender._set("lan@customer.example", self.router.company_id, "block")
        for number, (contact, verdict, end) in enumerate(
            (
                (False, "", "ignored"),
                (True, "", "held"),
                (True, "fail", "held"),
                (True, "pass", "ignored"),
            )
        ):
            with self.subTest(contact=contact, verdict=verdict):
                if contact:
                    partner = {"name": "Lan", "email": "lan@customer.example"}
                    self.env["res.partner"].create(partner)
                raw = self.mail(self.at_domain("sales"), message_id=f"<{number}@c.x>")
                if verdict:
                    results = (
                        f"Authentication-Results: mx.{self.domain};\r\n"
                        f"\tdmarc={verdict} header.from=customer.example\r\n"
                    )
                    raw = self.with_trace(raw, results)
                self.assertEnd(self.route(raw), end, "blocked")

    def test_spam_has_the_end_that_the_router_says(self):
        for policy, end in (
            ("held", ("held", "spam")),
            ("ignored", ("ignored", "spam")),
            ("deliver", ("delivered", False)),
        ):
            with self.subTest(policy=policy):
                self.router.spam_policy = policy
                raw = self.mail(self.at_domain("sales"), message_id=f"<{policy}@c.x>")
                message = self.route(self.with_trace(raw, "X-Spam-Flag: YES\r\n"))
                self.assertEnd(message, *end)
                self.assertIn("X-Spam-Flag", message.why)

    def test_the_score_counts_from_the_router_s_threshold_on(self):
        self.router.spam_threshold = 3
        for score, state in (("3.5", "held"), ("2.5", "delivered")):
            with self.subTest(score=score):
                raw = self.mail(self.at_domain("sales"), message_id=f"<{score}@c.x>")
                trace = f"X-Spam-Status: No, score={score} required=5.0\r\n"
                self.assertEqual(self.route(self.with_trace(raw, trace)).state, state)

    def test_spam_of_an_allowed_sender_passes(self):
        self.env["mail.gateway.allowed"].create({"email": "lan@customer.example"})
        raw = self.mail(self.at_domain("sales"))
        message = self.route(self.with_trace(raw, "X-Spam-Flag: YES\r\n"))
        self.assertEnd(message, "delivered")

    def test_all_reasons_are_shown_and_the_gravest_end_counts(self):
        trace = self.results("fail") + "X-Spam-Flag: YES\r\n"
        message = self.route(self.with_trace(self.from_us(), trace))
        self.assertEnd(message, "held", "forged_sender")
        self.assertEqual(message.reason_codes, ["forged_sender", "spam"])
        self.router.spam_policy = "ignored"
        raw = self.from_us(message_id="<second@customer.example>")
        message = self.route(self.with_trace(raw, trace))
        self.assertEnd(message, "ignored", "spam")
        self.assertEqual(message.reason_codes, ["spam", "forged_sender"])

    def test_reasons_of_an_earlier_routing_are_history(self):
        raw = self.mail(self.at_domain("nobody"))
        message = self.route(self.with_trace(raw, "X-Spam-Flag: YES\r\n"))
        self.assertEqual(message.reason_codes, ["spam"])
        message.released = True
        message._revive()
        message._route()
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertEqual(message.reason_codes, ["unknown_recipient"])
        self.assertIn("X-Spam-Flag", message.why)

    def test_delivered_mail_has_no_reasons(self):
        self.assertFalse(self.route(self.from_us()).reason_codes)

    def test_a_released_mail_of_a_blocked_sender_passes(self):
        self.env["mail.catchall.sender"]._set(
            "lan@customer.example", self.router.company_id, "block"
        )
        (message,) = self.journal(self.mail(self.at_domain("sales")))
        message.released = True
        message._route()
        self.assertEnd(message, "delivered")
