import json
import re

from odoo import models
from odoo.http import request

from ..tools.servers import sign_in

# Where Google and Microsoft send people back to, and core sends them on to.
SIGN_IN_PATHS = re.compile(r"/(?:google_gmail|microsoft_outlook)/(?:iap_)?confirm")
SERVER_PATH = re.compile(r"/odoo/(fetchmail\.server|ir\.mail_server)/(\d+)")


class IrHttp(models.AbstractModel):
    """Who signs in for the assistant comes back to it."""

    _inherit = "ir.http"

    @classmethod
    def _post_dispatch(cls, response):
        if SIGN_IN_PATHS.fullmatch(request.httprequest.path):
            cls._catchall_lead_back(response)
        return super()._post_dispatch(response)

    @classmethod
    def _catchall_lead_back(cls, response):
        """Lead to the assistant that waits for this sign-in, if one does."""
        Setup = request.env["mail.catchall.setup"]
        if not Setup.has_access("write"):
            return
        values = request.httprequest.args
        problem = _words_of(values) or _words_on(response)
        server = SERVER_PATH.search(response.headers.get("Location") or "")
        place = server.groups() if server else _place_of(values.get("state"))
        setup = Setup._of_sign_in(place[0], int(place[1]))
        if setup and (server or problem):
            setup._come_back(place[0], problem)
            response.headers["Location"] = f"/odoo/mail-router-setup/{setup.id}"
            response.status_code = 303


def _words_of(values):
    """Return what a provider says instead of a sign-in: its code and its words."""
    said = (values.get("error"), values.get("error_description"))
    return ": ".join(filter(None, said))


def _words_on(response):
    """Return what core's page says where it got no token for a sign-in; the page is
    drawn already, so that it no longer counts as a template."""
    shown = (response.qcontext or {}).get("error")
    return f"{sign_in.NO_TOKEN}: {shown}" if shown else ""


def _place_of(state):
    """Return (model, id) of what core wrote into a sign-in, ("", 0) for nothing."""
    try:
        found = json.loads(state or "")
        return str(found["model"]), int(found["id"])
    except (ValueError, KeyError, TypeError):
        return "", 0
