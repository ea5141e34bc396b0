"""What runs inside an Odoo process: the work that is measured, and its stop watch."""

import json
import resource
import sys
import time

import growth
import profiling

EVERYTHING = 10**9


def report(result):
    """Tell the lab what was measured."""
    sys.stdout.write(f"\nBENCH-RESULT {json.dumps(result)}\n")


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
        "collected": collected["seconds"],
        "records": routed["records"],
        "megabytes": routed["megabytes"],
    }


def profile(env, work, mails, queries):
    """Do the work of another function here, and answer where its time goes."""
    taken = profiling.Profile(env)
    with taken.taken():
        globals()[work](env)
    return {"lines": profiling.table(taken, mails, queries)}


def _timed(env, work):
    before = _peak()
    started = time.perf_counter()
    work()
    env.cr.commit()
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "records": _count(env),
        "megabytes": _peak() - before,
    }


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _count(env):
    """Answer how many documents there are that mail makes, by model."""
    models = ("crm.lead", "hr.applicant", "project.task")
    return {
        name: env[name].with_context(active_test=False).search_count([])
        for name in models
    }
