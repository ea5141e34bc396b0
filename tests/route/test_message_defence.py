from odoo.tests import new_test_user, tagged

from odoo.addons.mail_catchall_router.tools.inbound import bayes

from ..common import RouterCommon

PHISHING = (
    "Dear user, your mailbox is almost full and will be suspended within 24 hours. "
    "Please verify your password here: http://mailbox-update.example/login\r\n"
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDefence(RouterCommon):
    """What the router sees of spam and forgery for itself."""

    def phishing(self, **values):
        values = {
            "email_from": '"PayPal" <x@cheap.example>',
            "body": PHISHING,
            **values,
        }
        return self.route(self.mail(self.at_domain("sales"), **values))

    def known(self, address="lan@customer.example"):
        """Make a contact whom we have known before the mail."""
        return self.env["res.partner"].create({"name": "Lan", "email": address})

    def teach(self, word, lesson, count):
        """Have the filter learn of mails that are about ``word``."""
        lessons = [(f"word:{word}{number}") for number in range(20)]
        company = self.router.company_id
        self.env["mail.catchall.token"]._learn(
            [(company, lessons, lesson, 1) for _one in range(count)]
        )

    def test_who_knows_too_little_is_told_by_what_all_companies_know(self):
        token = self.env["mail.catchall.token"]
        own, new = self.router.company_id, self.company_2
        other = self.env["res.company"].create({"name": "Other"})
        deal, else_ = [f"word:deal{number}" for number in range(20)], ["word:else"]
        token._learn(
            [(own, deal, "spam", 1)] * 30
            + [(own, else_, "fine", 1)] * 30
            + [(other, deal, "fine", 1)] * 300
            + [(other, else_, "spam", 1)] * 300
        )
        told = token._opinions(
            {"own": deal, "new": deal}, {"own": own, "new": new}, token._totals()
        )
        self.assertEqual(told["own"].verdict, bayes.SPAM)
        self.assertEqual(told["new"].verdict, bayes.FINE)

    def words(self, word):
        return " ".join(f"{word}{number}" for number in range(20))

    def test_phishing_waits_and_says_why(self):
        message = self.phishing()
        self.assertEnd(message, "held", "suspicious")
        self.assertGreaterEqual(message.suspicion, 5)
        self.assertIn("PayPal", message.why)

    def test_a_customer_who_writes_for_the_first_time_is_heard(self):
        message = self.route(
            self.mail(self.at_domain("sales"), body="See https://customer.example/\r\n")
        )
        self.assertEnd(message, "delivered")
        self.assertFalse(message.warned)

    def test_a_known_contact_is_never_held(self):
        self.known("x@cheap.example")
        message = self.phishing(body=f'{PHISHING}<form action="//a.example">')
        self.assertEnd(message, "delivered")

    def test_a_contact_that_spam_itself_has_made_is_not_known(self):
        self.router.defence_policy = "off"
        self.phishing()
        self.known("x@cheap.example")
        self.router.defence_policy = "hold"
        message = self.phishing(message_id="<second@cheap.example>", subject="Again")
        self.assertEnd(message, "held", "suspicious")

    def test_what_is_a_little_suspicious_is_delivered_with_a_warning(self):
        new_test_user(self.env, "boss@own.example", name="Tr\u1ea7n Th\u1ecb Lan")
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                email_from='"Lan Tran Thi" <director@cheap.example>',
            )
        )
        self.assertEnd(message, "delivered")
        self.assertTrue(message.warned)
        record = self.assertDelivered(message, self.at_domain("sales"))
        self.assertIn("the name of one of you", record.message_ids[0].body)

    def test_names_of_directors_are_guarded_too(self):
        self.router.guarded_names = "Hoang Van Tam"
        message = self.phishing(
            email_from='"Ho\u00e0ng V\u0103n T\u00e1m" <a@cheap.example>', body="Hello"
        )
        self.assertTrue(message.warned)

    def as_colleague(self, **values):
        """Return the author of a mail under a colleague's name, from the internet."""
        colleague = new_test_user(
            self.env,
            "mai",
            name="Mai",
            email=self.at_domain("mai"),
            groups="base.group_user",
        )
        raw = self.mail(self.at_domain("sales"), email_from=colleague.email, **values)
        message = self.route(raw.replace(b"192.0.2.7", b"8.8.8.8"))
        record = self.assertDelivered(message, self.at_domain("sales"))
        posted = record.message_ids.filtered(lambda one: one.message_type == "email")
        return posted.author_id, colleague.partner_id

    def test_who_writes_in_a_colleagues_name_without_proof_is_none(self):
        author, colleague = self.as_colleague()
        self.assertFalse(author & colleague)

    def test_a_colleague_without_proof_is_believed_where_the_router_says_so(self):
        self.router.unproven_policy = "colleague"
        author, colleague = self.as_colleague()
        self.assertEqual(author, colleague)

    def test_it_can_be_switched_off_as_a_whole_and_by_its_parts(self):
        self.router.looks_at_words = self.router.looks_at_sender = False
        self.assertEnd(self.phishing(), "delivered")
        self.router.looks_at_words = self.router.looks_at_sender = True
        self.router.defence_policy = "warn"
        message = self.phishing(subject="Second", message_id="<2@cheap.example>")
        self.assertEnd(message, "delivered")
        self.assertTrue(message.warned)
        self.router.defence_policy = "off"
        message = self.phishing(subject="Third", message_id="<3@cheap.example>")
        self.assertFalse(message.warned)

    # ------------------------------------------------------------
    # LEARNT
    # ------------------------------------------------------------

    def test_the_filter_holds_what_has_the_words_of_spam(self):
        raw = self.mail(self.at_domain("sales"), body=self.words("pill"))
        self.teach("pill", bayes.SPAM, 24)
        self.teach("tile", bayes.FINE, 30)
        self.assertEnd(self.route(raw), "delivered")
        self.teach("pill", bayes.SPAM, 1)
        message = self.route(raw.replace(b"lan@", b"hoa@").replace(b"first", b"second"))
        self.assertEnd(message, "held", "suspicious")
        self.assertIn("pill1", message.why)

    def test_whom_we_answered_is_not_held_for_words_alone(self):
        self.teach("pill", bayes.SPAM, 30)
        self.teach("tile", bayes.FINE, 30)
        partner = self.known()
        # Not a contact of ours any more, but somebody whom we have written to.
        self.sales_record = self.env["res.partner"].create({"name": "Document"})
        self.sales_record.message_post(
            body="Hello", message_type="comment", partner_ids=partner.ids
        )
        partner.active = False
        message = self.route(
            self.mail(self.at_domain("sales"), body=self.words("pill"))
        )
        self.assertEnd(message, "delivered")
        self.assertTrue(message.warned)

    def test_a_company_that_has_seen_little_profits_from_the_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        Token = self.env["mail.catchall.token"]
        words = {"pill": bayes.SPAM, "tile": bayes.FINE}
        for word, lesson in words.items():
            tokens = [f"word:{word}{number}" for number in range(20)]
            Token._learn([(other, tokens, lesson, 1)] * 30)
        message = self.route(
            self.mail(self.at_domain("sales"), body=self.words("pill"))
        )
        self.assertEnd(message, "held", "suspicious")

    def test_what_was_learnt_can_be_taken_back_and_ages(self):
        self.teach("pill", bayes.SPAM, 3)
        Token = self.env["mail.catchall.token"]
        company = self.router.company_id
        Token._learn([(company, ["word:pill1"], bayes.SPAM, -1)])
        Token.invalidate_model()
        found = Token.search([("token", "in", ["word:pill1", "word:pill2"])])
        self.assertEqual(found.mapped("spam"), [2, 3])
        found[1:].write({"spam": 1, "seen": "2020-01-01"})
        self.env.flush_all()
        Token._gc_tokens()
        self.assertEqual(found.exists().mapped("token"), ["word:pill1"])
