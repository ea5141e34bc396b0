import hashlib
import logging

from psycopg2.errors import QueryCanceled

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.mail import addresses
from ...tools.runtime.time_limit import TimeLimitExceeded

_logger = logging.getLogger(__name__)

KIND = "acknowledge"
# So many conversations of one sender are acknowledged in a day: two machines that
# begin a new one with each mail stop at it.
MOST_A_DAY = 5


class MailCatchallMessage(models.Model):
    """Acknowledgements: who writes a new mail to an alias is told that it arrived.

    It is decided before the document is made, for that could make a contact of
    somebody whom nobody knew; and sent with the document, on which it is seen.
    """

    _inherit = "mail.catchall.message"

    def _claim_acknowledgement(self, match, route, mail):
        """Return the values of the ``mail.mail`` that acknowledges the mail as an
        answer, {} where none goes; the trace says why a template is not used.

        :param match: the ``Match``, whose alias has the template
        :param route: core's route
        :param mail: the ``Mail`` of ``_read_mail``
        """
        template_sudo = match.alias.sudo().catchall_acknowledge_template_id
        if not template_sudo.active or route[1]:
            return {}
        if code := self._why_not_acknowledged(match, mail):
            mail.note(KIND, code, address=match.address)
            return {}
        # New customers are strangers, and many providers judge nobody.
        kind = self._kind_of_acknowledgement()
        return self._claim_answer(mail, kind, to_strangers=True)

    def _why_not_acknowledged(self, match, mail):
        if self.released or match.by == "person":
            return "released"
        if mail.parent or self._is_acknowledged():
            return "in_conversation"
        if self._count_acknowledged_today() >= MOST_A_DAY:
            return "too_many"
        return ""

    def _kind_of_acknowledgement(self):
        """Return the kind of answer that this conversation gets once."""
        conversation = (self.conversation or "").encode()
        return f"{KIND} {hashlib.sha256(conversation).hexdigest()}"

    def _is_acknowledged(self):
        """Tell whether the conversation had an acknowledgement, of any address."""
        kind = self._kind_of_acknowledgement()
        Answer = self.env["mail.catchall.answer"].sudo()
        domain = [("router_id", "=", self.router_id.id), ("kind", "=", kind)]
        return bool(Answer.search_count(domain, limit=1))

    def _count_acknowledged_today(self):
        return (
            self.env["mail.catchall.answer"]
            .sudo()
            .search_count(
                [
                    ("router_id", "=", self.router_id.id),
                    ("kind", "=like", f"{KIND} %"),
                    ("day", "=", fields.Date.today()),
                    ("sender", "=", self.sender),
                ],
                limit=MOST_A_DAY,
            )
        )

    def _acknowledge(self, delivery, claimed, mail):
        """Queue the acknowledgement, if it is to go to anybody. A template with an
        error costs nobody the mail.

        :param claimed: the values of ``_claim_acknowledgement``
        """
        if not claimed:
            return
        try:
            with self.env.cr.savepoint():
                self._queue_acknowledgement(delivery, claimed, mail)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, QueryCanceled, TimeLimitExceeded):
            raise
        except Exception as error:
            # Templates are code of the users' own.
            _logger.info(
                "%s: the acknowledgement failed", self.message_id, exc_info=True
            )
            mail.note(KIND, "error", address=delivery.recipient, value=str(error))

    def _queue_acknowledgement(self, delivery, claimed, mail):
        template_sudo = delivery.alias_id.sudo().catchall_acknowledge_template_id
        acknowledgement = template_sudo.with_company(self.company_id).send_mail_batch(
            [delivery.res_id],
            email_values={
                **claimed,
                **self._prepare_acknowledgement_values(delivery, mail),
            },
        )
        # The document's people see to whom it went, and whether it did.
        self.env["mail.notification"].sudo().create(
            {
                "mail_message_id": acknowledgement.mail_message_id.id,
                "mail_mail_id": acknowledgement.id,
                "mail_email_address": claimed["email_to"],
                "notification_type": "email",
                "notification_status": "ready",
                "is_read": True,
            }
        )

    def _prepare_acknowledgement_values(self, delivery, mail):
        """Return the values of the ``mail.mail`` that are the same whatever the
        template says."""
        return {
            "email_from": addresses.readable_address(
                self.company_id.name, self._own_address_of(delivery, mail)
            ),
            "email_cc": False,
            "recipient_ids": [],
            "scheduled_date": False,
            "mail_server_id": self.router_id.sudo().mail_server_id.id,
            # It stays on the document when the mail itself is deleted.
            "is_notification": True,
            "subtype_id": self.env.ref("mail.mt_comment").id,
        }

    def _own_address_of(self, delivery, mail):
        """Return the alias' own address, if the router serves it, else the one that
        was written to."""
        address = delivery.alias_id.alias_full_name or ""
        served = addresses.domain(address) in mail.own_domains
        return address if served else delivery.recipient
