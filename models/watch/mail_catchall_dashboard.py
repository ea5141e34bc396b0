from datetime import datetime, time, timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, babel_locale_parse, format_date, get_lang

from ...tools.runtime import local_time
from ...tools.watch import health
from ..decide.mail_catchall_decision import FILTERED, WANTED

#: Days of each period, today included.
PERIODS = {"today": 1, "week": 7, "month": 30}
TOP = 5
HOURS = range(24)
# More of them are not told apart: a person looks at the list then.
UNANSWERED_LIMIT = 1000
# Whether a mail is answered is looked up on its document: for no more of them.
UNANSWERED_AMONG = 20_000
# Far more than the groups take that are counted.
COUNTING_MEMORY = "64MB"
# What the chart stacks: (key, states of the messages).
ENDS = (
    ("delivered", ("delivered",)),
    ("ignored", ("ignored",)),
    ("held", ("held",)),
    ("failed", ("failed", "dead")),
    ("received", ("received",)),
)
# Nobody's mail: a round trip tests the way of mail.
ROUND_TRIP = ("probe", "probe_bounce")
# What is decided about at once, not mail by mail.
IN_ATTACK = Domain("attack_id.state", "=", "open")
IN_NO_ATTACK = Domain("attack_id", "=", False) | Domain("attack_id.state", "!=", "open")
STATE_OF_END = {state: key for key, states in ENDS for state in states}


