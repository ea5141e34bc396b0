#!/usr/bin/env python3
"""How fast the screens are with a million messages.

    bench/screens.py [--rows 1000000] [--times 20] [--json FILE] [--keep]

A scratch database gets messages of two years, 1.2 deliveries for each, and the
answers of users to the mail of the last month, all by SQL. The last week is left as
routing leaves it, with outdated rows that nothing has tidied yet. Then a server is
started, and what the web client asks for on each screen is asked for again and again,
as a user with the addon's lower right. Printed are the median and the 95th percentile
in milliseconds, with the load of the machine, for the numbers mean little without it.

``--rows 50000`` is the short form. ``--keep`` leaves the database for a closer look;
the next run with ``--keep`` and as many rows uses it again.
"""

import argparse
import contextlib
import json
import os
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lab import median, percentile

from sandbox import config, setup
from sandbox.odoo import Odoo, stop
from sandbox.progress import say, step
from sandbox.rpc import Rpc

DATABASE = "bench_screens"
GOAL = 300  # ms, 95th percentile
LOGIN = "reader"
MESSAGE, DELIVERY = "mail.catchall.message", "mail.catchall.delivery"
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

READER = """
group = env.ref("mail_catchall_router.group_mail_catchall_router_user")
env["res.users"].with_context(no_reset_password=True).create(
    {"name": "Reader", "login": "reader", "password": "reader",
     "group_ids": [(6, 0, group.ids)], "tz": "Asia/Ho_Chi_Minh"})
model = env["ir.model"]._get_id("res.partner")
env["mail.alias"].create(
    [{"alias_name": f"team{number}", "alias_model_id": model,
      "alias_domain_id": env.company.alias_domain_id.id} for number in range(200)])
env.cr.commit()
"""

CUSTOMERS = """
INSERT INTO res_partner (name, complete_name, active, type, create_date)
SELECT 'Customer ' || n, 'Customer ' || n, TRUE, 'contact', now() AT TIME ZONE 'UTC'
  FROM generate_series(1, 20000) n
"""

MESSAGES = """
INSERT INTO mail_catchall_message
       (router_id, company_id, fetchmail_server_id, folder, uidvalidity, uid, entrance,
        message_id, fingerprint, conversation, email_from, sender, subject, date, size,
        raw, raw_kept, complete, has_files, state, reason_code, trace, routed_date,
        create_date, write_date, arrived, delay, unknown_address, attempt_count,
        crash_count, create_uid, write_uid)
SELECT router.id, router.company_id, router.fetchmail_server_id, 'INBOX', '1', n::text,
       'mailbox', '<' || n || '@customer.example>', md5(n::text), md5((n / 3)::text),
       '"Customer ' || n %% 40000 || '" <c' || n %% 40000 || '@customer.example>',
       'c' || n %% 40000 || '@customer.example',
       'Question ' || n || ' about order ' || md5(n::text), moment, 20000,
       CASE WHEN state IN ('held', 'failed', 'dead') THEN convert_to(encode(
            convert_to(E'From: c@customer.example\\r\\nSubject: Hello\\r\\n\\r\\n'
            || repeat(md5(n::text), 40), 'UTF8'), 'base64'), 'UTF8') END,
       state IN ('held', 'failed', 'dead'), TRUE, n %% 9 = 0, state, reason,
       jsonb_build_array(
            jsonb_build_object('step', 'recipient', 'code', 'original', 'header',
                'X-Original-To', 'address', 'team' || n %% 200 || '@tenmien.test',
                'value', 'team' || n %% 200 || '@tenmien.test'),
            jsonb_build_object('step', 'authentication', 'code', 'pass', 'value',
                'mx.tenmien.test; dmarc=pass header.from=customer.example; spf=pass'),
            CASE WHEN reason IS NULL
                 THEN jsonb_build_object('step', 'match', 'code', 'alias', 'address',
                     'team' || n %% 200 || '@tenmien.test', 'alias', '', 'rule', '')
                 ELSE jsonb_build_object('step', 'hold', 'code', reason, 'address',
                     'team' || n %% 200 || '@tenmien.test', 'header', 'X-Spam-Flag',
                     'value', 'YES', 'count', 3, 'hours', 1, 'seconds', 60) END),
       moment + interval '40 seconds', moment + interval '30 seconds',
       moment + interval '40 seconds', moment,
       CASE WHEN state = 'delivered' THEN 20 + n %% 60 END,
       reason = 'unknown_recipient', 0, 0, 1, 1
  FROM (SELECT n, moment, state,
               CASE state
                    WHEN 'delivered' THEN NULL
                    WHEN 'failed' THEN 'error'
                    WHEN 'dead' THEN 'error'
                    WHEN 'held' THEN (ARRAY['spam', 'unknown_recipient',
                         'forged_sender', 'alias_contact', 'loop_guard'])[1 + n %% 5]
                    ELSE (ARRAY['bounce', 'blocked', 'duplicate', 'auto_reply',
                         'unknown_discarded', 'discarded', 'blocked'])[1 + n %% 7]
               END AS reason
          FROM (SELECT n,
                       now() AT TIME ZONE 'UTC'
                       - (%(rows)s - n) * interval '730 days' / %(rows)s AS moment,
                       CASE WHEN n %% 5000 = 0 THEN 'dead'
                            WHEN n %% 20011 = 0 THEN 'failed'
                            -- A person decides on most of it within some weeks.
                            WHEN n %% 500 = 0 OR (n %% 40 = 0 AND n > %(rows)s * 0.95)
                                 THEN 'held'
                            WHEN n %% 5 = 0 THEN 'ignored'
                            ELSE 'delivered' END AS state
                  FROM generate_series(1, %(rows)s) n) days) mails,
       mail_catchall_router router
"""

