"""Postfix is restarted again and again while mail leaves: none is lost, none doubled.

What Postfix took once it may deliver twice, see ``MailServer.handovers``; each mail is
handed in once.

The long form, 1,000 mails and 10 restarts:
CATCHALL_OUTAGES=1000:10 dev/test test_sending_outages
"""

import os
import random
import threading
import time
from collections import Counter

import pytest

CUSTOMER = "khach@khachhang.test"
MAILS, RESTARTS = map(int, os.environ.get("CATCHALL_OUTAGES", "80:2").split(":"))
AUTHORS = 50
SECONDS = 900


class Outages(threading.Thread):
    """Restarts Postfix when a part of the mails has gone."""

    def __init__(self, system):
        super().__init__(daemon=True)
        self.system = system
        self.done = 0
        self._random = random.Random(7)

    def run(self):
        """Restart so often, spread over all of the mails."""
        while self.done < RESTARTS:
            part = MAILS * (self.done + 1) // (RESTARTS + 1)
            if len(self.system.submission_log()) < part:
                time.sleep(0.02)
                continue
            time.sleep(self._random.random() / 10)
            self.system.mail.restart_postfix(pause=self._random.random())
            self.done += 1


def queue(system):
    """Queue all mails, of many authors."""
    return system.rpc(
        "mail.mail",
        "create",
        [
            {
                "subject": f"Outage {number}",
                "email_from": f"user{number % AUTHORS}@tenmien.test",
                "email_to": CUSTOMER,
                "body_html": "<p>Xin chào</p>",
                "auto_delete": False,
            }
            for number in range(MAILS)
        ],
    )


def count(system, ids, *domain):
    """Count those of the mails that match."""
    return system.rpc("mail.mail", "search_count", [["id", "in", ids], *domain])


def handovers(system):
    """Return {subject: how often it was handed in} of the customer's mails."""
    system.empty_queue(timeout=120)
    found = system.mail.handovers(CUSTOMER)
    return Counter({subject: len(ids) for subject, ids in found.items()})


@pytest.mark.timeout(SECONDS)
def test_restarts_of_the_mail_server_lose_and_double_nothing(system):
    """Of what was perhaps sent, the customer is asked. The figures are kept in
    outages.txt beside the logs."""
    ids = queue(system)
    outages = Outages(system)
    outages.start()
    while outages.is_alive() or count(system, ids, ["state", "=", "outgoing"]):
        system.retry_queue()
    perhaps = system.search(
        "mail.mail", [["id", "in", ids], ["catchall_perhaps_sent", "=", True]]
    )
    there = handovers(system)
    came = [mail["id"] for mail in perhaps if mail["subject"] in there]
    lost = [mail["id"] for mail in perhaps if mail["subject"] not in there]
    system.rpc("mail.mail", "action_catchall_was_sent", came)
    system.rpc("mail.mail", "action_retry", lost)
    system.retry_queue()
    there = handovers(system)
    copies = len(system.inbox(CUSTOMER))
    figures = (
        f"{MAILS} mails, {outages.done} restarts\n"
        f"perhaps sent: {len(perhaps)}, of these had come: {len(came)}\n"
        f"lost: {MAILS - len(there)}, doubled: {there.total() - len(there)}\n"
        f"delivered by Postfix once more: {copies - there.total()}\n"
    )
    (system.log.parent / "outages.txt").write_text(figures, encoding="utf-8")
    assert outages.done == RESTARTS
    expected = Counter(f"Outage {number}" for number in range(MAILS))
    assert there == expected, system.mail.handovers(CUSTOMER)
    assert count(system, ids, ["state", "=", "sent"]) == MAILS
