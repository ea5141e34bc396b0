import socket

from odoo.tests import tagged

from ..common import CommittingCommon
from ..engine_server import SPAMD_SPAM, answering, http, serving

TOLD = b"SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\nContent-length: 2\r\n\r\n\r\n"
SHUT = b"SPAMD/1.0 69 Service Unavailable: TELL commands are not enabled\r\n"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEngineLesson(CommittingCommon):
    """What people decide teaches the engines, once, and never keeps them waiting."""

    def setUp(self):
        super().setUp()
        with serving(answering(SPAMD_SPAM)) as port:
            self.spamd = self.env["mail.catchall.engine"].create(
                {
                    "router_id": self.router.id,
                    "kind": "spamassassin",
                    "host": "127.0.0.1",
                    "port": port,
                    "seconds": 5,
                }
            )
            self.held = self.journal(self.mail(self.at_domain("sales")))
            self.Message._cron_route()
        self.assertEnd(self.held, "held", "spam")

    def learn(self, *replies):
        """Run the job while spamd gives these replies; return what it was told."""
        got = []

        def talk(reply):
            def answer(connection):
                got.append(connection.recv(1_000_000).decode())
                connection.sendall(reply)

            return answer

        with serving(*map(talk, replies)) as port:
            self.spamd.learn_port = port
            self.Message._cron_learn()
        return got

    def lessons(self):
        return self.env["mail.catchall.engine.lesson"].search([])

    def test_not_spam_is_learnt_as_wanted_and_once(self):
        self.held.action_not_spam()
        [request] = self.learn(TOLD)
        self.assertIn("TELL SPAMC/1.5\r\nMessage-class: ham\r\nSet: local\r\n", request)
        self.assertIn(self.held.message_id, request)
        self.assertEqual(self.learn(), [])

    def test_spam_and_block_are_learnt_as_spam(self):
        for action in ("action_spam", "action_block_sender"):
            getattr(self.held, action)()
            [request] = self.learn(TOLD)
            self.assertIn("Message-class: spam\r\n", request)
            self.held.action_undo()
            [request] = self.learn(TOLD)
            self.assertIn("Remove: local\r\n", request)

    def test_what_is_undone_at_once_is_never_told(self):
        self.held.action_spam()
        self.held.action_undo()
        self.assertEqual(self.learn(), [])

    def test_discard_says_nothing_of_spam(self):
        self.held.action_discard()
        self.assertEqual(self.learn(), [])

    def test_an_engine_that_is_away_learns_later_and_health_says_so(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.spamd.learn_port = server.getsockname()[1]
        self.held.action_spam()
        self.Message._cron_learn()
        self.assertIn("has not learned", self.said())
        self.assertEqual(len(self.learn(TOLD)), 1)
        self.assertEqual(self.said(), "")

    def test_an_engine_that_may_not_learn_is_told_again_later(self):
        self.held.action_spam()
        self.learn(SHUT)
        self.assertIn("not enabled", self.said())
        self.assertEqual(self.lessons().tries, 1)
        self.assertEqual(len(self.learn(TOLD)), 1)
        self.assertEqual(self.lessons().taught, "spam")

    def said(self):
        self.router.invalidate_recordset()
        items = self.router.health_report["items"]
        found = [one["sentence"] for one in items if one["item"] == "learning"]
        return "".join(found)

    def test_port_0_does_not_learn(self):
        self.spamd.learn_port = 0
        self.held.action_spam()
        self.assertFalse(self.lessons())

    def test_of_what_is_not_kept_nothing_is_told(self):
        self.held.action_spam()
        self.held.write({"raw": False, "raw_kept": False})
        self.assertEqual(self.learn(), [])
        self.assertEqual(self.lessons().taught, "spam")

    def test_rspamd_learns_at_its_controller(self):
        talk = answering(http({"success": True}))
        with serving(talk) as port:
            rspamd = self.env["mail.catchall.engine"].create(
                {
                    "router_id": self.router.id,
                    "kind": "rspamd",
                    "host": "127.0.0.1",
                    "learn_port": port,
                }
            )
            self.spamd.learn_port = 0
            self.held.action_spam()
            self.Message._cron_learn()
        self.assertEqual(self.lessons().engine_id, rspamd)
        self.assertEqual(self.lessons().taught, "spam")
        self.assertFalse(rspamd.dull_since)
