import functools
import logging
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .. import mail_servers
from ..common import RouterCommon, from_a_file

_logger = logging.getLogger(__name__)

FILLED = {
    "catchall_domain": "congty.example",
    "catchall_mailbox": "thu@congty.example",
    "catchall_password": "typed-secret",
    "catchall_incoming_host": "imap.provider.example",
    "catchall_outgoing_host": "smtp.provider.example",
}


class SettingsCommon(RouterCommon):
    """``env.company`` has a router already; ``fresh`` is a company without one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.router.company_id = cls.env.company
        cls.fresh = cls.env["res.company"].create({"name": "Fresh"})
        cls.fresh.alias_domain_id = False
        cls.Settings = cls.env["res.config.settings"]

    def fill(self, company=None, **values):
        """Return the settings of a company as somebody has typed them."""
        companies = self.Settings.with_company(company or self.env.company)
        return companies.create(values)

    def save(self, company=None, **values):
        settings = self.fill(company, **values)
        settings.execute()
        return settings

    def router_of(self, company):
        return self.env["mail.catchall.router"].search(
            [("company_id", "=", company.id)]
        )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSettingsSave(SettingsCommon):
    """What saving the form makes, changes and leaves alone."""

    # ------------------------------------------------------------
    # FIRST TIME
    # ------------------------------------------------------------

    def test_who_may_not_save_the_settings_learns_nothing(self):
        """The method can be called by RPC."""
        for user in (self._create_portal_user(), self.user_employee):
            with self.subTest(user=user.login):
                values = self.Settings.with_user(user).get_values()
                self.assertFalse([one for one in values if "catchall" in one])
        values = self.Settings.with_user(self.user_admin).get_values()
        self.assertIn("catchall_lanes", values)

    def test_one_form_makes_everything(self):
        self.save(self.fresh, **FILLED)
        router = self.router_of(self.fresh)
        self.assertRecordValues(
            router,
            [{"name": "congty.example", "account_email": "thu@congty.example"}],
        )
        self.assertRecordValues(
            router.alias_domain_ids,
            [{"name": "congty.example", "catchall_alias": "thu"}],
        )
        self.assertEqual(self.fresh.alias_domain_id, router.alias_domain_ids)
        self.assertRecordValues(
            router.fetchmail_server_id,
            [
                {
                    "server_type": "imap",
                    "server": "imap.provider.example",
                    "port": 993,
                    "is_ssl": True,
                    "catchall_verify_certificate": True,
                    "user": "thu@congty.example",
                    "password": "typed-secret",
                    "state": "done",
                }
            ],
        )
        self.assertRecordValues(
            router.mail_server_id,
            [
                {
                    "smtp_host": "smtp.provider.example",
                    "smtp_port": 587,
                    "smtp_encryption": "starttls_strict",
                    "smtp_user": "thu@congty.example",
                    "smtp_pass": "typed-secret",
                    "from_filter": "congty.example",
                    "catchall_envelope": "account",
                }
            ],
        )
        self.assertEqual(router.folder_ids.mapped("name"), ["INBOX"])

    def test_the_form_shows_what_it_has_made(self):
        self.save(self.fresh, **FILLED)
        settings = self.fill(self.fresh)
        for name in FILLED.keys() - {"catchall_password"}:
            self.assertEqual(settings[name], FILLED[name])
        self.assertFalse(settings._catchall_is_touched())

    def test_what_a_person_types_is_tidied(self):
        self.save(
            self.fresh,
            **dict(
                FILLED,
                catchall_domain=" @Congty.example ",
                catchall_mailbox=" Thu@Congty.example",
                catchall_incoming_host=" imap.provider.example ",
            ),
        )
        router = self.router_of(self.fresh)
        self.assertEqual(router.alias_domain_ids.name, "congty.example")
        self.assertEqual(router.account_email, "thu@congty.example")
        self.assertEqual(router.fetchmail_server_id.server, "imap.provider.example")

    def test_the_bounce_address_is_another_one(self):
        self.save(self.fresh, **dict(FILLED, catchall_mailbox="bounce@congty.example"))
        domain = self.router_of(self.fresh).alias_domain_ids
        self.assertEqual(domain.catchall_alias, "bounce")
        self.assertEqual(domain.bounce_alias, "bounce-bounce")

    def test_a_mailbox_elsewhere_is_no_alias_of_the_domain(self):
        self.save(self.fresh, **dict(FILLED, catchall_mailbox="shop@provider.example"))
        router = self.router_of(self.fresh)
        self.assertEqual(router.alias_domain_ids.catchall_alias, "catchall")
        self.assertEqual(router.account_email, "shop@provider.example")

    def test_servers_that_are_there_are_taken_over(self):
        incoming = self.env["fetchmail.server"].create(
            {
                "name": "Ours",
                "server": "IMAP.provider.example",
                "user": "thu@congty.example",
                "password": "known",
            }
        )
        outgoing = self.env["ir.mail_server"].create(
            {
                "name": "Ours",
                "smtp_host": "smtp.provider.example",
                "smtp_user": "thu@congty.example",
            }
        )
        self.save(self.fresh, **FILLED)
        router = self.router_of(self.fresh)
        self.assertEqual(router.fetchmail_server_id, incoming)
        self.assertEqual(router.mail_server_id, outgoing)
        self.assertEqual(outgoing.smtp_pass, "typed-secret")

    def test_servers_that_no_search_knows_are_taken_over(self):
        """OCA's mail_environment reads a server's settings from a file."""
        with from_a_file():
            self.test_servers_that_are_there_are_taken_over()

    def test_a_domain_that_is_there_is_used(self):
        domain = self.env["mail.alias.domain"].create({"name": "congty.example"})
        self.save(self.fresh, **FILLED)
        self.assertEqual(self.router_of(self.fresh).alias_domain_ids, domain)
        self.assertEqual(domain.catchall_alias, "thu")

    # ------------------------------------------------------------
    # UNTOUCHED
    # ------------------------------------------------------------

    def test_an_untouched_form_changes_nothing(self):
        records = (self.router, self.server, self.smtp_server, self.mail_alias_domain)
        before = [record.copy_data() for record in records]
        with patch.object(
            type(self.Settings), "_catchall_save", side_effect=AssertionError
        ):
            self.save()
        self.assertEqual(before, [record.copy_data() for record in records])

    def test_an_empty_form_makes_nothing(self):
        self.save(self.fresh)
        self.assertFalse(self.router_of(self.fresh))
        self.assertFalse(self.fresh.alias_domain_id)

    def test_servers_that_log_in_otherwise_are_left_alone(self):
        self.smtp_server.smtp_authentication = "cli"
        settings = self.save(catchall_incoming_host="other.example")
        self.assertTrue(settings.catchall_by_hand)
        self.assertEqual(self.server.server, "imap.example.com")

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    def test_a_change_goes_to_the_same_records(self):
        self.save(
            catchall_incoming_host="imap2.example.com", catchall_envelope="bounce"
        )
        self.assertEqual(self.router_of(self.env.company), self.router)
        self.assertEqual(self.router.fetchmail_server_id, self.server)
        self.assertEqual(self.server.server, "imap2.example.com")
        self.assertEqual(self.server.password, "secret")
        self.assertEqual(self.smtp_server.catchall_envelope, "bounce")
        self.assertEqual(self.router.alias_domain_ids, self.mail_alias_domain)

    def test_encryption_is_shown_as_it_is(self):
        self.server.is_ssl = False
        self.assertEqual(self.fill().catchall_incoming_encryption, "none")
        self.server.is_ssl = True
        self.assertEqual(self.fill().catchall_incoming_encryption, "ssl")
        self.server.catchall_verify_certificate = True
        self.assertEqual(self.fill().catchall_incoming_encryption, "ssl_strict")

    def test_a_domain_of_one_company_is_renamed(self):
        self.save(self.fresh, **FILLED)
        domain = self.fresh.alias_domain_id
        self.save(self.fresh, catchall_domain="congty2.example")
        self.assertEqual(domain.name, "congty2.example")
        router = self.router_of(self.fresh)
        self.assertEqual(router.alias_domain_ids, domain)
        self.assertEqual(router.mail_server_id.from_filter, "congty2.example")

    def test_a_domain_of_several_companies_is_not_renamed(self):
        name = self.mail_alias_domain.name
        self.fresh.alias_domain_id = self.mail_alias_domain
        self.save(catchall_domain="other.example")
        self.assertEqual(self.mail_alias_domain.name, name)
        self.assertEqual(
            set(self.router.alias_domain_ids.mapped("name")), {name, "other.example"}
        )
        self.assertEqual(self.env.company.alias_domain_id.name, "other.example")
        self.assertEqual(self.fresh.alias_domain_id, self.mail_alias_domain)
        self.assertEqual(self.fill().catchall_domain, "other.example")

    def test_further_domains_stay(self):
        self.router.alias_domain_ids |= self.mail_alias_domain_c2
        self.save(catchall_outgoing_host="smtp2.example.com")
        self.assertEqual(
            self.router.alias_domain_ids,
            self.mail_alias_domain | self.mail_alias_domain_c2,
        )
        self.assertIn(self.mail_alias_domain_c2.name, self.smtp_server.from_filter)

    def test_another_login_is_another_mailbox(self):
        self.route(self.mail(original=self.at_domain("sales")))
        self.router.folder_ids.write({"uidvalidity": "7", "last_uid": "12"})
        self.save(catchall_login="other", catchall_password="typed-secret")
        new_server = self.router.fetchmail_server_id
        self.assertNotEqual(new_server, self.server)
        self.assertFalse(self.server.active)
        self.assertEqual(new_server.user, "other")
        self.assertEqual(self.router.folder_ids.mapped("name"), ["INBOX"])
        self.assertFalse(self.router.folder_ids.uidvalidity)

    def test_a_login_that_never_worked_is_corrected(self):
        self.save(catchall_login="other")
        self.assertEqual(self.router.fetchmail_server_id, self.server)
        self.assertEqual(self.server.user, "other")

    def test_another_login_for_sending(self):
        self.save(
            catchall_outgoing_own_login=True,
            catchall_outgoing_login="relay",
            catchall_outgoing_password="relay-secret",
        )
        self.assertEqual(self.smtp_server.smtp_user, "relay")
        self.assertEqual(self.smtp_server.smtp_pass, "relay-secret")
        self.assertEqual(self.server.password, "secret")
        settings = self.save(catchall_outgoing_host="relay.example.com")
        self.assertTrue(settings.catchall_outgoing_own_login)
        self.assertEqual(self.smtp_server.smtp_pass, "relay-secret")
        self.save(catchall_outgoing_own_login=False)
        self.assertEqual(self.smtp_server.smtp_user, self.account)
        self.assertEqual(self.smtp_server.smtp_pass, "secret")

    def test_sending_without_a_login(self):
        self.save(catchall_outgoing_own_login=True, catchall_outgoing_login=False)
        self.assertFalse(self.smtp_server.smtp_user)
        self.assertFalse(self.smtp_server.smtp_pass)

    # ------------------------------------------------------------
    # WRONG INPUT
    # ------------------------------------------------------------

    def assertRefused(self, words, **values):
        settings = self.fill(self.fresh, **values)
        with self.assertRaises(UserError) as caught:
            settings.execute()
        text = str(caught.exception)
        self.assertIn(words, text)
        self.assertNotIn("\n", text)
        self.assertNotIn("typed-secret", text)

    def test_half_a_form_is_refused_with_what_is_missing(self):
        self.assertRefused(
            "please fill in Mailbox Address, Incoming Server Name, Outgoing Server "
            "Name, Mailbox Password.",
            catchall_domain="congty.example",
        )

    def test_wrong_input_is_refused(self):
        for words, change in (
            ("not an email address", {"catchall_mailbox": "thu"}),
            ("not a domain", {"catchall_domain": "thu@congty.example"}),
            ("not a port", {"catchall_incoming_port": 99999}),
        ):
            with self.subTest(words):
                self.assertRefused(words, **dict(FILLED, **change))

    # ------------------------------------------------------------
    # COMPANIES AND PEOPLE
    # ------------------------------------------------------------

    def test_each_company_has_its_own_form(self):
        self.assertFalse(self.fill(self.fresh).catchall_mailbox)
        self.assertEqual(self.fill().catchall_mailbox, self.account)

    def test_a_company_that_shares_the_router_sees_its_own_domain(self):
        self.router.alias_domain_ids |= self.mail_alias_domain_c2
        self.fresh.alias_domain_id = self.mail_alias_domain_c2
        settings = self.fill(self.fresh)
        self.assertEqual(settings.catchall_router_id, self.router)
        self.assertEqual(settings.catchall_domain, self.mail_alias_domain_c2.name)

    def test_who_saves_the_settings_need_not_know_the_router(self):
        system = new_test_user(self.env, "system", groups="base.group_system")
        settings = self.Settings.with_user(system).create({})
        self.assertEqual(settings.catchall_mailbox, self.account)
        settings.execute()

    def test_the_router_opens_from_the_form(self):
        action = self.fill().action_catchall_open_router()
        self.assertEqual(action["res_id"], self.router.id)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSettingsForm(SettingsCommon):
    """What the form does while somebody types."""

    def test_the_domain_follows_the_address(self):
        form = Form(self.Settings.with_company(self.fresh))
        form.catchall_mailbox = "thu@Congty.example"
        self.assertEqual(form.catchall_domain, "congty.example")
        form.catchall_mailbox = "thu@other.example"
        self.assertEqual(form.catchall_domain, "congty.example")

    def test_the_port_follows_the_encryption(self):
        form = Form(self.Settings.with_company(self.fresh))
        form.catchall_incoming_encryption = "none"
        self.assertEqual(form.catchall_incoming_port, 143)
        form.catchall_incoming_type = "pop"
        self.assertEqual(form.catchall_incoming_port, 110)
        form.catchall_outgoing_encryption = "ssl_strict"
        self.assertEqual(form.catchall_outgoing_port, 465)

    def test_a_port_that_was_typed_stays(self):
        form = Form(self.Settings.with_company(self.fresh))
        form.catchall_incoming_port = 20993
        form.catchall_incoming_encryption = "none"
        self.assertEqual(form.catchall_incoming_port, 20993)
        form.catchall_outgoing_port = 20587
        form.catchall_outgoing_encryption = "none"
        self.assertEqual(form.catchall_outgoing_port, 20587)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSettingsPassword(SettingsCommon):
    """Passwords go to the server and never come back."""

    def setUp(self):
        super().setUp()
        self.as_admin = self.Settings.with_user(self.user_admin)

    def assertNoPassword(self, answer):
        self.assertNotIn("typed-secret", str(answer))
        self.assertNotIn("'secret'", str(answer))

    def test_a_typed_password_is_not_sent_back(self):
        every_field = {name: {} for name in self.as_admin.fields_get()}
        self.assertNotIn("catchall_typed_password", every_field)
        answer = self.as_admin.web_save(
            {"catchall_password": "typed-secret"}, every_field
        )
        self.assertNoPassword(answer)
        self.assertEqual(answer[0]["catchall_password_hint"], "unchanged")
        settings = self.as_admin.browse(answer[0]["id"])
        settings.invalidate_recordset()
        self.assertNoPassword(settings.web_read(every_field))
        self.assertNoPassword(settings.export_data(["catchall_password"]))

    def test_a_stored_password_is_not_sent(self):
        names = list(self.as_admin.fields_get())
        self.assertNoPassword(self.as_admin.default_get(names))
        self.assertNoPassword(self.as_admin.onchange({}, [], {n: {} for n in names}))
        self.assertNoPassword(self.as_admin.create({}).read())

    def test_the_hint_says_whether_there_is_one(self):
        self.assertEqual(self.fill().catchall_password_hint, "unchanged")
        self.assertFalse(self.fill(self.fresh).catchall_password_hint)
        self.assertFalse(self.fill().catchall_outgoing_password_hint)
        self.smtp_server.smtp_user = "relay"
        self.assertEqual(self.fill().catchall_outgoing_password_hint, "unchanged")

    def test_a_new_password_goes_to_both_servers_and_is_forgotten(self):
        settings = self.save(catchall_password="typed-secret")
        self.assertEqual(self.server.password, "typed-secret")
        self.assertEqual(self.smtp_server.smtp_pass, "typed-secret")
        self.assertFalse(settings.catchall_typed_password)
        self.assertFalse(settings._catchall_is_touched())

    def test_a_typed_password_survives_a_mistake_elsewhere(self):
        settings = self.fill(self.fresh, **dict(FILLED, catchall_mailbox="thu"))
        with self.assertRaises(UserError):
            settings.execute()
        settings.write({"catchall_mailbox": "thu@congty.example"})
        settings.execute()
        router = self.router_of(self.fresh)
        self.assertEqual(router.fetchmail_server_id.password, "typed-secret")

    def test_nothing_of_it_is_logged(self):
        # By its name "INFO" is a level of Odoo's own that is higher.
        with self.assertLogs("odoo", level=logging.INFO) as logs:
            _logger.info("Saving")
            self.save(self.fresh, **FILLED)
            self.env.flush_all()
        self.assertNotIn("typed-secret", "\n".join(logs.output))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSettingsTest(SettingsCommon):
    """The two buttons try what is in the form and keep nothing of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sending = type(cls.env["ir.mail_server"])
        cls.startClassPatcher(patch.object(sending, "_disable_send", lambda _: False))

    def fill_incoming(self, port, **values):
        return self.fill(
            self.fresh,
            catchall_mailbox="thu@congty.example",
            catchall_password="typed-secret",
            catchall_incoming_host="127.0.0.1",
            catchall_incoming_encryption="none",
            catchall_incoming_port=port,
            **values,
        )

    def fill_outgoing(self, port, **values):
        return self.fill(
            self.fresh,
            catchall_mailbox="thu@congty.example",
            catchall_password="typed-secret",
            catchall_outgoing_host="127.0.0.1",
            catchall_outgoing_encryption="none",
            catchall_outgoing_port=port,
            **values,
        )

    def test_incoming(self):
        servers = self.env["fetchmail.server"].with_context(active_test=False)
        before = servers.search_count([])
        with mail_servers.serve("* OK hi\r\n", mail_servers.imap_answer) as found:
            port, lines = found
            action = self.fill_incoming(port).action_catchall_test_incoming()
        message = action["params"]["message"]
        self.assertIn("Receiving works", message)
        self.assertIn("Press Save", message)
        self.assertIn("typed-secret", " ".join(lines), "the typed one was tried")
        self.assertEqual(before, servers.search_count([]))
        self.assertFalse(self.router_of(self.fresh))

    def test_incoming_refused(self):
        answer = functools.partial(mail_servers.imap_answer, refuse="LOGIN")
        with mail_servers.serve("* OK hi\r\n", answer) as (port, _lines):
            settings = self.fill_incoming(port)
            with self.assertRaisesRegex(UserError, "Invalid credentials"):
                settings.action_catchall_test_incoming()
        self.assertTrue(settings.catchall_typed_password, "typed once is enough")

    def test_outgoing(self):
        servers = self.env["ir.mail_server"].with_context(active_test=False)
        before = servers.search_count([])
        with mail_servers.serve("220 hi\r\n", mail_servers.smtp_answer) as found:
            port, lines = found
            action = self.fill_outgoing(port).action_catchall_test_outgoing()
        self.assertIn("Sending works", action["params"]["message"])
        self.assertIn("mail from:<thu@congty.example>", " ".join(lines).lower())
        self.assertEqual(before, servers.search_count([]))

    def test_a_saved_form_needs_no_save(self):
        self.server.write({"server": "127.0.0.1", "is_ssl": False})
        with mail_servers.serve("* OK hi\r\n", mail_servers.imap_answer) as found:
            self.server.port, lines = found
            action = self.fill().action_catchall_test_incoming()
        self.assertNotIn("Press Save", action["params"]["message"])
        self.assertIn("secret", " ".join(lines), "the stored one was tried")

    def test_only_its_own_half_of_the_form_is_needed(self):
        settings = self.fill(self.fresh)
        with self.assertRaisesRegex(UserError, "Incoming Server Name"):
            settings.action_catchall_test_incoming()
        with self.assertRaisesRegex(UserError, "Outgoing Server Name"):
            settings.action_catchall_test_outgoing()

    def test_servers_that_log_in_otherwise_are_tried_as_they_are(self):
        self.smtp_server.smtp_authentication = "cli"
        router = type(self.router)
        with (
            patch.object(router, "action_test_incoming", return_value="in"),
            patch.object(router, "action_test_outgoing", return_value="out"),
        ):
            self.assertEqual(self.fill().action_catchall_test_incoming(), "in")
            self.assertEqual(self.fill().action_catchall_test_outgoing(), "out")
