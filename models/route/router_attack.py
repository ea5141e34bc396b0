from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.mail import addresses


class MailCatchallRouter(models.Model):
    """Bursts, attacks and traps: how much of one kind of mail is too much."""

    _inherit = "mail.catchall.router"

    burst_count = fields.Integer(
        "Identical Emails Allowed",
        default=10,
        help="This many emails with the same sender, subject and beginning pass "
        "within the minutes below; the following ones are held. 0: no limit.",
    )
    burst_minutes = fields.Integer(
        "Period (minutes)",
        default=10,
        help="The period in which Odoo counts emails of the same kind. A longer "
        "period also stops what comes slowly.",
    )
    attack_count = fields.Integer(
        "Unknown Addresses per Hour",
        default=10,
        help="When one sender or one network tries more addresses that do not exist "
        "in an hour, it is an attack: Odoo groups the emails for one decision. 0: "
        "never.",
    )
    attack_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Discard it")],
        "Mail of an Attack",
        required=True,
        default="held",
        help="What happens to the email of such an attack. The network may belong to "
        "a large provider: discarding may hit a customer who mistypes an address.",
    )
    trap_addresses = fields.Text(
        help="Addresses on your domains that no real person writes to, one per line: "
        "hide them on your website, where only address-collecting robots find them. "
        "Without a domain: on each of the router's domains.",
    )
    trap_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Discard it")],
        "Mail to a Trap",
        required=True,
        default="held",
        help="What happens to an email to a trap address. Other mail of its sender "
        "is held for 24 hours.",
    )

    last_attack = fields.Datetime(
        readonly=True,
        help="When the last such attack began.",
    )

    _limits_positive = models.Constraint(
        "CHECK (burst_count >= 0 AND burst_minutes > 0 AND attack_count >= 0)",
        "A limit cannot be negative, and the period of repeated email is at least a "
        "minute.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("trap_addresses", "alias_domain_ids")
    def _check_trap_addresses(self):
        for router in self:
            traps = router._trap_addresses()
            own = router._own_domains()
            foreign = [one for one in traps if addresses.domain(one) not in own]
            if foreign and own:
                raise ValidationError(
                    self.env._(
                        "%s is not an address on this router's domains.", foreign[0]
                    )
                )
            if used := router._find_used(traps):
                raise ValidationError(
                    self.env._(
                        "%s is in use, and people write to it: it cannot be a trap.",
                        used,
                    )
                )

    def _find_used(self, traps):
        """Return one of these addresses that is an alias's or the account's, or ''."""
        alias = self.env["mail.alias"].search(
            [("alias_full_name", "in", list(traps))], limit=1
        )
        return alias.alias_full_name or next(
            iter(traps & self._account_addresses()), ""
        )

    # ------------------------------------------------------------
    # TRAPS
    # ------------------------------------------------------------

    def _trap_addresses(self):
        """Return the frozenset of the trap addresses, normalised."""
        words = (self.trap_addresses or "").replace(",", " ").split()
        full = {word for word in words if "@" in word}
        local_parts = set(words) - full
        full |= {f"{one}@{name}" for one in local_parts for name in self._own_domains()}
        return frozenset(filter(None, map(addresses.normalize, full)))
