import contextlib
import socket
import threading
import time
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import bounds, imap, pop

from ..fake_servers import ImapConnection, ImapServer, PopConnection, PopServer


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestBounds(BaseCase):
    """No answer of a server's is longer, or takes longer, than it may."""

    def open(self, raw=b"Subject: 1\r\n\r\nHello\r\n"):
        self.server = ImapServer({1: raw})
        connection = ImapConnection(self.server)
        self.meter = bounds.bound(connection)
        imap.select_folder(connection, "INBOX")
        return connection

    def test_what_is_announced_but_too_much_is_not_read(self):
        connection = self.open()
        self.server.fetched = lambda _uids, _parts: (
            b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\nhello"
        )
        with self.assertRaises(bounds.ExcessError):
            list(imap.fetch_messages(connection, {1: 10}, max_size=100))

    def test_a_size_that_is_no_number_any_more_is_not_read(self):
        connection = self.open()
        self.server.fetched = lambda _uids, _parts: (
            b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 5000 + b"}\r\nhello"
        )
        with self.assertRaises(bounds.ExcessError):
            list(imap.fetch_messages(connection, {1: 10}, max_size=100))

    def test_what_a_search_finds_are_numbers_of_mails(self):
        connection = self.open()
        words = b"1 x 99999999999 -4 \xff 2 " + b"9" * 5000
        with patch.object(imap, "_command", return_value=[words, None]):
            self.assertEqual(imap.list_uids(connection), [1, 2])

    def test_an_answer_without_end_is_left(self):
        connection = self.open()
        self.server.fetched = lambda _uids, _parts: b"* OK still here\r\n" * 2_000_000
        with self.assertRaises(bounds.ExcessError):
            list(imap.fetch_messages(connection, {1: 10}, max_size=100))

    def test_a_line_without_end_is_left(self):
        connection = self.open()
        self.server.fetched = lambda _uids, _parts: b"x" * 20_000_000
        with self.assertRaises(bounds.ExcessError):
            list(imap.fetch_messages(connection, {1: 10}, max_size=100))

    def test_a_larger_mail_than_was_announced_is_taken_within_bounds(self):
        raw = b"x" * 10_000_000
        connection = self.open(raw)
        (mail,) = imap.fetch_messages(connection, {1: 10}, max_size=100)
        self.assertEqual(mail.raw, raw)

    def test_each_command_begins_anew(self):
        connection = self.open(b"x" * 10_000_000)
        for _time in range(3):
            (mail,) = imap.fetch_messages(connection, {1: 10}, max_size=100)
            self.assertEqual(len(mail.raw), 10_000_000)

    def test_how_fast_a_server_is_decides_what_is_fetched_at_once(self):
        meter = bounds.Meter()
        self.assertEqual(meter.chunk_bytes, bounds.CHUNK_BYTES)
        for speed, part in ((45_000, 450_000), (10, 65536), (10**9, 4 * 1024 * 1024)):
            meter = bounds.Meter(speed)
            self.assertEqual((meter.part_bytes, meter.whole_bytes), (part, part))
            self.assertLessEqual(part, meter.chunk_bytes)

    def test_only_mail_tells_how_fast_a_server_is(self):
        connection = self.open(b"x" * 100_000)
        imap.list_uids(connection)
        self.assertEqual(self.meter.speed, 0)
        list(imap.fetch_messages(connection, {1: 100_000}, max_size=10**6))
        self.assertGreater(self.meter.speed, 10**6)

    def test_pop_is_bounded_as_well(self):
        for name in ("do_list", "do_uidl", "do_retr"):
            server = PopServer({"a": b"Subject: 1\r\n\r\nHello\r\n"})
            connection = PopConnection(server)
            bounds.bound(connection)
            (item,) = pop.pop_list(connection)
            endless = b"+OK\r\n" + b"1 x\r\n" * 5_000_000
            setattr(server, name, lambda *_arguments, endless=endless: endless)
            with self.subTest(name), self.assertRaises(bounds.ExcessError):
                pop.pop_list(connection)
                pop.pop_fetch(connection, item, max_size=100)

    def test_a_long_line_of_pop_comes_as_it_is(self):
        raw = b"Subject: 1\r\n\r\n" + b"y" * (bounds.PIECE_BYTES - 1) + b"\r\n.\r\n"
        raw += b"z" * bounds.PIECE_BYTES + b".\r\n" + b"..\r\n"
        connection = PopConnection(PopServer({"a": raw}))
        bounds.bound(connection)
        (item,) = pop.pop_list(connection)
        self.assertEqual(pop.pop_fetch(connection, item, max_size=10**6).raw, raw)

    @contextlib.contextmanager
    def dripping(self):
        """Give a connection to a server that sends a byte now and then."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            over = threading.Event()

            def drip():
                peer, _address = listener.accept()
                with peer, contextlib.suppress(OSError):
                    while not over.wait(0.02):
                        peer.sendall(b"x")

            thread = threading.Thread(target=drip)
            thread.start()
            try:
                yield listener.getsockname()[1]
            finally:
                over.set()
                thread.join()

    def test_who_drips_is_cut_off(self):
        connection = ImapConnection(ImapServer())
        began = time.monotonic()
        with (
            self.dripping() as port,
            socket.create_connection(("127.0.0.1", port)) as sock,
            sock.makefile("rb") as file,
        ):
            connection.sock, connection.file = sock, file
            bounds.bound(connection)
            with (
                self.assertRaisesRegex(TimeoutError, "left after 1 s"),
                bounds.cut_after(connection, 1),
            ):
                connection._get_response()
        self.assertLess(time.monotonic() - began, 3)

    def test_an_error_in_time_stays_what_it_is(self):
        with self.assertRaisesRegex(OSError, "mine"), bounds.cut_after(object(), 9):
            raise OSError("mine")
