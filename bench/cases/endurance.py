"""Mail that goes on arriving while the processes that handle it are killed."""

import signal
import subprocess
import threading
import time

import workload
from lab import percentile

from sandbox.progress import say

PROCESSES = 3
LENGTH = 3  # mails of one conversation
DRAIN_SECONDS = 600
QUIET = """
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('mail.gateway.loop.threshold', '1000000');
    UPDATE mail_catchall_router SET burst_count = 0, attack_count = 0;
    UPDATE ir_cron SET active = false WHERE id NOT IN (
        SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND (
            name LIKE 'ir_cron_route%' OR name = 'ir_cron_mail_gateway_action'))
"""
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
# From the moment the mail server had a mail to the end of its transaction; both are
# written with whole seconds only where they come from, so to a second.
LATENCIES = """
    SELECT extract(epoch FROM routed_date - internal_date)
      FROM mail_catchall_message WHERE state = 'delivered'
"""


def endurance(lab):
    """Three processes on one database, 20 mails a second, one killed every minute."""
    seconds, rate, pause = (20, 3, 8) if lab.short else (300, 20, 60)
    database = lab.fresh(True)
    lab.mail.empty()
    lab.odoo.cluster.query(QUIET, database)
    count = seconds * rate // LENGTH * LENGTH
    log = lab.odoo.instance.logs / "bench-endurance.log"
    killed = 0
    with log.open("w", encoding="utf-8") as stream:
        processes = [_start(lab, database, stream) for _one in range(PROCESSES)]
        listener = _listen(lab, database, stream)
        try:
            arrival = threading.Thread(target=_arrive, args=(lab, count, rate))
            arrival.start()
            while arrival.is_alive():
                arrival.join(pause)
                if arrival.is_alive():
                    _kill(processes[killed % PROCESSES])
                    processes[killed % PROCESSES] = _start(lab, database, stream)
                    killed += 1
            drained = _drain(lab, database, count)
        finally:
            for process in [*processes, listener]:
                _kill(process)
    _report(lab, database, count, rate, killed, drained)


def _start(lab, database, stream):
    """Start one Odoo that only runs scheduled actions."""
    command = lab.odoo.command(
        "server", "-d", database, "--db-filter", f"^{database}$", "--no-http"
    )
    return _process(lab, [*command, "--max-cron-threads=1"], stream)


def _listen(lab, database, stream):
    """Start what wakes them when mail arrives."""
    return _process(lab, lab.odoo.command("catchall_listen", "-d", database), stream)


def _process(lab, command, stream):
    return subprocess.Popen(
        command,
        env=lab.odoo.environment(),
        stdin=subprocess.DEVNULL,
        stdout=stream,
        stderr=subprocess.STDOUT,
    )


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def _arrive(lab, count, rate):
    """Let mails arrive one after the other, so many a second."""
    begun = time.monotonic()
    for number, raw in enumerate(workload.conversations(count, LENGTH)):
        time.sleep(max(begun + number / rate - time.monotonic(), 0))
        workload.fill(lab.mail, [raw])


def _drain(lab, database, count):
    """Wait until everything has its end; answer the seconds it took."""
    begun = time.monotonic()
    query = "SELECT count(*) FROM mail_catchall_message WHERE state = 'delivered'"
    while time.monotonic() < begun + DRAIN_SECONDS:
        if int(lab.odoo.cluster.query(query, database)[0]) >= count:
            break
        time.sleep(1)
    return time.monotonic() - begun


def _report(lab, database, count, rate, killed, drained):
    def number(query):
        return int(lab.odoo.cluster.query(query, database)[0])

    journal = "FROM mail_catchall_message"
    documents = number(
        "SELECT count(DISTINCT (model, res_id)) FROM mail_catchall_delivery"
    )
    ledger = {
        "arrived": count,
        "in the journal": number(f"SELECT count(*) {journal}"),
        "different": number(f"SELECT count(DISTINCT digest) {journal}"),
        "delivered": number(f"SELECT count(*) {journal} WHERE state = 'delivered'"),
        "posted": number(
            "SELECT count(*) FROM mail_message WHERE message_type = 'email' "
            "AND message_id LIKE '<1.%@customer.example>'"
        ),
    }
    disorder = number(DISORDER)
    balanced = len(set(ledger.values())) == 1 and documents == count // LENGTH
    times = [float(one) for one in lab.odoo.cluster.query(LATENCIES, database)]
    say(f"Ledger: {ledger}, {documents} documents, {disorder} out of order")
    shares = ", ".join(
        f"p{int(100 * share)} {percentile(times, share):.0f} s"
        for share in (0.5, 0.95, 0.99)
    )
    lab.note(
        f"{PROCESSES} processes, {rate} mails/s, {count} mails, {killed} kills",
        "-",
        "ledger balances, order kept",
        f"{'balanced' if balanced else 'NOT BALANCED'}, {disorder} out of order",
        f"arrival to record {shares}; drained {drained:.0f} s after the last",
    )
