from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ...tools.mail import mime, preview, words

# What a snippet is read from, in bytes, however large the mail is.
SNIPPET_BYTES = 66_000
SNIPPET_LENGTH = 140
# So many recipients are found by.
MOST_RECIPIENTS = 40
# Their words are written down in one transaction.
TOGETHER = 200
# So many messages are named one by one where they are found.
FEW = 1000
# So many messages may be routed in another order than they arrived in; what takes
# longer is met at night.
LOOK_BACK = 2000


class MailCatchallMessage(models.Model):
    """Finding mail by its words: of the subject, the sender, the recipients and the
    beginning of its text.

    They are written down every few minutes, so that no mail waits for it. Until then it
    is found by what its own row says.
    """

    _inherit = "mail.catchall.message"

    snippet = fields.Char(
        "First Words",
        compute="_compute_snippet",
        search="_search_snippet",
        help="The first words of the email.",
    )

    # ------------------------------------------------------------
    # COMPUTE / SEARCH
    # ------------------------------------------------------------

    def _compute_snippet(self):
        known = self._known_snippets()
        for message in self:
            message.snippet = known.get(message._origin.id)

    def _known_snippets(self):
        """Return {id: first words} of what is written down."""
        found = self.env["mail.catchall.words"].sudo()
        found = found.search_fetch(
            [("message_id", "in", self._origin.ids)], ["message_id", "snippet"]
        )
        return {one.message_id.id: one.snippet or "" for one in found}

    @api.model
    def _search_snippet(self, operator, value):
        if operator != "ilike":
            return NotImplemented
        if not words.asked(value):
            return Domain.TRUE
        Words = self.env["mail.catchall.words"].sudo()
        domain = Words._domain_of(value)
        first = Words._search(domain, limit=FEW + 1).select("message_id")
        ids = [one for (one,) in self.env.execute_query(first)]
        if len(ids) > FEW:
            # The planner stops as soon as a page is full, which it can not with an OR;
            # who looks for so common words can wait for the newest mail to be among it.
            return Domain("id", "any!", Words._search(domain).select("message_id"))
        fresh = self.sudo()._search(self._fresh_domain(value))
        return Domain("id", "in", [*ids, *fresh.get_result_ids()])

    @api.model
    def _fresh_domain(self, typed):
        """Return the domain of the messages whose words are not written down yet, and
        whose row, or whose deliveries, have all of some words."""
        above = self._fresh_from()
        written = SQL(
            "SELECT message_id FROM mail_catchall_words WHERE message_id > %s", above
        )

        def says(word):
            is_said = ("ilike", escape_psql(word))
            recipient = Domain("recipient", *is_said)
            return (
                Domain("subject", *is_said)
                | Domain("email_from", *is_said)
                | Domain(
                    "delivery_ids", "any", Domain("message_id", ">", above) & recipient
                )
            )

        return (
            Domain("id", ">", above)
            & Domain("id", "not any!", written)
            & Domain.AND(map(says, typed.split()[: words.MAX_WORDS]))
        )

    @api.model
    def _fresh_from(self):
        """Return the id of a message above which there may be some without words."""
        ((newest,),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE((SELECT max(message_id) FROM mail_catchall_words),"
                " (SELECT max(id) FROM mail_catchall_message), 0)"
            )
        )
        return newest - LOOK_BACK

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def _snippets(self):
        """Return {id: the first words of the mail}, where it is kept."""
        known = self._known_snippets()
        left = self.filtered(lambda one: one.id not in known)
        return {**known, **left._read_snippets()}

    def _read_snippets(self):
        """Return {id: the first words} out of the mails themselves; of each only the
        beginning is read."""
        if not self:
            return {}
        begun = self._fields["raw"].read_all(self, 0, SNIPPET_BYTES)
        return {one.id: _snippet(raw) for one, raw in begun.items() if raw}

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _cron_words(self):
        """Write down the words of the mail that was routed since."""
        commit = self.env["ir.cron"]._commit_progress
        routed = SQL("message.state != 'received'")
        while found := self._write_next(routed, self._fresh_from()):
            if not commit(len(found)):
                break

    @api.autovacuum
    def _gc_words(self):
        """Write down the words of what was routed late, and of mail of before
        19.0.1.1.0: the newest first.

        :return: (number done, whether there may be more)
        """
        found = self._write_next(SQL("TRUE"), 0, "DESC", 10 * TOGETHER)
        return len(found), len(found) == 10 * TOGETHER

    @api.model
    def _write_next(self, which, above, order="ASC", limit=TOGETHER):
        """Write down the words of the first messages that have none, and return them;
        commits. The scheduled action and the cleaning may meet: the later one looks
        again.

        Parameters as for :meth:`_find_wordless`.
        """

        def write():
            found = self._find_wordless(which, above, order, limit)
            found._write_words()
            return found

        return self._retry_on_concurrency(write)

    @api.model
    def _find_wordless(self, which, above, order="ASC", limit=TOGETHER):
        """Return the first messages above an id whose words are not written down.

        :param which: ``SQL``, the condition on a ``message``
        """
        self.flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id
                  FROM mail_catchall_message message
             LEFT JOIN mail_catchall_words words ON words.message_id = message.id
                 WHERE words.message_id IS NULL
                   AND message.id > %s
                   AND %s
              ORDER BY message.id %s
                 LIMIT %s
                """,
                above,
                which,
                SQL(order),
                limit,
            )
        )
        return self.browse([one for (one,) in rows])

    def _write_words(self):
        """Write down what these messages are found by."""
        if not self:
            return
        snippets = self.filtered(_is_safe)._read_snippets()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_words (message_id, snippet, text)
                SELECT * FROM unnest(%s::integer[], %s::varchar[], %s::text[])
                    ON CONFLICT DO NOTHING
                """,
                self.ids,
                [snippets.get(one.id, "") for one in self],
                [one._found_by(snippets.get(one.id, "")) for one in self],
            ),
            # Who is just writing the same down makes it fail, and it is done again.
            log_exceptions=False,
        )
        self.invalidate_recordset(["snippet"], flush=False)

    def _found_by(self, snippet):
        recipients = self.delivery_ids[:MOST_RECIPIENTS].mapped("recipient")
        said = (self.subject, self.email_from, *recipients, snippet)
        return words.searchable(" ".join(filter(None, said)))

    def _forget_words(self):
        """Delete what these messages are found by. What is left of them to find them
        by is written down at night."""
        Words = self.env["mail.catchall.words"].sudo()
        Words.search([("message_id", "in", self.ids)]).unlink()


def _is_safe(message):
    """Tell whether routing has read the mail, and it has stopped no worker."""
    return message.state != "received" and not message.crash_count


def _snippet(raw):
    """Return the first words of a mail, of which this is the beginning."""
    return preview.snippet(mime.read_content(raw), SNIPPET_LENGTH)
