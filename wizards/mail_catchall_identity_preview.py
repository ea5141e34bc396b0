from email.message import EmailMessage

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ..models.words import translated
from ..tools.mail import addresses

_lt = LazyTranslate(__name__)

WHY = {
    "author": _lt(
        "Recipients see the author's own address: this server may send from it."
    ),
    "no_author": _lt("The email names no author, so recipients see the company."),
    "foreign_domain": _lt(
        "The author's address is not on a domain of this router. Recipients' servers "
        "would treat the email as forged, so recipients see the account's address."
    ),
    "not_ascii": _lt(
        "The author's address has letters before the @ that not every mail server "
        "accepts, so recipients see the account's address."
    ),
    "unverified": _lt(
        "The author's address is not in the server's list of verified addresses, so "
        "recipients see the account's address."
    ),
    "refused": _lt(
        "The mail server has refused the author's address before, so the account's "
        "address is seen."
    ),
    "policy_via": _lt("The server is set to show the account's address for everybody."),
    "policy_account": _lt("The server is set to show the company for everybody."),
}


class MailCatchallIdentityPreview(models.TransientModel):
    """What recipients will see of a mail, and why, without sending one."""

    _name = "mail.catchall.identity.preview"
    _description = "What Recipients See"

    user_id = fields.Many2one(
        "res.users",
        "Author",
        required=True,
        default=lambda self: self.env.user,
        help="Who writes the email.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="The company in whose name the email is written: companies may have "
        "domains of their own.",
    )
    template_id = fields.Many2one(
        "mail.template",
        help="A template may name a sender other than the author. Empty: the author "
        "writes the email by hand.",
    )
    mail_server_id = fields.Many2one(
        "ir.mail_server", "Sent Through", compute="_compute_identity"
    )
    header_from = fields.Char("From", compute="_compute_identity")
    sender = fields.Char(compute="_compute_identity")
    reply_to = fields.Char("Reply-To", compute="_compute_identity")
    envelope_from = fields.Char("Envelope Sender", compute="_compute_identity")
    why = fields.Text(compute="_compute_identity")

    @api.depends("user_id", "company_id", "template_id")
    def _compute_identity(self):
        for preview in self:
            document = preview._sample_document()
            author = preview._author(document)
            sending = preview._sending()
            server, _email_from = sending.sudo()._find_mail_server(author)
            server = server or sending.browse()
            preview.mail_server_id = server
            preview.reply_to = preview._reply_to(document, author)
            if not server.sudo().catchall_router_ids:
                preview.header_from = author
                preview.sender = preview.envelope_from = False
                preview.why = self.env._(
                    "No router sends through this server: Odoo's own rules decide "
                    "under whose name the mail leaves."
                )
                continue
            message = EmailMessage()
            message["From"] = author
            chosen = server.sudo()._catchall_identity(sending, message)
            preview.header_from = addresses.readable(chosen.header_from)
            preview.sender = chosen.sender
            preview.envelope_from = chosen.envelope_from
            preview.why = translated(self.env, WHY[chosen.why])

    def _sending(self):
        """Return ``ir.mail_server`` in the environment in which core sends a mail of
        this company."""
        domain = self.company_id.alias_domain_id
        return (
            self.env["ir.mail_server"]
            .with_user(self.user_id or self.env.user)
            .with_company(self.company_id)
            .with_context(
                domain_bounce_address=domain.bounce_email,
                domain_notifications_email=domain.default_from_email,
            )
        )

    def _sample_document(self):
        """Return a document of the template's kind, or the author's own contact."""
        model = self.template_id.model
        if model and model in self.env:
            return self.env[model].search([], order="id desc", limit=1)
        return self.user_id.partner_id

    def _author(self, document):
        """Return the formatted address that stands as the author in the mail."""
        if self.template_id.email_from and document:
            # Whoever may write templates writes programs into them: they run with
            # the rights of who looks at the preview, not with the author's.
            rendered = self.template_id._render_field(
                "email_from", document.ids, add_context={"user": self.user_id}
            )
            return rendered[document.id] or ""
        return self.user_id.email_formatted or ""

    def _reply_to(self, document, author):
        if not document:
            return author
        return document.with_company(self.company_id)._notify_get_reply_to(
            default=author, author_id=self.user_id.partner_id.id
        )[document.id]
