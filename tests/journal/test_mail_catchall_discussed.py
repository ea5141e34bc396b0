from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tests.common import MailCommon

from ..common import RouterCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"
READER = "mail_catchall_router.group_mail_catchall_router_user"
BEGUN = ("mail.followers", "mail.message", "mail.activity")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDiscussed(RouterCommon, MailCommon):
    """Colleagues discuss a held mail; nobody outside ever reads what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lan = cls._make_user("discussed_lan", MANAGER, "email")
        cls.minh = cls._make_user("discussed_minh", READER, "email")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@customer.example"}
        )
        cls.held = cls.Message._journal(
            cls.router, [{"raw": cls.mail(cls.at_domain("nobody"))}]
        )
        cls.held._route()

    @classmethod
    def _make_user(cls, login, group, notified_by):
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=cls.router.company_id.id,
            email=f"{login}@test.example",
            notification_type=notified_by,
        )

    def notes(self):
        return self.held.sudo().message_ids

    def test_collecting_begins_no_discussion(self):
        counts = {one: self.env[one].search_count([]) for one in BEGUN}
        raws = [
            self.mail(self.at_domain("nobody"), message_id=f"<{n}@customer.example>")
            for n in range(3)
        ]
        messages = self.Message._journal(self.router, [{"raw": raw} for raw in raws])
        for message in messages:
            message._route()
        self.assertFalse(messages.message_follower_ids)
        self.assertFalse(messages.message_ids)
        self.assertEqual({one: self.env[one].search_count([]) for one in BEGUN}, counts)
        self.assertNotIn("tracking_disable", messages.env.context)

    def test_a_reader_comments_and_it_is_a_note(self):
        held = self.held.with_user(self.minh)
        note = held.message_post(
            body="Is this ours?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertTrue(note.subtype_id.internal)

    def test_a_colleague_is_told_and_the_customer_is_not(self):
        self.held.message_subscribe(partner_ids=self.customer.ids)
        self.assertFalse(self.held.message_partner_ids)
        with self.mock_mail_gateway():
            self.held.with_user(self.minh).message_post(
                body="Please look at it",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=(self.lan.partner_id + self.customer).ids,
                outgoing_email_to="stranger@customer.example",
            )
        told = [one for mail in self._mails for one in mail["email_to"]]
        self.assertEqual(len(told), 1)
        self.assertIn("discussed_lan@test.example", told[0])

    def test_an_answer_to_a_note_goes_to_who_wrote_it(self):
        with self.mock_mail_gateway():
            self.held.with_user(self.minh).message_post(
                body="Please look at it",
                message_type="comment",
                partner_ids=self.lan.partner_id.ids,
            )
        [mail] = self._mails
        self.assertIn("discussed_minh@test.example", mail["reply_to"])

    def test_who_may_not_read_it_may_not_comment(self):
        stranger = new_test_user(self.env, "discussed_stranger")
        with self.assertRaises(AccessError):
            self.held.with_user(stranger).message_post(body="Hello")

    def test_it_is_assigned_with_an_activity(self):
        self.held.with_user(self.minh).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.lan.id, summary="Look"
        )
        [row] = [
            one
            for one in self.Message.with_user(self.minh).read_triage()["rows"]
            if one["id"] == self.held.id
        ]
        self.assertEqual(row["assigned"], self.lan.name)
        mine = self.Message.with_user(self.lan).search(
            [("my_activity_date_deadline", "!=", False)]
        )
        self.assertEqual(mine, self.held)

    def test_whoever_hands_mail_over_makes_no_row_of_his_own(self):
        raw = self.mail(to="sales@elsewhere.example")
        values = {
            "router_id": self.router.id,
            "company_id": self.router.company_id.id,
            "state": "delivered",
            "email_from": "ceo@test.example",
        }
        before = self.Message.search_count([])
        threads = self.env["mail.thread"].with_user(self.lan)
        with self.assertRaises(AccessError):
            threads.message_process("mail.catchall.message", raw, custom_values=values)
        self.assertEqual(self.Message.search_count([]), before)

    def test_the_journal_is_nothing_that_mail_can_become(self):
        router = self.env["mail.catchall.router"]
        for kinds in (
            router._selection_document(),
            router._selection_fallback_record(),
        ):
            self.assertFalse([one for one, _name in kinds if "catchall" in one])
