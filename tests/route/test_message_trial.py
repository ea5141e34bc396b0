from psycopg2.errors import ReadOnlySqlTransaction

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.mail import addresses
from odoo.addons.mail_catchall_router.tools.runtime import read_only

from ..common import RouterCommon

# Documents that mail makes, as far as their apps are installed.
DOCUMENTS = ("res.partner", "crm.lead", "hr.applicant", "project.task")


class TrialCommon(RouterCommon):
    """Mails that are tried out, and the proof that nothing happened."""

    def try_out(self, raw):
        """Return the trial of a mail; fail when it has left anything behind."""
        before = self._everything()
        trial = self.Message._try_out(self.router, raw)
        after = self._everything()
        names = before.keys() | after.keys()
        self.assertFalse({one for one in names if before.get(one) != after.get(one)})
        return trial

    def _everything(self):
        """Return {sequence: last value} and {table: how often this transaction has
        written to it, what it has rolled back included}."""
        self.env.flush_all()
        self.env.cr.execute("SELECT sequencename, last_value FROM pg_sequences")
        found = dict(self.env.cr.fetchall())
        self.env.cr.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del"
            " FROM pg_stat_xact_user_tables"
        )
        return found | dict(self.env.cr.fetchall())

    def assertForeseen(self, raw, state, reason_code=False):
        """Try a mail out, route it then, and find the same; return the trial."""
        trial = self.try_out(raw)
        self.assertEqual((trial.state, trial.reason_code), (state, reason_code), trial)
        message = self.route(raw)
        self.assertEnd(message, state, reason_code)
        self.assertEqual(
            [
                (one["recipient"], one["state"], one["matched_by"], one["alias_id"])
                for one in trial.deliveries
            ],
            [
                (one.recipient, one.state, one.matched_by, one.alias_id.id)
                for one in message.delivery_ids.sorted("id")
            ],
        )
        return trial

    def codes(self, trial):
        return [(step["step"], step["code"]) for step in trial.trace]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTrial(TrialCommon):
    """What a trial finds is what routing does, and a trial does nothing."""

    # ------------------------------------------------------------
    # WHERE IT WOULD GO
    # ------------------------------------------------------------

    def test_mail_to_an_alias_would_make_its_document(self):
        for model in (name for name in DOCUMENTS if name in self.env):
            with self.subTest(model=model):
                name = model.replace(".", "-")
                self._create_alias(name, model)
                raw = self.mail(self.at_domain(name), message_id=f"<{model}@c.example>")
                trial = self.assertForeseen(raw, "delivered")
                self.assertEqual(trial.deliveries[0]["model"], model)
                self.assertFalse(trial.deliveries[0]["res_id"])
                self.assertIn(("deliver", "would_create"), self.codes(trial))

    def test_an_answer_would_be_added_to_its_document(self):
        document = self.env["res.partner"].create({"name": "Document"})
        sent = document.message_post(body="Offer", message_type="comment")
        answers = {
            "reference": self.mail(
                self.at_domain("sales"), extra=f"In-Reply-To: {sent.message_id}\r\n"
            ),
            "reply_address": self.mail(
                addresses.normalize(sent.reply_to), message_id="<signed@c.example>"
            ),
        }
        for matched_by, raw in answers.items():
            with self.subTest(matched_by=matched_by):
                trial = self.assertForeseen(raw, "delivered")
                found = trial.deliveries[0]
                self.assertEqual(found["matched_by"], matched_by)
                self.assertEqual(
                    (found["model"], found["res_id"]), ("res.partner", document.id)
                )
                self.assertIn(("deliver", "would_post"), self.codes(trial))

    def test_a_database_that_never_signed_an_address_draws_no_key(self):
        signed = self.router._reply_address("res.partner", 1, self.at_domain("sales"))
        self.env["ir.config_parameter"].set_param(
            "mail_catchall_router.signing_keys", False
        )
        trial = self.try_out(self.mail(addresses.normalize(signed)))
        self.assertEqual(trial.reason_code, "unknown_recipient")

    def test_a_guess(self):
        self._create_alias("myname")
        trial = self.assertForeseen(self.mail(self.at_domain("mynmae")), "delivered")
        self.assertEqual(trial.deliveries[0]["matched_by"], "guess")

    def test_the_policies_for_unknown_addresses(self):
        self.user_employee.email = "employee@elsewhere.example"
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        document = self.env["res.partner"].create({"name": "Lost and found"})
        for policy, values, end, step in (
            ("tell", {}, ("ignored", "told"), ("answer", "would_send")),
            (
                "forward",
                {"forward_user_id": self.user_employee.id},
                ("ignored", "forwarded"),
                ("forward", "would_forward"),
            ),
            (
                "fallback",
                {"fallback_record": f"res.partner,{document.id}"},
                ("delivered", False),
                ("deliver", "would_post"),
            ),
            (
                "discard",
                {},
                ("ignored", "unknown_discarded"),
                ("unknown", "unknown_discarded"),
            ),
        ):
            with self.subTest(policy=policy):
                self.router.write({"unknown_policy": policy, **values})
                raw = self.mail(
                    self.at_domain("somebody-else"), message_id=f"<{policy}@c.example>"
                )
                trial = self.assertForeseen(raw, *end)
                self.assertIn(step, self.codes(trial))

    def test_what_rules_say(self):
        for action, values, end in (
            ("hold", {}, ("held", "rule_hold")),
            ("discard", {}, ("ignored", "rule_discard")),
            ("alias", {"alias_id": self.jobs.id}, ("delivered", False)),
            (
                "new",
                {"model_id": self.env["ir.model"]._get_id("res.partner")},
                ("delivered", False),
            ),
        ):
            with self.subTest(action=action):
                tag = self.env["mail.catchall.tag"].create({"name": action})
                condition = {"field": "subject", "operator": "contains", "value": "q"}
                rule = self.env["mail.catchall.rule"].create(
                    {
                        "name": action,
                        "router_id": self.router.id,
                        "condition_ids": [Command.create(condition)],
                        "action": action,
                        "tag_ids": tag.ids,
                        **values,
                    }
                )
                raw = self.mail(
                    self.at_domain("sales"), message_id=f"<{action}@c.example>"
                )
                trial = self.assertForeseen(raw, *end)
                self.assertIn(("rule", "matched"), self.codes(trial))
                rule.active = False

    def test_several_recipients(self):
        raw = self.mail(
            self.at_domain("sales"),
            to=", ".join(map(self.at_domain, ("jobs", "jobs+x", "nobody-here"))),
        )
        trial = self.assertForeseen(raw, "delivered")
        self.assertEqual(
            [(one["recipient"], one["matched_by"]) for one in trial.deliveries],
            [
                (self.at_domain("sales"), "alias"),
                (self.at_domain("jobs"), "alias"),
                (self.at_domain("jobs+x"), "plus_address"),
            ],
        )
        self.assertIn(("deliver", "same_document"), self.codes(trial))

    # ------------------------------------------------------------
    # WHAT WOULD STOP IT
    # ------------------------------------------------------------

    def test_an_unknown_address(self):
        self.assertForeseen(
            self.mail(self.at_domain("somebody-else")), "held", "unknown_recipient"
        )

    def test_no_address_of_ours(self):
        self.assertForeseen(self.mail(to="x@elsewhere.example"), "held", "no_recipient")

    def test_an_automatic_answer_to_nothing(self):
        raw = self.mail(
            self.at_domain("sales"), extra="Auto-Submitted: auto-replied\r\n"
        )
        self.assertForeseen(raw, "held", "auto_reply")

    def test_spam(self):
        raw = b"X-Spam-Flag: YES\r\n" + self.mail(self.at_domain("sales"))
        self.assertForeseen(raw, "held", "spam")

    def test_a_forged_sender(self):
        self.user_employee.email = self.at_domain("user_a")
        results = f"Authentication-Results: mx.{self.domain}; dmarc=fail\r\n"
        raw = self.mail(self.at_domain("sales"), email_from=self.at_domain("user_a"))
        self.assertForeseen(results.encode() + raw, "held", "forged_sender")

    def test_a_trap(self):
        self.router.trap_addresses = "hidden.person"
        raw = self.mail(self.at_domain("hidden.person"))
        self.assertForeseen(raw, self.router.trap_policy, "trap")

    def test_the_first_address_too_many_would_open_an_attack(self):
        self.router.attack_count = 2
        for number in range(2):
            name = f"tried{number}nobody"
            self.route(
                self.mail(self.at_domain(name), message_id=f"<{name}@c.example>")
            )
        raw = self.mail(self.at_domain("triedxnobody"))
        self.assertForeseen(raw, self.router.attack_policy, "attack")

    def test_mail_that_goes_round_and_round(self):
        hops = "".join(
            f"Received: from a{number} by b{number}; then\r\n" for number in range(60)
        )
        raw = self.mail(self.at_domain("sales"), extra=hops)
        self.assertForeseen(raw, "held", "loop_received")

    def test_a_blocked_sender(self):
        self.env["mail.catchall.sender"]._set(
            "lan@customer.example", self.router.company_id, "block"
        )
        self.assertForeseen(self.mail(self.at_domain("sales")), "ignored", "blocked")

    def test_a_mail_that_is_too_large(self):
        self.router.max_size = 1
        raw = self.mail(self.at_domain("sales"), body="x" * 1_100_000)
        trial = self.try_out(raw)
        self.assertEqual((trial.state, trial.reason_code), ("held", "too_large"))

    def test_a_mail_of_the_journal_is_tried_as_if_it_were_new(self):
        raw = self.mail(self.at_domain("sales"))
        message = self.route(raw)
        trial = self.try_out(raw)
        self.assertEqual(trial.state, "delivered")
        self.assertEqual(
            trial.trace[1],
            {"step": "duplicate", "code": "in_journal", "message": message.id},
        )
        self.assertIn(("deliver", "would_create"), self.codes(trial))

    # ------------------------------------------------------------
    # WHAT WOULD NOT HAPPEN
    # ------------------------------------------------------------

    def test_a_refused_sender_would_be_told(self):
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        self.sales.write(
            {
                "alias_contact": "followers",
                "alias_parent_model_id": self.env["ir.model"]._get_id("res.partner"),
                "alias_parent_thread_id": self.company_admin.partner_id.id,
            }
        )
        raw = self.mail(self.at_domain("sales"))
        with self.mock_mail_gateway():
            trial = self.try_out(raw)
            self.assertFalse(self._new_mails)
            self.assertForeseen(raw, "held", "alias_contact")
            self.assertTrue(self._new_mails)
        self.assertIn(("answer", "would_send"), self.codes(trial))

    def test_a_broken_alias_would_not_be_marked(self):
        self.sales.alias_contact = "followers"
        trial = self.try_out(self.mail(self.at_domain("sales")))
        self.assertEqual(trial.reason_code, "alias_contact")
        self.assertNotEqual(self.sales.alias_status, "invalid")
        self.route(self.mail(self.at_domain("sales")))
        self.assertEqual(self.sales.alias_status, "invalid")

    def test_a_report_on_a_delivery_would_mark_the_failed_recipient(self):
        minh = self.env["res.partner"].create(
            {"name": "Minh", "email": "minh@customer.example"}
        )
        with self.mock_mail_gateway(mail_unlink_sent=False):
            sent = self.company_admin.partner_id.message_post(
                body="Offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=minh.ids,
            )
        report = self.mail(
            self.account,
            email_from="MAILER-DAEMON@mx.customer.example",
            subject="Undelivered Mail Returned to Sender",
            extra="Content-Type: multipart/report; report-type=delivery-status;\r\n"
            ' boundary="b"\r\n',
            body="--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mx.customer.example\r\n\r\n"
            "Final-Recipient: rfc822; minh@customer.example\r\n"
            "Action: failed\r\nStatus: 5.1.1\r\n\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {sent.message_id}\r\n\r\n--b--\r\n",
        ).replace(b"Content-Type: text/plain; charset=utf-8\r\n", b"")
        proof = (
            f"Authentication-Results: mx.{self.domain};\r\n"
            f"\tdmarc=pass header.from=mx.customer.example\r\n"
        )
        report = proof.encode() + report
        trial = self.try_out(report)
        self.assertIn(("bounce", "failed"), self.codes(trial))
        self.assertEqual(sent.notification_ids.notification_status, "sent")
        self.assertForeseen(report, "ignored", "bounce")
        self.assertEqual(sent.notification_ids.notification_status, "bounce")

    def test_the_bounces_of_a_sender_stay_counted(self):
        partner = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example", "message_bounce": 3}
        )
        self.try_out(self.mail(self.at_domain("sales")))
        self.assertEqual(partner.message_bounce, 3)

    def test_what_the_person_has_on_the_screen_decides_nothing(self):
        journal = self.Message.with_context(
            default_state="held", default_released=True, default_trace=[{}]
        )
        raw = b"X-Spam-Flag: YES\r\n" + self.mail(self.at_domain("sales"))
        self.assertEqual(journal._try_out(self.router, raw).reason_code, "spam")

    @mute_logger("odoo.sql_db")
    def test_postgresql_refuses_every_effect(self):
        for statement in (
            "UPDATE res_partner SET comment = 'x'",
            "SELECT nextval('res_partner_id_seq')",
        ):
            with (
                self.subTest(statement=statement),
                self.assertRaises(ReadOnlySqlTransaction),
                read_only.read_only(self.env.cr),
            ):
                self.env.cr.execute(statement)
        # And it is over with the block.
        self.env["res.partner"].create({"name": "After"}).flush_recordset()

    @mute_logger("odoo.sql_db")
    def test_an_app_that_writes_while_it_looks_for_the_document_fails_the_trial(self):
        def write(thread, *args, **kwargs):
            thread.env["res.partner"].create({"name": "Made on the way"})

        self.patch(self.registry["mail.thread"], "message_route", write)
        trial = self.try_out(self.mail(self.at_domain("sales")))
        self.assertEqual(trial.state, "failed")
        self.assertIn("read-only", trial.error)

    @mute_logger("odoo.sql_db")
    def test_what_writes_before_the_recipients_are_known_fails_the_trial_too(self):
        def write(message, *args, **kwargs):
            message.env["res.partner"].create({"name": "Made on the way"})

        self.patch(self.registry["mail.catchall.message"], "_find_messages", write)
        trial = self.try_out(self.mail(self.at_domain("sales")))
        self.assertEqual(trial.state, "failed")
        self.assertIn("read-only", trial.error)

    def test_a_trial_that_takes_too_long_is_stopped(self):
        def wait(thread, *args, **kwargs):
            thread.env.cr.execute("SELECT pg_sleep(60)")

        self.router.max_seconds = 1
        self.patch(self.registry["mail.thread"], "message_route", wait)
        with mute_logger("odoo.sql_db"):
            trial = self.try_out(self.mail(self.at_domain("sales")))
        self.assertEqual((trial.state, trial.reason_code), ("held", "too_slow"))
