import json
import socket
import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import engines

from ..engine_server import (
    RSPAMD_SPAM,
    SPAMD_SPAM,
    answering,
    dripping,
    endless,
    http,
    serving,
)

MAIL = b"Subject: x\r\n\r\nHello\r\n"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEngines(BaseCase):
    """Engines that judge mail, in bounded time and size."""

    def session(self, kind, port, seconds=5.0):
        session = engines.Session(
            engines.Engine(kind, "127.0.0.1", port, seconds=seconds)
        )
        self.addCleanup(session.close)
        return session

    def test_spamassassin_says_why(self):
        with serving(answering(SPAMD_SPAM)) as port:
            found = self.session(engines.SPAMASSASSIN, port).ask(b"Subject: x\r\n\r\n")
        self.assertTrue(found.is_bad)
        self.assertEqual((found.score, found.threshold), (1000.0, 5.0))
        self.assertEqual(
            found.symbols,
            ("GTUBE +1000.0 (BODY: Generic Test for Unsolicited Bulk Email)",),
        )

    def test_rspamd_has_one_connection_for_many_mails(self):
        fine = dict(RSPAMD_SPAM, action="greylist")
        with serving(answering(http(RSPAMD_SPAM), http(fine))) as port:
            session = self.session(engines.RSPAMD, port)
            first, second = session.ask(b"x"), session.ask(b"y")
        self.assertTrue(first.is_bad)
        self.assertEqual(
            first.symbols,
            (
                "RDNS_NONE +1.0 (No reverse name)",
                "MIME_GOOD -0.1 (Known content-type)",
            ),
        )
        self.assertFalse(second.is_bad)

    def test_a_connection_that_was_closed_meanwhile_is_opened_again(self):
        answers = answering(http(RSPAMD_SPAM)), answering(http(RSPAMD_SPAM))
        with serving(*answers) as port:
            session = self.session(engines.RSPAMD, port)
            session.ask(b"x")
            time.sleep(0.2)
            self.assertTrue(session.ask(b"y").is_bad)

    def test_what_is_nearly_spam_is_doubtful(self):
        for action, score, is_doubtful in (
            ("no action", 3.9, False),
            ("no action", 3.999999, True),
            ("greylist", 3.0, True),
            ("soft reject", 0.0, True),
            ("add header", 8.0, False),
        ):
            answer = dict(RSPAMD_SPAM, action=action, score=score)
            found = engines.read_rspamd(json.dumps(answer).encode())
            self.assertEqual(found.is_doubtful, is_doubtful, (action, score))
        for score, is_doubtful in ((b"3.3", False), (b"3.4", True), (b"-1.0", False)):
            line = SPAMD_SPAM.replace(b"True ; 1000.0", b"False ; " + score)
            self.assertEqual(engines.read_spamd(line).is_doubtful, is_doubtful)
        self.assertFalse(engines.read_spamd(SPAMD_SPAM).is_doubtful)

    def test_clamav_names_the_virus(self):
        found = engines.read_clamd(b"1: stream: Eicar-Test-Signature FOUND\0")
        self.assertEqual(
            (found.is_bad, found.signature), (True, "Eicar-Test-Signature")
        )
        self.assertFalse(engines.read_clamd(b"2: stream: OK\0").is_bad)

    def test_what_is_no_answer_is_no_verdict(self):
        for read, answer in (
            (engines.read_clamd, b"INSTREAM size limit exceeded. ERROR\0"),
            (engines.read_clamd, b""),
            (engines.read_spamd, b"SPAMD/1.0 76 Bad header line\r\n\r\n"),
            (engines.read_spamd, b"SPAMD/1.1 0 EX_OK\r\n\r\nSpam: True ; 9 / 5\n"),
            (engines.read_rspamd, b"[]"),
            (engines.read_rspamd, b'{"symbols": {}}'),
            (engines.read_rspamd, b"\xff"),
        ):
            with self.subTest(answer=answer):
                with self.assertRaises((engines.EngineError, ValueError)):
                    read(answer)

    def test_nobody_waits_longer_than_the_time_that_is_set(self):
        for kind in engines.PORTS:
            with self.subTest(kind), serving(dripping) as port:
                began = time.monotonic()
                with self.assertRaises(engines.EngineError):
                    self.session(kind, port, seconds=0.5).ask(b"x")
                self.assertLess(time.monotonic() - began, 3)

    def test_an_answer_without_end_is_left(self):
        for kind in (engines.SPAMASSASSIN, engines.CLAMAV):
            with self.subTest(kind), serving(endless) as port:
                with self.assertRaisesRegex(engines.EngineError, "no end"):
                    self.session(kind, port).ask(b"x")

    def test_a_sender_cannot_add_a_header_to_the_request(self):
        got = []

        def talk(connection):
            got.append(connection.recv(1_000_000))
            connection.sendall(http(RSPAMD_SPAM))

        with serving(talk) as port:
            envelope = engines.Envelope(sender="a@b.example\r\nPass: all")
            self.session(engines.RSPAMD, port).ask(b"x", envelope)
        self.assertNotIn(b"Pass: all", got[0])

    def asked(self, work, kind, *replies):
        """Return the requests that an engine gets."""
        got = []

        def talk(connection):
            for reply in replies:
                request = connection.recv(1_000_000)
                while not request.endswith(MAIL):
                    request += connection.recv(1_000_000)
                got.append(request.decode())
                connection.sendall(reply)

        with serving(talk) as port:
            work(self.session(kind, port))
        return got

    def test_rspamd_is_told_who_handed_the_mail_over(self):
        envelope = engines.Envelope(
            address="203.0.113.7",
            helo="mail.customer.example",
            host="out.customer.example",
            sender="lan@customer.example",
            recipients=("sales@own.example", "info@own.example"),
            number="catchall-7",
        )
        [request] = self.asked(
            lambda session: session.ask(MAIL, envelope),
            engines.RSPAMD,
            http(RSPAMD_SPAM),
        )
        for line in (
            "POST /checkv2 HTTP/1.1",
            "IP: 203.0.113.7",
            "Helo: mail.customer.example",
            "Hostname: out.customer.example",
            "From: lan@customer.example",
            "Rcpt: sales@own.example",
            "Rcpt: info@own.example",
            "Queue-Id: catchall-7",
        ):
            self.assertIn(f"{line}\r\n", request)

    def test_an_empty_sender_is_no_unknown_one(self):
        for sender, is_said in (("", True), (None, False)):
            envelope = engines.Envelope(sender=sender)
            [request] = self.asked(
                lambda session, envelope=envelope: session.ask(MAIL, envelope),
                engines.RSPAMD,
                http(RSPAMD_SPAM),
            )
            self.assertEqual("\r\nFrom: <>\r\n" in request, is_said)

    def test_rspamd_takes_no_host_for_a_fault_that_nobody_has_told_it_of(self):
        for envelope, is_told in (
            (engines.Envelope(), False),
            (engines.Envelope(address="203.0.113.7"), False),
            (engines.Envelope(address="203.0.113.7", is_nameless=True), True),
            (engines.Envelope(host="out.customer.example"), True),
        ):
            [request] = self.asked(
                lambda session, envelope=envelope: session.ask(MAIL, envelope),
                engines.RSPAMD,
                http(RSPAMD_SPAM),
            )
            is_excused = "HFILTER_HOSTNAME_UNKNOWN" in request
            self.assertIsNot(is_excused, is_told, envelope)

    def test_rspamd_learns_on_one_connection(self):
        def work(session):
            session.learn(MAIL, engines.SPAM)
            session.learn(MAIL, engines.FINE, engines.SPAM)
            session.learn(MAIL, "", engines.SPAM)
            session.learn(MAIL, "", engines.FINE)

        learnt = http({"success": True})
        requests = self.asked(work, engines.RSPAMD, *[learnt] * 4)
        self.assertEqual(
            [one.split()[1] for one in requests],
            ["/learnspam", "/learnham", "/learnham", "/learnspam"],
        )

    def test_rspamd_knows_it_already(self):
        for status in (b"208 already learned", b"204 few tokens"):
            reply = b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status
            self.asked(lambda s: s.learn(MAIL, engines.SPAM), engines.RSPAMD, reply)

    def test_rspamd_3_4_knows_it_already(self):
        body = b'{"error": "<a@b> has been already learned as spam, ignore it"}'
        reply = b"HTTP/1.1 404 x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        self.asked(lambda s: s.learn(MAIL, engines.SPAM), engines.RSPAMD, reply)

    def test_what_has_no_points_is_named_where_nothing_else_is(self):
        gtube = {"GTUBE": {"score": 0.0, "description": "A test"}}
        body = json.dumps({"action": "reject", "score": 15.0, "symbols": gtube})
        self.assertEqual(
            engines.read_rspamd(body.encode()).symbols, ("GTUBE (A test)",)
        )

    def test_what_rspamd_does_not_want_is_said(self):
        body = b'{"error": "Unauthorized"}'
        reply = b"HTTP/1.1 403 no\r\nContent-Length: %d\r\n\r\n%s"
        with self.assertRaisesRegex(engines.RefusedError, "403: Unauthorized"):
            self.asked(
                lambda session: session.learn(MAIL, engines.SPAM),
                engines.RSPAMD,
                reply % (len(body), body),
            )

    def test_spamassassin_learns_and_forgets(self):
        # As spamd(1) and its PROTOCOL have it.
        done = b"SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\nContent-length: 2\r\n\r\n\r\n"
        for lesson, former, lines in (
            ("spam", "", ("Message-class: spam", "Set: local")),
            ("fine", "spam", ("Message-class: ham", "Set: local")),
            ("", "spam", ("Remove: local",)),
        ):
            with self.subTest(lesson=lesson):
                [request] = self.asked(
                    lambda session, lesson=lesson, former=former: session.learn(
                        MAIL, lesson, former
                    ),
                    engines.SPAMASSASSIN,
                    done,
                )
                head, _, mail = request.partition("\r\n\r\n")
                length = f"Content-length: {len(MAIL)}"
                self.assertEqual(head.split("\r\n"), ["TELL SPAMC/1.5", *lines, length])
                self.assertEqual(mail, MAIL.decode())

    def test_spamassassin_may_not_be_told(self):
        reply = b"SPAMD/1.0 69 Service Unavailable: TELL commands are not enabled\r\n"
        with self.assertRaisesRegex(engines.RefusedError, "not enabled"):
            self.asked(
                lambda s: s.learn(MAIL, engines.SPAM), engines.SPAMASSASSIN, reply
            )

    def test_an_engine_that_lives_is_not_left_alone(self):
        with serving(dripping) as port:
            engine = engines.Engine(engines.SPAMASSASSIN, "127.0.0.1", port, "", 0.4)
            engines.ask_all([engine], [(b"x", engines.Envelope())])
            self.assertIsInstance(engines.ask_again(engine), engines.EngineError)
        [[answer]] = engines.ask_all([engine], [(b"x", engines.Envelope())])
        self.assertIsInstance(answer, engines.LeftAloneError)
        with serving(*[answering(SPAMD_SPAM)] * 2, port=port):
            self.assertIsInstance(engines.ask_again(engine), engines.Finding)
            [[answer]] = engines.ask_all([engine], [(b"x", engines.Envelope())])
        self.assertTrue(answer.is_bad)

    def test_an_engine_that_hangs_is_waited_for_once(self):
        with serving(dripping) as port:
            engine = engines.Engine(engines.CLAMAV, "127.0.0.1", port, seconds=0.5)
            began = time.monotonic()
            [answers] = engines.ask_all([engine], [(b"x", engines.Envelope())] * 20)
            self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(len(answers), 20)
        for answer in answers:
            self.assertIsInstance(answer, engines.EngineError)

    def test_one_mail_that_an_engine_refuses_stops_no_other(self):
        refused = b"SPAMD/1.0 76 EX_PROTOCOL\r\n\r\n"
        talks = answering(refused), answering(SPAMD_SPAM)
        with serving(*talks) as port:
            engine = engines.Engine(engines.SPAMASSASSIN, "127.0.0.1", port)
            [[first, second]] = engines.ask_all(
                [engine], [(b"x", engines.Envelope())] * 2
            )
        self.assertIsInstance(first, engines.EngineError)
        self.assertTrue(second.is_bad)

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with self.assertRaises(engines.EngineError):
            self.session(engines.CLAMAV, port).ask(b"x")
