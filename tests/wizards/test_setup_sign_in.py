from types import SimpleNamespace
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail_catchall_router.wizards.ir_http import _words_on

from .test_mail_catchall_setup import MAILBOX, SetupCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSetupSignIn(SetupCommon):
    """Signing in at Google or Microsoft, and what gets in its way."""

    def signing_in(self, **values):
        """Return an assistant whose two servers wait for somebody to sign in."""
        setup = self.assistant(step="sign_in", provider="gmail", **values)
        setup.sign_in_incoming_id = self.env["fetchmail.server"].create({"name": "In"})
        setup.sign_in_outgoing_id = self.env["ir.mail_server"].create(
            {"name": "Out", "smtp_host": "localhost"}
        )
        return setup

    def test_a_first_set_up_that_was_left_half_way_goes_on(self):
        setup = self.assistant(step="sign_in", provider="gmail")
        self.assertEqual(self.Setup._open_assistant()["res_id"], setup.id)
        other = self.by_system_user()
        self.assertNotEqual(
            self.Setup.with_user(other)._open_assistant()["res_id"], setup.id
        )

    def test_who_has_entered_nothing_begins_anew(self):
        setup = self.Setup.create({})
        self.assertNotEqual(self.Setup._open_assistant()["res_id"], setup.id)

    def test_servers_that_were_signed_in_to_half_way_are_not_left_behind(self):
        setup = self.signing_in()
        servers = (setup.sign_in_incoming_id, setup.sign_in_outgoing_id)
        setup.unlink()
        for server in servers:
            self.assertFalse(server.exists())

    def test_nothing_is_sent_with_a_sign_in_before_the_end(self):
        self.by_system_user()
        setup = self.signing_in()
        setup._come_back("ir.mail_server")
        self.assertFalse(setup.sign_in_outgoing_id.active)
        self.assertIs(setup.sign_in_problem, False)

    def test_who_gets_no_token_reads_what_to_do_and_no_code(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        page = SimpleNamespace(is_qweb=False, qcontext={"error": "An error occurred"})
        setup = self.signing_in()
        setup._come_back("fetchmail.server", _words_on(page))
        self.assertIn("client secret", setup.sign_in_advice)
        self.assertEqual(setup.sign_in_details, "An error occurred")
        self.assertIn("You have signed in, but", setup.sign_in_advice)
        vietnamese = setup.with_context(lang="vi_VN").sign_in_advice
        self.assertIn("Bạn đã đăng nhập, nhưng", vietnamese)
        form = etree.fromstring(setup.get_view(view_type="form")["arch"])
        self.assertIsNone(form.find(".//field[@name='sign_in_problem']"))
        self.assertIsNotNone(form.find(".//field[@name='sign_in_details']"))
        page.qcontext = {"error": "AADSTS7000222: the secret is expired"}
        setup._come_back("fetchmail.server", _words_on(page))
        self.assertIn("has expired", setup.sign_in_advice)
        self.assertEqual(_words_on(SimpleNamespace(is_qweb=False, qcontext=None)), "")

    def test_who_signs_in_again_does_not_read_what_failed_before(self):
        setup = self.signing_in(incoming_state="failed", outgoing_state="failed")
        setup._come_back("fetchmail.server")
        self.assertEqual(
            (setup.incoming_state, setup.outgoing_state), (False, "failed")
        )

    def test_a_port_behind_the_name_of_a_server_counts_for_a_sign_in_too(self):
        setup = self.assistant(
            mailbox=MAILBOX,
            provider="gmail",
            incoming_host="imap.example.com:1993",
            outgoing_host="smtp.example.com",
            outgoing_port=587,
        )
        setup.action_sign_in()
        self.assertEqual(
            (setup.incoming_host, setup.incoming_port), ("imap.example.com", 1993)
        )

    def test_a_router_that_is_signed_in_to_is_set_up_again_without_raw_forms(self):
        router = type(self.router)
        self.server.password = False
        with (
            patch.object(router, "_is_by_hand", lambda _: True),
            patch.object(router, "_is_by_token", lambda _: True),
            patch.object(router, "_token_provider", lambda _: "gmail"),
            patch.object(router, "_test_incoming", return_value="in"),
            patch.object(router, "_test_outgoing", return_value="out"),
        ):
            setup = self.Setup.with_company(self.env.company)
            setup = setup.browse(setup._open_assistant()["res_id"])
            self.assertEqual(
                (setup.by_hand, setup.is_signed_in, setup.sign_in_at),
                (False, True, "gmail"),
            )
            self.connect(setup)
            self.assertEqual((setup.step, setup.incoming_result), ("apps", "in"))
            setup.action_back()
            setup.mailbox = f"other@{self.domain}"
            self.assertFalse(setup.is_signed_in)
            with self.assertRaisesRegex(UserError, "password"):
                setup.action_connect()
