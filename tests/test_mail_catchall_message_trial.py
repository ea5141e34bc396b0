from odoo.tests import tagged

from .common import RouterCommon


class TrialCommon(RouterCommon):
    """Mails that are tried out, and the proof that nothing happened."""

    def try_out(self, raw):
        """Answer the trial of a mail; fail when it has left anything behind."""
        before = self._everything()
        trial = self.Message._try_out(self.router, raw)
        after = self._everything()
        changed = {
            name for name in before | after if before.get(name) != after.get(name)
        }
        self.assertFalse(changed)
        return trial

    def _everything(self):
        """Answer {sequence: last value} and {table: how often this transaction has
        written to it, what it has rolled back included}."""
        self.env.flush_all()
        self.env.cr.execute("SELECT sequencename, last_value FROM pg_sequences")
        found = dict(self.env.cr.fetchall())
        self.env.cr.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del"
            " FROM pg_stat_xact_user_tables"
        )
        return found | dict(self.env.cr.fetchall())

    def assertTrial(self, trial, state, reason_code=False):
        self.assertEqual((trial.state, trial.reason_code), (state, reason_code), trial)

    def codes(self, trial):
        return [(step["step"], step["code"]) for step in trial.trace]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTrial(TrialCommon):
    """What a trial finds is what routing does, and a trial does nothing."""

    def test_new_mail_to_an_alias_would_make_a_document(self):
        trial = self.try_out(self.mail(self.at_domain("sales")))
        self.assertTrial(trial, "delivered")
        self.assertEqual(trial.deliveries[0]["alias_id"], self.sales.id)
        self.assertIn(("deliver", "would_create"), self.codes(trial))

    def test_a_mail_of_the_journal_is_tried_as_if_it_were_new(self):
        raw = self.mail(self.at_domain("sales"))
        message = self.route(raw)
        trial = self.try_out(raw)
        self.assertTrial(trial, "delivered")
        self.assertEqual(
            trial.trace[1],
            {"step": "duplicate", "code": "in_journal", "message": message.id},
        )
        self.assertIn(("deliver", "would_create"), self.codes(trial))

    def test_a_refused_sender_would_be_told(self):
        lan = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )
        self.sales.write(
            {
                "alias_contact": "followers",
                "alias_parent_model_id": self.env["ir.model"]._get_id("res.partner"),
                "alias_parent_thread_id": self.company_admin.partner_id.id,
            }
        )
        self.assertNotIn(lan, self.company_admin.partner_id.message_partner_ids)
        trial = self.try_out(self.mail(self.at_domain("sales")))
        self.assertTrial(trial, "held", "alias_contact")
        self.assertIn(("answer", "would_send"), self.codes(trial))
