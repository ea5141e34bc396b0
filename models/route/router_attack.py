from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.mail import addresses


class MailCatchallRouter(models.Model):
    """Bursts, attacks and traps: how much of one kind of mail is too much."""

    _inherit = "mail.catchall.router"

    burst_count = fields.Integer(
        "Identical Mails Allowed",
        default=10,
        help="So many mails with the same sender, subject and beginning pass within "
        "the minutes below; what follows is held. 0: no limit.",
    )
    burst_minutes = fields.Integer(
        "Period (minutes)",
        default=10,
        help="The time in which the mails of the same kind are counted. A longer time "
        "also stops what comes slowly.",
    )
    attack_count = fields.Integer(
        "Unknown Addresses per Hour",
        default=10,
        help="When one sender or one network tries more addresses that do not exist "
        "in an hour, it is an attack: its mail is put together for one decision. 0: "
        "never.",
    )
    attack_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Discard it")],
        "Mail of an Attack",
        required=True,
        default="held",
        help="What happens to the mail of such an attack. A network can be that of a "
        "large provider: discarding may hit a customer who mistypes an address.",
    )
    trap_addresses = fields.Text(
        help="Addresses of yours that nobody real writes to, one per line: robots that "
        "collect addresses find them on a hidden place of your website. Without a "
        "domain: at each of the router's domains.",
    )
    trap_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Discard it")],
        "Mail to a Trap",
        required=True,
        default="held",
        help="What happens to a mail to a trap address. Other mail of its sender is "
        "held for 24 hours.",
    )

    last_attack = fields.Datetime(
        readonly=True,
        help="When the last such attack began.",
    )

    _limits_positive = models.Constraint(
        "CHECK (burst_count >= 0 AND burst_minutes > 0 AND attack_count >= 0)",
        "A limit cannot be negative, and a burst takes at least a minute.",
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
                    self.env._("%s is no address of this router's domains.", foreign[0])
                )
            if used := router._find_used(traps):
                raise ValidationError(
                    self.env._(
                        "%s is in use, people write to it: it cannot be a trap.", used
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
