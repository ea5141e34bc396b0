from contextlib import closing
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.servers import engines
from ..concurrency import hold

MOST_SECONDS = 60
# How exactly the last answer is known: a line is not written for each mail.
NOTED = timedelta(minutes=1)
# After which time an engine that was silent is asked again whether it lives.
AGAIN_AFTER = timedelta(minutes=2)


class MailCatchallEngine(models.Model):
    """An engine that judges a router's mail: Rspamd, SpamAssassin or ClamAV.

    Odoo connects to whatever host stands here, also inside of the company's network:
    only who administers the whole system may write it, or read it.
    """

    _name = "mail.catchall.engine"
    _description = "Mail Router Engine"
    _order = "router_id, sequence, id"
    _rec_name = "kind"

    router_id = fields.Many2one(
        "mail.catchall.router", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            (engines.RSPAMD, "Rspamd"),
            (engines.SPAMASSASSIN, "SpamAssassin"),
            (engines.CLAMAV, "ClamAV"),
        ],
        "Engine",
        required=True,
        default=engines.RSPAMD,
        help="Rspamd and SpamAssassin look for spam, ClamAV for viruses.",
    )
    host = fields.Char(
        required=True, default="localhost", help="The host that the engine runs on."
    )
    port = fields.Integer(
        compute="_compute_port",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The port that the engine listens on.",
    )
    learn_port = fields.Integer(
        "Learns On Port",
        compute="_compute_learn_port",
        store=True,
        readonly=False,
        precompute=True,
        help="The port on which the engine learns from your decisions: Rspamd's "
        "controller, or spamd with --allow-tell. 0: it does not learn from them.",
    )
    password = fields.Char(groups=fields.NO_ACCESS, copy=False)
    new_key = fields.Char(
        "New Password",
        compute="_compute_new_key",
        inverse="_inverse_new_key",
        help="Rspamd's password, if it asks for one. Nobody can read it afterwards.",
    )
    seconds = fields.Integer(
        "Longest Wait (seconds)",
        required=True,
        default=10,
        help="An engine that does not answer in this time is not asked again for a "
        "minute.",
    )
    when_silent = fields.Selection(
        [("deliver", "Go on without it"), ("hold", "Hold the email")],
        "Without an Answer",
        required=True,
        default="deliver",
        help="What happens to an email when the engine does not answer. What is held "
        "is checked by itself when the engine answers again; what went on is not.",
    )
    answered_date = fields.Datetime("Last Answer", readonly=True, copy=False)
    silent_since = fields.Datetime(readonly=True, copy=False)
    silent_words = fields.Char(readonly=True, copy=False)
    dull_since = fields.Datetime("Does Not Learn Since", readonly=True, copy=False)
    dull_words = fields.Char(readonly=True, copy=False)

    # ------------------------------------------------------------
    # COMPUTE, CONSTRAINTS
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_port(self):
        for engine in self:
            engine.port = engines.PORTS[engine.kind]

    @api.depends("kind")
    def _compute_learn_port(self):
        for engine in self:
            engine.learn_port = engines.LEARN_PORTS[engine.kind]

    def _compute_new_key(self):
        self.new_key = False

    def _inverse_new_key(self):
        for engine in self.filtered("new_key"):
            engine.sudo().password = engine.new_key

    @api.constrains("port", "learn_port", "seconds")
    def _check_limits(self):
        for engine in self:
            is_port = 0 < engine.port < 65536 and 0 <= engine.learn_port < 65536
            if not is_port or not 0 < engine.seconds <= MOST_SECONDS:
                raise ValidationError(
                    self.env._(
                        "An engine needs a port, and waits for %s seconds at most.",
                        MOST_SECONDS,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try(self):
        """Send the engine the test mail that every one of its kind knows (GTUBE,
        EICAR), and say whether it did.

        :raises UserError: when it does not answer, or does not know the mail
        """
        self.ensure_one()
        self.check_access("write")
        name = self._label()
        if not self._try_out():
            raise UserError(
                self.env._(
                    "%s answers, but does not recognize the test email that it should "
                    "know. Look at its configuration.",
                    name,
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s answers, and knows the test email.", name),
            },
        }

    def _try_out(self):
        """Tell whether the engine knows its test mail; UserError without an answer."""
        try:
            with closing(engines.Session(self._address())) as session:
                return session.try_out()
        except engines.EngineError as error:
            raise UserError(
                self.env._(
                    "%(engine)s does not answer at %(host)s, port %(port)s: %(error)s",
                    engine=self._label(),
                    host=self.host,
                    port=self.port,
                    error=error,
                )
            ) from error

    # ------------------------------------------------------------
    # ASK
    # ------------------------------------------------------------

    def _address(self, port=0):
        """Return the ``engines.Engine`` to ask.

        :param port: instead of that on which it judges
        """
        password = self.sudo().password or ""
        return engines.Engine(
            self.kind, self.host, port or self.port, password, self.seconds
        )

    def _label(self):
        return dict(self._fields["kind"].selection)[self.kind]

    def _notes_of(self, said, tries=1):
        """Return what is kept of what each engine said of a mail, as JSON.

        :param said: of each engine an ``engines.Finding`` or an ``EngineError``
        :param tries: how often they were asked about it
        """
        return [
            {**engine._note_of(answer), "tries": tries}
            for engine, answer in zip(self, said, strict=True)
        ]

    def _note_of(self, answer):
        """Return what is kept of an answer, as JSON.

        :param answer: an ``engines.Finding``, or the ``EngineError`` instead of it
        """
        note = {"engine": self._label()}
        if isinstance(answer, engines.TooLargeError) and self.kind != engines.CLAMAV:
            return {**note, "code": "too_large"}
        if isinstance(answer, engines.EngineError):
            is_held = self.when_silent == "hold"
            code = "awaited" if is_held else "silent"
            return {**note, "code": code, "value": str(answer)}
        if self.kind == engines.CLAMAV:
            code = "virus" if answer.is_bad else "clean"
            return {**note, "code": code, "value": answer.signature}
        return {
            **note,
            "code": _code_of(answer),
            "score": round(answer.score or 0.0, 1),
            "value": ", ".join(answer.symbols),
        }

    # ------------------------------------------------------------
    # WHETHER THEY ANSWER
    # ------------------------------------------------------------

    def _note_answers(self, answers):
        """Keep since when each engine has not answered, and when it did last; commits.

        :param answers: of each engine what ``engines.ask_all`` says
        """
        try:
            for engine, said in zip(self, answers, strict=True):
                engine._note_answer(said)
            self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another lane has asked the same engine just now, and knows as much.
            self.env.cr.rollback()

    def _note_answer(self, said):
        silent = [one for one in said if _is_failure(one)]
        is_heard = any(isinstance(one, engines.Finding) for one in said)
        if silent and not is_heard and not self.silent_since:
            now = fields.Datetime.now()
            hold(self)
            self.write({"silent_since": now, "silent_words": str(silent[0])})
            self._ask_again_later()
        elif is_heard:
            self._note_life(fields.Datetime.now())

    def _note_life(self, now):
        """Note that the engine answers; what it was to look at is routed again."""
        was_silent = self.silent_since
        if was_silent or not self.answered_date or now - self.answered_date > NOTED:
            hold(self)
            self.write({"answered_date": now, "silent_since": False})
        if was_silent:
            self.env["mail.catchall.message"]._route_unchecked(self.router_id)

    @api.model
    def _cron_ask_again(self):
        """Ask engines that did not answer whether they live, and have what was held for
        want of their answer routed, when they do."""
        progress = self.env["ir.cron"]._commit_progress
        silent = self.search([("silent_since", "!=", False)])
        progress(remaining=len(silent))
        for engine in silent:
            address = engine._address()
            progress()
            engine._note_answers([[engines.ask_again(address)]])
            if not progress(1):
                return
        if silent.filtered("silent_since"):
            self._ask_again_later()

    def _note_learning(self, error):
        """Keep since when the engine does not learn.

        :param error: the ``EngineError`` of the last lesson, None if it was learnt
        """
        if error and not self.dull_since:
            now = fields.Datetime.now()
            hold(self)
            self.write({"dull_since": now, "dull_words": str(error)})
        elif not error and self.dull_since:
            hold(self)
            self.dull_since = False

    @api.model
    def _ask_again_later(self):
        cron = self.env.ref("mail_catchall_router.ir_cron_engines", False)
        if cron:
            cron.sudo()._trigger(fields.Datetime.now() + AGAIN_AFTER)


def _is_failure(answer):
    """Tell whether an engine was asked for a verdict, and gave none."""
    harmless = (engines.TooLargeError, engines.LeftAloneError)
    is_error = isinstance(answer, engines.EngineError)
    return is_error and not isinstance(answer, harmless)


def _code_of(finding):
    if finding.is_bad:
        return "spam"
    return "doubt" if finding.is_doubtful else "fine"
