"""Signing in at Google and at Microsoft instead of with a password: both of Odoo's own
apps, unpatched, against the sandbox's sign-in server."""

import contextlib
import http.client
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
import retries
from test_listener import LONG, leads, listening, never_by_themselves

from harness import COLLECT_CRON, wait_for
from sandbox import tokens
from sandbox.client import CUSTOMER, address_of
from sandbox.mailserver import CATCHALL
from sandbox.rpc import RpcError

CUSTOMER_ADDRESS = address_of(CUSTOMER)


@dataclass(frozen=True)
class Provider:
    """What Odoo calls one of the two."""

    name: str
    prefix: str
    action: str
    client_id: str
    code: str
    wants: str


GOOGLE = Provider(
    "gmail",
    "google_gmail",
    "open_google_gmail_uri",
    tokens.GOOGLE_ID,
    "gmail",
    r"apps\.googleusercontent\.com",
)
MICROSOFT = Provider(
    "outlook",
    "microsoft_outlook",
    "open_microsoft_outlook_uri",
    tokens.MICROSOFT_ID,
    "microsoft",
    "not a client ID of Microsoft",
)


@dataclass
class SignIn:
    """The system with a router whose two servers are signed in to."""

    system: object
    accounts: tokens.Accounts
    provider: Provider
    port: int

    def consent(self, model, record_id, answer="allow"):
        """Sign in as a person does: press, read the page, answer, come back."""
        return self.follow(
            self.system.rpc(model, self.provider.action, [record_id]), answer
        )

    def follow(self, action, answer="allow"):
        """Do in the sign-in window that an action opens what a person does in it."""
        address = urlsplit(action["url"])
        page = self._get(f"{address.path}?{address.query}")[1]
        request = re.search(r'name="request" value="([^"]+)"', page)[1]
        values = {"request": request, "login": CATCHALL, "answer": answer}
        back = urlsplit(self._get(f"/consent?{urlencode(values)}")[0])
        return self.system.rpc.get(f"{back.path}?{back.query}")

    def sign_in_again(self):
        """Press the buttons of Health."""
        for item in ("incoming", "outgoing"):
            self.follow(
                self.system.rpc(
                    "mail.catchall.router", "action_health", [self.router()], item
                )
            )

    def kinds(self):
        """Return how (the incoming, the outgoing) server of the router signs in."""
        incoming, outgoing = self.servers()
        (one,) = self.system.search("fetchmail.server", [["id", "=", incoming]])
        (other,) = self.system.search("ir.mail_server", [["id", "=", outgoing]])
        return one["server_type"], other["smtp_authentication"]

    def router(self):
        (router,) = self.system.search("mail.catchall.router", [])
        return router["id"]

    def health(self):
        """Return {item: how it stands} of the two servers."""
        fields = ["health_report"]
        (found,) = self.system.search("mail.catchall.router", [], fields)
        items = found["health_report"]["items"]
        return {
            one["item"]: one for one in items if one["item"] in ("incoming", "outgoing")
        }

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.getheader("Location"), response.read().decode()

    def servers(self):
        """Return (the router's incoming server, its outgoing one) as ids."""
        (router,) = self.system.search("mail.catchall.router", [])
        return router["fetchmail_server_id"][0], router["mail_server_id"][0]

    def send(self, subject):
        """Let a user write to the customer; return the mail."""
        values = {
            "subject": subject,
            "email_from": "user_a@tenmien.test",
            "email_to": CUSTOMER_ADDRESS,
            "body_html": "<p>Hello</p>",
            "auto_delete": False,
        }
        mail = self.system.rpc("mail.mail", "create", [values])[0]
        self.system.send_queue()
        return mail

    def state(self, mail):
        (found,) = self.system.search("mail.mail", [["id", "=", mail]], ["state"])
        return found["state"]


@pytest.fixture(scope="module")
def token_server(running_system):
    """The sign-in server; Odoo is started anew, as it learns of it at its start."""
    mail = running_system.mail
    with tokens.TokenServer(mail.port("tokens"), mail.sign_in_certificate()) as server:
        running_system.stop()
        running_system.start()
        yield server
    running_system.reset()