DELIVERIES = """
INSERT INTO mail_catchall_delivery
       (message_id, router_id, company_id, fingerprint, recipient, must_settle, header,
        matched_by, unknown, alias_id, model, res_id, state, reason_code, create_date,
        write_date, create_uid, write_uid)
SELECT mail.id, mail.router_id, mail.company_id, mail.fingerprint,
       CASE WHEN is_unknown
            -- Few unknown addresses are tried often, most of them once.
            THEN 'ghost' || (floor(power(random(), 4) * 5000))::integer
            ELSE 'team' || (mail.id + copy) %% 200 END || '-' || copy
       || '@tenmien.test',
       TRUE, 'X-Original-To', CASE WHEN is_unknown THEN NULL ELSE 'alias' END,
       is_unknown,
       CASE WHEN is_unknown THEN NULL
            ELSE %(first_alias)s + floor(power(random(), 2) * 200)::integer END,
       CASE WHEN state = 'delivered' THEN 'res.partner' END,
       CASE WHEN state = 'delivered' THEN %(first_partner)s + mail.id %% 20000 END,
       CASE WHEN state IN ('delivered', 'ignored', 'failed') THEN state
            WHEN state = 'dead' THEN 'failed' ELSE 'held' END,
       reason_code, mail.create_date, mail.write_date, 1, 1
  FROM (SELECT *, reason_code IN ('unknown_recipient', 'unknown_discarded')
                  AS is_unknown
          FROM mail_catchall_message) mail
  JOIN generate_series(0, 1) copy ON copy = 0 OR mail.id %% 5 = 0
"""

# Fifteen of sixteen mails of the last month are answered within three hours.
ANSWERS = """
INSERT INTO mail_message
       (model, res_id, message_type, subtype_id, author_id, date, create_date,
        message_id, body, email_from, is_internal)
SELECT delivery.model, delivery.res_id, kind, %(subtype)s,
       CASE WHEN kind = 'comment' THEN %(author)s END, moment, moment,
       '<' || kind || delivery.id || '@tenmien.test>', '<p>Hello</p>',
       'somebody@tenmien.test', FALSE
  FROM mail_catchall_delivery delivery
  JOIN (VALUES ('email', interval '0'), ('comment', interval '3 hours'))
       written (kind, after) ON kind = 'email' OR delivery.fingerprint !~ '^0',
       LATERAL (SELECT delivery.create_date + after AS moment) at
 WHERE delivery.state = 'delivered'
   AND delivery.create_date > now() AT TIME ZONE 'UTC' - interval '30 days'
   AND moment < now() AT TIME ZONE 'UTC'
"""

