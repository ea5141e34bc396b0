import contextlib
import functools
import logging
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.mail_catchall_router.tools.servers import discovery, survey
from odoo.addons.mail_catchall_router.tools.servers.discovery import Found, Published
from odoo.addons.mail_catchall_router.tools.servers.dns import Record
from odoo.addons.mail_catchall_router.tools.servers.providers import PLAIN, SSL, Server
from odoo.addons.mail_catchall_router.wizards.mail_catchall_setup_search import (
    PRIVATE_PARAMETER,
)

from .. import mail_servers
from ..common import RouterCommon, from_a_file

_logger = logging.getLogger(__name__)

MAILBOX = "thu@congty.example"


class SetupCommon(RouterCommon):
    """``env.company`` has a router already; ``fresh`` is a company without one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.router.company_id = cls.env.company
        cls.fresh = cls.env["res.company"].create({"name": "Fresh"})
        cls.fresh.alias_domain_id = False
        cls.Setup = cls.env["mail.catchall.setup"].with_company(cls.fresh)
        sending = type(cls.env["ir.mail_server"])
        cls.startClassPatcher(patch.object(sending, "_disable_send", lambda _: False))

    def setUp(self):
        super().setUp()
        # No test asks a name server or tries a port that is not its own.
        self.answers = self.patch_survey("ask_domain", return_value={})
        self.exchangers = self.patch_survey("ask_exchangers", return_value=())
        self.published = self.patch_survey("ask_published", return_value=())
        self.tried = self.patch_survey("try_servers", return_value=([], []))
        self.public = self.patch_survey("is_public", return_value=True)

    def patch_survey(self, name, **options):
        return self.enterContext(patch.object(survey, name, **options))

    def by_system_user(self):
        """Let somebody work who administers the system and has no app; return him."""
        system = new_test_user(
            self.env,
            "system",
            groups="base.group_system",
            company_id=self.fresh.id,
            company_ids=self.fresh.ids,
        )
        self.Setup = self.Setup.with_user(system)
        return system

    def assistant(self, **values):
        """Return an assistant as somebody has filled it in."""
        values = {"mailbox": MAILBOX, "password": "typed-secret", **values}
        return self.Setup.create(values)

    def connect(self, setup):
        """Press Connect and let the screen call for one stage after the other."""
        setup.action_connect()
        for _number in range(5):
            if not setup.action_advance():
                return setup
        raise AssertionError(setup.progress)

    @contextlib.contextmanager
    def servers(self, refuse=""):
        """Give the ports of an IMAP and an SMTP server."""
        answer = functools.partial(mail_servers.imap_answer, refuse=refuse)
        with (
            mail_servers.serve("* OK hi\r\n", answer) as (imap, _lines),
            mail_servers.serve("220 hi\r\n", mail_servers.smtp_answer) as (smtp, _more),
        ):
            yield imap, smtp

    def typed(self, imap, smtp):
        return {
            "incoming_host": "127.0.0.1",
            "incoming_port": imap,
            "incoming_encryption": "none",
            "outgoing_host": "127.0.0.1",
            "outgoing_port": smtp,
            "outgoing_encryption": "none",
        }

    def connected(self, **values):
        """Return an assistant whose two servers work."""
        with self.servers() as ports:
            return self.connect(self.assistant(**self.typed(*ports), **values))

    def router_of(self, company):
        return self.env["mail.catchall.router"].search(
            [("company_id", "=", company.id)]
        )

    def line(self, setup, owner):
        return setup.line_ids.filtered(lambda line: line.owner == owner)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSetupSearch(SetupCommon):
    """From an address to two servers that work."""

    # ------------------------------------------------------------
    # WHAT IS FOUND
    # ------------------------------------------------------------

    def test_a_known_provider_needs_an_address_and_a_password(self):
        self.answers.return_value = {"mx": [Record("mx.messagingengine.com")]}
        setup = self.assistant()
        setup.action_connect()
        self.assertEqual(setup.stage, "provider")
        self.assertTrue(setup.action_advance())
        self.assertEqual(setup.provider, "fastmail")
        self.assertEqual(
            (setup.incoming_host, setup.incoming_port, setup.incoming_encryption),
            ("imap.fastmail.com", 993, "ssl_strict"),
        )
        self.assertEqual(
            (setup.outgoing_host, setup.outgoing_port, setup.outgoing_encryption),
            ("smtp.fastmail.com", 465, "ssl_strict"),
        )
        self.assertEqual(setup.stage, "incoming")
        self.assertIn("app password", setup.provider_hint)
        self.assertTrue(setup.password_page.startswith("https://"))

    def test_other_servers_are_found_by_trying(self):
        self.tried.return_value = (
            [Found(Server("mail.congty.example", 993, SSL), True)],
            [Found(Server("mail.congty.example", 587, "starttls"), True)],
        )
        setup = self.assistant()
        setup.action_connect()
        setup.action_advance()
        self.assertIn("imap.congty.example", setup.progress[-1]["text"])
        self.assertTrue(setup.action_advance())
        self.assertEqual(setup.stage, "incoming")
        self.assertEqual(setup.incoming_host, "mail.congty.example")
        self.assertEqual(setup.outgoing_encryption, "starttls_strict")
        self.assertEqual(
            [line["busy"] for line in setup.progress], [False, False, True]
        )

    def test_the_password_goes_to_servers_of_others_only_if_a_person_agrees(self):
        for server in (
            Server("mail.hosting.example", 993, SSL),
            Server("mail.congty.example", 143, PLAIN),
        ):
            self.tried.return_value = ([Found(server, True)], [Found(server, True)])
            setup = self.connect(self.assistant())
            self.assertEqual(setup.step, "account")
            self.assertIn(server.host, setup.question)
            self.assertFalse(setup.incoming_state, "nobody has logged in")
            setup.action_use_servers()
            self.assertEqual((setup.step, setup.stage), ("search", "incoming"))

    def test_a_hoster_is_named_with_its_help_and_asked_about(self):
        self.answers.return_value = {"mx": [Record("pro50.emailserver.vn")]}
        self.tried.return_value = (
            [Found(Server("pro50.emailserver.vn", 993, SSL), True)],
            [Found(Server("pro50.emailserver.vn", 465, SSL), True)],
        )
        setup = self.connect(self.assistant())
        self.assertEqual(self.tried.call_args.args[0][0].host, "pro50.emailserver.vn")
        # It is a hint: the password waits for a person's word.
        self.assertIn("pro50.emailserver.vn", setup.question)
        self.assertFalse(setup.incoming_state)
        self.assertIn("congty.example is at Mắt Bão", setup.hoster_hint)
        self.assertEqual(setup.hoster_page, "https://wiki.matbao.net/")
        # Another address says nothing of that hoster.
        setup.mailbox = "thu@other.example"
        self.assertFalse(setup.hoster_hint)

    def test_a_hoster_that_wants_an_app_password_is_named_with_it(self):
        self.answers.return_value = {"mx": [Record("mx1.larksuite.com")]}
        setup = self.connect(self.assistant())
        self.assertIn("Lark: your usual password does not work", setup.hoster_hint)

    def test_what_the_domain_publishes_is_tried_first(self):
        server = Server("mail.hosting.example", 993, SSL)
        self.published.return_value = (Published((server,)),)
        setup = self.connect(self.assistant())
        self.published.assert_called_once_with(MAILBOX, anywhere=False)
        self.assertEqual(self.tried.call_args.args[0][0], server)
        self.assertEqual(setup.incoming_state, "failed", "nobody answers")

    def test_a_known_provider_is_not_asked_what_it_publishes(self):
        self.answers.return_value = {"mx": [Record("mx1.mail.ovh.net")]}
        self.connect(self.assistant())
        self.published.assert_not_called()

    def test_only_what_a_person_has_named_may_be_inside(self):
        self.connect(self.assistant())
        self.assertEqual(self.tried.call_args.kwargs["named"], set())
        self.connect(
            self.assistant(incoming_host="a.example", outgoing_host="b.example")
        )
        named = {"a.example", "b.example"}
        self.assertEqual(self.tried.call_args.kwargs["named"], named)
        self.env["ir.config_parameter"].set_param(PRIVATE_PARAMETER, "1")
        self.connect(self.assistant())
        named = self.tried.call_args.kwargs["named"]
        self.assertIn("imap.congty.example", named)

    def test_a_provider_that_is_named_after_the_domain_is_not_looked_for_inside(self):
        """Whoever writes the domain's records says where mail.congty.example is."""
        mx = [Record("inbound-smtp.eu-west-1.amazonaws.com")]
        self.answers.return_value = {"mx": mx}
        self.public.return_value = False
        setup = self.connect(self.assistant())
        self.public.assert_called_with("mail.congty.example")
        self.tried.assert_called_once()
        self.assertEqual(setup.incoming_state, "failed")
        self.assertFalse(setup.provider)

    def test_a_person_may_enter_other_servers_than_were_found(self):
        server = Server("mail.hosting.example", 993, SSL)
        self.tried.return_value = ([Found(server, True)], [Found(server, True)])
        setup = self.connect(self.assistant())
        setup.action_other_servers()
        self.assertTrue(setup.advanced)
        self.assertFalse(setup.question)
        self.assertFalse(setup.incoming_host)

    def test_where_nothing_is_found_the_names_are_asked_for(self):
        setup = self.connect(self.assistant())
        self.assertEqual(setup.step, "account")
        self.assertTrue(setup.advanced)
        self.assertIn("IMAP server", setup.incoming_result)
        self.assertIn("SMTP server", setup.outgoing_result)

    def test_a_name_without_a_port_is_tried_at_the_usual_ones(self):
        self.connect(
            self.assistant(incoming_host="a.example", outgoing_host="b.example")
        )
        self.answers.assert_not_called()
        incoming, outgoing = self.tried.call_args.args
        self.assertEqual({one.port for one in incoming}, set(discovery.INCOMING_PORTS))
        self.assertEqual({one.port for one in outgoing}, set(discovery.OUTGOING_PORTS))
        self.assertEqual({one.host for one in outgoing}, {"b.example"})

    def test_the_port_may_stand_behind_the_name(self):
        setup = self.assistant(
            incoming_host="a.example:1993", outgoing_host="b.example"
        )
        self.connect(setup)
        self.assertEqual(
            (setup.incoming_host, setup.incoming_port), ("a.example", 1993)
        )
        incoming, _outgoing = self.tried.call_args.args
        self.assertEqual([one.port for one in incoming], [1993])

    def test_a_name_that_nobody_answers_to_is_named(self):
        setup = self.connect(
            self.assistant(incoming_host="a.example", outgoing_host="b.example")
        )
        self.assertIn("“a.example”", setup.incoming_result)
        self.assertIn("“b.example”", setup.outgoing_result)

    def test_microsoft_is_not_sent_a_password_in_vain(self):
        host = "congty-example.mail.protection.outlook.com"
        self.answers.return_value = {"mx": [Record(host)]}
        setup = self.connect(self.assistant())
        self.assertEqual(setup.step, "account")
        self.assertIn("sign in", setup.provider_hint)
        self.assertFalse(setup.password_page)
        self.assertFalse(setup.incoming_state)
        for again in (setup, self.assistant(mailbox="a@outlook.com", domain="b.vn")):
            again.provider = "microsoft"
            with self.assertRaisesRegex(UserError, "sign in with Microsoft"):
                again.action_connect()
        setup.incoming_host = "exchange.congty.example"
        self.assertTrue(setup.action_connect())

    # ------------------------------------------------------------
    # LOGGING IN
    # ------------------------------------------------------------

    def test_both_directions_are_tried_and_nothing_is_saved(self):
        incoming = self.env["fetchmail.server"].with_context(active_test=False)
        before = incoming.search_count([])
        setup = self.connected()
        self.assertEqual(setup.step, "apps")
        self.assertIn("Receiving works", setup.incoming_result)
        self.assertIn("Sending works", setup.outgoing_result)
        self.assertEqual(incoming.search_count([]), before)
        self.assertFalse(self.router_of(self.fresh))

    def test_a_wrong_password_is_said_with_what_to_do(self):
        with self.servers(refuse="LOGIN") as ports:
            setup = self.connect(self.assistant(**self.typed(*ports)))
        self.assertEqual(setup.step, "account")
        self.assertEqual(
            (setup.incoming_state, setup.outgoing_state), ("failed", "works")
        )
        self.assertIn("app password", setup.incoming_result)
        with self.servers() as ports:
            setup.write({"password": "better", **self.typed(*ports)})
            self.assertEqual(self.connect(setup).step, "apps")

    def test_a_wrong_port_is_said_with_the_usual_ones(self):
        with self.servers() as (imap, smtp):
            pass
        setup = self.connect(self.assistant(**self.typed(imap, smtp)))
        self.assertIn("993, 143", setup.incoming_result)
        self.assertIn("587, 465", setup.outgoing_result)

    def test_a_search_can_be_left(self):
        setup = self.assistant()
        setup.action_connect()
        setup.action_back()
        self.assertFalse(setup.action_advance())
        self.assertEqual(setup.step, "account")

    # ------------------------------------------------------------
    # WRONG INPUT
    # ------------------------------------------------------------

    def test_what_is_missing_is_said_in_a_sentence(self):
        for words, values in (
            ("address of the mailbox", {"mailbox": "thu"}),
            ("password", {"password": False}),
            ("company's domain", {"mailbox": "shop@gmail.com"}),
            ("not a domain", {"domain": "a@congty.example"}),
            ("not a port", {"incoming_port": 99999}),
        ):
            setup = self.assistant(**values)
            with self.subTest(words), self.assertRaisesRegex(UserError, words) as found:
                setup.action_connect()
            self.assertNotIn("typed-secret", str(found.exception))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSetupFinish(SetupCommon):
    """What the assistant makes, changes and leaves alone."""

    def finish(self, setup):
        setup.action_finish()
        self.assertEqual(setup.step, "done")
        return self.router_of(self.fresh)

    def test_everything_is_made(self):
        setup = self.connected(provider="cpanel")
        router = self.finish(setup)
        self.assertEqual(setup.router_id, router)
        self.assertRecordValues(
            router, [{"name": "congty.example", "account_email": MAILBOX}]
        )
        self.assertEqual(self.fresh.alias_domain_id, router.alias_domain_ids)
        self.assertEqual(router.alias_domain_ids.catchall_alias, "thu")
        self.assertEqual(router.fetchmail_server_id.password, "typed-secret")
        self.assertEqual(router.fetchmail_server_id.state, "done")
        self.assertEqual(router.mail_server_id.smtp_user, MAILBOX)
        self.assertEqual(router.mail_server_id.catchall_provider, "cpanel")
        self.assertEqual(router.mail_server_id.catchall_envelope, "bounce")

    def nobody_s_alias(self, name):
        return self.env["mail.alias"].create(
            {
                "alias_name": name,
                "alias_domain_id": False,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )

    def test_an_app_whose_address_is_empty_is_named(self):
        self.nobody_s_alias(False)
        setup = self.connected()
        line = self.line(setup, "crm.team")
        line.write({"address": False, "wanted": True})
        self.assertIn("enter an address", line.problem)

    def test_an_address_that_is_taken_gets_a_number_and_finish_is_free(self):
        self.nobody_s_alias("sales")
        setup = self.connected()
        self.assertEqual(self.line(setup, "crm.team").address, "sales2")
        self.assertFalse(setup.has_problem)
        self.finish(setup)

    def test_a_forwarding_that_waits_is_shown_at_the_end(self):
        setup = self.connected()
        router = self.finish(setup)
        self.assertFalse(setup.forwarding)
        raw = b"From: Gmail Team <forwarding-noreply@google.com>\r\n"
        raw += b"Subject: (#123456789) Gmail Forwarding Confirmation\r\n\r\nHi\r\n"
        message = self.Message._journal(router, [{"raw": raw}])
        message.write({"state": "held", "reason_code": "forwarding"})
        router.invalidate_recordset()
        setup.invalidate_recordset()
        self.assertIn("123456789", setup.forwarding)
        self.assertEqual(setup.action_confirm_forwarding()["res_id"], message.id)

    def test_it_may_be_run_again(self):
        router = self.finish(self.connected())
        before = self.env["mail.alias"].search([])
        again = self.Setup.browse(self.Setup._open_assistant()["res_id"])
        self.assertEqual(again.mailbox, MAILBOX)
        self.assertEqual(again.password_hint, "unchanged")
        with self.servers() as ports:
            again.write(self.typed(*ports))
            self.connect(again)
        self.assertEqual(self.finish(again), router)
        self.assertEqual(router.fetchmail_server_id.password, "typed-secret")
        self.assertEqual(self.env["mail.alias"].search([]), before)

    def test_a_mailbox_that_odoo_reads_already_is_offered_and_taken_over(self):
        self.env["fetchmail.server"].search([]).filtered(
            lambda server: not server.catchall_router_ids
        ).active = False
        with self.servers() as (imap, smtp):
            ours = self.env["fetchmail.server"].create(
                {
                    "name": "Ours",
                    "server": "127.0.0.1",
                    "port": imap,
                    "is_ssl": False,
                    "user": MAILBOX,
                    "password": "stored-secret",
                }
            )
            sending = self.env["ir.mail_server"].create(
                {
                    "name": "Ours",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": smtp,
                    "smtp_encryption": "none",
                    "smtp_user": MAILBOX,
                }
            )
            setup = self.Setup.browse(self.Setup._open_assistant()["res_id"])
            self.assertEqual(setup.take_over_id, ours)
            self.assertEqual(setup.mailbox, MAILBOX)
            self.connect(setup)
        router = self.finish(setup)
        self.assertEqual(router.fetchmail_server_id, ours)
        self.assertEqual(router.mail_server_id, sending)
        self.assertEqual(ours.password, "stored-secret")

    def test_what_odoo_reads_by_a_file_is_offered_and_taken_over(self):
        """No search knows what OCA's mail_environment reads from a file."""
        with from_a_file():
            self.test_a_mailbox_that_odoo_reads_already_is_offered_and_taken_over()

    def test_another_login_for_sending_is_kept(self):
        self.smtp_server.write({"smtp_user": "relay", "smtp_pass": "relay-secret"})
        setup = self.Setup.with_company(self.env.company)
        setup = setup.browse(setup._open_assistant()["res_id"])
        values = setup._outgoing_values()
        self.assertEqual(
            (values["smtp_user"], values["smtp_pass"]), ("relay", "relay-secret")
        )
        self.assertNotIn("catchall_envelope", values, "it is chosen already")

    # ------------------------------------------------------------
    # APPS
    # ------------------------------------------------------------

    def test_apps_get_addresses(self):
        setup = self.connected()
        job, project = self.line(setup, "hr.job"), self.line(setup, "project.project")
        self.assertEqual((job.address, project.address), ("jobs", "project"))
        job.address = "Tuyendung@congty.example"
        project.wanted = False
        self.finish(setup)
        alias = self.env["mail.alias"].search(
            [("alias_full_name", "=", "tuyendung@congty.example")]
        )
        self.assertEqual(alias.alias_model_id.model, "hr.applicant")
        self.assertFalse(
            self.env["mail.alias"].search(
                [("alias_full_name", "=", "project@congty.example")]
            )
        )
        self.assertIn("mailto:tuyendung@congty.example", setup.ready_addresses)

    def test_the_first_record_of_an_app_is_made_once(self):
        self.env["hr.job"].search([]).active = False
        for _time in range(2):
            setup = self.connected()
            self.finish(setup)
        jobs = self.env["hr.job"].search([])
        self.assertEqual(jobs.mapped("alias_email"), ["jobs@congty.example"])

    def test_an_address_that_somebody_has_is_refused_with_whose_it_is(self):
        setup = self.connected()
        line = self.line(setup, "hr.job")
        new_test_user(self.env, "lan", email="lan@congty.example", name="Lan")
        domain = self.env["mail.alias.domain"].create({"name": "congty.example"})
        self._create_alias("used", alias_domain_id=domain.id)
        for address, words in (
            ("lan", "Lan"),
            ("used", "already taken"),
            ("thu", "the mailbox"),
            ("project", "two apps"),
            ("việc làm", "cannot be an address"),
            ("a\nBcc: b@c.example", "cannot be an address"),
            ("", "enter an address"),
        ):
            line.address = address
            with self.subTest(address), self.assertRaisesRegex(UserError, words):
                setup.action_finish()
        self.assertFalse(self.router_of(self.fresh))

    def test_a_missing_app_is_installed_on_request(self):
        modules = self.env["ir.module.module"]
        modules.search([("name", "=", "project")]).state = "uninstalled"
        setup = self.connected()
        line = self.line(setup, "project.project")
        with patch.dict(self.registry.models):
            del self.registry.models["project.project"]
            line.wanted = True
            setup.invalidate_recordset()
            self.assertFalse(line.installed)
            self.assertEqual(setup.to_install, "Project")
            with patch.object(
                type(modules), "button_immediate_install", autospec=True
            ) as install:
                action = setup.action_install()
        self.assertEqual(install.call_args.args[0].mapped("name"), ["project"])
        self.assertEqual(action["tag"], "reload")
        self.env.invalidate_all()
        self.assertFalse(setup.to_install)
        self.assertEqual(line.address, "project")

    def test_apps_that_are_for_sale_are_not_offered(self):
        helpdesk = self.env["ir.module.module"].search([("name", "=", "helpdesk")])
        helpdesk.write({"to_buy": True, "state": "uninstalled"})
        self.assertNotIn("helpdesk.team", self.connected().line_ids.mapped("owner"))

    # ------------------------------------------------------------
    # SIGN IN
    # ------------------------------------------------------------

    def test_signing_in_is_offered_where_the_provider_has_it(self):
        setup = self.assistant(provider="gmail")
        known = dict(self.env["fetchmail.server"]._fields["server_type"].selection)
        self.assertEqual(setup.can_sign_in, "yes" if "gmail" in known else "install")
        self.assertFalse(self.assistant(provider="fastmail").can_sign_in)

    def test_back_keeps_the_sign_in_until_it_is_left(self):
        server = self.env["fetchmail.server"].create({"name": "To sign in to"})
        setup = self.assistant(step="apps", provider="gmail", incoming_state="works")
        setup.sign_in_incoming_id = server
        setup.action_back()
        self.assertEqual((setup.step, setup.sign_in_incoming_id), ("sign_in", server))
        setup.action_back()
        self.assertEqual((setup.step, setup.incoming_state), ("account", False))
        self.assertFalse(server.exists())

    def test_a_refused_sign_in_says_what_to_do_in_the_words_of_the_reader(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        setup = self.assistant(step="sign_in", provider="microsoft")
        self.assertFalse(setup.sign_in_advice)
        setup.sign_in_problem = "access_denied: AADSTS65004: User declined."
        self.assertIn("agree on the provider's page", setup.sign_in_advice)
        vietnamese = setup.with_context(lang="vi_VN").sign_in_advice
        self.assertIn("đăng nhập lại", vietnamese.lower())
        setup.sign_in_problem = "unheard_of: No."
        self.assertEqual(setup.sign_in_advice, "The provider did not let you sign in.")

    def test_servers_that_log_in_otherwise_are_tried_as_they_are(self):
        self.smtp_server.smtp_authentication = "cli"
        setup = self.Setup.with_company(self.env.company)
        setup = setup.browse(setup._open_assistant()["res_id"])
        router = type(self.router)
        with (
            patch.object(router, "_test_incoming", return_value="in"),
            patch.object(router, "_test_outgoing", return_value="out"),
        ):
            self.connect(setup)
        self.assertEqual((setup.incoming_result, setup.outgoing_result), ("in", "out"))
        setup.line_ids.wanted = False
        setup.action_finish()
        self.assertEqual(self.server.server, "imap.example.com")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSetupForm(SetupCommon):
    """What the form does while somebody types, and who may open it."""

    def test_the_domain_follows_the_address(self):
        form = Form(self.Setup)
        form.mailbox = "Thu@Congty.example"
        self.assertEqual(form.domain, "congty.example")
        self.assertFalse(form.domain_needed)

    def test_the_address_of_a_provider_needs_the_companys_domain(self):
        form = Form(self.Setup)
        form.mailbox = "shop@gmail.com"
        self.assertFalse(form.domain)
        self.assertTrue(form.domain_needed)
        self.assertEqual(form.provider, "gmail")
        self.assertIn("app password", form.provider_hint)

    def test_servers_of_another_address_are_forgotten(self):
        setup = self.assistant(found_for=MAILBOX, incoming_host="a.example")
        with Form(setup) as form:
            form.mailbox = "thu@other.example"
            self.assertFalse(form.incoming_host)

    def test_the_servers_of_a_mistyped_address_are_forgotten(self):
        form = Form(self.Setup)
        form.mailbox = "shop@gmail.com"
        self.assertEqual(form.incoming_host, "imap.gmail.com")
        form.mailbox = MAILBOX
        self.assertFalse(form.incoming_host)
        self.assertFalse(form.provider)
        self.assertEqual(form.domain, "congty.example")

    def test_who_has_the_mail_is_told_while_the_address_is_typed(self):
        self.exchangers.return_value = (Record("aspmx.l.google.com"),)
        form = Form(self.Setup)
        form.mailbox = MAILBOX
        self.assertIn("app password", form.provider_hint)
        self.assertIn("google.com", form.password_page)
        self.assertTrue(form.can_sign_in)
        self.assertEqual(form.sign_in_at, "gmail")
        # It is a hint: the servers are looked for by Connect.
        self.assertFalse(form.provider or form.incoming_host)
        form.mailbox = "info@congty.example"
        self.assertEqual(self.exchangers.call_count, 1)
        setup = form.save()
        self.assertIn("app password", setup.provider_hint)
        self.exchangers.return_value = (Record("mx1.emailserver.vn"),)
        with Form(setup) as form:
            form.mailbox = "thu@other.example"
            self.assertIn("Mắt Bão", form.hoster_hint)
            self.assertIn("matbao", form.hoster_page)
            self.assertFalse(form.provider_hint or form.sign_in_at)
            form.mailbox = "shop@gmail.com"
            self.assertFalse(form.hoster_hint)
        self.assertEqual(self.exchangers.call_count, 2)

    def test_a_mail_server_of_the_domain_itself_is_known_as_hosting_with_a_panel(self):
        self.exchangers.return_value = (Record("mail.congty.example"),)
        form = Form(self.Setup)
        form.mailbox = MAILBOX
        self.assertIn("DirectAdmin", form.hoster_hint)
        self.assertFalse(form.hoster_page or form.provider_hint or form.sign_in_at)
        self.assertFalse(form.provider)

    def test_one_signs_in_where_the_mx_record_leads_to_microsoft(self):
        host = "congty-example.mail.protection.outlook.com"
        self.exchangers.return_value = (Record(host),)
        form = Form(self.Setup)
        form.mailbox = MAILBOX
        self.assertIn("sign in with Microsoft", form.provider_hint)
        # Nobody is asked for a password that is no good there.
        with self.assertRaises(AssertionError):
            form.password = "secret"
        setup = form.save()
        with self.assertRaisesRegex(UserError, "sign in with Microsoft"):
            setup.action_connect()
        setup.action_sign_in()
        self.assertEqual((setup.step, setup.provider), ("sign_in", "microsoft"))
        self.assertEqual(setup.incoming_host, "outlook.office365.com")

    def test_a_provider_that_is_chosen_fills_in_its_servers(self):
        with Form(self.assistant(advanced=True)) as form:
            form.provider = "ovh"
            self.assertEqual(form.incoming_host, "ssl0.ovh.net")
            self.assertEqual(form.outgoing_port, 465)

    def test_another_server_has_not_the_port_and_the_encryption_of_the_provider(self):
        with Form(self.assistant(advanced=True)) as form:
            form.provider = "ovh"
            form.outgoing_host = "smtp.congty.example"
            self.assertFalse(form.outgoing_port or form.outgoing_encryption)
            form.incoming_port = 1993
            form.incoming_host = "imap.congty.example"
            self.assertEqual(form.incoming_port, 1993)

    def test_the_app_begins_with_the_assistant_until_there_is_a_router(self):
        dashboard = self.env.ref("mail_catchall_router.mail_catchall_dashboard_action")
        self.assertEqual(self.Setup._open_app()["id"], dashboard.id)
        self.env["mail.catchall.router"].search([]).active = False
        self.assertEqual(self.Setup._open_app()["res_model"], self.Setup._name)
        manager = new_test_user(
            self.env,
            "manager",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
        )
        action = self.Setup.with_user(manager)._open_app()
        self.assertEqual(action["id"], dashboard.id)

    def test_it_opens_from_settings_and_router_as_it_is_now(self):
        action = self.env.ref("mail_catchall_router.mail_catchall_setup_open_action")
        setup = self.Setup.browse(action.run()["res_id"])
        self.assertEqual(setup.router_id, self.router)
        self.assertEqual(setup.incoming_host, self.server.server)
        for view in ("mail_catchall_router_view_form", "res_config_settings_view_form"):
            arch = self.env.ref(f"mail_catchall_router.{view}").arch
            self.assertIn(f'name="{action.id}"', arch)

    def test_only_the_system_administrator_may_use_it(self):
        manager = new_test_user(
            self.env,
            "manager",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
        )
        with self.assertRaises(AccessError):
            self.Setup.with_user(manager).create({})

    def test_who_sets_it_up_need_not_know_the_apps(self):
        self.by_system_user()
        setup = self.connected()
        setup.action_finish()
        self.assertEqual(setup.step, "done")
        self.assertIn("jobs@congty.example", setup.ready_addresses)

    # ------------------------------------------------------------
    # PASSWORD
    # ------------------------------------------------------------

    def test_a_password_is_never_sent_back(self):
        setups = self.env["mail.catchall.setup"].with_user(self.user_admin)
        every_field = {name: {} for name in setups.fields_get()}
        self.assertNotIn("typed_password", every_field)
        answer = setups.web_save(
            {"mailbox": MAILBOX, "password": "typed-secret"}, every_field
        )
        setup = setups.browse(answer[0]["id"])
        setup.invalidate_recordset()
        for said in (
            answer,
            setup.web_read(every_field),
            setups.default_get([*every_field]),
        ):
            self.assertNotIn("typed-secret", str(said))
            self.assertNotIn("'secret'", str(said))
        self.assertEqual(answer[0]["password_hint"], "unchanged")

    def test_a_password_is_forgotten_when_it_is_saved(self):
        setup = self.connected()
        setup.action_finish()
        self.assertFalse(setup.typed_password)

    def test_nothing_of_it_is_logged(self):
        # By its name "INFO" is a level of Odoo's own that is higher.
        with self.assertLogs("odoo", level=logging.INFO) as logs:
            _logger.info("Connecting")
            with self.servers(refuse="LOGIN") as ports:
                self.connect(self.assistant(**self.typed(*ports)))
            self.connected().action_finish()
            self.env.flush_all()
        self.assertNotIn("typed-secret", "\n".join(logs.output))
