from markupsafe import escape

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.outbound.attempts import ACCEPTED, REFUSED, UNKNOWN
from ..cleaning import delete_outdated
from .sending_run import SendingRun

#: What the messaging menu counts as a failure.
FAILED = ("bounce", "exception")


class MailMail(models.Model):
    """A refused mail leaves a trace until somebody has seen it.

    Core deletes what a program has sent together with its message, also where the
    recipient's address was refused. Here mail, message and reason stay; the document
    shows it, and its author or the responsible user is told.
    """

    _inherit = "mail.mail"

    catchall_is_kept = fields.Boolean(
        "Delete Once Sent",
        readonly=True,
        copy=False,
        help="The mail was to be deleted once it is sent, and stays because it could "
        "not be sent.",
    )

    def mark_outgoing(self):
        """Delete it again once it is sent."""
        kept = self.filtered("catchall_is_kept")
        kept.write({"auto_delete": True, "catchall_is_kept": False})
        return super().mark_outgoing()

    # ------------------------------------------------------------
    # WHAT STAYS
    # ------------------------------------------------------------

    def _catchall_keep_refused(self):
        """Keep these mails, although they are to be deleted; of a mailing its own
        statistics keep what became of each."""
        kept = self.sudo().filtered(
            lambda mail: mail.auto_delete and not mail._catchall_mailing()
        )
        kept.write({"auto_delete": False, "catchall_is_kept": True})

    def _catchall_mailing(self):
        return self._fields.get("mailing_id") and self.mailing_id

    @api.autovacuum
    def _gc_refused(self):
        """Delete what was kept and has been seen: somebody has cancelled the mail, or
        has dismissed its failure."""
        kept = Domain("catchall_is_kept", "=", True)
        open_failures = Domain("notification_status", "in", FAILED)
        failing = self.env["mail.notification"]._search(
            open_failures & Domain("mail_mail_id", "!=", False)
        )
        shown = self.env["mail.notification"]._search(
            Domain("mail_mail_id", "!=", False)
        )
        dismissed = (
            Domain("state", "=", "exception")
            & Domain("id", "in", shown.subselect("mail_mail_id"))
            & Domain("id", "not in", failing.subselect("mail_mail_id"))
        )
        seen = Domain("state", "=", "cancel") | dismissed
        return delete_outdated(self, kept & seen)

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def _catchall_show_refused(self, attempt, failure):
        """Keep this mail, show on the document who did not get it, and tell its
        author, or else who is responsible.

        :param attempt: ``attempts.Attempt``
        :param failure: the values of its failure, as core names it
        """
        if self._catchall_mailing():
            return
        self._catchall_keep_refused()
        document = self._catchall_document()
        if document and not self.is_notification:
            self._catchall_note_failures(attempt, failure)
        if document and self._catchall_has_person_as_author():
            # The messaging menu tells him.
            return
        outcome = attempt.failure and attempt.failure.state
        self._catchall_tell_responsible(document, outcome, failure["failure_reason"])

    def _catchall_document(self):
        """Return the record that the mail is about, or None."""
        if not self.res_id or self.model not in self.env:
            return None
        return self.env[self.model].sudo().browse(self.res_id).exists() or None

    def _catchall_has_person_as_author(self):
        users = self.sudo().author_id.user_ids
        robot = self.env.ref("base.user_root")
        return bool(users.filtered(lambda user: not user.share) - robot)

    def _catchall_note_failures(self, attempt, failure):
        """Give the message a notification for each recipient who did not get it."""
        Notification = self.env["mail.notification"].sudo()
        known = Notification.search([("mail_message_id", "=", self.mail_message_id.id)])
        by_person = {
            (one.res_partner_id.id, one.mail_email_address or False): one
            for one in known
        }
        for person in self._catchall_failed_people(attempt):
            values = {
                "mail_mail_id": self.id,
                "notification_status": "exception",
                **failure,
            }
            if found := by_person.get(person):
                found.write(values)
                continue
            Notification.create(
                {
                    "mail_message_id": self.mail_message_id.id,
                    "author_id": self.author_id.id,
                    "res_partner_id": person[0],
                    "mail_email_address": person[1],
                    "notification_type": "email",
                    **values,
                }
            )
        self.mail_message_id.sudo()._notify_message_notification_update()

    def _catchall_forget_failures(self):
        """Say of those who did not get these mails at first that they have them now:
        core does so where the mail was made for a message."""
        unsettled = self._catchall_batch().unsettled.intersection(self.ids)
        if not unsettled:
            return
        self.env["mail.notification"].sudo().search(
            [
                ("mail_mail_id", "in", list(unsettled)),
                ("notification_status", "in", FAILED),
            ]
        ).write(
            {
                "notification_status": "sent",
                "failure_type": False,
                "failure_reason": False,
            }
        )

    def _catchall_failed_people(self, attempt):
        """Return [(partner id or False, address or False)] of those who did not get
        this mail."""
        people = [
            (one.partner_id or False, False)
            if one.partner_id
            else (False, ", ".join(sorted(one.key)) or ", ".join(one.email_to))
            for one in attempt.entries
            if any(outcome.state != ACCEPTED for outcome in one.outcomes)
        ]
        return list(dict.fromkeys(person for person in people if any(person)))

    def _catchall_tell_responsible(self, document, outcome, reason):
        """Give the responsible user of a document an activity on it, the router's
        alert recipients one where there is none.

        :param document: record in sudo, or None
        :param outcome: REFUSED, UNKNOWN, or None when the mail's time is over
        :param reason: str, the server's words if it refused the mail
        """
        Router = self.env["mail.catchall.router"].sudo()
        user = document and Router._responsible_of(document)
        if not user or "activity_ids" not in document._fields:
            # Of what was perhaps sent they are told whoever is responsible.
            if outcome != UNKNOWN:
                self._catchall_tell_administrators(reason)
            return
        of_user = self.with_context(lang=user.lang).env
        summary = of_user._("Email not delivered: %s", self.subject or "")
        if summary in document.activity_ids.filtered(
            lambda one: one.user_id == user
        ).mapped("summary"):
            return
        refused = of_user._(
            "The mail server refused it: %s. Correct the address, then press Retry on "
            "the email.",
            reason,
        )
        document.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            # The words are a stranger's.
            note=escape(refused if outcome == REFUSED else reason),
            user_id=user.id,
        )

    def _catchall_tell_administrators(self, reason):
        """Give the alert recipients of the mail's router an activity.

        :param reason: str, the server's words
        """
        MailServer = self.env["ir.mail_server"].sudo()
        server = MailServer._find_mail_server(self.email_from)[0] or MailServer
        # The run has perhaps alerted them of something else, which the transaction of
        # the mail cannot see.
        server._catchall_alert(
            SendingRun.of(self.env),
            self.env._("Emails that were refused"),
            self.env._(
                "“%(subject)s” was refused: %(reason)s. An administrator finds "
                "such emails in Mail Router > Reporting > Outgoing Emails, filter "
                "Failed.",
                subject=self.subject or "",
                reason=reason,
            ),
        )
