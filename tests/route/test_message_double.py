from odoo.tests import tagged

from odoo.addons.mail_catchall_router.tools.mail import fingerprint as fingerprints
from odoo.addons.mail_catchall_router.tools.servers import imap

from ..common import CommittingCommon, RouterCommon

SPAM = b"X-Spam-Flag: YES\r\n"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDouble(CommittingCommon):
    """A copy is a double of one that has reached its end, and of no other."""

    def sales_mail(self, **values):
        return self.mail(self.at_domain("sales"), **values)

    def count(self):
        return self.env["res.partner"].search_count([])

    def test_a_clean_copy_of_what_was_taken_for_spam_is_delivered(self):
        for policy in ("held", "ignored"):
            with self.subTest(policy=policy):
                self.router.spam_policy = policy
                raw = self.sales_mail(message_id=f"<{policy}@c.example>")
                stopped = self.route(SPAM + raw)
                self.assertEnd(stopped, policy, "spam")
                clean = self.route(raw)
                self.assertDelivered(clean, self.at_domain("sales"))
                self.assertEnd(stopped, "ignored", "duplicate")
                self.assertEqual(stopped.delivery_ids.original_id, clean.delivery_ids)
                self.assertIn(str(stopped.id), clean.why)
                self.assertIn(str(clean.id), stopped.why)

    def test_after_the_clean_copy_the_others_are_doubles(self):
        raw = self.sales_mail()
        stopped, clean, spam, again = self.route(SPAM + raw, raw, SPAM + raw, raw)
        self.assertDelivered(clean, self.at_domain("sales"))
        count = self.count()
        self.assertEnd(spam, "ignored", "duplicate")
        self.assertEnd(again, "ignored", "duplicate")
        stopped.action_release()
        self.assertEnd(stopped, "ignored", "duplicate")
        self.assertEqual(self.count(), count)

    def test_copies_that_are_no_better_do_not_wait_too(self):
        raw = self.sales_mail()
        first, second = self.route(SPAM + raw, SPAM + raw)
        self.assertEnd(first, "held", "spam")
        self.assertEnd(second, "ignored", "duplicate")
        first.action_release()
        self.assertDelivered(first, self.at_domain("sales"))

    def test_a_copy_takes_over_only_what_was_stopped(self):
        to = f"{self.at_domain('sales')}, {self.at_domain('jobs')}"
        raw = self.mail(to=to)
        stopped = self.route(SPAM + raw)
        clean = self.route(self.mail(self.at_domain("jobs"), to=to))
        self.assertDelivered(clean, self.at_domain("jobs"))
        self.assertEnd(stopped, "held", "spam")
        stopped.action_release()
        self.assertDelivered(stopped, self.at_domain("sales"))
        jobs = stopped.delivery_ids.filtered(lambda one: "jobs" in one.recipient)
        self.assertEqual(jobs.state, "duplicate")

    def test_what_a_person_has_ended_stays_so(self):
        raw = self.sales_mail()
        stopped = self.route(SPAM + raw)
        stopped.action_discard()
        self.assertEnd(self.route(raw), "ignored", "duplicate")
        self.assertEnd(stopped, "ignored", "discarded")

    def test_an_unknown_address_is_no_better_the_second_time(self):
        raw = self.mail(self.at_domain("nobody-at-all"))
        first, second = self.route(raw, raw)
        self.assertEnd(first, "held", "unknown_recipient")
        self.assertEnd(second, "ignored", "duplicate")

    def test_without_recipients(self):
        raw = self.mail(to="somebody@elsewhere.example")
        stopped = self.route(SPAM + raw)
        self.assertEnd(stopped, "held", "spam")
        self.assertEnd(self.route(SPAM + raw), "ignored", "duplicate")
        clean = self.route(raw)
        self.assertEnd(clean, "held", "no_recipient")
        self.assertEnd(stopped, "ignored", "duplicate")

    def test_another_form_is_another_mail(self):
        raw = self.sales_mail()
        html = raw.replace(b"text/plain", b"text/html")
        one, other = self.route(raw, html)
        self.assertDelivered(one, self.at_domain("sales"))
        self.assertDelivered(other, self.at_domain("sales"))

    def test_a_mail_without_number_and_time(self):
        raw = self.sales_mail(message_id="").replace(b"Message-ID: \r\n", b"")
        raw = raw.replace(b"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n", b"")
        scan, other, copy = self.route(raw, raw.replace(b"4ABC", b"4XYZ"), raw)
        self.assertEqual(scan.delivery_ids.state, "delivered")
        self.assertEqual(other.delivery_ids.state, "delivered")
        self.assertNotEqual(scan.delivery_ids.res_id, other.delivery_ids.res_id)
        self.assertNotEqual(scan.message_id, other.message_id)
        self.assertEnd(copy, "ignored", "duplicate")

    def test_no_line_of_a_server(self):
        raw = b"From: scanner@c.example\r\nTo: %s\r\n\r\nPage\r\n"
        raw %= self.at_domain("sales").encode()
        found = {"raw": raw, "folder": "INBOX", "uidvalidity": "1"}
        mails = [dict(found, uid="7"), dict(found, uid="8")]
        messages = self.Message._journal(self.router, mails)
        for message in messages:
            message._route()
        self.assertEqual(messages.mapped("state"), ["delivered"] * 2)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestFormerFingerprint(RouterCommon):
    """Copies that arrive around the upgrade to 19.0.1.1.0 are known."""

    def age(self, message, raw_kept=True):
        """Make a message what the former version has left behind."""
        former = fingerprints.former_fingerprint(message.fingerprint)
        message.fingerprint = former
        message.delivery_ids.fingerprint = former
        if not raw_kept:
            message.write({"raw": False, "raw_kept": False})
        self.env.flush_all()

    def test_a_copy_of_a_former_mail_is_a_double(self):
        for kept in (True, False):
            with self.subTest(kept=kept):
                raw = self.mail(self.at_domain("sales"), message_id=f"<{kept}@c.x>")
                first = self.route(raw)
                self.age(first, raw_kept=kept)
                again = self.route(raw)
                self.assertEnd(again, "ignored", "duplicate")
                self.assertEqual(first.fingerprint, again.fingerprint)
                self.assertEqual(again.delivery_ids.original_id, first.delivery_ids)

    def test_a_former_mail_of_another_form_is_another_mail(self):
        raw = self.mail(self.at_domain("sales"))
        first = self.route(raw)
        self.age(first)
        other = self.route(raw.replace(b"text/plain", b"text/html"))
        self.assertEnd(other, "delivered")

    def test_a_former_copy_that_is_routed_after_the_upgrade(self):
        raw = self.mail(self.at_domain("sales"))
        first = self.route(raw)
        self.age(first, raw_kept=False)
        waiting = self.journal(raw)
        self.age(waiting)
        waiting._route()
        self.assertEnd(waiting, "ignored", "duplicate")

    def test_a_former_mail_without_number_and_time_is_no_other(self):
        raw = self.mail(self.at_domain("sales"), message_id="")
        raw = raw.replace(b"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n", b"")
        first = self.route(raw)
        self.age(first, raw_kept=False)
        other = self.route(raw.replace(b"4ABC", b"4XYZ"))
        self.assertEqual(other.delivery_ids.state, "delivered")

    def test_a_trial_knows_a_former_mail(self):
        raw = self.mail(self.at_domain("sales"))
        first = self.route(raw)
        self.age(first)
        trial = self.Message._try_out(self.router, raw)
        self.assertIn(
            {"step": "duplicate", "code": "in_journal", "message": first.id},
            trial.trace,
        )

    def test_a_rescan_knows_former_mails_and_nameless_ones(self):
        folder = self.env["mail.catchall.folder"].create(
            {"router_id": self.router.id, "name": "Archive", "uidvalidity": "2"}
        )
        nameless = b"From: a@c.example\r\nTo: %s\r\n\r\nPage\r\n" % (
            self.at_domain("sales").encode()
        )
        raws = [self.mail(self.at_domain("sales")), nameless, nameless]
        messages = self.Message._journal(
            self.router,
            [
                {"raw": raw, "folder": "Archive", "uidvalidity": "1", "uid": str(uid)}
                for uid, raw in enumerate(raws, 1)
            ],
        )
        self.age(messages[0])
        batch = [
            imap.Fetched(uid, raw, None, (), len(raw), complete=True)
            for uid, raw in enumerate(raws, 11)
        ]
        self.assertEqual(self.server._catchall_recognise(folder, batch), [])
        self.assertEqual(messages.mapped("uid"), ["11", "12", "13"])
