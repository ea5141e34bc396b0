from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from odoo.addons.mail_catchall_router.tools.watch import alias_health

from ..common import RouterCommon
from ..send.test_mail_mail_attempt import SendingCommon

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"
MODELS = ("crm.team", "hr.job", "project.project")
FIELD = "catchall_alias_report"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAliasReport(RouterCommon):
    """Where people work they see whether their address works."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_alias_domain.company_ids = cls.env.company
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "alias_name": "verkauf-nord", "use_leads": True}
        )

    def report(self, record=None, user=None):
        record = (record or self.team).with_user(user or self.env.user)
        record.invalidate_recordset()
        return record[FIELD]

    def assertReport(self, code, state):
        report = self.report()
        self.assertEqual((report["code"], report["state"]), (code, state), report)
        return report

    def come_back(self):
        self.env["mail.catchall.trip"].create(
            {
                "router_id": self.router.id,
                "state": "arrived",
                "ended_date": fields.Datetime.now(),
            }
        )

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def test_an_address_that_never_got_mail_is_to_be_tested(self):
        report = self.assertReport("untested", "warning")
        self.assertEqual(report["address"], self.at_domain("verkauf-nord"))
        self.assertTrue(report["can_test"])

    def test_where_the_catch_all_was_seen_to_work_it_is_ready(self):
        self.come_back()
        self.assertReport("ready", "ok")

    def test_the_last_mail_is_told_and_from_whom(self):
        self.route(self.mail(self.at_domain("verkauf-nord")))
        report = self.assertReport("works", "ok")
        self.assertIn("Lan Nguyen", report["last"])

    def test_who_does_not_read_the_journal_is_not_told_from_whom(self):
        self.route(self.mail(self.at_domain("verkauf-nord")))
        seller = new_test_user(self.env, "seller", "sales_team.group_sale_salesman")
        stranger = new_test_user(
            self.env,
            "report-stranger",
            f"sales_team.group_sale_manager,{USER_GROUP}",
            company_id=self.company_2.id,
        )
        self.team.company_id = False
        for user in (seller, stranger):
            report = self.report(user=user)
            self.assertEqual(report["code"], "works")
            self.assertIn("Last email", report["last"])
            self.assertNotIn("Lan", report["last"])

    def test_customers_are_told_nothing(self):
        portal = new_test_user(self.env, "report-portal", "base.group_portal")
        for record in (self.team, self.team.alias_id):
            with self.assertRaises(AccessError):
                record.with_user(portal).read([FIELD])

    def test_a_domain_that_no_router_serves_is_said(self):
        self.router.alias_domain_ids = self.env["mail.alias.domain"].create(
            {"name": "elsewhere.example"}
        )
        report = self.assertReport("unserved", "warning")
        self.assertIn(self.domain, report["sentence"])
        self.assertFalse(report["can_test"])

    def test_an_archived_router_serves_nothing(self):
        self.router.active = False
        self.assertReport("unserved", "warning")

    def test_a_mailbox_that_cannot_be_read_is_said(self):
        self.server.write(
            {
                "error_date": fields.Datetime.now() - timedelta(hours=1),
                "error_message": "No",
                "catchall_failures": 5,
            }
        )
        self.assertReport("not_collected", "problem")

    def test_an_alias_that_cannot_make_documents_is_said(self):
        self.team.alias_id.sudo().alias_status = "invalid"
        self.assertReport("invalid", "problem")

    def test_what_is_archived_is_said(self):
        self.team.active = False
        self.assertReport("archived", "warning")

    def test_without_a_name_there_is_no_address_to_report_on(self):
        self.team.alias_name = False
        self.assertFalse(self.report())

    def test_the_alias_s_own_form_says_it_too(self):
        self.assertEqual(self.report(self.team.alias_id)["code"], "untested")

    def test_many_take_no_more_queries_than_two(self):
        Team = self.env["crm.team"]
        teams = Team.create(
            [{"name": f"T{n}", "alias_name": f"t-unusual-{n}"} for n in range(6)]
        )
        self.env.flush_all()
        counts = []
        for some in (teams[:2], teams):
            for _warm in range(2):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                some.mapped(FIELD)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # ------------------------------------------------------------
    # VIEWS
    # ------------------------------------------------------------

    def test_every_form_with_an_alias_shows_it_once(self):
        for model in MODELS:
            Model = self.env[model]
            views = self.env["ir.ui.view"].search(
                [
                    ("model", "=", model),
                    ("type", "=", "form"),
                    ("inherit_id", "=", False),
                ]
            )
            for view in views:
                arch = etree.fromstring(Model.get_view(view.id, "form")["arch"])
                named = arch.xpath("//field[@name='alias_name'][not(ancestor::field)]")
                shown = arch.xpath(f"//field[@name='{FIELD}']")
                with self.subTest(view=view.xml_id):
                    self.assertEqual(len(shown), bool(named))
                    if shown:
                        self.assertEqual(shown[0].get("widget"), "catchall_alias")
                        self.assertIn("not alias_name", shown[0].get("invisible"))

    def test_whoever_has_an_alias_is_covered(self):
        mixin = self.env["mail.alias.mixin.optional"]
        covered = {
            name for name, model in self.env.items() if isinstance(model, type(mixin))
        }
        self.assertLessEqual(set(MODELS), covered)
        self.assertTrue(all(FIELD in self.env[name]._fields for name in covered))

    def test_it_is_hidden_where_the_form_hides_the_address(self):
        self.assertFalse(Form(self.team)._get_modifier(FIELD, "invisible"))
        self.team.write({"use_leads": False, "use_opportunities": False})
        self.assertTrue(Form(self.team)._get_modifier(FIELD, "invisible"))

    def test_forms_without_the_name_of_an_alias_stay_as_they_are(self):
        arch = etree.fromstring("<form><sheet><field name='alias_id'/></sheet></form>")
        before = etree.tostring(arch)
        self.env["mail.alias.mixin"]._catchall_add_report(arch)
        self.assertEqual(etree.tostring(arch), before)

    def test_it_stands_beside_what_lays_out_the_name_and_not_in_lists_of_others(self):
        for arch, path in (
            (
                "<form><div><b/><span><field name='alias_name'/>@</span></div>x</form>",
                "/form/div/following-sibling::*[1]",
            ),
            ("<form><field name='alias_name'/></form>", "/form/*[2]"),
        ):
            root = etree.fromstring(arch)
            text = "".join(root.itertext())
            for _twice in range(2):
                self.env["mail.alias.mixin"]._catchall_add_report(root)
            self.assertEqual(len(root.xpath(f"//field[@name='{FIELD}']")), 1)
            self.assertEqual(root.xpath(path)[0].get("name"), FIELD)
            self.assertEqual("".join(root.itertext()), text)
        lines = "<list><field name='alias_name'/></list>"
        nested = etree.fromstring(f"<form><field name='x'>{lines}</field></form>")
        self.env["mail.alias.mixin"]._catchall_add_report(nested)
        self.assertFalse(nested.xpath(f"//field[@name='{FIELD}']"))

    # ------------------------------------------------------------
    # TOOL
    # ------------------------------------------------------------

    def test_the_gravest_hindrance_counts(self):
        known = {"has_domain": True, "is_served": True, "is_collected": True}
        for code, values in (
            ("no_domain", {**known, "has_domain": False, "is_served": False}),
            ("unserved", {**known, "is_served": False, "is_invalid": True}),
            ("not_collected", {**known, "is_collected": False, "is_invalid": True}),
            ("invalid", {**known, "is_invalid": True, "is_archived": True}),
            ("archived", {**known, "is_archived": True, "last": 1}),
            ("works", {**known, "last": 1}),
            ("ready", {**known, "is_verified": True}),
            ("untested", known),
        ):
            found = alias_health.judge(alias_health.Address(**values))
            self.assertEqual(found[1], code)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTestMail(SendingCommon, HttpCase):
    """A test mail is a real one, and it is said where it will appear."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_alias_domain.company_ids = cls.env.company
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "alias_name": "verkauf-nord", "use_leads": True}
        )
        cls.address = cls.at_domain("verkauf-nord")
        cls.seller = new_test_user(
            cls.env,
            "test_seller",
            f"sales_team.group_sale_manager,{USER_GROUP}",
            email=cls.at_domain("seller"),
        )

    def test_it_goes_through_the_router_s_account_to_the_address(self):
        action = self.team.with_user(self.seller).action_catchall_send_test()
        self.assertEqual(self.got(), [self.address])
        [letter] = self.smtp.letters
        self.assertIn(self.seller.email.encode(), letter.content)
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("Lead", action["params"]["message"])

    def test_it_is_routed_as_anybody_s_mail(self):
        self.team.with_user(self.seller).action_catchall_send_test()
        [letter] = self.smtp.letters
        trace = f"X-Original-To: {self.address}\r\nDelivered-To: {self.account}\r\n"
        message = self.route(trace.encode() + letter.content.rstrip(b".\r\n") + b"\r\n")
        self.assertEnd(message, "delivered")
        lead = self.assertDelivered(message, self.address, "crm.lead")
        self.assertEqual(lead.team_id, self.team)
        self.assertIn(self.address, lead.name)

    # ------------------------------------------------------------
    # WHAT TESTS REACH AND MAKE
    # ------------------------------------------------------------

    def arrive(self, letter=None):
        """Return the message of the test mail that was sent last."""
        content = (letter or self.smtp.letters[-1]).content.rstrip(b".\r\n")
        trace = f"X-Original-To: {self.address}\r\nDelivered-To: {self.account}\r\n"
        return self.route(trace.encode() + content + b"\r\n")

    def tests(self):
        self.team.invalidate_recordset()
        return self.team[FIELD]["tests"]

    def test_what_it_makes_is_marked_and_can_be_removed(self):
        seller = self.team.with_user(self.seller)
        seller.action_catchall_send_test()
        message = self.arrive()
        lead = self.assertDelivered(message, self.address, "crm.lead")
        self.assertTrue(message.is_test)
        self.assertIn("This is a test", " ".join(lead.message_ids.mapped("body")))
        real = self.assertDelivered(
            self.route(self.mail(self.address)), self.address, "crm.lead"
        )
        self.assertEqual(self.tests(), 1)
        seller.action_catchall_remove_tests()
        self.assertFalse(lead.exists())
        self.assertTrue(real.exists())
        self.assertEqual(self.tests(), 0)

    def test_what_somebody_has_written_on_stays(self):
        self.team.with_user(self.seller).action_catchall_send_test()
        lead = self.assertDelivered(self.arrive(), self.address, "crm.lead")
        lead.message_post(body="A real one", message_type="comment")
        self.team.with_user(self.seller).action_catchall_remove_tests()
        self.assertTrue(lead.exists())

    def test_nobody_else_makes_a_test(self):
        made = self.Message._make_test_id(self.domain)
        proof = made.rpartition("@")[0][-8:]
        for message_id in (
            made.replace(proof, "0" * len(proof)),
            "<catchall-test.x.y@customer.example>",
        ):
            message = self.route(self.mail(self.address, message_id=message_id))
            self.assertEnd(message, "delivered")
            self.assertFalse(message.is_test)

    def test_it_asks_before_it_reaches_the_followers_of_a_document(self):
        partner = self.env["res.partner"].create({"name": "The Board"})
        partner.message_subscribe(self.partner_employee.ids)
        alias = self._create_alias("board-only", alias_force_thread_id=partner.id)
        self.assertIn("“The Board”", alias[FIELD]["question"])
        with self.assertRaisesRegex(UserError, "goes on to"):
            alias.action_catchall_send_test()
        self.assertFalse(self.smtp.letters)
        alias.with_context(catchall_confirmed=True).action_catchall_send_test()
        self.assertEqual(self.got(), [self.at_domain("board-only")])

    def test_who_may_not_change_it_sends_none(self):
        groups = ("sales_team.group_sale_salesman", "base.group_portal")
        users = [new_test_user(self.env, f"of {group}", group) for group in groups]
        self.smtp.letters.clear()  # users are invited
        for user in users:
            with self.assertRaises(AccessError):
                self.team.with_user(user).action_catchall_send_test()
        self.assertFalse(self.smtp.letters)

    def test_a_user_without_an_address_is_told_so(self):
        self.seller.email = False
        with self.assertRaisesRegex(UserError, "no email address"):
            self.team.with_user(self.seller).action_catchall_send_test()

    def test_what_the_server_says_is_told(self):
        self.smtp.refuse("RCPT", "550 5.1.1 No such user")
        words = "did not accept the email: 5.1.1 No such user$"
        with self.assertRaisesRegex(UserError, words):
            self.team.with_user(self.seller).action_catchall_send_test()

    def test_without_a_router_there_is_no_test(self):
        self.router.mail_server_id = False
        with self.assertRaisesRegex(UserError, "No mail router sends"):
            self.team.with_user(self.seller).action_catchall_send_test()

    def test_the_mailbox_is_read_soon_after(self):
        cron = self.env.ref("mail.ir_cron_mail_gateway_action")
        of_cron = [("cron_id", "=", cron.id)]
        before = self.env["ir.cron.trigger"].search(of_cron)
        self.team.with_user(self.seller).action_catchall_send_test()
        self.assertEqual(len(self.env["ir.cron.trigger"].search(of_cron) - before), 1)

    def test_an_alias_of_one_document_names_it(self):
        partner = self.env["res.partner"].create({"name": "The Board"})
        alias = self._create_alias("board-only", alias_force_thread_id=partner.id)
        action = alias.action_catchall_send_test()
        self.assertIn("“The Board”", action["params"]["message"])

    def test_from_the_form_of_a_team(self):
        with patch.object(type(self.env["ir.cron"]), "_trigger"):
            self.start_tour(
                f"/odoo/crm.team/{self.team.id}",
                "mail_catchall_router_alias_status",
                login=self.seller.login,
            )
        self.assertEqual(self.got(), [self.address])
