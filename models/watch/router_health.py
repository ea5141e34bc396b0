from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, babel_locale_parse, format_date, format_datetime
from odoo.tools.translate import LazyTranslate

from ...tools.runtime import locks
from ...tools.watch import health, listening
from ..decide.mail_catchall_decision import FILTERED, WANTED
from ..windows import notice, window
from ..words import translated
from .sentences import (
    ADVICE,
    BUTTONS,
    LABELS,
    PERIODS,
    SENTENCES,
    STATE_BUTTONS,
)

_lt = LazyTranslate(__name__)

HEALTH = [("ok", "Works"), ("warning", "Needs a look"), ("problem", "Problem")]
# The scheduled actions that routers need; of each group one is enough.
JOBS = (
    ("mail.ir_cron_mail_gateway_action",),
    ("mail_catchall_router.ir_cron_route", "mail_catchall_router.ir_cron_route_2"),
    ("mail.ir_cron_mail_scheduler_action",),
    ("mail_catchall_router.ir_cron_check",),
)
# Not every router has what some of them work on.
JOB_NEEDS = {
    "mail.ir_cron_mail_gateway_action": "fetchmail_server_id",
    "mail.ir_cron_mail_scheduler_action": "mail_server_id",
    "mail_catchall_router.ir_cron_check": "fetchmail_server_id",
}
# Moments of which the day is told, and how: "full" names the day of the week.
DAYS = {"end": False, "day": "full"}
# How long a false alarm of the spam filters counts.
ALARMS_COUNT = timedelta(days=30)
# So many of a router's newest mails are looked at for those from outside: some routers
# have none at all.
NEWEST = 2000
# Where there is nothing to do.
IDLE = ("none", "works", "complete", "unchecked", "known", "few", "set")
INTERVALS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "months": timedelta(days=31),
}