class MailCatchallDashboard(models.AbstractModel):
    """The dashboard: what waits for a person, and what came in and went out.

    All is counted by the database, in the rows of the period, under the rights of who
    looks at it.
    """

    _name = "mail.catchall.dashboard"
    _description = "Mail Router Dashboard"

    @api.model
    def read_dashboard(self, period="week", router_id=False):
        """Return what the dashboard shows of a period.

        :param period: one of ``PERIODS``; another one counts as "week"
        :param router_id: id of the only router to look at, or False for all
        """
        self._expect_many_rows()
        period = period if period in PERIODS else "week"
        served = Domain("active", "=", True)
        return {
            "period": period,
            "routers": self.env["mail.catchall.router"].search_read(served, ["name"]),
            **self._report(self._scope(router_id), PERIODS[period]),
        }

    @api.model
    def read_waiting(self, router_id=False):
        """Return the dashboard's tiles of what waits for a person now, however old.

        It takes as long to count as what came in: the dashboard asks for both at once.

        :param router_id: as for :meth:`read_dashboard`
        """
        self._expect_many_rows()
        return self._waiting_tiles(self._scope(router_id))

    @api.model
    def _scope(self, router_id):
        return Domain("router_id", "=", router_id) if router_id else Domain.TRUE

    @api.model
    def _expect_many_rows(self):
        """Let the database count in memory, until the end of the transaction.

        It expects as many groups as there are moments, and would sort all mail of the
        period on the disk; and compiling a statement takes as long as running it.
        """
        self.env.cr.execute(
            SQL("SET LOCAL jit TO off; SET LOCAL work_mem TO %s", COUNTING_MEMORY)
        )

    def _report(self, scope, days):
        """Return what came in and went out within some days, today included."""
        since = "today" if days == 1 else f"today -{days - 1}d"
        within = scope & Domain("create_date", ">=", since)
        mails_within = within & Domain("reason_code", "not in", ROUND_TRIP)
        sent_within = scope & Domain("date", ">=", since)
        columns = self._columns(days)
        groups, delay = self._count_messages(within, columns)
        sent = self._count_sent(sent_within, columns)
        return {
            "ends": self._end_tiles(mails_within, groups),
            "sent": self._sent_tile(sent, sent_within),
            "delay": self._in_words(delay),
            "alarms": self._false_alarms(mails_within, since, groups),
            "chart": self._chart(columns, groups, sent),
            "lists": [
                self._reason_list(within, groups),
                self._alias_list(within),
                self._unknown_list(within),
                self._blocked_list(within),
            ],
        }

    # ------------------------------------------------------------
    # COUNT
    # ------------------------------------------------------------

    def _count_messages(self, within, columns):
        """Return [(column, state, reason code, count)] of the messages of the period
        but round trips, where a column is its number in the chart; and within how many
        seconds half of those on a document got there, None when none did.

        Their rows are read once for both.
        """
        journal = self.env["mail.catchall.message"]
        names = ("create_date", "state", "reason_code", "delay")
        counted = self._count_in_columns(journal, within, columns, names, "__count")
        rows = self.env.execute_query(
            SQL(
                """
                WITH counted (bar, state, reason, delay, count) AS MATERIALIZED (%s)
                SELECT bar, state, reason, sum(count)::integer,
                       (SELECT min(delay)
                          FROM (SELECT delay,
                                       sum(count) OVER (ORDER BY delay) AS reached,
                                       sum(count) OVER () AS every
                                  FROM counted
                                 WHERE state = 'delivered'
                                   AND delay IS NOT NULL) delays
                         WHERE 2 * reached >= every)
                  FROM counted
                 GROUP BY bar, state, reason
                """,
                counted,
            )
        )
        groups = [row[:4] for row in rows if row[2] not in ROUND_TRIP]
        return groups, rows[0][4] if rows else None

    def _count_sent(self, within, columns):
        """Return {column: mails that were sent}."""
        counted = self.env["mail.catchall.sent"]
        query = self._count_in_columns(counted, within, columns, ("date",), "count:sum")
        return dict(self.env.execute_query(query))

    def _count_in_columns(self, records, within, columns, names, number):
        """Return the query of column, further groups, and a number.

        The moments at which columns begin are the same for all rows: grouping by the
        reader's days instead converts each row, and sorts them all.

        :param names: the datetime that says the column, and what else to group by
        :param number: an aggregate of ``_read_group``
        """
        query = records._search(within)
        moment, *others = (
            records._field_to_sql(records._table, name, query) for name in names
        )
        begins = [begin for begin, _label in columns[1:]]
        column = SQL("width_bucket(%s, %s::timestamp[])", moment, begins)
        query.groupby = SQL(", ").join([column, *others])
        number = records._read_group_select(number, query)
        return query.select(column, *others, number)

    def _in_words(self, seconds):
        """Return a time in words, False for none."""
        if seconds is None:
            return False
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_timedelta(timedelta(seconds=max(1, seconds)), locale=locale)

    def _false_alarms(self, within, since, groups):
        """Return how many of the mails that the filters stopped as spam a person has
        released, as a tile with ``is_much``; False where none was stopped.

        :param since: when the mails came in: nobody has decided about them before
        """
        stopped_now = sum(one[3] for one in groups if one[2] in FILTERED)
        counts = self._count_decided(within, since)
        stopped = stopped_now + sum(counts.values())
        if not stopped:
            return False
        released = sum(counts.get(code, 0) for code in WANTED)
        is_wanted = Domain("code", "in", WANTED) & Domain(
            "reason_before", "in", FILTERED
        )
        tile = self._tile(
            "alarms",
            self.env._(
                "Emails that were stopped as spam and then released: %(released)s of "
                "%(stopped)s.",
                released=released,
                stopped=stopped,
            ),
            released,
            within
            & Domain("reason_code", "not in", FILTERED)
            & Domain("decision_ids", "any", is_wanted),
        )
        came_in = sum(one[3] for one in groups)
        return {**tile, "is_much": health.are_many_alarms(released, came_in)}

    def _count_decided(self, within, since):
        """Return {decision: number of the mails} that were stopped as spam, and that a
        person has decided about since."""
        decided = (
            Domain("date", ">=", since)
            & Domain("reason_before", "in", FILTERED)
            & Domain(
                "message_id", "any", within & Domain("reason_code", "not in", FILTERED)
            )
        )
        return dict(
            self.env["mail.catchall.decision"]._read_group(
                decided, ["code"], ["message_id:count_distinct"]
            )
        )

    # ------------------------------------------------------------
    # CHART
    # ------------------------------------------------------------

    def _columns(self, days):
        """Return [(begin in UTC, label)] of the chart's columns, in their order: one
        day has its hours, more have their days."""
        today = fields.Date.context_today(self)
        if days == 1:
            shown = [(datetime.combine(today, time(at)), f"{at}:00") for at in HOURS]
        else:
            dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
            shown = [
                (
                    datetime.combine(one, time()),
                    format_date(self.env, one, date_format="EEE d"),
                )
                for one in dates
            ]
        zone = self.env.tz
        return [(local_time.moment_of(wall, zone), label) for wall, label in shown]

    def _chart(self, columns, groups, sent):
        """Return labels, and a series of counts for each end and for what was sent."""
        counts = {}
        for column, state, _reason, count in groups:
            key = column, STATE_OF_END[state]
            counts[key] = counts.get(key, 0) + count
        numbers = range(len(columns))
        ends = [
            {
                "key": key,
                "label": self._end_label(key),
                "counts": [counts.get((number, key), 0) for number in numbers],
            }
            for key, _states in ENDS
        ]
        went_out = {
            "key": "sent",
            "label": self.env._("Sent"),
            "counts": [sent.get(number, 0) for number in numbers],
        }
        return {
            "labels": [label for _begin, label in columns],
            "series": [one for one in ends if any(one["counts"])] + [went_out],
        }

    def _end_label(self, key):
        return {
            "delivered": self.env._("On a document"),
            "ignored": self.env._("Ignored"),
            "held": self.env._("Held"),
            "failed": self.env._("Failed"),
            "received": self.env._("Being routed"),
        }[key]

    # ------------------------------------------------------------
    # TILES
    # ------------------------------------------------------------

    def _waiting_tiles(self, scope):
        """Return what waits for a person now, however old it is."""
        return [*self._open_tiles(scope), self._unanswered_tile(scope)]

    def _open_tiles(self, scope):
        """Return what is held and what has failed."""
        journal = self.env["mail.catchall.message"]
        scope &= journal._to_decide_domain()
        states = dict(journal._read_group(scope, ["state"], ["__count"]))
        failed = ("failed", "dead")
        return [
            self._tile(
                "held",
                self.env._("Held for you"),
                states.get("held", 0),
                scope & Domain("state", "=", "held"),
                hint=self.env._("You decide where they go."),
                action="mail_catchall_quarantine_action",
            ),
            self._tile(
                "failed",
                self.env._("Failed"),
                sum(states.get(state, 0) for state in failed),
                scope & Domain("state", "in", failed),
                hint=self.env._("Odoo could not process them."),
                action="mail_catchall_quarantine_action",
            ),
        ]

    def _unanswered_tile(self, scope):
        """Return the customers that wait for an answer, of the last mails that may."""
        deliveries = self.env["mail.catchall.delivery"]
        count, were_asked = deliveries._count_unanswered(
            scope, UNANSWERED_AMONG, UNANSWERED_LIMIT
        )
        return self._tile(
            "unanswered",
            self.env._("Unanswered"),
            count,
            scope & Domain("unanswered", "=", True),
            hint=self.env._("A customer is waiting for a reply."),
            action="mail_catchall_delivery_action",
            is_more=count == UNANSWERED_LIMIT or not were_asked,
        )

    def _end_tiles(self, within, groups):
        """Return what came in, and what became of it."""
        counts = dict.fromkeys(STATE_OF_END.values(), 0)
        for _column, state, _reason, count in groups:
            counts[STATE_OF_END[state]] += count
        came_in = self._tile(
            "all", self.env._("Emails came in"), sum(counts.values()), within
        )
        attacks = self._attack_tiles(within, groups)
        counts["held"] -= sum(one["count"] for one in attacks)
        shown = [one for one in ENDS if counts[one[0]] or one[0] != "received"]
        return [
            came_in,
            *(
                self._tile(
                    key,
                    self._end_label(key),
                    counts[key],
                    within & self._end_domain(key, states),
                )
                for key, states in shown
            ),
            *attacks,
        ]

    def _attack_tiles(self, within, groups):
        """Return what is held as part of an open attack: it is decided about at once,
        so no other number of what waits for a person has it."""
        if not any(one[1:3] == ("held", "attack") for one in groups):
            return []
        scope = within & Domain("state", "=", "held") & IN_ATTACK
        count = self.env["mail.catchall.message"].search_count(scope)
        return [self._tile("attack", self.env._("In attacks"), count, scope)]

    def _end_domain(self, key, states):
        domain = Domain("state", "in", states)
        return domain & IN_NO_ATTACK if key == "held" else domain

    def _sent_tile(self, sent, within):
        return self._tile(
            "sent",
            self.env._("Emails were sent"),
            sum(sent.values()),
            within,
            action="mail_catchall_sent_action",
        )

    def _tile(
        self,
        key,
        label,
        count,
        domain,
        hint="",
        action="mail_catchall_message_action",
        is_more=False,
    ):
        """Return a number, and the list that a click on it opens.

        :param is_more: whether the list may have more, as it was not counted to its end
        """
        return {
            "key": key,
            "label": label,
            "hint": hint,
            "count": count,
            "is_more": is_more,
            "action": f"mail_catchall_router.{action}",
            "domain": list(domain),
        }

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def _reason_list(self, within, groups):
        """Return why most mail was held, ignored or failed."""
        counts = {}
        for _column, _state, reason, count in groups:
            if reason:
                counts[reason] = counts.get(reason, 0) + count
        labels = dict(
            self.env["mail.catchall.message"]
            ._fields["reason_code"]
            ._description_selection(self.env)
        )
        most = sorted(counts, key=lambda code: (-counts[code], code))[:TOP]
        return {
            "key": "reasons",
            "title": self.env._("Why mail was stopped"),
            "none": self.env._("Nothing was stopped."),
            "rows": [
                self._tile(
                    code,
                    labels[code],
                    counts[code],
                    within & Domain("reason_code", "=", code),
                )
                for code in most
            ],
        }

    def _alias_list(self, within):
        """Return the addresses that got most mail."""
        groups = self._top_deliveries(
            within & Domain("alias_id", "!=", False), "alias_id"
        )
        return {
            "key": "aliases",
            "title": self.env._("Addresses with the most email"),
            "none": self.env._("No mail came to an alias."),
            "rows": [
                self._tile(
                    f"alias-{alias.id}",
                    alias.display_name,
                    count,
                    within & Domain("alias_id", "=", alias.id),
                    action="mail_catchall_delivery_action",
                )
                for alias, count in groups
            ],
        }

    def _unknown_list(self, within):
        """Return the addresses that do not exist and were written to most."""
        unknown = within & Domain("unknown", "=", True)
        return {
            "key": "unknown",
            "title": self.env._("Unknown addresses"),
            "none": self.env._("Nobody wrote to an unknown address."),
            "rows": [
                self._unknown_row(recipient, count, unknown)
                for recipient, count in self._top_deliveries(unknown, "recipient")
                # By now it may exist.
                if not self._aliases_at(recipient)
            ],
        }

    def _unknown_row(self, recipient, count, unknown):
        """Return the row of an unknown address, which who decides can make."""
        row = self._tile(
            recipient,
            recipient,
            count,
            unknown & Domain("recipient", "=", recipient),
            action="mail_catchall_delivery_action",
        )
        return {**row, "may_create": self.env["mail.catchall.message"]._is_decider()}

    def _aliases_at(self, address):
        """Return the aliases that have the address by now."""
        aliases_sudo = self.env["mail.alias"].sudo()
        return aliases_sudo.search([("alias_full_name", "=", address)], limit=1)

    def _top_deliveries(self, domain, name):
        # The least of a group's one value is the value. Named itself, an alias brings
        # in all that aliases are sorted by, for each row.
        order = f"__count DESC, {name}:min"
        return self.env["mail.catchall.delivery"]._read_group(
            domain, [name], ["__count"], order=order, limit=TOP
        )

    def _blocked_list(self, within):
        """Return the blocked senders who wrote most."""
        blocked = (
            within
            & Domain("reason_code", "=", "blocked")
            & Domain("sender", "!=", False)
        )
        groups = self.env["mail.catchall.message"]._read_group(
            blocked, ["sender"], ["__count"], order="__count DESC, sender", limit=TOP
        )
        return {
            "key": "blocked",
            "title": self.env._("Blocked senders"),
            "none": self.env._("No blocked sender wrote."),
            "rows": [
                self._tile(
                    sender, sender, count, blocked & Domain("sender", "=", sender)
                )
                for sender, count in groups
            ],
        }
