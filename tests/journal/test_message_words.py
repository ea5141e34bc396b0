from unittest.mock import patch

from lxml import etree
from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ...models.journal import message_words
from ..common import CommittingCommon

READER = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageWords(CommittingCommon):
    """Mail is found by its words, before and after they are written down."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lamps, cls.invoice = cls.Message._journal(
            cls.router,
            [
                {
                    "raw": cls.mail(
                        cls.at_domain("sales"),
                        subject="Twenty lamps",
                        body="Dear all,\r\n\r\nthey are for a show-room.\r\n",
                    )
                },
                {
                    "raw": cls.mail(
                        cls.at_domain("nobody"),
                        subject="=?utf-8?b?SMOzYSDEkcahbiAxMDAl?=",  # Hóa đơn 100%
                        email_from='"Trần Minh" <minh@khach.example>',
                        message_id="<invoice@khach.example>",
                        body="<style>p {color: red}</style><p>Kính gửi quý công ty</p>",
                    ).replace(b"text/plain", b"text/html")
                },
            ],
        )
        for message in cls.lamps + cls.invoice:
            message._route()

    def setUp(self):
        super().setUp()
        self.lamps = self.lamps.with_env(self.env)
        self.invoice = self.invoice.with_env(self.env)

    def found(self, typed):
        return self.Message.search([("snippet", "ilike", typed)])

    def searched(self, model, label, typed):
        """Return what a field of a search view finds, as the web client asks for it."""
        view = self.env[model].get_view(view_type="search")
        (node,) = (
            one
            for one in etree.fromstring(view["arch"]).iter("field")
            if label in (one.get("string"), one.get("name"))
            and not (label == "subject" and one.get("string"))
        )
        domain = safe_eval(node.get("filter_domain"), {"self": typed})
        return self.env[model].search(domain)

    def write_words(self):
        self.Message._cron_words()

    def test_new_mail_is_found_at_once_by_what_its_row_says(self):
        self.assertFalse(self.env["mail.catchall.words"].search([]))
        for typed in ("twenty", "lamps twenty", "LAN@", "sales@", "Twenty sales@"):
            self.assertEqual(self.found(typed), self.lamps, typed)
        self.assertFalse(self.found("twenty nobody@"))

    def test_it_is_found_by_its_text_too_once_that_is_written_down(self):
        self.write_words()
        for typed in ("show-room", "twenty show-room", "lan@", "sales@", "all, they"):
            self.assertEqual(self.found(typed), self.lamps, typed)
        for typed in ("hoa don", "HÓA ĐƠN", "kinh gui", "trần", "minh@khach", "100%"):
            self.assertEqual(self.found(typed), self.invoice, typed)
        for typed in ("red", "style", "lamps hoa", "%", "sh_w-room"):
            self.assertFalse(self.found(typed), typed)
        self.assertEqual(self.found("  "), self.lamps + self.invoice)
        self.assertEqual(self.lamps.snippet, "Dear all, they are for a show-room.")

    def test_who_comes_later_is_found_beside_the_others(self):
        self.write_words()
        later = self.route(
            self.mail(self.at_domain("sales"), subject="More lamps", message_id="<l@x>")
        )
        self.assertEqual(self.found("lamps"), later + self.lamps)
        self.write_words()
        self.assertEqual(self.found("lamps"), later + self.lamps)
        self.write_words()
        self.assertEqual(self.env["mail.catchall.words"].search_count([]), 3)

    def test_many_are_found_as_few_are(self):
        self.write_words()
        with patch.object(message_words, "FEW", 0):
            for typed in ("show-room", "twenty show-room", "lan@"):
                self.assertEqual(self.found(typed), self.lamps, typed)
            self.assertEqual(self.found("test."), self.lamps + self.invoice)
            self.assertEqual(
                self.Message.search_count([("snippet", "ilike", "test.")]), 2
            )

    def test_one_field_finds_what_it_says_and_no_other(self):
        for is_written in (False, True):
            if is_written:
                self.write_words()
            for label, typed, other in (
                ("subject", "twenty LAMPS", "lan@"),
                ("Sender", "lan@", "lamps"),
                ("Recipient", "sales@", "lan@"),
            ):
                found = self.searched("mail.catchall.message", label, typed)
                self.assertEqual(found, self.lamps, (label, is_written))
                self.assertFalse(self.searched("mail.catchall.message", label, other))
            deliveries = self.searched("mail.catchall.delivery", "recipient", "sales@")
            self.assertEqual(deliveries.message_id, self.lamps, is_written)
            self.assertFalse(
                self.searched("mail.catchall.delivery", "recipient", "lan@")
            )
            deliveries = self.searched("mail.catchall.delivery", "Message", "lamps")
            self.assertEqual(deliveries.message_id, self.lamps, is_written)

    def test_the_fields_ask_the_index_of_words(self):
        self.write_words()
        nothing = {"autospec": True, "return_value": Domain.FALSE}
        with patch.object(type(self.Message), "_search_snippet", **nothing) as asked:
            for model, label in (
                ("mail.catchall.message", "subject"),
                ("mail.catchall.message", "Sender"),
                ("mail.catchall.message", "Recipient"),
                ("mail.catchall.delivery", "recipient"),
            ):
                asked.reset_mock()
                self.assertFalse(self.searched(model, label, "a"))
                asked.assert_called()

    def test_the_index_is_not_asked_for_what_nearly_all_mail_has(self):
        self.write_words()
        Words = self.env["mail.catchall.words"]
        self.assertIn("lan@customer.example", "".join(Words._newest_texts()))
        newest = ["bo@customer.example"] * 3
        with patch.object(type(Words), "_newest_texts", lambda _self: newest):
            domain = Words._domain_of("lan@customer.example")
            self.assertEqual(self.found("lan@customer.example"), self.lamps)
            self.assertFalse(self.found("lan@khach.example"))
        asked = [one.value for one in domain.iter_conditions()]
        self.assertEqual(asked, ["lan@"])

    def test_a_message_id_is_found_with_and_without_its_brackets(self):
        for typed in ("<invoice@khach.example>", "invoice@khach.example"):
            self.assertEqual(
                self.searched("mail.catchall.message", "message_id", typed),
                self.invoice,
            )

    def test_what_is_not_routed_yet_is_written_down_later(self):
        waiting = self.journal(self.mail(self.at_domain("sales"), subject="Lighthouse"))
        self.write_words()
        self.assertNotIn(waiting, self.env["mail.catchall.words"].search([]).message_id)
        self.assertEqual(self.found("lighthouse"), waiting)

    def test_what_is_older_than_the_words_is_written_down_at_night(self):
        self.write_words()
        self.env["mail.catchall.words"].search(
            [("message_id", "=", self.lamps.id)]
        ).unlink()
        self.assertEqual(self.Message._gc_words(), (1, False))
        self.assertEqual(self.found("show-room"), self.lamps)
        self.assertEqual(self.Message._gc_words(), (0, False))

    def colliding_once(self):
        """Let the first who writes down words meet somebody else who does."""
        write_words = type(self.Message)._write_words
        collisions = [SerializationFailure("could not serialize access")]

        def colliding(messages):
            if collisions:
                raise collisions.pop()
            return write_words(messages)

        return patch.object(
            type(self.Message), "_write_words", autospec=True, side_effect=colliding
        )

    def test_who_writes_down_the_same_at_the_same_time_stops_nothing(self):
        for write in (self.Message._cron_words, self.Message._gc_words):
            with self.colliding_once() as written:
                write()
            self.assertGreater(written.call_count, 1)
            self.assertEqual(self.found("show-room"), self.lamps)

    def test_what_stopped_a_worker_is_not_read_for_this(self):
        self.lamps.write({"state": "dead", "crash_count": 3})
        self.write_words()
        self.assertFalse(self.found("show-room"))
        self.assertEqual(self.found("twenty"), self.lamps)

    def test_a_text_is_forgotten_with_its_mail(self):
        self.write_words()
        self.lamps.routed_date = "2020-01-01"
        self.Message._gc_raw()
        self.Message._gc_words()
        self.assertFalse(self.lamps.snippet)
        self.assertFalse(self.found("show-room"))
        self.assertEqual(self.found("twenty sales@"), self.lamps)

    def test_an_erased_mail_is_found_by_nothing(self):
        self.write_words()
        self.invoice._erase()
        self.Message._gc_words()
        for typed in ("hoa don", "minh@khach", "kinh gui", "nobody@"):
            self.assertFalse(self.found(typed), typed)

    def test_nobody_finds_the_mail_of_another_company(self):
        self.write_words()
        stranger = new_test_user(
            self.env, "stranger", groups=READER, company_id=self.company_2.id
        )
        theirs = self.Message.with_user(stranger)
        self.assertFalse(theirs.search([("snippet", "ilike", "lamps")]))
        with self.assertRaises(AccessError):
            self.lamps.with_user(stranger).read(["snippet"])
        with self.assertRaises(AccessError):
            self.env["mail.catchall.words"].with_user(stranger).search([])
