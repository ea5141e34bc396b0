#!/usr/bin/env python3
"""How fast the screens are with a million messages, or ten.

    bench/screens.py [--rows 1000000] [--times 20] [--daily] [--only WORD]
                     [--json FILE] [--keep]

A scratch database gets messages of two years, 1.2 deliveries and the words of each,
what people decided about them, and the answers of users to the mail of the last month,
all by SQL (``years.py``). The last week is left as routing leaves it, with outdated
rows that nothing has tidied yet. Then a server is started, and what the web client asks
for on each screen is asked for again and again, as a user with the addon's lower right.
Printed are the median and the 95th percentile in milliseconds, with the load of the
machine, for the numbers mean little without it; and what one opening takes of the
processor, in Odoo and in PostgreSQL, which the load of others hardly changes.

``--daily`` asks for the screens alone that people open all day, and ``--only`` for
those with a word in their name. ``--rows 50000`` is the short form. ``--keep`` leaves
the database for a closer look; the next run with ``--keep`` and as many rows uses it
again, and updates the addon in it first, where that has changed.
"""

import argparse
import contextlib
import json
import os
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lab import median, percentile
from years import LOGIN, Years

from sandbox import config, setup
from sandbox.odoo import Odoo, stop
from sandbox.progress import say
from sandbox.rpc import Rpc

GOAL = 300  # ms, 95th percentile
MESSAGE, DELIVERY = "mail.catchall.message", "mail.catchall.delivery"
ROUTER, ALIAS = "mail.catchall.router", "mail.alias"
PAGE = 80
COUNT_LIMIT = 10_001
WAITING = ["state", "in", ["held", "failed", "dead"]]
QUARANTINE = [
    "&",
    "&",
    "|",
    WAITING,
    ["decided_date", "!=", False],
    WAITING,
    "|",
    ["attack_id", "=", False],
    ["attack_id.state", "!=", "open"],
]
DECIDED = [
    "&",
    "|",
    WAITING,
    ["decided_date", "!=", False],
    ["decided_date", ">=", "today"],
]
# As the lists open: without the tests of the router itself.
NO_PROBES = ["reason_code", "not in", ["probe", "probe_bounce"]]
RELATIONS = ("many2one", "many2many", "one2many")
SUBVIEWS = ("list", "kanban", "form")
#: What people open all day; the rest is looked at now and then.
DAILY = (
    "Bar at the top",
    "To Decide",
    "To Decide, spam",
    "To Decide, one mail",
    "Messages",
    "Messages, held",
    "Messages, unread",
    "Messages, a rare word",
    "Messages, common words",
    "Messages, one mail",
    "Router",
    "Routers",
    "Addresses",
    "Dashboard, today",
    "Dashboard, 7 days",
    "Dashboard, health",
    "Quarantine",
    "Deliveries",
)


# ----------------------------------------------------------------------
# SCREENS
# ----------------------------------------------------------------------


def specification(rpc, model, view, kind="list"):
    """Return what the web client reads for each row of a list, or for a form."""
    found = rpc(model, "get_views", [[view, kind]])
    arch = ET.fromstring(found["views"][kind]["arch"])
    return _wanted(found["models"], model, arch)


def _wanted(models, model, arch):
    wanted = {}
    for node in _fields_in(arch):
        name = node.get("name")
        field = models[model]["fields"][name]
        if node.get("optional") == "hide":
            continue
        wanted[name] = {}
        if field["type"] in RELATIONS:
            inner = next((one for one in node if one.tag in SUBVIEWS), None)
            known = {"display_name": {}}
            if inner is not None:
                known = _wanted(models, field["relation"], inner)
            wanted[name] = {"fields": known}
    return wanted


def _fields_in(arch):
    """Yield the fields of a view, without those of the views inside of them."""
    for node in arch:
        if node.tag == "field":
            yield node
        else:
            yield from _fields_in(node)


