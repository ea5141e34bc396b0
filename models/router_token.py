import hashlib
import secrets

from odoo import api, fields, models
from odoo.tools import consteq

from .windows import form

LARGEST_ID = 2**31 - 1


class MailCatchallRouter(models.Model):
    """Tokens by which other programs speak to a router: one of each kind.

    ``KIND_token_hash`` and ``KIND_token_date`` hold it. Only its hash is stored: it is
    random, so that a plain one cannot be guessed back.
    """

    _inherit = "mail.catchall.router"

    def _issue_token(self, kind, name):
        """Make a new token, which ends the old one, and show it this once.

        :param kind: "health" or "intake"
        :param name: str, title of the window
        """
        self.ensure_one()
        self.check_access("write")
        token = secrets.token_urlsafe(32)
        self.sudo().write(
            {
                f"{kind}_token_hash": self._hash_token(token),
                f"{kind}_token_date": fields.Datetime.now(),
            }
        )
        shown = self.env[f"mail.catchall.{kind}.token"].create({"router_id": self.id})
        return form(
            shown, name=name, target="new", context={"catchall_shown_token": token}
        )

    def _revoke_token(self, kind):
        """End the token: nobody can use it any more."""
        self.check_access("write")
        self.sudo().write({f"{kind}_token_hash": False, f"{kind}_token_date": False})
        return True

    @api.model
    def _find_by_token(self, kind, router_id, token):
        """Return the active router that a request with this token may speak to, in
        sudo, else no router.

        The token is compared in constant time, also where there is no such router.

        :param router_id: int, as it came
        :param token: str, as it came
        """
        number = router_id if router_id <= LARGEST_ID else 0
        router_sudo = self.sudo().search([("id", "=", number)])
        known = router_sudo[f"{kind}_token_hash"] or self._hash_token("")
        is_same = consteq(known, self._hash_token(token))
        return router_sudo if token and is_same else router_sudo.browse()

    @api.model
    def _hash_token(self, token):
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
