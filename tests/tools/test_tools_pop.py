import poplib

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import pop
from odoo.addons.mail_catchall_router.tools.servers.imap import MailboxError

from ..fake_servers import PopConnection, PopServer

BIG = 10**6


def raw_mail(body=b"Hello"):
    return b"Subject: 1\r\n\r\n%s\r\n" % body


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestPop(BaseCase):
    """POP3 by UIDL."""

    def open(self, mails):
        self.server = PopServer(mails)
        return PopConnection(self.server)

    def test_list(self):
        connection = self.open({"aa": b"12345", "b b": b""})
        self.assertEqual(
            pop.pop_list(connection),
            [pop.PopItem(1, "aa", 5), pop.PopItem(2, "b b", 0)],
        )

    def test_list_without_uidl_is_refused(self):
        connection = self.open({"aa": b"1"})
        self.server.refused.add("UIDL")
        with self.assertRaisesRegex(MailboxError, "not now"):
            pop.pop_list(connection)

    def test_a_mail_comes_byte_for_byte(self):
        raw = b"Subject: x\r\n\r\n.dot\r\n..\r\n" + b"y" * 100_000 + b"\n\xff\0\r\n"
        connection = self.open({"aa": raw})
        (item,) = pop.pop_list(connection)
        fetched = pop.pop_fetch(connection, item, max_size=BIG)
        self.assertEqual(fetched, pop.PopFetched("aa", raw, True))

    def test_a_too_large_mail_gives_its_headers(self):
        connection = self.open({"aa": raw_mail(b"x" * 100)})
        (item,) = pop.pop_list(connection)
        fetched = pop.pop_fetch(connection, item, max_size=50)
        self.assertEqual(fetched.raw, b"Subject: 1\r\n\r\n")
        self.assertFalse(fetched.complete)

    def test_a_refused_mail_is_told(self):
        connection = self.open({"aa": raw_mail()})
        (item,) = pop.pop_list(connection)
        self.server.refused |= {"RETR", "TOP"}
        fetched = pop.pop_fetch(connection, item, max_size=BIG)
        self.assertEqual(fetched, pop.PopFetched("aa", b"", False))

    def test_delete(self):
        connection = self.open({"aa": b"1", "bb": b"2"})
        pop.pop_delete(connection, [2])
        self.assertEqual(self.server.deleted, [2])
        self.server.refused.add("DELE")
        with self.assertRaisesRegex(MailboxError, "not now"):
            pop.pop_delete(connection, [1])

    def test_a_cut_connection_is_no_refusal(self):
        connection = self.open({"aa": raw_mail()})
        (item,) = pop.pop_list(connection)
        self.server.do_retr = lambda _number: b"+OK\r\nSubject: half"
        with self.assertRaises(poplib.error_proto):
            pop.pop_fetch(connection, item, max_size=BIG)
