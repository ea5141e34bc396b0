import re

from odoo import api, models

# What leads from a link in a mail to its document: the link's parameter, and the model
# that has the token. Survey invites people with mail that names no document.
LINKS = (("answer_token", "survey.user_input", "access_token"),)
TOKEN = r"[?&;]{parameter}=(?P<token>[\w-]+)"


class MailMail(models.Model):
    """An answer to a mail that names no document, but links to one, finds it."""

    _inherit = "mail.mail"

    @api.model
    def _catchall_lead_by_links(self, vals_list):
        """Return these values, those without a document with the Reply-To of the
        one that their text links to: core would write the bare catch-all address."""
        if not self.env["mail.catchall.router"]._is_in_use():
            return vals_list
        return [self._catchall_lead_by_link(values) for values in vals_list]

    @api.model
    def _catchall_lead_by_link(self, values):
        named = ("reply_to", "model", "mail_message_id")
        found = not any(map(values.get, named)) and self._catchall_linked(values)
        if not found:
            return values
        reply_to = found._notify_get_reply_to(default=values.get("email_from"))
        return dict(values, reply_to=reply_to[found.id])

    @api.model
    def _catchall_linked(self, values):
        """Return the document, in sudo, that a mail links to, or None."""
        body = str(values.get("body_html") or "")
        for parameter, model, field in LINKS:
            if model not in self.env or parameter not in body:
                continue
            if link := re.search(TOKEN.format(parameter=parameter), body):
                domain = [(field, "=", link["token"])]
                return self.env[model].sudo().search(domain, limit=1) or None
        return None
