from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged

from ...models.send.mail_mail_batch import Batch
from .test_mail_mail_attempt import SendingCommon

#: What the addon asks of all mails of a batch together, by words of its statement.
TOGETHER = ("mail_message_catchall_cc_rel", 'GROUP BY "mail_notification"')
#: What one mail more costs at most: Odoo's own reads and writes, those of the router
#: and its server, and the notes on the handing over.
STATEMENTS = 21


def _ids_in(query, params):
    """Return how many records a statement names."""
    return sum(
        len(one)
        for one in params or getattr(query, "params", ())
        if isinstance(one, tuple | list)
    )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSentTogether(SendingCommon):
    """Odoo commits each mail of the queue, and forgets with that what it has read."""

    @contextmanager
    def statements(self):
        """Yield the list that (statement, how many records it names) go to."""
        execute, found = Cursor.execute, []

        def noted(cr, query, params=None, *arguments, **options):
            found.append((getattr(query, "code", query), _ids_in(query, params)))
            return execute(cr, query, params, *arguments, **options)

        with patch.object(Cursor, "execute", noted):
            yield found

    def statements_of(self, count):
        """Return the statements with which so many mails are sent, each of which is
        forgotten as after a commit."""
        mails = self.env["mail.mail"].create(
            [
                {
                    "email_from": self.author,
                    "email_to": f"lan{number}@customer.example",
                    "subject": "Offer",
                    "body_html": "<p>Hello</p>",
                    "auto_delete": False,
                }
                for number in range(count)
            ]
        )
        forget = self.env.invalidate_all
        postprocess = type(mails)._postprocess_sent_message

        def committed(mail, *arguments, **options):
            result = postprocess(mail, *arguments, **options)
            forget()
            return result

        forget()
        with (
            patch.object(type(mails), "_postprocess_sent_message", committed),
            self.statements() as found,
        ):
            mails.send()
        self.assertEqual(set(mails.mapped("state")), {"sent"})
        return found

    def test_what_all_mails_ask_is_asked_once(self):
        few, many = self.statements_of(10), self.statements_of(20)
        for found in (few, many):
            for words in TOGETHER:
                asked = [one for one, _named in found if words in one]
                self.assertEqual(len(asked), 1, words)
        robots = [
            sum('FROM "res_partner" WHERE' in one for one, _named in found)
            for found in (few, many)
        ]
        self.assertEqual(*robots)

    def test_no_mail_costs_more_among_many(self):
        few, many = self.statements_of(10), self.statements_of(20)
        self.assertLessEqual(len(many) - len(few), 10 * STATEMENTS)

    def test_no_mail_has_the_others_read_again(self):
        few, many = (
            sum(named for one, named in found if 'FROM "mail_mail"' in one)
            for found in (self.statements_of(10), self.statements_of(20))
        )
        # Each once for all, and once by itself; else each would be read with each.
        self.assertLess(many, 2.5 * few)

    def test_what_is_not_of_the_batch_is_looked_up(self):
        mail, other = self.mail_of(), self.mail_of()
        batch = Batch(mail)
        self.assertTrue(batch.has(mail))
        self.assertFalse(batch.has(mail | other))
