"""Other mail servers than Postfix: mail comes in and goes out by Exim or OpenSMTPD."""

import contextlib

import pytest
from test_forged import FORGED, TARGET
from test_sending_engine import queue, states

from harness import wait_for
from sandbox import client
from sandbox.mailserver import CATCHALL, password
from sandbox.smtpservers import Exim, OpenSmtpd

CUSTOMER = "khach@khachhang.test"
SALES = "sales@tenmien.test"
JOB = "ketoantruong@tenmien.test"
USER = "user_a@tenmien.test"
USUAL = ("smtp_port", "smtp_encryption", "catchall_envelope")
WITHOUT_LOGIN = {"smtp_user": False, "smtp_pass": False, "smtp_encryption": "none"}
WITH_LOGIN = {"smtp_user": CATCHALL, "smtp_pass": password(CATCHALL)}


class OtherClient(client.Client):
    """Speaks SMTP to another server; mailboxes are where they always are."""

    def __init__(self, server):
        super().__init__(server.instance)
        self.server = server

    def smtp_port(self, protocol):
        """Return the port of that server."""
        return self.server.port(protocol)


class OtherWay:
    """The system with another server in Postfix's place."""

    def __init__(self, system, server):
        self.system = system
        self.server = server
        self.client = OtherClient(server)

    def send(self, *to, bcc=(), **values):
        """Send a mail as a customer, in one transaction, and wait until it arrived."""
        message = client.compose(to=to, **values)
        self.deliver(message, bcc=bcc)
        return message

    def deliver(self, message, **options):
        """Hand a mail over and wait until it arrived."""
        self.client.send(message, **options)
        self.wait()

    def wait(self):
        """Wait until the server has delivered what it took."""
        wait_for(self.server.queue_is_empty, f"end of {self.server.name}'s queue")


@pytest.fixture(scope="module", params=[Exim, OpenSmtpd], ids=lambda one: one.name)
def server(request, running_system):
    """Another SMTP server, that delivers to Dovecot."""
    with request.param(running_system.mail).running() as server:
        yield server


@pytest.fixture
def way(system, server):
    """The system, which receives and sends by that server."""
    with by(system, server) as way:
        yield way


@contextlib.contextmanager
def by(system, server):
    """Let the system receive and send by a server in Postfix's place."""
    (row,) = system.search("ir.mail_server", [["smtp_user", "=", CATCHALL]])
    before = {name: row[name] for name in USUAL}
    login = {} if server.takes_logins else WITHOUT_LOGIN
    values = {"smtp_port": server.port("submission"), **login}
    system.rpc("ir.mail_server", "write", [row["id"]], values)
    try:
        yield OtherWay(system, server)
    finally:
        system.rpc("ir.mail_server", "write", [row["id"]], before | WITH_LOGIN)
        system.rpc("ir.mail_server", "action_catchall_try_refused", [row["id"]])


def ends(system, message):
    """Return {recipient: document's model} of what came of a mail."""
    found = system.deliveries(message)
    assert {state for state, _by, _model in found.values()} <= {"delivered"}
    return {recipient: model for recipient, (_state, _by, model) in found.items()}


def test_the_recipients_are_those_whom_the_sender_gave(system, way):
    """Also the hidden ones: Envelope-To, or the lines of Received."""
    message = way.send(CUSTOMER, bcc=[SALES, JOB], subject="Hidden")
    system.process()
    system.process()
    assert ends(system, message) == {SALES: "crm.lead", JOB: "hr.applicant"}


@pytest.mark.interop
def test_a_round_trip_arrives(system, way):
    """From now on the router knows the names of its hosts."""
    rpc = system.rpc
    (router,) = rpc("mail.catchall.router", "search", [])
    trip_id = rpc("mail.catchall.router", "action_round_trip", [router])["res_id"]

    def ended():
        return not rpc("mail.catchall.trip", "action_follow", [trip_id])["is_open"]

    wait_for(ended, "end of the round trip", 60)
    (trip,) = rpc("mail.catchall.trip", "read", [trip_id])
    assert trip["state"] == "arrived"


