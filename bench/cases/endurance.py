"""Mail that goes on arriving while the processes that handle it are killed."""

import threading
import time

import workload
from lab import percentile

from sandbox.odoo import stop
from sandbox.progress import say

PROCESSES = 3
LENGTH = 3  # mails of one conversation
STALLED_SECONDS = 240  # without one more mail delivered; a failed one waits for 60
QUIET = """
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('mail.gateway.loop.threshold', '1000000');
    UPDATE mail_catchall_router SET burst_count = 0, attack_count = 0;
    UPDATE ir_cron SET active = false WHERE id NOT IN (
        SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND (
            name LIKE 'ir_cron_route%' OR name LIKE 'ir_cron_collect%'
            OR name = 'ir_cron_mail_gateway_action'))
"""
DELIVERED = "SELECT count(*) FROM mail_catchall_message WHERE state = 'delivered'"
# Each of these counts every mail once, if nothing is lost and nothing happens twice.
MAILS = {
    "in the journal": "SELECT count(*) FROM mail_catchall_message",
    "different": "SELECT count(DISTINCT fingerprint) FROM mail_catchall_message",
    "delivered": DELIVERED,
    "deliveries": "SELECT count(*) FROM mail_catchall_delivery",
    "posted": """
        SELECT count(*) FROM mail_message
         WHERE message_type = 'email' AND message_id LIKE '<1.%@customer.example>'""",
    "posted messages": """
        SELECT count(DISTINCT message_id) FROM mail_message
         WHERE message_type = 'email' AND message_id LIKE '<1.%@customer.example>'""",
}
DOCUMENTS = """
    SELECT (SELECT count(*) FROM crm_lead) + (SELECT count(*) FROM hr_applicant)
         + (SELECT count(*) FROM project_task)
"""
# And each of these every conversation.
CONVERSATIONS = {
    "documents with mail": """
        SELECT count(DISTINCT (model, res_id)) FROM mail_message
         WHERE message_type = 'email' AND message_id LIKE '<1.%@customer.example>'""",
    "conversations on a document": """
        SELECT count(DISTINCT (split_part(message_id, '.', 2), model, res_id))
          FROM mail_message
         WHERE message_type = 'email' AND message_id LIKE '<1.%@customer.example>'""",
}
# The mails of one conversation that stand on a document in another order.
DISORDER = """
    SELECT count(*) FROM (
        SELECT id, lag(id) OVER (
                   PARTITION BY split_part(message_id, '.', 2)
                   ORDER BY split_part(split_part(message_id, '.', 3), '@', 1)::int
               ) AS before
          FROM mail_message
         WHERE message_id LIKE '<1.%@customer.example>'
           AND message_type = 'email') AS posted
     WHERE id < before
"""
# What a killed process had begun was counted before it began.
INTERRUPTED = "SELECT count(*) FROM mail_catchall_message WHERE attempt_count > 1"
# From the moment the mail server had a mail to the end of its routing; both are
# written with whole seconds only where they come from, so to a second.
LATENCIES = """
    SELECT extract(epoch FROM routed_date - internal_date)
      FROM mail_catchall_message WHERE state = 'delivered'
"""
DURATION = """
    SELECT extract(epoch FROM max(routed_date) - min(internal_date))
      FROM mail_catchall_message
"""


def endurance(lab):
    """Three processes on one database, 20 mails a second, one killed every minute."""
    seconds, rate, pause = (30, 3, 12) if lab.short else (300, 20, 60)
    database = lab.fresh(True)
    lab.mail.empty()
    lab.odoo.cluster.query(QUIET, database)
    before = _number(lab, database, DOCUMENTS)
    count = seconds * rate // LENGTH * LENGTH
    team = Team(lab, database)
    try:
        arrival = threading.Thread(target=_arrive, args=(lab, count, rate))
        arrival.start()
        kill_at = time.monotonic() + pause
        while arrival.is_alive():
            arrival.join(max(kill_at - time.monotonic(), 0))
            if arrival.is_alive():
                team.kill_next()
                kill_at += pause
        drained = _drain(lab, database, count)
        team.require_all()
    finally:
        team.stop()
    _judge(lab, database, count, before)
    _report(lab, database, rate, count, team.killed, drained)


class Team:
    """The processes that handle the mail of one database, and what wakes them."""

    def __init__(self, lab, database):
        self.odoo, self.database = lab.odoo, database
        self.killed = 0
        self.processes = []
        logs = lab.odoo.instance.logs
        self.logs = [logs / f"bench-endurance-{one}.log" for one in range(PROCESSES)]
        for log in self.logs:
            self.processes.append(self.odoo.work(database, log=log))
        log = logs / "bench-endurance-listener.log"
        self.listener = self.odoo.listen(database, log=log)

    def kill_next(self):
        """Kill one process in the midst of its work, and start it again."""
        which = self.killed % PROCESSES
        self.processes[which].kill()
        self.processes[which].wait()
        self.killed += 1
        self.processes[which] = self.odoo.work(self.database, log=self.logs[which])

    def require_all(self):
        """Stop everything when one has ended that nobody killed."""
        ended = [
            one for one in (*self.processes, self.listener) if one.poll() is not None
        ]
        if ended:
            raise SystemExit(f"{len(ended)} processes ended by themselves: {self.logs}")

    def stop(self):
        """Stop all that still run."""
        for process in (*self.processes, self.listener):
            stop(process)


def _arrive(lab, count, rate):
    """Let mails arrive one after the other, so many a second."""
    begun = time.monotonic()
    for number, raw in enumerate(workload.conversations(count, LENGTH)):
        time.sleep(max(begun + number / rate - time.monotonic(), 0))
        workload.fill(lab.mail, [raw])


def _drain(lab, database, count):
    """Wait until everything has its end, or nothing goes on; return the seconds."""
    begun = last = time.monotonic()
    delivered = -1
    while delivered < count and time.monotonic() < last + STALLED_SECONDS:
        time.sleep(1)
        now = _number(lab, database, DELIVERED)
        if now != delivered:
            delivered, last = now, time.monotonic()
    return time.monotonic() - begun


def _judge(lab, database, count, before):
    """Stop when a mail was lost, came twice, or in another order.

    :param before: the documents that were there already
    """
    conversations = count // LENGTH
    found = [
        *((title, query, count) for title, query in MAILS.items()),
        *((title, query, conversations) for title, query in CONVERSATIONS.items()),
        ("documents", DOCUMENTS, conversations + before),
        ("out of order", DISORDER, 0),
    ]
    wrong = 0
    for title, query, wanted in found:
        number = _number(lab, database, query)
        say(f"{title}: {number}, wanted {wanted}")
        wrong += number != wanted
    if wrong:
        raise SystemExit("The ledger does not balance")


def _report(lab, database, rate, count, killed, drained):
    times = [float(one) for one in lab.odoo.cluster.query(LATENCIES, database)]
    shares = ", ".join(
        f"p{int(100 * share)} {percentile(times, share):.0f} s"
        for share in (0.5, 0.95, 0.99)
    )
    duration = _number(lab, database, DURATION)
    interrupted = _number(lab, database, INTERRUPTED)
    lab.note(
        f"{PROCESSES} processes, {rate} mails/s, {count} mails, {killed} kills",
        "-",
        "ledger balances, order kept",
        f"balanced, in order, {count / duration:.1f} mails/s",
        f"arrival to record {shares}, with the wait in the backlog, which was empty "
        f"{drained:.0f} s after the last; {interrupted} mails met a kill",
    )


def _number(lab, database, query):
    return int(float(lab.odoo.cluster.query(query, database)[0]))
