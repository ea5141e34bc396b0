import time
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, config

from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB

from ...tools.runtime import worker_limits
from ...tools.servers import bounds
from ..concurrency import retry_on_concurrency, write_alone

NEVER = float("inf")
MOST_SPEED = 2**31 - 1
# Whoever begins at all gets so much.
LEAST_SECONDS = 15
# Kills are counted together while no more than this lies between them.
KILLS_APART = timedelta(days=1)


class FetchmailServer(models.Model):
    """How long collecting may take before Odoo kills its worker, and how often that
    has happened all the same."""

    _inherit = "fetchmail.server"

    catchall_visit_began = fields.Datetime(
        readonly=True,
        copy=False,
        help="Set while a worker collects: a killed worker leaves it behind.",
    )
    catchall_kills = fields.Integer("Killed Workers", readonly=True, copy=False)
    catchall_last_kill = fields.Datetime(readonly=True, copy=False)
    catchall_speed = fields.Integer(
        "Bytes per Second",
        readonly=True,
        copy=False,
        help="How fast the mail server delivered its email last time.",
    )

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def _catchall_worker_limits(self):
        """Return the ``worker_limits.Limits`` of whoever runs this."""
        is_scheduled = "cron_end_time" in self.env.context
        return worker_limits.limits_of(dict(config.options), is_scheduled)

    def _catchall_seconds_left(self):
        """Return for how many seconds this worker may still talk to a server."""
        end = self.env.context.get("cron_end_time")
        used = time.monotonic() - (end - MIN_TIME_PER_JOB) if end else 0
        return max(self._catchall_worker_limits().real - used, LEAST_SECONDS)

    def _catchall_is_over(self):
        """Return a function that tells whether collecting ends with this batch: at
        the time ``catchall_until`` of the context, at the end of the scheduled action
        (of ``time.monotonic``), or when the worker's share of its processor is used."""
        ends = ("catchall_until", "cron_end_time")
        until = min(self.env.context.get(name, NEVER) for name in ends)
        processor = time.thread_time() + self._catchall_worker_limits().cpu
        return lambda: time.monotonic() >= until or time.thread_time() >= processor

    def _catchall_keep_speed(self, connection):
        """Keep how fast a server was, by which the next visitor begins; commits."""
        speed = connection and bounds.meter_of(connection).speed
        if speed and speed != self.catchall_speed:
            write_alone(self, {"catchall_speed": min(speed, MOST_SPEED)})

    # ------------------------------------------------------------
    # KILLS
    # ------------------------------------------------------------

    def _catchall_begin_visit(self):
        """Note that a visit begins; find out whether the last visitor was killed, or
        the database ended under it; commits."""
        retry_on_concurrency(self.env, self._catchall_note_visit, self)

    def _catchall_note_visit(self):
        now = fields.Datetime.now()
        values = {"catchall_visit_began": now}
        if self.catchall_visit_began and self._catchall_lost_database():
            # Maybe it was restarted; if a mail ends it each time, that counts.
            self._catchall_folders()._note_suspects("failures")
        elif self.catchall_visit_began:
            last = self.catchall_last_kill
            goes_on = last and now - last < KILLS_APART
            values["catchall_kills"] = self.catchall_kills + 1 if goes_on else 1
            values["catchall_last_kill"] = now
            self._catchall_folders()._note_suspects("kills")
        self.write(values)

    def _catchall_lost_database(self):
        """Tell whether the database has been restarted since a visit began that did
        not end: the visitor could not say that it did."""
        query = SQL(
            "SELECT pg_postmaster_start_time() AT TIME ZONE 'UTC' > %s",
            self.catchall_visit_began,
        )
        return self.env.execute_query(query)[0][0]

    def _catchall_folders(self):
        return self.catchall_router_ids[:1].folder_ids
