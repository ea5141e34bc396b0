import time
from collections import Counter
from email.message import EmailMessage

from odoo.tests import tagged

from odoo.addons.mail_catchall_router.models.route.mail import MOST_NOTED
from odoo.addons.mail_catchall_router.models.route.message_deliver import MOST_AT_ONCE

from ..common import RouterCommon

MANY = 1000


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageBombs(RouterCommon):
    """Mail that is made to cost time is routed in little of it."""

    def seconds(self, raw):
        """Route a mail; return the message and the time of the processor it took."""
        (message,) = self.journal(raw)
        self.env.flush_all()
        self.env.invalidate_all()
        before = time.process_time()
        message._route()
        self.env.flush_all()
        used = time.process_time() - before
        return message, used

    def test_a_thousand_own_addresses_that_nobody_has(self):
        names = ", ".join(self.at_domain(f"nobody{n}") for n in range(MANY))
        message, used = self.seconds(self.mail(to=names))
        self.assertLess(used, 5)
        self.assertEqual(len(message.delivery_ids), MANY)
        steps = Counter((one["step"], one["code"]) for one in message.trace)
        self.assertEqual(max(steps.values()), MOST_NOTED)
        self.assertIn("more like this", message.why)

    def test_a_thousand_own_addresses_beside_the_one_that_was_meant(self):
        names = ", ".join(self.at_domain(f"nobody{n}") for n in range(MANY))
        message, used = self.seconds(self.mail(self.at_domain("sales"), to=names))
        self.assertDelivered(message, self.at_domain("sales"))
        self.assertLess(used, 5)

    def test_a_thousand_addresses_of_one_alias(self):
        names = ", ".join(self.at_domain(f"sales+{n}") for n in range(MANY))
        message, used = self.seconds(self.mail(to=names))
        self.assertEqual(set(message.delivery_ids.mapped("state")), {"delivered"})
        self.assertEqual(len(set(message.delivery_ids.mapped("res_id"))), 1)
        self.assertLess(used, 10)

    def test_a_thousand_aliases(self):
        """Core's guard against loops stops it after twenty documents."""
        alias = self.sales.with_env(self.env)
        for number in range(MANY):
            alias.copy({"alias_name": f"crowd{number}"})
        names = ", ".join(self.at_domain(f"crowd{number}") for number in range(MANY))
        before = self.env["res.partner"].search_count([])
        message, used = self.seconds(self.mail(to=names))
        ends = Counter(message.delivery_ids.mapped("state"))
        self.assertEqual(ends.total(), MANY)
        self.assertEqual(set(ends), {"delivered", "held"})
        self.assertEqual(
            self.env["res.partner"].search_count([]) - before, ends["delivered"]
        )
        self.assertEqual(message.reason_code, "loop_guard")
        self.assertLess(used, 5)

    def test_very_many_documents_are_made_in_portions(self):
        alias = self.sales.with_env(self.env)
        count = 2 * MOST_AT_ONCE + 5
        for number in range(count):
            alias.copy({"alias_name": f"crowd{number}"})
        names = ", ".join(self.at_domain(f"crowd{number}") for number in range(count))
        (message,) = self.journal(self.mail(to=names))
        message.released = True
        for done in (MOST_AT_ONCE, 2 * MOST_AT_ONCE):
            message._route()
            self.assertEqual(message.state, "received")
            self.assertEqual(message.attempt_count, 0)
            states = Counter(message.delivery_ids.mapped("state"))
            self.assertEqual(states, {"delivered": done, "pending": count - done})
            self.assertIn(f"{count - done} of them follow", message.why)
        message._route()
        self.assertEqual(message.state, "delivered")
        self.assertEqual(len(set(message.delivery_ids.mapped("res_id"))), count)

    def test_a_text_of_more_letters_than_anybody_reads(self):
        """The document has its beginning, and all of it in the original; the file of
        a mail may be as long as it likes."""
        lines = b"Twenty lamps, and some more of them.\r\n" * 90_000
        message = self.route(self.mail(self.at_domain("sales"), body="") + lines)
        self.assertDelivered(message, self.at_domain("sales"))
        posted = self.posted(message)
        self.assertIn("Twenty lamps", posted.body)
        self.assertLess(len(posted.body), 400_000)
        (original,) = posted.attachment_ids
        self.assertEqual(original.name, "original.eml")
        self.assertEqual(original.raw.count(b"Twenty lamps"), 90_000)

    def test_a_long_file_of_text_stays_a_file(self):
        mail = EmailMessage()
        mail["From"], mail["To"] = "Lan <lan@customer.example>", self.at_domain("sales")
        mail["Subject"], mail["Message-ID"] = "Log", "<log@customer.example>"
        mail.set_content("The log is attached.")
        mail.add_attachment("a line\n" * 600_000, filename="all.log")
        message = self.route(bytes(mail))
        self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(
            self.posted(message).attachment_ids.mapped("name"), ["all.log"]
        )

    def posted(self, message):
        """Return what a mail has become on its document."""
        return self.env["mail.message"].search(
            [("message_id", "=", message.message_id)]
        )

    def test_a_page_of_more_tags_than_anybody_writes(self):
        """Odoo makes an object of each: 770 MB of 9 MB. The document has the text."""
        raw = self.mail(self.at_domain("sales"), body="")
        page = raw.replace(b"text/plain; charset=utf-8", b"text/html; charset=utf-8")
        message, used = self.seconds(page + b"Twenty lamps" + b"<img src=x>" * 200_000)
        self.assertDelivered(message, self.at_domain("sales"))
        self.assertLess(used, 5)
        posted = self.env["mail.message"].search(
            [("message_id", "=", message.message_id)]
        )
        self.assertIn("Twenty lamps", posted.body)
        self.assertIn("original.eml", posted.attachment_ids.mapped("name"))

    def test_a_report_of_blank_lines(self):
        raw = self.mail(self.at_domain("sales"), extra="X: y\r\n")
        head = raw.replace(b"text/plain; charset=utf-8", b"message/delivery-status")
        message, used = self.seconds(head + b"\r\n" * 4_500_000)
        self.assertDelivered(message, self.at_domain("sales"))
        self.assertLess(used, 10)
