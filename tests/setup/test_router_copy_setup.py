import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ...models.setup.router_copy_setup import COPIED, FORMAT, NOT_COPIED, VERSION
from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCopySetup(RouterCommon):
    """A router's choices and rules go to another one, and nothing else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["mail.catchall.router"].create(
            {"name": "Other", "alias_domain_ids": False, "account_email": "b@b.example"}
        )
        cls.rule = cls.env["mail.catchall.rule"].create(
            {
                "name": "Newsletters",
                "router_id": cls.router.id,
                "action": "discard",
                "tag_ids": [Command.create({"name": "News"})],
                "condition_ids": [
                    Command.create(
                        {"field": "subject", "operator": "contains", "value": "News"}
                    )
                ],
            }
        )
        cls.router.write(
            {"spam_policy": "ignored", "spam_threshold": 7.5, "attack_count": 99}
        )

    def saved(self, **changes):
        """Return the router's file, with these values of its router in it."""
        content = json.loads(self.router._setup_file())
        content["router"].update(changes)
        return json.dumps(content).encode()

    def taken_over(self, content):
        return self.other._read_setup_file(content)

    def copied_rule(self, **changes):
        """Return the values that the rule has at the other router."""
        content = json.loads(self.router._setup_file())
        content["rules"][0].update(changes)
        return self.taken_over(json.dumps(content).encode())[1][0]

    def test_choices_and_rules_arrive(self):
        self.other._apply_setup_file(self.router._setup_file())
        self.assertRecordValues(
            self.other,
            [{"spam_policy": "ignored", "spam_threshold": 7.5, "attack_count": 99}],
        )
        rule = self.other.rule_ids
        self.assertEqual((rule.name, rule.action), ("Newsletters", "discard"))
        self.assertEqual(rule.tag_ids, self.rule.tag_ids)
        self.assertEqual(rule.condition_ids.value, "News")
        # Once more changes nothing.
        self.assertEqual(self.taken_over(self.router._setup_file()), ({}, []))

    def test_each_field_is_a_choice_or_belongs_to_one_company(self):
        """A new field of the router has to be put into one of the lists."""
        routers = self.env["mail.catchall.router"]
        settable = {
            name
            for name, field in routers._fields.items()
            if field._module == "mail_catchall_router"
            and field.store
            and field.copy
            and not field.readonly
        }
        known = {*COPIED, *NOT_COPIED}
        self.assertFalse(settable - known)
        self.assertFalse(set(COPIED) & set(NOT_COPIED))

    def test_nothing_secret_and_nobody_is_in_the_file(self):
        self.router.fetchmail_server_id.password = "imap-secret"
        self.router.mail_server_id.smtp_pass = "smtp-secret"
        self.router.trap_addresses = f"trap@{self.domain}"
        content = self.router._setup_file().decode()
        for word in ("imap-secret", "smtp-secret", self.domain, self.account):
            self.assertNotIn(word, content)

    def test_only_what_the_addon_has_written_is_read(self):
        plain = {"format": FORMAT, "version": VERSION, "router": {}, "rules": []}
        for content in (
            b"",
            b"\xff\xfe",
            b"[" * 100_000,
            b"[]",
            b"{}",
            b" " * 2_000_000,
            json.dumps(dict(plain, version=99)).encode(),
            json.dumps(dict(plain, router=[])).encode(),
            json.dumps(dict(plain, rules={})).encode(),
            json.dumps(dict(plain, rules=[1])).encode(),
            json.dumps(dict(plain, rules=[{}] * 501)).encode(),
            json.dumps(dict(plain, rules=[{"name": "x"}])).encode(),
            self.saved(spam_policy="explode"),
            self.saved(spam_policy=["held"]),
            self.saved(attack_count=True),
            self.saved(attack_count="9"),
            self.saved(use_reply_to=1),
            self.saved(move_folder="x" * 3000),
            self.saved(move_folder="x\0"),
        ):
            with self.subTest(content[:40]), self.assertRaises(UserError):
                self.taken_over(content)

    def test_a_foreign_name_in_the_file_changes_nothing(self):
        hostile = self.saved(
            account_email="x@evil.example", own_hosts="mx.evil.example"
        )
        values, _rules = self.taken_over(hostile)
        self.assertFalse({"account_email", "own_hosts"} & values.keys())

    def test_what_is_impossible_here_changes_nothing(self):
        with self.assertRaises(UserError):
            self.other._apply_setup_file(self.saved(answers_per_hour=-1))
        self.assertEqual(self.other.spam_policy, "held")

    def test_what_needs_a_person_or_a_document_is_left_out(self):
        for policy in ("forward", "fallback"):
            values, _rules = self.taken_over(self.saved(unknown_policy=policy))
            self.assertNotIn("unknown_policy", values)
        values, _rules = self.taken_over(
            self.saved(unknown_policy="fallback", fallback_model_id="res.partner")
        )
        self.assertEqual(values["unknown_policy"], "fallback")
        self.other._apply_setup_file(
            self.saved(unknown_policy="fallback", fallback_model_id="res.partner")
        )
        self.assertEqual(self.other.fallback_model_id.model, "res.partner")
        values, _rules = self.taken_over(self.saved(fallback_model_id="no.such.model"))
        self.assertFalse(values.get("fallback_model_id"))

    def test_a_rule_that_leads_to_nothing_here_is_switched_off(self):
        for changes in (
            {"action": "alias", "alias": "nobody-has-this"},
            {"action": "new", "model": "no.such.model"},
            {"action": "new", "model": "ir.model"},
            {"action": "forward"},
            {"action": "record"},
        ):
            values = self.copied_rule(**changes)
            with self.subTest(**changes):
                self.assertEqual((values["action"], values["active"]), ("hold", False))

    def test_an_alias_is_found_by_its_name(self):
        content = json.loads(self.router._setup_file())
        content["rules"][0].update(name="Another", action="alias", alias="sales")
        _values, [values] = self.router._read_setup_file(json.dumps(content).encode())
        self.assertEqual(values["alias_id"], self.sales.id)
        self.assertTrue(values["active"])

    def test_what_changes_is_shown_first(self):
        wizards = self.env["mail.catchall.copy.setup"]
        form = Form(wizards.with_context(active_id=self.other.id))
        form.file = base64.b64encode(self.router._setup_file())
        self.assertIn("Hold it → Discard it", form.preview)
        self.assertIn("Newsletters", form.preview)
        self.assertIn("a new rule: Discard it", form.preview)
        self.assertEqual(self.other.spam_policy, "held")
        wizard = form.save()
        wizard.action_import()
        self.assertEqual(self.other.spam_policy, "ignored")
        wizard.invalidate_recordset()
        self.assertIn("Nothing", wizard.preview)
        self.assertIn("Nothing", wizard.with_context(bin_size=True).preview)
        wizard.file = base64.b64encode(b"nonsense")
        self.assertIn("Copy Setup", wizard.problem)
        self.assertFalse(wizard.preview)

    def test_a_name_in_the_file_runs_nothing(self):
        content = json.loads(self.router._setup_file())
        content["rules"][0]["name"] = "<script>alert(1)</script>"
        wizard = self.env["mail.catchall.copy.setup"].create(
            {
                "router_id": self.other.id,
                "file": base64.b64encode(json.dumps(content).encode()),
            }
        )
        self.assertNotIn("<script>", wizard.preview)

    def test_the_file_is_saved_by_the_browser(self):
        wizard = self.env["mail.catchall.copy.setup"].create(
            {"router_id": self.router.id}
        )
        self.assertIn(f"id={wizard.id}&field=saved", wizard.action_save()["url"])
        self.assertEqual(base64.b64decode(wizard.saved), self.router._setup_file())

    def test_only_system_administrators_may(self):
        manager = new_test_user(
            self.env,
            "copying",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
        )
        with self.assertRaises(AccessError):
            self.env["mail.catchall.copy.setup"].with_user(manager).create(
                {"router_id": self.router.id}
            )
