from dataclasses import replace

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses
from odoo.addons.mail_catchall_router.tools.outbound import identity
from odoo.addons.mail_catchall_router.tools.outbound.identity import (
    Policy,
    choose_identity,
)

from ..strategies import given, header_text, quick, st

POLICY = Policy("catchall@own.test", frozenset({"own.test"}), "bounce", "My Company")
BOUNCE = "bounce+1@own.test"


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestIdentity(BaseCase):
    """Who is shown as the sender of one mail."""

    def choose(self, author, bounce=BOUNCE, **policy):
        return choose_identity(author, bounce, replace(POLICY, **policy))

    def test_own_author(self):
        self.assertEqual(
            self.choose('"User A" <user_a@own.test>'),
            identity.Identity(
                '"User A" <user_a@own.test>',
                BOUNCE,
                "catchall@own.test",
                why="author",
            ),
        )

    def test_foreign_author(self):
        self.assertEqual(
            self.choose("User A <user_a@foreign.test>"),
            identity.Identity(
                '"User A via My Company" <catchall@own.test>',
                BOUNCE,
                "",
                why="foreign_domain",
            ),
        )

    def test_header_from(self):
        via = '"User A via My Company" <catchall@own.test>'
        for author, policy, header_from, why in (
            ("A <a@own.test>, B <b@own.test>", {}, '"A" <a@own.test>', "author"),
            (
                "user_a@foreign.test",
                {},
                '"user_a via My Company" <catchall@own.test>',
                "foreign_domain",
            ),
            ("catchall@own.test", {}, "catchall@own.test", "author"),
            (
                "catchall@own.test",
                {"header_from": "via"},
                "catchall@own.test",
                "author",
            ),
            ("User A <a@own.test>", {"header_from": "via"}, via, "policy_via"),
            (
                "User A <a@own.test>",
                {"header_from": "account"},
                '"My Company" <catchall@own.test>',
                "policy_account",
            ),
            (
                "User A <a@own.test>",
                {"refused": frozenset({"a@own.test"})},
                via,
                "refused",
            ),
            ("User A <å@own.test>", {}, via, "not_ascii"),
            ("", {}, '"My Company" <catchall@own.test>', "no_author"),
            ("Nobody", {}, '"My Company" <catchall@own.test>', "no_author"),
            (
                "User A <a@x.test>",
                {"company": ""},
                '"User A" <catchall@own.test>',
                "foreign_domain",
            ),
            (
                "User A <a@x.test>",
                {"display": "{company}: {name}"},
                '"My Company: User A" <catchall@own.test>',
                "foreign_domain",
            ),
            (
                "User A <a@x.test>",
                {"display": "{name.__class__}"},
                '"{name.__class__}" <catchall@own.test>',
                "foreign_domain",
            ),
            (
                "{company} <a@x.test>",
                {},
                '"{company} via My Company" <catchall@own.test>',
                "foreign_domain",
            ),
        ):
            with self.subTest(author=author, policy=policy):
                chosen = self.choose(author, **policy)
                self.assertEqual(chosen.header_from, header_from)
                self.assertEqual(chosen.why, why)
                self.assertIn(why, identity.WHY)

    def test_names_that_are_not_ascii(self):
        for author in ("Lê Nam <nam@x.test>", "=?utf-8?q?L=C3=AA_Nam?= <nam@x.test>"):
            chosen = self.choose(author)
            self.assertTrue(chosen.header_from.isascii())
            name = addresses.first_mailbox(chosen.header_from).name
            self.assertEqual(name, "Lê Nam via My Company")

    def test_envelope(self):
        for envelope, bounce, author, sender in (
            ("bounce", BOUNCE, "a@own.test", BOUNCE),
            ("bounce", "", "a@own.test", "catchall@own.test"),
            ("bounce", "bounce@foreign.test", "a@own.test", "catchall@own.test"),
            ("account", BOUNCE, "a@own.test", "catchall@own.test"),
            ("author", BOUNCE, "A <a@own.test>", "a@own.test"),
            ("author", BOUNCE, "a@foreign.test", "catchall@own.test"),
        ):
            with self.subTest(envelope=envelope, bounce=bounce, author=author):
                chosen = self.choose(author, bounce, envelope=envelope)
                self.assertEqual(chosen.envelope_from, sender)

    def test_an_envelope_that_was_refused_is_the_account_s(self):
        refused = frozenset({BOUNCE})
        found = self.choose("user_a@own.test", refused=refused)
        self.assertEqual(found.envelope_from, "catchall@own.test")
        self.assertEqual((found.header_from, found.why), ("user_a@own.test", "author"))

    def test_sender_header_is_a_choice(self):
        self.assertEqual(self.choose("a@own.test", sender_header=False).sender, "")

    @quick
    @given(
        header_text,
        header_text,
        st.sampled_from(identity.HEADER_CHOICES),
        st.sampled_from(identity.ENVELOPE_CHOICES),
        st.text(max_size=20),
    )
    def test_whoever_writes_it_is_one_of_ours(self, author, bounce, head, envelope, co):
        chosen = self.choose(
            author, bounce, header_from=head, envelope=envelope, company=co
        )
        for value in (chosen.header_from, chosen.envelope_from, chosen.sender):
            self.assertFalse(set("\r\n\0") & set(value))
            if value:
                address = addresses.normalize(value)
                self.assertEqual(addresses.domain(address), "own.test")
        self.assertTrue(chosen.header_from and chosen.envelope_from)