# As the scheduled action writes them down.
WORDS = """
INSERT INTO mail_catchall_words (message_id, snippet, text)
SELECT mail.id, said,
       ' ' || lower(mail.subject || ' ' || mail.email_from || ' ' || delivery.recipient
                    || ' ' || said)
  FROM mail_catchall_message mail
  JOIN (SELECT message_id, min(recipient) AS recipient
          FROM mail_catchall_delivery
         GROUP BY message_id) delivery ON delivery.message_id = mail.id,
       LATERAL (SELECT 'Hello, could you send us ' || mail.id %% 97 || ' '
                       || (ARRAY['lamps', 'chairs', 'tables', 'invoices', 'samples',
                                 'catalogues', 'doors'])[1 + mail.id %% 7]
                       || ' of the series ' || substr(md5('s' || mail.id), 1, 8)
                       || ' before the end of the month? Kind regards' AS said) text
"""

# A reader opens one mail of ten.
READ = """
INSERT INTO mail_catchall_read (message_id, user_id)
SELECT mail.id, %(reader)s
  FROM mail_catchall_message mail
 WHERE mail.id %% 10 = 0
   AND mail.create_date > now() AT TIME ZONE 'UTC' - interval '30 days'
"""

SENT = """
INSERT INTO mail_catchall_sent (router_id, date, count)
SELECT router.id, date_trunc('hour', now() AT TIME ZONE 'UTC') - n * interval '1 hour',
       20 + n % 40
  FROM mail_catchall_router router, generate_series(0, 17519) n
"""

# Routing writes a message twice more after it arrived, and a delivery once.
ROUTED = """
UPDATE {table} SET write_date = write_date
 WHERE create_date > now() AT TIME ZONE 'UTC' - interval '7 days'
"""
REWRITTEN = (
    "mail_catchall_message",
    "mail_catchall_message",
    "mail_catchall_delivery",
)

TABLES = (
    "mail_catchall_message",
    "mail_catchall_delivery",
    "mail_catchall_sent",
    "mail_catchall_words",
    "mail_catchall_read",
    "mail_message",
)


# ----------------------------------------------------------------------
# DATABASE
# ----------------------------------------------------------------------


def fill(odoo, rows):
    """Make the database; it takes some minutes for a million rows."""
    odoo.clone(odoo.seeded_template(), DATABASE)
    script = odoo.instance.folder / "bench_reader.py"
    script.write_text(READER, encoding="utf-8")
    odoo.call(
        *("shell", "-d", DATABASE, "--no-http"),
        title="Making users and aliases",
        log=odoo.instance.logs / "bench_screens.log",
        script=script,
    )

    def query(sql, **values):
        return odoo.cluster.query(sql % values if values else sql, DATABASE)

    def number(sql):
        return int(query(sql)[0])

    query(CUSTOMERS)
    values = {
        "first_alias": number("SELECT max(id) - 199 FROM mail_alias"),
        "first_partner": number("SELECT max(id) - 19999 FROM res_partner"),
        "reader": number(f"SELECT id FROM res_users WHERE login = '{LOGIN}'"),
        "author": number(f"SELECT partner_id FROM res_users WHERE login = '{LOGIN}'"),
        "subtype": number(
            "SELECT res_id FROM ir_model_data"
            " WHERE module = 'mail' AND name = 'mt_comment'"
        ),
    }
    with step(f"Writing {rows} messages and their deliveries"):
        query(MESSAGES, rows=rows)
        query(DELIVERIES, **values)
        query(ANSWERS, **values)
        query(SENT)
        query(WORDS, rows=rows)
        query(READ, **values)
        query(
            "CREATE TABLE IF NOT EXISTS bench_rows AS SELECT %(rows)s AS rows",
            rows=rows,
        )
    with step("Vacuuming, as autovacuum does in time"):
        for table in TABLES:
            query(f"VACUUM ANALYZE {table}")
    with step("Writing the last week again, as routing does"):
        for table in REWRITTEN:
            query(ROUTED.format(table=table))


