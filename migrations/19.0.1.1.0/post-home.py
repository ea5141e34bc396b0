"""Keep what the signatures of this database begin with, and which database it is.

Until 19.0.1.0.0 signatures named the database by its uuid, which a restore changes.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.mail_catchall_router.models.send.router_signing import (
    ID_PARAMETER,
    KEYS_PARAMETER,
)


def migrate(cr, version):
    """Write the uuid down as the name to sign with, and this database as the home of
    all routers."""
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    parameters = env["ir.config_parameter"]
    if parameters.get_param(KEYS_PARAMETER) and not parameters.get_param(ID_PARAMETER):
        parameters.set_param(ID_PARAMETER, parameters.get_param("database.uuid"))
    env["mail.catchall.router"].search([])._take_home()
