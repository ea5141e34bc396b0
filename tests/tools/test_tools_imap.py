from datetime import UTC, datetime

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import imap
from odoo.addons.mail_catchall_router.tools.servers.imap import MailboxError

from ..fake_servers import ImapConnection, ImapServer
from ..strategies import given, quick, st

BIG = 10**6


def raw_mail(number, body=b"Hello"):
    return b"Subject: %d\r\n\r\n%s\r\n" % (number, body)


def fetch(connection, uids, max_size, **limits):
    """Return the mails with these UIDs, fetched as the router does it."""
    sizes = imap.fetch_sizes(connection, uids)
    present = {uid: sizes[uid] for uid in uids if uid in sizes}
    return [
        mail
        for chunk in imap.chunks(present, max_size=max_size, **limits)
        for mail in imap.fetch_messages(connection, chunk, max_size=max_size)
    ]


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSpecialFolders(BaseCase):
    """Folders by their use (RFC 6154), whatever they are called."""

    def listed(self, *lines):
        connection = ImapConnection(ImapServer({}))
        connection.list = lambda: ("OK", list(lines))
        return imap.list_special(connection, "\\Junk")

    @quick
    @given(st.text(max_size=20))
    def test_a_name_is_read_as_it_was_written(self, name):
        clean = name.encode("utf-16-be", "replace").decode("utf-16-be")
        quoted = imap.quote_folder(name).encode()
        self.assertEqual(imap.unquote_folder(quoted), clean)

    @quick
    @given(st.binary(max_size=60))
    def test_whatever_a_server_lists_is_no_crash(self, line):
        self.assertLessEqual(len(self.listed(line)), 1)

    def test_the_folder_is_found_by_its_use_alone(self):
        self.assertEqual(
            self.listed(
                b'(\\HasNoChildren) "/" "Junk mail of mine"',
                b'(\\HasNoChildren \\JUNK) "." INBOX.Spam',
                b'(\\Junk) NIL "a \\"b\\" &AbA-"',
                (b'(\\Junk) "/" {4}', b"Spam"),
            ),
            ["INBOX.Spam", 'a "b" ư', "Spam"],
        )

    def test_unread_mail_is_counted_without_opening_the_folder(self):
        server = ImapServer({})
        server.unseen = {"Spam": 12}
        self.assertEqual(imap.count_unseen(ImapConnection(server), "Spam"), 12)
        self.assertFalse(server.selected)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestImapFolder(BaseCase):
    """Opening folders and listing what is in them."""

    def open(self, uids=(), **settings):
        self.server = ImapServer({uid: raw_mail(uid) for uid in uids})
        for name, value in settings.items():
            setattr(self.server, name, value)
        connection = ImapConnection(self.server)
        self.status = imap.select_folder(connection, "INBOX")
        return connection

    def test_select_tells_the_uid_state(self):
        self.open([3, 9])
        self.assertEqual(self.status, imap.FolderStatus(7, 10, 2))

    def test_select_derives_a_missing_uidnext(self):
        self.open([3, 9], tells_uidnext=False)
        self.assertEqual(self.status.uidnext, 10)
        self.open([], tells_uidnext=False)
        self.assertEqual(self.status.uidnext, 1)
        self.assertFalse(self.status.tells_uidnext)

    def test_a_uidnext_that_select_does_not_tell_is_asked_for(self):
        """As Courier IMAP does it, also of a folder whose last mails are gone."""
        self.open([3, 9], tells_uidnext=False, status_uidnext=12)
        self.assertEqual(self.status, imap.FolderStatus(7, 12, 2))
        self.assertTrue(self.status.tells_uidnext)

    def test_select_missing_folder_has_the_servers_words(self):
        connection = self.open()
        with self.assertRaisesRegex(MailboxError, "Mailbox does not exist"):
            imap.select_folder(connection, "Nowhere")

    def test_who_wants_our_name_gets_it_when_it_refuses(self):
        """NetEase's servers; others are told nothing."""
        connection = self.open([3], wants_id=True, capabilities="IMAP4rev1 ID")
        imap.select_folder(connection, "INBOX")
        asked = [one for one in self.server.commands if one.startswith("ID ")]
        self.assertEqual(len(asked), 1)
        self.open([3], capabilities="IMAP4rev1 ID")
        self.assertNotIn("ID ", [one[:3] for one in self.server.commands])
        with self.assertRaisesRegex(MailboxError, "Unsafe Login"):
            self.open([3], wants_id=True)

    def test_folder_names_are_modified_utf7(self):
        # RFC 3501 5.1.3: its own example, the shift character, quotes.
        for name, quoted in (
            ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),
            ("Thư & từ", '"Th&AbA- &- t&Hus-"'),
            ('a"b\\c', '"a\\"b\\\\c"'),
            ("a\r\nb LOGOUT", '"a&AA0ACg-b LOGOUT"'),
        ):
            with self.subTest(name=name):
                self.assertEqual(imap.quote_folder(name), quoted)

    @quick
    @given(st.text())
    def test_folder_names_never_leave_their_quotes(self, name):
        quoted = imap.quote_folder(name)
        self.assertTrue(quoted.isascii() and quoted.isprintable())
        inner = quoted[1:-1].replace("\\\\", "").replace('\\"', "")
        self.assertNotIn('"', inner)

    def test_list_is_ascending_and_bounded(self):
        connection = self.open([9, 2, 5])
        self.assertEqual(imap.list_uids(connection), [2, 5, 9])
        self.assertEqual(imap.list_uids(connection, after=2), [5, 9])
        self.assertEqual(imap.list_uids(connection, after=2, below=9), [5])
        self.assertEqual(imap.list_uids(connection, after=4, below=5), [])

    def test_list_does_not_repeat_the_last_mail(self):
        # RFC 3501 6.4.8: `10:*` names mail 9, the last one.
        connection = self.open([2, 9])
        self.assertEqual(imap.list_uids(connection, after=9), [])

    def test_list_of_an_empty_folder(self):
        self.assertEqual(imap.list_uids(self.open()), [])

    def test_list_unseen_only(self):
        connection = self.open([1, 2, 3])
        imap.mark_seen(connection, [2])
        self.assertEqual(imap.list_uids(connection, unseen_only=True), [1, 3])
        self.assertEqual(imap.list_uids(connection), [1, 2, 3])

    def test_list_of_a_huge_sparse_folder(self):
        # A line of all UIDs would be longer than imaplib reads.
        uids = [4_000_000_000 + 7 * number for number in range(120_000)]
        connection = self.open(uids)
        self.assertEqual(imap.list_uids(connection), uids)
        searches = [c for c in self.server.commands if "SEARCH" in c]
        self.assertEqual(len(searches), 3)
        self.assertEqual(imap.list_uids(connection, after=uids[-2]), uids[-1:])

    def test_list_after_others_expunged(self):
        uids = list(range(1, 120_001))
        connection = self.open(uids)
        for uid in uids[:30_000]:
            del self.server.mails[uid]
        self.assertEqual(imap.list_uids(connection), uids[30_000:])

    @quick
    @given(st.sets(st.integers(1, 2**32 - 1)))
    def test_uid_sets_name_exactly_these(self, uids):
        server = ImapServer({uid: b"" for uid in uids | {1, 2**32 - 1}})
        named = [u for s in imap.uid_sets(uids) for u in server.mails_in(s)]
        self.assertEqual(named, sorted(uids))

    def test_uid_sets_are_short(self):
        sets = list(imap.uid_sets(range(1, 20_000, 2)))
        self.assertLessEqual(max(map(len, sets)), imap.SET_LENGTH)
        self.assertEqual(list(imap.uid_sets([3, 1, 2, 7])), ["1:3,7"])


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestImapFetch(BaseCase):
    """Fetching: everything that is there, exactly, with bounded memory."""

    def setUp(self):
        super().setUp()
        self.server = ImapServer({uid: raw_mail(uid) for uid in (1, 2, 5, 8)})
        self.connection = ImapConnection(self.server)
        imap.select_folder(self.connection, "INBOX")

    def fetch(self, uids, max_size=BIG, **limits):
        return fetch(self.connection, uids, max_size=max_size, **limits)

    def uid_fetches(self, part="BODY"):
        return [
            c for c in self.server.commands if c.startswith("UID FETCH") and part in c
        ]

    def test_a_mail_comes_byte_for_byte(self):
        raw = (
            b"Subject: \xff\r\n\r\n)\r\n* 1 FETCH (UID 9 FLAGS ())\r\n\0 {3}\r\nno end"
        )
        self.server.mails[2] = raw
        self.server.flags[2] = {"\\Seen", "$Label"}
        (fetched,) = self.fetch([2])
        self.assertEqual(fetched.raw, raw)
        self.assertEqual(fetched.flags, ("$Label", "\\Seen"))
        self.assertEqual(fetched.internal_date, datetime(2024, 7, 16, 19, 44, 25))
        self.assertEqual((fetched.size, fetched.complete), (len(raw), True))

    def test_nothing_is_marked_as_read(self):
        self.fetch([1, 2, 5, 8])
        self.assertFalse(any(self.server.flags.values()))
        self.assertNotIn("BODY[", " ".join(self.uid_fetches()))

    def test_one_fetch_for_a_chunk(self):
        self.assertEqual([f.uid for f in self.fetch([1, 2, 5, 8])], [1, 2, 5, 8])
        self.assertEqual(len(self.uid_fetches()), 1)

    def test_chunks_are_bounded_by_count_and_bytes(self):
        self.fetch([1, 2, 5, 8], chunk_count=3)
        self.assertEqual(len(self.uid_fetches()), 2)
        self.server.commands.clear()
        self.fetch([1, 2, 5, 8], chunk_bytes=len(raw_mail(1)))
        self.assertEqual(len(self.uid_fetches()), 4)

    def test_vanished_mails_are_absent(self):
        del self.server.mails[5]
        self.assertEqual([f.uid for f in self.fetch([1, 5, 6, 8])], [1, 8])

    def test_too_large_mails_give_their_headers(self):
        self.server.mails[2] = raw_mail(2, b"x" * 1000)
        fetched = {f.uid: f for f in self.fetch([1, 2, 5], max_size=100)}
        self.assertEqual(fetched[2].raw, b"Subject: 2\r\n\r\n")
        self.assertFalse(fetched[2].complete)
        self.assertEqual(fetched[2].size, len(self.server.mails[2]))
        self.assertTrue(fetched[1].complete and fetched[5].complete)

    def test_a_mail_comes_in_parts(self):
        raw = self.server.mails[2]
        for count in (1, 7, len(raw), len(raw) + 1):
            parts = []
            while not (parts and parts[-1].complete):
                had = sum(len(part.raw) for part in parts)
                parts.append(imap.fetch_part(self.connection, 2, had, count))
            with self.subTest(count=count):
                self.assertEqual(b"".join(part.raw for part in parts), raw)
        self.assertFalse(self.server.flags[2])
        self.assertIsNone(imap.fetch_part(self.connection, 77, 0, 9))

    def test_who_knows_no_parts_gives_the_rest(self):
        self.server.knows_parts = False
        part = imap.fetch_part(self.connection, 2, 5, 3)
        self.assertEqual((part.raw, part.complete), (raw_mail(2)[5:], True))

    def test_who_calls_all_of_it_a_part_gives_the_rest(self):
        # imap.exmail.qq.com
        self.server.part_of = lambda raw, start, _count: (
            b"BODY[]<%d> {%d}\r\n%s" % (start, len(raw), raw)
        )
        raw = raw_mail(2)
        for start in (0, 5, len(raw)):
            part = imap.fetch_part(self.connection, 2, start, 3)
            self.assertEqual((part.raw, part.complete), (raw[start:], True))

    def test_who_says_what_was_asked_for_gives_a_part(self):
        # Twisted's server
        self.server.part_of = lambda raw, start, count: (
            b"BODY[]<%d.%d> {%d}\r\n%s" % (start, count, count, raw[start:][:count])
        )
        part = imap.fetch_part(self.connection, 2, 5, 3)
        self.assertEqual((part.raw, part.complete), (raw_mail(2)[5:8], False))

    def test_another_part_than_was_asked_for_is_refused(self):
        self.server.part_of = lambda raw, start, count: b"BODY[]<3> {1}\r\nx"
        with self.assertRaisesRegex(MailboxError, "another part"):
            imap.fetch_part(self.connection, 2, 5, 1)

    def test_a_size_beyond_all_columns_is_a_large_one(self):
        self.server.sizes[2] = 10**15
        self.assertEqual(imap.fetch_sizes(self.connection, [2]), {2: 2**31 - 1})

    def test_a_wrong_size_does_not_matter(self):
        # Exchange computes RFC822.SIZE before it has the mail.
        self.server.sizes[2] = 3
        (fetched,) = self.fetch([2])
        self.assertEqual((fetched.raw, fetched.size), (raw_mail(2), len(raw_mail(2))))

    def test_answers_in_any_order_between_others(self):
        self.server.backwards = True
        self.server.noise = (
            b"* 3 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n* 0 RECENT\r\n"
        )
        fetched = self.fetch([1, 2, 5, 8])
        self.assertEqual([f.uid for f in fetched], [1, 2, 5, 8])
        self.assertEqual([f.raw for f in fetched], list(map(raw_mail, (1, 2, 5, 8))))

    def test_a_mail_the_server_chokes_on_holds_up_no_other(self):
        self.server.refused[2] = "BODY.PEEK[]"
        fetched = {f.uid: f for f in self.fetch([1, 2, 5])}
        self.assertEqual([f.complete for f in fetched.values()], [True, False, True])
        self.assertEqual(fetched[2].raw, b"Subject: 2\r\n\r\n")

    def test_a_mail_without_even_headers_is_told(self):
        self.server.refused[2] = "BODY.PEEK"
        fetched = self.fetch([1, 2, 5])
        self.assertEqual(
            [(f.uid, bool(f.raw)) for f in fetched], [(1, True), (2, False), (5, True)]
        )

    def test_a_refused_size_is_not_a_vanished_mail(self):
        self.server.refused[2] = "RFC822.SIZE"
        self.assertEqual([f.uid for f in self.fetch([1, 2, 3, 5])], [1, 2, 5])
        self.assertEqual(imap.fetch_sizes(self.connection, [2, 3]), {2: 0})

    def test_a_refusal_for_now_is_no_answer(self):
        self.server.refused[2] = "BODY.PEEK[]"
        self.server.refusal = b"NO [UNAVAILABLE] Temporary problem"
        with self.assertRaisesRegex(MailboxError, "Temporary problem"):
            self.fetch([1, 2])

    def test_headers_of_a_too_large_mail_are_refused(self):
        self.server.refused[2] = "BODY.PEEK"
        (fetched,) = self.fetch([2], max_size=1)
        self.assertEqual((fetched.raw, fetched.complete), (b"", False))

    def test_internal_dates(self):
        for text, moment in (
            (b" 7-Jul-1996 02:44:25 -0700", datetime(1996, 7, 7, 9, 44, 25)),
            (b"17-JUL-2024 02:44:25 +0000", datetime(2024, 7, 17, 2, 44, 25)),
            (b"31-Feb-2024 02:44:25 +0000", None),
            (b"17-Foo-2024 02:44:25 +0000", None),
            (b"01-Jan-0001 00:00:00 +0500", None),
            (None, None),
        ):
            with self.subTest(text=text):
                self.assertEqual(imap._internal_date(text), moment)

    @quick
    @given(st.lists(st.one_of(st.binary(), st.tuples(st.binary(), st.binary()))))
    def test_no_answer_makes_it_raise(self, data):
        for attributes in imap._by_uid(data).values():
            imap._fetched(1, attributes, 1, True)

    @quick
    @given(st.dictionaries(st.integers(1, 99), st.binary(), max_size=8), st.randoms())
    def test_whatever_the_bytes_they_come_through(self, mails, random):
        server = ImapServer(mails)
        server.backwards = random.random() < 0.5
        connection = ImapConnection(server)
        imap.select_folder(connection, "INBOX")
        fetched = fetch(
            connection, sorted(mails), max_size=BIG, chunk_bytes=random.randint(1, 99)
        )
        self.assertEqual({f.uid: f.raw for f in fetched}, mails)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestImapChanges(BaseCase):
    """What is changed on the server is what was named, and nothing else."""

    def open(self, capabilities="IMAP4rev1 MOVE UIDPLUS"):
        self.server = ImapServer(
            {uid: raw_mail(uid) for uid in (1, 2, 5)}, capabilities
        )
        connection = ImapConnection(self.server)
        imap.select_folder(connection, "INBOX")
        return connection

    def test_mark_seen(self):
        imap.mark_seen(self.open(), [2, 5, 77])
        self.assertEqual(self.server.flags, {1: set(), 2: {"\\Seen"}, 5: {"\\Seen"}})

    def test_mark_unseen(self):
        connection = self.open()
        imap.mark_seen(connection, [1, 2])
        imap.mark_unseen(connection, [2, 77])
        self.assertEqual(self.server.flags, {1: {"\\Seen"}, 2: set(), 5: set()})

    def test_nothing_to_do_asks_nothing(self):
        connection = self.open()
        before = len(self.server.commands)
        imap.mark_seen(connection, [])
        imap.delete(connection, [])
        self.assertEqual(len(self.server.commands), before)

    def test_move_creates_the_folder(self):
        imap.move(self.open(), [1, 5], "Done")
        self.assertEqual(set(self.server.mails), {2})
        self.assertEqual(set(self.server.folders["Done"]), {1, 5})

    def test_move_without_the_extension(self):
        imap.move(self.open("IMAP4rev1 UIDPLUS"), [1, 5], "Done")
        self.assertEqual(set(self.server.mails), {2})
        self.assertEqual(set(self.server.folders["Done"]), {1, 5})

    def test_a_folder_is_made_below_the_prefix_of_the_mailbox(self):
        for name in ("Done", "INBOX.Done"):
            with self.subTest(name):
                connection = self.open("IMAP4rev1 UIDPLUS NAMESPACE")
                self.server.prefix = "INBOX."
                imap.move(connection, [1, 5], name)
                imap.move(connection, [2], name)
                self.assertEqual(set(self.server.folders["INBOX.Done"]), {1, 2, 5})
                self.assertEqual(set(self.server.folders), {"INBOX", "INBOX.Done"})

    def test_a_server_that_tells_no_prefix_says_itself_what_it_refuses(self):
        for capabilities in ("IMAP4rev1 MOVE", "IMAP4rev1 MOVE NAMESPACE"):
            connection = self.open(capabilities)
            self.server.prefix = "INBOX."
            self.server.do_namespace = lambda _rest: (b"", b"NO not now")
            with self.assertRaisesRegex(MailboxError, "no such folder"):
                imap.move(connection, [1], "Done")
            self.assertEqual(set(self.server.mails), {1, 2, 5})

    def test_move_refused_has_the_servers_words(self):
        connection = self.open()
        self.server.uid_move = lambda _rest: (b"", b"NO [OVERQUOTA] Folder is full")
        with self.assertRaisesRegex(MailboxError, "Folder is full"):
            imap.move(connection, [1], "Done")
        self.assertEqual(set(self.server.mails), {1, 2, 5})

    def test_delete_spares_what_others_flagged(self):
        connection = self.open()
        self.server.flags[5].add("\\Deleted")
        imap.delete(connection, [1])
        self.assertEqual(set(self.server.mails), {2, 5})

    def test_delete_without_uidplus_only_flags(self):
        imap.delete(self.open("IMAP4rev1"), [1])
        self.assertEqual(set(self.server.mails), {1, 2, 5})
        self.assertEqual(self.server.flags[1], {"\\Deleted"})
        self.assertNotIn("EXPUNGE", " ".join(self.server.commands))

    def test_a_command_error_has_the_servers_words(self):
        connection = self.open()
        self.server.uid_store = lambda _rest: (b"", b"BAD mailbox is read-only")
        with self.assertRaisesRegex(MailboxError, "mailbox is read-only"):
            imap.mark_seen(connection, [1])

    def test_a_cut_connection_is_no_refusal(self):
        connection = self.open()
        self.server.answer = lambda _line: b""
        with self.assertRaises(connection.abort):
            imap.list_uids(connection)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestImapAppend(BaseCase):
    """A mail is put into a folder once."""

    def setUp(self):
        super().setUp()
        self.server = ImapServer()
        self.connection = ImapConnection(self.server)

    def append(self, message_id, raw=None):
        raw = raw or b"Message-ID: %s\r\n\r\nHello\r\n" % message_id.encode()
        date = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        return imap.append_once(self.connection, "Sent", raw, message_id, date)

    def test_a_missing_folder_is_made_and_the_mail_is_read_and_dated(self):
        self.assertTrue(self.append("<1@x>"))
        self.assertEqual(len(self.server.folders["Sent"]), 1)
        self.assertIn("(\\Seen)", self.server.append_options)
        self.assertIn("-Nov-2026", self.server.append_options)

    def test_the_folder_may_need_the_prefix_of_the_mailbox(self):
        self.server.capabilities += " NAMESPACE"
        self.server.prefix = "INBOX."
        self.assertTrue(self.append("<1@x>"))
        self.assertFalse(self.append("<1@x>"))
        self.assertEqual(len(self.server.folders["INBOX.Sent"]), 1)

    def test_a_mail_that_is_there_is_left_alone(self):
        self.assertTrue(self.append("<1@x>"))
        self.assertFalse(self.append("<1@x>"))
        self.assertTrue(self.append("<2@x>"))
        self.assertEqual(len(self.server.folders["Sent"]), 2)

    def test_a_mail_without_a_message_id_is_stored(self):
        for _time in range(2):
            self.assertTrue(self.append("", b"Subject: X\r\n\r\n"))

    def test_a_message_id_cannot_end_its_quotes(self):
        self.append('<a"\r\nA1 LOGOUT\\@x>')
        self.assertNotIn("A1 LOGOUT", [one[:9] for one in self.server.commands])
        searches = [one for one in self.server.commands if "SEARCH" in one]
        self.assertIn('"<a\\"A1 LOGOUT\\\\@x>"', searches[0])

    def test_a_refusal_has_the_servers_words(self):
        self.server.append_status = b"NO [OVERQUOTA] full"
        with self.assertRaisesRegex(MailboxError, "full"):
            self.append("<1@x>")
