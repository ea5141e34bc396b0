from contextlib import closing

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.servers import engines
from ..concurrency import hold
from .message_lesson import LESSONS

# How often an engine is told of a mail that it does not want: once an hour, two days.
MOST_TRIES = 48
# So many that it does not want one after the other: it wants none, for now.
MOST_REFUSED = 3


class MailCatchallEngineLesson(models.Model):
    """What one engine is to learn of one mail, by the decision of a person.

    A decision only notes it; the job that learns tells the engine. What is taken back
    before that was never told, and afterwards it is told, too.
    """

    _name = "mail.catchall.engine.lesson"
    _description = "Lesson of an Engine"
    _order = "id"
    _rec_name = "message_id"

    engine_id = fields.Many2one(
        "mail.catchall.engine", required=True, readonly=True, ondelete="cascade"
    )
    message_id = fields.Many2one(
        "mail.catchall.message",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    lesson = fields.Selection(LESSONS, readonly=True)
    taught = fields.Selection(LESSONS, readonly=True)
    tries = fields.Integer(required=True, readonly=True, default=0)

    _lesson_uniq = models.UniqueIndex(
        "(engine_id, message_id)", "An engine learns once of an email."
    )
    _open_idx = models.Index("(engine_id, id) WHERE lesson IS DISTINCT FROM taught")

    # ------------------------------------------------------------
    # NOTE
    # ------------------------------------------------------------

    @api.model
    def _note(self, message, lesson):
        """Note what the engines of a message's router are to learn of it.

        :param lesson: "spam", "fine", or False to take it back
        """
        known = self.search([("message_id", "=", message.id)])
        known.filtered(lambda one: one.lesson != lesson).write(
            {"lesson": lesson, "tries": 0}
        )
        pupils = message.router_id.engine_ids.filtered("learn_port")
        if lesson and message.raw_kept:
            self.create(
                [
                    {
                        "engine_id": engine.id,
                        "message_id": message.id,
                        "lesson": lesson,
                    }
                    for engine in pupils - known.engine_id
                ]
            )

    # ------------------------------------------------------------
    # TEACH
    # ------------------------------------------------------------

    @api.model
    def _teach_all(self):
        """Tell the engines what they are to learn; commits after each mail."""
        query = SQL(
            """SELECT DISTINCT engine_id FROM mail_catchall_engine_lesson
                WHERE lesson IS DISTINCT FROM taught"""
        )
        self.flush_model(["lesson", "taught"])
        found = [engine for (engine,) in self.env.execute_query(query)]
        for engine in self.env["mail.catchall.engine"].browse(sorted(found)):
            self._teach(engine)

    def _teach(self, engine):
        """Tell one engine, until it knows all, does not answer, or time is over."""
        refused, last = 0, 0
        address = engine._address(engine.learn_port)
        with closing(engines.Session(address)) as session:
            while refused < MOST_REFUSED and (lesson := self._next(engine, last)):
                last = lesson.id
                error = lesson._tell(session)
                is_refused = isinstance(error, engines.RefusedError)
                refused = refused + 1 if is_refused else 0
                is_over = not self.env["ir.cron"]._commit_progress()
                if is_over or (error and not is_refused):
                    return

    @api.model
    def _next(self, engine, last):
        """Return the first lesson of an engine behind another one, which may be none.

        :param last: id of a lesson
        """
        self.flush_model(["lesson", "taught"])
        query = SQL(
            """SELECT id FROM mail_catchall_engine_lesson
                WHERE lesson IS DISTINCT FROM taught AND engine_id = %s AND id > %s
                ORDER BY id LIMIT 1""",
            engine.id,
            last,
        )
        return self.browse([found for (found,) in self.env.execute_query(query)])

    def _tell(self, session):
        """Tell the engine of one mail; commits.

        Nothing is held in the database while it is waited for, so that a person may
        decide otherwise meanwhile: what was told is written down, and what he wants is
        told the next time.

        :param session: ``engines.Session``
        :return: the ``EngineError`` that it ended with, None if it has learnt
        """
        lesson, former, error = self.lesson, self.taught, None
        raw = self.message_id._raw_bytes() if self.message_id.raw_kept else b""
        self.env["ir.cron"]._commit_progress()
        try:
            if raw:
                session.learn(raw, lesson or "", former or "")
        except engines.TooLargeError:
            error = None  # it is not asked about such mail either
        except engines.EngineError as found:
            error = found
        self._keep(lesson, error)
        return error

    def _keep(self, lesson, error):
        """Keep what came of a lesson, and whether the engine learns; commits."""
        try:
            is_refused = isinstance(error, engines.RefusedError)
            tries = self.tries + 1 if is_refused else self.tries
            is_done = not error or tries >= MOST_TRIES
            hold(self)
            self.write({"tries": tries, **({"taught": lesson} if is_done else {})})
            self.engine_id._note_learning(error)
            self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # A person decides on it this moment: it is told once more, which does not
            # count twice.
            self.env.cr.rollback()
