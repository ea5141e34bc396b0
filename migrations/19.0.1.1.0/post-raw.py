"""Have raw mail that is kept as base64 written anew, as bytes, while Odoo works.

It is read in either form. ``mail.catchall.message._gc_recode`` goes on from here.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.mail_catchall_router.models.journal.message_keep import (
    RECODED_PARAMETER,
)


def migrate(cr, version):
    """Note which is the newest raw mail that may be base64."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("SELECT max(id) FROM mail_catchall_message WHERE raw IS NOT NULL")
    (newest,) = cr.fetchone()
    if newest:
        env["ir.config_parameter"].set_param(RECODED_PARAMETER, newest + 1)
