from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import refusals, streaks

NOW = datetime(2026, 11, 29, 12)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestStreaks(BaseCase):
    def grown(self, count, domains=2):
        streak = streaks.Streak(streaks.shape("550 No"), NOW)
        for number in range(count):
            streak = streak.and_one(number, [f"{number % domains}.example"])
        return streak

    def test_a_reply_has_the_same_shape_for_each_mail(self):
        first = "554 5.7.1 <lan@a.example>: no way, see https://x.example/1a2b id ab12"
        other = "554 5.7.1 <binh@b.example>: no way, see https://x.example/9z id ff7"
        self.assertEqual(streaks.shape(first), streaks.shape(other))
        self.assertNotEqual(streaks.shape(first), streaks.shape("554 Something else"))

    def test_what_names_a_person_is_not_the_account_s(self):
        for words in (
            "550 5.1.1 User unknown",
            "550 No such user here",
            "550 Mailbox unavailable",
            "550 5.2.1 disabled",
            "550 Recipient rejected",
        ):
            with self.subTest(words=words):
                self.assertFalse(streaks.may_be_of_account(refusals.RECIPIENT, words))
        self.assertFalse(streaks.may_be_of_account(refusals.SPAM, "554 Spam"))

    def test_what_nobody_knows_may_be(self):
        for kind in (refusals.POLICY, refusals.OTHER, refusals.RECIPIENT):
            self.assertTrue(streaks.may_be_of_account(kind, "550 Computer says no"))

    def test_four_mails_to_two_domains(self):
        self.assertFalse(self.grown(3).is_of_account)
        self.assertTrue(self.grown(4).is_of_account)
        self.assertFalse(self.grown(9, domains=1).is_of_account)

    def test_one_mail_counts_once(self):
        streak = self.grown(1)
        for domain in ("a.example", "b.example", "c.example"):
            streak = streak.and_one(0, [domain])
        self.assertFalse(streak.is_of_account)

    def test_what_ends_a_streak(self):
        same, later = self.grown(2).shape, NOW + timedelta(minutes=16)
        self.assertFalse(self.grown(2).is_broken(same, NOW, NOW - timedelta(days=1)))
        self.assertTrue(self.grown(2).is_broken(same, NOW, NOW))
        self.assertTrue(self.grown(2).is_broken("another", NOW, None))
        self.assertTrue(self.grown(2).is_broken(same, later, None))
        # Once it is the account's, it lasts until a mail is taken.
        self.assertFalse(self.grown(4).is_broken(same, later, None))
        self.assertTrue(self.grown(4).is_broken(same, later, later))