@pytest.mark.interop
def test_forged_headers_steer_no_mail(system, way):
    message = client.compose(to=[SALES], subject="Forged", body="Hello")
    raw = "".join(f"{line}\r\n" for line in FORGED).encode() + message.as_bytes()
    way.deliver(raw, sender=CUSTOMER, recipients=[SALES])
    system.process()
    assert ends(system, message) == {SALES: "crm.lead"}
    (row,) = system.journal(message)
    assert TARGET not in row["why"]


@pytest.mark.interop
def test_a_conversation_goes_to_and_fro(system, way):
    """The customer sees the user's own name, and his answer comes to the document."""
    subject = f"To and fro by {way.server.name}"
    way.send(SALES, subject=subject)
    system.process()
    (lead,) = system.search("crm.lead", [["name", "=", subject]])
    system.write(system.login("user_a"), "crm.lead", lead["id"], "<p>Our offer</p>")
    system.send_queue()
    way.wait()
    sent = system.wait_for_mail(CUSTOMER, subject)
    assert client.address_of(sent["From"]) == USER
    way.deliver(client.answer(sent, body="We accept."))
    system.process()
    (*_before, last) = system.conversation("crm.lead", lead["id"])
    assert "We accept." in last["body"]


@pytest.mark.interop
def test_a_refused_recipient_is_no_refused_sender(system, way):
    """Nobody has this address: the mail ends there, and others go on."""
    bad = queue(system, "To nobody", to="nobody@khachhang.test")
    good = queue(system, "To a customer")
    system.send_queue()
    way.wait()
    assert states(system, good) == {"sent"}
    assert states(system, bad) <= {"exception", "sent"}


# ----------------------------------------------------------------------
# CPANEL
# ----------------------------------------------------------------------

# A rule as hosters add it to Exim's access list of recipients.
OWN_ADDRESS_ONLY = """\
deny authenticated = *
       !condition = ${if eqi{$sender_address}{$authenticated_id}}
       message = $authenticated_id is not authorized to send mail from $sender_address
"""


@pytest.mark.interop
def test_exim_refuses_a_sender(system):
    """It says so at RCPT, of the customer, that it means the sender."""
    with Exim(system.mail).running(rules=OWN_ADDRESS_ONLY) as exim, by(system, exim):
        (server,) = system.rpc(
            "ir.mail_server", "search", [["smtp_user", "=", CATCHALL]]
        )
        values = {"catchall_envelope": "author"}
        system.rpc("ir.mail_server", "write", [server], values)
        ids = queue(system, "Refused by Exim")
        system.send_queue()
        wait_for(exim.queue_is_empty, "end of Exim's queue")
        assert states(system, ids) == {"sent"}
        letter = system.wait_for_mail(CUSTOMER, "Refused by Exim 0")
        assert client.address_of(letter["From"]) == CATCHALL
        domain = [["mail_server_id", "=", server]]
        (known,) = system.search("mail.catchall.refused.sender", domain)
        assert known["address"] == "user0@tenmien.test"


@pytest.mark.interop
def test_cpanel_writes_the_login_into_from(system):
    """The answer finds its document all the same."""
    with Exim(system.mail).running(rewrites_from=True) as exim, by(system, exim) as way:
        way.send(SALES, subject="Rewritten by cPanel")
        system.process()
        (lead,) = system.search("crm.lead", [["name", "=", "Rewritten by cPanel"]])
        system.write(system.login("user_a"), "crm.lead", lead["id"], "<p>Offer</p>")
        system.send_queue()
        way.wait()
        sent = system.wait_for_mail(CUSTOMER, "Rewritten by cPanel")
        assert client.address_of(sent["From"]) == CATCHALL
        assert USER in sent["X-From-Rewrite"]
        way.deliver(client.answer(sent, body="We accept."))
        system.process()
        (*_before, last) = system.conversation("crm.lead", lead["id"])
        assert "We accept." in last["body"]
