from odoo import api, models

from ...tools.mail import addresses
from ...tools.outbound import message_ids
from .mail_mail import is_automatic, odoobot

# What Odoo writes by itself about a document to people.
WRITTEN_BY_ODOO = ("auto_comment", "email_outgoing", "notification")
# What people write, and programs in OdooBot's name, too.
WRITTEN_BY_ANYBODY = ("comment", "user_notification")
# Talk, of which nothing is mailed.
TALK = "discuss.channel"


class MailMessage(models.Model):
    """What a message on a document says of itself: who wrote it, where answers to it
    go, and by which Message-ID it is known.

    What Odoo writes by itself comes from the document's alias or the responsible user:
    OdooBot has an address that nobody may send as.
    """

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env["mail.catchall.router"]._is_in_use():
            return super().create(vals_list)
        self._catchall_name_senders(vals_list)
        return super().create(
            [
                dict(
                    values,
                    reply_to=self._catchall_lead_back(values["reply_to"], values),
                )
                if values.get("reply_to")
                else values
                for values in vals_list
            ]
        )

    # ------------------------------------------------------------
    # REPLY-TO AND MESSAGE-ID
    # ------------------------------------------------------------

    def _get_reply_to(self, values):
        return self._catchall_lead_back(super()._get_reply_to(values), values)

    def _catchall_lead_back(self, reply_to, values):
        """Return a Reply-To that names no other document than the message's."""
        model, res_id = values.get("model"), values.get("res_id")
        if not model or not res_id or model not in self.env:
            return reply_to
        return self.env[model].browse(res_id)._catchall_own_reply_to(reply_to)

    @api.model
    def _get_message_id(self, values):
        """Put the token in front, and the sender's domain in the place of the machine's
        name: what core reads of its own ids stands between them."""
        message_id = super()._get_message_id(values)
        Router = self.env["mail.catchall.router"]
        if not Router._is_sending():
            return message_id
        MailServer = self.env["ir.mail_server"].sudo()
        domain = MailServer._catchall_message_domain(values.get("email_from"))
        message_id = message_ids.at_domain(message_id, domain)
        return f"<{Router._make_token(message_id)}.{message_id.removeprefix('<')}"

    # ------------------------------------------------------------
    # SENDER
    # ------------------------------------------------------------

    @api.model
    def _catchall_name_senders(self, vals_list):
        """Give Odoo's own messages their sender."""
        for index, sender in self._catchall_find_senders(vals_list).items():
            values = vals_list[index]
            # In place: a mail.mail that is just being made keeps these very values.
            replaced = addresses.normalize(values.get("email_from") or "")
            if replaced and addresses.normalize(values.get("reply_to") or "") == (
                replaced
            ):
                values["reply_to"] = sender
            values["email_from"] = sender

    @api.model
    def _catchall_find_senders(self, vals_list):
        """Return {index: formatted address} of those of these values that are of
        Odoo's own messages and for which nobody has chosen a sender."""
        written = {
            index: values
            for index, values in enumerate(vals_list)
            if self._catchall_is_written_by_odoo(values)
            # Most have a sender: no router need be looked up for them.
            and self._catchall_is_nameless(values, {})
        }
        if not written:
            return {}
        Router = self.env["mail.catchall.router"]
        routers = Router._automatic_routers()
        documents, senders = {}, {}
        for index, values in written.items():
            if routers and self._catchall_is_nameless(values, routers):
                found = documents.setdefault(values["model"], {})
                found.setdefault(values["res_id"], []).append(index)
        for model, indexes in documents.items():
            records = self.env[model].browse(indexes)
            for res_id, sender in Router._automatic_senders(records, routers).items():
                senders.update(dict.fromkeys(indexes[res_id], sender))
        return senders

    @api.model
    def _catchall_is_written_by_odoo(self, values):
        kind = values.get("message_type")
        is_logged = kind in WRITTEN_BY_ODOO and values.get("is_internal")
        return bool(
            kind in WRITTEN_BY_ODOO + WRITTEN_BY_ANYBODY
            and values.get("model") in self.env
            and values.get("model") != TALK
            and values.get("res_id")
            and not is_logged
        )

    @api.model
    def _catchall_is_nameless(self, values, routers):
        """Tell whether a message would come from OdooBot; or, while an automation
        runs, from a user whose address no router serves.

        :param routers: {domain name: router}
        """
        if not values.get("email_from", True):
            return False
        own = addresses.normalize(self.env.user.email or "")
        sender = addresses.normalize(values.get("email_from", own))
        by_anybody = values["message_type"] in WRITTEN_BY_ANYBODY
        robot = odoobot(self.env)
        if sender == own and by_anybody and self.env.user.partner_id != robot:
            # Most are a person's own: OdooBot's address need not be read for them.
            return False
        if sender == robot.email_normalized or not (sender or by_anybody):
            return True
        if by_anybody or not is_automatic(self.env) or sender != own:
            return False
        return addresses.domain(own) not in routers
