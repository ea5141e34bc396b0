from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.outbound import sender_check
from ..windows import form

BATCH_SIZE = 25


class MailCatchallSenderCheck(models.Model):
    """Whom the provider lets the account write as: asked for every sender that Odoo
    has, over one connection, without sending."""

    _name = "mail.catchall.sender.check"
    _description = "Sender Check"
    _order = "id desc"
    _rec_name = "create_date"

    router_id = fields.Many2one(
        "mail.catchall.router", required=True, readonly=True, ondelete="cascade"
    )
    mail_server_id = fields.Many2one(
        related="router_id.mail_server_id", string="Outgoing Server"
    )
    line_ids = fields.One2many(
        "mail.catchall.sender.check.line", "check_id", readonly=True
    )
    waiting_count = fields.Integer(
        "Not Asked Yet",
        compute="_compute_counts",
        help="Senders that Odoo has not asked the mail server about yet.",
    )
    accepted_count = fields.Integer(
        "Accepted",
        compute="_compute_counts",
        help="Senders whose address the mail server accepts.",
    )
    refused_count = fields.Integer(
        "Refused",
        compute="_compute_counts",
        help="Senders whose address the mail server refuses. Their email leaves "
        "under the account's address.",
    )
    error = fields.Text("Connection Error", readonly=True)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("line_ids.reply")
    def _compute_counts(self):
        for check in self:
            replies = check.line_ids.mapped("reply")
            check.waiting_count = replies.count("waiting")
            check.accepted_count = replies.count("accepted")
            check.refused_count = replies.count("refused")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def _start(self, router):
        """Make the check of a router's server and ask the first senders.

        :return: the action that shows it
        :raises UserError: without an outgoing server
        """
        if not router.mail_server_id:
            raise UserError(
                self.env._("Router %s has no outgoing server to ask.", router.name)
            )
        check = self.create(
            {
                "router_id": router.id,
                "line_ids": [
                    fields.Command.create({"email": email, "who": who})
                    for email, who in router._senders_to_check().items()
                ],
            }
        )
        check.action_ask()
        return check._open()

    def _open(self):
        return form(self, name=self.env._("Who May Send"))

    def action_ask(self):
        """Ask the mail server about the next senders, over one connection.

        What is wrong with the connection is kept in ``error``, in words; the senders
        that were asked before keep their replies.
        """
        self.ensure_one()
        self.check_access("write")
        router_sudo = self.router_id.sudo()
        waiting = self.line_ids.filtered(lambda line: line.reply == "waiting")
        self.error = False
        account = router_sudo.account_email
        try:
            with router_sudo._outgoing_session(
                router_sudo.mail_server_id, account
            ) as session:
                for line in waiting[:BATCH_SIZE]:
                    line._ask(session, account)
        except UserError as error:
            self.error = str(error)
        return True


class MailCatchallSenderCheckLine(models.Model):
    """One sender and what the mail server says of it."""

    _name = "mail.catchall.sender.check.line"
    _description = "Sender Check Line"
    _order = "reply desc, email"
    _rec_name = "email"

    check_id = fields.Many2one(
        "mail.catchall.sender.check", required=True, index=True, ondelete="cascade"
    )
    email = fields.Char("Sender Address", required=True)
    who = fields.Char("Used By")
    reply = fields.Selection(
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
    words = fields.Char("Server Message")
    seen_as = fields.Char("Shown to Recipients", compute="_compute_seen_as")

    @api.depends("email")
    def _compute_seen_as(self):
        for line in self:
            server = line.check_id.mail_server_id.sudo()
            line.seen_as = server._catchall_seen_as(line.who or "", line.email)

    def _ask(self, session, recipient):
        """Ask over this SMTP session whether the sender may write to us.

        :raises smtplib.SMTPException, OSError: when the connection is lost
        """
        found = sender_check.ask(session, self.email, recipient)
        kinds = {True: "accepted", False: "refused", None: "unsure"}
        self.write({"reply": kinds[found.accepted], "words": found.words})