@pytest.fixture(params=[GOOGLE, MICROSOFT], ids=["google", "microsoft"])
def signed_in(request, system, token_server):
    """Both servers of the router, signed in to at one of the providers."""
    rpc, provider = system.rpc, request.param
    port = system.mail.port("tokens")
    for name, value in {
        f"{provider.prefix}_client_id": provider.client_id,
        f"{provider.prefix}_client_secret": tokens.CLIENT_SECRET,
        "microsoft_outlook.endpoint": f"http://127.0.0.1:{port}/microsoft/",
    }.items():
        rpc("ir.config_parameter", "set_param", name, value)
    sign_in = SignIn(system, token_server.accounts, provider, port)
    incoming, outgoing = sign_in.servers()
    rpc(
        "ir.mail_server",
        "write",
        [outgoing],
        {
            "smtp_authentication": provider.name,
            "smtp_pass": False,
            "smtp_encryption": "starttls",
            # The assistant keeps to Exchange Online's 30 mails a minute.
            "catchall_limit_minute": 0,
        },
    )
    rpc(
        "fetchmail.server",
        "write",
        [incoming],
        {"server_type": provider.name, "password": False},
    )
    sign_in.consent("fetchmail.server", incoming)
    sign_in.consent("ir.mail_server", outgoing)
    yield sign_in


@pytest.mark.logs(
    "not a client ID of (Google|Microsoft)", "access_denied", "You said no"
)
@pytest.mark.parametrize("provider", [GOOGLE, MICROSOFT], ids=["google", "microsoft"])
def test_the_assistant_leads_to_the_consent_and_back(system, token_server, provider):
    """Nothing is saved before the end; first of all here: at Google's the router still
    has its passwords, at Microsoft's it comes from Google."""
    rpc, port = system.rpc, system.mail.port
    sign_in = SignIn(system, token_server.accounts, provider, port("tokens"))
    endpoint = f"http://127.0.0.1:{port('tokens')}/microsoft/"
    rpc("ir.config_parameter", "set_param", "microsoft_outlook.endpoint", endpoint)
    before = sign_in.kinds()
    assert provider.name not in before
    values = {
        "mailbox": CATCHALL,
        "domain": "tenmien.test",
        "provider": provider.code,
        "incoming_type": "imap",
        "incoming_host": "localhost",
        "incoming_port": port("imaps"),
        "incoming_encryption": "ssl_strict",
        "outgoing_host": "localhost",
        "outgoing_port": port("submission"),
        "outgoing_encryption": "starttls_strict",
    }
    setup = rpc("mail.catchall.setup", "create", [values])[0]

    def do(action):
        return rpc("mail.catchall.setup", action, [setup])

    def shown(*names):
        (found,) = rpc("mail.catchall.setup", "read", [setup], list(names))
        return [found[name] for name in names]

    do("action_sign_in")
    base = f"http://localhost:{system.odoo.instance.http_port}"
    uri = f"{base}/{provider.prefix}/confirm"
    assert shown("step", "is_registered", "redirect_uri") == ["sign_in", False, uri]
    secret = {"client_secret": tokens.CLIENT_SECRET}
    rpc("mail.catchall.setup", "write", [setup], {"client_id": "12345", **secret})
    with pytest.raises(RpcError, match=provider.wants):
        do("action_register")
    known = {"client_id": provider.client_id, **secret}
    rpc("mail.catchall.setup", "write", [setup], known)
    do("action_register")
    assert shown("is_registered") == [True]

    here = f"/odoo/mail-router-setup/{setup}"
    denied = sign_in.follow(do("action_sign_in_receiving"), "deny")
    assert denied[:2] == (303, here)
    problem = "access_denied: You said no."
    assert shown("sign_in_problem", "signed_in_receiving") == [problem, False]
    assert "agree on the provider's page" in shown("sign_in_advice")[0]
    secret_of = f"{provider.prefix}_client_secret"
    rpc("ir.config_parameter", "set_param", secret_of, "wrong")
    assert sign_in.follow(do("action_sign_in_receiving"))[1] == here
    assert "client secret" in shown("sign_in_advice")[0]
    rpc("ir.config_parameter", "set_param", secret_of, tokens.CLIENT_SECRET)
    assert sign_in.follow(do("action_sign_in_receiving"))[1] == here
    assert sign_in.follow(do("action_sign_in_sending"))[1] == here
    names = ("signed_in_receiving", "signed_in_sending", "sign_in_problem")
    assert shown(*names) == [CATCHALL, CATCHALL, False]
    assert sign_in.kinds() == before

    do("action_signed_in")
    while do("action_advance"):
        pass
    assert shown("step", "incoming_state", "outgoing_state") == [
        "apps",
        "works",
        "works",
    ]
    do("action_finish")
    assert sign_in.kinds() == (provider.name, provider.name)
    action = rpc.ref("mail_catchall_router.mail_catchall_setup_open_action")
    again = rpc("ir.actions.server", "run", [action])["res_id"]
    names = ["is_signed_in", "by_hand", "provider"]
    (found,) = rpc("mail.catchall.setup", "read", [again], names)
    assert [found[one] for one in names] == [True, False, provider.code]
    name = f"With the assistant of {provider.name}"
    assert sign_in.state(sign_in.send(name)) == "sent"
    system.send("sales@tenmien.test", subject=name)
    system.process()
    assert system.search("crm.lead", [["name", "=", name]])


