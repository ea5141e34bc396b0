from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import decision_links

from ..strategies import given, quick, st

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
DECISION = decision_links.Decision(7, "release", 2, 1_800_000_000)

decisions = st.builds(
    decision_links.Decision,
    st.integers(1, 10**11),
    st.sampled_from(["release", "discard", "block"]),
    st.integers(1, 10**11),
    st.integers(1, 10**11),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDecisionLinks(BaseCase):
    def follow(self, parameters, secrets=(KEY,), database="here"):
        return decision_links.read(secrets, database, parameters)

    @quick
    @given(decisions)
    def test_what_was_made_is_read(self, decision):
        parameters = decision_links.make(KEY, "here", decision)
        self.assertEqual(self.follow(parameters), decision)
        self.assertEqual(self.follow(parameters, (OTHER_KEY, KEY)), decision)

    @quick
    @given(decisions, decisions, st.sets(st.sampled_from("mauesx"), min_size=1))
    def test_no_part_can_be_exchanged(self, one, other, names):
        parameters = decision_links.make(KEY, "here", one)
        foreign = decision_links.make(KEY, "here", other)
        mixed = {**parameters, **{name: foreign.get(name, "") for name in names}}
        self.assertIn(self.follow(mixed), (None, one, other))
        if {name: mixed[name] for name in "maues"} not in (parameters, foreign):
            self.assertIsNone(self.follow(mixed))

    @quick
    @given(st.dictionaries(st.sampled_from("maues"), st.text()))
    def test_no_text_raises_or_is_believed(self, parameters):
        self.assertIsNone(self.follow(parameters))

    def test_a_link_is_for_one_database_and_one_purpose(self):
        parameters = decision_links.make(KEY, "here", DECISION)
        self.assertIsNone(self.follow(parameters, database="there"))
        self.assertIsNone(self.follow(parameters, (OTHER_KEY,)))

    def test_numbers_have_one_spelling_for_each_link(self):
        parameters = decision_links.make(KEY, "here", DECISION)
        for wrong in ("-7", "7.0", " 7", "７", "7|release", "0x7", ""):
            self.assertIsNone(self.follow({**parameters, "m": wrong}), wrong)

    def test_a_link_ends(self):
        self.assertFalse(DECISION.is_expired(DECISION.expires - 1))
        self.assertTrue(DECISION.is_expired(DECISION.expires))
