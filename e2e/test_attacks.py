"""What attackers do to a running system: with accounts, and with mail from outside."""

import email.utils

import pytest

from sandbox.client import CUSTOMER, address_of, compose
from sandbox.rpc import RpcError

SALES = "sales@tenmien.test"
OUTSIDE = "stranger@elsewhere.test"
CUSTOMER_ADDRESS = address_of(CUSTOMER)
MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"
# What Odoo logs when it refuses somebody something.
REFUSED = r"WARNING odoo\.http: (?:You |Mail Router Message is evidence)"
EVIDENCE = {
    "state": "ignored",
    "sender": "ceo@tenmien.test",
    "subject": "Another subject",
    "email_from": "CEO <ceo@tenmien.test>",
    "trace": [],
    "raw": "Rm9yZ2Vk",
    "fingerprint": "0" * 64,
    "company_id": 1,
}


# ----------------------------------------------------------------------
# ACCOUNTS
# ----------------------------------------------------------------------


@pytest.fixture
def portal(system):
    """The session of a customer with an account on the website."""
    values = {
        "name": "Portal",
        "login": "attacker",
        "password": "attacker",
        "email": "attacker@elsewhere.test",
        "group_ids": [[6, 0, [system.rpc.ref("base.group_portal")]]],
    }
    context = {"no_reset_password": True}
    user = system.rpc("res.users", "create", values, context=context)
    yield system.login("attacker")
    system.rpc("res.users", "write", [user], {"active": False, "login": f"x{user}"})


@pytest.fixture
def manager(system):
    """The session of a user who decides about mail, without being administrator."""
    (user,) = system.search("res.users", [["login", "=", "user_b"]], ["id"])
    group = system.rpc.ref(MANAGER)
    system.rpc("res.users", "write", [user["id"]], {"group_ids": [[4, group]]})
    yield system.login("user_b")
    system.rpc("res.users", "write", [user["id"]], {"group_ids": [[3, group]]})


def forged(subject, sender="Giám đốc <ceo@tenmien.test>"):
    """Return a mail in the name of somebody of ours."""
    return compose(to=[SALES], sender=sender, subject=subject, body="Pay at once.")


@pytest.mark.logs(REFUSED)
def test_a_portal_user_hands_no_mail_over(system, portal):
    message = forged("Attack: portal")
    for keywords in ({}, {"thread_id": 1}, {"custom_values": {"name": "x"}}):
        with pytest.raises(RpcError):
            portal(
                "mail.thread", "message_process", False, message.as_string(), **keywords
            )
    assert not system.journal(message)
    assert not system.search("crm.lead", [["name", "=", "Attack: portal"]])


@pytest.mark.logs(REFUSED)
def test_a_portal_user_reads_and_decides_nothing(system, portal, lead):
    (row,) = system.search("mail.catchall.message", [["subject", "=", lead["name"]]])
    for method, arguments in (
        ("read", ([row["id"]], ["raw", "subject"])),
        ("search_read", ([],)),
        ("action_release", ([row["id"]],)),
        ("action_discard", ([row["id"]],)),
        ("action_route", ([row["id"]],)),
        ("action_download", ([row["id"]],)),
    ):
        with pytest.raises(RpcError):
            portal("mail.catchall.message", method, *arguments)


@pytest.mark.logs(REFUSED)
def test_nobody_rewrites_the_journal(system, manager, lead):
    """Neither who decides nor an administrator: it is evidence."""
    (row,) = system.search("mail.catchall.message", [["subject", "=", lead["name"]]])
    fields = ["state", "sender", "subject", "email_from", "trace", "raw"]
    before = system.rpc("mail.catchall.message", "read", [row["id"]], fields)
    for session in (manager, system.rpc):
        for name, value in EVIDENCE.items():
            with pytest.raises(RpcError):
                session("mail.catchall.message", "write", [row["id"]], {name: value})
        with pytest.raises(RpcError):
            session("mail.catchall.message", "unlink", [row["id"]])
    assert system.rpc("mail.catchall.message", "read", [row["id"]], fields) == before


# ----------------------------------------------------------------------
# MAIL
# ----------------------------------------------------------------------


def deliver(system, raw, sender=OUTSIDE, recipient=SALES):
    """Deliver bytes from outside and let Odoo work."""
    system.deliver(raw, sender=sender, recipients=[recipient])
    system.process()


