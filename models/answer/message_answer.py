from markupsafe import Markup

from odoo import models
from odoo.tools import plaintext2html

from ...tools.inbound import answers
from ...tools.mail import addresses
from ...tools.outbound import identity


class MailCatchallMessage(models.Model):
    """Answers: the one place where a machine answers the sender of a mail."""

    _inherit = "mail.catchall.message"

    def _answer_sender(self, mail, kind, subject, body, **values):
        """Queue an answer to the sender, if every rule of RFC 3834 allows one; the
        trace says why when it doesn't.

        :param mail: the ``Mail`` of ``_read_mail``
        :param kind: what is told; nobody is told the same twice a day. "reject" is
            a person's decision and needs no proof of who the sender is
        :param subject: str
        :param body: Markup, or str for plain text
        :param values: more values of the ``mail.mail``
        :return: the queued ``mail.mail``, or an empty one
        """
        self.ensure_one()
        claimed = self._claim_answer(mail, kind)
        if not claimed:
            return self.env["mail.mail"]
        return self._queue(
            **{
                **claimed,
                "subject": answers.subject_of(subject),
                "body_html": body
                if isinstance(body, Markup)
                else plaintext2html(body or ""),
                **values,
            }
        )

    def _claim_answer(self, mail, kind, to_strangers=False):
        """Return the values of a ``mail.mail`` that answers the sender, who is written
        down as answered; {} where a rule forbids it or this is a trial. The trace says
        which.

        :param mail: the ``Mail`` of ``_read_mail``
        :param kind: as for :meth:`_answer_sender`
        :param to_strangers: whether this answer also goes to somebody whom the
            provider doesn't judge, and whom nobody knows
        """
        facts = self._facts_of_answer(mail, kind, to_strangers)
        forbidden = answers.forbidden(facts)
        if not forbidden and mail.is_trial:
            mail.note("answer", "would_send", address=facts.address, kind=kind)
            return {}
        if not forbidden and not self._register_answer(facts):
            forbidden = "told_today"
        if forbidden:
            mail.note("answer", forbidden, address=facts.address)
            return {}
        mail.note("answer", "sent", address=facts.address, kind=kind)
        return self._prepare_answer_values(mail, facts.address)

    def _facts_of_answer(self, mail, kind, to_strangers=False):
        """Return the ``Facts`` that decide whether the sender may be answered."""
        address = answers.address_of(mail.trace, mail.summary.email_from)
        author = mail.summary.email_from
        Answer = self.env["mail.catchall.answer"].sudo()
        is_proven = answers.is_proven(
            address, author, mail.authenticated, mail.verdicts
        )
        return answers.Facts(
            kind=kind,
            address=address,
            is_own=address in mail.accounts
            or addresses.domain(address) in mail.own_domains,
            is_automatic=bool(mail.automatic) or mail.bounce is not None,
            is_spam=bool(mail.condemning),
            is_named=self._is_named(mail.summary),
            is_forged=mail.authenticated is False,
            is_proven=is_proven
            or mail.is_known_contact(address)
            or (to_strangers and mail.authenticated is None),
            **Answer._counts(self.router_id, kind, address, self.sender or address),
        )

    def _is_named(self, summary):
        """Tell whether an address that the mail was for is in To or Cc."""
        return bool(
            set(self.delivery_ids.mapped("recipient")) & {*summary.to, *summary.cc}
        )

    def _register_answer(self, facts):
        return (
            self.env["mail.catchall.answer"]
            .sudo()
            ._write_down(
                self.router_id, facts.kind, facts.address, self.sender or facts.address
            )
        )

    def _prepare_answer_values(self, mail, address):
        """Return the values of a ``mail.mail`` that answers a mail."""
        headers = {
            **answers.headers_of(mail.summary),
            # An answer that cannot be delivered must not come back (RFC 3834 3.3).
            identity.NULL_SENDER_HEADER: "yes",
        }
        return {
            "email_to": address,
            "email_from": self._format_account(self.company_id.name),
            "author_id": False,
            "message_type": "auto_comment",
            "references": " ".join(answers.references_of(mail.summary)) or False,
            "headers": repr(headers),
        }

    def _format_account(self, name):
        """Return the account's address with a name to show, False without one."""
        account = self.router_id.account_email or ""
        return addresses.readable_address(name or "", account) or False

    def _queue(self, name="", **values):
        """Queue a mail through the router's outgoing server.

        :param name: to show with the account's address in From
        :param values: of the ``mail.mail``
        """
        router = self.router_id
        mail = (
            self.env["mail.mail"]
            .sudo()
            .with_company(self.company_id)
            .create(
                {
                    "mail_server_id": router.sudo().mail_server_id.id,
                    "auto_delete": True,
                    "email_from": self._format_account(name),
                    **values,
                }
            )
        )
        mail.with_context(catchall_routing=True).send()
        return mail
