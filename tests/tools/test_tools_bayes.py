from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import bayes
from odoo.addons.mail_catchall_router.tools.inbound.bayes import Count

from ..strategies import given, quick, st

TOTAL = Count(100, 100)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBayes(BaseCase):
    """The statistical filter: what tokens say of a mail."""

    def known(self, spam, fine, size=20):
        """Return what is known of ``size`` tokens, each seen as often."""
        return {f"word:{number}": Count(spam, fine) for number in range(size)}

    def test_it_says_nothing_until_it_knows_enough_of_both_kinds(self):
        known = self.known(30, 0)
        self.assertIsNone(bayes.opinion(known, known, Count(500, 24)))
        self.assertIsNone(bayes.opinion(known, known, Count(24, 500)))
        self.assertEqual(bayes.opinion(known, known, Count(25, 25)).verdict, "spam")

    def test_what_was_seen_in_spam_alone_is_spam_and_the_opposite_fine(self):
        spam, fine = self.known(10, 0), self.known(0, 10)
        self.assertEqual(bayes.opinion(spam, spam, TOTAL).verdict, "spam")
        self.assertEqual(bayes.opinion(fine, fine, TOTAL).verdict, "fine")

    def test_what_speaks_for_both_is_not_sure(self):
        known = self.known(10, 0)
        known.update({f"word:f{number}": Count(0, 10) for number in range(20)})
        found = bayes.opinion(known, known, TOTAL)
        self.assertEqual(found.verdict, "unsure")
        self.assertAlmostEqual(found.score, 0.5, places=2)

    def test_a_form_that_is_of_spam_is_told_in_a_language_that_nobody_taught(self):
        form = {f"sign:{number}": Count(60, 1) for number in range(10)}
        words = {f"word:{number}": Count(60, 0) for number in range(20)}
        known = {**form, **words, "language:de": Count(60, 0)}
        found = bayes.opinion(known, known, TOTAL)
        self.assertEqual((found.verdict, found.by_form), ("unsure", True))
        self.assertGreater(found.score, 0.995)
        self.assertTrue(all(clue.token in form for clue in found.clues))
        fair = {f"sign:{number}": Count(1, 60) for number in range(10)}
        found = bayes.opinion([*fair, "language:de"], {**known, **fair}, TOTAL)
        self.assertFalse(found.by_form)
        self.assertLessEqual(found.score, bayes.DOUBT_FROM)

    def test_fair_words_in_the_form_of_spam_are_not_fine(self):
        words = {f"word:{number}": Count(0, 60) for number in range(20)}
        form = {f"sign:{number}": Count(60, 20) for number in range(5)}
        found = bayes.opinion([*words, *form], {**words, **form}, TOTAL)
        self.assertEqual(found.verdict, "unsure")

    def test_words_of_spam_in_the_form_of_fine_mail_are_not_sure(self):
        words = {f"word:{number}": Count(60, 0) for number in range(40)}
        form = {f"sign:{number}": Count(20, 60) for number in range(6)}
        self.assertEqual(bayes.opinion(words, words, TOTAL).verdict, "spam")
        found = bayes.opinion([*words, *form], {**words, **form}, TOTAL)
        self.assertEqual(found.verdict, "unsure")

    def test_that_spam_is_shorter_speaks_for_no_word(self):
        usual = {f"word:the {number}": Count(30, 90) for number in range(12)}
        rare = {f"word:{number}": Count(2, 6) for number in range(20)}
        known = {**usual, **rare}
        long = bayes.opinion(known, known, TOTAL)
        self.assertEqual(long.verdict, "unsure")
        self.assertEqual(bayes.opinion(rare, rare, TOTAL).verdict, "fine")

    def test_few_tokens_say_too_little(self):
        known = self.known(50, 0, size=bayes.FEWEST - 1)
        self.assertEqual(bayes.opinion(known, known, TOTAL).verdict, "unsure")

    def test_a_handful_of_words_beside_a_form_condemns_nobody(self):
        form = {f"sign:{number}": Count(60, 1) for number in range(4)}
        for words, verdict in ((5, "unsure"), (bayes.FEWEST, "spam")):
            known = {**self.known(50, 0, size=words), **form}
            found = bayes.opinion(known, known, TOTAL)
            self.assertGreater(found.score, bayes.SPAM_FROM)
            self.assertEqual(found.verdict, verdict)

    def test_words_count_in_an_untold_language_if_most_of_them_were_met(self):
        known = self.known(50, 0)
        unmet = [f"word:new {number}" for number in range(len(known))]
        found = bayes.opinion([*known, *unmet], known, TOTAL)
        self.assertEqual(found.verdict, "spam")
        self.assertIsNone(bayes.opinion([*known, *unmet, "pair:a b"], known, TOTAL))

    def test_tokens_that_are_not_known_or_in_the_middle_do_not_count(self):
        known = {**self.known(10, 0), "word:the": Count(60, 60)}
        found = bayes.opinion([*known, "word:never seen"], known, TOTAL)
        shown = {clue.token for clue in found.clues}
        self.assertFalse({"word:the", "word:never seen"} & shown)

    def test_the_ten_that_say_most_are_shown_the_strongest_first(self):
        known = {f"word:{number:02}": Count(number, 1) for number in range(3, 30)}
        found = bayes.opinion(known, known, TOTAL)
        self.assertEqual(
            [clue.token for clue in found.clues],
            [f"word:{number}" for number in range(29, 19, -1)],
        )

    def test_more_mail_of_one_kind_makes_no_token_its_sign(self):
        # As often as in one of ten mails of either kind.
        self.assertAlmostEqual(bayes.probability(Count(10, 100), Count(100, 1000)), 0.5)

    @quick
    @given(st.lists(st.floats(0.01, 0.99), max_size=200))
    def test_the_score_is_between_0_and_1_and_mirrors(self, probabilities):
        score = bayes.combined(probabilities)
        self.assertTrue(0 <= score <= 1)
        mirrored = bayes.combined([1 - one for one in probabilities])
        self.assertAlmostEqual(score, 1 - mirrored, places=6)

    @quick
    @given(st.integers(0, 1000), st.integers(0, 1000))
    def test_a_probability_is_never_certain(self, spam, fine):
        found = bayes.probability(Count(spam, fine), Count(1000, 1000))
        self.assertTrue(0 < found < 1)
