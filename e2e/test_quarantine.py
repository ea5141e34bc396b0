"""The quarantine: what a person decides has its effect in mailboxes and records."""

import html
import http.client
import re
from urllib.parse import urlencode, urlsplit

import pytest

from sandbox import client
from sandbox.mailserver import CATCHALL

CUSTOMER = client.address_of(client.CUSTOMER)
SALES = "sales@tenmien.test"
NOBODY = "nobody@tenmien.test"
USER = "user_a@tenmien.test"
QUEUE_CRON = "mail.ir_cron_mail_scheduler_action"
MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"
LINK = re.compile(r'href="([^"]*/mail_catchall_router/decide\?[^"]*)"')
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def hold_spam(system, subject):
    """Send a mail that the provider's filter calls spam; return its message."""
    sent = system.send(SALES, subject=subject)
    with system.client.imap(CATCHALL) as connection:
        connection.select("INBOX")
        _ok, ((_number, raw), *_rest) = connection.fetch("*", "(RFC822)")
        connection.store("*", "+FLAGS", "\\Deleted")
        connection.expunge()
        connection.append("INBOX", "", None, b"X-Spam-Flag: YES\r\n" + raw)
    system.process()
    (message,) = system.journal(sent)
    assert (message["state"], message["reason_code"]) == ("held", "spam")
    return message


def hold(system, subject):
    """Send a mail to an address that is nobody's; return its message."""
    sent = system.send(NOBODY, subject=subject)
    system.process()
    (message,) = system.journal(sent)
    assert message["state"] == "held"
    return message


def decide(system, message, action):
    """Press a button on a message."""
    return system.rpc("mail.catchall.message", action, [message["id"]])


def state(system, message):
    """Return (state, reason code) of a message now."""
    (row,) = system.search("mail.catchall.message", [["id", "=", message["id"]]])
    return row["state"], row["reason_code"]


def leads(system, subject):
    """Return the leads with this name."""
    return system.search("crm.lead", [["name", "=", subject]])


def test_what_is_no_spam_becomes_a_lead_and_the_next_one_by_itself(system):
    message = hold_spam(system, "Quarantine: no spam")
    decide(system, message, "action_not_spam")
    assert state(system, message)[0] == "delivered"
    assert len(leads(system, "Quarantine: no spam")) == 1
    sent = system.send(SALES, subject="Quarantine: no spam either")
    system.process()
    assert [row["state"] for row in system.journal(sent)] == ["delivered"]


def test_a_blocked_sender_is_heard_again_after_undo(system):
    message = hold(system, "Quarantine: blocked")
    decide(system, message, "action_block_sender")
    sent = system.send(SALES, subject="Quarantine: ignored")
    system.process()
    assert [row["reason_code"] for row in system.journal(sent)] == ["blocked"]
    decide(system, message, "action_undo")
    system.send(SALES, subject="Quarantine: heard")
    system.process()
    assert len(leads(system, "Quarantine: heard")) == 1
    assert state(system, message)[0] == "held"


def reject(system, message, body):
    """Reject a message with these words."""
    values = {"waiting_ids": [[4, message["id"]]], "body": body}
    wizard = system.rpc("mail.catchall.reject", "create", values)
    system.rpc("mail.catchall.reject", "action_reject", [wizard])


def test_the_sender_of_a_rejected_mail_is_told(system):
    message = hold(system, "Quarantine: rejected")
    reject(system, message, "Undone")
    decide(system, message, "action_undo")
    assert state(system, message)[0] == "held"
    reject(system, message, "Xin liên hệ sales.")
    system.rpc.run_cron(QUEUE_CRON)
    answer = system.wait_for_mail(CUSTOMER, "Re: Quarantine: rejected")
    text = answer.get_body(("plain",)).get_content()
    assert "Xin liên hệ sales." in text
    assert answer["In-Reply-To"] == message["message_id"]
    assert answer["Auto-Submitted"] == "auto-replied"
    assert state(system, message) == ("ignored", "rejected")
    assert (
        len([one for one in system.inbox(CUSTOMER) if "rejected" in one["Subject"]])
        == 1
    )


@pytest.fixture
def deciding_user(system):
    """A user who decides, and who gets the digest; return his session."""
    domain = [["login", "=", "user_a"]]
    (user,) = system.search("res.users", domain, ["id"])
    group = system.rpc.ref(MANAGER)
    (router,) = system.search("mail.catchall.router", [], ["id"])
    write = system.rpc
    write("res.users", "write", [user["id"]], {"group_ids": [[4, group]]})
    chosen = {"digest_user_ids": [[6, 0, [user["id"]]]]}
    write("mail.catchall.router", "write", [router["id"]], chosen)
    yield system.login("user_a")
    write("mail.catchall.router", "write", [router["id"]], {"digest_user_ids": [[5]]})
    write("res.users", "write", [user["id"]], {"group_ids": [[3, group]]})


def browse(session, url, fields=None):
    """Open a page as a user's browser; return (status, page)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    headers = {"Cookie": session.cookie}
    try:
        if fields is None:
            connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", parts.path, urlencode(fields), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.fresh
def test_the_digest_arrives_and_its_links_decide(system, deciding_user):
    system.collect()
    message = hold(system, "Quarantine: <b>digest</b>")
    system.rpc.run_cron("mail_catchall_router.ir_cron_digest")
    system.rpc.run_cron(QUEUE_CRON)
    mail = system.wait_for_mail(USER, "To Decide: one email is waiting for you")
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body(("html",)).get_content()
    assert "Quarantine: &lt;b&gt;digest&lt;/b&gt;" in body
    links = map(html.unescape, LINK.findall(body))
    (discard,) = [link for link in links if "a=discard" in link]

    status, page = browse(deciding_user, discard)
    assert status == 200
    assert state(system, message)[0] == "held"
    status, _page = browse(system.rpc, discard)
    assert status == 403
    status, page = browse(deciding_user, discard, dict(FIELD.findall(page)))
    assert status == 200, page
    assert state(system, message) == ("ignored", "discarded")
    status, page = browse(deciding_user, discard)
    assert status == 409
