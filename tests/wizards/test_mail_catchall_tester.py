import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..provider_blocks import BLOCKS
from ..screens.test_views import MANAGER_GROUP, ViewsCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTester(ViewsCommon):
    """The route tester: what a person gives it, and what it shows."""

    def setUp(self):
        super().setUp()
        self.Tester = self.env["mail.catchall.tester"].with_user(self.manager)

    def after_test(self, **values):
        """Return the tester after a test."""
        tester = self.Tester.create(values)
        tester.action_test()
        return tester

    def file(self, raw, name="a.eml"):
        return {"source": "file", "file": base64.b64encode(raw), "file_name": name}

    # ------------------------------------------------------------
    # WHAT IS TESTED
    # ------------------------------------------------------------

    def test_from_to_and_subject_make_a_mail(self):
        with Form(self.Tester) as form:
            form.email_from = "Lan <lan@customer.example>"
            form.recipient = self.at_domain("sales")
            form.subject = "A question"
        tester = form.record
        tester.action_test()
        self.assertEqual(tester.state, "delivered")
        line = tester.line_ids
        self.assertEqual(line.recipient, self.at_domain("sales"))
        self.assertEqual(line.matched_by, "alias")
        self.assertEqual(line.target, "New: Contact")
        self.assertIn("X-Original-To", tester.why)

    def test_headers_may_be_pasted(self):
        text = "\n\n" + self.mail(self.at_domain("nobody-here")).decode()
        for pasted in (text, text.partition("\r\n\r\n")[0]):
            tester = self.after_test(source="text", text=pasted)
            self.assertEqual(tester.state, "held")
            self.assertIn(self.at_domain("nobody-here"), tester.reason)

    def test_a_file_may_be_uploaded(self):
        tester = self.after_test(**self.file(self.mail(self.at_domain("jobs"))))
        self.assertEqual(tester.line_ids.alias_id, self.jobs)
        self.assertFalse(
            self.env["ir.attachment"].search([("res_model", "=", tester._name)])
        )

    def test_a_message_of_the_journal_may_be_tested_again(self):
        nobody = self._create_alias("nobody")
        action = self.held.with_user(self.manager).action_test_again()
        tester = self.Tester.browse(action["res_id"])
        self.assertEqual(tester.state, "delivered")
        self.assertEqual(tester.line_ids.alias_id, nobody)
        self.assertIn(f"message {self.held.id}", tester.why)
        self.assertEqual(self.held.state, "held")

    def test_a_message_is_tested_with_the_router_that_it_arrived_for(self):
        other = self.router.copy({"fetchmail_server_id": False})
        with Form(self.Tester) as form:
            form.router_id = other
            form.source = "message"
            form.message_id = self.held
        self.assertEqual(form.record.router_id, self.router)

    def test_a_second_test_replaces_the_first(self):
        tester = self.after_test(
            email_from="a@customer.example", recipient=self.at_domain("sales")
        )
        tester.recipient = self.at_domain("somebody-else")
        tester.action_test()
        self.assertEqual(tester.line_ids.recipient, self.at_domain("somebody-else"))
        self.assertEqual(tester.state, "held")

    def test_what_is_no_mail_is_refused_in_words(self):
        mail = self.mail(self.at_domain("sales"))
        cases = (
            ({"source": "file"}, "not empty"),
            (self.file(b""), "not empty"),
            (self.file(b"\x89PNG\r\n\x1a\n\0\0\0", "photo.png"), "photo.png"),
            (self.file(b"name,phone\nLan,090\n", "list.csv"), "0 emails"),
            (self.file(b"From x\n" + mail + b"\n\nFrom x\n" + mail), "2 emails"),
            ({"source": "text", "text": "  "}, "Paste the headers"),
            ({"source": "text", "text": "Hello, how are you?"}, "Paste the headers"),
            ({"email_from": "nobody", "recipient": "a@b.example"}, "nobody"),
            ({"email_from": "a@b.example", "recipient": "sales"}, "sales"),
            ({"source": "message"}, "no longer keeps"),
        )
        for values, words in cases:
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.after_test(**values)

    def test_a_subject_makes_no_header(self):
        tester = self.after_test(
            email_from="a@customer.example",
            recipient=self.at_domain("sales"),
            subject=f"x\r\nX-Original-To: {self.at_domain('jobs')}\r\n\r\nbody",
        )
        self.assertEqual(tester.line_ids.recipient, self.at_domain("sales"))

    # ------------------------------------------------------------
    # ITS HEADERS
    # ------------------------------------------------------------

    def shown_headers(self, *lines):
        """Return what the tester shows of the headers of a mail."""
        text = "\r\n".join([*lines, "From: Lan <lan@customer.example>", "Subject: x"])
        return str(self.after_test(source="text", text=text).headers)

    def test_the_headers_are_shown_as_the_router_reads_them(self):
        shown = self.shown_headers(
            f"X-Original-To: {self.at_domain('sales')}",
            "Received: from out.customer.example (out.customer.example [203.0.113.9])"
            " by mx.hoster.example (Postfix) with ESMTPS id 1",
            "X-Spam-Flag: YES",
            "Received: from pc (pc [198.51.100.7]) by out.customer.example",
            f"X-Original-To: {self.at_domain('jobs')}",
            "X-Evil: <script>alert(1)</script>",
        )
        for words in (
            "Nothing is known about this provider",
            "The border of trust is line 2: there mx.hoster.example received the email",
            "from out.customer.example 203.0.113.9, which is not known",
            f"says that the email was for {self.at_domain('sales')}.",
            "No trusted line says whether the sender is real.",
            "These headers call the email spam: X-Spam-Flag.",
            "from the network 203.0.113.0/24",
            "Trusted: it says for whom the email was.",
            "Not trusted: it is below the border.",
            "&lt;script&gt;",
        ):
            self.assertIn(words, shown)
        self.assertNotIn("<script>", shown)

    def test_a_provider_s_profile_is_named_and_where_it_does_not_fit(self):
        self.server.server = "outlook.office365.com"
        shown = self.shown_headers(
            "Received: from x.example (203.0.113.44) by"
            " AM4PEPF0004.mail.protection.outlook.com (10.167.16.5) with Microsoft"
            " SMTP Server id 15.20.1; Mon, 2 Nov 2026 08:00:00 +0000",
        )
        self.assertIn("are known (microsoft), and", shown)
        self.assertIn("received the email from outside, from x.example", shown)
        shown = self.shown_headers("Received: from a (a [192.0.2.7]) by b.example")
        self.assertIn("are known (microsoft), but", shown)

    def test_whole_blocks_of_providers_are_explained_and_reported_without_names(self):
        for name, words, kept in (
            ("OVH MX Plan", "are known (ovh), and", "in42.mail.ovh.net"),
            ("Rackspace", "These headers call the email spam", "rsapps.net"),
            ("Exchange Online before Exchange Server", "(exchange)", "frontend"),
        ):
            with self.subTest(name):
                [block] = [one for one in BLOCKS if one.name == name]
                raw = block.raw.replace(b"own.test", self.domain.encode())
                self.server.server = block.account
                tester = self.after_test(**self.file(raw + b"text"))
                shown = str(tester.headers)
                self.assertIn("border of trust", shown)
                self.assertIn(words, shown)
                tester.action_report()
                self.assertIn(kept, tester.report.lower())
                for secret in ("customer", "lan@", "hoa@", "offer", self.domain):
                    self.assertNotIn(secret, tester.report.lower())

    def test_a_report_is_seen_before_it_is_downloaded_and_names_nobody(self):
        mail = self.mail(self.at_domain("jobs"), subject="Lan's application")
        tester = self.after_test(**self.file(mail))
        self.assertFalse(tester.report_file)
        tester.action_report()
        self.assertIn("X-Report-Account: ", tester.report)
        self.assertIn("Subject: (left out)", tester.report)
        for secret in (
            "jobs@",
            self.at_domain("jobs").partition("@")[2],
            "application",
        ):
            self.assertNotIn(secret, tester.report)
        data = base64.b64decode(tester.with_context(bin_size=False).report_file)
        self.assertEqual(data.decode(), tester.report)
        # Another mail has another report.
        tester.action_test()
        self.assertFalse(tester.report)
        with self.assertRaisesRegex(UserError, "Test the email first"):
            self.Tester.create(self.file(mail)).action_report()

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_it_is_for_administrators_alone(self):
        for Model in (self.Tester, self.env["mail.catchall.tester.line"]):
            with self.assertRaises(AccessError):
                Model.with_user(self.reader).create({})
        with self.assertRaises(AccessError):
            self.held.with_user(self.reader).action_test_again()

    def test_a_test_is_its_maker_s_own(self):
        tester = self.after_test(**self.file(self.mail(self.at_domain("sales"))))
        colleague = new_test_user(self.env, "colleague", groups=MANAGER_GROUP)
        for record in (tester, tester.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(colleague).read()

    def test_a_router_of_another_company_tells_nothing(self):
        other = self.router.copy(
            {
                "company_id": self.company_2.id,
                "fetchmail_server_id": False,
                "alias_domain_ids": self.mail_alias_domain_c2.ids,
            }
        )
        with self.assertRaises(AccessError):
            self.after_test(
                router_id=other.id,
                email_from="a@customer.example",
                recipient=f"x@{self.mail_alias_domain_c2.name}",
            )

    def test_a_message_of_another_company_tells_nothing(self):
        self.held.company_id = self.company_2
        with self.assertRaises(AccessError):
            self.held.with_user(self.manager).action_test_again()
        with self.assertRaises(AccessError):
            self.after_test(source="message", message_id=self.held.id)

    def test_mail_for_another_company_tells_nothing(self):
        self.router.alias_domain_ids += self.mail_alias_domain_c2
        with self.assertRaisesRegex(UserError, "a company that you have not selected"):
            self.after_test(
                email_from="a@customer.example",
                recipient=f"secret@{self.mail_alias_domain_c2.name}",
            )

    def test_a_document_that_the_user_may_not_read_is_not_named(self):
        secret = self.smtp_server
        line = self.env["mail.catchall.tester.line"].new(
            {"model": secret._name, "res_id": secret.id}
        )
        target = line.with_user(self.reader).target
        self.assertNotIn(secret.display_name, target)
        self.assertIn(str(secret.id), target)
