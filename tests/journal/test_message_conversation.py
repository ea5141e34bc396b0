from odoo.tests import tagged

from odoo.addons.mail_catchall_router.tools.runtime import locks

from ..common import CommittingCommon

FIRST, SECOND, THIRD = (
    f"<{name}@customer.example>" for name in ("first", "second", "third")
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestConversation(CommittingCommon):
    """Mails of one conversation are known as such, whatever their programs name."""

    def written(self, message_id, **named):
        """Return the bytes of a mail that names others in these headers."""
        headers = {name.replace("_", "-"): value for name, value in named.items()}
        return self.mail(
            self.at_domain("pianist"),
            message_id=message_id,
            extra="".join(f"{name}: {value}\r\n" for name, value in headers.items()),
        )

    def answers(self):
        """Return the bytes of three mails, each naming only the one before it."""
        return (
            self.written(FIRST),
            self.written(SECOND, In_Reply_To=FIRST),
            self.written(THIRD, In_Reply_To=SECOND, References=SECOND),
        )

    def test_mails_that_name_only_the_one_before_are_of_one_conversation(self):
        messages = self.journal(*self.answers())
        self.assertEqual(set(messages.mapped("conversation")), {FIRST})

    def test_so_are_mails_that_are_collected_one_after_the_other(self):
        messages = self.Message.union(*(self.journal(raw) for raw in self.answers()))
        self.assertEqual(set(messages.mapped("conversation")), {FIRST})

    def test_no_two_lanes_have_a_part_of_it_each(self):
        first, second, third = self.journal(*self.answers())
        with locks.worker_lock(self.env.cr, 1):
            self.assertEqual(self.Message._claim(1, 1), first)
            with locks.worker_lock(self.env.cr, 2):
                self.assertFalse(self.Message._claim(2, 10))
        with locks.worker_lock(self.env.cr, 3):
            self.assertEqual(self.Message._claim(3, 10), first + second + third)

    def test_the_first_mail_goes_first_even_if_it_came_late(self):
        answer = self.journal(self.written(SECOND, In_Reply_To=FIRST))
        first = self.journal(self.written(FIRST))
        with locks.worker_lock(self.env.cr, 1):
            self.assertEqual(self.Message._claim(1, 10), first)
        first.sudo().write({"state": "failed", "attempt_count": 4})
        with locks.worker_lock(self.env.cr, 2):
            self.assertIn(answer, self.Message._claim(2, 10))

    def test_copies_of_a_first_mail_keep_their_order(self):
        first, copy = self.journal(self.written(FIRST), self.written(FIRST))
        with locks.worker_lock(self.env.cr, 1):
            self.assertEqual(self.Message._claim(1, 10), first + copy)

    def test_an_answer_to_what_is_not_in_the_journal_begins_one(self):
        answer = self.journal(self.written(SECOND, In_Reply_To=FIRST))
        self.assertEqual(answer.conversation, FIRST)
        late = self.journal(self.written(FIRST))
        self.assertEqual(late.conversation, FIRST)

    def test_other_mails_stay_on_their_own(self):
        messages = self.journal(self.written(FIRST), self.written(SECOND))
        self.assertEqual(messages.mapped("conversation"), [FIRST, SECOND])

    def test_a_forged_copy_takes_no_answer_to_another_conversation(self):
        self.journal(self.written(FIRST))
        self.journal(self.written(FIRST, References="<evil@elsewhere.example>"))
        answer = self.journal(self.written(SECOND, In_Reply_To=FIRST))
        self.assertEqual(answer.conversation, FIRST)
