import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import RouterCommon

PACKAGE = "odoo.addons.mail_catchall_router."
# What the ORM offers of every model: the access rights of the model decide.
OF_THE_ORM = {
    "copy",
    "copy_data",
    "create",
    "default_get",
    "export_data",
    "fields_get",
    "flush_model",
    "get_view",
    "init",
    "load",
    "name_create",
    "read",
    "read_group",
    "unlink",
    "write",
}
# These do with the caller's own rights what core does.
OF_THE_CALLER = {"action_send_mail", "get_values", "message_new", "session_info"}
# Colleagues see them: whose alias it is, decides the document.
OF_EVERYBODY = {"mail.mail", "mail.template"}


def is_of_the_model(model, name):
    """Tell whether a method is called without records, as ``@api.model`` says."""
    return getattr(getattr(type(model), name), "_api_model", False)


def is_ours(function):
    """Tell whether a function stands in a file of this addon."""
    module = getattr(inspect.unwrap(function), "__module__", "") or ""
    return module.startswith(PACKAGE)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPublicMethods(RouterCommon):
    """What can be called from outside refuses those who may not, whoever adds it."""

    def public_methods(self):
        """Return [(model name, method name)] of what this addon defines or overrides
        and anybody may call by RPC."""
        found = []
        for model in self.env.values():
            for name in dir(type(model)):
                if name.startswith("_") or name in OF_THE_ORM:
                    continue
                function = inspect.getattr_static(type(model), name)
                if not inspect.isfunction(function) or not is_ours(function):
                    continue
                try:
                    get_public_method(model, name)
                except AccessError:
                    continue
                found.append((model._name, name))
        return found

    def record_of(self, model):
        """Return a record to call a method of: one there is, or an id that might be."""
        Model = self.env[model].sudo().with_context(active_test=False)
        stored = not Model._abstract and not Model._transient
        found = Model.search([], limit=1) if stored else Model
        return found or self.env[model].browse(1)

    def call(self, user, model, name):
        """Call a method as somebody does by RPC, with something for each argument."""
        record = self.record_of(model).with_user(user).sudo(False)
        method = getattr(record, name)
        needed = [
            "1"
            for one in inspect.signature(method).parameters.values()
            if one.default is one.empty
            and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        ]
        return method(*needed)

    def assertRefused(self, user, model, name):
        """Check that a user may not call a method, whatever else it would do."""
        with (
            self.subTest(user=user.login, model=model, method=name),
            mute_logger("odoo.addons"),
            self.assertRaises(AccessError),
            self.env.cr.savepoint(),
        ):
            self.call(user, model, name)

    def make_records(self):
        """Make what methods can be called of."""
        self.mail_to_send = self.env["mail.mail"].create(
            {"email_to": "lan@customer.example", "body_html": "Hello"}
        )
        self.route(self.mail(self.at_domain("nobody")))
        self.env["mail.catchall.rule"].create(
            {
                "name": "Rule",
                "router_id": self.router.id,
                "action": "hold",
                "condition_ids": [
                    Command.create(
                        {"field": "subject", "operator": "contains", "value": "x"}
                    )
                ],
            }
        )

    # ------------------------------------------------------------
    # TESTS
    # ------------------------------------------------------------

    def test_there_are_many(self):
        """If nothing were found, nothing would be tested."""
        found = self.public_methods()
        self.assertIn(("mail.catchall.message", "action_release"), found)
        self.assertIn(("mail.thread", "message_process"), found)
        self.assertNotIn(("ir.mail_server", "send_email"), found)
        self.assertGreater(len(found), 80)

    def test_neither_portal_nor_plain_users_may_call_them(self):
        self.make_records()
        portal = self._create_portal_user()
        for model, name in self.public_methods():
            if name in OF_THE_CALLER:
                continue
            self.assertRefused(portal, model, name)
            if name != "message_process" and model not in OF_EVERYBODY:
                self.assertRefused(self.user_employee, model, name)

    def test_the_public_may_not_call_them(self):
        """A website's visitor calls methods where a page lets him, with no login."""
        self.make_records()
        for model, name in self.public_methods():
            if name not in OF_THE_CALLER:
                self.assertRefused(self.user_public, model, name)

    def test_nobody_reads_what_somebody_else_types_into_a_form(self):
        """A form that is filled in names addresses and files; only its owner has it."""
        manager = self.manager_of(self.company_2)
        forms = [
            Model._name
            for Model in self.env.values()
            if Model._transient
            and Model._original_module == "mail_catchall_router"
            and Model.with_user(manager).has_access("read")
        ]
        self.assertGreater(len(forms), 6)
        for name in forms:
            for mode in ("read", "write"):
                rules = self.env["ir.rule"].with_user(manager)
                owned = rules._compute_domain(name, mode)
                with self.subTest(model=name, mode=mode):
                    self.assertIn(("create_uid", "in", [manager.id]), list(owned))

    def test_a_form_reaches_no_router_of_another_company(self):
        manager = self.manager_of(self.company_2)
        mail = self.mail(self.at_domain("sales"))
        file = self.env["ir.attachment"].create({"name": "a.eml", "raw": mail})
        Import = self.env["mail.catchall.import"].with_user(manager)
        values = {"router_id": self.router.id, "attachment_ids": file.ids}
        with self.assertRaises(AccessError):
            Import.create(values).action_import()
        message = self.journal(mail)
        alias = self.env["mail.alias"].search([("alias_name", "=", "sales")], limit=1)
        for name, values, method in (
            ("mail.catchall.reject", {"body": "No"}, "action_reject"),
            (
                "mail.catchall.route.to",
                {"kind": "alias", "alias_id": alias.id},
                "action_route",
            ),
        ):
            with self.subTest(model=name), self.assertRaises(UserError):
                form = self.env[name].with_user(manager)
                form = form.create({"waiting_ids": message.ids, **values})
                getattr(form, method)()
        self.assertEqual(message.state, "received")
        Tester = self.env["mail.catchall.tester"].with_user(manager)
        with self.assertRaises(AccessError):
            Tester.create({"router_id": self.router.id, "message_id": message.id})

    def manager_of(self, company):
        """Return a manager of the router who works for this company alone."""
        return new_test_user(
            self.env,
            "manager_c2",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_the_manager_of_another_company_may_not_call_them(self):
        self.make_records()
        manager = self.manager_of(self.company_2)
        count = 0
        for model, name in self.public_methods():
            Model = self.env[model]
            ours = Model._original_module == "mail_catchall_router"
            if not ours or Model._transient or Model._abstract:
                continue
            if self.record_of(model).exists() and not is_of_the_model(Model, name):
                self.assertRefused(manager, model, name)
                count += 1
        self.assertGreater(count, 20)
