from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.inbound import bayes
from ...tools.inbound.letter import read_letter
from ...tools.inbound.tokens import tokens
from ...tools.mail.headers import parse_headers

LESSONS = [(bayes.SPAM, "Spam"), (bayes.FINE, "Wanted")]
BATCH = 50
AGAIN_AFTER = timedelta(minutes=1)


class MailCatchallMessage(models.Model):
    """Lessons: what the filter learns of a mail, from what people do with it.

    A lesson is noted at once and learnt a moment later, by one job: who decides never
    waits, and what is taken back is unlearnt the same way.
    """

    _inherit = "mail.catchall.message"

    lesson = fields.Selection(
        LESSONS,
        readonly=True,
        help="What the spam filter is to learn of this email: a person has decided on "
        "it, it was sent to a trap, or it belongs to a conversation with you.",
    )
    learnt = fields.Selection(
        LESSONS, readonly=True, help="What the spam filter has learnt of this email."
    )

    _lesson_idx = models.Index("(id) WHERE lesson IS DISTINCT FROM learnt")

    def _teach(self, lesson):
        """Have the filter learn of these mails.

        :param lesson: "spam", "fine", or False to unlearn
        """
        taught = self.sudo().filtered(lambda one: one.lesson != lesson)
        taught.lesson = lesson
        cron = self.env.ref("mail_catchall_router.ir_cron_learn", False)
        if taught and cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_learn(self):
        """Learn of the mails that people have judged."""
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self._count_lessons())
        while found := self._find_lessons():
            found._learn()
            if not progress(len(found)):
                return
        if self._count_lessons():
            # A lane has them, or a person: they are free in a moment.
            cron = self.env.ref("mail_catchall_router.ir_cron_learn")
            cron.sudo()._trigger(fields.Datetime.now() + AGAIN_AFTER)
        progress(remaining=0)
        self.env["mail.catchall.engine.lesson"]._teach_all()

    @api.model
    def _count_lessons(self):
        query = SQL(
            """SELECT count(*) FROM mail_catchall_message
                WHERE lesson IS DISTINCT FROM learnt"""
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _find_lessons(self):
        """Return messages that are to be learnt, which nobody else works on."""
        self.flush_model(["lesson", "learnt"])
        query = SQL(
            """SELECT id FROM mail_catchall_message
                WHERE lesson IS DISTINCT FROM learnt AND claim IS NULL
                ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            BATCH,
        )
        return self.browse([found for (found,) in self.env.execute_query(query)])

    def _learn(self):
        """Learn of these mails, or unlearn."""
        lessons = []
        for message in self:
            # Of a mail that is not kept any more nothing can be learnt.
            found = message._tokens() if message.raw_kept else ()
            if found and message.learnt:
                lessons.append((message.company_id, found, message.learnt, -1))
            if found and message.lesson:
                lessons.append((message.company_id, found, message.lesson, 1))
            message.learnt = message.lesson
        self.env["mail.catchall.token"]._learn(lessons)

    def _tokens(self):
        raw = self._raw_bytes()
        return tokens(read_letter(raw, parse_headers(raw)))
