from contextlib import closing

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.servers import engines

MOST_SECONDS = 60


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
        help="What happens to an email when the engine does not answer.",
    )

    # ------------------------------------------------------------
    # COMPUTE, CONSTRAINTS
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_port(self):
        for engine in self:
            engine.port = engines.PORTS[engine.kind]

    def _compute_new_key(self):
        self.new_key = False

    def _inverse_new_key(self):
        for engine in self.filtered("new_key"):
            engine.sudo().password = engine.new_key

    @api.constrains("port", "seconds")
    def _check_limits(self):
        for engine in self:
            is_port = 0 < engine.port < 65536
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

    def _address(self):
        """Return the ``engines.Engine`` to ask."""
        password = self.sudo().password or ""
        return engines.Engine(self.kind, self.host, self.port, password, self.seconds)

    def _label(self):
        return dict(self._fields["kind"].selection)[self.kind]

    def _note_of(self, answer):
        """Return what is kept of an answer, as JSON.

        :param answer: an ``engines.Finding``, or the ``EngineError`` instead of it
        """
        note = {"engine": self._label()}
        if isinstance(answer, engines.TooLargeError) and self.kind != engines.CLAMAV:
            return {**note, "code": "too_large"}
        if isinstance(answer, engines.EngineError):
            is_held = self.when_silent == "hold"
            return {**note, "code": "silent", "value": str(answer), "holds": is_held}
        if self.kind == engines.CLAMAV:
            code = "virus" if answer.is_bad else "clean"
            return {**note, "code": code, "value": answer.signature}
        return {
            **note,
            "code": "spam" if answer.is_bad else "fine",
            "score": round(answer.score or 0.0, 1),
            "value": ", ".join(answer.symbols),
        }
