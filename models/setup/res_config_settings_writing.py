from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..send.mail_mail_undo import SECONDS_PARAMETER

PARAMETER = "mail_catchall_router.composer_copies"
OFFERED = "auto"
LONGEST_UNDO = 120
# Addons that have the same in the same place.
RIVALS = ("mail_composer_cc_bcc",)


class ResConfigSettings(models.TransientModel):
    """What the window offers in which people write emails."""

    _inherit = "res.config.settings"

    catchall_undo_seconds = fields.Integer(
        "Undo",
        config_parameter=SECONDS_PARAMETER,
        help="So many seconds after somebody presses Send in Odoo an email can be "
        "taken back. 0: it leaves at once.",
    )
    catchall_composer_copies = fields.Selection(
        [
            (OFFERED, "Yes, unless another addon does"),
            ("yes", "Yes"),
            ("no", "No"),
        ],
        "Cc and Bcc",
        config_parameter=PARAMETER,
        default=OFFERED,
        help="Whether people who write an email in the full window can send copies, "
        "visible to all (Cc) or hidden from the others (Bcc).",
    )

    @api.constrains("catchall_undo_seconds")
    def _check_catchall_undo_seconds(self):
        for settings in self:
            if not 0 <= settings.catchall_undo_seconds <= LONGEST_UNDO:
                raise ValidationError(
                    self.env._("An email can wait for up to %s seconds.", LONGEST_UNDO)
                )
