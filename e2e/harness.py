"""The whole system under test: mail server, database server and an Odoo process."""

import contextlib
import re

from sandbox import client, odoolog
from sandbox import odoo as odoo_module
from sandbox.client import Client
from sandbox.mailserver import CATCHALL, MailServer
from sandbox.rpc import Rpc
from sandbox.waiting import until

DATABASE = "test_e2e"
CUSTOMER_DOMAIN = "khachhang.test"
COLLECT_CRON = "mail.ir_cron_mail_gateway_action"
ROUTE_CRON = "mail_catchall_router.ir_cron_route"
QUEUE_CRON = "mail.ir_cron_mail_scheduler_action"
TIMEOUT = 30


def wait_for(condition, what, timeout=TIMEOUT):
    """Return the first true value of a function, or fail with a sentence."""
    if value := until(condition, timeout):
        return value
    raise AssertionError(f"After {timeout} s there is still no {what}.")


class System:
    """One Odoo server process on the sandbox, and what a test does with it.

    Scheduled actions do not run by themselves, so that a test decides when mail is
    collected and routed; ``with system.crons():`` lets them run.
    """

    def __init__(self, odoo, database=DATABASE):
        self.odoo = odoo
        self.database = database
        self.mail = MailServer(odoo.instance)
        self.client = Client(odoo.instance)
        self.log = odoo.instance.logs / "e2e-odoo.log"
        self.server = None
        self.rpc = None
        self._log_offset = 0
        self._log_before = ""
        self._mail_offset = 0

    # ------------------------------------------------------------------
    # LIFE
    # ------------------------------------------------------------------

    def start(self, cron_threads=0):
        """Start the Odoo server and log in as the administrator."""
        options = (f"--max-cron-threads={cron_threads}",)
        self.server = self.odoo.serve(self.database, log=self.log, options=options)
        self.rpc = self.login("admin")

    def stop(self):
        """Stop the Odoo server; what it says about being interrupted is its affair."""
        if self.server:
            self._log_before += self._read_log()
            odoo_module.stop(self.server)
            self.server = None
            self._log_offset = self.log.stat().st_size

    def reset(self):
        """Begin anew with a fresh database: a router, aliases and users, no mail."""
        self.stop()
        self.odoo.clone(self.odoo.seeded_template(), self.database)
        self.start()
        # All tests write as the same customer, which would be taken for a loop, for
        # a burst, or for somebody who tries out addresses.
        self.rpc(
            "ir.config_parameter", "set_param", "mail.gateway.loop.threshold", "10000"
        )
        routers = self.rpc("mail.catchall.router", "search", [])
        limits = {"burst_count": 0, "attack_count": 0}
        self.rpc("mail.catchall.router", "write", routers, limits)

    @contextlib.contextmanager
    def crons(self, threads=2):
        """Let scheduled actions run by themselves during the block."""
        self.stop()
        self.start(threads)
        try:
            yield
        finally:
            self.stop()
            self.start()

    def login(self, login):
        """Return an RPC session of another user; the password is the login."""
        return Rpc(self.odoo.instance.http_port, self.database, login)

    def refresh(self):
        """Empty all mailboxes, choose the usual provider and forget the logs."""
        self.mail.switch("virtual", "any")
        # It would arrive minutes later, in the middle of another test.
        if self.has_deferred():
            self.mail.drop_deferred()
        self.mail.empty()
        self._mail_offset = self.mail.log_size()
        self._log_offset = self.log.stat().st_size
        self._log_before = ""

    # ------------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------------

    @contextlib.contextmanager
    def delivery(self, style):
        """Deliver in another style (``virtual`` or ``lmtp``) during the block."""
        before = self.mail.delivery
        self.mail.switch(delivery=style)
        try:
            yield
        finally:
            self.mail.switch(delivery=before)

    @contextlib.contextmanager
    def policy(self, policy):
        """Accept other senders (``any`` or ``strict``) during the block."""
        before = self.mail.policy
        self.mail.switch(policy=policy)
        try:
            yield
        finally:
            self.mail.switch(policy=before)

    @contextlib.contextmanager
    def refusing(self, **answers):
        """Refuse mail of users to customers during the block.

        :param answers: reply by the local part of the customer's address
        """
        domain = CUSTOMER_DOMAIN
        self.mail.refuse({f"{one}@{domain}": reply for one, reply in answers.items()})
        try:
            yield
        finally:
            self.mail.refuse({})

    def send(self, *to, bcc=(), separate=False, **values):
        """Send a mail as an outside customer, wait for it to arrive, return it.

        :param values: as for ``sandbox.client.compose``
        """
        message = client.compose(to=to, **values)
        self.deliver(message, bcc=bcc, separate=separate)
        return message

    def answer(self, original, *, bcc=(), **values):
        """Answer a mail as the customer who got it."""
        message = client.answer(original, **values)
        self.deliver(message, bcc=bcc)
        return message

    def deliver(self, message, **options):
        """Hand a mail (or its bytes) to the server and wait until it arrived."""
        answers = self.client.send(message, **options)
        wait_for(self.queue_is_empty, "end of the mail server's queue")
        return answers

    def queue_is_empty(self):
        """Tell whether the mail server has delivered everything it took, but for what
        it has deferred."""
        # A starting Postfix takes mail from "active" back to "incoming".
        return not self._is_queued("incoming", "active", "maildrop", "incoming")

    def has_deferred(self):
        """Tell whether the mail server has put off mail that it could not deliver."""
        return self._is_queued("deferred")

    def _is_queued(self, *queues):
        folder = self.mail.folder / "postfix" / "queue"
        return any(
            path.is_file() for name in queues for path in (folder / name).rglob("*")
        )

    def empty_queue(self, timeout=TIMEOUT):
        """Wait until the mail server has delivered all of its mail, also what it has
        deferred."""

        def is_empty():
            if self.has_deferred():
                self.mail.flush()
                return False
            # What could not be delivered meanwhile is deferred by now.
            return self.queue_is_empty() and not self.has_deferred()

        wait_for(is_empty, "end of the mail server's queue", timeout)

    def inbox(self, address, folder="INBOX"):
        """Return the mails in a mailbox, oldest first."""
        return self.client.inbox(address, folder)

    def wait_for_mail(self, address, subject, timeout=TIMEOUT):
        """Return the newest mail to a mailbox with this in its subject."""

        def find():
            mails = self.inbox(address)
            return next((m for m in reversed(mails) if subject in m["Subject"]), None)

        return wait_for(find, f"mail about {subject!r} for {address}", timeout)

    def catchall(self, folder="INBOX"):
        """Return what is in the catch-all mailbox."""
        return self.inbox(CATCHALL, folder)

    def submission_log(self):
        """Return the mails that were handed in with a login since the test began."""
        return self.mail.submissions(self._mail_offset)

    def logins(self):
        """Return how often somebody logged in to send since the test began."""
        return self.mail.logins(self._mail_offset)

    def refusals(self):
        """Return what the mail server refused since the test began."""
        return self.mail.refusals(self._mail_offset)

    # ------------------------------------------------------------------
    # ODOO
    # ------------------------------------------------------------------

    def collect(self):
        """Let Odoo read the mailbox now."""
        servers = self.rpc("fetchmail.server", "search", [["state", "=", "done"]])
        for server in servers:
            self.rpc("fetchmail.server", "fetch_mail", [server])

    def route(self):
        """Let Odoo route what it has collected now."""
        self.rpc.run_cron(ROUTE_CRON)

    def retry_queue(self):
        """Let the time of all next attempts come, and send."""
        domain = [["state", "=", "outgoing"], ["scheduled_date", "!=", False]]
        waiting = self.rpc("mail.mail", "search", domain)
        self.rpc("mail.mail", "write", waiting, {"scheduled_date": False})
        self.send_queue()

    def send_queue(self):
        """Let Odoo send its queued mail now, as its scheduled action does."""
        self.rpc.run_cron(QUEUE_CRON)

    def process(self):
        """Collect, route and send."""
        self.collect()
        self.route()
        self.send_queue()

    def search(self, model, domain, fields=()):
        """Return the records that match, oldest first."""
        return self.rpc(model, "search_read", domain, list(fields), order="id")

    def journal(self, message):
        """Return the journal's messages for a mail that was sent."""
        domain = [["message_id", "=", message["Message-ID"]]]
        return self.search("mail.catchall.message", domain)

    def deliveries(self, message):
        """Return {recipient: (state, matched_by, model)} of all copies of a mail."""
        domain = [
            ["message_id.message_id", "=", message["Message-ID"]],
            ["state", "!=", "duplicate"],
        ]
        fields = ["recipient", "state", "matched_by", "model"]
        return {
            row["recipient"]: (row["state"], row["matched_by"], row["model"])
            for row in self.search("mail.catchall.delivery", domain, fields)
        }

    def conversation(self, model, res_id):
        """Return what people wrote on a record, oldest first."""
        domain = [
            ["model", "=", model],
            ["res_id", "=", res_id],
            ["message_type", "in", ["email", "comment"]],
        ]
        return self.search("mail.message", domain)

    def write(self, rpc, model, res_id, body, *, to=("khach@khachhang.test",)):
        """Write to people in a record's chatter, as the web client does it."""
        post_data = {
            "body": body,
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_emails": list(to),
        }
        values = {"thread_model": model, "thread_id": res_id, "post_data": post_data}
        return rpc.post("/mail/message/post", values)["message_id"]

    def unexpected_log(self, allowed=()):
        """Return what Odoo logged since the test began and should not have."""
        return [
            entry
            for entry in odoolog.unexpected(self._log_before + self._read_log())
            if not any(re.search(pattern, entry) for pattern in allowed)
        ]

    def _read_log(self):
        with self.log.open("rb") as stream:
            stream.seek(self._log_offset)
            return stream.read().decode(errors="replace")
