"""Scheduled actions that run at the same time: none fails for another's sake."""

import itertools
import threading
import time

import pytest
from test_listener import LONG
from test_sign_in import signed_in, token_server  # noqa: F401

from harness import COLLECT_CRON, QUEUE_CRON
from sandbox.client import CUSTOMER, address_of
from sandbox.mailserver import CATCHALL
from sandbox.rpc import RpcError

SECONDS = 8
#: What writes on the same rows: the router's, the servers', what mail is found by.
ACTIONS = (
    COLLECT_CRON,
    QUEUE_CRON,
    "base.autovacuum_job",
    "mail_catchall_router.ir_cron_route",
    "mail_catchall_router.ir_cron_route_2",
    "mail_catchall_router.ir_cron_collect_woken",
    "mail_catchall_router.ir_cron_check",
    "mail_catchall_router.ir_cron_watch",
    "mail_catchall_router.ir_cron_words",
    "mail_catchall_router.ir_cron_trip",
    "mail_catchall_router.ir_cron_records",
)


def run_together(system, between=lambda: None):
    """Run all of them at once, again and again, while mail comes and goes; return
    what went wrong, and how often each has run to its end."""
    end = time.monotonic() + SECONDS
    failed, ended = [], []

    def is_over():
        # However slow the machine is, each of them has its turn.
        late = time.monotonic() > end + LONG
        return late or (time.monotonic() > end and set(ended) == set(ACTIONS))

    refs = {name: system.rpc.ref(name) for name in ACTIONS}

    def run(first):
        rpc = system.login("admin")
        names = itertools.cycle(ACTIONS[first:] + ACTIONS[:first])
        while not is_over():
            name = next(names)
            try:
                # An action that has failed answers with a window that tells of it.
                if rpc("ir.cron", "method_direct_trigger", [refs[name]]) is True:
                    ended.append(name)
                else:
                    failed.append(name)
            except RpcError as error:
                if "already executing" not in str(error):
                    failed.append(f"{name}: {error}")

    threads = [threading.Thread(target=run, args=(first,)) for first in (0, 3, 6, 9)]
    for thread in threads:
        thread.start()
    number = 0
    while not is_over():
        number += 1
        between()
        system.send("sales@tenmien.test", subject=f"Together {number}")
        values = {
            "subject": f"Out {number}",
            "email_from": "user_a@tenmien.test",
            "email_to": address_of(CUSTOMER),
            "body_html": "<p>Hello</p>",
        }
        system.rpc("mail.mail", "create", [values])
    for thread in threads:
        thread.join()
    return number, failed, set(ended)


def assert_all_once(system, count):
    """Let what waits be done; each mail has one lead, or has arrived once."""
    system.process()
    system.retry_queue()
    system.empty_queue()
    names = system.search("crm.lead", [["name", "like", "Together %"]], ["name"])
    leads = sorted(one["name"] for one in names)
    assert leads == sorted(f"Together {one}" for one in range(1, count + 1))
    subjects = [str(one["Subject"]) for one in system.inbox(address_of(CUSTOMER))]
    copies = sorted(one for one in subjects if one.startswith("Out "))
    assert copies == sorted(f"Out {one}" for one in range(1, count + 1))


@pytest.mark.fresh
@pytest.mark.logs("already executing")
def test_scheduled_actions_that_run_at_the_same_time_meet_without_an_error(system):
    count, failed, ended = run_together(system)
    assert not failed
    assert ended == set(ACTIONS)
    assert_all_once(system, count)


@pytest.mark.logs("already executing")
def test_tokens_that_all_renew_at_once_refuse_nobody(signed_in):  # noqa: F811
    system = signed_in.system
    system.rpc("crm.lead", "unlink", system.rpc("crm.lead", "search", []))

    def expire():
        signed_in.accounts.expire(CATCHALL)

    count, failed, _ended = run_together(system, expire)
    assert not failed
    assert_all_once(system, count)
