import contextlib
import imaplib
import selectors
import socket
import threading
import time
from unittest.mock import patch

import psycopg2

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.listener import databases, pool, process
from odoo.addons.mail_catchall_router.models.collect.fetchmail_server_listen import (
    Line,
    Place,
)

MANY = 150
PATIENCE = 60


class Log(list):
    """The lines that were logged, whatever the level."""

    def info(self, text, *values):
        self.append(text % values)

    warning = debug = info


class Connection:
    """What imaplib leaves: a socket, and a way to close it."""

    def __init__(self, sock):
        self.sock = sock

    def shutdown(self):
        self.sock.close()


class FreeClaim:
    """The right to listen, where nobody else wants it."""

    def __init__(self, _database, is_inside):
        self.is_inside = is_inside
        self.is_held = False

    answers = True

    def hold(self, _heard):
        """Have it, unless a test says otherwise."""
        if isinstance(self.answers, Exception):
            raise self.answers
        self.is_held = self.answers
        return self.answers

    def let_go(self):
        """Nobody waits for it."""
        self.is_held = False


class Server:
    """The other ends of all connections; each idles when it is asked to."""

    def __init__(self):
        self.door = socket.create_server(("127.0.0.1", 0), backlog=MANY)
        self.lock = threading.Lock()
        self.selector = selectors.DefaultSelector()
        self.ends, self.said, self.dialled = {}, {}, []
        self.is_over = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def dial(self, _database, place):
        """Return a new connection to a place."""
        with self.lock:
            theirs = socket.create_connection(self.door.getsockname())
            mine, _address = self.door.accept()
            self.dialled.append(place)
            self.ends[place], self.said[place] = mine, b""
            self.selector.register(mine, selectors.EVENT_READ, place)
        return Line(Connection(theirs), 0, True)

    def serve(self):
        while not self.is_over:
            for key, _events in self.selector.select(0.05):
                self.hear(key)

    def hear(self, key):
        """Take what a connection says, and idle with it; whoever has hung up meanwhile
        is heard no more."""
        try:
            data = key.fileobj.recv(1000)
            if b" IDLE\r\n" in data:
                key.fileobj.sendall(b"+ idling\r\n")
        except ConnectionError:
            data = b""
        self.said[key.data] += data
        if not data:
            self.selector.unregister(key.fileobj)

    def close(self):
        self.is_over = True
        self.thread.join()
        for end in (self.door, self.selector, *self.ends.values()):
            end.close()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestListener(BaseCase):
    """One process and a handful of threads for all mailboxes."""

    def setUp(self):
        super().setUp()
        self.really_loaded = databases.is_loaded
        self.server = Server()
        self.addCleanup(self.server.close)
        self.places = frozenset()
        self.woken, self.heard = 0, set()
        self.log = Log()
        self.startPatcher(patch.object(process, "_logger", self.log))
        self.startPatcher(patch.object(process, "Claim", FreeClaim))
        self.startPatcher(patch.object(databases, "may_listen", return_value=True))
        self.startPatcher(patch.object(databases, "is_loaded", return_value=True))
        self.startPatcher(patch.object(databases, "places", self.find_places))
        self.startPatcher(patch.object(databases, "dial", self.server.dial))
        self.startPatcher(patch.object(databases, "wake", self.wake))
        self.startPatcher(patch.object(process.random, "random", return_value=0))

    def find_places(self, _database):
        return self.places

    def wake(self, _database, server_ids):
        self.heard.update(server_ids)
        self.woken += 1

    @contextlib.contextmanager
    def listening(self, count, is_inside=False):
        """Run a listener for so many mailboxes, all of which it hears."""
        self.places = frozenset(Place(n, "INBOX", "") for n in range(count))
        listener = process.Listener(["some database"], 0.05, is_inside=is_inside)
        thread = threading.Thread(target=listener.run)
        thread.start()
        try:
            self.wait_for(lambda: self.logged("listened to") == count)
            yield listener
        finally:
            listener.stop()
            thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())

    def logged(self, words):
        return sum(words in line and "no longer" not in line for line in self.log)

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def wait_for_wake_up(self, before):
        self.wait_for(lambda: self.woken > before)

    def test_a_thread_is_not_needed_for_each_mailbox(self):
        threads = threading.active_count()
        with self.listening(MANY):
            more = process.LOGINS_AT_ONCE + process.DATABASES_AT_ONCE + 1
            self.assertLessEqual(threading.active_count(), threads + more)
            # All of them began within a few wake-ups, not with one each.
            self.assertLess(self.woken, MANY)

    def test_whichever_mailbox_has_new_mail_wakes_the_database_for_itself(self):
        with self.listening(3):
            for place, end in self.server.ends.items():
                self.wait_for(self.is_quiet)
                before = self.woken
                self.heard.clear()
                end.sendall(b"* 1 EXI")
                end.sendall(b"STS\r\n")
                self.wait_for_wake_up(before)
                self.assertEqual(self.heard, {place.server_id})

    def is_quiet(self):
        """Tell whether no wake-up came for longer than two can be apart."""
        before = self.woken
        time.sleep(0.5)
        return before == self.woken

    def test_a_lost_connection_is_made_anew(self):
        with self.listening(1), patch.object(process.idle, "FIRST_DELAY", 0.01):
            (place,) = self.places
            self.server.ends[place].shutdown(socket.SHUT_RDWR)
            self.wait_for(lambda: self.logged("listened to") == 2)
        self.assertEqual(self.server.dialled, [place, place])

    def test_a_connection_that_is_lost_before_its_first_word_is_made_anew(self):
        def dial(database, place):
            line = self.server.dial(database, place)
            if len(self.server.dialled) == 1:
                line.connection.sock.shutdown(socket.SHUT_WR)
            return line

        with (
            patch.object(databases, "dial", dial),
            patch.object(process.idle, "FIRST_DELAY", 0.01),
            self.listening(1),
        ):
            self.assertEqual(len(self.server.dialled), 2)

    def test_places_come_and_go(self):
        with self.listening(2):
            stays, goes = sorted(self.places, key=lambda place: place.server_id)
            comes = Place(9, "Junk", "")
            self.places = frozenset({stays, comes})
            self.wait_for(lambda: self.logged("server 9, Junk: listened to"))
            self.wait_for(lambda: b"LOGOUT" in self.server.said[goes])
            self.assertNotIn(b"LOGOUT", self.server.said[stays])

    def test_a_place_that_is_reached_otherwise_is_dialled_anew(self):
        with self.listening(1):
            (before,) = self.places
            after = Place(before.server_id, before.folder, "other password")
            self.places = frozenset({after})
            self.wait_for(lambda: after in self.server.dialled)
            self.wait_for(lambda: b"LOGOUT" in self.server.said[before])

    def test_a_refused_login_is_tried_less_often_than_a_lost_connection(self):
        lost, refused = Place(5, "INBOX", ""), Place(6, "INBOX", "")

        def dial(_database, place):
            if place == lost:
                raise OSError("unreachable")
            raise imaplib.IMAP4.error("LOGIN failed")

        with self.listening(1), patch.object(databases, "dial", dial):
            self.places |= {lost, refused}
            self.wait_for(lambda: self.logged("6, INBOX: error: LOGIN failed Next try"))
            self.wait_for(lambda: self.logged("5, INBOX: OSError: unreachable Next"))
        text = "\n".join(self.log)
        self.assertIn("unreachable Next try in 0 s", text)
        self.assertIn("failed Next try in 30 s", text)

    def test_a_database_that_cannot_be_reached_is_asked_again(self):
        failures = [OSError("gone"), OSError("gone")]

        def wake(_database, server_ids):
            if failures:
                raise failures.pop()
            self.wake(_database, server_ids)

        with (
            patch.object(process, "RETRY_DATABASE", 0.01),
            patch.object(databases, "wake", wake),
            self.listening(1),
        ):
            self.wait_for_wake_up(0)
        self.assertEqual(self.logged("cannot be woken: OSError: gone"), 2)
        self.assertEqual(self.heard, {0})

    def test_who_has_not_the_right_hangs_up_and_begins_anew_when_he_has(self):
        with self.listening(1):
            (place,) = self.places
            with patch.object(FreeClaim, "answers", False):
                self.wait_for(lambda: b"LOGOUT" in self.server.said[place])
            self.wait_for(lambda: self.logged("listened to") == 2)

    def test_a_database_that_is_away_costs_no_connection(self):
        with self.listening(1), patch.object(process, "RETRY_DATABASE", 0.01):
            (place,) = self.places
            with patch.object(FreeClaim, "answers", OSError("away")):
                self.wait_for(lambda: self.logged("cannot be read: OSError: away"))
                time.sleep(0.2)
            self.assertEqual(self.logged("cannot be read"), 1, "it is said once")
            before = self.woken
            self.server.ends[place].sendall(b"* 1 EXISTS\r\n")
            self.wait_for_wake_up(before)
        self.assertEqual(self.server.dialled, [place])

    def test_inside_of_odoo_its_cron_threads_are_tended(self):
        with (
            patch.object(process.Hands, "tend") as tend,
            self.listening(1, is_inside=True),
        ):
            self.wait_for(lambda: tend.called)

    def test_inside_of_odoo_a_database_that_is_gone_is_forgotten(self):
        with (
            patch.object(databases, "is_gone", return_value=True),
            # Whoever loads a registry, as a run of tests does, locks all of them.
            patch.object(databases, "Registry") as registry,
            self.listening(1, is_inside=True) as listener,
        ):
            (place,) = self.places
            with patch.object(FreeClaim, "answers", psycopg2.OperationalError()):
                self.wait_for(lambda: b"LOGOUT" in self.server.said[place])
                self.wait_for(lambda: not listener._databases)
        self.assertFalse(self.logged("cannot be read"))
        self.assertEqual(self.logged("it is gone"), 1)
        # Another one that gets its name is loaded anew, and listened to.
        registry.delete.assert_called_once_with("some database")

    def test_inside_of_odoo_what_is_loaded_no_longer_is_not_loaded_anew(self):
        with self.listening(1, is_inside=True) as listener:
            (place,) = self.places
            with patch.object(databases, "is_loaded", return_value=False):
                self.wait_for(lambda: not listener._databases)
                self.wait_for(lambda: b"LOGOUT" in self.server.said[place])
        self.assertFalse(self.logged("cannot be read"))

    def test_odoo_has_loaded_what_it_keeps(self):
        with patch.object(databases.Registry, "registries", {"one": object()}):
            self.assertTrue(self.really_loaded("one"))
            self.assertFalse(self.really_loaded("two"))

    def test_inside_of_odoo_who_has_no_mailbox_holds_no_connection(self):
        with self.listening(1, is_inside=True) as listener:
            (database,) = listener._databases
            self.assertTrue(database.claim.is_held)
            self.places = frozenset()
            self.wait_for(lambda: not database.claim.is_held)
            self.places = frozenset({Place(7, "INBOX", "")})
            self.wait_for(lambda: self.logged("server 7, INBOX: listened to"))
            self.assertTrue(database.claim.is_held)

    def test_inside_of_odoo_only_so_many_databases_are_listened_to(self):
        with (
            patch.object(process, "MOST_INSIDE", 1),
            self.listening(1, is_inside=True) as listener,
        ):
            listener.add("another")
            self.wait_for(lambda: self.logged("another: not listened to"))
            self.places = frozenset()
            (first, second) = listener._databases
            self.wait_for(lambda: not first.watches)
            self.wait_for(lambda: not second.is_left_out)
        self.assertEqual(self.logged("another: not listened to"), 1)

    def test_logins_leave_most_of_odoos_connections_for_others(self):
        for evented, most, of_evented, logins in (
            (False, 64, 4, 8),
            (False, 12, 0, 3),
            (False, 2, 0, 1),
            (True, 64, 16, 4),
            (True, 64, 0, 8),
        ):
            options = {"db_maxconn": most, "db_maxconn_gevent": of_evented}
            with (
                self.subTest(evented=evented, **options),
                patch.object(process.odoo, "evented", evented),
                patch.dict(process.config.options, options),
            ):
                self.assertEqual(process.logins_at_once(), logins)

    def test_a_loop_that_breaks_off_gives_the_right_back(self):
        listener = process.Listener(["some database"], 0.05)
        (database,) = listener._databases
        database.claim.hold(frozenset())
        with (
            patch.object(listener, "_tend", side_effect=RuntimeError("no threads")),
            self.assertRaises(RuntimeError),
        ):
            listener.run()
        self.assertFalse(database.claim.is_held)

    def test_a_database_is_gone_when_postgresql_has_none_of_this_name(self):
        self.assertTrue(databases.is_gone("there_is_no_such_database"))
        self.assertFalse(databases.is_gone("postgres"))

    def test_threads_that_have_nothing_to_do_end(self):
        before = threading.active_count()
        with patch.object(pool, "PATIENCE", 0.01), self.listening(MANY):
            # The loop, and the one that looks at the database now and then.
            self.wait_for(lambda: threading.active_count() <= before + 2)

    def test_a_job_that_hangs_keeps_none_waiting_that_another_thread_could_do(self):
        done, release = [], threading.Event()
        jobs = pool.Pool(2, lambda callback, _result, _error: done.append(callback))
        self.addCleanup(release.set)
        for name, job in (("quick", int), ("hangs", release.wait), ("last", int)):
            jobs.submit(name, job)
            if name == "quick":
                self.wait_for(lambda: done == ["quick"])
        self.wait_for(lambda: done == ["quick", "last"])

    def test_it_leaves_politely_and_asks_for_nothing_but_news(self):
        with self.listening(1):
            pass
        self.wait_for(lambda: b"LOGOUT" in self.server.said[Place(0, "INBOX", "")])
        (said,) = self.server.said.values()
        self.assertEqual(said, b"L1 IDLE\r\nDONE\r\nL0 LOGOUT\r\n")
