import itertools
import random

from odoo.tests import tagged
from odoo.tools import email_normalize

from odoo.addons.mail_catchall_router.models.route.mail import Content
from odoo.addons.mail_catchall_router.tools.inbound import authors
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers, summarize

from ..common import RouterCommon

PIECES = (
    "user_a@own.test",
    "<attacker@x.test>",
    "<user_a@own.test>",
    "<anh@côngty.test>",
    "=?utf-8?Q?user=5Fa=40own.test?=",
    "=?utf-8?Q?User_=3Cuser=5Fa=40own.test=3E?=",
    '"user_a@own.test"',
    '"',
    "\\",
    "(",
    ")",
    "(user_a@own.test)",
    "<",
    ">",
    ",",
    ";",
    ":",
    "@",
    " ",
    "\r\n ",
    "\u202e",
    "Nguyễn",
    "User A",
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageAuthor(RouterCommon):
    """The author of a document is the one whom the guards have judged."""

    def setUp(self):
        super().setUp()
        self.user_employee.email = self.at_domain("user_a")

    def read_by_core(self, content):
        """Return the ``EmailMessage`` that core gets."""
        author = authors.written_author(content.headers)
        journal = self.env["mail.catchall.message"]
        return journal._prepare_email_message(content, author)

    def author_of(self, email_from):
        """Return (address that the guards judge, address that core reads)."""
        raw = f"From: {email_from}\r\nMessage-ID: <1@x.test>\r\n\r\nText\r\n".encode()
        headers = parse_headers(raw)
        content = Content(
            raw, headers, summarize(headers), frozenset(), frozenset(), None
        )
        read = self.read_by_core(content)
        parsed = self.env["mail.thread"].message_parse(read)
        return content.summary.sender, email_normalize(parsed["email_from"]) or ""

    def test_nobody_is_taken_for_a_colleague_by_the_name_he_gives_himself(self):
        own = self.at_domain("user_a")
        for number, email_from in enumerate(
            (
                f"{own} <attacker@else.example>",
                f"User A {own} <attacker@else.example>",
                f'"{own}" <attacker@else.example>',
            )
        ):
            with self.subTest(email_from=email_from):
                message = self.route(
                    self.mail(
                        self.at_domain("sales"),
                        to=self.at_domain("sales"),
                        email_from=email_from,
                        message_id=f"<author.{number}@else.example>",
                    )
                )
                delivery = message.delivery_ids
                self.assertEqual(delivery.state, "delivered", message.trace)
                record = self.env[delivery.model].browse(delivery.res_id)
                posted = record.message_ids.filtered(
                    lambda one: one.message_type == "email"
                )
                self.assertTrue(posted)
                self.assertNotEqual(posted.author_id, self.user_employee.partner_id)
                self.assertEqual(
                    email_normalize(posted.email_from), "attacker@else.example"
                )

    def test_core_reads_the_author_whom_the_guards_read(self):
        draw = random.Random(22)
        pairs = map("".join, itertools.product(PIECES, repeat=2))
        longer = (
            "".join(draw.choices(PIECES, k=draw.randint(3, 7))) for _i in range(1500)
        )
        for email_from in itertools.chain(pairs, longer):
            judged, read = self.author_of(email_from)
            self.assertIn(read, (judged, ""), email_from)

    def test_a_domain_in_letters_can_be_answered(self):
        _judged, read = self.author_of("Anh <anh@côngty.test>")
        self.assertEqual(read, "anh@xn--cngty-6ta.test")

    def test_a_from_that_is_read_alike_stays_as_it_came(self):
        raw = (
            b"From: =?utf-8?Q?Nguy=E1=BB=85n?= <a@x.test>\r\nMessage-ID: <1@x>\r\n\r\n"
        )
        headers = parse_headers(raw)
        content = Content(
            raw, headers, summarize(headers), frozenset(), frozenset(), None
        )
        read = self.read_by_core(content)
        self.assertIn(b"=?utf-8?Q?Nguy=E1=BB=85n?= <a@x.test>", read.as_bytes())

    # ------------------------------------------------------------
    # WHO WANTS THE ANSWER
    # ------------------------------------------------------------

    def posted(self, message):
        """Return the ``mail.message`` that a delivered mail made."""
        self.assertEqual(message.state, "delivered", message.trace)
        delivery = message.delivery_ids
        record = self.env[delivery.model].browse(delivery.res_id)
        return record.message_ids.filtered(lambda one: one.message_type == "email")

    def form_mail(self, alias="sales", **values):
        """Return the bytes of a contact form's mail."""
        values = {
            "to": self.at_domain(alias),
            "email_from": f"Website <{self.at_domain('website')}>",
            "extra": "Reply-To: Hoa <hoa@khach.example>\r\n",
            **values,
        }
        return self.mail(self.at_domain(alias), **values)

    def author_notes(self, message):
        return [step["code"] for step in message.trace if step["step"] == "author"]

    def test_the_customer_of_a_contact_form_is_the_author(self):
        message = self.route(self.form_mail())
        posted = self.posted(message)
        self.assertEqual(email_normalize(posted.email_from), "hoa@khach.example")
        self.assertEqual(self.author_notes(message), ["own_from"])
        self.assertIn("hoa@khach.example", message.why)
        self.assertEqual(message.sender, self.at_domain("website"))

    def test_a_known_contact_in_reply_to_is_the_author(self):
        contact = self.env["res.partner"].create(
            {"name": "Hoa", "email": "hoa@khach.example"}
        )
        posted = self.posted(self.route(self.form_mail()))
        self.assertEqual(posted.author_id, contact)

    def test_the_router_can_leave_the_one_in_from(self):
        self.router.use_reply_to = False
        message = self.route(self.form_mail())
        posted = self.posted(message)
        self.assertEqual(email_normalize(posted.email_from), self.at_domain("website"))
        self.assertEqual(self.author_notes(message), [])

    def test_a_colleague_stays_the_author_whatever_reply_to_says(self):
        self.router.unproven_policy = "colleague"
        message = self.route(
            self.form_mail(email_from=f"A <{self.user_employee.email}>")
        )
        self.assertEqual(self.posted(message).author_id, self.user_employee.partner_id)

    def test_nobody_becomes_a_colleague_by_reply_to(self):
        self.user_employee.email = "colleague@elsewhere.example"
        message = self.route(
            self.form_mail(extra="Reply-To: colleague@elsewhere.example\r\n")
        )
        self.assertNotEqual(
            self.posted(message).author_id, self.user_employee.partner_id
        )

    def test_reply_to_opens_no_alias_for_certain_people(self):
        self.env["res.partner"].create({"name": "Hoa", "email": "hoa@khach.example"})
        self._create_alias("partners-only", alias_contact="partners")
        message = self.route(self.form_mail("partners-only"))
        self.assertEnd(message, "held", "alias_contact")

    def test_what_names_nobody_has_no_author(self):
        raw = self.form_mail().split(b"\r\n")
        raw = b"\r\n".join(
            one for one in raw if not one.startswith((b"From:", b"Reply-To:"))
        )
        message = self.route(raw)
        posted = self.posted(message)
        self.assertFalse(posted.author_id)
        self.assertNotIn("OdooBot", posted.email_from)
        self.assertEqual(self.author_notes(message), ["nobody"])

    # ------------------------------------------------------------
    # AN ANSWER THAT COMES BACK
    # ------------------------------------------------------------

    def test_an_answer_that_comes_back_to_ourselves_is_not_sent(self):
        message = self.route(self.mail(self.at_domain("sales")))
        delivery = message.delivery_ids
        record = self.env[delivery.model].browse(delivery.res_id)
        contact = self.env["res.partner"].create(
            {"name": "Website", "email": self.at_domain("website")}
        )
        sent = record.message_post(
            body="Our offer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=contact.ids,
            email_from=self.user_employee.email_formatted,
        )
        sent.notification_ids.notification_status = "sent"
        raw = self.mail(
            self.at_domain("website"),
            email_from=self.user_employee.email,
            message_id=sent.message_id,
        )
        # Only what is proven to be ours says so.
        domain = self.domain.encode()
        proof = b"Authentication-Results: mx.%s; dkim=pass header.d=%s; dmarc=pass\r\n"
        self.route(
            raw.replace(b"Received:", proof % (domain, domain) + b"Received:", 1)
        )
        notification = sent.notification_ids.filtered(
            lambda one: one.res_partner_id == contact
        )
        self.assertEqual(notification.notification_status, "exception")
        self.assertIn(self.at_domain("website"), notification.failure_reason)