def test_signed_in_mail_is_collected_and_sent(signed_in):
    system = signed_in.system
    subject = f"By token {signed_in.provider.name}"
    system.send("sales@tenmien.test", subject=subject, body="Xin báo giá.")
    system.process()
    assert system.search("crm.lead", [["name", "=", subject]])
    mail = signed_in.send(subject)
    assert signed_in.state(mail) == "sent"
    assert system.wait_for_mail(CUSTOMER_ADDRESS, subject)


def test_a_token_that_is_renewed_and_refused_transactions_double_none(
    signed_in, tmp_path
):
    name = f"Renewed {signed_in.provider.name}"
    issued = signed_in.accounts.issued
    args = (signed_in.system, name, CUSTOMER_ADDRESS, tmp_path)
    assert retries.send_through_all(*args) == retries.expected(name)
    # Once for each way and point, whatever was rolled back.
    assert signed_in.accounts.issued == issued + len(retries.WAYS) * len(retries.POINTS)


def test_a_consent_that_is_withdrawn_is_a_matter_of_the_account(signed_in):
    """Tokens that expire or are refused are renewed; without consent mail waits until
    somebody signs in again, and leaves by itself then."""
    system, accounts = signed_in.system, signed_in.accounts
    name = signed_in.provider.name
    accounts.expire(CATCHALL)
    assert signed_in.state(signed_in.send(f"Expired {name}")) == "sent"
    accounts.expire(CATCHALL)
    system.send("sales@tenmien.test", subject=f"Expired {name}")
    system.process()
    assert system.search("crm.lead", [["name", "=", f"Expired {name}"]])

    # At both providers the token at hand works on until it expires.
    accounts.revoke(CATCHALL)
    assert signed_in.state(signed_in.send(f"Revoked {name}")) == "sent"

    accounts.withdraw(CATCHALL)
    mail = signed_in.send(f"Withdrawn {name}")
    system.send("sales@tenmien.test", subject=f"Withdrawn {name}")
    system.rpc.run_cron(COLLECT_CRON)
    assert signed_in.state(mail) == "outgoing"
    health = signed_in.health()
    for item in ("incoming", "outgoing"):
        assert health[item]["state"] == "problem"
        assert health[item]["button"] == "Sign In Again"
        assert "password" not in health[item]["sentence"] + health[item]["advice"]
    system.rpc.run_cron("mail_catchall_router.ir_cron_watch")
    assert system.search("mail.activity", [["summary", "=", "Mail cannot be sent"]])

    signed_in.sign_in_again()
    assert {one["state"] for one in signed_in.health().values()} == {"ok"}
    system.process()
    assert signed_in.state(mail) == "sent"
    assert system.search("crm.lead", [["name", "=", f"Withdrawn {name}"]])
    copies = [str(one["Subject"]) for one in system.inbox(CUSTOMER_ADDRESS)]
    assert copies.count(f"Withdrawn {name}") == 1


def test_a_mailbox_that_is_signed_in_to_is_listened_to(signed_in):
    """Also after the token has expired while the listener was waiting."""
    system, name = signed_in.system, signed_in.provider.name
    never_by_themselves(system)
    with system.crons(), listening(system) as ear:
        system.send("sales@tenmien.test", subject=f"Heard {name}")
        assert len(leads(system, f"Heard {name}")) == 1

        signed_in.accounts.expire(CATCHALL)
        issued = signed_in.accounts.issued
        system.mail.restart_dovecot()
        wait_for(lambda: ear.says(": listened to") >= 2, "new connection", LONG)
        assert signed_in.accounts.issued > issued
        system.send("sales@tenmien.test", subject=f"Heard {name} again")
        assert len(leads(system, f"Heard {name} again")) == 1