def is_filled(odoo, rows):
    """Tell whether the database of an earlier run serves."""
    if not odoo.cluster.exists(DATABASE):
        return False
    exists = odoo.cluster.query("SELECT to_regclass('bench_rows')", DATABASE)
    return exists == ["bench_rows"] and odoo.cluster.query(
        "SELECT rows FROM bench_rows", DATABASE
    ) == [str(rows)]


def sizes(odoo):
    """Return {table or index: megabytes} of the big tables, largest first."""
    lines = odoo.cluster.query(
        "SELECT relname, pg_relation_size(oid) / 1024 / 1024 FROM pg_class"
        " WHERE relname LIKE 'mail_catchall_message%'"
        " OR relname LIKE 'mail_catchall_delivery%'"
        " ORDER BY pg_relation_size(oid) DESC LIMIT 40",
        DATABASE,
    )
    pairs = (line.split("|") for line in lines)
    return {name: int(size) for name, size in pairs}


# ----------------------------------------------------------------------
# SCREENS
# ----------------------------------------------------------------------


def specification(rpc, model, view):
    """Return what the web client reads for each row of a list."""
    views = rpc(model, "get_views", [[view, "list"]])
    fields = views["models"][model]["fields"]
    arch = ET.fromstring(views["views"]["list"]["arch"])
    named = {"fields": {"display_name": {}}}
    relations = ("many2one", "many2many", "one2many")
    return {
        node.get("name"): named if fields[node.get("name")]["type"] in relations else {}
        for node in arch.findall("field")
        if node.get("optional") != "hide"
    }


def screens(rpc):
    """Return {screen: calls}, each what a person waits for when opening it."""

    def view(name):
        return rpc.ref(f"mail_catchall_router.{name}")

    messages = specification(rpc, MESSAGE, view("mail_catchall_message_view_list"))
    waiting = specification(rpc, MESSAGE, view("mail_catchall_quarantine_view_list"))
    deliveries = specification(rpc, DELIVERY, view("mail_catchall_delivery_view_list"))

    def page(model, domain, wanted, **options):
        def ask():
            return rpc(
                model,
                "web_search_read",
                **{"limit": PAGE, "count_limit": COUNT_LIMIT, **options},
                domain=domain,
                specification=wanted,
            )

        return ask

    def found(typed):
        return page(MESSAGE, [["snippet", "ilike", typed]], messages)

    def triage(**options):
        return lambda: rpc(MESSAGE, "read_triage", **options)

    def dashboard(period):
        return lambda: rpc("mail.catchall.dashboard", "read_dashboard", period=period)

    def panel(name):
        return lambda: rpc(
            MESSAGE,
            "search_panel_select_range",
            name,
            search_domain=QUARANTINE,
            enable_counters=True,
            expand=False,
            limit=200,
        )

    def report(groups):
        return lambda: rpc(
            MESSAGE,
            "formatted_read_group",
            [["create_date", ">=", "today -30d"]],
            groups,
            ["__count"],
        )

    def read(model, *fields):
        ids = rpc(model, "search", [], limit=PAGE)
        return lambda: rpc(model, "read", ids, list(fields))

    week = [["create_date", ">=", "today -7d"]]
    waiting_ids = rpc(MESSAGE, "search", [WAITING], limit=1, order="id desc")
    counts = ("health", "waiting_count", "held_count", "failed_count")
    return {
        "Bar at the top": [lambda: rpc(MESSAGE, "count_to_decide")],
        "Routers": [read("mail.catchall.router", *counts)],
        "Router": [read("mail.catchall.router", "health_report", "kept_size", *counts)],
        "Aliases, 80 states": [read("mail.alias", "catchall_alias_report")],
        "Dashboard, today": [dashboard("today")],
        "Dashboard, 7 days": [dashboard("week")],
        "Dashboard, 30 days": [dashboard("month")],
        "Quarantine": [
            page(MESSAGE, QUARANTINE, waiting),
            panel("reason_code"),
            panel("router_id"),
        ],
        "Messages": [page(MESSAGE, [], messages)],
        "Messages, held": [page(MESSAGE, [["state", "=", "held"]], messages)],
        "Messages, delivered": [page(MESSAGE, [["state", "=", "delivered"]], messages)],
        "Messages, failed": [
            page(MESSAGE, [["state", "in", ["failed", "dead"]]], messages)
        ],
        "Messages, last 7 days": [page(MESSAGE, week, messages)],
        "Messages, unread": [page(MESSAGE, [["is_unread", "=", True]], messages)],
        "Messages, a rare word": [found("987654")],
        "Messages, common words": [found("chairs month")],
        "Messages, a sender": [found("c123@customer.example")],
        "Messages, a word in none": [found("Xylophon")],
        "To Decide": [triage()],
        "To Decide, a word": [triage(search="invoices")],
        "To Decide, one mail": [lambda: rpc(MESSAGE, "read_triage_mail", waiting_ids)],
        "Messages, page 100": [page(MESSAGE, [], messages, offset=99 * PAGE)],
        "Deliveries": [page(DELIVERY, [], deliveries, order="id desc")],
        "Deliveries, unanswered": [
            page(DELIVERY, [["unanswered", "=", True]], deliveries, order="id desc")
        ],
        "Report, day and state": [report(["create_date:day", "state"])],
        "Report, hour": [report(["hour", "state"])],
    }


