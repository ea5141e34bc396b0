import secrets
from smtplib import SMTPException

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..tools import addresses, envelopes, headers

BATCH_SIZE = 25


class MailCatchallProbe(models.Model):
    """Whom the provider lets the account write as: asked for every sender that Odoo
    has, over one connection, without sending; and what becomes of a mail on its way
    to ourselves and back."""

    _name = "mail.catchall.probe"
    _description = "Sender Probe"
    _order = "id desc"
    _rec_name = "create_date"

    router_id = fields.Many2one(
        "mail.catchall.router", required=True, readonly=True, ondelete="cascade"
    )
    mail_server_id = fields.Many2one(
        related="router_id.mail_server_id", string="Outgoing Server"
    )
    line_ids = fields.One2many("mail.catchall.probe.line", "probe_id", readonly=True)
    waiting_count = fields.Integer(
        "Not Asked Yet",
        compute="_compute_counts",
        help="Senders that the mail server has not been asked about yet.",
    )
    accepted_count = fields.Integer(
        "Accepted",
        compute="_compute_counts",
        help="Senders under whose address the mail server would take a mail.",
    )
    refused_count = fields.Integer(
        "Refused",
        compute="_compute_counts",
        help="Senders whom the mail server refuses. Their mail goes out under the "
        "account's address.",
    )
    error = fields.Char("Stopped By", readonly=True)
    # there and back
    trip_recipient = fields.Char("Sent To", readonly=True)
    trip_from = fields.Char("Sent As", readonly=True)
    trip_message_id = fields.Char("Message-ID Sent", readonly=True)
    trip_sent = fields.Datetime("Sent At", readonly=True)
    trip_after = fields.Integer(
        readonly=True, help="The journal's newest message when it was sent."
    )
    trip_journal_id = fields.Many2one(
        "mail.catchall.message", "Arrived As", readonly=True
    )
    trip_state = fields.Selection(
        [
            ("new", "Not sent"),
            ("waiting", "On its way"),
            ("arrived", "Arrived"),
        ],
        "Round Trip",
        required=True,
        default="new",
        readonly=True,
        help="A mail to ourselves shows what the provider changes on its way.",
    )
    trip_finding = fields.Text("Findings", compute="_compute_trip_finding")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("line_ids.answer")
    def _compute_counts(self):
        for probe in self:
            answers = probe.line_ids.mapped("answer")
            probe.waiting_count = answers.count("waiting")
            probe.accepted_count = answers.count("accepted")
            probe.refused_count = answers.count("refused")

    @api.depends("trip_state", "trip_journal_id")
    def _compute_trip_finding(self):
        for probe in self:
            probe.trip_finding = "\n".join(probe._trip_findings())

    def _trip_findings(self):
        """Answer what the mail tells that came back, as sentences."""
        if self.trip_state != "arrived":
            return []
        journal = self.trip_journal_id.sudo()
        found = headers.parse_headers(journal._raw_bytes())
        seen = addresses.normalize(found.get("From"))
        if not len(found):
            return [self.env._("The mail arrived. It is not kept any more.")]
        findings = []
        if seen != addresses.normalize(self.trip_from):
            findings.append(
                self.env._(
                    "Your provider replaces the sender: the mail was sent as %(sent)s "
                    "and arrived as %(seen)s. Choose “The author's name, with the "
                    "account's address” on the outgoing server, or verify the "
                    "addresses of your users at the provider.",
                    sent=self.trip_from,
                    seen=seen,
                )
            )
        if journal.message_id != self.trip_message_id:
            findings.append(
                self.env._(
                    "Your provider replaces the Message-ID, so answers name a mail "
                    "that Odoo doesn't know. Keep the signed reply addresses on: they "
                    "bring the answers back all the same."
                )
            )
        return findings or [
            self.env._("Sender and Message-ID arrived as they were sent.")
        ]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def _start(self, router):
        """Make the probe of a router's server and ask the first senders.

        :return: the action that shows it
        :raises UserError: without an outgoing server
        """
        if not router.mail_server_id:
            raise UserError(
                self.env._("Router %s has no outgoing server to ask.", router.name)
            )
        probe = self.create(
            {
                "router_id": router.id,
                "line_ids": [
                    fields.Command.create({"email": email, "who": who})
                    for email, who in router._probe_senders().items()
                ],
            }
        )
        probe.action_ask()
        return probe._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who May Send"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_ask(self):
        """Ask the mail server about the next senders, over one connection.

        What the connection raises is kept in ``error``; the senders that were asked
        before keep their answers.
        """
        self.ensure_one()
        self.check_access("write")
        router_sudo = self.router_id.sudo()
        waiting = self.line_ids.filtered(lambda line: line.answer == "waiting")
        self.error = False
        try:
            session = router_sudo.mail_server_id._connect__(
                mail_server_id=router_sudo.mail_server_id.id,
                smtp_from=router_sudo.account_email,
            )
            try:
                for line in waiting[:BATCH_SIZE]:
                    line._ask(session, router_sudo.account_email)
            finally:
                router_sudo._close_outgoing(session)
        except (SMTPException, OSError, UserError) as error:
            self.error = str(error)
        return True

    def action_send_trip(self):
        """Send a mail as the current user to an address of the domain that nobody
        has: it must come back into the catch-all mailbox.

        :raises UserError: with what the mail server said, when it doesn't take it
        """
        self.ensure_one()
        self.check_access("write")
        router_sudo = self.router_id.sudo()
        domain = router_sudo.alias_domain_ids[:1].name
        if not domain:
            raise UserError(
                self.env._("Router %s has no domain yet.", self.router_id.name)
            )
        token = f"probe-{secrets.token_hex(8)}"
        recipient = f"{token}@{domain}"
        newest = self.env["mail.catchall.message"].search([], limit=1)
        IrMailServer = self.env["ir.mail_server"]
        message = IrMailServer._build_email__(
            self._trip_author(),
            [recipient],
            self.env._("Round trip of the mail router, %s", token),
            body=self.env._(
                "The mail router has sent this to see what becomes of a mail on its "
                "way. Nobody needs to do anything."
            ),
            subtype="plain",
            headers={"Auto-Submitted": "auto-generated"},
        )
        IrMailServer.send_email(message, mail_server_id=router_sudo.mail_server_id.id)
        self.write(
            {
                "trip_recipient": recipient,
                "trip_from": email_normalize(message["From"]),
                "trip_message_id": message["Message-Id"].strip(),
                "trip_sent": fields.Datetime.now(),
                "trip_after": newest.id,
                "trip_state": "waiting",
                "trip_journal_id": False,
            }
        )
        return True

    def _trip_author(self):
        """Answer who the round trip is sent as: the user if his address is an own
        one, else the account."""
        router = self.router_id
        address = self.env.user.email_normalized or ""
        if addresses.domain(address) in router._own_domains():
            return self.env.user.email_formatted
        return router.account_email

    def action_read_back(self):
        """Collect, and look for the mail of the round trip in the journal.

        :raises Exception: what the mail server or the connection answered
        """
        self.ensure_one()
        self.check_access("write")
        self.router_id.action_collect()
        self._find_trip()
        return True

    def _find_trip(self):
        """Keep the journal's message of the round trip, if it has arrived.

        The subject finds it: a provider may change sender, Message-ID and trace.
        """
        found = self.env["mail.catchall.message"].search(
            [
                ("router_id", "=", self.router_id.id),
                ("id", ">", self.trip_after),
                ("subject", "like", addresses.split(self.trip_recipient)[0]),
            ],
            limit=1,
        )
        if found:
            self.write({"trip_journal_id": found.id, "trip_state": "arrived"})


