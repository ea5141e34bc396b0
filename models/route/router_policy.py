from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.inbound import profiles


class MailCatchallRouter(models.Model):
    """Policies of the way in: what the router does with which kind of mail, and whose
    word about a mail it believes."""

    _inherit = "mail.catchall.router"

    guess_policy = fields.Selection(
        [
            ("deliver", "Deliver it there, marked as a guess"),
            ("tell", "Deliver it there, and tell the sender"),
            ("hold", "Hold it"),
        ],
        "Mistyped Address",
        required=True,
        default="deliver",
        help="What happens to an email for an address that does not exist but "
        "resembles exactly one of yours, like salse@ for sales@. To the mailbox of a "
        "user it is forwarded. The sender learns the right address only where Odoo "
        "may answer the sender. Choose holding if a wrong guess would be worse than "
        "waiting.",
    )
    unknown_policy = fields.Selection(
        [
            ("hold", "Hold it for a person"),
            ("tell", "Tell the sender"),
            ("forward", "Forward it to a person"),
            ("fallback", "Put it on a document"),
            ("discard", "Discard it"),
        ],
        "Unknown Address",
        required=True,
        default="hold",
        help="What happens to an email for an address that does not exist and "
        "resembles none of yours. If Odoo must not answer the sender, for example a "
        "forged one, it holds the email instead.",
    )
    forward_user_id = fields.Many2one(
        "res.users",
        "Forward To",
        domain="[('share', '=', False)]",
        ondelete="set null",
        help="This user gets the email in their own mailbox, with the original "
        "attached. It creates no document in Odoo.",
    )
    fallback_model_id = fields.Many2one(
        "ir.model",
        "New Document",
        domain="[('is_mail_thread', '=', True), ('transient', '=', False),"
        " ('abstract', '=', False), ('model', 'not like', 'mail.catchall.')]",
        ondelete="set null",
        help="The kind of document that the email creates.",
    )
    fallback_record = fields.Reference(
        selection="_selection_fallback_record",
        string="Existing Document",
        help="The email is added to this document, instead of making a new one.",
    )
    auto_reply_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Ignore it")],
        "Auto-replies without a Thread",
        required=True,
        default="held",
        help="What happens to an absence note or another auto-reply that replies to "
        "no message in Odoo. It never creates a document. Where only its words tell "
        "that it is one, it is held: people write such words, too.",
    )
    forged_policy = fields.Selection(
        [("held", "Hold it"), ("outsider", "Treat it as from an outsider")],
        "Forged Sender",
        required=True,
        default="held",
        help="What happens to an email that claims to be from one of you, when your "
        "provider, or Odoo's own check, says that it is not. Odoo never posts it in "
        "that person's name.",
    )
    use_reply_to = fields.Boolean(
        "Reply-To Names the Customer",
        default=True,
        help="Contact forms, no-reply addresses and mailing lists write their own "
        "address into From and the customer's into Reply-To. The customer then "
        "counts as the author and gets your reply. Odoo never uses it between "
        "colleagues, nor when the email is forged.",
    )
    spam_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Discard it"), ("deliver", "Deliver it")],
        "Spam",
        required=True,
        default="held",
        help="What happens to an email that your provider's filter, or an engine of "
        "this router, calls spam. Holding is the safe choice: filters make mistakes.",
    )
    spam_threshold = fields.Float(
        help="Email with this spam score or more counts as spam, whether your "
        "provider's filter or an engine of this router gives it. 0: their own verdict "
        "decides. Set it only if they let too much spam through.",
    )
    answers_per_hour = fields.Integer(
        "Automatic Answers per Hour",
        default=30,
        help="Odoo sends at most this many automatic answers in one hour, to all "
        "senders together, so that nobody can make you send email to others. 0: no "
        "answers at all.",
    )
    authserv_ids = fields.Char(
        "Authentication Servers",
        help="The names under which your provider writes into each email whether its "
        "sender is real (the first word of the header Authentication-Results), "
        "separated by commas. Leave it empty unless forged mail is not recognised.",
    )
    own_hosts = fields.Char(
        "Provider's Mail Servers",
        help="Names of your provider's mail servers, separated by commas. Odoo "
        "trusts only what they write into an email. Leave it empty unless an email "
        "passes several servers of your provider: the topmost Received line then "
        "tells the server.",
    )

    @api.model
    def _selection_fallback_record(self):
        """Return the document types that take mail."""
        models_sudo = self.env["ir.model"].sudo()
        return [
            (model.model, model.name)
            for model in models_sudo.search([("is_mail_thread", "=", True)])
            if model.model in self.env
            and not model.model.startswith("mail.catchall.")
            and not self.env[model.model]._abstract
            and not self.env[model.model]._transient
        ]

    @api.constrains(
        "unknown_policy", "forward_user_id", "fallback_model_id", "fallback_record"
    )
    def _check_unknown_policy(self):
        for router in self:
            if router.unknown_policy == "forward" and not router.forward_user_id:
                raise ValidationError(
                    self.env._(
                        "Router %s forwards mail for unknown addresses: name the "
                        "person who gets it.",
                        router.name,
                    )
                )
            if router.unknown_policy == "fallback" and not (
                router.fallback_model_id or router.fallback_record
            ):
                raise ValidationError(
                    self.env._(
                        "Router %s puts mail for unknown addresses on a document: "
                        "name the document, or the kind of a new one.",
                        router.name,
                    )
                )

    @api.constrains("answers_per_hour")
    def _check_answers_per_hour(self):
        for router in self:
            if router.answers_per_hour < 0:
                raise ValidationError(
                    self.env._(
                        "Router %s: the automatic answers per hour cannot be less "
                        "than 0.",
                        router.name,
                    )
                )

    def _trusted(self):
        """Return what is known of the provider's headers, as keyword arguments of
        ``Content``: ``own_hosts``, ``authserv_ids``, and the ``profile`` that the
        mailbox's server chooses, or None."""
        host = self.sudo().fetchmail_server_id.server or ""
        return {
            "own_hosts": self._trusted_hosts(),
            "authserv_ids": self._trusted_authserv_ids(),
            "profile": profiles.of_account(host),
        }

    def _trusted_hosts(self):
        """Return the frozenset of the provider's host names, lower case."""
        return self._names_in(self.own_hosts)

    def _trusted_authserv_ids(self):
        """Return the frozenset of the provider's authserv-ids, lower case."""
        return self._names_in(self.authserv_ids)

    @api.model
    def _names_in(self, text):
        names = (text or "").replace(";", ",").split(",")
        return frozenset(name.strip().lower() for name in names if name.strip())
