from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...tools.servers import providers
from ..words import translated

_lt = LazyTranslate(__name__)

#: Stands for all addresses: everybody's mail goes out under the account's own.
EVERYBODY = "*"
BREAKER_COUNT = 3
BREAKER_PERIOD = timedelta(hours=1)

REMEDIES = {
    "gmail": _lt(
        "Sign in to this mailbox at Google and add the address in Settings > Accounts "
        "> Send mail as, or send through smtp-relay.gmail.com."
    ),
    "microsoft": _lt(
        "In the Exchange admin center, open the mailbox of this address and give this "
        "account the right Send As."
    ),
    "zoho": _lt(
        "In Zoho's admin console, add the address to this account as an email alias."
    ),
    "yandex": _lt(
        "In Yandex 360, add the address to this account as an alias: Yandex lets an "
        "account send under its own addresses only."
    ),
    "ovh": _lt(
        "MX Plan lets an account send only from its own address. On Exchange offers, "
        "give this account the right Send As for the address."
    ),
    "fastmail": _lt(
        "In Fastmail's settings, add the address to the account's own email "
        "addresses, or *@ and your domain for all of them."
    ),
    "ses": _lt("In Amazon SES, verify the domain, or this address, as an identity."),
    "postfix": _lt(
        "Add the address to Postfix's table smtpd_sender_login_maps, with this "
        "account beside it."
    ),
}
OTHER_REMEDY = _lt("Ask the provider to let this account send from the address.")


class MailCatchallRefusedSender(models.Model):
    """A sender address under which an outgoing server's provider lets no mail
    through."""

    _name = "mail.catchall.refused.sender"
    _description = "Sender Address at a Provider"
    _order = "date desc, id desc"
    _rec_name = "address"

    mail_server_id = fields.Many2one(
        "ir.mail_server", required=True, index=True, ondelete="cascade"
    )
    address = fields.Char(required=True, readonly=True)
    shown_address = fields.Char(
        "Sender", compute="_compute_shown_address", compute_sudo=True
    )
    words = fields.Char("Server Message", readonly=True)
    date = fields.Datetime("Last Refused", readonly=True)
    remedy = fields.Char("What to Do", compute="_compute_remedy", compute_sudo=True)

    _address_uniq = models.Constraint(
        "UNIQUE(mail_server_id, address)", "This address is already in the list."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("address")
    @api.depends_context("lang")
    def _compute_shown_address(self):
        for refused in self:
            is_all = refused.address == EVERYBODY
            refused.shown_address = (
                self.env._("Everybody") if is_all else refused.address
            )

    @api.depends(
        "mail_server_id.catchall_provider", "mail_server_id.smtp_host", "address"
    )
    @api.depends_context("lang")
    def _compute_remedy(self):
        for refused in self:
            if refused.address == EVERYBODY:
                refused.remedy = self.env._(
                    "Solve the problem of each refused address below, then press Try "
                    "Again."
                )
            else:
                remedy = REMEDIES.get(refused._provider_code(), OTHER_REMEDY)
                refused.remedy = translated(self.env, remedy)

    def _provider_code(self):
        server = self.mail_server_id
        known = providers.of_host(server.smtp_host or "")
        return server.catchall_provider or (known.code if known else "")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try_again(self):
        """Forget the refusals: the next mail goes out under the address again."""
        self.check_access("unlink")
        self.unlink()
        return True

    # ------------------------------------------------------------
    # KNOWLEDGE
    # ------------------------------------------------------------

    @api.model
    def _refused_by(self, server_id):
        """Return two frozensets of addresses: those that a server refuses, of which
        EVERYBODY stands for all, and those it refused so long ago that they may be
        tried again."""
        days = self.env["ir.mail_server"].browse(server_id).catchall_refused_days
        limit = fields.Datetime.now() - timedelta(days=days)
        self.env.cr.execute(
            SQL(
                """
                SELECT address, date > %s
                  FROM mail_catchall_refused_sender
                 WHERE mail_server_id = %s
                """,
                limit,
                server_id,
            )
        )
        rows = self.env.cr.fetchall()
        return tuple(
            frozenset(address for address, is_recent in rows if is_recent is wanted)
            for wanted in (True, False)
        )

    @api.model
    def _remember_refused(self, server_id, addresses, words):
        """Note that a server refused these senders; tell whether from now on it
        gets nobody's mail but the account's own."""
        for address in addresses:
            self._upsert(server_id, address, words)
        since = fields.Datetime.now() - BREAKER_PERIOD
        recent = self.search(
            [
                ("mail_server_id", "=", server_id),
                ("date", ">", since),
            ]
        )
        addresses = recent.mapped("address")
        if EVERYBODY in addresses or len(addresses) < BREAKER_COUNT:
            return False
        self._upsert(server_id, EVERYBODY, words)
        return True

    @api.model
    def _upsert(self, server_id, address, words):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_refused_sender
                            (mail_server_id, address, words, date,
                             create_uid, write_uid, create_date, write_date)
                SELECT %(server)s, %(address)s, %(words)s, %(now)s,
                       %(uid)s, %(uid)s, %(now)s, %(now)s
                    ON CONFLICT (mail_server_id, address) DO UPDATE
                   SET words = %(words)s, date = %(now)s,
                       write_uid = %(uid)s, write_date = %(now)s
                """,
                server=server_id,
                address=address,
                words=words,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        )
        self.invalidate_model()

    @api.model
    def _forget_accepted(self, server_id, addresses):
        """Forget that these senders were refused once: the server took their mail."""
        self.search(
            [
                ("mail_server_id", "=", server_id),
                ("address", "in", list(addresses)),
            ]
        ).unlink()
