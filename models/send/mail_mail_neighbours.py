from odoo import models

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.outbound.attempts import DEFERRED, OPEN, REFUSED
from .sending_run import SendingRun

# OCA's addons that put a box into a mail's text whenever it is sent.
TEXT_WRITERS = ("mail_show_follower",)
# What OCA's mail_tracking knows of each letter.
TRACKING = "mail.tracking.email"


class MailMail(models.Model):
    """What addons of others do at each attempt to send a mail, who do not expect a
    second one, nor one that fails without an exception."""

    _inherit = "mail.mail"

    def _catchall_texts(self):
        """Return {id: text} of these mails where an addon writes into them before each
        attempt, else {}."""
        installed = self.env["ir.module.module"]._installed()
        if installed.keys().isdisjoint(TEXT_WRITERS):
            return {}
        return {mail.id: mail.body_html for mail in self}

    def _catchall_take_text_back(self):
        """Give a mail that will be tried again the text that it had before the run."""
        text = SendingRun.of(self.env).texts.get(self.id)
        if text is not None and text != self.body_html:
            self.body_html = text

    def _catchall_tell_trackings(self, attempt, *, is_final):
        """Tell mail_tracking who will not get the mail, and have it forget the letters
        that will be made again.

        :param attempt: ``attempts.Attempt``
        :param is_final: whether nothing is tried again
        """
        if TRACKING not in self.env:
            return
        lost = {REFUSED, DEFERRED} if is_final else {REFUSED}
        silent = [("mail_id", "in", self.ids), ("state", "=", False)]
        for tracking in self.env[TRACKING].sudo().search(silent):
            person = (tracking.partner_id.id, tracking.recipient_address)
            outcome = attempt.result_of(*person)
            if outcome and outcome.state in lost:
                # As it does itself where core raises.
                error = MailDeliveryException(outcome.words)
                host = self.mail_server_id.sudo().smtp_host or ""
                tracking.smtp_error(self.env["ir.mail_server"], host, error)
            elif not is_final and (outcome is None or outcome.state in OPEN):
                tracking.unlink()
