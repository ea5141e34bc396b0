import logging
from functools import partial

from markupsafe import Markup

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.translate import LazyTranslate

from ...tools.watch import alerts
from ..concurrency import retry_on_concurrency
from ..words import translated
from .sentences import LABELS, SUMMARIES

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

# Where mail goes no usual way any more.
CUTS_OFF = ("incoming", "outgoing", "jobs")


class MailCatchallRouter(models.Model):
    """The watch: problems are told by themselves, and so is their end.

    It talks to no mail server: what it knows was noted by those who do.
    """

    _inherit = "mail.catchall.router"

    problem_ids = fields.One2many("mail.catchall.problem", "router_id")

    @api.model
    def _cron_watch(self):
        """Look at the health of every router, and alert its recipients."""
        routers = self.search([("active", "=", True)])
        counted = routers._count_month(fields.Datetime.now())
        found = routers._judge_health()
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(routers))
        for router in routers:
            watch = partial(
                router._watch_alone, found[router.id], counted.get(router, 0)
            )
            retry_on_concurrency(self.env, watch, router)
            if not commit_progress(1):
                break

    def _watch_alone(self, findings, month_count):
        """Watch over one router; what goes wrong with it costs no other its watch.

        :param findings: list of ``health.Finding``
        :param month_count: what each opening of the router would wait for
        """
        try:
            with self.env.cr.savepoint():
                self.month_count = month_count
                self._compare_headers()
                self._watch(findings)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # The boundary of the scheduled action, which Odoo switches off if it fails
            # too often: then nobody would be told of anything any more.
            _logger.exception("Router %s: it could not be watched", self.id)

    def _watch(self, findings):
        """Tell of new problems and of those that are over.

        :param findings: list of ``health.Finding``
        """
        self.ensure_one()
        router = self.with_context(lang=self._alert_users()[:1].lang or self.env.lang)
        told = {one.item: alerts.Told(one.lasts, one.told) for one in self.problem_ids}
        plan = alerts.plan(findings, told, fields.Datetime.now())
        for finding in plan.tell:
            router._tell_of(finding, finding.item in plan.loud)
        for item in plan.over:
            router._tell_it_is_over(item)

    def _tell_of(self, finding, is_loud):
        """Tell of a problem: by an activity, and where mail goes no usual way also by
        another one.

        :param is_loud: whether this is more than the activity
        """
        item = finding.item
        summary = translated(self.env, SUMMARIES.get(item, LABELS[item]))
        note = Markup("<p>%s</p><p>%s</p>") % (
            self._say(finding),
            self._advise(finding),
        )
        # Core would mail the activity through the account that doesn't work.
        quiet = self.with_context(mail_activity_quick_update=item in CUTS_OFF)
        quiet._alert(summary, note, self._summaries_of(item))
        self.env["mail.catchall.problem"]._keep(self, item, is_loud)
        if is_loud and item in CUTS_OFF:
            self._alert_by_another_way(summary, note)

    def _tell_it_is_over(self, item):
        """Close the activities about a problem."""
        summaries = self._summaries_of(item)
        self.activity_ids.filtered(
            lambda one: one.summary in summaries
        ).action_feedback(
            feedback=self.env._("It works again. Odoo closed this by itself.")
        )
        self.problem_ids.filtered(lambda one: one.item == item).lasts = False

    @api.model
    def _summaries_of(self, item):
        """Return what the activities about an item are called, in any language."""
        summary = SUMMARIES.get(item, LABELS[item])
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        return {
            translated(self.with_context(lang=code).env, summary)
            for code in languages | {"en_US"}
        }
