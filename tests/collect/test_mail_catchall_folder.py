from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.servers.imap import Fetched, FolderStatus

from ..common import RouterCommon

FOLDER_LOGGER = "odoo.addons.mail_catchall_router.models.collect.mail_catchall_folder"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestFolder(RouterCommon):
    """How far a folder has been collected, whatever the server does to its UIDs."""

    def setUp(self):
        super().setUp()
        self.folder = self.router.folder_ids

    def fetched(self, arrived, flags=()):
        return Fetched(1, b"", arrived, flags, 0, True)

    def test_a_router_reads_the_inbox(self):
        self.assertEqual(self.folder.name, "INBOX")

    def test_the_take_over_starts_where_the_router_says(self):
        for choice, last_uid in (("unread", "0"), ("everything", "0"), ("new", "41")):
            with self.subTest(choice=choice):
                self.folder.uidvalidity = False
                self.router.take_over = choice
                self.folder._open(FolderStatus(7, 42, 40))
                self.assertEqual(self.folder.last_uid, last_uid)
                self.assertEqual(self.folder.take_over_uid, "42")

    def test_an_unchanged_folder_goes_on(self):
        self.folder._open(FolderStatus(7, 42, 40))
        self.folder.last_uid = "41"
        self.folder._open(FolderStatus(7, 50, 45))
        self.assertEqual(self.folder.last_uid, "41")
        self.assertFalse(self.folder.rescan_uid)

    def test_an_emptied_folder_goes_on_where_the_server_tells_no_next_number(self):
        """What was collected was moved away, so the highest number there is low."""
        self.folder._open(FolderStatus(7, 42, 40, False))
        self.folder.last_uid = "41"
        self.folder._open(FolderStatus(7, 1, 0, False))
        self.assertEqual(self.folder.last_uid, "41")
        self.assertFalse(self.folder.rescan_uid)

    @mute_logger(FOLDER_LOGGER)
    def test_new_numbers_are_read_from_the_start(self):
        self.folder._open(FolderStatus(7, 42, 40))
        self.folder.last_uid = "41"
        for status in (
            FolderStatus(4294967295, 12, 11),
            FolderStatus(4294967295, 9, 8),
        ):
            self.folder.last_uid = "41"
            self.folder._open(status)
            self.assertEqual(self.folder.last_uid, "0")
            self.assertEqual(self.folder.rescan_uid, str(status.uidnext))

    @mute_logger(FOLDER_LOGGER)
    def test_who_may_fetch_may_rescan(self):
        """A person presses Fetch; the rows in the journal are nobody's to edit."""
        administrator = new_test_user(
            self.env, login="administrator", groups="base.group_system"
        )
        raw = self.mail(self.at_domain("sales"))
        found = {"raw": raw, "folder": "INBOX", "uidvalidity": "8", "uid": "3"}
        message = self.Message._journal(self.router, [found])
        folder = self.folder.with_user(administrator)
        folder._open(FolderStatus(7, 42, 40))
        folder._open(FolderStatus(8, 42, 40))
        self.assertIn("before", message.uidvalidity)
        again = Fetched(9, raw, None, (), len(raw), True)
        server = self.server.with_user(administrator)
        self.assertEqual(server._catchall_recognise(folder, [again]), [])
        self.assertEqual((message.uidvalidity, message.uid), ("8", "9"))

    def test_a_rescan_leaves_out_what_the_take_over_left_out(self):
        self.folder._open(FolderStatus(7, 42, 40))
        before = self.folder.take_over_date - timedelta(days=1)
        after = self.folder.take_over_date + timedelta(days=1)
        read = ("\\Seen",)
        for choice, arrived, flags, wanted in (
            ("unread", before, (), True),
            ("unread", before, read, False),
            ("unread", after, read, True),
            ("new", before, (), False),
            ("new", after, (), True),
            ("everything", before, read, True),
            ("new", None, read, True),
        ):
            with self.subTest(choice=choice, arrived=arrived, flags=flags):
                self.router.take_over = choice
                self.assertEqual(
                    self.folder._wants_old(self.fetched(arrived, flags)), wanted
                )

    def test_pop_leaves_out_what_was_there_when_only_new_mail_is_wanted(self):
        self.router.take_over = "new"
        self.folder._open_pop(["a1", "b2"])
        self.folder._open_pop(["a1", "b2", "c3"])
        self.assertEqual(self.folder.skipped_uids.split(), ["a1", "b2"])

    def test_dates_are_compared_as_stored(self):
        self.folder._open(FolderStatus(7, 42, 40))
        self.assertIsInstance(self.folder.take_over_date, datetime)
        self.assertLessEqual(self.folder.take_over_date, fields.Datetime.now())
