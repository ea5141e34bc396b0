"""The main job for a person to see: a customer's mail becomes a lead."""

import contextlib
import time

from . import client, config
from .client import Client
from .mailserver import CATCHALL, MAILBOXES, MailServer
from .odoo import Odoo, addon_digest, stop
from .progress import SandboxError, say, seconds, step, tail
from .rpc import Rpc, RpcError
from .seed import DOMAIN, MAIL_CRONS, USERS

DATABASE = "catchall"
ADDRESS = f"sales@{DOMAIN}"
PATIENCE = 60


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
        self.server = self.odoo.serve(DATABASE, log=self.log)
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
        rpc = Rpc(self.instance.http_port, DATABASE)
        started = time.monotonic()
        subject = f"Báo giá 50 ghế văn phòng ({time.strftime('%H:%M:%S')})"
        body = "Chào anh chị,\n\nXin báo giá 50 ghế văn phòng.\n\nCảm ơn,\nKhách Hàng\n"
        message = client.compose(to=[ADDRESS], subject=subject, body=body)
        (answer,) = Client(self.instance).send(message)
        with step("Waiting for the lead"):
            lead = self._wait_for_lead(rpc, subject, message["Message-ID"])
        duration = seconds(time.monotonic() - started)
        self._tell(message, answer, lead, duration)

    def _wait_for_lead(self, rpc, subject, message_id):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # They run every minute anyway; this is only for the impatient.
            for cron in MAIL_CRONS:
                with contextlib.suppress(RpcError):  # it runs just now
                    rpc.run_cron(cron)
            domain = [["name", "=", subject]]
            found = rpc("crm.lead", "search_read", domain, ["name", "email_from"])
            if found:
                return found[0]
            time.sleep(0.5)
        domain = [["message_id", "=", message_id]]
        fields = ["state", "reason", "error"]
        journal = rpc("mail.catchall.message", "search_read", domain, fields)
        raise SandboxError(
            f"The mail to {ADDRESS} made no lead within {PATIENCE} s. "
            f"The journal says: {journal or 'nothing, it was not collected'}. "
            f"Look into {self.log} and {self.mail.log}."
        )

    def _tell(self, message, answer, lead, duration):
        users = ", ".join(USERS)
        customer = client.address_of(message["From"])
        say(f"""
A customer's mail became a lead in {duration}:
  From     {message["From"]}
  To       {ADDRESS}, which is no mailbox: it arrived in {CATCHALL}
  Subject  {message["Subject"]}
  Postfix  {answer}
  Lead     {self.odoo.url}/odoo/crm/{lead["id"]}

Odoo       {self.odoo.url}
Log in as  admin, {users} (the password is the login)

Try next:
  1. Log in as user_a, open the lead, answer the customer with "Send message".
  2. dev/mail read {customer}    what the customer got
  3. dev/send --reply-to-last --body "Thank you"    lands on the same lead
  4. dev/send --to ketoantruong@{DOMAIN} --attach CV.pdf    becomes an applicant
  5. dev/send --to project@{DOMAIN} --subject "A task"    becomes a task
  6. dev/send --to nobody@{DOMAIN}    is held: app Mail Router > Messages
Mail is collected every minute.

Mailboxes  {", ".join(MAILBOXES)}
Logs       {self.log}
           {self.mail.log}
Ctrl-C stops everything that this command started.""")
