from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.inbound import bayes

# How many mails a company's filter learns of: from there on, all that it knows
# counts half, so that what is new outweighs what was.
AGED_FROM = 20_000
# How long a token is kept that was seen once, and one that was not seen again.
ONCE_KEPT = timedelta(days=60)
UNSEEN_KEPT = timedelta(days=400)
# Most tokens of one company; those that were not seen for longest go first.
MOST_TOKENS = 300_000
GC_BATCH = 20_000
# The row of a company that counts its mails themselves.
TOTAL = ""


class MailCatchallToken(models.Model):
    """What the filter has learnt of one token: in how many mails of each kind a company
    has seen it.

    As long as a company has not seen enough, what all of them have seen counts.
    """

    _name = "mail.catchall.token"
    _description = "Token of the Spam Filter"
    _log_access = False
    _rec_name = "token"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    token = fields.Char(readonly=True)
    spam = fields.Integer("In Spam", required=True, readonly=True, default=0)
    fine = fields.Integer("In Wanted Mail", required=True, readonly=True, default=0)
    seen = fields.Date("Last Learnt", readonly=True)

    _token_uniq = models.UniqueIndex(
        "(token, company_id)", "This token is already in the list."
    )
    _seen_idx = models.Index("(company_id, seen)")

    # ------------------------------------------------------------
    # JUDGE
    # ------------------------------------------------------------

    @api.model
    def _totals(self):
        """Return {company id: the ``bayes.Count`` of the mails it learnt of}; of None:
        of all companies."""
        query = SQL(
            "SELECT company_id, spam, fine FROM mail_catchall_token WHERE token = %s",
            TOTAL,
        )
        totals = {None: bayes.Count()}
        for company, spam, fine in self.env.execute_query(query):
            totals[company] = bayes.Count(spam, fine)
            totals[None] = totals[None].plus(totals[company])
        return totals

    @api.model
    def _opinions(self, tokens_by_key, company_by_key, totals):
        """Return {key: ``bayes.Opinion`` or None} of mails, in one statement.

        :param tokens_by_key: {key: the mail's tokens}
        :param company_by_key: {key: the ``res.company`` that it is for}
        :param totals: as of :meth:`_totals`
        """
        judges = {
            key: company.id if totals.get(company.id, bayes.Count()).is_enough else None
            for key, company in company_by_key.items()
        }
        wanted = defaultdict(set)
        for key, tokens in tokens_by_key.items():
            wanted[judges[key]].update(tokens)
        known = self._known(wanted)
        return {
            key: bayes.opinion(tokens, known[judges[key]], totals[judges[key]])
            for key, tokens in tokens_by_key.items()
        }

    def _known(self, wanted):
        """Return {company id: {token: ``bayes.Count``}}; of None: of all companies.

        :param wanted: {company id: set of tokens}, with or without None
        """
        if not wanted:
            return {}
        selects = [
            SQL(
                """SELECT company_id, token, spam, fine FROM mail_catchall_token
                    WHERE company_id = %s AND token = ANY(%s)""",
                company,
                list(tokens),
            )
            if company
            else SQL(
                """SELECT NULL::int, token, sum(spam)::int, sum(fine)::int
                     FROM mail_catchall_token WHERE token = ANY(%s) GROUP BY token""",
                list(tokens),
            )
            for company, tokens in wanted.items()
        ]
        known = {company: {} for company in wanted}
        rows = self.env.execute_query(SQL(" UNION ALL ").join(selects))
        for company, token, spam, fine in rows:
            known[company][token] = bayes.Count(spam, fine)
        return known

    # ------------------------------------------------------------
    # LEARN
    # ------------------------------------------------------------

    @api.model
    def _learn(self, lessons):
        """Count what was in mails that somebody has judged.

        :param lessons: list of (company, tokens, "spam" or "fine", 1 or -1); -1 takes
            a lesson back
        """
        counted = Counter()
        for company, tokens, kind, number in lessons:
            for token in (TOTAL, *tokens):
                counted[company.id, token, kind] += number
        learnt = _rows({key: max(number, 0) for key, number in counted.items()})
        taken_back = _rows({key: max(-number, 0) for key, number in counted.items()})
        if learnt:
            self._add(learnt)
        if taken_back:
            self._take_back(taken_back)

    def _add(self, rows):
        """Add counts.

        :param rows: list of (company id, token, spam, fine), sorted: two that learn at
            the same time wait for each other in one order
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO mail_catchall_token AS known
                          (company_id, token, spam, fine, seen)
                   SELECT *, %s
                     FROM unnest(%s::int[], %s::text[], %s::int[], %s::int[])
                   ON CONFLICT (token, company_id) DO UPDATE
                      SET spam = known.spam + excluded.spam,
                          fine = known.fine + excluded.fine,
                          seen = excluded.seen""",
                fields.Date.today(),
                *map(list, zip(*rows, strict=True)),
            )
        )

    def _take_back(self, rows):
        """Subtract counts; rows are as for :meth:`_add`."""
        self.env.cr.execute(
            SQL(
                """UPDATE mail_catchall_token known
                      SET spam = greatest(known.spam - gone.spam, 0),
                          fine = greatest(known.fine - gone.fine, 0)
                     FROM unnest(%s::int[], %s::text[], %s::int[], %s::int[])
                          AS gone(company_id, token, spam, fine)
                    WHERE known.company_id = gone.company_id
                      AND known.token = gone.token""",
                *map(list, zip(*rows, strict=True)),
            )
        )

    # ------------------------------------------------------------
    # AGE
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_tokens(self):
        """Let what was learnt long ago count less, and forget what is seen no more.

        :return: (number forgotten, whether there may be more)
        """
        self._age()
        today = fields.Date.today()
        condition = SQL(
            "(spam + fine <= 1 AND seen < %s) OR seen < %s OR spam + fine = 0",
            today - ONCE_KEPT,
            today - UNSEEN_KEPT,
        )
        forgotten = self._forget(condition)
        for company in self._companies_with_too_many():
            oldest = SQL(
                """id IN (SELECT id FROM mail_catchall_token WHERE company_id = %s
                           ORDER BY seen LIMIT %s)""",
                company,
                GC_BATCH,
            )
            forgotten += self._forget(oldest)
        return forgotten, forgotten >= GC_BATCH

    def _age(self):
        """Halve the counts of the companies that know very much."""
        self.env.cr.execute(
            SQL(
                """UPDATE mail_catchall_token SET spam = spam / 2, fine = fine / 2
                    WHERE company_id IN (SELECT company_id FROM mail_catchall_token
                                          WHERE token = %s AND spam + fine > %s)""",
                TOTAL,
                AGED_FROM,
            )
        )

    def _companies_with_too_many(self):
        query = SQL(
            """SELECT company_id FROM mail_catchall_token
                GROUP BY company_id HAVING count(*) > %s""",
            MOST_TOKENS,
        )
        return [company for (company,) in self.env.execute_query(query)]

    def _forget(self, condition):
        """Delete tokens, GC_BATCH at most, never a total; return how many."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM mail_catchall_token WHERE id IN (
                     SELECT id FROM mail_catchall_token
                      WHERE token != %s AND (%s) LIMIT %s)""",
                TOTAL,
                condition,
                GC_BATCH,
            )
        )
        return self.env.cr.rowcount


def _rows(counted):
    """Return [(company id, token, spam, fine)], sorted, of {(company id, token, kind):
    number}, without those that are 0."""
    keys = {
        (company, token) for (company, token, _), number in counted.items() if number
    }
    return [
        (*key, counted.get((*key, bayes.SPAM), 0), counted.get((*key, bayes.FINE), 0))
        for key in sorted(keys)
    ]
