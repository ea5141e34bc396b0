from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.tests import TransactionCase, tagged

ON_IT = ("model", "=", "res.partner")
NO_NOTIFICATION = ("message_type", "!=", "user_notification")


class RoutingCommon(TransactionCase):
    """An environment that routes, beside one that does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.routing = cls.env(context={"catchall_routing": True})

    def make(self, **values):
        return self.routing["res.partner"].create({"name": "Lan", **values})

    def assertAsksNothing(self, work):
        self.env.flush_all()
        before = self.cr.sql_log_count
        found = work()
        self.assertEqual(self.cr.sql_log_count, before)
        return found


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMade(RoutingCommon):
    """What is on a document that was made just now is known, until it changes."""

    def search(self, document, *terms, env=None, **options):
        where = [("res_id", "=", document.id), ON_IT, *terms]
        return (env or self.routing)["mail.message"].search(where, **options)

    def assertKnown(self, document, *terms, **options):
        """Find the same messages as the database, without asking it."""
        search = partial(self.search, document, *terms, **options)
        self.assertEqual(self.assertAsksNothing(search), search(env=self.env))

    def post_on(self, document):
        """Write a mail, a log and a notification on a document."""
        document.message_post(body="Hello", message_type="email", date="2026-11-30")
        document._message_log(body="Logged")
        document.message_notify(
            body="Assigned", partner_ids=self.env.user.partner_id.ids
        )

    def test_messages_on_it_are_found_as_the_database_finds_them(self):
        document = self.make()
        self.assertKnown(document)
        self.post_on(document)
        self.assertEqual(len(self.search(document, NO_NOTIFICATION)), 3)
        for order in ("date desc, id desc", "id", "id DESC", None):
            self.assertKnown(document, NO_NOTIFICATION, order=order, limit=200)
            self.assertKnown(document, ("subtype_id", "!=", False), order=order)
            self.assertKnown(document, limit=1, order=order)

    def test_messages_that_go_elsewhere_are_found_there(self):
        document, other = self.make(), self.make()
        self.post_on(document)
        first = self.search(document, order="id", limit=1)
        first.res_id = other.id
        self.assertIn(first, self.search(other))
        self.assertNotIn(first, self.search(document))
        first.unlink()
        for one in (document, other):
            self.assertEqual(self.search(one), self.search(one, env=self.env))

    def test_other_documents_are_looked_up(self):
        document = self.env["res.partner"].create({"name": "Lan"})
        self.post_on(document)
        self.search(document, NO_NOTIFICATION)
        before = self.cr.sql_log_count
        found = self.search(document, NO_NOTIFICATION)
        self.assertGreater(self.cr.sql_log_count, before)
        self.assertEqual(found, self.search(document, NO_NOTIFICATION, env=self.env))

    def test_what_a_savepoint_undoes_is_looked_up(self):
        document = self.make()
        before = self.search(document)
        with self.env.cr.savepoint() as savepoint:
            self.post_on(document)
            savepoint.rollback()
        self.assertEqual(self.search(document), before)

    def follow(self, document, env=None):
        followers = (env or self.routing)["mail.followers"].sudo()
        data = [(document._name, document.ids)]
        return sorted(followers._get_subscription_data(data, None, True, True))

    def test_nobody_follows_it_until_somebody_does(self):
        document = self.make()
        self.assertEqual(self.assertAsksNothing(lambda: self.follow(document)), [])
        document.message_subscribe(self.env.user.partner_id.ids)
        self.assertEqual(len(self.follow(document)), 1)
        self.assertEqual(self.follow(document), self.follow(document, self.env))

    def test_who_follows_another_document_is_asked_once_until_it_changes(self):
        team = self.env["res.partner"].create({"name": "Team"})
        people = self.env["res.partner"].create([{"name": "Lan"}, {"name": "Minh"}])
        self.assertEqual(self.follow(team), [])
        self.assertAsksNothing(lambda: self.follow(team))
        for change in (
            lambda: team.message_subscribe(people.ids),
            lambda: team.message_follower_ids[:1].write({"subtype_ids": False}),
            lambda: people[1].write({"active": False}),
            lambda: team.message_unsubscribe(people.ids),
        ):
            change()
            self.assertEqual(self.follow(team), self.follow(team, self.env))
            self.assertAsksNothing(lambda: self.follow(team))

    def test_changes_that_go_with_a_message_are_found(self):
        document = self.make()
        message = document.message_post(body="Hello")
        self.assertFalse(self.assertAsksNothing(lambda: message.tracking_value_ids))
        field = self.env["ir.model.fields"]._get("res.partner", "name")
        values = {"field_id": field.id, "old_value_char": "a", "new_value_char": "b"}
        message.invalidate_recordset(["tracking_value_ids"])
        self.env["mail.tracking.value"].create(
            {**values, "mail_message_id": message.id}
        )
        message.invalidate_recordset(["tracking_value_ids"])
        self.assertEqual(len(message.tracking_value_ids), 1)

    def test_a_new_contact_is_no_employee_until_one_is_made_of_it(self):
        if "hr.employee" not in self.env:
            return
        count = partial(
            self.routing["hr.employee"]._read_group,
            groupby=["work_contact_id"],
        )
        document = self.make()
        domain = [("work_contact_id", "in", document.ids)]
        self.assertEqual(self.assertAsksNothing(lambda: count(domain)), [])
        self.env["hr.employee"].create({"name": "Lan", "work_contact_id": document.id})
        self.assertEqual(count(domain), [(document,)])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestContacts(RoutingCommon):
    """Contacts are looked for by their addresses once, until they change."""

    def find(self, *emails, env=None, **context):
        Partner = (env or self.routing)["res.partner"].with_context(**context)
        return Partner.search(
            [("email_normalized", "in", list(emails))], order="id ASC"
        )

    def assertFound(self, *emails):
        """Find the same contacts as the database, without asking it."""
        self.find(*emails)
        for active_test in (True, False):
            find = partial(self.find, *emails, active_test=active_test)
            self.assertEqual(self.assertAsksNothing(find), find(env=self.env))

    def test_a_contact_is_looked_for_once_until_contacts_change(self):
        lan, minh = "lan@customer.example", "minh@customer.example"
        self.assertFalse(self.find(lan, minh))
        self.assertFound(lan, minh)
        partner = self.make(email="Lan <LAN@customer.example>")
        self.assertEqual(self.find(lan), partner)
        for change in (
            lambda: self.make(email=minh),
            lambda: self.make(email=lan, active=False),
            lambda: partner.write({"active": False}),
            lambda: partner.write({"email": minh}),
            lambda: partner.write({"active": True}),
            partner.unlink,
        ):
            change()
            self.assertFound(lan, minh)
        self.assertFalse(self.find(lan))

    def test_what_a_savepoint_undoes_is_looked_up(self):
        self.find("lan@customer.example")
        with self.env.cr.savepoint() as savepoint:
            self.make(email="lan@customer.example")
            savepoint.rollback()
        self.assertFalse(self.find("lan@customer.example"))

    def test_whoever_searches_otherwise_asks_the_database(self):
        partner = self.make(email="lan@customer.example")
        self.assertTrue(self.find("lan@customer.example"))
        Partner = self.routing["res.partner"]
        by_name = [
            ("email_normalized", "in", ["lan@customer.example"]),
            ("name", "=", "Minh"),
        ]
        self.assertFalse(Partner.search(by_name, order="id ASC"))
        self.assertEqual(Partner.search(by_name[:1]), partner)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSettings(RoutingCommon):
    """What an app searches in its settings for each document is searched once."""

    def find(self, env=None):
        Stage = (env or self.routing)["crm.stage"]
        return Stage.search([("team_ids", "=", False)], order="sequence, id", limit=1)

    def test_a_stage_is_looked_for_once_until_stages_or_teams_change(self):
        if "crm.stage" not in self.env:
            return
        Stage = self.env["crm.stage"]
        stage = Stage.create({"name": "First", "sequence": -10})
        team = self.env["crm.team"].create({"name": "Team"})
        for change in (
            lambda: Stage.create({"name": "Very first", "sequence": -20}),
            lambda: self.find().write({"sequence": 20}),
            lambda: (
                team.write({"crm_stage_ids": [(4, stage.id)]})
                if "crm_stage_ids" in team._fields
                else stage.write({"team_ids": [(4, team.id)]})
            ),
            stage.unlink,
        ):
            self.find()
            self.assertAsksNothing(self.find)
            change()
            self.assertEqual(self.find(), self.find(self.env))

    def test_the_fields_of_a_document_are_described_once(self):
        documents = self.routing["res.partner"]
        described = documents.fields_get()
        self.assertEqual(described, self.env["res.partner"].fields_get())
        described["name"].clear()
        described.clear()
        self.env.cr.cache.clear()
        found = self.assertAsksNothing(documents.fields_get)
        self.assertEqual(found, self.env["res.partner"].fields_get())

    def test_a_scheduled_action_is_there_until_it_is_deleted(self):
        cron = self.env["ir.cron"].create(
            {
                "name": "Enrich",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
            }
        )
        routed = cron.with_env(self.routing)
        self.assertEqual(routed.exists(), cron)
        self.assertEqual(self.assertAsksNothing(routed.exists), cron)
        cron.unlink()
        self.assertFalse(routed.exists())

    def test_a_scheduled_action_is_woken_once_in_a_transaction(self):
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action").with_env(self.routing)
        wakes = self.env["ir.cron.trigger"].sudo()
        before = wakes.search_count([("cron_id", "=", cron.id)])
        with self.env.cr.savepoint() as savepoint:
            cron._trigger()
            savepoint.rollback()
        cron._trigger()
        cron._trigger()
        self.assertEqual(wakes.search_count([("cron_id", "=", cron.id)]), before + 1)
        later = fields.Datetime.now() + timedelta(hours=1)
        cron._trigger(later)
        cron._trigger(later)
        self.assertEqual(wakes.search_count([("cron_id", "=", cron.id)]), before + 3)
