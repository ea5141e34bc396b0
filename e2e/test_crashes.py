"""A process that is killed at any step of its work leaves nothing lost or double."""

import itertools
from dataclasses import dataclass

import pytest

from faults.ledger import Ledger
from faults.lives import Nursery, seeded_database
from faults.mails import Mix
from harness import System
from sandbox.mailserver import CATCHALL

DATABASE = "test_crashes"
COLLECTING = ("fetched", "inserted", "committed", "flagged")
ROUTING = ("claimed", "counted", "record_created", "delivered", "concluded", "routed")
# Killed there, a mail has been tried but its end is not committed.
COUNTED = ("counted", "record_created", "delivered", "concluded")
# A third crash of one mail would be its last.
IN_TURN = (*COLLECTING, "claimed", "counted", "concluded", "routed")
AFTER_COLLECT = ("seen", "leave", "move", "delete")
KINDS = ("several", "bcc", "bcc only", "reply", "double", "garbage", "unknown")
PROCESSED = "Processed"
MAX_CRASHES = 3


@dataclass
class Post:
    """A catch-all mailbox, a database, and Odoo processes that come and go."""

    system: System
    nursery: Nursery
    ledger: Ledger
    mix: Mix
    arrived: list

    def send(self, *kinds):
        """Send a mail of each kind and wait until all copies have arrived."""
        self.system.mail.empty()
        for kind in kinds:
            plan = self.mix.make(kind)
            for group in plan.transactions:
                self.system.deliver(
                    plan.raw, sender="kh@khachhang.test", recipients=group
                )
        copies = self.system.client.raw_mails(CATCHALL)
        self.arrived += copies
        return len(copies)

    def set_router(self, **values):
        """Set fields of the router."""
        pairs = ", ".join(f"{name} = '{value}'" for name, value in values.items())
        self.sql(f"UPDATE mail_catchall_router SET {pairs}")

    def sql(self, query):
        """Run a statement."""
        return self.system.odoo.cluster.query(query, DATABASE)

    def under_way(self):
        """Return how many mails have a counted attempt without an end."""
        (row,) = self.ledger.rows(
            "SELECT count(*) AS count FROM mail_catchall_message WHERE crash_count > 0"
        )
        return row["count"]

    def attempts(self):
        """Return the sum of all attempts."""
        (row,) = self.ledger.rows(
            "SELECT sum(attempt_count) AS sum FROM mail_catchall_message"
        )
        return row["sum"] or 0

    def settle(self):
        """Let a process that nobody kills finish the work, and balance."""
        self.nursery.work("collect", "route")
        balance = self.ledger.balance(self.arrived, self.mix.plans)
        assert not balance.problems, "\n".join(balance.problems)

    def check_mailbox(self, after_collect, count):
        """Check that the server was told what is done with collected mail."""
        client = self.system.client
        with client.imap(CATCHALL) as session:
            session.select("INBOX", readonly=True)
            _status, (there,) = session.search(None, "ALL")
            _status, (unseen,) = session.search(None, "UNSEEN")
        moved = client.raw_mails(CATCHALL, PROCESSED)
        kept = len(there.split())
        found = (kept, len(unseen.split()), len(moved))
        wanted = {
            "leave": (count, count, 0),
            "seen": (count, 0, 0),
            "move": (0, 0, count),
            "delete": (0, 0, 0),
        }
        assert found == wanted[after_collect]


@pytest.fixture(scope="module")
def post(instance):
    """A database of its own, without a server, whose scheduled actions we start."""
    with seeded_database(instance, DATABASE) as odoo:
        quiet_loop_guard(odoo)
        nursery = Nursery(odoo, DATABASE, instance.logs / "e2e-crashes.log")
        post = Post(System(odoo, DATABASE), nursery, Ledger(odoo, DATABASE), Mix(1), [])
        try:
            # What is answered, doubled or copied later on.
            post.send("single", "several", "bcc only")
            post.settle()
            yield post
        finally:
            nursery.stop()


def quiet_loop_guard(odoo):
    """Let the few senders of a test write as often as they like."""
    odoo.cluster.query(
        "INSERT INTO ir_config_parameter (key, value)"
        " VALUES ('mail.gateway.loop.threshold', '1000000');"
        " UPDATE mail_catchall_router SET burst_count = 0, attack_count = 0",
        DATABASE,
    )


@pytest.mark.parametrize(
    ("point", "after_collect"),
    [
        ("begun", "seen"),
        ("fetched", "seen"),
        ("inserted", "delete"),
        *itertools.product(("committed", "flagged"), AFTER_COLLECT),
    ],
)
def test_killed_while_collecting(post, point, after_collect):
    """Whatever is done with collected mail, the next process does what is left."""
    post.set_router(after_collect=after_collect)
    count = post.send(*KINDS)
    post.nursery.die("collect", at=point)
    post.settle()
    post.check_mailbox(after_collect, count)


