from odoo.tests import tagged

from .test_tours import ToursCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessagesTours(ToursCommon):
    """Finding mail in the journal, and what a user has not seen of it."""

    def tour(self, name):
        self.start_tour("/odoo/mail-router", name, login="manager")

    def test_see_where_a_mail_went(self):
        self._create_alias("shop")
        addresses = f"{self.at_domain('sales')}, {self.at_domain('shop')}"
        self.route(
            self.mail(
                to=addresses,
                subject="For two of us",
                message_id="<two@customer.example>",
            )
        )
        self.tour("mail_catchall_went_to")

    def test_see_what_is_unread(self):
        self.tour("mail_catchall_messages_unread")
        messages = self.Message.with_user(self.manager)
        self.assertFalse(messages.search([("is_unread", "=", True)]))
        self.assertTrue(self.manager.catchall_read_until)

    def test_find_a_mail_by_its_text(self):
        self.Message.search([])._write_words()
        self.tour("mail_catchall_messages_search")

    def test_save_a_search_where_one_decides(self):
        self.quarantine()
        self.start_tour(
            "/odoo/mail-router-triage",
            "mail_catchall_triage_favourite",
            login="manager",
        )
        saved = self.env["ir.filters"].search([("name", "=like", "Awa%")])
        self.assertEqual(saved.mapped("name"), ["Away"])
        self.assertEqual(saved.user_ids, self.manager)

    def test_see_what_is_unread_on_a_phone(self):
        with self.on_a_phone():
            self.tour("mail_catchall_messages_unread_on_a_phone")
