import ast
import base64
import re

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import UniqueIndex
from odoo.tests import Form, new_test_user, tagged

from ..common import RouterCommon

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"
MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"
ACTIONS = (
    "mail_catchall_message_action",
    "mail_catchall_quarantine_action",
    "mail_catchall_delivery_action",
    "mail_catchall_router_action",
    "mail_catchall_rule_action",
    "mail_catchall_sender_action",
)


class ViewsCommon(RouterCommon):
    """A reader and an administrator of the router's company, two routed mails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.router.company_id
        cls.mail_alias_domain.company_ids = company
        cls.reader = new_test_user(
            cls.env,
            "reader",
            groups=f"{USER_GROUP},base.group_partner_manager,base.group_allow_export",
            company_id=company.id,
        )
        cls.manager = new_test_user(
            cls.env, "manager", groups=MANAGER_GROUP, company_id=company.id
        )
        raws = (
            cls.mail(cls.at_domain("sales"), subject="A delivered mail"),
            cls.mail(
                cls.at_domain("nobody"),
                subject="A held mail",
                message_id="<second@customer.example>",
                body="Can you help me?\r\n",
            ),
        )
        cls.delivered, cls.held = cls.Message._journal(
            cls.router, [{"raw": raw} for raw in raws]
        )
        for message in cls.delivered + cls.held:
            message._route()
        condition = {"field": "subject", "operator": "equals", "value": "A rare one"}
        cls.env["mail.catchall.rule"].create(
            {
                "name": "A rule",
                "router_id": cls.router.id,
                "condition_ids": [Command.create(condition)],
                "action": "hold",
            }
        )
        cls.env.flush_all()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAccess(ViewsCommon):
    """Who sees what."""

    def test_a_user_reads_a_message_but_not_its_raw_bytes(self):
        message = self.held.with_user(self.reader)
        self.assertIn("Can you help me?", str(message.preview))
        self.assertIn("X-Original-To", message.header_text)
        self.assertIn("nobody@", str(message.why))
        for name in ("raw", "error"):
            with self.subTest(name), self.assertRaises(AccessError):
                message.read([name])
        with self.assertRaises(AccessError):
            message.export_data(["raw"])

    def test_a_user_changes_nothing(self):
        message = self.held.with_user(self.reader)
        for change in (
            message.action_route,
            message.action_download,
            message.unlink,
            lambda: message.write({"state": "ignored"}),
            message.copy,
            lambda: self.router.with_user(self.reader).write({"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_an_administrator_downloads_the_mail(self):
        message = self.held.with_user(self.manager)
        self.assertEqual(
            base64.b64decode(message.with_context(bin_size=False).raw),
            self.held._raw_bytes(),
        )
        self.assertIn(f"/{message.id}/raw", message.action_download()["url"])

    def test_nobody_writes_messages_by_hand(self):
        with self.assertRaises(AccessError):
            self.Message.with_user(self.manager).create({"router_id": self.router.id})

    def test_other_companies_are_out_of_sight(self):
        stranger = new_test_user(
            self.env, "stranger", groups=MANAGER_GROUP, company_id=self.company_2.id
        )
        for records in (
            self.held,
            self.held.delivery_ids,
            self.router,
            self.router.folder_ids,
        ):
            theirs = records.with_user(stranger)
            self.assertFalse(theirs.search([("id", "in", records.ids)]))
            with self.assertRaises(AccessError):
                theirs.read(["display_name"])

    def test_who_is_in_no_group_sees_nothing(self):
        nobody = new_test_user(self.env, "nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.held.with_user(nobody).read(["subject"])
        root = self.env.ref("mail_catchall_router.mail_catchall_menu_root")
        menus = self.env["ir.ui.menu"]
        self.assertNotIn(root.id, menus.with_user(nobody)._visible_menu_ids())
        self.assertIn(root.id, menus.with_user(self.reader)._visible_menu_ids())

    def test_what_alerts_name_is_found_without_the_developer_mode(self):
        administrator = new_test_user(
            self.env, "admin2", groups=f"base.group_system,{MANAGER_GROUP}"
        )
        visible = self.env["ir.ui.menu"].with_user(administrator)._visible_menu_ids()
        for name, path in (
            ("mail_catchall_mail_menu", "Mail Router/Reporting/Outgoing Emails"),
            ("mail_catchall_cron_menu", "Mail Router/Configuration/Scheduled Actions"),
        ):
            menu = self.env.ref(f"mail_catchall_router.{name}")
            self.assertEqual(menu.complete_name, path)
            self.assertIn(menu.id, visible)
            action = menu.action
            shown = self.env[action.res_model].with_user(administrator)
            shown.search(ast.literal_eval(action.domain or "[]"))
            shown.get_views([(False, mode) for mode in action.view_mode.split(",")])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestViews(ViewsCommon):
    """The views load for everybody who may open them, with what is meant for them."""

    def views(self, action, user):
        """Return {kind: arch} of an action, as a user's browser gets them."""
        values = self.env.ref(f"mail_catchall_router.{action}").sudo()
        kinds = [[values.search_view_id.id, "search"], *values.views]
        found = self.env[values.res_model].with_user(user).get_views(kinds)
        return {
            kind: etree.fromstring(view["arch"])
            for kind, view in found["views"].items()
        }

    def test_every_view_loads(self):
        for action in ACTIONS:
            for user in (self.reader, self.manager, self.user_admin):
                with self.subTest(action=action, user=user.login):
                    self.assertIn("list", self.views(action, user))

    def test_no_list_offers_to_duplicate_what_there_is_once(self):
        """Odoo would only say that it is there already."""
        lists = self.env["ir.ui.view"].search(
            [("model", "=like", "mail.catchall.%"), ("type", "=", "list")]
        )
        offered = 0
        for view in lists:
            arch = etree.fromstring(view.get_combined_arch())
            if {"0", "false"} & {arch.get("create"), arch.get("duplicate")}:
                continue
            offered += 1
            fields = self.env[view.model]._fields
            for unique in self.env[view.model]._table_objects.values():
                definition = unique.get_definition(self.env.registry)
                columns = re.search(r"UNIQUE.*?\((.*?)\)|^\(([^()]*)\)", definition)
                if not columns or not self.is_unique(unique, definition):
                    continue
                names = (columns[1] or columns[2]).split(",")
                copied = all(fields[name.strip()].copy for name in names)
                self.assertFalse(copied, f"{view.name}: {definition}")
        self.assertTrue(offered)

    @staticmethod
    def is_unique(table_object, definition):
        """Tell whether a constraint or an index lets a value be there once."""
        return isinstance(table_object, UniqueIndex) or "UNIQUE" in definition

    def test_buttons_are_for_administrators(self):
        for user, count in ((self.reader, 0), (self.manager, 2)):
            form = self.views("mail_catchall_message_action", user)["form"]
            self.assertEqual(
                len(form.findall(".//button[@name='action_route']")), count
            )
            self.assertEqual(
                len(form.findall(".//button[@name='action_download']")), count // 2
            )

    def test_all_decisions_are_on_both_screens_and_only_for_administrators(self):
        decisions = (
            "action_release",
            "action_route_to",
            "action_not_spam",
            "action_reject",
            "action_discard",
            "action_block_sender",
            "action_block_domain",
            "action_allow_sender",
            "action_undo",
        )
        for user, count in ((self.reader, 0), (self.manager, 1)):
            for kind, view in self.views(
                "mail_catchall_quarantine_action", user
            ).items():
                for name in decisions if kind in {"list", "form"} else ():
                    with self.subTest(kind, user=user.login, name=name):
                        found = view.findall(f".//header/button[@name='{name}']")
                        self.assertEqual(len(found), count)

    def test_each_hotkey_is_one_decision_and_its_tooltip_names_it(self):
        views = self.views("mail_catchall_quarantine_action", self.manager)
        for kind in ("list", "form"):
            buttons = views[kind].findall(".//header/button[@data-hotkey]")
            keys = [button.get("data-hotkey") for button in buttons]
            self.assertEqual(len(keys), len(set(keys)), kind)
            for button in buttons:
                self.assertIn(
                    f"(Alt+{button.get('data-hotkey').upper()})", button.get("help")
                )

    def test_on_a_phone_lists_are_cards(self):
        others = (
            "mail_catchall_attack_action",
            "mail_catchall_cron_action",
            "mail_mail_action",
        )
        for action in (*ACTIONS, *others):
            with self.subTest(action):
                user = self.user_admin if action in others else self.manager
                kanban = self.views(action, user)["kanban"]
                self.assertIsNotNone(kanban.find(".//field"))

    def test_on_a_phone_the_lines_of_a_form_are_cards(self):
        """The columns of a list would be cut off, and its buttons with them."""
        for model, names in (
            (
                "mail.catchall.message",
                ("candidate_ids", "delivery_ids", "decision_ids"),
            ),
            ("mail.catchall.attack", ("message_ids",)),
            ("mail.catchall.route.to", ("suggestion_ids",)),
            ("mail.catchall.router", ("folder_ids", "engine_ids", "copy_ids")),
            ("mail.catchall.rule", ("condition_ids", "trial_message_ids")),
            ("mail.catchall.samples", ("line_ids",)),
            ("mail.catchall.sender.check", ("line_ids",)),
            ("mail.catchall.tester", ("line_ids",)),
        ):
            arch = self.env[model].get_view(view_type="form")
            form = etree.fromstring(arch["arch"])
            for name in names:
                with self.subTest(model, name=name):
                    [field] = form.findall(f".//field[@name='{name}'][list]")
                    in_list = field.findall("list//button")
                    in_cards = field.findall("kanban//button")
                    self.assertIsNotNone(field.find("kanban//field"))
                    self.assertEqual(
                        [button.get("name") for button in in_cards],
                        [button.get("name") for button in in_list],
                    )

    def test_what_files_are_asked_for_stands_once(self):
        """The button that asks for them has the name of the field."""
        form = self.env["mail.catchall.import"].get_view(view_type="form")
        fields = etree.fromstring(form["arch"]).findall(
            ".//field[@widget='many2many_binary']"
        )
        self.assertEqual([field.get("nolabel") for field in fields], ["1"])

    def test_the_assistant_ends_with_each_button_once(self):
        setup = self.env["mail.catchall.setup"].with_user(self.user_admin)
        form = etree.fromstring(setup.get_view(view_type="form")["arch"])
        buttons = form.findall(".//div[@name='done']//button")
        words = [button.get("string") for button in buttons]
        self.assertIn("Test Again", words)
        self.assertIn("See the Messages", words)
        self.assertEqual(len(words), len(set(words)), words)

    def test_a_port_has_no_separator(self):
        """Odoo writes 11,333, unless it is told that this is no amount."""
        found = self.env["ir.model.data"].search(
            [("module", "=", "mail_catchall_router"), ("model", "=", "ir.ui.view")]
        )
        ports = [
            (view.name, field)
            for view in self.env["ir.ui.view"].browse(found.mapped("res_id"))
            for field in etree.fromstring(view.arch).iter("field")
            if re.search(r"(^|_)port$", field.get("name", ""))
            # It is read there by what writes it into a card.
            and field.getparent().tag != "kanban"
        ]
        for name, field in ports:
            with self.subTest(name, field=field.get("name")):
                self.assertIn("'enable_formatting': false", field.get("options", ""))
        self.assertTrue(ports)

    def test_all_words_of_a_setting_are_shown(self):
        """Odoo leaves out what stands right beside the field of a setting."""
        view = self.env.ref("mail_catchall_router.res_config_settings_view_form")
        settings = list(etree.fromstring(view.arch).iter("setting"))
        for setting in settings:
            beside = "".join(child.tail or "" for child in setting)
            self.assertFalse((setting.text + beside).strip(), setting.get("id"))
        self.assertTrue(settings)

    def test_the_quarantine_shows_what_waits_and_what_a_person_decided(self):
        action = self.env.ref("mail_catchall_router.mail_catchall_quarantine_action")
        shown = self.Message.with_user(self.manager).search(
            ast.literal_eval(action.domain)
        )
        self.assertEqual(shown, self.held)
        self.held.with_user(self.manager).action_discard()
        self.assertEqual(shown.search(ast.literal_eval(action.domain)), self.held)

    def test_no_view_holds_a_password(self):
        for action in ACTIONS:
            for view in self.views(action, self.user_admin).values():
                self.assertNotIn("password", etree.tostring(view, encoding="unicode"))

    def test_filters_and_groups_work(self):
        for action in ACTIONS:
            res_model = self.env.ref(f"mail_catchall_router.{action}").res_model
            records = self.env[res_model].with_user(self.manager)
            search = self.views(action, self.manager)["search"]
            for found in search.findall(".//filter[@domain]"):
                with self.subTest(action=action, filter=found.get("name")):
                    records.search(ast.literal_eval(found.get("domain")))
            for found in search.findall(".//filter[@context]"):
                group_by = ast.literal_eval(found.get("context"))["group_by"]
                with self.subTest(action=action, group_by=group_by):
                    self.assertTrue(records.formatted_read_group([], [group_by]))

    def test_a_search_finds_by_recipient(self):
        search = self.views("mail_catchall_message_action", self.reader)["search"]
        domain = search.find("field[@string='Mail']").get("filter_domain")
        found = self.Message.search(
            ast.literal_eval(domain.replace("self", repr("nobody@")))
        )
        self.assertEqual(found, self.held)

    def test_a_router_can_be_made_by_hand(self):
        form = Form(self.env["mail.catchall.router"].with_user(self.manager))
        form.name = "By hand"
        # One of no company: those of others cannot be taken.
        domain = self.env["mail.alias.domain"].create({"name": "by-hand.example"})
        form.alias_domain_ids.add(domain)
        self.assertEqual(form.save().folder_ids.mapped("name"), ["INBOX"])

    def test_another_folder_begins_without_a_name(self):
        """What every router has already could not be saved."""
        form = Form(self.router.with_user(self.manager))
        with self.assertRaisesRegex(AssertionError, "'name' is a required field"):
            form.folder_ids.new().save()

    def test_the_servers_show_their_router(self):
        Form(self.server)
        with Form(self.smtp_server) as form:
            form.catchall_envelope = "bounce"
        self.assertEqual(self.smtp_server.catchall_envelope, "bounce")

    def test_a_delivery_opens_its_record(self):
        partner = self.assertDelivered(self.delivered, self.at_domain("sales"))
        action = self.delivered.delivery_ids.action_open_record()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", partner.id)
        )
