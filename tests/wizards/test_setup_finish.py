from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from odoo.addons.mail_catchall_router.tools.servers.dns import Record

from ...wizards import mail_catchall_setup_finish
from .test_mail_catchall_setup import MAILBOX, SetupCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSetupEnding(SetupCommon):
    """What the assistant says when everything is saved."""

    def finished(self):
        setup = self.connected()
        setup.action_finish()
        return setup

    def end_trip(self, setup, state, *codes):
        setup.router_id.last_trip_id._end(state, [])
        setup.router_id.last_trip_id.finding_ids = [
            (0, 0, {"code": code, "state": "problem"}) for code in codes
        ]
        setup.invalidate_recordset()

    def test_it_is_ready_only_when_a_mail_has_come_back(self):
        setup = self.finished()
        self.assertEqual(setup.ending, "testing")
        for state, codes, ending in (
            ("missing", ("missing",), "off"),
            ("refused", ("recipient_refused",), "off"),
            ("refused", ("not_sent",), "lost"),
            ("found", ("in_junk",), "lost"),
            ("arrived", (), "ready"),
        ):
            self.end_trip(setup, state, *codes)
            self.assertEqual(setup.ending, ending, (state, codes))
        setup.router_id.trip_ids.unlink()
        self.assertEqual(setup.ending, "untested")

    def test_the_steps_are_of_the_provider_that_the_mx_of_the_domain_names(self):
        setup = self.connected(provider="cpanel")
        self.answers.return_value = {"mx": [Record("aspmx.l.google.com")]}
        setup.action_finish()
        self.answers.assert_called_with("congty.example")
        self.assertIn("admin.google.com", setup.catch_all_steps)
        # The round trip test says the same.
        self.end_trip(setup, "missing", "missing")
        finding = setup.router_id.last_trip_id.finding_ids
        finding.details = {"minutes": 3}
        self.assertIn("admin.google.com", finding.remedy)
        self.assertIn(MAILBOX, setup.catch_all_steps)

    def test_the_steps_are_of_the_hoster_that_the_mx_of_the_domain_names(self):
        for exchanger, expected in (
            ("pro50.emailserver.vn", ("Mắt Bão", "catch-all-email-pro-v4", "Save")),
            ("mx.bizflycloud.vn", ("Bizfly", "howtos/catch_all", "Lưu")),
            ("h01.azdigimail.com", ("AZDIGI", "https://azdigi.com/", "DirectAdmin")),
        ):
            self.answers.return_value = {"mx": [Record(exchanger)]}
            setup = self.connected(provider="cpanel")
            setup.action_finish()
            with self.subTest(exchanger):
                for words in (*expected, MAILBOX):
                    self.assertIn(words, setup.catch_all_steps)

    def test_where_nothing_is_known_the_control_panels_are_named(self):
        setup = self.finished()
        for words in ("wildcard", "cPanel", "Plesk", "Catch-All E-Mail", MAILBOX):
            self.assertIn(words, setup.catch_all_steps)

    def test_who_shares_a_router_finishes_without_a_round_trip(self):
        """Only the people of the router's company may send one."""
        router = self.finished().router_id
        trips = router.trip_ids
        other = self.env["res.company"].create(
            {"name": "Other", "alias_domain_id": router.alias_domain_ids[:1].id}
        )
        manager = new_test_user(
            self.env,
            "manager_other",
            groups="base.group_system",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        setup = self.env["mail.catchall.setup"].with_user(manager)
        setup = setup.create({"step": "apps", "mailbox": MAILBOX})
        with patch.object(type(setup), "_save", lambda self: self._router()):
            self.assertIs(setup.action_finish(), True)
        self.assertEqual((setup.step, router.trip_ids), ("done", trips))

    def test_the_digest_goes_to_who_has_set_it_up_first(self):
        system = self.by_system_user()
        router = self.finished().router_id.sudo()
        self.assertEqual(router.digest_user_ids, system)
        router.digest_user_ids = False
        self.assertFalse(self.finished().router_id.sudo().digest_user_ids)

    # ------------------------------------------------------------
    # THE FIRST MAIL
    # ------------------------------------------------------------

    def arrive(self, setup, address):
        raw = self.mail(address, subject="A first question")
        message = self.Message._journal(setup.router_id, [{"raw": raw}])
        message._route()
        setup.invalidate_recordset()
        return message

    def test_the_first_mail_is_shown_with_its_document(self):
        setup = self.finished()
        jobs = "jobs@congty.example"
        addresses = setup._served_lines().mapped("email")
        self.assertEqual(setup.first_mail["address"], addresses[0])
        self.assertFalse(setup.first_mail["mail"])
        message = self.arrive(setup, jobs)
        self.assertEqual(
            setup.first_mail["mail"],
            {
                "title": "Your first applicant:",
                "name": "A first question",
                "model": "hr.applicant",
                "id": message.delivery_ids.res_id,
            },
        )
        self.arrive(setup, "project@congty.example")
        self.assertEqual(setup.first_mail["mail"]["model"], "hr.applicant")

    def test_mail_from_before_and_test_mail_is_not_the_first(self):
        setup = self.finished()
        self.arrive(setup, "jobs@congty.example")
        again = self.finished()
        self.assertFalse(again.first_mail["mail"])

    def test_without_an_app_a_general_address_waits_for_a_person(self):
        setup = self.connected()
        setup.line_ids.wanted = False
        setup.action_finish()
        self.assertEqual(setup.first_mail["address"], "info@congty.example")
        message = self.arrive(setup, "info@congty.example")
        self.assertEqual(message.state, "held")
        shown = setup.first_mail["mail"]
        self.assertEqual((shown["model"], shown["id"]), (message._name, message.id))

    def test_a_general_address_is_nobodys_and_promises_nothing_else(self):
        setup = self.connected()
        setup.line_ids.wanted = False
        self.env["mail.alias"].create(
            {
                "alias_name": "info",
                "alias_domain_id": False,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        setup.action_finish()
        self.assertEqual(setup.general_address, "office@congty.example")
        setup.router_id.unknown_policy = "discard"
        self.assertFalse(setup._free_general_address())

    def test_the_first_app_that_can_take_mail_does(self):
        setup = self.connected()
        setup.line_ids.unlink()
        line = self.env["mail.catchall.setup.line"]
        self.patch(type(line), "_propose", lambda one: one.write({"address": "a"}))
        setup._make_lines()
        wanted = setup.line_ids.filtered("wanted")
        self.assertEqual(wanted, setup.line_ids.filtered("installed").sorted()[:1])

    def test_who_waits_lets_the_mailbox_be_collected_once(self):
        setup = self.finished()
        server = setup.router_id.fetchmail_server_id
        server._catchall_wakes().unlink()
        for _time in range(3):
            self.assertEqual(setup.action_look(), setup.first_mail)
        self.assertEqual(len(server._catchall_wakes()), 1)
        server._catchall_wakes().unlink()
        server.date = fields.Datetime.now()
        setup.action_look()
        self.assertFalse(server._catchall_wakes(), "it was collected just now")
        server.date -= timedelta(minutes=1)
        with patch.object(mail_catchall_setup_finish, "WAITED", timedelta()):
            setup.action_look()
        self.assertFalse(server._catchall_wakes(), "nobody waits so long")
        setup.action_look()
        self.assertTrue(server._catchall_wakes())
        self.arrive(setup, "jobs@congty.example")
        server._catchall_wakes().unlink()
        self.assertTrue(setup.action_look()["mail"])
        self.assertFalse(server._catchall_wakes())
