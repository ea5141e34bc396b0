from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import RouterCommon

MODULE = "mail_catchall_router"
COLUMNS = """
    SELECT table_name, column_name
      FROM information_schema.columns
     WHERE is_nullable = 'NO' AND column_default IS NULL
"""


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestNeutralized(RouterCommon):
    """A copy of the database does nothing to the mailbox of the original."""

    def test_no_column_on_a_table_of_others_needs_a_value(self):
        """Core's SQL inserts servers without our columns, and so does anybody's."""
        self.env.cr.execute(COLUMNS)
        needy = set(self.env.cr.fetchall())
        ours = {
            (model._table, field.name)
            for model in self.env.values()
            if model._original_module != MODULE
            for field in model._fields.values()
            if field._module == MODULE and field.store and field.column_type
        }
        self.assertIn(("ir_mail_server", "catchall_envelope"), ours)
        self.assertFalse(ours & needy)

    def test_a_server_that_sql_has_made_has_the_usual_identity(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_mail_server SET catchall_header_from = NULL,"
            " catchall_envelope = NULL, catchall_display = NULL WHERE id = %s",
            [self.smtp_server.id],
        )
        self.env.invalidate_all()
        policy = self.smtp_server._catchall_policy(self.env["ir.mail_server"])
        self.assertEqual((policy.header_from, policy.envelope), ("author", "account"))

    def test_a_copy_asks_no_engine_and_knows_no_token(self):
        self.env["mail.catchall.engine"].create({"router_id": self.router.id})
        self.router.action_make_intake_token()
        self.assertTrue(self.router.sudo().intake_token_date)
        self.env.flush_all()
        with file_open(f"{MODULE}/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        router = self.router.with_context(active_test=False)
        self.assertFalse(router.active)
        self.assertFalse(router.sudo().intake_token_date)
        self.assertFalse(self.env["mail.catchall.engine"].search([], limit=1))

    def test_every_way_to_log_in_says_that_it_is_a_copy(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        setup = self.env["mail.catchall.setup"].create(
            {"mailbox": self.account, "password": "secret"}
        )
        for name, way in (
            ("collect", lambda: self.server._connect__(allow_archived=True)),
            ("send", self.send_directly),
            ("test incoming", self.router.action_test_incoming),
            ("test outgoing", self.router.action_test_outgoing),
            ("sender check", self.check_senders),
            ("round trip", self.router.action_round_trip),
            ("assistant", setup.action_connect),
        ):
            with (
                self.subTest(way=name),
                self.assertRaisesRegex(UserError, "neutralized copy"),
            ):
                way()
        self.assertFalse(self.server._catchall_places(), "the listener")

    def send_directly(self):
        return self.env["ir.mail_server"]._connect__(mail_server_id=self.smtp_server.id)

    def check_senders(self):
        """Ask for the senders; what stops it is kept on the check."""
        action = self.router.action_check_senders()
        check = self.env["mail.catchall.sender.check"].browse(action["res_id"])
        raise UserError(check.error)
