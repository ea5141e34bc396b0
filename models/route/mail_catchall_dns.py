import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.inbound.proof.book import Question
from ..cleaning import delete_outdated

# What is longer is asked for again: nobody fills the table with one answer.
LONGEST_ANSWER = 8000
GC_BATCH = 20_000
# Stands in the table while no name server answers, so that not every mail waits.
SILENCE = Question(".", "")
SILENT_FOR = timedelta(minutes=1)


class MailCatchallDns(models.Model):
    """What the name servers said about one name, for as long as it holds.

    ``answer`` is the list of the values of one ``kind``, as ``dns.Answer`` has them.
    """

    _name = "mail.catchall.dns"
    _description = "Answer of a Name Server"
    _log_access = False

    name = fields.Char(required=True, readonly=True)
    kind = fields.Char(required=True, readonly=True)
    answer = fields.Json(readonly=True)
    expires = fields.Datetime(required=True, readonly=True, index=True)

    _name_uniq = models.UniqueIndex("(name, kind)", "This answer is already kept.")

    @api.model
    def _find(self, questions):
        """Return {``Question``: tuple of values} of those that are known.

        :param questions: iterable of ``Question``
        """
        wanted = sorted(questions)
        if not wanted:
            return {}
        query = SQL(
            """SELECT kept.name, kept.kind, kept.answer
                 FROM unnest(%s::text[], %s::text[]) asked(name, kind)
                 JOIN mail_catchall_dns kept
                   ON kept.name = asked.name AND kept.kind = asked.kind
                WHERE kept.expires > %s""",
            [one.name for one in wanted],
            [one.kind for one in wanted],
            fields.Datetime.now(),
        )
        found = self.env.execute_query(query)
        return {Question(name, kind): tuple(told) for name, kind, told in found}

    @api.model
    def _keep(self, answers):
        """Keep what was answered, for as long as it holds.

        :param answers: {``Question``: ``dns.Answer``}; SILENCE alone where nothing was
        """
        now = fields.Datetime.now()
        rows = [
            (one.name, one.kind, text, now + timedelta(seconds=answers[one].seconds))
            for one in sorted(answers)
            if len(text := json.dumps(answers[one].values)) <= LONGEST_ANSWER
        ]
        if not rows:
            return
        try:
            with self.env.cr.savepoint(flush=False):
                self._write_rows(rows, is_silent=SILENCE in answers)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another lane has just kept the same answer.
            return

    def _write_rows(self, rows, is_silent):
        """Write what is kept, and that nobody is silent any more, unless he is."""
        names, kinds, answers, ends = map(list, zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """WITH over AS (DELETE FROM mail_catchall_dns WHERE name = ANY(%s))
                   INSERT INTO mail_catchall_dns (name, kind, answer, expires)
                   SELECT * FROM unnest(%s::text[], %s::text[], %s::jsonb[],
                                        %s::timestamp[])
                       ON CONFLICT (name, kind) DO UPDATE
                      SET answer = EXCLUDED.answer, expires = EXCLUDED.expires""",
                [] if is_silent else [SILENCE.name],
                names,
                kinds,
                answers,
                ends,
            ),
            # Another lane may just be keeping the same answers.
            log_exceptions=False,
        )

    @api.model
    def _silent_until(self):
        """Return until when nobody is asked, as no name server has answered; None when
        they do answer."""
        found = self.search([("name", "=", SILENCE.name)], limit=1)
        return found.expires or None

    @api.autovacuum
    def _gc_expired(self):
        """Delete what holds no more."""
        # That nobody answers is true until somebody does.
        now = fields.Datetime.now()
        domain = [("expires", "<", now), ("name", "!=", SILENCE.name)]
        return delete_outdated(self, domain, GC_BATCH)
