from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.mail import addresses


class MailCatchallSender(models.Model):
    """A sender, by address or by whole domain, whose mail a person blocks or
    allows. An address counts before its domain."""

    _name = "mail.catchall.sender"
    _description = "Blocked or Allowed Sender"
    _order = "pattern"
    _rec_name = "pattern"

    pattern = fields.Char(
        "Address or Domain",
        required=True,
        help="somebody@example.com, or example.com for everybody there.",
    )
    policy = fields.Selection(
        [("block", "Block"), ("allow", "Allow"), ("not_spam", "Not Spam")],
        required=True,
        default="block",
        help="Blocked: the email is ignored. Allowed: spam verdicts, the loop guard "
        "and the other checks let it pass. Not spam: spam verdicts let it pass.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="The list counts for mail that arrives for this company.",
    )

    _pattern_uniq = models.Constraint(
        "UNIQUE(pattern, company_id)", "This sender is already in the list."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("pattern")
    def _check_pattern(self):
        for sender in self:
            if not sender.pattern or sender.pattern != self._normalize(sender.pattern):
                raise ValidationError(
                    self.env._(
                        "“%s” is neither an email address nor a domain.",
                        sender.pattern,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalized(values) for values in vals_list])

    def write(self, vals):
        return super().write(self._normalized(vals))

    def _normalized(self, values):
        if "pattern" not in values:
            return values
        pattern = self._normalize(values["pattern"]) or values["pattern"]
        return dict(values, pattern=pattern)

    @api.model
    def _normalize(self, pattern):
        """Return an address or a domain as it is stored, '' if it is neither."""
        pattern = (pattern or "").strip().lstrip("@")
        if "@" in pattern:
            return addresses.normalize(pattern)
        if len(pattern.split()) != 1:
            return ""
        return addresses.domain(addresses.normalize(f"postmaster@{pattern}"))

    # ------------------------------------------------------------
    # LOOK-UP
    # ------------------------------------------------------------

    @api.model
    def _policies_for(self, senders):
        """Return {(address, company): "block", "allow" or "not_spam"} of senders, as
        far as a person has said something of them.

        Core's own list of allowed senders (``mail.gateway.allowed``) counts too.

        :param senders: set of (normalised address, company)
        """
        senders = {sender for sender in senders if sender[0]}
        known = self.sudo()._policies_of(
            {one for address, _company in senders for one in _patterns(address)},
            self.env["res.company"].concat(*(company for _, company in senders)),
        )
        allowed = self._find_allowed([address for address, _company in senders])
        return {
            (address, company): policy
            for address, company in senders
            if (policy := self._policy_in(known, allowed, address, company))
        }

    @api.model
    def _policy_in(self, known, allowed, address, company):
        policies = (known.get((one, company)) for one in _patterns(address))
        default = "allow" if address in allowed else ""
        return next(filter(None, policies), default)

    @api.model
    def _find_allowed(self, senders):
        """Return the set of those of these addresses that core's list allows."""
        if not senders:
            return set()
        found = (
            self.env["mail.gateway.allowed"]
            .sudo()
            .search_fetch([("email_normalized", "in", senders)], ["email_normalized"])
        )
        return set(found.mapped("email_normalized"))

    @api.model
    def _set(self, address, company, policy):
        """Block or allow a sender; what the list said before is replaced."""
        known = self.search(
            [("pattern", "=", address), ("company_id", "=", company.id)]
        )
        if known:
            known.policy = policy
            return known
        return self.create(
            {"pattern": address, "company_id": company.id, "policy": policy}
        )

    @api.model
    def _policies_of(self, patterns, companies):
        """Return {(pattern, company): policy} as far as the list has them.

        :param patterns: normalised addresses and domains
        """
        known = self.search(
            [("pattern", "in", list(patterns)), ("company_id", "in", companies.ids)]
        )
        return {(one.pattern, one.company_id): one.policy for one in known}

    @api.model
    def _restore(self, pattern, company, policy, former):
        """Undo a ``_set``, unless somebody has changed the entry since.

        :param former: the policy from before, or ""
        """
        entry = self.search(
            [
                ("pattern", "=", pattern),
                ("company_id", "=", company.id),
                ("policy", "=", policy),
            ]
        )
        if former:
            entry.policy = former
        else:
            entry.unlink()


def _patterns(address):
    """Return what a list may know a sender by, the closest first."""
    return address, addresses.domain(address)
