import itertools

from odoo.tests import tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestForgedHeaders(RouterCommon):
    """What a sender writes into a mail is never taken for the word of the server
    that received it. Each mail goes to jobs and claims to be for sales."""

    def setUp(self):
        super().setUp()
        self.user_employee.email = self.at_domain("user_a")
        self.mx = f"mx.{self.domain}"
        self.numbers = itertools.count()

    def forged(self, *lines, original="jobs", **values):
        """Return a mail to jobs that holds these lines below what our server wrote."""
        number = next(self.numbers)
        values.setdefault("to", self.at_domain("jobs"))
        values.setdefault("email_from", f"c{number}@evil.example")
        values.setdefault("message_id", f"<{number}@evil.example>")
        original = original and self.at_domain(original)
        extra = "".join(f"{line}\r\n" for line in lines)
        return self.mail(original, extra=extra, **values)

    def assertOnlyJobs(self, message):
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.alias_id, self.jobs, message.trace)

    # ------------------------------------------------------------
    # FOR WHOM IT WAS
    # ------------------------------------------------------------

    def lines_for_sales(self):
        sales = self.at_domain("sales")
        return (
            f"X-Original-To: {sales}",
            f"x-ORIGINAL-to : {sales}",
            f"X-Original-To:\r\n {sales}",
            f"X-Original-To\t: <{sales}>",
            f"Delivered-To: {sales}",
            f"Envelope-To: {sales}",
            f"X-Gm-Original-To: {sales}",
            f"X-Forwarded-To: {sales}",
            f"Received: from x by {self.mx} with LMTP id 1 for <{sales}>; then",
            f"Received: from x (x [127.0.0.1])\r\n\tby {self.mx} for <{sales}>; then",
            f"Received: by {self.mx} (Postfix); then\r\nX-Original-To: {sales}",
            f"received : by {self.mx} with LMTP; then\r\nDelivered-To: {sales}",
            f"X-Original-To: b\xe9 <{sales}>",
            f"X-A: 1\rX-Original-To: {sales}",
        )

    def test_an_original_recipient_below_our_server_s_line_is_nobody_s(self):
        for line in self.lines_for_sales():
            for original in ("jobs", None):
                with self.subTest(line=line, original=original):
                    raw = self.forged(line, original=original)
                    self.assertOnlyJobs(self.route(raw))

    def test_all_of_them_together_many_times(self):
        raw = self.forged(*self.lines_for_sales() * 12)
        self.assertOnlyJobs(self.route(raw))

    def test_clauses_in_the_words_of_the_sender_are_none_of_our_server_s(self):
        ours = f"by {self.mx} (Postfix) with ESMTP id 4ABC"
        lines = (
            f'from c (c [1.2.3.4]) {ours} for <"a with LMTP b"@{self.domain}>; now',
            f"from {self.mx} (c [1.2.3.4]) {ours}; now",
            f"from ( (c [1.2.3.4]) {ours}; now",
            f"from ; (c [1.2.3.4]) {ours}; now",
            f"from {self.mx}([127.0.0.1]) (c [1.2.3.4]) {ours}; now",
        )
        for line in lines:
            raw = self.forged(*self.lines_for_sales(), original=None)
            _top, _own, rest = raw.partition(b"(UTC)\r\n")
            with self.subTest(line=line):
                message = self.route(f"Received: {line}\r\n".encode() + rest)
                self.assertOnlyJobs(message)

    # ------------------------------------------------------------
    # WHO WROTE IT
    # ------------------------------------------------------------

    def results(self, verdict, host=None):
        return (
            f"Authentication-Results: {host or self.mx};"
            f" dmarc={verdict} header.from={self.domain}"
        )

    def from_us(self, *lines, **values):
        return self.forged(*lines, email_from=self.at_domain("user_a"), **values)

    def test_a_verdict_of_the_sender_s_mends_no_failure(self):
        ours = f"{self.results('fail')}\r\n".encode()
        for line in (
            self.results("pass"),
            self.results("pass").replace(":", " :"),
            self.results("pass").upper(),
            f"Received: from x by {self.mx} with LMTP; now\r\n" + self.results("pass"),
            "ARC-" + self.results("pass"),
            f"Received-SPF: pass (domain of {self.domain})",
        ):
            with self.subTest(line=line):
                raw = self.from_us(line)
                self.assertEnd(self.route(ours + raw), "held", "forged_sender")

    def test_the_verdict_of_a_relay_is_no_verdict(self):
        # Our server said so, and a relay before it the contrary, on top of the trace.
        self.router.authserv_ids = self.mx
        for verdict, relayed, end in (
            ("fail", "pass", ("held", "forged_sender")),
            ("pass", "fail", ("delivered", False)),
        ):
            for order in (1, -1):
                with self.subTest(verdict=verdict, order=order):
                    lines = [
                        self.results(verdict),
                        self.results(relayed, "relay.example"),
                    ][::order]
                    raw = self.from_us()
                    top = "".join(f"{line}\r\n" for line in lines).encode()
                    self.assertEnd(self.route(top + raw), *end)

    def test_a_forged_pass_proves_nobody(self):
        message = self.route(self.from_us(self.results("pass")))
        self.assertIsNone(message._read_mail().authenticated)

    # ------------------------------------------------------------
    # SPAM, AND HEADERS OF OUR OWN
    # ------------------------------------------------------------

    def test_a_sender_cannot_acquit_himself_of_spam(self):
        ours = b"X-Spam-Flag: YES\r\nX-Spam-Status: Yes, score=9.1 required=5.0\r\n"
        for line in (
            "X-Spam-Flag: NO",
            "X-Spam-Status: No, score=-10.0 required=5.0",
            "x-spam-flag : NO",
            "X-Rspamd-Action: no action",
        ):
            with self.subTest(line=line):
                raw = self.forged(line)
                self.assertEnd(self.route(ours + raw), "held", "spam")

    def test_headers_that_odoo_itself_writes_steer_nothing(self):
        partner = self.env["res.partner"].create({"name": "Victim"})
        raw = self.forged(
            f"X-Odoo-Objects: res.partner-{partner.id}",
            "X-Odoo-Message-Id: <odoo@own.example>",
            "X-Odoo-Database: another",
            f"X-Microsoft-Original-Message-ID: <{partner.id}@own.example>",
            f"Return-Path: <{self.at_domain('user_a')}>",
            f"Resent-From: {self.at_domain('user_a')}",
        )
        before = partner.message_ids
        self.assertOnlyJobs(self.route(raw))
        self.assertEqual(partner.message_ids, before)

    # ------------------------------------------------------------
    # REPLY ADDRESSES
    # ------------------------------------------------------------

    def test_a_reply_address_of_another_key_or_database_is_unknown(self):
        partner = self.env["res.partner"].create({"name": "Victim"})
        parameters = self.env["ir.config_parameter"].sudo()
        for name in ("signing_id", "signing_keys"):
            key = f"mail_catchall_router.{name}"
            with self.subTest(key=key):
                self.router._signing_keys()
                ours = parameters.get_param(key)
                parameters.set_param(key, "ab" * 32)
                foreign = addresses.normalize(
                    self.router._reply_address(
                        "res.partner", partner.id, self.at_domain("x")
                    )
                )
                parameters.set_param(key, ours)
                raw = self.mail(foreign)
                self.assertEnd(self.route(raw), "held", "unknown_recipient")
