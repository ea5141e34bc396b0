from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

PERIOD = timedelta(days=1)
MOST_LINES = 100


class MailCatchallRouter(models.Model):
    """The daily list of received mail: what came in on the documents that a user is
    responsible for."""

    _inherit = "mail.catchall.router"

    @api.model
    def _cron_received(self):
        """Tell each responsible user of the mail of the last day, if there was any."""
        found = self._find_of_last_day()
        commit_progress = self.env["ir.cron"]._commit_progress
        if found:
            commit_progress(remaining=len(found))
        for user, deliveries in found.items():
            self.with_context(lang=user.lang)._send_received(user, deliveries)
            if not commit_progress(1):
                break

    @api.model
    def _find_of_last_day(self):
        """Return {``res.users``: deliveries} of the last day, newest first."""
        deliveries = self.env["mail.catchall.delivery"].search(
            [
                ("state", "=", "delivered"),
                ("create_date", ">", fields.Datetime.now() - PERIOD),
            ],
            order="id desc",
        )
        found = {}
        for model, arrived in deliveries.grouped("model").items():
            if model not in self.env:
                continue
            ids = set(arrived.mapped("res_id"))
            responsible = {
                record.id: self._responsible_of(record)
                for record in self.env[model].browse(ids).exists()
            }
            for delivery in arrived:
                if user := responsible.get(delivery.res_id):
                    found[user] = found.get(user, deliveries.browse()) | delivery
        return found

    @api.model
    def _send_received(self, user, deliveries):
        self.env["mail.thread"].with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.env._("Mail of the last day: %s", len(deliveries)),
            body=Markup("<ul>%s</ul>")
            % Markup("").join(
                self._received_line(user, delivery)
                for delivery in deliveries[:MOST_LINES]
            ),
        )

    @api.model
    def _received_line(self, user, delivery):
        """Return one mail as a list item that leads to its document."""
        message = delivery.message_id
        url = (
            f"{self.get_base_url()}/mail/view"
            f"?model={delivery.model}&res_id={delivery.res_id}"
        )
        return Markup('<li>%s – %s: <a href="%s">%s</a></li>') % (
            format_datetime(self.env, delivery.create_date, tz=user.tz),
            message.email_from or "",
            url,
            message.subject or delivery.record_name or "",
        )
