"""Headers that a sender forges, through a real mail server; and the route tester."""

import base64

import pytest

from sandbox.client import compose

SALES = "sales@tenmien.test"
TARGET = "project@tenmien.test"
OUTSIDE = "khach@khachhang.test"
MX = "mx.tenmien.test"

FORGED = (
    f"X-Original-To: {TARGET}",
    f"X-Original-To : {TARGET}",
    f"Delivered-To: {TARGET}",
    f"Envelope-To:\r\n <{TARGET}>",
    f"Received: from x (x [127.0.0.1])\r\n\tby {MX} with LMTP for <{TARGET}>; then",
    f"Received: from localhost (localhost [127.0.0.1]) by {MX} (Postfix); then",
    f"X-Original-To: {TARGET}",
    f"Authentication-Results: {MX}; dmarc=pass header.from=tenmien.test",
    "X-Spam-Status: No, score=-100",
)


@pytest.fixture(params=["virtual", "lmtp"])
def style(request, system):
    """Deliver in each of the two styles of the mail server."""
    with system.delivery(request.param):
        yield request.param


def deliver_forged(system, subject, recipient=SALES):
    """Deliver a mail whose header begins with forged lines, and route it."""
    message = compose(to=[SALES], subject=subject, body="Hello")
    raw = "".join(f"{line}\r\n" for line in FORGED).encode() + message.as_bytes()
    system.deliver(raw, sender=OUTSIDE, recipients=[recipient])
    system.process()
    return message


def test_forged_headers_steer_no_mail(system, style):
    mail = deliver_forged(system, f"Forged {style}")
    assert system.deliveries(mail) == {SALES: ("delivered", "alias", "crm.lead")}
    (message,) = system.journal(mail)
    assert TARGET not in message["why"]
    assert TARGET in message["header_text"]


def test_a_recipient_that_imitates_our_server_steers_no_mail(system, style):
    recipient = '"a with LMTP b"@tenmien.test'
    mail = deliver_forged(system, f"Imitated {style}", recipient)
    assert TARGET not in system.deliveries(mail)


def test_the_route_tester_foresees_a_mail_and_does_nothing(system):
    mail = compose(to=[SALES], subject="Only tested", body="Hello")
    file = base64.b64encode(mail.as_bytes()).decode()
    for values in (
        {"source": "file", "file": file, "file_name": "tested.eml"},
        {"source": "text", "text": mail.as_bytes().decode()},
        {"source": "fields", "email_from": OUTSIDE, "recipient": SALES},
    ):
        tester = system.rpc("mail.catchall.tester", "create", values)
        system.rpc("mail.catchall.tester", "action_test", [tester])
        (found,) = system.search("mail.catchall.tester", [["id", "=", tester]])
        assert found["state"] == "delivered"
        (line,) = system.search(
            "mail.catchall.tester.line", [["tester_id", "=", tester]]
        )
        assert (line["recipient"], line["model"]) == (SALES, "crm.lead")
        assert not line["res_id"]
    assert not system.journal(mail)
    assert not system.search("crm.lead", [["name", "=", "Only tested"]])
