"""A process that is killed while it hands mail over makes nobody get it twice."""

import pytest

from faults.lives import Nursery, seeded_database
from harness import System, wait_for

DATABASE = "test_sending"
CUSTOMER = "khach@khachhang.test"
COUNT = 5
QUEUE = """
    WITH message AS (
        INSERT INTO mail_message (subject, message_type, email_from, message_id, date)
        SELECT '{subject} ' || number, 'email_outgoing', 'user_a@tenmien.test',
               '<{subject}-' || number || '@tenmien.test>', now()
          FROM generate_series(1, {count}) number
     RETURNING id)
    INSERT INTO mail_mail (mail_message_id, email_to, body_html, state, create_date)
    SELECT id, '{to}', '<p>Hello</p>', 'outgoing', now() FROM message
"""


class Office:
    """A database with queued mail, and Odoo processes that come and go."""

    def __init__(self, system, nursery):
        self.system = system
        self.nursery = nursery

    def sql(self, query):
        """Run a statement."""
        return self.system.odoo.cluster.query(query, DATABASE)

    def queue(self, subject):
        """Queue some mails."""
        self.system.mail.empty()
        self.sql(QUEUE.format(subject=subject, count=COUNT, to=CUSTOMER))

    def states(self):
        """Return {state: count} of the mails to the customer: people are told of
        those of which nobody knows."""
        rows = self.sql(
            "SELECT state || '=' || count(*) FROM mail_mail"
            " WHERE email_to IS NOT NULL GROUP BY state"
        )
        return {row.split("=")[0]: int(row.split("=")[1]) for row in rows}

    def perhaps_sent(self):
        """Return the ids of the mails of which nobody knows."""
        rows = self.sql("SELECT id FROM mail_mail WHERE catchall_perhaps_sent")
        return list(map(int, rows))

    def arrived(self):
        """Return the subjects of the mails that the customer has."""
        wait_for(self.system.queue_is_empty, "end of the mail server's queue")
        return sorted(str(mail["Subject"]) for mail in self.system.inbox(CUSTOMER))


@pytest.fixture(scope="module")
def office(instance):
    """A database of its own, without a server, whose scheduled actions we start."""
    with seeded_database(instance, DATABASE) as odoo:
        nursery = Nursery(odoo, DATABASE, instance.logs / "e2e-sending.log")
        try:
            yield Office(System(odoo, DATABASE), nursery)
        finally:
            nursery.stop()


@pytest.fixture(autouse=True)
def no_mail(office):
    """Begin with an empty queue."""
    office.sql("DELETE FROM mail_mail")


def expected(subject, without=()):
    """Return the subjects of the queued mails."""
    numbers = (number for number in range(1, COUNT + 1) if number not in without)
    return [f"{subject} {number}" for number in numbers]


@pytest.mark.parametrize("times", [1, 3])
def test_killed_after_its_note_a_mail_is_not_sent_again(office, times):
    """The server's answer was noted, the mail's state not yet committed."""
    office.queue("Noted")
    office.nursery.die("send", at=f"noted:{times}")
    office.nursery.work("send")
    assert office.arrived() == expected("Noted")
    assert office.states() == {"sent": COUNT}


@pytest.mark.parametrize(
    ("point", "without", "method"),
    [("taken", (), "action_catchall_was_sent"), ("handing_over", (2,), "action_retry")],
)
def test_killed_while_handing_over_a_person_is_asked(office, point, without, method):
    """The server has the mail, or it hasn't; both end with one copy."""
    office.queue("Asked")
    office.nursery.die("send", at=f"{point}:2")
    office.nursery.work("send")
    assert office.states() == {"sent": COUNT - 1, "exception": 1}
    assert office.arrived() == expected("Asked", without)
    office.nursery.work("send")
    assert office.arrived() == expected("Asked", without)
    office.nursery.work("send", call=("mail.mail", method, office.perhaps_sent()))
    office.nursery.work("send")
    assert office.arrived() == expected("Asked")
    assert office.states() == {"sent": COUNT}


def test_two_processes_send_each_mail_once(office):
    """Both work on the same queue at the same time."""
    office.queue("Two")
    other = Nursery(office.system.odoo, DATABASE, office.nursery.log)
    try:
        for nursery in (office.nursery, other):
            nursery.begin("send")
        for nursery in (office.nursery, other):
            nursery.end()
    finally:
        other.stop()
    office.sql("UPDATE mail_mail SET scheduled_date = NULL")
    office.nursery.work("send")
    assert office.arrived() == expected("Two")
    assert office.states() == {"sent": COUNT}
