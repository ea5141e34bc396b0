"""What runs inside an Odoo process: the work that is measured, and its stop watch."""

import json
import os
import resource
import sys
import time
from pathlib import Path
from unittest.mock import patch

import canonical
import growth
import judged
import profiling
import sending_faults
import tricky
import windows

from odoo.addons.mail.models.mail_mail import MailMail

EVERYTHING = 10**9


def report(result):
    """Tell the lab what was measured."""
    sys.stdout.write(f"\nBENCH-RESULT {json.dumps(result)}\n")


def mailboxes(env, count):
    """Let so many routers read as many mailboxes, all of them the same one."""
    server = env["mail.catchall.router"].search([]).fetchmail_server_id
    for number in range(2, count + 1):
        name = f"Mailbox {number}"
        copy = server.copy({"name": name, "state": "done", "password": server.password})
        env["mail.catchall.router"].create(
            {"name": name, "fetchmail_server_id": copy.id}
        )
    env.cr.commit()
    return {}


def grow(env, size):
    """Fill the database."""
    growth.grow(env, growth.Size(**size))
    return {}


def stock(env):
    """Let Odoo itself fetch and route everything that is in the mailbox."""
    server = env["fetchmail.server"].search([], limit=1)
    return _timed(env, lambda: server._fetch_mail(batch_limit=EVERYTHING))


def collect(env):
    """Collect everything into the journal."""
    server = env["fetchmail.server"].search([], limit=1)
    return _timed(env, server._fetch_mail)


def route(env):
    """Route everything that is in the journal."""
    return _timed(env, env["mail.catchall.message"]._cron_route)


def collect_and_route(env):
    """Collect everything, then route it, in one lane."""
    collected = collect(env)
    routed = route(env)
    return {
        "seconds": collected["seconds"] + routed["seconds"],
        "cpu": collected["cpu"] + routed["cpu"],
        "records": routed["records"],
        # The peak of both, each above what was there before it.
        "megabytes": collected["megabytes"] + routed["megabytes"],
        "collecting": collected["megabytes"],
    }


def records(env):
    """Return how many documents there are that mail makes, by model."""
    models = ("crm.lead", "hr.applicant", "project.task")
    return {
        name: env[name].with_context(active_test=False).search_count([])
        for name in models
    }


def route_at(env, at):
    """Route everything, beginning at a time; return the time of the end."""
    env["mail.catchall.message"].search([], limit=1)
    env.cr.commit()
    time.sleep(max(at - time.time(), 0))
    route(env)
    return {"ended": time.time()}


def above_baseline(env, work):
    """Do the work after the same work on nothing, which brings the worker to its
    ordinary size; return the memory that the mails took above that."""
    server = env["fetchmail.server"].search([], limit=1)
    port, server.port = server.port, 1
    env.cr.commit()
    globals()[work](env)
    server.port = port
    env.cr.commit()
    return globals()[work](env)


def send(env, mails, authors, port):
    """Send mails of many authors over a port of this machine; answer also for how
    many milliseconds it was open whether a mail was sent, and the milliseconds of the
    worker's CPU that each took."""
    env["ir.mail_server"].search([]).smtp_port = port
    env["mail.mail"].search([]).unlink()
    queued = env["mail.mail"].create(
        [
            {
                "subject": f"Offer {number}",
                "email_from": f"user{number % authors}@tenmien.test",
                "email_to": "khach@khachhang.test",
                "body_html": "<p>Hello</p>",
                "auto_delete": False,
            }
            for number in range(mails)
        ]
    )
    env.cr.commit()
    spent = time.process_time()
    with windows.measured(env) as open_for:
        result = _timed(env, env["mail.mail"].process_email_queue)
    cpu = 1000 * (time.process_time() - spent) / mails
    sent = queued.mapped("state").count("sent")
    return dict(result, sent=sent, windows=open_for, cpu=cpu)


def faults(env, words, mailing=False):
    """Do what goes wrong in the cases whose names have one of these words."""
    return {"rows": sending_faults.run(env, words, mailing)}


def prepare(env):
    """Make what the mails of a comparison meet."""
    with _nothing_sent():
        tricky.prepare(env)
    return {}


def describe(env, work):
    """Do the work of another function here, and answer what it made, without ids.

    What is to be sent stays in the queue of both, or nothing of it could be compared.
    """
    with _nothing_sent():
        globals()[work](env)
    return canonical.describe(env)


def _nothing_sent():
    return patch.object(MailMail, "send", lambda *_arguments, **_options: True)


def profile(env, work, mails, queries):
    """Do the work of another function here, and answer where its time goes."""
    taken = profiling.Profile(env)
    with taken.taken():
        globals()[work](env)
    return {"lines": profiling.table(taken, mails, queries)}


def service_times(env, mails):
    """Route everything, and answer what one mail costs, in milliseconds of CPU of
    this worker and of its database process, and in bytes of the write-ahead log."""
    env.cr.execute("SELECT pg_backend_pid(), pg_current_wal_lsn()")
    process_id, log = env.cr.fetchone()
    database, worker = _cpu(process_id), time.process_time()
    route(env)
    env.cr.execute("SELECT pg_current_wal_lsn() - %s::pg_lsn", [log])
    return {
        "worker": 1000 * (time.process_time() - worker) / mails,
        "database": 1000 * (_cpu(process_id) - database) / mails,
        "log": int(env.cr.fetchone()[0]) / mails,
    }


def judged_times(env, mails, pairs):
    """Route mails whose senders can be proven, so many at a time: in turn by a router
    that looks for spam and forgery itself and proves the senders, and by one that does
    neither.

    :return: {"judged", "bare": the milliseconds of CPU, of worker and database, that
        a mail has cost each time}; the first time, which warms the worker up, is not
        among them
    """
    spent = {"judged": [], "bare": []}
    for number in range(pairs + 1):
        for kind, times in spent.items():
            times.append(_judged_milliseconds(env, mails, number, kind == "judged"))
    return {kind: times[1:] for kind, times in spent.items()}


def _judged_milliseconds(env, mails, number, judges):
    raws, zone = judged.signed_mails(mails, seed=2 * number + judges)
    router = env["mail.catchall.router"].search([], limit=1)
    messages = env["mail.catchall.message"]._journal(
        router, [{"raw": raw} for raw in raws]
    )
    judged.prepare(env, messages, judges)
    with judged.answering(env, zone):
        found = service_times(env, mails)
    made = messages.delivery_ids.filtered("res_id")
    proven = [one for one in messages.mapped("sender_proof") if one and one["real"]]
    if len(made) != mails or len(proven) != (mails if judges else 0):
        raise SystemExit(f"{mails} mails: {len(made)} made, {len(proven)} proven")
    return found["worker"] + found["database"]


def _cpu(process_id):
    """Return the seconds of CPU that a process has used (proc(5))."""
    stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _timed(env, work):
    before = _peak()
    spent = _spent(env)
    started = time.perf_counter()
    work()
    env.cr.commit()
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "cpu": _spent(env) - spent,
        "records": records(env),
        "megabytes": _peak() - before,
    }


def _spent(env):
    """Return the seconds of CPU of this worker and of the database processes that serve
    it. A busy machine changes them less than the time of the clock."""
    env.cr.execute(
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend'"
    )
    return time.process_time() + sum(_cpu(one) for (one,) in env.cr.fetchall())


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
