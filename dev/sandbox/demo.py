"""The main job for a person to see: a customer's mail becomes a lead."""

import contextlib
import time
from dataclasses import dataclass
from email.message import EmailMessage

from . import client, config
from .client import Client
from .mailserver import CATCHALL, MAILBOXES, MailServer
from .odoo import Odoo, addon_digest, stop
from .progress import SandboxError, say, seconds, step, tail
from .rpc import Rpc, RpcError
from .seed import DOMAIN, MAIL_CRONS, USERS
from .waiting import until

DATABASE = "catchall"
ADDRESS = f"sales@{DOMAIN}"
PATIENCE = 60


@dataclass(frozen=True)
class FirstLead:
    """A customer's mail, what the mail server said to it, and the lead it became."""

    message: EmailMessage
    reply: str
    record: dict
    duration: float  # seconds


def first_lead(odoo, database, log):
    """Send a mail as a customer, over SMTP, and wait for Odoo to make a lead of it.

    :param log: where that Odoo server writes, for who has to look into it
    :raise SandboxError: with what the journal says when there is no lead
    """
    started = time.monotonic()
    subject = f"Báo giá 50 ghế văn phòng ({time.strftime('%H:%M:%S')})"
    body = "Chào anh chị,\n\nXin báo giá 50 ghế văn phòng.\n\nCảm ơn,\nKhách Hàng\n"
    message = client.compose(to=[ADDRESS], subject=subject, body=body)
    (reply,) = Client(odoo.instance).send(message)
    rpc = Rpc(odoo.instance.http_port, database)
    with step("Waiting for the lead"):
        record = _wait_for_lead(rpc, message, log)
    return FirstLead(message, reply, record, time.monotonic() - started)


def _wait_for_lead(rpc, message, log):
    def look():
        # They run every minute anyway; this is only for the impatient.
        for cron in MAIL_CRONS:
            with contextlib.suppress(RpcError):  # it runs just now
                rpc.run_cron(cron)
        domain = [["name", "=", message["Subject"]]]
        return rpc("crm.lead", "search_read", domain, ["name", "email_from"])

    if found := until(look, PATIENCE, pause=0.5):
        return found[0]
    domain = [["message_id", "=", message["Message-ID"]]]
    fields = ["state", "reason", "error"]
    journal = rpc("mail.catchall.message", "search_read", domain, fields)
    raise SandboxError(
        f"The mail to {ADDRESS} made no lead within {PATIENCE} s. "
        f"The journal says: {journal or 'nothing, it was not collected'}. "
        f"Look into {log} and the mail server's log."
    )


class Demo:
    """Everything that ``dev/run`` starts, and stops again."""

    def __init__(self, odoo: Odoo, *, fresh=False):
        self.odoo = odoo
        self.fresh = fresh
        self.instance = odoo.instance
        self.mail = MailServer(self.instance)
        self.log = self.instance.logs / "odoo.log"
        self.server = None
        self.undo = []

    # ------------------------------------------------------------------
    # START AND STOP
    # ------------------------------------------------------------------

    def start(self):
        """Start all services and Odoo, building the database the first time."""
        if self.odoo.cluster.start():
            self.undo.append(self.odoo.cluster.stop)
        if self.mail.start():
            self.undo.append(self.mail.stop)
        self.odoo.configure()
        self._prepare_database()
        self.log.unlink(missing_ok=True)
        self.server = self.odoo.serve(DATABASE, log=self.log, listens=True)
        self.undo.append(lambda: stop(self.server))

    def stop(self):
        """Stop what we started, in the opposite order."""
        with step("Stopping"):
            while self.undo:
                self.undo.pop()()

    @property
    def _marker(self):
        return self.instance.folder / f"{DATABASE}-{config.digest(config.CHECKOUT)}"

    def _prepare_database(self):
        """Build the database unless it exists; update it when the addon changed."""
        state = addon_digest()
        if self.fresh or not self.odoo.cluster.exists(DATABASE):
            self.odoo.clone(self.odoo.seeded_template(), DATABASE)
        elif not self._marker.exists() or self._marker.read_text("utf-8") != state:
            self.odoo.call(
                *("server", "-d", DATABASE, "-u", config.ADDON),
                *("--stop-after-init", "--no-http"),
                title="Updating the addon in the database",
                log=self.instance.logs / "update.log",
                remedy="Mend the cause, or begin anew with dev/run --fresh.",
            )
        self._marker.write_text(state, encoding="utf-8")

    def wait(self):
        """Wait until Odoo ends by itself, which it should not."""
        status = self.server.wait()
        raise SandboxError(
            f"Odoo ended by itself (exit status {status}). "
            f"The end of {self.log}:\n{tail(self.log)}"
        )

    # ------------------------------------------------------------------
    # THE MAIN JOB
    # ------------------------------------------------------------------

    def show(self):
        """Send a mail as a customer, wait for its lead and tell what happened."""
        self._tell(first_lead(self.odoo, DATABASE, self.log))

    def _tell(self, lead):
        users = ", ".join(USERS)
        customer = client.address_of(lead.message["From"])
        say(f"""
A customer's mail became a lead in {seconds(lead.duration)}:
  From     {lead.message["From"]}
  To       {ADDRESS}, which is no mailbox: it arrived in {CATCHALL}
  Subject  {lead.message["Subject"]}
  Postfix  {lead.reply}
  Lead     {self.odoo.url}/odoo/crm/{lead.record["id"]}

Odoo       {self.odoo.url}
Log in as  admin, {users} (the password is the login)

Try next:
  1. Log in as user_a, open the lead, answer the customer with "Send message".
  2. dev/mail read {customer}    what the customer got
  3. dev/send --reply-to-last --body "Thank you"    lands on the same lead
  4. dev/send --to ketoantruong@{DOMAIN} --attach LICENSE    becomes an applicant
  5. dev/send --to project@{DOMAIN} --subject "A task"    becomes a task
  6. dev/send --to nobody@{DOMAIN}    is held: app Mail Router > Messages
Mail is collected the moment it arrives.

Mailboxes  {", ".join(MAILBOXES)}
Logs       {self.log}
           {self.mail.log}
Ctrl-C stops everything that this command started.""")
