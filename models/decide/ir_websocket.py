from odoo import models

from ..ir_http import READER_GROUP


class IrWebsocket(models.AbstractModel):
    """Who reads the mail of a company hears who else is looking at it."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Add the channels of the companies whose waiting mail this user sees."""
        if self.env.user.has_group(READER_GROUP):
            messages = self.env["mail.catchall.message"]
            theirs = map(messages._looking_channel, self.env.user.company_ids)
            channels = [*channels, *theirs]
        return super()._build_bus_channel_list(channels)
