from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import new_test_user, tagged

from ..common import RouterCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"
READER = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEvidence(RouterCommon):
    """The journal is written by code alone, whoever asks by RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, login="administrator", groups="base.group_system"
        )
        cls.manager = new_test_user(cls.env, login="manager", groups=MANAGER)
        cls.reader = new_test_user(cls.env, login="reader", groups=READER)

    def setUp(self):
        super().setUp()
        attack = self.env["mail.catchall.attack"].create(
            {
                "router_id": self.router.id,
                "company_id": self.router.company_id.id,
                "sender": "lan@customer.example",
            }
        )
        message = self.route(self.mail(self.at_domain("nobody")))
        message.attack_id = attack
        message.action_discard()
        self.rows = {
            record._name: record
            for record in (
                message,
                message.delivery_ids,
                message.decision_ids,
                attack,
            )
        }
        self.env.flush_all()

    def stored(self, record):
        """Yield (field name, the value that it has) of all stored fields."""
        for name, field in record._fields.items():
            if field.store and field.type != "one2many" and name not in MAGIC_COLUMNS:
                yield name, field.convert_to_write(record[name], record)

    def test_every_evidence_is_tried(self):
        evidence = self.env.registry["mail.catchall.evidence"]
        models = {
            name
            for name, model in self.env.registry.items()
            if issubclass(model, evidence) and not model._abstract
        }
        self.assertEqual(models, set(self.rows))

    def test_no_stored_field_is_written(self):
        for user in (self.administrator, self.manager, self.reader):
            for model, record in self.rows.items():
                for name, value in list(self.stored(record)):
                    with (
                        self.subTest(user=user.login, model=model, field=name),
                        self.assertRaises(AccessError),
                    ):
                        record.with_user(user).write({name: value})

    def test_no_row_is_made_or_deleted(self):
        for user in (self.administrator, self.manager, self.reader):
            for model, record in self.rows.items():
                theirs = record.with_user(user)
                values = dict(self.stored(record))
                for method, arguments in (
                    (theirs.create, [values]),
                    (theirs.copy, []),
                    (theirs.unlink, []),
                    (theirs.web_save, [values, {}]),
                ):
                    with (
                        self.subTest(user=user.login, model=model),
                        self.assertRaises(AccessError),
                    ):
                        method(*arguments)

    def test_nor_by_way_of_another_record(self):
        attack = self.rows["mail.catchall.attack"]
        message = self.rows["mail.catchall.message"]
        with self.assertRaises(AccessError):
            attack.with_user(self.administrator).write(
                {"message_ids": [Command.update(message.id, {"state": "delivered"})]}
            )

    def test_nor_by_access_rights_that_somebody_has_added(self):
        for record in self.rows.values():
            self.env["ir.model.access"].create(
                {
                    "name": "All",
                    "model_id": self.env["ir.model"]._get_id(record._name),
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
            )
        self.test_no_stored_field_is_written()
        self.test_no_row_is_made_or_deleted()

    def test_nothing_is_taken_from_the_caller_s_context(self):
        Message = self.Message.with_context(
            default_state="delivered", default_released=True, default_error="x"
        )
        message = Message._journal(
            self.router, [{"raw": self.mail(message_id="<context@c.example>")}]
        )
        self.assertEqual(message.state, "received")
        self.assertFalse(message.released)
        self.assertFalse(message.error)

    def test_the_screens_work_for_who_may_read(self):
        for user in (self.administrator, self.manager, self.reader):
            for model, record in self.rows.items():
                with self.subTest(user=user.login, model=model):
                    theirs = record.with_user(user)
                    theirs.invalidate_recordset()
                    self.assertTrue(theirs.read([]))
        views = self.Message.with_user(self.manager).get_views(
            [(False, "form"), (False, "list"), (False, "search")]
        )
        self.assertIn("decision_ids", views["views"]["form"]["arch"])

    def test_only_who_may_decide_decides(self):
        message = self.rows["mail.catchall.message"]
        attack = self.rows["mail.catchall.attack"]
        for act in (message.action_undo, attack.action_release, message.action_route):
            with self.assertRaises(AccessError):
                act.__func__(act.__self__.with_user(self.reader))
        message.with_user(self.manager).action_undo()
        self.assertEqual(message.state, "held")
