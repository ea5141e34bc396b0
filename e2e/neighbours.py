"""The main job beside other people's addons: mail becomes records, an answer goes out
and comes back."""

from datetime import datetime, timedelta

from harness import System, wait_for
from sandbox import config, neighbours
from sandbox.client import CUSTOMER, address_of
from sandbox.rpc import RpcError

DATABASE = "test_neighbours"
SALES = "sales@tenmien.test"
USER = "user_a@tenmien.test"
RECIPIENT = address_of(CUSTOMER)
OTHER = "another@khachhang.test"
NOBODY = "nobody@doitac.test"
RECORDS = {
    SALES: "crm.lead",
    "ketoantruong@tenmien.test": "hr.applicant",
    "project@tenmien.test": "project.task",
}
SETTINGS = {
    "catchall_domain": "congty3.test",
    "catchall_mailbox": "thu@congty3.test",
    "catchall_password": "typed-secret",
    "catchall_incoming_host": "imap.provider.test",
    "catchall_outgoing_host": "smtp.provider.test",
}
#: What runs the notifications that an addon or a person has put off.
SCHEDULE_CRON = "mail.ir_cron_send_scheduled_message"


class Job:
    """The main job in a database with a router, step by step."""

    def __init__(self, system):
        self.system = system
        self.user = system.login("user_a")
        self.lead = self.letter = None

    def steps(self):
        """Return {what is to happen: function that raises where it does not}."""
        return {
            "a customer's mail to three addresses: a lead, an applicant and a task": (
                self.come_in
            ),
            "the user's answer: once, under the user's own address": self.go_out,
            "the customer's answer to it: on the same lead, once": self.come_back,
            "a deferred mail: later, once, with the same text": self.be_deferred,
            "a refused recipient: named on the message, and by mail_tracking": (
                self.be_refused
            ),
            "a returned mail: named on the message, and by mail_tracking": (
                self.come_to_nobody
            ),
            "the settings form: a router of its own for another company": self.set_up,
        }

    def run(self):
        """Return {what is to happen: what went wrong, "" where nothing did}."""
        found = {}
        for what, step in self.steps().items():
            found[what] = ""
            try:
                step()
            except (AssertionError, RpcError) as error:
                found[what] = str(error) or repr(error)
        found["Odoo's log: no error, no warning"] = "\n".join(
            self.system.unexpected_log()
        )
        return found

    # ------------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------------

    def come_in(self):
        """One mail becomes three records."""
        message = self.system.send(*RECORDS, subject="Three", body="Xin báo giá.")
        self.system.process()
        expected = {
            one: ("delivered", "alias", model) for one, model in RECORDS.items()
        }
        found = self.system.deliveries(message)
        assert found == expected, f"deliveries are {found}"
        (lead,) = self.system.search("crm.lead", [["name", "=", "Three"]])
        self.lead = lead["id"]

    def go_out(self):
        """The customer gets the user's words once, from the user."""
        self._write("Our offer", RECIPIENT)
        self._send()
        self.letter = self._received_one(RECIPIENT, "Our offer")
        sender = address_of(self.letter["From"])
        assert sender == USER, f"the sender is {sender}"

    def come_back(self):
        """The answer is on the lead, and nowhere else."""
        assert self.letter is not None, "there is no letter to answer"
        message = self.system.answer(self.letter, body="Agreed")
        self.system.process()
        models = [row[2] for row in self.system.deliveries(message).values()]
        assert models == ["crm.lead"], f"it went to {models}"
        conversation = self.system.conversation("crm.lead", self.lead)
        count = sum("Agreed" in one["body"] for one in conversation)
        assert count == 1, f"it is {count} times on the lead"

    def be_refused(self):
        """The message says who has not got it."""
        with self.system.refusing(another="550 5.1.1 User unknown"):
            message_id = self._write("Refused", OTHER)
            self._send()
        states = self._notified(message_id)
        assert states == ["exception"], f"the recipient's state is {states}"
        states = self._tracked(message_id)
        assert states == ["error"], f"mail_tracking says {states}"

    def come_to_nobody(self):
        """What the customer's server sends back counts for the recipient."""
        message_id = self._write("Returned", NOBODY)
        self._send()
        wait_for(self.system.queue_is_empty, "end of the mail server's queue")
        self.system.process()
        states = self._notified(message_id)
        assert states == ["bounce"], f"the recipient's state is {states}"
        states = self._tracked(message_id)
        assert states == ["soft-bounced"], f"mail_tracking says {states}"

    def be_deferred(self):
        """Two attempts are one letter, with what other addons write into it once."""
        people = (RECIPIENT, OTHER)
        answer = "451 4.7.1 Greylisted"
        with self.system.refusing(khach=answer, another=answer):
            message_id = self._write("Deferred", *people)
            self._send()
            assert not self._received(RECIPIENT, "Deferred"), "it was not deferred"
        self.system.retry_queue()
        letter = self._received_one(RECIPIENT, "Deferred")
        text = letter.get_body(("html",)).get_content()
        # The box of mail_show_follower and the picture of mail_tracking.
        for mark in ("background-color:#EBEBEB", "data-odoo-tracking-email"):
            assert text.count(mark) == 1, f"{text.count(mark)} times {mark}"
        states = self._tracked(message_id)
        assert states == ["sent", "sent"], f"mail_tracking says {states}"

    def set_up(self):
        """What mail_environment reads from a file hinders no form."""
        rpc = self.system.rpc
        company = rpc("res.company", "create", [{"name": "Second"}])[0]
        rpc("res.company", "write", [company], {"alias_domain_id": False})
        rpc("res.users", "write", [rpc.uid], {"company_ids": [[4, company]]})
        context = {"allowed_company_ids": [company]}
        form = rpc("res.config.settings", "create", [SETTINGS], context=context)
        rpc("res.config.settings", "execute", form, context=context)
        found = self.system.search(
            "mail.catchall.router", [["company_id", "=", company]], ["account_email"]
        )
        emails = [one["account_email"] for one in found]
        assert emails == [SETTINGS["catchall_mailbox"]], f"the routers are {found}"

    # ------------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------------

    def _write(self, words, *people):
        """Write to people on the lead; return the message's id."""
        return self.system.write(
            self.user, "crm.lead", self.lead, f"<p>{words}</p>", to=people
        )

    def _send(self):
        """Send what waits, what mail_post_defer keeps back for half a minute, too."""
        rpc = self.system.rpc
        if waiting := rpc("mail.message.schedule", "search", []):
            past = datetime.now() - timedelta(days=1)
            moment = past.strftime("%Y-%m-%d %H:%M:%S")
            values = {"scheduled_datetime": moment}
            rpc("mail.message.schedule", "write", waiting, values)
            rpc.run_cron(SCHEDULE_CRON)
        self.system.send_queue()

    def _notified(self, message_id):
        """Return what Odoo says of each customer who was to get a message."""
        found = self.system.search(
            "mail.notification",
            [
                ["mail_message_id", "=", message_id],
                ["res_partner_id.partner_share", "=", True],
            ],
            ["notification_status"],
        )
        return [one["notification_status"] for one in found]

    def _tracked(self, message_id):
        """Return what mail_tracking says of each letter to a customer."""
        domain = [
            ["mail_message_id", "=", message_id],
            ["partner_id.partner_share", "=", True],
        ]
        found = self.system.search("mail.tracking.email", domain, ["state"])
        return [one["state"] for one in found]

    def _received_one(self, address, words):
        """Return the one mail of a mailbox with these words in its text."""
        found = self._received(address, words)
        assert len(found) == 1, f"{address} has it {len(found)} times"
        return found[0]

    def _received(self, address, words):
        """Return the mails of a mailbox with these words in their text."""
        return [
            mail
            for mail in self.system.inbox(address)
            if words in mail.get_body(("html", "plain")).get_content()
        ]


def do(odoo):
    """Do the main job in a database with all neighbours.

    :param odoo: ``sandbox.neighbours.Neighbourhood``, whose services run
    :return: {what is to happen: what went wrong, "" where nothing did}
    """
    odoo.clone(odoo.template(neighbours.modules()), DATABASE)
    odoo.install(DATABASE, [config.ADDON])
    odoo.seed(DATABASE)
    system = System(odoo, DATABASE)
    system.log.unlink(missing_ok=True)
    system.start()
    system.refresh()
    # mail_environment forgets what has a default when a server is created.
    values = {
        "smtp_port": odoo.instance.port("submission"),
        "smtp_encryption": "starttls_strict",
    }
    system.rpc(
        "ir.mail_server", "write", system.rpc("ir.mail_server", "search", []), values
    )
    try:
        return Job(system).run()
    finally:
        system.stop()
