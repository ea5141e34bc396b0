from dataclasses import replace

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import answers
from odoo.addons.mail_catchall_router.tools.inbound.authentication import Verdicts
from odoo.addons.mail_catchall_router.tools.mail.headers import (
    Field,
    parse_headers,
    summarize,
)

from ..strategies import given, header_text, mail_bytes, quick, st

ALLOWED = answers.Facts(
    kind="unknown",
    address="lan@customer.test",
    is_own=False,
    is_automatic=False,
    is_spam=False,
    is_named=True,
    is_forged=False,
    is_proven=True,
    told_today=False,
    told_last_hour=0,
    answers_per_hour=30,
)
FORBIDDING = {
    "no_address": {"address": ""},
    "own_address": {"is_own": True},
    "automatic": {"is_automatic": True},
    "spam": {"is_spam": True},
    "not_named": {"is_named": False},
    "forged": {"is_forged": True},
    "not_proven": {"is_proven": False},
    "told_today": {"told_today": True},
    "too_many": {"told_last_hour": 30},
}

facts = st.builds(
    answers.Facts,
    kind=st.sampled_from(["unknown", "refused", answers.REJECT]),
    address=st.sampled_from(["", "lan@customer.test"]),
    is_own=st.booleans(),
    is_automatic=st.booleans(),
    is_spam=st.booleans(),
    is_named=st.booleans(),
    is_forged=st.booleans(),
    is_proven=st.booleans(),
    told_today=st.booleans(),
    told_last_hour=st.integers(0, 40),
    answers_per_hour=st.integers(0, 40),
)


def is_polite(one):
    """Tell in one line what the rules say together."""
    refused = one.is_own or one.is_automatic or one.is_spam or one.is_forged
    known = one.is_proven or one.kind == "reject"
    room = one.told_last_hour < one.answers_per_hour
    wanted = one.address and one.is_named and known
    return bool(wanted and room and not refused and not one.told_today)


CODES = tuple(code for code, _forbids in answers.RULES)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestForbidden(BaseCase):
    """Which mail a machine may answer."""

    def test_a_mail_that_no_rule_forbids_is_answered(self):
        self.assertEqual(answers.forbidden(ALLOWED), "")

    def test_each_rule_alone_forbids_the_answer(self):
        self.assertEqual(tuple(FORBIDDING), CODES)
        for code, changed in FORBIDDING.items():
            with self.subTest(code=code):
                self.assertEqual(answers.forbidden(replace(ALLOWED, **changed)), code)

    def test_a_person_rejects_without_proof_but_no_forged_mail(self):
        rejected = replace(ALLOWED, kind=answers.REJECT, is_proven=False)
        self.assertEqual(answers.forbidden(rejected), "")
        self.assertEqual(answers.forbidden(replace(rejected, is_forged=True)), "forged")

    def test_a_router_that_answers_nobody_answers_nobody(self):
        self.assertEqual(
            answers.forbidden(replace(ALLOWED, answers_per_hour=0)), "too_many"
        )

    @quick
    @given(facts)
    def test_only_polite_answers_are_allowed(self, one):
        code = answers.forbidden(one)
        self.assertEqual(not code, is_polite(one), one)
        self.assertIn(code, ("", *CODES))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAddress(BaseCase):
    """Who is answered, and whether the provider vouches for him."""

    def test_the_envelope_sender_is_answered(self):
        trace = (Field("Return-Path", "<bounce@customer.test>"), Field("Received", "x"))
        self.assertEqual(
            answers.address_of(trace, "lan@customer.test"), "bounce@customer.test"
        )
        self.assertEqual(
            answers.address_of(trace[1:], "Lan <Lan@customer.test>"),
            "lan@customer.test",
        )

    def test_a_mail_without_an_envelope_sender_is_not_answered(self):
        trace = (Field("Return-Path", "<>"),)
        self.assertEqual(answers.address_of(trace, "lan@customer.test"), "")

    def test_an_author_vouches_for_no_other_envelope_sender(self):
        author = "me@attacker.test"
        for address, expected in (
            ("me@attacker.test", True),
            ("bounces@mail.attacker.test", True),
            ("victim@customer.test", False),
        ):
            with self.subTest(address=address):
                proven = answers.is_proven(address, author, True, Verdicts())
                self.assertEqual(proven, expected)

    def test_spf_vouches_for_the_envelope_sender(self):
        verdicts = Verdicts(spf="pass", spf_domain="mailer.test")
        for address, expected in (("b@mailer.test", True), ("b@customer.test", False)):
            with self.subTest(address=address):
                proven = answers.is_proven(address, "a@x.test", None, verdicts)
                self.assertEqual(proven, expected)
        failed = replace(verdicts, spf="fail")
        self.assertFalse(answers.is_proven("b@mailer.test", "a@x.test", None, failed))
        # The sender may have written it.
        said = replace(verdicts, trusted=False)
        self.assertFalse(answers.is_proven("b@mailer.test", "a@x.test", None, said))

    def test_without_any_verdict_nobody_is_proven(self):
        for authenticated in (None, False):
            self.assertFalse(
                answers.is_proven(
                    "lan@customer.test",
                    "lan@customer.test",
                    authenticated,
                    Verdicts(),
                )
            )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHeaders(BaseCase):
    """What an answer carries."""

    def summary(self, text):
        return summarize(parse_headers(text.encode()))

    def test_an_answer_refers_to_the_mail(self):
        summary = self.summary(
            "Message-ID: <own@x.test>\r\nReferences: <root@x.test> <own@x.test>\r\n"
        )
        self.assertEqual(
            answers.references_of(summary), ("<root@x.test>", "<own@x.test>")
        )
        headers = answers.headers_of(summary)
        self.assertEqual(headers["In-Reply-To"], "<own@x.test>")
        self.assertEqual(headers["Auto-Submitted"], "auto-replied")

    def test_long_conversations_are_cut_at_their_start(self):
        ids = " ".join(f"<{number}@x.test>" for number in range(100))
        summary = self.summary(f"Message-ID: <own@x.test>\r\nReferences: {ids}\r\n")
        found = answers.references_of(summary)
        self.assertEqual(len(found), answers.MAX_REFERENCES)
        self.assertEqual(found[-2:], ("<99@x.test>", "<own@x.test>"))

    @quick
    @given(mail_bytes, header_text)
    def test_no_mail_adds_a_header_to_its_answer(self, raw, subject):
        summary = summarize(parse_headers(raw))
        values = [
            *answers.headers_of(summary).values(),
            *answers.references_of(summary),
            answers.subject_of(subject),
            answers.address_of((), summary.email_from),
        ]
        for value in values:
            self.assertLessEqual(len(value.splitlines()), 1, value)
            self.assertTrue(all(char >= " " for char in value), value)

    def test_a_broken_encoded_word_in_the_subject_is_set_apart(self):
        self.assertEqual(answers.subject_of("=??B?00?=\x80"), "= ??B?00?=\x80")