class MailCatchallProbeLine(models.Model):
    """One sender and what the mail server says of it."""

    _name = "mail.catchall.probe.line"
    _description = "Sender Probe Line"
    _order = "answer desc, email"
    _rec_name = "email"

    probe_id = fields.Many2one(
        "mail.catchall.probe", required=True, index=True, ondelete="cascade"
    )
    email = fields.Char("Sender Address", required=True)
    who = fields.Char("Used By")
    answer = fields.Selection(
        [
            ("waiting", "Not asked yet"),
            ("unsure", "Not now"),
            ("refused", "Refused"),
            ("accepted", "Accepted"),
        ],
        "Server Says",
        required=True,
        default="waiting",
    )
    words = fields.Char("In Its Words")
    seen_as = fields.Char("Recipients See", compute="_compute_seen_as")

    @api.depends("email")
    def _compute_seen_as(self):
        for line in self:
            server = line.probe_id.mail_server_id.sudo()
            line.seen_as = server._catchall_seen_as(line.who or "", line.email)

    def _ask(self, session, recipient):
        """Ask over this SMTP session whether the sender may write to us.

        :raises smtplib.SMTPException, OSError: when the connection is lost
        """
        found = envelopes.ask(session, self.email, recipient)
        kinds = {True: "accepted", False: "refused", None: "unsure"}
        self.write({"answer": kinds[found.accepted], "words": found.words})