class MailCatchallRouter(models.Model):
    """Health: whether mail comes in, goes out and is not left lying about.

    What is known is gathered here, ``tools.health`` judges it, and each finding is
    said in a sentence, with what to do and the button that leads there.
    """

    _inherit = "mail.catchall.router"

    health = fields.Selection(HEALTH, compute="_compute_health")
    health_report = fields.Json(compute="_compute_health")
    junk_unread = fields.Integer("Unread Junk", readonly=True, copy=False)
    junk_folder = fields.Char(readonly=True, copy=False)
    junk_checked = fields.Datetime(readonly=True, copy=False)
    # As the watch has counted last; 0 until then.
    month_count = fields.Integer("Emails in 30 Days", readonly=True, copy=False)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "lang", "tz", "allowed_company_ids")
    def _compute_health(self):
        """Judge how the router stands.

        ``health_report``: {"router": id, "state": one of HEALTH, "label": it in
        words, "items": [{"item", "state", "label", "sentence", "advice", "button"}]};
        the last two are "" where there is nothing to do.
        """
        labels = dict(self._fields["health"]._description_selection(self.env))
        found = self._judge_health()
        may_change = self.browse().has_access("write")
        for router in self:
            findings = found.get(router._origin.id, [])
            state = health.worst(finding.state for finding in findings)
            router.health = state
            router.health_report = {
                "router": router._origin.id,
                "state": state,
                "label": labels[state],
                "items": [
                    router._show_finding(finding, may_change) for finding in findings
                ],
            }

    def _show_finding(self, finding, may_change):
        advice = finding.state != health.OK and self._advise(finding)
        method, label, changes = _button(finding) or ("", "", False)
        is_idle = finding.code in IDLE
        shown = method and not is_idle and (may_change or not changes)
        return {
            "item": finding.item,
            "state": finding.state,
            "label": translated(self.env, LABELS[finding.item]),
            "sentence": self._say(finding),
            "advice": advice or "",
            "button": translated(self.env, label) if shown else "",
        }

    def _say(self, finding):
        """Return a finding as a sentence."""
        return self._fill_in(SENTENCES[finding.item, finding.code], finding)

    def _fill_in(self, sentence, finding):
        values = {
            name: self._health_words(name, value)
            for name, value in finding.values.items()
        }
        values["folder"] = self.junk_folder or ""
        return translated(self.env, sentence) % values

    def _advise(self, finding):
        """Return what to do about a finding, '' for nothing."""
        advice = ADVICE.get((finding.item, finding.code))
        return self._fill_in(advice, finding) if advice else ""

    def _health_words(self, name, value):
        """Return a value of a finding as a person reads it."""
        if name == "period":
            return translated(self.env, PERIODS[value])
        if isinstance(value, tuple):
            return ", ".join(value)
        if isinstance(value, timedelta):
            locale = babel_locale_parse(self.env.lang or "en_US")
            return format_timedelta(value, granularity="minute", locale=locale)
        if name in DAYS:
            return format_date(self.env, value, date_format=DAYS[name])
        if hasattr(value, "isoformat"):
            return format_datetime(self.env, value, tz=self.env.context.get("tz"))
        return value

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_health(self, item):
        """Do what the button of an item of ``health_report`` says.

        :return: an action, or True
        """
        self.ensure_one()
        self.check_access("read")
        findings = self._judge_health()[self.id]
        found = next((one for one in findings if one.item == item), None)
        button = _button(found) if found else BUTTONS.get(item)
        if not button:
            raise UserError(self.env._("There is nothing to open."))
        method, _label, changes = button
        self.check_access("write" if changes else "read")
        return getattr(self, method)()

    def _sign_in_incoming(self):
        return self.fetchmail_server_id._catchall_sign_in()

    def _sign_in_outgoing(self):
        return self.mail_server_id._catchall_sign_in()

    def _switch_on_incoming(self):
        """Collect the mailbox again, once a login has worked."""
        told = self.action_test_incoming()
        self.sudo().fetchmail_server_id.write({"active": True, "state": "done"})
        return told

    def _switch_on_outgoing(self):
        """Send through the account again, once a login has worked."""
        told = self.action_test_outgoing()
        self.sudo().mail_server_id.active = True
        return told

    def _switch_on_jobs(self):
        """Let the scheduled actions run again that the router needs; of lanes one."""
        self._require_original()
        for names in JOBS:
            need = JOB_NEEDS.get(names[0])
            found = [self.env.ref(name, raise_if_not_found=False) for name in names]
            crons_sudo = self.env["ir.cron"].sudo().union(*filter(None, found))
            is_needed = not need or self[need]
            if is_needed and not any(crons_sudo.mapped("active")):
                crons_sudo[:1].active = True
        return notice(self.env._("The scheduled actions are switched on."))

    def _open_waiting(self):
        return self._open_messages_in("received")

    def _open_failed(self):
        return self._open_messages_in("failed")

    def _open_dead(self):
        return self._open_messages_in("dead")

    def _open_messages_in(self, state):
        return self.with_context(catchall_states=[state]).action_open_messages()

    def _open_held(self):
        return window(
            self.env,
            "quarantine_action",
            domain=list(
                Domain("router_id", "=", self.id)
                & Domain("state", "=", "held")
                & self.env["mail.catchall.message"]._to_decide_domain()
            ),
        )

    def _make_complete(self):
        return (
            self.action_fetch_missing() if self.missing_count else self.action_check()
        )

    def _go_round(self):
        if self.is_trip_failed:
            return self.last_trip_id._open()
        return self.action_round_trip()

    def _open_strange(self):
        message = self.env["mail.catchall.message"].search(
            [("router_id", "=", self.id), ("raw_kept", "=", True)], limit=1
        )
        if not message:
            raise UserError(self.env._("There is nothing to open."))
        return message.action_test_again()

    def _read_junk(self):
        if self.junk_folder and self.junk_folder not in self.folder_ids.mapped("name"):
            self.folder_ids = [fields.Command.create({"name": self.junk_folder})]
        self.sudo().write(self._values_of_junk({}))
        return True

    @api.model
    def _values_of_junk(self, unseen):
        """Return the values that tell how much unread mail lies in junk folders that
        are not read.

        :param unseen: {folder name: number of unread mails}
        """
        return {
            "junk_folder": max(unseen, key=unseen.get, default=False),
            "junk_unread": sum(unseen.values()),
            "junk_checked": fields.Datetime.now(),
        }

    # ------------------------------------------------------------
    # OF ONE DOMAIN
    # ------------------------------------------------------------

    @api.model
    def _describe_domains(self, domains):
        """Return {id: what :meth:`_describe_domain` answers} of those of these
        ``mail.alias.domain`` that an active router serves."""
        routers_sudo = self.sudo().search([("alias_domain_ids", "in", domains.ids)])
        came_back = routers_sudo._trips_came_back()
        return {
            domain.id: self._describe_domain(router_sudo, router_sudo in came_back)
            for router_sudo in reversed(routers_sudo)
            for domain in router_sudo.alias_domain_ids
        }

    @api.model
    def _describe_domain(self, router_sudo, is_verified=False):
        """Return how mail to a domain fares at its router, which may be none.

        ``is_served``; ``is_collected``: mail comes in, as far as is known;
        ``is_verified``: a mail to an address that nobody has came back; ``sends``.
        """
        way = router_sudo and router_sudo._health_incoming()
        now = fields.Datetime.now()
        fails = way and health.judge_way("incoming", way, now).state == health.PROBLEM
        return {
            "is_served": bool(router_sudo),
            "is_collected": bool(router_sudo) and not fails,
            "is_verified": is_verified,
            "sends": bool(router_sudo.sudo().mail_server_id),
        }

    # ------------------------------------------------------------
    # WHAT IS KNOWN
    # ------------------------------------------------------------

    def _judge_health(self):
        """Return {router id: list of ``health.Finding``}, in a few queries for all."""
        facts = self._health_facts()
        silent_until = self.env["mail.catchall.dns"].sudo()._silent_until()
        return {
            router.id: [
                *health.judge(facts[router.id]),
                *router._judge_name_servers(silent_until),
                *router._judge_records(),
            ]
            for router in self._origin
        }

    def _health_facts(self):
        """Return {router id: ``health.Facts``}, of the mail that the user may see."""
        routers = self._origin.sudo()
        now = fields.Datetime.now()
        unsettled = self._origin._health_unsettled()
        last_in = routers._health_last_in()
        used = routers._health_used()
        jobs = routers._health_jobs()
        came_back = routers._trips_came_back()
        forwardings = self._origin._find_forwardings()
        counted = routers._health_counted(now)
        heard = locks.holders(self.env.cr, locks.HEARD)
        return {
            router.id: health.Facts(
                now=now,
                incoming=router._health_incoming(),
                outgoing=router._health_outgoing(),
                last_in=last_in.get(router.id),
                last_out=router.mail_server_id.catchall_last_sent or None,
                **router._health_mailbox(heard),
                used=used.get(router.mail_server_id.id, {}),
                junk=router.junk_unread if router.junk_checked else None,
                came_back=came_back.get(router),
                is_lost=router.is_trip_failed,
                forwarding=self._health_forwarding(forwardings.get(router.id)),
                knows_headers=router._is_provider_known(),
                strange_since=router.strange_since or None,
                **counted[router.id],
                engines=router._health_engines(),
                jobs=tuple(group for need, group in jobs if not need or router[need]),
                **_waiting(unsettled.get(router.id, {})),
            )
            for router in routers
        }

    def _health_mailbox(self, heard):
        """Return what is known of the mailbox itself, as values of ``health.Facts``.

        :param heard: {id of a folder: ``locks.Holder``}
        """
        return {
            "missing": self.missing_count,
            "checked": self._health_checked(),
            "listening": self._health_listening(heard),
        }

    def _health_checked(self):
        """Return when the folders were all checked last, or None."""
        return min(filter(None, self.folder_ids.mapped("checked_date")), default=None)

    def _health_incoming(self):
        server = self.fetchmail_server_id
        if not server:
            return None
        return health.Way(
            name=server.name,
            is_on=server.active and server.state == "done",
            failing_since=server.error_date or None,
            failures=server.catchall_failures,
            words=server.error_message or "",
            certificate_end=server.catchall_certificate_end or None,
            paused_since=self.paused_since or None,
            is_strange=self.is_stranger,
            is_signed_out=server.catchall_is_signed_out,
            behind=self._health_behind(),
            kills=server.catchall_kills,
            last_kill=server.catchall_last_kill or None,
        )

    def _health_behind(self):
        """Return the ``health.Waiting`` of the mail that was seen in the mailbox."""
        behind = self.folder_ids.filtered("behind_since")
        return health.Waiting(
            sum(behind.mapped("behind_count")),
            min(behind.mapped("behind_since"), default=None),
        )

    def _health_listening(self, heard):
        """Return the ``health.Listening`` of the mailbox, None of one that cannot be
        listened to.

        :param heard: {id of a folder: ``locks.Holder``}
        """
        server = self.fetchmail_server_id
        if not server or server._get_connection_type() != "imap":
            return None
        folders = self.folder_ids
        holders = [heard[one] for one in folders.ids if one in heard]
        if not holders:
            return health.Listening(len(folders))
        first = holders[0]
        ear = listening.recognize(first.name)
        return health.Listening(len(folders), len(holders), ear, first.since)

    def _why_not_collected(self):
        """Return in a sentence why the mailbox is left alone, "" when it is read."""
        way = self._health_incoming()
        finding = way and health.judge_way("incoming", way, fields.Datetime.now())
        is_left = finding and finding.code in ("off", "pauses", "strange")
        return self._say(finding) if is_left else ""

    def _health_outgoing(self):
        server = self.mail_server_id
        if not server:
            return None
        return health.Way(
            name=server.name,
            is_on=server.active,
            failing_since=server.catchall_failing_since or None,
            failures=server.catchall_failures,
            words=server.catchall_failure_words or "",
            is_signed_out=server.catchall_is_signed_out,
            certificate_end=server.catchall_certificate_end or None,
            is_strange=self.is_stranger,
        )

    def _health_unsettled(self):
        """Return {router id: {state: ``health.Waiting``}} of what has no end yet."""
        # Numbers are in the index, dates are not: one is read of each group.
        groups = self._unsettled_groups("__count", "id:min")
        journal = self.env["mail.catchall.message"]
        firsts = journal.browse(first for *_group, first in groups)
        firsts.fetch(["create_date"])
        found = {}
        for (router, state, count, _first), first in zip(groups, firsts, strict=True):
            waiting = health.Waiting(count, first.create_date)
            found.setdefault(router.id, {})[state] = waiting
        return found

    @api.model
    def _health_forwarding(self, message):
        """Return the ``health.Forwarding`` of a held mail, None of none.

        :param message: a ``mail.catchall.message``, or None
        """
        asked = message and message.sudo()._read_forwarding()
        return health.Forwarding(**asked) if asked else None

    def _health_last_in(self):
        """Return {router id: when its newest mail was journalled}."""
        self.env["mail.catchall.message"].flush_model(["router_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT router.id, message.create_date
                      FROM unnest(%s::int[]) AS router(id)
                CROSS JOIN LATERAL (
                           SELECT create_date
                             FROM mail_catchall_message
                            WHERE router_id = router.id
                            ORDER BY id DESC
                            LIMIT 1) AS message
                    """,
                    self.ids,
                )
            )
        )

    def _health_counted(self, now):
        """Return {router id: what is counted of its mail, as values of
        ``health.Facts``}."""
        outsiders = self._health_outsiders()
        alarms = self._health_alarms(now)
        names = ("outsiders", "outsiders_seen", "false_alarms", "looked_at")
        return {
            one: dict(
                zip(
                    names,
                    (*outsiders.get(one, (0, 0)), *alarms.get(one, (0, 0))),
                    strict=True,
                )
            )
            for one in self.ids
        }

    def _health_alarms(self, now):
        """Return {router id: (mails that a person has released in 30 days, though they
        were stopped as spam, mails that came in)} of the routers that have any."""
        decided = [
            ("date", ">=", now - ALARMS_COUNT),
            ("code", "in", WANTED),
            ("reason_before", "in", FILTERED),
        ]
        # Thousands of them are counted where they lie.
        groups = self.env["mail.catchall.decision"]._read_group(
            decided, ["message_id.router_id"], ["message_id:count_distinct"]
        )
        released = {router: count for router, count in groups if router in self}
        # Until the watch has counted.
        uncounted = [router.id for router in released if not router.month_count]
        came_in = self.browse(uncounted)._count_month(now)
        return {
            router.id: (count, router.month_count or came_in.get(router, 0))
            for router, count in released.items()
        }

    def _count_month(self, now):
        """Return {router: mails that came in within 30 days}: with ten million in the
        journal that takes long."""
        if not self:
            return {}
        return dict(
            self.env["mail.catchall.message"]._read_group(
                [
                    ("create_date", ">=", now - ALARMS_COUNT),
                    ("router_id", "in", self.ids),
                ],
                ["router_id"],
                ["__count"],
            )
        )

    def _health_engines(self):
        """Return the ``health.Engine`` of each program that judges the mail."""
        return tuple(
            health.Engine(
                name=engine._label(),
                answered=engine.answered_date or None,
                silent_since=engine.silent_since or None,
                silent_words=engine.silent_words or "",
                dull_since=engine.dull_since or None,
                dull_words=engine.dull_words or "",
            )
            for engine in self.engine_ids
        )

    def _health_outsiders(self):
        """Return {router id: (newest mails from outside, those of them of which a line
        tells the network)}, where the provider is none that we know by its profile."""
        unknown = self.filtered(lambda one: not one._trusted()["profile"])
        own = {name for router in self for name in router._own_domains()}
        self.env["mail.catchall.message"].flush_model(["network", "sender", "state"])
        found = self.env.execute_query(
            SQL(
                """
                SELECT router.id, count(message.id), count(message.network)
                  FROM unnest(%s::int[]) AS router(id)
            CROSS JOIN LATERAL (
                       SELECT id, NULLIF(network, '') AS network
                         FROM (SELECT id, network, entrance, state, sender
                                 FROM mail_catchall_message
                                WHERE router_id = router.id
                                ORDER BY id DESC
                                LIMIT %s) newest
                        WHERE entrance = 'mailbox'
                          AND state IN ('delivered', 'held')
                          AND split_part(sender, '@', 2) <> ALL(%s)
                        ORDER BY id DESC
                        LIMIT %s) AS message
              GROUP BY router.id
                """,
                unknown.ids,
                NEWEST,
                sorted(own),
                health.ENOUGH_OUTSIDERS,
            )
        )
        return {router_id: (count, seen) for router_id, count, seen in found}

    def _health_used(self):
        """Return {server id: {period: (used, limit)}} of those that have a limit."""
        limits = {
            server.id: server._catchall_limits() for server in self.mail_server_id
        }
        limited = [one for one, found in limits.items() if any(found.values())]
        used = self.env["mail.catchall.usage"]._used_by(limited)
        return {
            one: {
                period: (used[one][period], limits[one][period]) for period in used[one]
            }
            for one in limited
        }

    @api.model
    def _health_jobs(self):
        """Return (field that a router must have or None, group of ``health.Job``) of
        the scheduled actions that are there."""
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        ids = {
            name: to_id(name, raise_if_not_found=False)
            for group in JOBS
            for name in group
        }
        crons = self.env["ir.cron"].with_context(active_test=False)
        jobs = {
            cron.id: health.Job(
                name=cron.name,
                is_on=cron.active,
                due=cron.nextcall,
                interval=INTERVALS[cron.interval_type] * cron.interval_number,
                failures=cron.failure_count,
                failing_since=cron.first_failure_date or None,
            )
            for cron in crons.search([("id", "in", list(filter(None, ids.values())))])
        }
        found = (
            (
                JOB_NEEDS.get(names[0]),
                tuple(jobs[ids[name]] for name in names if ids[name] in jobs),
            )
            for names in JOBS
        )
        return [(need, group) for need, group in found if group]


def _waiting(counts):
    """Return those values of ``health.Facts`` that say what waits.

    :param counts: {state: ``health.Waiting``} of one router
    """
    none = health.Waiting()
    return {
        "waiting": counts.get("received", none),
        "held": counts.get("held", none),
        "failed": counts.get("failed", none).count,
        "dead": counts.get("dead", none).count,
    }


def _button(finding):
    """Return the button of a finding as the sentences have it, None for none."""
    item, code = finding.item, finding.code
    return STATE_BUTTONS.get((item, code)) or BUTTONS.get(item)
