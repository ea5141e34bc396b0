from functools import partial

from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged

FULL_NAME = "questions@remembered.example"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRemembered(TransactionCase):
    """What core asks again for each mail is asked once, until it changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "remembered.example"})
        cls.routing = cls.env(context={"catchall_routing": True})

    def make_alias(self):
        return self.env["mail.alias"].create(
            {
                "alias_name": "questions",
                "alias_domain_id": self.domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )

    def find_alias(self, env=None):
        Alias = (env or self.routing)["mail.alias"].sudo()
        return Alias.search([("alias_full_name", "=", FULL_NAME)])

    def assertAsksNothing(self, work):
        before = self.cr.sql_log_count
        found = work()
        self.assertEqual(self.cr.sql_log_count, before)
        return found

    def test_an_alias_is_looked_for_once(self):
        alias = self.make_alias()
        self.assertEqual(self.find_alias(), alias)
        self.assertEqual(self.assertAsksNothing(self.find_alias), alias)

    def test_it_is_looked_for_anew_once_aliases_change(self):
        self.assertFalse(self.find_alias())
        alias = self.make_alias()
        self.assertEqual(self.find_alias(), alias)
        alias.alias_name = "answers"
        self.assertFalse(self.find_alias())
        alias.alias_name = "questions"
        self.assertEqual(self.find_alias(), alias)
        alias.unlink()
        self.assertFalse(self.find_alias())

    def test_what_a_savepoint_undoes_is_forgotten_with_it(self):
        with self.env.cr.savepoint() as savepoint:
            alias = self.make_alias()
            self.assertEqual(self.find_alias(), alias)
            savepoint.rollback()
        self.assertFalse(self.find_alias())

    def test_whoever_does_not_route_asks_the_database(self):
        self.assertFalse(self.find_alias())
        before = self.cr.sql_log_count
        self.assertFalse(self.find_alias(self.env))
        self.assertGreater(self.cr.sql_log_count, before)

    def test_a_domain_may_have_any_form(self):
        alias = self.make_alias()
        Alias = self.routing["mail.alias"].sudo()
        named = Domain("alias_full_name", "=", FULL_NAME)
        for domain in (named, [(1, "=", 1), ("id", "=", alias.id)], [named]):
            for _time in range(2):
                self.assertEqual(Alias.search(domain), alias)

    def test_domains_are_looked_for_once_and_anew_when_one_is_made(self):
        domains = self.routing["mail.alias.domain"].sudo()
        self.assertIn(self.domain, domains.search([]))
        find = partial(domains.search, [])
        self.assertIn(self.domain, self.assertAsksNothing(find))
        other = self.env["mail.alias.domain"].create({"name": "other.example"})
        self.assertIn(other, domains.search([]))

    def test_who_may_write_without_limit_is_asked_only_where_somebody_may(self):
        Allowed = self.routing["mail.gateway.allowed"].sudo()
        Allowed.search([]).unlink()
        sender = [("email_normalized", "=", "shop@customer.example")]
        self.assertEqual(Allowed.search_count(sender), 0)
        count = partial(Allowed.search_count, sender)
        self.assertEqual(self.assertAsksNothing(count), 0)
        self.env["mail.gateway.allowed"].create({"email": "shop@customer.example"})
        self.assertEqual(Allowed.search_count(sender), 1)

    def test_a_subtype_is_there_until_it_is_deleted(self):
        subtype = self.env["mail.message.subtype"].create({"name": "Question"})
        routed = subtype.with_env(self.routing)
        self.assertEqual(routed.exists(), subtype)
        self.assertEqual(self.assertAsksNothing(routed.exists), subtype)
        subtype.unlink()
        self.assertFalse(routed.exists())

    def test_odoobot_is_there_without_asking(self):
        for name in ("base.user_root", "base.partner_root"):
            self.routing.ref(name)
            self.assertAsksNothing(lambda name=name: self.routing.ref(name))

    def test_a_query_that_somebody_changes_is_not_a_remembered_one(self):
        Alias = self.routing["mail.alias"].sudo()
        alias = self.make_alias()
        domain = [("alias_full_name", "=", FULL_NAME)]
        self.assertEqual(Alias.search(domain), alias)
        [(kind, count)] = Alias._read_group(domain, ["alias_model_id"], ["__count"])
        self.assertEqual((kind.model, count), ("res.partner", 1))
        by_name = [
            ("alias_name", "=", "questions"),
            ("alias_domain_id.name", "=", "remembered.example"),
        ]
        self.assertEqual(Alias.search(by_name), alias)
        self.domain.name = "renamed.example"
        self.assertFalse(Alias.search(by_name))
