from odoo import models

from ...tools.mail import addresses
from ...tools.outbound import sent_copy
from .mail_mail import PERSONS_MESSAGES


class MailMail(models.Model):
    """Which mail is a person's own letter to somebody outside: its copy belongs into
    the Sent folder."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        routers = mail_server.sudo().catchall_router_ids if mail_server else []
        router = routers and routers.filtered("sent_folder")[:1]
        if not router or not self._catchall_is_letter():
            return emails
        own = router._own_domains()
        for email in emails:
            hosts = map(addresses.domain, email["email_to_normalized"])
            if not own.issuperset(hosts):
                email["headers"] = {
                    **email["headers"],
                    sent_copy.COPY_HEADER: str(router.id),
                }
        return emails

    def _catchall_is_letter(self):
        """Answer whether a user has sent this, and no program or mailing."""
        headers = self._catchall_read_headers(self.headers)
        automatic = any(name.lower() == "auto-submitted" for name in headers)
        mailing = self._fields.get("mailing_id") and self.mailing_id
        users = self.author_id.sudo().with_context(active_test=False).user_ids
        return bool(
            self.message_type in PERSONS_MESSAGES
            and not automatic
            and not mailing
            and users.filtered(lambda user: not user.share)
            and self.author_id != self.env.ref("base.partner_root")
        )
