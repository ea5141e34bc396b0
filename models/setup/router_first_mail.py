from odoo import fields, models

FIRST_MAIL = "mail_catchall_router/first_mail"


class MailCatchallRouter(models.Model):
    """The first mail of a new router: who waits for it."""

    _inherit = "mail.catchall.router"

    first_mail_user_id = fields.Many2one(
        "res.users",
        "Waits for the First Email",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Whoever has set this up sees the first email arrive, without reloading "
        "the page.",
    )

    def _await_first_mail(self):
        """Remember that the current user is to be told of the first mail."""
        self.first_mail_user_id = self.env.user