class Screens:
    """What the web client asks for on each screen.

    :param rpc: the session of a reader
    :param manager: that of a manager
    """

    def __init__(self, rpc, manager):
        self.rpc = rpc
        self.manager = manager
        self.messages = self._list(MESSAGE, "mail_catchall_message_view_list")
        self.waiting = self._list(MESSAGE, "mail_catchall_quarantine_view_list")
        self.deliveries = self._list(DELIVERY, "mail_catchall_delivery_view_list")

    def _ref(self, name):
        # Who may read external ids gives them to who may not.
        return self.manager.ref(f"mail_catchall_router.{name}")

    def _list(self, model, view):
        return specification(self.rpc, model, self._ref(view))

    def all(self):
        """Return {screen: calls}, each what a person waits for when opening it."""
        return {
            **self.of_routers(),
            **self.of_waiting(),
            **self.of_messages(),
            **self.of_deliveries(),
            **self.of_reports(),
        }

    # ------------------------------------------------------------------
    # CALLS
    # ------------------------------------------------------------------

    def page(self, model, domain, wanted, **options):
        """Return the call that reads a page of a list, and counts it."""
        options = {"limit": PAGE, "count_limit": COUNT_LIMIT, **options}
        return lambda: self.rpc(
            model, "web_search_read", domain=domain, specification=wanted, **options
        )

    def read(self, model, *fields):
        ids = self.rpc(model, "search", [], limit=PAGE)
        return lambda: self.rpc(model, "read", ids, list(fields))

    def form(self, model, ids, view):
        wanted = specification(self.rpc, model, self._ref(view), "form")
        return lambda: self.rpc(model, "web_read", ids, specification=wanted)

    def dashboard(self, period):
        """Return the call that asks for both halves of the dashboard, as it does."""
        asked = (("read_dashboard", {"period": period}), ("read_waiting", {}))

        def ask(one):
            method, options = one
            return self.rpc("mail.catchall.dashboard", method, **options)

        def both():
            with ThreadPoolExecutor(len(asked)) as pool:
                return list(pool.map(ask, asked))

        return both

    def panel(self, name):
        return lambda: self.rpc(
            MESSAGE,
            "search_panel_select_range",
            name,
            search_domain=QUARANTINE,
            enable_counters=True,
            expand=False,
            limit=200,
        )

    def report(self, model, groups, date="create_date", number="__count"):
        month = [[date, ">=", "today -30d"]]
        return lambda: self.rpc(model, "formatted_read_group", month, groups, [number])

    def triage(self, **options):
        return lambda: self.rpc(MESSAGE, "read_triage", **options)

    # ------------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------------

    def of_routers(self):
        counts = ("health", "waiting_count", "held_count", "failed_count")
        router = self.rpc(ROUTER, "search", [], limit=1)
        addresses = self._list(ALIAS, "mail_alias_view_list_address")
        named = [["alias_name", "!=", False]]
        return {
            "Bar at the top": [lambda: self.rpc(MESSAGE, "count_to_decide")],
            "Routers": [self.read(ROUTER, *counts)],
            "Router": [self.form(ROUTER, router, "mail_catchall_router_view_form")],
            "Router, its messages": [
                self.page(MESSAGE, [["router_id", "=", router[0]]], self.messages)
            ],
            "Addresses": [self.page(ALIAS, named, addresses)],
            "Dashboard, today": [self.dashboard("today")],
            "Dashboard, 7 days": [self.dashboard("week")],
            "Dashboard, 30 days": [self.dashboard("month")],
            "Dashboard, health": [self.read(ROUTER, "name", "health_report")],
        }

    def of_waiting(self):
        newest = self.rpc(MESSAGE, "search", [WAITING], limit=1, order="id desc")
        target = {"default_waiting_ids": newest}
        fields = ["suggestion_ids", "waiting_ids"]
        return {
            "To Decide": [self.triage()],
            "To Decide, spam": [self.triage(tab="spam")],
            "To Decide, by sender": [self.triage(order="sender")],
            "To Decide, a word": [self.triage(search="invoices")],
            "To Decide, a rare word": [self.triage(search="987654")],
            "To Decide, one mail": [
                lambda: self.rpc(MESSAGE, "read_triage_mail", newest)
            ],
            "Route To": [
                lambda: self.manager(
                    "mail.catchall.route.to", "default_get", fields, context=target
                )
            ],
            "Quarantine": [
                self.page(MESSAGE, QUARANTINE, self.waiting),
                self.panel("reason_code"),
                self.panel("router_id"),
            ],
            "Quarantine, decided today": [self.page(MESSAGE, DECIDED, self.waiting)],
        }

    def of_messages(self):
        def listed(*domain, **options):
            return [self.page(MESSAGE, [*domain, NO_PROBES], self.messages, **options)]

        def found(field, typed):
            return listed([field, "ilike", typed])

        def said(field, typed):
            return listed(["snippet", "ilike", typed], [field, "ilike", typed])

        message_id = "<987654@customer.example>"
        newest = self.rpc(MESSAGE, "search", [], limit=1)
        return {
            "Messages": listed(),
            "Messages, page 100": listed(offset=99 * PAGE),
            "Messages, held": listed(["state", "=", "held"]),
            "Messages, delivered": listed(["state", "=", "delivered"]),
            "Messages, failed": listed(["state", "in", ["failed", "dead"]]),
            "Messages, last 7 days": listed(["create_date", ">=", "today -7d"]),
            "Messages, unread": listed(["is_unread", "=", True]),
            "Messages, a rare word": found("snippet", "987654"),
            "Messages, common words": found("snippet", "chairs month"),
            "Messages, an address": found("snippet", "c123@customer.example"),
            "Messages, a word in none": found("snippet", "Xylophon"),
            "Messages, a subject": said("subject", "about order 987"),
            "Messages, a sender": said("email_from", "c123@customer.example"),
            "Messages, a recipient": said(
                "delivery_ids.recipient", "team7-1@tenmien.test"
            ),
            "Messages, a Message-ID": listed(["message_id", "in", [message_id]]),
            "Messages, one mail": [
                self.form(MESSAGE, newest, "mail_catchall_message_view_form")
            ],
        }

    def of_deliveries(self):
        team = "team7-1@tenmien.test"

        def listed(*domain):
            wanted = self.deliveries
            return [self.page(DELIVERY, list(domain), wanted, order="id desc")]

        month = ["create_date", ">=", "today -30d"]
        return {
            "Deliveries": listed(NO_PROBES),
            "Deliveries, 30 days": listed(month),
            "Deliveries, unknown address": listed(["unknown", "=", True]),
            "Deliveries, unanswered": listed(["unanswered", "=", True]),
            "Deliveries, a recipient": listed(
                ["message_id.snippet", "ilike", team], ["recipient", "ilike", team]
            ),
        }

    def of_reports(self):
        return {
            "Report, day and state": [
                self.report(MESSAGE, ["create_date:day", "state"])
            ],
            "Report, hour": [self.report(MESSAGE, ["hour", "state"])],
            "Report, recipients": [self.report(DELIVERY, ["alias_id", "state"])],
            "Report, sent": [
                self.report(
                    "mail.catchall.sent",
                    ["date:day", "router_id"],
                    "date",
                    "count:sum",
                )
            ],
        }


