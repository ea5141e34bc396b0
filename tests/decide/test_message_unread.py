from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...models.decide.mail_catchall_read import UNREAD_DAYS
from ..common import RouterCommon

READER = "mail_catchall_router.group_mail_catchall_router_user"
MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageUnread(RouterCommon):
    """What a user has not seen yet, each user for oneself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.router.company_id
        cls.first, cls.second = (
            new_test_user(cls.env, name, groups=groups, company_id=company.id)
            for name, groups in (("first", READER), ("second", MANAGER))
        )
        cls.mails = cls.Message._journal(
            cls.router,
            [
                {"raw": cls.mail(cls.at_domain("nobody"), subject=f"Mail {one}")}
                for one in range(3)
            ],
        )

    def unread(self, user):
        """Return what a user finds with the filter; the list shows the same."""
        messages = self.Message.with_user(user)
        found = messages.search([("is_unread", "=", True)])
        self.assertEqual(found, messages.search([]).filtered("is_unread"))
        read = messages.search([("is_unread", "=", False)])
        self.assertEqual(found | read, messages.search([]))
        self.assertFalse(found & read)
        return found.sudo().with_env(self.env)

    def test_who_opens_a_mail_has_seen_it_and_nobody_else(self):
        self.mails[0].with_user(self.first).action_mark_read()
        self.assertEqual(self.unread(self.first), self.mails[2] + self.mails[1])
        self.assertEqual(len(self.unread(self.second)), 3)

    def test_opening_it_twice_is_opening_it(self):
        for _time in range(2):
            self.mails.with_user(self.first).action_mark_read()
        self.assertFalse(self.unread(self.first))
        rows = self.env["mail.catchall.read"].search([])
        self.assertEqual(rows.message_id, self.mails)
        self.assertEqual(rows.user_id, self.first)

    def test_who_decides_about_a_mail_has_seen_it(self):
        for message in self.mails:
            message._route()
        self.mails[1].with_user(self.second).action_discard()
        self.assertNotIn(self.mails[1], self.unread(self.second))
        self.assertIn(self.mails[1], self.unread(self.first))

    def test_all_are_marked_at_once_and_what_comes_later_is_unread(self):
        self.mails[2].with_user(self.first).action_mark_read()
        # The list has none chosen: it means all.
        self.Message.with_user(self.first).action_mark_all_read()
        self.assertFalse(self.unread(self.first))
        self.assertFalse(self.env["mail.catchall.read"].search([]))
        later = self.journal(self.mail(self.at_domain("nobody"), subject="Later"))
        self.assertEqual(self.unread(self.first), later)
        self.assertEqual(len(self.unread(self.second)), 4)

    def test_what_is_old_counts_as_read_and_leaves_no_row(self):
        self.mails.with_user(self.first).action_mark_read()
        old = fields.Datetime.now() - timedelta(days=UNREAD_DAYS, hours=1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_message SET create_date = %s WHERE id = ANY(%s)",
            [old, self.mails[:2].ids],
        )
        self.env.invalidate_all()
        self.assertEqual(self.unread(self.second), self.mails[2])
        self.assertEqual(self.env["mail.catchall.read"]._gc_read(), (2, False))
        left = self.env["mail.catchall.read"].search([])
        self.assertEqual(left.message_id, self.mails[2])
        # What counts as read anyway gets no row.
        self.mails.with_user(self.second).action_mark_read()
        self.assertEqual(len(self.env["mail.catchall.read"].search([])), 2)

    def test_a_list_asks_once_whatever_its_length(self):
        messages = self.mails.with_user(self.first)
        messages.mapped("is_unread")
        messages.invalidate_recordset(["is_unread"])
        with self.assertQueryCount(1):
            messages.mapped("is_unread")

    def test_nobody_reads_what_others_have_read(self):
        self.mails.with_user(self.first).action_mark_read()
        with self.assertRaises(AccessError):
            self.env["mail.catchall.read"].with_user(self.second).search([])
        with self.assertRaises(AccessError):
            self.second.with_user(self.first).read(["catchall_read_until"])

    def test_who_may_not_see_the_mail_marks_nothing(self):
        stranger = new_test_user(
            self.env, "stranger", groups=READER, company_id=self.company_2.id
        )
        with self.assertRaises(AccessError):
            self.mails.with_user(stranger).action_mark_read()