@pytest.mark.parametrize("at", [*ROUTING, "record_created:3", "concluded:2"])
def test_killed_while_routing(post, at):
    """One attempt more for the mails whose transaction was under way, nothing else."""
    post.set_router(after_collect="seen")
    before = post.attempts()
    # More than share one transaction.
    count = post.send(*KINDS, *KINDS)
    post.nursery.work("collect")
    post.nursery.die("route", at=at)
    under_way = post.under_way()
    assert bool(under_way) == (at.partition(":")[0] in COUNTED)
    post.settle()
    assert post.attempts() == before + count + under_way
    assert not post.under_way()


def test_killed_between_the_parts_of_a_large_mail(post):
    """Each costs one part; what is there already is not fetched again."""
    post.set_router(after_collect="seen")
    count = post.send("large", "single")
    received = "SELECT uid, received FROM mail_catchall_fetch"
    before = 0
    for _time in range(2):
        post.nursery.die("collect", at="part:2")
        (row,) = post.ledger.rows(received)
        assert row["received"] > before
        before = row["received"]
    post.settle()
    assert not post.ledger.rows(received)
    post.check_mailbox("seen", count)


def test_a_mail_whose_fetching_kills_is_held(post):
    """Three times; the mail behind it arrives, and the server keeps the mail."""
    post.set_router(after_collect="seen")
    post.send("single")
    for _time in range(MAX_CRASHES):
        post.nursery.die("collect", at="begun")
    post.nursery.work("collect")
    (row,) = post.ledger.rows(
        "SELECT state, complete FROM mail_catchall_message"
        " WHERE reason_code = 'fetch_killed'"
    )
    assert (row["state"], row["complete"]) == ("held", False)
    # For the balance of the other tests, it is as if it had never been sent.
    post.arrived.pop()
    post.mix.plans.pop()
    post.sql("DELETE FROM mail_catchall_message WHERE reason_code = 'fetch_killed'")


def test_killed_at_every_step_in_turn(post):
    """One process after the other is killed, each a step further."""
    post.set_router(after_collect="move")
    count = post.send(*KINDS)
    for point in IN_TURN:
        post.nursery.die("collect", "route", at=point)
    post.settle()
    post.check_mailbox("move", count)


@pytest.mark.parametrize("point", COLLECTING[:3])
def test_killed_while_collecting_by_pop(post, point):
    """POP3 deletes at the end of a session only: the next one deletes the rest."""
    pop = post.system.mail.port("pop3s")
    imap = post.system.mail.port("imaps")
    server = "UPDATE fetchmail_server SET server_type = '{}', port = {}"
    post.set_router(after_collect="delete")
    post.sql(server.format("pop", pop))
    post.sql("UPDATE mail_catchall_folder SET uidvalidity = NULL")
    try:
        post.send(*KINDS)
        post.nursery.die("collect", at=point)
        post.settle()
        post.check_mailbox("delete", 0)
    finally:
        post.sql(server.format("imap", imap))
        post.sql("UPDATE mail_catchall_folder SET uidvalidity = NULL, last_uid = '0'")


def test_a_mail_that_kills_its_worker_is_given_up(post):
    """After three times it is dead, the others go on, and Retry delivers it once."""
    post.set_router(after_collect="seen")
    post.send("single")
    post.nursery.work("collect")
    for _time in range(MAX_CRASHES):
        post.nursery.die("route", at="counted")
    # Each death is this mail's: what was not there when a worker died is tried before.
    post.send("garbage")
    post.nursery.work("collect")
    post.nursery.work("route")
    found = post.ledger.rows(
        "SELECT id, reason_code, attempt_count FROM mail_catchall_message"
        " WHERE state = 'dead'"
    )
    assert [(row["reason_code"], row["attempt_count"]) for row in found] == [
        ("killed_worker", MAX_CRASHES + 1)
    ]
    assert post.ledger.open_count() == 0
    (activities,) = post.sql(
        "SELECT count(*) FROM mail_activity WHERE res_model = 'mail.catchall.router'"
    )
    assert int(activities) > 0
    call = ("mail.catchall.message", "action_route", [found[0]["id"]])
    post.nursery.work(call=call)
    post.settle()


def test_two_processes_at_once(post):
    """Two at a time are killed, wherever the other one is."""
    post.set_router(after_collect="seen")
    post.send(*KINDS, *KINDS)
    other = Nursery(post.system.odoo, DATABASE, post.nursery.log)
    try:
        for point in COLLECTING + ROUTING:
            for nursery in (post.nursery, other):
                nursery.begin("collect", "route", crash_at=f"{point}:2")
            for nursery in (post.nursery, other):
                nursery.end()
    finally:
        other.stop()
    post.settle()