# ----------------------------------------------------------------------
# MEASURE
# ----------------------------------------------------------------------


class Processor:
    """The processor's time that Odoo and PostgreSQL take for a database."""

    def __init__(self, years, server):
        self.years = years
        self.server = server

    def spent(self):
        """Return (milliseconds of Odoo, of PostgreSQL's processes for it)."""
        query = f"SELECT pid FROM pg_stat_activity WHERE datname = '{self.years.name}'"
        lines = self.years.odoo.cluster.query(query)
        return _spent(self.server.pid), sum(_spent(int(line)) for line in lines)


def _spent(process_id):
    """Return the milliseconds that a process has taken of the processor (proc(5)); 0
    when it has ended."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return 0
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def measure(calls, times, processor):
    """Open a screen again and again, its calls one by one, and return what is known."""
    _open(calls)  # the first time fills the caches of the process
    odoo, database = processor.spent()
    taken = [_open(calls) for _time in range(times)]
    odoo_later, database_later = processor.spent()
    return {
        "p50": round(median(taken)),
        "p95": round(percentile(taken, 0.95)),
        "odoo": round((odoo_later - odoo) / times),
        "database": round((database_later - database) / times),
        "load": round(os.getloadavg()[0], 1),
    }


def _open(calls):
    started = time.perf_counter()
    for call in calls:
        call()
    return (time.perf_counter() - started) * 1000


# ----------------------------------------------------------------------
# RUN
# ----------------------------------------------------------------------


def run(years, options):
    """Measure all screens and return what is known of the run."""
    odoo = years.odoo
    server = odoo.serve(
        years.name,
        log=odoo.instance.logs / "bench_screens.log",
        # What Odoo does by itself is no part of a screen.
        options=("--max-cron-threads", "0"),
    )
    try:
        port = odoo.instance.http_port
        rpc, manager = Rpc(port, years.name, LOGIN), Rpc(port, years.name, "admin")
        processor = Processor(years, server)
        say(f"{'':30}{'p50 ms':>8}{'p95 ms':>8}{'Odoo':>7}{'SQL':>7}{'load':>7}")
        results = {}
        for name, calls in Screens(rpc, manager).all().items():
            if options.only not in name or (options.daily and name not in DAILY):
                continue
            row = results[name] = measure(calls, options.times, processor)
            over = "  over the goal" if row["p95"] > GOAL else ""
            numbers = "{p50:8}{p95:8}{odoo:7}{database:7}{load:7}".format(**row)
            say(f"{name:30}{numbers}{over}")
    finally:
        stop(server)
    return {
        "rows": options.rows,
        "times": options.times,
        "processors": os.cpu_count(),
        "goal": GOAL,
        "screens": results,
        "megabytes": years.sizes(),
    }


def main():
    """Fill a database, ask, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--daily", action="store_true", help="what is open all day")
    parser.add_argument("--only", default="", help="screens with this in their name")
    parser.add_argument("--json", type=Path, help="default: among the logs")
    parser.add_argument("--keep", action="store_true", help="keep the database")
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    years = Years(odoo, options.rows)
    with contextlib.ExitStack() as undo:
        if odoo.prepare():
            undo.callback(odoo.cluster.stop)
        if not options.keep:
            undo.callback(odoo.drop, years.name)
        if options.keep and years.is_filled():
            years.update()
        else:
            years.fill()
        result = run(years, options)
    path = options.json or odoo.instance.logs / "bench_screens.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say(f"Written to {path}")


if __name__ == "__main__":
    main()
