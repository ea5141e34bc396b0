from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """How many routing lanes there are, for the whole database."""

    _inherit = "res.config.settings"

    catchall_lanes = fields.Integer(
        "Routing Lanes",
        help="How many mails are routed at the same time, 1 to 16. More lanes help "
        "when much mail waits and the machine has processors to spare.",
    )

    @api.model
    def get_values(self):
        lanes = self.env["mail.catchall.message"]._lanes()
        return {**super().get_values(), "catchall_lanes": len(lanes)}

    def set_values(self):
        result = super().set_values()
        journal = self.env["mail.catchall.message"]
        # People save the settings for other reasons, also where no scheduled action
        # is active.
        if self.catchall_lanes != len(journal._lanes()):
            journal._set_lanes(self.catchall_lanes)
        return result
