import hashlib
import secrets

from odoo import api, fields, models
from odoo.tools import consteq

from ..windows import form

PATH = "/mail_catchall_router/health"
LARGEST_ID = 2**31 - 1


class MailCatchallRouter(models.Model):
    """The token by which a monitoring system asks for a router's health.

    Only its hash is stored: it is random, so that a plain one cannot be guessed back.
    """

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
        self.ensure_one()
        self.check_access("write")
        token = secrets.token_urlsafe(32)
        self.sudo().write(
            {
                "health_token_hash": self._hash_health_token(token),
                "health_token_date": fields.Datetime.now(),
            }
        )
        shown = self.env["mail.catchall.health.token"].create({"router_id": self.id})
        return form(
            shown,
            name=self.env._("Token for Monitoring"),
            target="new",
            context={"catchall_shown_token": token},
        )

    def action_forget_health_token(self):
        """End the token: nobody can ask any more."""
        self.check_access("write")
        self.sudo().write({"health_token_hash": False, "health_token_date": False})
        return True

    # ------------------------------------------------------------
    # TOKEN
    # ------------------------------------------------------------

    @api.model
    def _find_by_health_token(self, router_id, token):
        """Return the router that a request may ask about, else no router.

        The token is compared in constant time, also where there is no such router.

        :param router_id: str, as it came
        :param token: str, as it came
        """
        is_id = router_id.isascii() and router_id.isdigit() and len(router_id) < 11
        number = int(router_id) if is_id else 0
        router_sudo = self.sudo().search(
            [("id", "=", number if number <= LARGEST_ID else 0)]
        )
        known = router_sudo.health_token_hash or self._hash_health_token("")
        is_same = consteq(known, self._hash_health_token(token))
        return router_sudo if token and is_same else router_sudo.browse()

    @api.model
    def _hash_health_token(self, token):
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
