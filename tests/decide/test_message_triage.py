from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...models.decide.message_quarantine import LEVELS
from ...models.route.message_double import STOPPED_BY_GUARD
from ..common import CommittingCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"
READER = "mail_catchall_router.group_mail_catchall_router_user"
SPAM = (b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTriage(CommittingCommon):
    """What the screen shows of mail that waits, what it offers, and taking back."""

    def held(self, recipient="nobody", **values):
        values.setdefault("message_id", f"<{recipient}@customer.example>")
        return self.route(self.mail(self.at_domain(recipient), **values))

    def spam(self, **values):
        raw = self.mail(self.at_domain("sales"), **values).replace(*SPAM)
        return self.route(raw)

    def rows(self, **options):
        return {row["id"]: row for row in self.Message.read_triage(**options)["rows"]}

    def of(self, message):
        return self.rows()[message.id]

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def test_a_row_says_who_wrote_what_to_whom(self):
        message = self.held(body="Dear all,\r\n\r\n we need twenty lamps.\r\n")
        row = self.of(message)
        self.assertEqual(row["sender_name"], "Lan Nguyen")
        self.assertEqual(row["domain"], "customer.example")
        self.assertEqual(row["snippet"], "Dear all, we need twenty lamps.")
        self.assertEqual(row["recipients"], self.at_domain("nobody"))
        self.assertEqual(row["reasons"][0]["code"], "unknown_recipient")

    def test_a_row_says_that_there_is_no_sender(self):
        raw = self.mail(self.at_domain("nobody"))
        nameless = b"\r\n".join(
            line for line in raw.split(b"\r\n") if not line.startswith(b"From: ")
        )
        self.assertEqual(self.of(self.route(nameless))["sender_name"], "(no sender)")
        address = self.held(
            email_from="lan@customer.example", message_id="<a@customer.example>"
        )
        self.assertEqual(self.of(address)["sender_name"], "lan@customer.example")

    def test_a_snippet_is_no_style_sheet(self):
        html = "<style>p {color: red}</style><p>Hello</p><p>World</p>"
        message = self.route(
            self.mail(self.at_domain("nobody"), body=html).replace(
                b"text/plain", b"text/html"
            )
        )
        self.assertEqual(self.of(message)["snippet"], "Hello World")

    def test_a_snippet_is_read_of_the_beginning_only(self):
        message = self.held(body="Hello\r\n" + "x" * 76 * 3000)
        self.assertTrue(self.of(message)["snippet"].startswith("Hello xxx"))

    def test_counts_are_of_all_however_few_are_listed(self):
        for name in ("one", "two", "three"):
            self.held(name)
        report = self.Message.read_triage(limit=2)
        self.assertEqual(len(report["rows"]), 2)
        self.assertEqual(report["count"], 3)
        self.assertEqual(
            [(one["code"], one["count"]) for one in report["reasons"]],
            [("unknown_recipient", 3)],
        )
        self.assertEqual(self.Message.read_triage(reason="spam")["count"], 0)

    def test_words_are_looked_for_in_subject_sender_and_recipient(self):
        message = self.held(subject="Twenty lamps")
        for words in ("lamps", "LAN@", self.at_domain("nobody")):
            self.assertEqual(list(self.rows(search=words)), message.ids, words)
        self.assertFalse(self.rows(search="chairs"))

    def test_mail_of_one_sender_stands_together(self):
        for number, sender in enumerate(("b@x.example", "a@x.example", "b@x.example")):
            self.held(f"n{number}", email_from=sender)
        rows = self.rows(order="sender").values()
        self.assertEqual(
            [row["address"] for row in rows],
            ["a@x.example", "b@x.example", "b@x.example"],
        )

    def test_what_is_decided_is_gone(self):
        message = self.held()
        message.action_discard()
        self.assertFalse(self.rows())

    def test_what_a_link_names_is_listed_however_far_down_it_waits(self):
        first, _second, third = (self.held(name) for name in ("one", "two", "three"))
        linked = self.rows(limit=1, linked=first.id)
        self.assertEqual(list(linked), [first.id, third.id])
        first.snoozed_until = "2099-01-01"
        self.assertIn(first.id, self.rows(linked=first.id))
        first.action_discard()
        self.assertNotIn(first.id, self.rows(linked=first.id))

    def test_why_what_a_link_names_is_not_listed_is_told(self):
        message = self.held()
        company = message.company_id
        manager = new_test_user(
            self.env,
            "manager_of_both",
            groups=MANAGER,
            company_id=company.id,
            company_ids=[(6, 0, (company + self.company_2).ids)],
        )

        def told(message_id, at=company):
            messages = self.Message.with_user(manager)
            chosen = messages.with_context(allowed_company_ids=at.ids)
            return chosen.explain_linked(message_id)

        other = told(message.id, self.company_2)
        self.assertEqual(other["company"], company.id)
        self.assertIn(company.name, other["sentence"])
        message.action_discard()
        self.assertIn("no longer waiting: Ignored", told(message.id)["sentence"])
        message_id = message.id
        manager.write(
            {
                "company_id": self.company_2.id,
                "company_ids": [(6, 0, self.company_2.ids)],
            }
        )
        gone = told(message_id, self.company_2)
        self.assertEqual(gone["company"], 0)
        self.assertIn("you may no longer see it", gone["sentence"])

    # ------------------------------------------------------------
    # OFFER
    # ------------------------------------------------------------

    def test_an_unknown_address_can_be_created(self):
        row = self.of(self.held())
        self.assertEqual(row["primary"], "create_address")
        self.assertEqual(row["unknown"], self.at_domain("nobody"))

    def test_releasing_is_offered_only_where_it_changes_something(self):
        self.assertNotIn("release", self.of(self.held())["actions"])
        self.assertIn("release", self.of(self.spam())["actions"])

    def test_mail_to_no_address_of_ours_is_routed(self):
        message = self.route(self.mail(to="somebody@elsewhere.example"))
        row = self.of(message)
        self.assertEqual(row["primary"], "route_to")
        self.assertNotIn("release", row["actions"])

    def test_what_is_held_for_spam_stands_in_a_tab_of_its_own(self):
        spam, mail = self.spam(), self.held()
        for tab, wanted in (("spam", spam), ("mail", mail), ("", spam | mail)):
            report = self.Message.read_triage(tab=tab)
            self.assertEqual({row["id"] for row in report["rows"]}, set(wanted.ids))
            self.assertEqual(report["count"], len(wanted))
            self.assertEqual(report["tabs"], {"mail": 1, "spam": 1})
        reasons = self.Message.read_triage(tab="spam")["reasons"]
        self.assertEqual([one["code"] for one in reasons], ["spam"])

    def test_spam_is_discarded_first_and_released_after_a_question(self):
        row = self.of(self.spam())
        self.assertEqual(row["primary"], "discard")
        self.assertTrue(row["is_dangerous"])

    def test_what_is_shown_as_a_danger_is_not_let_pass_by_one_press(self):
        message = self.spam()
        for code in set(LEVELS["danger"]) - {"killed_worker"}:
            with self.subTest(code=code):
                message.sudo().write({"reason_code": code, "reason_codes": [code]})
                row = self.of(message)
                self.assertEqual(row["primary"], "discard")
                self.assertTrue(row["is_dangerous"])
                self.assertIn(code, STOPPED_BY_GUARD)

    def test_what_a_filter_says_can_be_wrong_of_a_sender(self):
        message = self.spam()
        for code in ("spam", "suspicious"):
            message.sudo().reason_code = code
            self.assertIn("not_spam", self.of(message)["actions"])

    def test_an_address_that_was_probably_meant_is_offered(self):
        for name in ("myname", "mynamo"):
            self.sales.with_env(self.env).copy({"alias_name": name})
        row = self.of(self.held("mynam"))
        self.assertEqual(row["primary"], "choose")
        self.assertIn(
            row["candidate"]["address"],
            [self.at_domain("myname"), self.at_domain("mynamo")],
        )

    def test_what_chooses_no_address_stands_for_none(self):
        """Not for the likeliest one: mail would go there that nobody has sent there."""
        for name in ("myname", "mynamo"):
            self.sales.with_env(self.env).copy({"alias_name": name})
        message = self.held("mynam")
        first, second = message.candidate_ids[:2]
        self.assertEqual(message._target("choose"), first)
        self.assertEqual(message._target("choose_second"), second)
        with self.assertRaises(ValueError):
            message._target("release")

    def test_what_failed_is_retried(self):
        message = self.held()
        message.sudo().write({"state": "dead", "reason_code": "error"})
        self.assertEqual(self.of(message)["primary"], "retry")

    def test_what_is_not_kept_can_only_be_settled(self):
        message = self.held()
        message.sudo().raw_kept = False
        row = self.of(message)
        self.assertEqual(row["primary"], "discard")
        self.assertFalse({"release", "route_to", "retry"} & set(row["actions"]))

    # ------------------------------------------------------------
    # ONE MAIL
    # ------------------------------------------------------------

    def test_the_pane_shows_the_mail_and_why_it_waits(self):
        mail = self.held(body="Twenty lamps\r\n").read_triage_mail()
        self.assertIn("Twenty lamps", mail["preview"])
        self.assertIn(self.at_domain("nobody"), mail["why"])
        self.assertEqual(mail["deliveries"][0]["recipient"], self.at_domain("nobody"))
        self.assertTrue(mail["reason"])

    def test_a_mail_that_is_gone_shows_nothing(self):
        self.assertIsNone(self.Message.browse(0).read_triage_mail())

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def test_the_last_decision_is_taken_back_then_the_one_before(self):
        first, second = self.held("one"), self.held("two")
        first.action_discard()
        self.env["mail.catchall.decision"].flush_model()
        second.action_block_sender()
        self.Message.undo_last()
        self.assertEqual((first.state, second.state), ("ignored", "held"))
        self.assertFalse(self.env["mail.catchall.sender"].search([]))
        self.Message.undo_last()
        self.assertEqual(first.state, "held")
        with self.assertRaisesRegex(UserError, "left to undo"):
            self.Message.undo_last()

    def test_what_was_decided_at_once_is_taken_back_at_once(self):
        messages = self.held("one") + self.held("two")
        messages.action_discard()
        self.Message.undo_last()
        self.assertEqual(set(messages.mapped("state")), {"held"})

    def test_nobody_takes_back_what_another_has_decided(self):
        message = self.held()
        message.action_discard()
        company = self.router.company_id
        other = new_test_user(self.env, "other", groups=MANAGER, company_id=company.id)
        with self.assertRaisesRegex(UserError, "left to undo"):
            self.Message.with_user(other).undo_last()

    def test_a_file_is_told_with_its_size_in_a_unit(self):
        body = "--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n--x\r\n"
        body += "Content-Type: application/pdf; name=offer.pdf\r\n\r\n"
        body += "x" * 1500 + "\r\n--x--\r\n"
        raw = self.mail(self.at_domain("nobody"), body=body)
        message = self.route(
            raw.replace(b"text/plain; charset=utf-8", b"multipart/mixed; boundary=x", 1)
        )
        self.assertEqual(
            message.read_triage_mail()["files"], ["offer.pdf (application/pdf, 2 kB)"]
        )

    def test_a_reader_looks_and_does_not_decide(self):
        message = self.held()
        reader = new_test_user(
            self.env, "looks", groups=READER, company_id=self.router.company_id.id
        )
        theirs = self.Message.with_user(reader)
        report = theirs.read_triage()
        self.assertEqual([row["id"] for row in report["rows"]], message.ids)
        self.assertFalse(report["may_decide"])
        self.assertTrue(theirs.browse(message.id).read_triage_mail()["preview"])
        with self.assertRaises(AccessError):
            theirs.undo_last()
