import logging
from dataclasses import dataclass

from psycopg2.errors import QueryCanceled

from odoo import SUPERUSER_ID, api, models
from odoo.tools.misc import clean_context

from ...tools.runtime.errors import describe
from ...tools.runtime.read_only import read_only
from ...tools.runtime.time_limit import TimeLimitExceeded, time_limit

_logger = logging.getLogger(__name__)

OUTCOME_FIELDS = (
    "recipient",
    "must_settle",
    "header",
    "state",
    "reason_code",
    "matched_by",
    "model",
    "res_id",
    "forward_to",
    "error",
)


@dataclass(frozen=True)
class Trial:
    """What would become of a mail: the ``state``, ``reason_code`` and ``trace`` of
    its message, the id of the company it would belong to, the ``error`` that stopped
    it, and of each delivery a dict with ``OUTCOME_FIELDS`` and ``alias_id``."""

    state: str
    reason_code: str
    trace: list
    company_id: int
    error: str
    deliveries: list


class MailCatchallMessage(models.Model):
    """A trial: what would become of a mail, found by routing a message that is not
    stored.

    It goes the way of every mail, guards, recipients, match. Whatever has an effect
    asks :meth:`_is_trial` first and notes what it would do; PostgreSQL refuses what
    does not ask.
    """

    _inherit = "mail.catchall.message"

    @api.model
    def _try_out(self, router, raw):
        """Return the :class:`Trial` of a mail that might arrive now, without any
        effect.

        :param router: the ``mail.catchall.router`` that it would arrive for
        :param raw: the mail's bytes
        """
        # What a person has on the screen is no default for the message.
        env = self.env(user=SUPERUSER_ID, context=clean_context(self.env.context))
        journal = env[self._name]
        message = journal.new(journal._prepare_values(router, {"raw": raw}))
        message._prove_trial()
        with read_only(self.env.cr):
            if message.state == "received":
                message._route_trial()
            return message._outcome()

    def _route_trial(self):
        cr = self.env.cr
        try:
            # What PostgreSQL has refused must not spoil what is still to be read.
            with cr.savepoint(flush=False):
                self._ask_for_trial()
                with time_limit(cr, self.router_id.max_seconds):
                    self._route()
        except (TimeLimitExceeded, QueryCanceled):
            self._hold_slow()
        except Exception as error:
            # As in the queue: whatever a mail raises is what became of it.
            _logger.info("%s: trial failed", self.message_id, exc_info=True)
            self._register_failure(describe(error))

    def _outcome(self):
        return Trial(
            state=self.state,
            reason_code=self.reason_code,
            trace=self.trace or [],
            company_id=self.company_id.id,
            error=self.error or "",
            deliveries=[
                {name: delivery[name] for name in OUTCOME_FIELDS}
                | {"alias_id": delivery.alias_id.id}
                for delivery in self.delivery_ids
            ],
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_test_again(self):
        """Open the route tester with what would become of this mail now."""
        self.ensure_one()
        tester = self.env["mail.catchall.tester"].create(
            {
                "router_id": self.router_id.id,
                "source": "message",
                "message_id": self.id,
            }
        )
        tester.action_test()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_catchall_router.mail_catchall_tester_action"
        )
        return dict(action, res_id=tester.id)
