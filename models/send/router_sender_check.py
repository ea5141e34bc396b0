from odoo import models

from ...tools.mail import addresses


class MailCatchallRouter(models.Model):
    """Which senders Odoo has, for the check of the outgoing server."""

    _inherit = "mail.catchall.router"

    def action_check_senders(self):
        """Ask the outgoing server whom it lets the account write as.

        :return: the action that shows the answers
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["mail.catchall.sender.check"]._start(self)

    def _senders_to_check(self):
        """Return {address: who uses it}: of the account, of the companies and domains
        with what they notify and bounce with, of all internal users, of templates.

        Templates whose sender is made per document are left out: it is one of the
        others.
        """
        router = self.sudo()
        domains = router.alias_domain_ids
        companies = router.company_id | domains.company_ids
        users = router.env["res.users"].search(
            [("share", "=", False), ("company_ids", "in", companies.ids)]
        )
        templates = router.env["mail.template"].search(
            [("email_from", "!=", False), ("email_from", "not like", "{{")]
        )
        root = router.env.ref("base.user_root")
        found = {}
        for who, email in (
            (self.env._("The account"), router.account_email),
            *((self.env._("Notifications"), one.default_from_email) for one in domains),
            *((self.env._("Bounces"), one.bounce_email) for one in domains),
            *((one.name, one.email) for one in companies),
            (root.name, root.email),
            *((one.name, one.email) for one in users),
            *((one.name, one.email_from) for one in templates),
        ):
            address = addresses.normalize(email or "")
            if address:
                found.setdefault(address, who)
        return found
