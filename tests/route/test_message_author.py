import itertools
import random

from odoo.tests import tagged
from odoo.tools import email_normalize

from odoo.addons.mail_catchall_router.models.route.mail import Content
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

    def author_of(self, email_from):
        """Return (address that the guards judge, address that core reads)."""
        raw = f"From: {email_from}\r\nMessage-ID: <1@x.test>\r\n\r\nText\r\n".encode()
        headers = parse_headers(raw)
        content = Content(
            raw, headers, summarize(headers), frozenset(), frozenset(), None
        )
        read = self.env["mail.catchall.message"]._prepare_email_message(content)
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
        read = self.env["mail.catchall.message"]._prepare_email_message(content)
        self.assertIn(b"=?utf-8?Q?Nguy=E1=BB=85n?= <a@x.test>", read.as_bytes())
