import ast

from odoo import api, models

from ...tools.inbound import automatic
from ...tools.mail import addresses
from ...tools.outbound import sent_copy
from .mail_mail import odoobot

# What Odoo writes by itself, whoever's name stands on it.
AUTOMATIC_TYPES = ("notification", "auto_comment", "out_of_office", "user_notification")
# What a person has written or made a template write.
PERSONS_MESSAGES = ("comment", "email_outgoing")


class MailMail(models.Model):
    """What a mail of a router's server says of itself on the wire: who wrote it, where
    answers and bounces go, that a program wrote it (RFC 3834 5), and that its copy
    belongs into the Sent folder."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Give a mail of the router's server what a person expects of it.

        Core has just written that it sends the mail. That goes to the database before
        anything goes out: who has taken the mail back meanwhile has done it in time.
        """
        if not self.env["mail.catchall.router"]._is_sending():
            return super()._prepare_outgoing_list(
                mail_server=mail_server, doc_to_followers=doc_to_followers
            )
        self.flush_recordset(["state"])
        server = mail_server.sudo() if mail_server else self.env["ir.mail_server"]
        routers = server._catchall_routers()
        if routers:
            self._catchall_require_author()
            self._catchall_complete_reply_to()
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        led = self._catchall_lead_to_readers(emails) if routers else {}
        self._catchall_name_copies(emails, led)
        if routers:
            self._catchall_ask_for_copies(routers, emails)
            reply_to = self._catchall_name_reply_to()
            for email in emails:
                email["headers"] = self._catchall_headers(server, email)
                email["reply_to"] = reply_to
        return emails

    # ------------------------------------------------------------
    # AUTHOR AND REPLY-TO
    # ------------------------------------------------------------

    def _catchall_require_author(self):
        """Refuse to send a person's mail under a name that is not the person's: an
        author without an address is told so, and the mail is kept. What Odoo notifies
        by itself goes out in the company's name, as core does it."""
        if self.email_from or not self.author_id:
            return
        if self.message_type not in PERSONS_MESSAGES:
            return
        # Core shows the second argument of this assertion as the reason.
        raise AssertionError(
            self.env["ir.mail_server"].NO_VALID_FROM,
            self.env._(
                "%s has no email address. Set one on the user or the contact, then "
                "press Retry.",
                self.author_id.display_name,
            ),
        )

    def _catchall_rename_robot(self):
        """Have nothing come from OdooBot, whose address nobody may send as and nobody
        reads, from whatever program it is: the document's alias or the responsible
        user stands for it, the company where there is no document."""
        robot = odoobot(self.env).email_normalized
        named = self.sudo().filtered(
            lambda mail: (
                robot in (mail.email_from or "").lower()
                or robot in (mail.reply_to or "").lower()
            )
        )
        routers = named and self.env["mail.catchall.router"]._automatic_routers()
        for mail in named if routers else ():
            sender = mail._catchall_stand_in(routers)
            for name in ("email_from", "reply_to"):
                if sender and addresses.normalize(mail[name] or "") == robot:
                    mail[name] = sender

    def _catchall_name_reply_to(self):
        """Return an answer's address with the name of who stands for OdooBot, whom core
        takes for the author."""
        robot, address = self._catchall_batch().robot
        answered = addresses.first_mailbox(self.reply_to or "")
        sender = addresses.first_mailbox(self.email_from or "")
        if answered.name == robot and sender.address != address:
            name = sender.name or self.env.company.name
            return addresses.format_address(name, answered.address)
        return self.reply_to

    def _catchall_stand_in(self, routers):
        """Return the formatted address of who stands for OdooBot in a mail, '' where
        no router says so.

        :param routers: what ``_automatic_routers`` returns
        """
        Router = self.env["mail.catchall.router"]
        if self.res_id and self.model in self.env:
            document = self.env[self.model].browse(self.res_id)
            if document.exists():
                return Router._automatic_senders(document, routers).get(self.res_id, "")
        company = self.record_company_id or self.env.company
        return Router._choose_sender({}, company, routers)

    def _catchall_is_of_robot(self):
        """Tell whether OdooBot is the author: a program wrote it, whatever it says."""
        return self.author_id == odoobot(self.env)

    def _catchall_complete_reply_to(self):
        """Lead the answer back to the document: core leaves it to the author's own
        address when a template names none."""
        if self.reply_to or not self.res_id or self.reply_to_force_new:
            return
        if self.env["ir.model"]._get(self.model).is_mail_thread:
            self.reply_to = self.mail_message_id._get_reply_to(
                {
                    "model": self.model,
                    "res_id": self.res_id,
                    "email_from": self.email_from,
                    "author_id": self.author_id.id,
                }
            )

    # ------------------------------------------------------------
    # HEADERS
    # ------------------------------------------------------------

    def _catchall_headers(self, server, email):
        """Return the headers of one of this mail's copies.

        :param server: ``ir.mail_server`` of a router, in sudo
        :param email: dict of one copy, as core prepares it
        """
        headers = dict(email["headers"])
        if self.message_type in AUTOMATIC_TYPES or self._catchall_is_of_robot():
            headers = automatic.marked(headers)
        bounce_address = server._catchall_bounce_address(
            self.mail_message_id.id, email["email_to_normalized"]
        )
        if bounce_address:
            headers["Return-Path"] = bounce_address
        return headers

    def _catchall_mark_automatic(self):
        """Keep with these mails that a program wrote them: once they are sent,
        nothing else tells."""
        for mail in self:
            headers = self._catchall_read_headers(mail.headers)
            mail.headers = repr(automatic.marked(headers))

    @api.model
    def _catchall_read_headers(self, text):
        """Return the dict in a mail's ``headers``; empty where it is none, as core
        takes it."""
        try:
            headers = ast.literal_eval(text or "{}")
        except (SyntaxError, ValueError):
            return {}
        return headers if isinstance(headers, dict) else {}

    # ------------------------------------------------------------
    # THE COPY FOR THE SENT FOLDER
    # ------------------------------------------------------------

    def _catchall_ask_for_copies(self, routers, emails):
        """Mark the copies of a person's own letter that go to somebody outside.

        :param routers: ``mail.catchall.router`` of the server, in sudo
        :param emails: list of dicts, one for each copy, as core prepares them
        """
        router = routers.filtered("sent_folder")[:1]
        if not router or not self._catchall_is_letter():
            return
        own = router._own_domains()
        for email in emails:
            hosts = map(addresses.domain, email["email_to_normalized"])
            if not own.issuperset(hosts):
                email["headers"] = {
                    **email["headers"],
                    sent_copy.COPY_HEADER: str(router.id),
                }

    def _catchall_is_letter(self):
        """Tell whether a user has sent this, and no program or mailing."""
        headers = self._catchall_read_headers(self.headers)
        marked = any(name.lower() == "auto-submitted" for name in headers)
        mailing = self._fields.get("mailing_id") and self.mailing_id
        users = self.author_id.sudo().with_context(active_test=False).user_ids
        return bool(
            self.message_type in PERSONS_MESSAGES
            and not marked
            and not mailing
            and users.filtered(lambda user: not user.share)
            and not self._catchall_is_of_robot()
        )