def measure(calls, times):
    """Return the milliseconds of each opening of a screen, its calls one by one."""
    taken = []
    for _time in range(times + 1):
        started = time.perf_counter()
        for call in calls:
            call()
        taken.append((time.perf_counter() - started) * 1000)
    return taken[1:]  # the first one fills the caches of the process


# ----------------------------------------------------------------------
# RUN
# ----------------------------------------------------------------------


def run(odoo, options):
    """Measure all screens and return what is known of the run."""
    server = odoo.serve(DATABASE, log=odoo.instance.logs / "bench_screens.log")
    try:
        rpc = Rpc(odoo.instance.http_port, DATABASE, LOGIN)
        # Who may read external ids gives them to who may not.
        rpc.ref = Rpc(odoo.instance.http_port, DATABASE, "admin").ref
        say(f"{'':26}{'p50 ms':>8}{'p95 ms':>8}{'load':>7}")
        results = {}
        for name, calls in screens(rpc).items():
            taken = measure(calls, options.times)
            results[name] = {
                "p50": round(median(taken)),
                "p95": round(percentile(taken, 0.95)),
                "load": round(os.getloadavg()[0], 1),
            }
            row = results[name]
            over = "  over the goal" if row["p95"] > GOAL else ""
            say(f"{name:26}{row['p50']:8}{row['p95']:8}{row['load']:7}{over}")
    finally:
        stop(server)
    return {
        "rows": options.rows,
        "times": options.times,
        "processors": os.cpu_count(),
        "goal": GOAL,
        "screens": results,
        "megabytes": sizes(odoo),
    }


def main():
    """Fill a database, ask, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--json", type=Path, help="default: among the logs")
    parser.add_argument("--keep", action="store_true", help="keep the database")
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    with contextlib.ExitStack() as undo:
        if odoo.prepare():
            undo.callback(odoo.cluster.stop)
        if not (options.keep and is_filled(odoo, options.rows)):
            fill(odoo, options.rows)
        if not options.keep:
            undo.callback(odoo.drop, DATABASE)
        result = run(odoo, options)
    path = options.json or odoo.instance.logs / "bench_screens.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say(f"Written to {path}")


if __name__ == "__main__":
    main()
