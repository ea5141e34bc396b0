"""The round trip: a mail to an address that nobody has, over a real mail server."""

import pytest

from harness import wait_for
from sandbox.mailserver import CATCHALL

USER = "user_a@tenmien.test"
TRIP_CRON = "mail_catchall_router.ir_cron_trip"


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


def test_it_goes_on_when_nobody_watches(system):
    """The browser is closed at once: the scheduled action sends, and looks."""
    trip_id = start(system.rpc)
    system.rpc.run_cron(TRIP_CRON)
    assert read(system.rpc, trip_id)["state"] == "waiting"
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    system.rpc.run_cron(TRIP_CRON)
    assert read(system.rpc, trip_id)["state"] == "arrived"


def test_it_is_known_however_it_is_collected(system):
    """Neither screen nor scheduled action of the trip meets it."""
    trip_id = start(system.rpc)
    system.rpc("mail.catchall.trip", "action_follow", [trip_id])
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    system.process()
    assert read(system.rpc, trip_id)["state"] == "arrived"


# ----------------------------------------------------------------------
# FINDINGS
# ----------------------------------------------------------------------


def findings(rpc, trip_id):
    """Return {code: finding} of a trip."""
    found = rpc("mail.catchall.finding", "search_read", [["trip_id", "=", trip_id]])
    return {row["code"]: row for row in found}


def run(system):
    """Make a whole trip; return it and its findings."""
    trip = follow(system.rpc, start(system.rpc))
    return trip, findings(system.rpc, trip["id"])


def make_old(system, trip_id):
    """Let the time for a trip that was sent be over."""
    system.odoo.cluster.query(
        "UPDATE mail_catchall_trip SET sent_date = sent_date - interval '4 min', "
        f"looked_date = NULL WHERE id = {trip_id}",
        system.database,
    )


def run_out_of_time(system):
    """Make a trip that nothing comes of in time."""
    trip_id = start(system.rpc)
    system.rpc("mail.catchall.trip", "action_follow", [trip_id])
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    make_old(system, trip_id)
    trip = follow(system.rpc, trip_id)
    return trip, findings(system.rpc, trip_id)


@pytest.mark.fresh
def test_a_good_provider_is_learnt_from(system):
    for number in range(2):
        system.send("sales@tenmien.test", subject=f"Mail {number}")
    system.process()
    trip, found = run(system)
    assert {row["state"] for row in found.values()} <= {"good", "note"}
    assert "X-Original-To" in found["recipient_told"]["sentence"]
    (router,) = system.search("mail.catchall.router", [])
    assert router["recipient_headers"] == "X-Original-To"
    assert router["own_hosts"] == "tenmien.test"
    assert "learnt_hosts" in found
    # What was learnt keeps mail from outside on its way, in both styles.
    for style in ("virtual", "lmtp"):
        with system.delivery(style):
            mail = system.send("sales@tenmien.test", subject=f"After {style}")
            system.process()
        assert system.deliveries(mail)["sales@tenmien.test"][0] == "delivered"
    assert router["last_trip_id"][0] == trip["id"]


def test_lmtp_tells_the_recipient_in_received_alone(system):
    with system.delivery("lmtp"):
        _trip, found = run(system)
    assert "Received" in found["recipient_told"]["sentence"]


def test_a_provider_that_tells_nobody_the_recipient(system):
    rule = r"/^(Received: .*)for <[^>]*>(.*)$/ REPLACE $1$2"
    with system.delivery("lmtp"), system.mail.header_checks(rule):
        trip, found = run(system)
    assert trip["state"] == "arrived"
    assert "does not pass on Bcc" in found["recipient_untold"]["sentence"]


def test_no_catch_all_said_at_once(system):
    words = "550 5.1.1 No such user here"
    system.mail.refuse({"tenmien.test": words})
    try:
        trip, found = run(system)
    finally:
        system.mail.refuse({})
    assert trip["state"] == "refused"
    assert words.partition(" 5.1.1 ")[2] in found["recipient_refused"]["sentence"]
    assert "<ol>" in found["recipient_refused"]["remedy"]
    assert CATCHALL in found["recipient_refused"]["remedy"]


def test_no_catch_all_said_by_a_later_notice(system):
    with system.mail.catch_all(None):
        trip, found = run(system)
    assert trip["state"] == "bounced"
    assert "5.1.1" in found["bounced_unknown"]["sentence"]
    (message,) = system.search(
        "mail.catchall.message", [["id", "=", trip["journal_id"][0]]]
    )
    assert (message["state"], message["reason_code"]) == ("ignored", "probe_bounce")


