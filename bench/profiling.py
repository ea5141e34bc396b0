"""Where the time of one mail goes: statements, PostgreSQL and CPU by step."""

import contextlib
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from odoo import sql_db

# (model, method, name of the step); an inner step's share is not in the outer one's.
STEPS = (
    ("mail.catchall.message", "_claim", "claim"),
    ("mail.catchall.message", "_count_attempt", "count the attempt"),
    ("mail.catchall.message", "_read_mail", "read"),
    ("mail.catchall.message", "_open_deliveries", "deliveries"),
    ("mail.catchall.message", "_guard", "guards"),
    ("mail.catchall.message", "_find_matches", "match"),
    ("mail.thread", "_catchall_parse", "core: parse"),
    ("mail.thread", "_catchall_routes", "core: route"),
    ("mail.thread", "message_parse", "core: parse"),
    ("mail.thread", "message_route", "core: route"),
    ("mail.thread", "_message_route_process", "core: record"),
    ("mail.thread", "message_post", "core: post"),
    ("mail.thread", "_notify_thread", "core: notify"),
    ("mail.catchall.message", "_conclude", "conclude"),
)
REST = "rest, flush, commit"


@dataclass
class Share:
    """What one step has cost."""

    calls: int = 0
    statements: int = 0
    sql: float = 0.0
    cpu: float = 0.0
    wall: float = 0.0
    queries: Counter = field(default_factory=Counter)


class Profile:
    """The shares of all steps, taken while work is done within :meth:`taken`."""

    def __init__(self, env):
        self.env = env
        self.shares = defaultdict(Share)
        self._stack = [REST]
        self._since = None

    @contextlib.contextmanager
    def taken(self):
        """Count during the block."""
        with contextlib.ExitStack() as undo:
            for model, method, step in STEPS:
                # Stock Odoo has no journal.
                if model in self.env and hasattr(self.env[model], method):
                    self._wrap(undo, type(self.env[model]), method, step)
            self._wrap_models(undo)
            self._count_statements(undo)
            self._since = time.process_time(), time.perf_counter()
            yield
            self._pass_on()

    def _wrap_models(self, undo):
        """Count the steps of ``mail.thread`` in the models that inherit it too."""
        for name in ("crm.lead", "hr.applicant", "project.task"):
            for model, method, step in STEPS:
                if model == "mail.thread" and hasattr(self.env[model], method):
                    self._wrap(undo, type(self.env[name]), method, step)

    def _wrap(self, undo, owner, method, step):
        original = getattr(owner, method)
        profile = self

        def wrapper(self, *arguments, **options):
            profile._enter(step)
            try:
                return original(self, *arguments, **options)
            finally:
                profile._leave()

        inherited = method not in vars(owner)
        setattr(owner, method, wrapper)
        if inherited:
            undo.callback(delattr, owner, method)
        else:
            undo.callback(setattr, owner, method, original)

    def _count_statements(self, undo):
        original = sql_db.Cursor.execute
        profile = self

        def execute(self, query, params=None, log_exceptions=True):
            started = time.perf_counter()
            try:
                return original(self, query, params, log_exceptions)
            finally:
                share = profile.shares[profile._stack[-1]]
                share.statements += 1
                share.sql += time.perf_counter() - started
                text = query.code if hasattr(query, "code") else str(query)
                share.queries[re.sub(r"\s+", " ", text)[:110]] += 1

        sql_db.Cursor.execute = execute
        undo.callback(setattr, sql_db.Cursor, "execute", original)

    def _enter(self, step):
        self._pass_on()
        self._stack.append(step)
        self.shares[step].calls += 1

    def _leave(self):
        self._pass_on()
        self._stack.pop()

    def _pass_on(self):
        """Give the time since the last change to the step that is under way."""
        now = time.process_time(), time.perf_counter()
        share = self.shares[self._stack[-1]]
        share.cpu += now[0] - self._since[0]
        share.wall += now[1] - self._since[1]
        self._since = now


def table(profile, mails, queries=False):
    """Return the shares as lines of text, per mail.

    :param queries: whether to list the statements too
    """
    lines = [f"{'step':22}{'statements':>11}{'SQL ms':>9}{'CPU ms':>9}{'ms':>9}"]
    total = Share()
    for step, share in sorted(profile.shares.items(), key=lambda one: -one[1].wall):
        lines.append(_line(step, share, mails))
        for name in ("statements", "sql", "cpu", "wall"):
            setattr(total, name, getattr(total, name) + getattr(share, name))
        if queries:
            lines += [
                f"    {count / mails:6.2f}  {query}"
                for query, count in share.queries.most_common(40)
            ]
    return [*lines, _line("all", total, mails)]


def _line(step, share, mails):
    times = [1000 * one / mails for one in (share.sql, share.cpu, share.wall)]
    numbers = "".join(f"{one:9.2f}" for one in times)
    return f"{step:22}{share.statements / mails:11.1f}{numbers}"
