"""The round trip: a mail to an address that nobody has, over a real mail server."""

import pytest

from harness import wait_for
from sandbox.mailserver import CATCHALL

USER = "user_a@tenmien.test"


def start(rpc):
    """Press the button; return the trip's id."""
    (router,) = rpc("mail.catchall.router", "search", [])
    return rpc("mail.catchall.router", "action_round_trip", [router])["res_id"]


def read(rpc, trip_id):
    """Return the trip."""
    (trip,) = rpc("mail.catchall.trip", "read", [trip_id])
    return trip


def follow(rpc, trip_id):
    """Watch a trip to its end, as the screen does; return it."""

    def ended():
        progress = rpc("mail.catchall.trip", "action_follow", [trip_id])
        return not progress["is_open"]

    wait_for(ended, "end of the round trip", 60)
    return read(rpc, trip_id)


@pytest.mark.parametrize("style", ["virtual", "lmtp"])
def test_a_mail_to_an_address_that_nobody_has_comes_back(system, style):
    """No document is made of it, whatever the mail server writes on it."""
    with system.delivery(style):
        trip = follow(system.rpc, start(system.rpc))
    assert trip["state"] == "arrived"
    assert trip["recipient"].startswith("probe.")
    (submission,) = system.submission_log()
    assert submission.sender == CATCHALL
    (message,) = system.search(
        "mail.catchall.message", [["id", "=", trip["journal_id"][0]]]
    )
    assert (message["state"], message["reason_code"]) == ("ignored", "probe")
    deliveries = system.search(
        "mail.catchall.delivery", [["message_id", "=", message["id"]]]
    )
    assert [row["state"] for row in deliveries] == ["ignored"]


def test_it_is_found_when_nobody_watches(system):
    trip_id = start(system.rpc)
    with system.crons():
        wait_for(
            lambda: read(system.rpc, trip_id)["state"] == "arrived",
            "arrival of the round trip's mail",
            90,
        )