def test_a_catch_all_that_leads_to_another_mailbox(system):
    with system.mail.catch_all(USER):
        trip, found = run_out_of_time(system)
    assert trip["state"] == "missing"
    assert "points to another mailbox" in found["missing"]["sentence"]
    assert system.inbox(USER)


def test_an_account_that_may_not_send(system):
    system.mail.refuse({"tenmien.test": "553 5.7.1 Sender address rejected: not yours"})
    try:
        _trip, found = run(system)
    finally:
        system.mail.refuse({})
    assert "rejected: not yours" in found["sender_refused"]["sentence"]


def test_a_mail_in_junk_is_found_and_the_folder_is_read_from_then_on(system):
    with system.mail.delivering_into("Junk"):
        system.send("x@tenmien.test", subject="Old spam in Junk")
        trip, found = run_out_of_time(system)
        assert (trip["state"], trip["folder"]) == ("found", "Junk")
        assert found["in_junk"]["action_label"]
        system.rpc("mail.catchall.finding", "action_apply", [found["in_junk"]["id"]])
        trip = read(system.rpc, trip["id"])
        assert trip["state"] == "arrived"
        assert "arrived_in_junk" in findings(system.rpc, trip["id"])
        system.process()
        # Only what has come since then is collected.
        subjects = system.search("mail.catchall.message", [["folder", "=", "Junk"]])
        assert [row["reason_code"] for row in subjects] == ["probe"]
        later = system.send("sales@tenmien.test", subject="Later, in Junk")
        system.process()
        assert system.deliveries(later)["sales@tenmien.test"][0] == "delivered"
    (folder,) = system.search("mail.catchall.folder", [["name", "=", "Junk"]])
    system.rpc("mail.catchall.folder", "unlink", [folder["id"]])


def test_a_mail_that_a_filter_has_put_away_is_found(system):
    with system.mail.delivering_into("Processed"):
        trip, found = run_out_of_time(system)
    assert (trip["state"], trip["folder"]) == ("found", "Processed")
    assert found["in_folder"]["action_label"]


def test_a_late_mail_updates_what_was_said(system):
    with system.mail.catch_all(USER):
        trip, _found = run_out_of_time(system)
    assert trip["state"] == "missing"
    (probe,) = system.inbox(USER)
    # A person finds it, and the provider is told to lead it on.
    system.client.deliver(
        probe.as_bytes(), sender=CATCHALL, recipients=[trip["recipient"]], login=USER
    )
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    system.process()
    assert read(system.rpc, trip["id"])["state"] == "arrived"


def test_a_provider_that_replaces_sender_and_message_id(system):
    client = system.login("admin")
    admin = system.rpc.ref("base.user_admin")
    before = system.rpc("res.users", "read", [admin], ["email"])[0]["email"]
    system.rpc("res.users", "write", [admin], {"email": USER})
    rules = (
        f"/^From: .*user_a@/ REPLACE From: {CATCHALL}",
        "/^Message-I[dD]:/ REPLACE Message-ID: <0100@email.amazonses.test>",
    )
    try:
        with system.mail.header_checks(*rules):
            trip = follow(client, start(client))
    finally:
        system.rpc("res.users", "write", [admin], {"email": before})
    found = findings(client, trip["id"])
    assert trip["author"] == USER
    assert CATCHALL in found["author_replaced"]["sentence"]
    assert found["author_replaced"]["action_label"]
    assert "message_id_replaced" in found


def test_what_the_receiving_side_says_of_the_sender(system):
    verdict = (
        "mx.tenmien.test; spf=pass smtp.mailfrom=tenmien.test; dkim=fail; dmarc=fail"
    )
    rule = f"/^Received: .*ESMTPSA/ PREPEND Authentication-Results: {verdict}"
    with system.mail.header_checks(rule):
        _trip, found = run(system)
    assert "SPF" in found["authentication_passed"]["sentence"]
    assert found["dkim_failed"]["state"] == "warning"
    assert found["dmarc_failed"]["state"] == "problem"


def test_an_outsider_cannot_make_a_trip_succeed(system):
    """He has seen the address in a notice, and writes to it."""
    with system.mail.catch_all(USER):
        trip, _found = run_out_of_time(system)
    forged = system.send(trip["recipient"], subject="Round trip test")
    system.process()
    assert read(system.rpc, trip["id"])["state"] == "missing"
    assert [row["state"] for row in system.journal(forged)] == ["held"]
