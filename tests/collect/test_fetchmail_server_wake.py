import contextlib
from imaplib import IMAP4
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.listener import databases
from odoo.addons.mail_catchall_router.models.collect import (
    fetchmail_server_imap,
    fetchmail_server_wake,
)
from odoo.addons.mail_catchall_router.tools.runtime import locks

from ..common import CommittingCommon
from ..fake_servers import ImapConnection, ImapServer


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWake(CommittingCommon):
    """Who is known to have new mail is collected first, and alone."""

    def setUp(self):
        super().setUp()
        self.patch(fetchmail_server_imap, "BATCH_SIZE", 2)
        self.ordinary = self.env.ref("mail.ir_cron_mail_gateway_action")
        self.ordinary.active = True
        self.cron = self.env.ref("mail_catchall_router.ir_cron_collect_woken")
        self.first = self.server.with_env(self.env)
        self.second, self.third = (self.another(name) for name in ("Second", "Third"))
        self.servers = self.first + self.second + self.third
        self.wakes = self.env["mail.catchall.wake"]
        self.visited = []
        self.imap = ImapServer()
        self.patch(type(self.servers), "_connect__", self.connector())
        self.while_connecting = lambda _server: None

    def another(self, name):
        """Return the server of another router."""
        server = self.first.copy({"name": name, "state": "done"})
        self.router.create({"name": name, "fetchmail_server_id": server.id})
        return server

    def connector(self):
        """Return what stands in for the method that connects to a server."""

        def _connect__(server):
            self.visited.append(server.name)
            self.while_connecting(server)
            return ImapConnection(self.imap)

        return _connect__

    def collect(self):
        """Let the scheduled action collect; return the names of the servers."""
        self.visited.clear()
        self.triggers().unlink()
        self.env["fetchmail.server"]._cron_collect_woken()
        return list(self.visited)

    def triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])

    def mails(self, count):
        return ImapServer(
            {
                n: self.mail(self.at_domain("sales"), message_id=f"<{n}@woken.example>")
                for n in range(1, count + 1)
            }
        )

    def test_who_was_woken_is_collected_in_this_order_and_nobody_else(self):
        self.third._catchall_wake()
        self.first._catchall_wake()
        self.third._catchall_wake()
        self.assertTrue(self.triggers())
        self.assertEqual(self.collect(), ["Third", self.first.name])
        self.assertFalse(self.wakes.search([]))
        self.assertEqual(self.collect(), [])

    def test_the_ordinary_run_goes_over_all_and_answers_every_wake_up(self):
        self.third._catchall_wake()
        self.servers._fetch_mail()
        self.assertEqual(sorted(self.visited), sorted(self.servers.mapped("name")))
        self.assertFalse(self.wakes.search([]))

    def test_who_is_woken_while_it_is_collected_is_collected_again(self):
        self.while_connecting = lambda server: server._catchall_wake()
        self.first._catchall_wake()
        self.assertEqual(self.collect(), [self.first.name])
        self.assertTrue(self.triggers())
        self.while_connecting = lambda _server: None
        self.assertEqual(self.collect(), [self.first.name])
        self.assertFalse(self.triggers())

    def test_who_was_found_busy_is_woken_again_by_whoever_is_there(self):
        @contextlib.contextmanager
        def busy(_cr, _name):
            yield False

        self.first._catchall_wake()
        with patch.object(locks, "try_named_lock", busy):
            self.assertEqual(self.collect(), [])
        self.assertFalse(self.triggers())
        self.assertTrue(self.first._catchall_wakes())
        self.first._catchall_check()
        self.assertTrue(self.triggers())
        self.assertEqual(self.collect(), [self.first.name])

    def test_who_cannot_be_reached_waits_for_the_ordinary_run(self):
        def unreachable(_server):
            raise OSError(113, "unreachable")

        self.while_connecting = unreachable
        self.first._catchall_wake()
        self.second._catchall_wake()
        self.assertEqual(self.collect(), [self.first.name, "Second"])
        self.assertEqual(self.first.error_message, "unreachable")
        self.assertFalse(self.wakes.search([]))
        self.assertFalse(self.triggers())

    def test_who_collides_in_the_database_blames_no_server_and_collects_again(self):
        self.imap = self.mails(5)
        folders = type(self.router.folder_ids)
        note, refused = folders._note_collected, []

        def note_later(folder, count):
            note(folder, count)
            if not refused:
                refused.append(folder)
                # A person has just saved something about the folder.
                raise SerializationFailure("could not serialize access")

        self.patch(folders, "_note_collected", note_later)
        self.first._catchall_wake()
        self.assertEqual(self.collect(), [self.first.name] * 2)
        self.assertTrue(refused)
        self.assertFalse(self.first.error_message)
        self.assertFalse(self.env["mail.catchall.fetch"].search([]))
        router = self.first.catchall_router_ids
        self.assertEqual(self.Message.search_count([("router_id", "=", router.id)]), 5)

    def test_who_tests_a_confirmed_server_does_not_wait_for_who_collects(self):
        toggled = []
        crons = type(self.env["ir.cron"])
        self.patch(crons, "toggle", lambda cron, **_how: toggled.append(cron))
        self.first.write({"state": "done", "active": True})
        self.assertFalse(toggled)
        self.first.active = False
        self.assertEqual(toggled, [self.ordinary])

    def test_what_the_server_answers_is_shown_without_the_marks_of_a_program(self):
        def refuse(_server):
            raise IMAP4.error(b"[AUTHENTICATIONFAILED] No")

        self.while_connecting = refuse
        self.first._catchall_wake()
        self.collect()
        self.assertEqual(self.first.error_message, "[AUTHENTICATIONFAILED] No")

    def test_who_has_much_new_mail_lets_the_next_one_go_first_and_comes_again(self):
        self.imap = self.mails(5)
        self.patch(fetchmail_server_wake, "TURN", 0)
        self.first._catchall_wake()
        self.second._catchall_wake()
        self.assertEqual(self.collect(), [self.first.name, "Second"])
        domain = [("router_id", "in", self.servers.catchall_router_ids.ids)]
        counts = [self.Message.search_count(domain)]
        self.assertEqual(counts, [4])
        while self.wakes.search([]):
            self.assertTrue(self.triggers())
            self.collect()
            counts.append(self.Message.search_count(domain))
        # One mailbox: what one of the two has collected is read for the other.
        self.assertEqual(counts[-1], 5)

    def test_who_pauses_is_not_tried_over_and_over(self):
        self.imap = self.mails(5)
        self.router.max_backlog = 2
        self.first._fetch_mail()
        self.first._catchall_wake()
        self.assertEqual(self.collect(), [])
        self.assertFalse(self.triggers())
        # For when the pause is over.
        self.assertEqual(self.wakes.search([]).server_id, self.first)

    def test_who_is_archived_or_nobodys_is_left_alone(self):
        self.servers._catchall_wake()
        self.second.active = False
        self.third.catchall_router_ids.active = False
        self.assertEqual(self.collect(), [self.first.name])

    def test_nothing_is_collected_while_collecting_is_switched_off(self):
        self.first._catchall_wake()
        self.ordinary.active = False
        self.assertEqual(self.collect(), [])
        self.ordinary.active = True
        self.assertEqual(self.collect(), [self.first.name])

    def test_the_listener_wakes_whoever_is_still_there(self):
        @contextlib.contextmanager
        def servers(_database):
            yield self.env["fetchmail.server"]

        gone = self.third.id
        self.third.catchall_router_ids.unlink()
        self.third.unlink()
        with patch.object(databases, "servers", servers):
            databases.wake("some database", [self.second.id, gone])
        self.assertEqual(self.env["fetchmail.server"]._catchall_woken(), self.second)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_but_administrators_sees_wake_ups(self):
        group = "mail_catchall_router.group_mail_catchall_router_manager"
        manager = new_test_user(self.env, "wake-manager", groups=group)
        for operation in ("read", "write", "create", "unlink"):
            with self.assertRaises(AccessError):
                self.wakes.with_user(manager).check_access(operation)
