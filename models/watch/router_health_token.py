from odoo import api, fields, models

PATH = "/mail_catchall_router/health"


class MailCatchallRouter(models.Model):
    """The token by which a monitoring system asks for a router's health."""

    _inherit = "mail.catchall.router"

    health_token_hash = fields.Char(groups=fields.NO_ACCESS, copy=False)
    health_token_date = fields.Datetime(
        "Monitoring Token Made", readonly=True, copy=False
    )
    health_url = fields.Char("Monitoring Address", compute="_compute_health_url")

    def _compute_health_url(self):
        for router in self:
            router.health_url = (
                f"{router.get_base_url()}{PATH}?router={router.id}"
                if router.id
                else False
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_make_health_token(self):
        """Make a new token, which ends the old one, and show it this once."""
        return self._issue_token("health", self.env._("Token for Monitoring"))

    def action_forget_health_token(self):
        """End the token: nobody can ask any more."""
        return self._revoke_token("health")

    # ------------------------------------------------------------
    # TOKEN
    # ------------------------------------------------------------

    @api.model
    def _find_by_health_token(self, router_id, token):
        """Return the router that a request may ask about, else no router.

        :param router_id: str, as it came
        :param token: str, as it came
        """
        is_id = router_id.isascii() and router_id.isdigit() and len(router_id) < 11
        return self._find_by_token("health", int(router_id) if is_id else 0, token)
