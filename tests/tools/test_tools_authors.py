from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound.authors import (
    answers_to,
    find_author,
)
from odoo.addons.mail_catchall_router.tools.inbound.automatic import is_no_reply
from odoo.addons.mail_catchall_router.tools.mail.headers import Field, Headers

from ..strategies import given, header_text, quick

OWN = frozenset({"tenmien.test"})
GOOGLE = (
    ("List-Id", "<sales.tenmien.test>"),
    ("List-Post", "<https://groups.example/post>, <mailto:sales@tenmien.test>"),
    ("Mailing-List", "list sales@tenmien.test; contact sales+owners@tenmien.test"),
    ("Precedence", "list"),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestToolsAuthors(BaseCase):
    """Who wrote a mail, where From names a form, a robot or a list."""

    def find(self, email_from, *fields):
        """Return (address, reason) of the author."""
        fields = (("From", email_from), *fields)
        found = find_author(Headers(Field(*one) for one in fields), OWN)
        return found.mailbox.address, found.reason

    def test_a_person_writes_under_the_own_name(self):
        for fields in (
            (),
            (("Reply-To", "Lan <lan@khachhang.test>"),),
            (("Reply-To", "Lan at home <lan@home.example>"),),
            (("Reply-To", "Team <team@elsewhere.example>"),),
        ):
            with self.subTest(fields=fields):
                found = self.find("Lan <lan@khachhang.test>", *fields)
                self.assertEqual(found, ("lan@khachhang.test", ""))

    def test_a_contact_form_names_the_customer_in_reply_to(self):
        for email_from in (
            "Website <website@tenmien.test>",
            "wordpress@tenmien.test",
            '"Lê Thị Hoa" <info@tenmien.test>',
        ):
            with self.subTest(email_from=email_from):
                found = self.find(email_from, ("Reply-To", "Hoa <hoa@khach.test>"))
                self.assertEqual(found, ("hoa@khach.test", "own_from"))

    def test_answers_go_to_the_first_of_elsewhere_who_takes_them(self):
        for written, found in (
            ("Hoa <hoa@khach.test>", "hoa@khach.test"),
            ("sales@tenmien.test, Hoa <hoa@khach.test>", "hoa@khach.test"),
            ("no-reply@khach.test; hoa@khach.test", "hoa@khach.test"),
            ("Team: hoa@khach.test, lan@khach.test;", "hoa@khach.test"),
            ("form@site.test", ""),
            ("sales@TENMIEN.test", ""),
            ("noreply@khach.test", ""),
            ("", ""),
            ("<>", ""),
        ):
            with self.subTest(written=written):
                fields = (("From", "form@site.test"), ("Reply-To", written))
                headers = Headers(Field(*one) for one in fields)
                self.assertEqual(answers_to(headers, OWN), found)

    def test_only_who_says_so_takes_no_replies(self):
        for local_part, said in (
            ("no-reply", True),
            ("NoReply", True),
            ("orders.do_not_reply", True),
            ("khong-tra-loi", True),
            ("noreply+4711", True),
            ("postmaster", False),
            ("notifications", False),
            ("reply", False),
            ("noreen", False),
        ):
            with self.subTest(local_part=local_part):
                self.assertEqual(is_no_reply(f"{local_part}@shop.test"), said)

    def test_who_takes_no_answer_names_who_does(self):
        for local_part in (
            "noreply",
            "no-reply",
            "no_reply+123",
            "donotreply",
            "mailer-noreply",
            "notifications",
            "notify",
            "khong-tra-loi",
            "nicht-antworten",
            "ne-pas-repondre",
            "root",
        ):
            with self.subTest(local_part=local_part):
                found = self.find(
                    f"Forms <{local_part}@forms.example>",
                    ("Reply-To", "Nam <nam@khach.test>"),
                )
                self.assertEqual(found, ("nam@khach.test", "no_reply"))

    def test_another_robot_wants_no_answer_either(self):
        found = self.find(
            "noreply@shop.example", ("Reply-To", "no-reply@mail.shop.example")
        )
        self.assertEqual(found, ("noreply@shop.example", ""))

    def test_a_list_that_rewrites_from_names_who_wrote(self):
        for fields in (
            (*GOOGLE, ("X-Original-From", "Tran Binh <binh@khach.test>")),
            (*GOOGLE, ("X-Original-Sender", "binh@khach.test")),
            (*GOOGLE, ("Reply-To", "Tran Binh <binh@khach.test>")),
        ):
            with self.subTest(fields=fields):
                email_from = "\"'Tran Binh' via Sales\" <sales@tenmien.test>"
                found = self.find(email_from, *fields)
                self.assertEqual(found, ("binh@khach.test", "list"))

    def test_a_list_elsewhere_names_who_wrote(self):
        mailman = (
            ("List-Id", "Users <users.lists.example>"),
            ("List-Post", "<mailto:users@lists.example>"),
        )
        found = self.find(
            "Hoa via Users <users@lists.example>",
            *mailman,
            ("Reply-To", "Hoa <hoa@khach.test>"),
        )
        self.assertEqual(found, ("hoa@khach.test", "list"))

    def test_a_list_that_wants_answers_itself_stays_the_author(self):
        mailman = (
            ("List-Id", "Users <users.lists.example>"),
            ("List-Post", "<mailto:users@lists.example>"),
            ("Reply-To", "users@lists.example"),
        )
        found = self.find("Hoa via Users <users@lists.example>", *mailman)
        self.assertEqual(found, ("users@lists.example", ""))
        found = self.find("Hoa <hoa@khach.test>", *mailman)
        self.assertEqual(found, ("hoa@khach.test", ""))

    def test_the_name_that_a_list_has_kept_is_the_authors(self):
        fields = [
            Field("From", "\"'Tran Binh' via Sales\" <sales@tenmien.test>"),
            *(Field(*one) for one in GOOGLE),
            Field("X-Original-Sender", "binh@khach.test"),
        ]
        found = find_author(Headers(fields), OWN)
        self.assertEqual(found.mailbox.name, "Tran Binh")

    def test_without_from_the_sender_is_the_author(self):
        found = find_author(Headers([Field("Sender", "Fax <fax@khach.test>")]), OWN)
        self.assertEqual(
            (found.mailbox.address, found.header), ("fax@khach.test", "Sender")
        )
        self.assertEqual(find_author(Headers(), OWN).mailbox.address, "")

    def test_nobody_becomes_a_colleague_by_reply_to(self):
        @quick
        @given(header_text, header_text, header_text)
        def check(name, reply_to, original):
            address, reason = self.find(
                f"{name} <noreply@forms.example>",
                ("Reply-To", f"{reply_to} <ceo@tenmien.test>"),
                ("X-Original-From", f"{original} <ceo@tenmien.test>"),
                ("List-Id", "<x.example>"),
            )
            if reason:
                self.assertFalse(address.endswith("@tenmien.test"))

        check()
