"""How long after its arrival in the mailbox a mail is a document."""

import contextlib
import email
import random
import threading
import time

import workload
from lab import median, percentile

from sandbox.odoo import stop

# Answers when PostgreSQL shows the mail as delivered to everybody else: the state and
# the document are one transaction.
SEEN = """
    DO $$ BEGIN
        WHILE NOT EXISTS (SELECT 1 FROM mail_catchall_message
                           WHERE message_id = '{message_id}' AND state = 'delivered')
        LOOP PERFORM pg_sleep(0.005); END LOOP;
    END $$;
    SELECT extract(epoch FROM clock_timestamp())
"""
WATCHED = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{message_id}%'"
CRONS = "('mail_catchall_router', 'mail')"
# Nothing is collected or routed unless it is woken.
NEVER_BY_ITSELF = f"""
    UPDATE ir_cron SET nextcall = '2099-01-01' WHERE id IN (
        SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module IN {CRONS})
"""
WARM_UP = 3


def arrival(lab):
    """Mail arrives one by one, at times that nobody knows; a listener of its own is
    on."""
    _arrival(lab, is_inside=False)


def arrival_inside(lab):
    """The same with nothing but Odoo, which listens itself."""
    _arrival(lab, is_inside=True)


def _arrival(lab, is_inside):
    mails = 10 if lab.short else 500
    database = lab.fresh(True)
    lab.mail.empty()
    lab.odoo.cluster.query(NEVER_BY_ITSELF, database)
    logs = lab.odoo.instance.logs
    options = ("--max-cron-threads=2",)
    with contextlib.ExitStack() as undo:
        server = lab.odoo.serve(
            database,
            log=logs / "latency-odoo.log",
            options=options,
            listens=is_inside,
        )
        undo.callback(stop, server)
        if not is_inside:
            listener = lab.odoo.listen(database, log=logs / "latency-listener.log")
            undo.callback(stop, listener)
        raws = workload.ordinary(mails + WARM_UP)
        waits = [_seconds(lab, database, raw) for raw in raws][WARM_UP:]
    lab.note(
        f"arrival to committed document, {mails} mails, "
        f"{'Odoo listens itself' if is_inside else 'listener on'}, 2 cron threads",
        "stock's 5-minute cron",
        "p95 <= 1 s, p99 <= 2 s",
        f"p95 {percentile(waits, 0.95):.2f} s",
        f"p50 {median(waits):.2f} s, p99 {percentile(waits, 0.99):.2f} s",
    )


def _seconds(lab, database, raw):
    """Return how long after it was put into the mailbox a mail is a document."""
    query = lab.odoo.cluster.query
    message_id = email.message_from_bytes(raw)["Message-ID"]
    seen = []
    watcher = threading.Thread(
        target=lambda: seen.extend(query(SEEN.format(message_id=message_id), database))
    )
    watcher.start()
    while query(WATCHED.format(message_id=message_id)) < ["2"]:  # itself is one
        time.sleep(0.05)
    time.sleep(random.uniform(0, 0.5))
    arrived = time.time()
    workload.fill(lab.mail, [raw])
    watcher.join()
    return float(seen[-1]) - arrived
