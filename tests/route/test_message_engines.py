import socket
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ...tools.inbound import networks
from ..common import CommittingCommon
from ..engine_server import RSPAMD_SPAM, SPAMD_SPAM, answering, http, serving

CLEAN = b"1: stream: OK\0"
EICAR = b"1: stream: Eicar-Test-Signature FOUND\0"
FINE = SPAMD_SPAM.replace(b"True ; 1000.0", b"False ; 0.1")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageEngines(CommittingCommon):
    """What Rspamd, SpamAssassin and ClamAV say of a mail, and what comes of it."""

    def engine(self, kind, port, **values):
        return self.env["mail.catchall.engine"].create(
            {
                "router_id": self.router.id,
                "kind": kind,
                "host": "127.0.0.1",
                "port": port,
                "seconds": 5,
                **values,
            }
        )

    def silent(self, **values):
        """Make an engine where nobody listens."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        return self.engine("clamav", port, **values)

    def arrive(self, **values):
        message = self.journal(self.mail(self.at_domain("sales"), **values))
        self.Message._cron_route()
        return message

    def test_spam_is_held_and_says_why(self):
        with serving(answering(SPAMD_SPAM)) as port:
            self.engine("spamassassin", port)
            message = self.arrive()
        self.assertEnd(message, "held", "spam")
        self.assertIn("GTUBE", message.why)
        self.assertIn("1000.0", message.why)

    def test_a_virus_waits_even_from_an_allowed_sender(self):
        self.env["mail.catchall.sender"]._set(
            "lan@customer.example", self.router.company_id, "allow"
        )
        with serving(answering(EICAR)) as port:
            self.engine("clamav", port)
            message = self.arrive()
        self.assertEnd(message, "held", "virus")
        self.assertIn("Eicar-Test-Signature", message.why)

    def test_fine_mail_is_delivered(self):
        with serving(answering(FINE)) as spamd, serving(answering(CLEAN)) as clamd:
            self.engine("spamassassin", spamd)
            self.engine("clamav", clamd)
            message = self.arrive()
        self.assertEnd(message, "delivered")
        self.assertEqual(
            [one["code"] for one in message.engine_notes], ["fine", "clean"]
        )

    def test_without_an_answer_the_mail_goes_on(self):
        self.silent()
        message = self.arrive()
        self.assertEnd(message, "delivered")
        self.assertIn("did not answer", message.why)

    def test_without_an_answer_the_mail_waits_until_there_is_one(self):
        engine = self.silent(when_silent="hold")
        message = self.arrive()
        self.assertEnd(message, "held", "unchecked")
        with serving(answering(CLEAN)) as port:
            engine.port = port
            message.action_route()
        self.assertEnd(message, "delivered")

    def test_what_waits_is_routed_by_itself_when_the_engine_answers_again(self):
        engine = self.silent(when_silent="hold")
        message = self.arrive()
        self.assertIn("by itself", message.why)
        self.assertTrue(engine.silent_since)
        self.engine_job()
        self.assertEnd(message, "held", "unchecked")
        with serving(*[answering(CLEAN)] * 2) as port:
            engine.port = port
            self.engine_job()
            self.Message._cron_route()
        self.assertEnd(message, "delivered")
        self.assertFalse(engine.silent_since)
        self.assertTrue(engine.answered_date)

    def test_what_an_engine_never_answers_waits_for_a_person(self):
        engine = self.silent(when_silent="hold")
        message = self.arrive()
        with serving(*[answering(CLEAN), answering(b"1: limit ERROR\0")] * 10) as port:
            engine.port = port
            for _number in range(10):
                self.engine_job()
                self.Message._cron_route()
        self.assertEnd(message, "held", "unchecked")
        self.assertEqual(message.engine_notes[0]["tries"], 10)
        with serving(answering(CLEAN)) as port:
            engine.port = port
            self.engine_job()
        self.assertEnd(message, "held", "unchecked")

    def engine_job(self):
        self.env["mail.catchall.engine"]._cron_ask_again()

    def test_health_says_whether_engines_answer(self):
        engine = self.silent()
        self.assertIn("not asked", self.said("engines"))
        self.arrive()
        self.assertIn("has not answered", self.said("engines"))
        with serving(answering(CLEAN)) as port:
            engine.port = port
            self.engine_job()
        self.assertIn("the last answer came", self.said("engines"))

    def said(self, item):
        self.router.invalidate_recordset()
        items = self.router.health_report["items"]
        return next((one["sentence"] for one in items if one["item"] == item), "")

    def test_rspamd_knows_from_where_the_mail_came(self):
        got = []

        def talk(connection):
            got.append(connection.recv(1_000_000).decode())
            connection.sendall(http(dict(RSPAMD_SPAM, action="no action")))

        headers = (
            "Return-Path: <bounce@customer.example>\r\n"
            "Received: from mail.customer.example (out.customer.example "
            "[203.0.113.7]) by mx.provider.example with ESMTP; now\r\n"
        )
        raw = headers.encode() + self.mail(self.at_domain("sales"))
        with serving(talk) as port:
            self.engine("rspamd", port)
            message = self.journal(raw)
            self.Message._cron_route()
        self.assertEnd(message, "delivered")
        for line in (
            "IP: 203.0.113.7",
            "Helo: mail.customer.example",
            "Hostname: out.customer.example",
            "From: bounce@customer.example",
            f"Rcpt: {self.at_domain('sales')}",
            f"Queue-Id: catchall-{message.id}",
        ):
            self.assertIn(f"{line}\r\n", got[0])

    def test_a_mail_that_cannot_be_read_for_them_stops_no_other(self):
        def broken(_trace):
            raise RuntimeError("a mail that nobody expected")

        replies = [answering(http(dict(RSPAMD_SPAM, action="no action")))] * 2
        self.patch(networks, "sender_host", broken)
        with serving(*replies) as port:
            self.engine("rspamd", port)
            messages = self.journal(self.mail(self.at_domain("sales")))
            raw = self.mail(self.at_domain("sales"), message_id="<2@a.example>")
            messages |= self.journal(raw)
            self.Message._cron_route()
        for message in messages:
            self.assertEqual([one["code"] for one in message.engine_notes], ["doubt"])
            self.assertNotEqual(message.state, "received")

    def test_a_rule_can_ask_what_the_engines_say(self):
        self.router.spam_policy = "deliver"
        self.env["mail.catchall.rule"].create(
            {
                "name": "Engine",
                "router_id": self.router.id,
                "action": "discard",
                "condition_ids": [(0, 0, {"field": "engine", "operator": "is_true"})],
            }
        )
        with serving(answering(SPAMD_SPAM, FINE)) as port:
            self.engine("spamassassin", port)
            spam = self.arrive()
        self.assertEnd(spam, "ignored", "rule_discard")
        with serving(answering(FINE)) as port:
            self.router.sudo().engine_ids.port = port
            self.assertEnd(self.arrive(subject="Fine"), "delivered")

    def test_a_doubt_of_an_engine_counts_with_what_the_router_sees(self):
        doubtful = SPAMD_SPAM.replace(b"True ; 1000.0", b"False ; 4.0")
        text = "Your parcel is waiting. Confirm your password: http://a.example/login"
        for reply, state in ((FINE, "delivered"), (doubtful, "held")):
            with serving(answering(reply)) as port:
                engine = self.engine("spamassassin", port)
                message = self.arrive(body=text, message_id=f"<{state}@a.example>")
            engine.unlink()
            self.assertEqual(message.state, state, message.why)
        self.assertEqual(message.reason_code, "suspicious")
        self.assertIn("finds it suspicious (2.0 points)", message.why)

    def test_the_router_s_threshold_counts_for_engines_too(self):
        nearly = SPAMD_SPAM.replace(b"True ; 1000.0", b"False ; 4.0")
        for threshold, reply, state in (
            (0, nearly, "delivered"),
            (4, nearly, "held"),
            (5, nearly, "delivered"),
            (2000, SPAMD_SPAM, "delivered"),
        ):
            self.router.spam_threshold = threshold
            with serving(answering(reply)) as port:
                engine = self.engine("spamassassin", port)
                message = self.arrive(message_id=f"<{threshold}@a.example>")
            engine.unlink()
            self.assertEqual(message.state, state, message.why)
        self.assertIn("SpamAssassin finds it suspicious", message.why)

    def test_who_writes_on_a_mail_while_engines_look_at_it_stops_nothing(self):
        write = type(self.Message).write
        collisions = [SerializationFailure("could not serialize access")]

        def colliding(message, values):
            if "engine_notes" in values and collisions:
                raise collisions.pop()
            return write(message, values)

        with (
            serving(answering(SPAMD_SPAM)) as port,
            patch.object(type(self.Message), "write", colliding),
        ):
            self.engine("spamassassin", port)
            message = self.arrive()
        self.assertFalse(collisions)
        self.assertEnd(message, "held", "spam")

    def test_the_route_tester_asks_them_too(self):
        with serving(answering(SPAMD_SPAM)) as port:
            self.engine("spamassassin", port)
            raw = self.mail(self.at_domain("sales"))
            trial = self.Message._try_out(self.router, raw)
        self.assertEqual((trial.state, trial.reason_code), ("held", "spam"))
        self.assertIn(("engine", "spam"), [(s["step"], s["code"]) for s in trial.trace])

    def test_a_person_may_let_it_pass(self):
        with serving(answering(SPAMD_SPAM)) as port:
            self.engine("spamassassin", port)
            message = self.arrive()
        message.action_release()
        self.assertEnd(message, "delivered")

    def test_the_test_button_says_what_it_found(self):
        with serving(answering(EICAR)) as port:
            said = self.engine("clamav", port).action_try()
        self.assertIn("ClamAV", said["params"]["message"])
        with serving(answering(CLEAN)) as port:
            with self.assertRaisesRegex(UserError, "does not recognize"):
                self.engine("clamav", port).action_try()
        with self.assertRaisesRegex(UserError, "does not answer"):
            self.silent().action_try()

    def test_only_who_administers_the_system_names_a_host(self):
        engine = self.silent()
        manager = new_test_user(
            self.env,
            "router_manager",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
        )
        for work in (
            lambda: engine.with_user(manager).write({"host": "10.0.0.1"}),
            lambda: engine.with_user(manager).action_try(),
            lambda: self.router.with_user(manager).write(
                {"engine_ids": [(0, 0, {"kind": "clamav", "host": "10.0.0.1"})]}
            ),
            lambda: engine.with_user(manager).read(["host"]),
        ):
            with self.assertRaises(AccessError):
                work()

    def test_nobody_reads_its_password(self):
        engine = self.silent(new_key="s3cret")
        self.env.flush_all()
        engine.invalidate_recordset()
        admin = new_test_user(self.env, "engine_admin", groups="base.group_system")
        theirs = engine.with_user(admin)
        self.assertFalse(theirs.new_key)
        self.assertEqual(theirs._address().password, "s3cret")
        with self.assertRaises(AccessError):
            theirs.read(["password"])
        theirs.new_key = ""
        self.assertEqual(engine.sudo().password, "s3cret")

    def test_nobody_waits_for_hours(self):
        with self.assertRaises(ValidationError):
            self.silent(seconds=3600)