def notice(failed, message_id, recipient=SALES):
    """Return a notice of non-delivery that somebody has written himself."""
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@elsewhere.test>\r\n"
        f"To: {recipient}\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: {email.utils.make_msgid(domain='elsewhere.test')}\r\n"
        f"Date: {email.utils.formatdate()}\r\n"
        f"MIME-Version: 1.0\r\n"
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
        f"\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; elsewhere.test\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: Re\r\n--b--\r\n"
    ).encode()


def test_a_forged_notice_counts_against_nobody(system, lead):
    """Only the signed bounce address, or proof, makes a notice."""
    user = system.login("user_a")
    system.write(user, "crm.lead", lead["id"], "<p>Our offer</p>")
    system.send_queue()
    sent = system.wait_for_mail(CUSTOMER_ADDRESS, lead["name"])
    before = marks_of(system, sent)
    deliver(system, notice(CUSTOMER_ADDRESS, sent["Message-ID"]), sender="")
    assert marks_of(system, sent) == before


def marks_of(system, sent):
    """Return what is on record of a mail and of its customer's address."""
    domain = [["email", "=", CUSTOMER_ADDRESS]]
    partners = system.search("res.partner", domain, ["message_bounce"])
    domain = [["mail_message_id.message_id", "=", sent["Message-ID"]]]
    notified = system.search(
        "mail.notification", domain, ["notification_status", "failure_reason"]
    )
    return (
        [one["message_bounce"] for one in partners],
        [(one["notification_status"], one["failure_reason"]) for one in notified],
    )


def test_a_name_in_from_adds_no_mailbox_to_our_mail(system):
    """What an outsider calls himself goes into our own From and Reply-To."""
    for number, name in enumerate(
        (
            "=?utf-8?q?CEO_=3Cceo=40tenmien=2Etest=3E_=C3=B6?=",
            '"Doe, John"',
            "=?utf-8?q?Co=2E=2C_Ltd=2E_=3Ca=40b=2Etest=3E=2C?=",
        )
    ):
        subject = f"Attack: name {number}"
        raw = (
            f"From: {name} <{OUTSIDE}>\r\nTo: {SALES}\r\nSubject: {subject}\r\n"
            f"Message-ID: <name.{number}@elsewhere.test>\r\n\r\nHello\r\n"
        ).encode()
        deliver(system, raw)
        (lead,) = system.search("crm.lead", [["name", "=", subject]])
        user = system.login("user_a")
        system.write(user, "crm.lead", lead["id"], "<p>Yes</p>", to=[CUSTOMER_ADDRESS])
        system.send_queue()
        sent = system.wait_for_mail(CUSTOMER_ADDRESS, subject)
        for header in ("From", "Reply-To", "To"):
            written = [str(one) for one in sent.get_all(header, [])]
            addresses = [one for _name, one in email.utils.getaddresses(written)]
            assert len(addresses) == 1, written


def test_mail_in_a_customers_name_costs_him_no_mail(system, lead):
    """Forged mail to unknown addresses, and a person's press on Discard."""
    (router,) = system.search("mail.catchall.router", [], ["id"])
    limit = {"attack_count": 5}
    system.rpc("mail.catchall.router", "write", [router["id"]], limit)
    for number in range(8):
        message = compose(
            to=[f"nobody{number}@tenmien.test"], subject=f"Attack: forged {number}"
        )
        deliver(system, message.as_bytes(), OUTSIDE, f"nobody{number}@tenmien.test")
    attacks = system.search("mail.catchall.attack", [["sender", "=", CUSTOMER_ADDRESS]])
    for attack in attacks:
        system.rpc("mail.catchall.attack", "action_discard", [attack["id"]])
    (note, *_more) = system.conversation("crm.lead", lead["id"])
    answer = compose(
        to=[SALES],
        subject=f"Re: {lead['name']}",
        headers={"In-Reply-To": note["message_id"], "References": note["message_id"]},
    )
    deliver(system, answer.as_bytes(), CUSTOMER_ADDRESS)
    (row,) = system.journal(answer)
    assert row["state"] == "delivered", row["why"]
    system.rpc("mail.catchall.router", "write", [router["id"]], {"attack_count": 0})
