from werkzeug.routing import Rule

from odoo import http, models

ADDON = "mail_catchall_router"
READER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"


class IrHttp(models.AbstractModel):
    """The web client knows from the start whether its user reads the journal: it asks
    nothing for those who don't."""

    _inherit = "ir.http"

    def _register_hook(self):
        super()._register_hook()
        _answer_without_database()

    def session_info(self):
        result = super().session_info()
        result["catchall_reader"] = self.env.user.has_group(READER_GROUP)
        if self.env.user._is_internal():
            seconds = self.env["mail.mail"]._catchall_undo_seconds()
            result["catchall_undo_seconds"] = seconds
        return result


def _answer_without_database():
    """Let our public addresses be found while no database can be reached, too.

    Odoo would answer 404, which is the last word for some who hand over mail; ours ask
    them to come again.
    """
    found = http.root.nodb_routing_map
    known = {rule.rule for rule in found.iter_rules()}
    for path, endpoint in http._generate_routing_rules([ADDON], nodb_only=True):
        if path not in known:
            methods = [*endpoint.routing["methods"], "OPTIONS"]
            found.add(Rule(path, endpoint=endpoint, methods=methods))
