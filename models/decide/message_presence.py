from odoo import models

from ..ir_http import READER_GROUP

LOOKING = "mail_catchall_router.looking"
CHANGED = "mail_catchall_router.changed"


class MailCatchallMessage(models.Model):
    """Who is looking at a mail that waits, and that something was decided: told to the
    colleagues who see the triage of the same company, on the bus, and written down
    nowhere."""

    _inherit = "mail.catchall.message"

    def tell_looking(self):
        """Tell colleagues that this user is looking at the message just now."""
        self.ensure_one()
        self.check_access("read")
        channel, subchannel = self._looking_channel(self.company_id)
        user = self.env.user
        channel._bus_send(
            LOOKING,
            {"id": self.id, "user_id": user.id, "name": user.name},
            subchannel=subchannel,
        )

    def _tell_changed(self):
        """Tell colleagues that other mail waits now than before."""
        for company in self.company_id:
            channel, subchannel = self._looking_channel(company)
            channel._bus_send(CHANGED, {}, subchannel=subchannel)

    def _looking_channel(self, company):
        """Return the channel of those who see the mail of a company: a record, and
        the name of its part."""
        group = self.env.ref(READER_GROUP).sudo()
        return group, f"catchall-{company.id}"
