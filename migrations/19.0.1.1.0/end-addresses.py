"""Make the index of whole addresses on the tables of other apps: an update of this one
does not begin them anew, and most of them are loaded after it."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Make these indexes."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for model in env["mail.thread.blacklist"]._catchall_models():
        model.init()
