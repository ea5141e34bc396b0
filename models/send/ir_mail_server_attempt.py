import logging
import smtplib
from dataclasses import replace
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.mail import addresses
from ...tools.outbound import budgets, refusals, same_mail
from ...tools.outbound.attempts import (
    ACCEPTED,
    DEFERRED,
    REFUSED,
    UNKNOWN,
    WAITING,
    Attempt,
    Closed,
    Outcome,
    delay_after,
)
from ...tools.outbound.smtp_session import SENT, SharedSession
from ...tools.servers.diagnosis import diagnose
from .ir_mail_server_transactions import restore_headers
from .sending_run import ConnectionsBusy, SendingRun

_logger = logging.getLogger(__name__)

SHORT_WAIT = timedelta(seconds=10)
HEALED_BY_TIME = frozenset(
    {refusals.ACCOUNT, refusals.TEMPORARY, refusals.QUOTA, refusals.TOO_MANY}
)


class IrMailServer(models.Model):
    """Handing a mail over to a router's server.

    In a run of the queue nothing is raised for what the server says: what became of
    each recipient is noted in the run's attempt, and ``mail.mail`` draws the
    conclusions. A sender who is refused is replaced by the account, at once.
    """

    _inherit = "ir.mail_server"

    @api.model
    @api.private  # a message object cannot come by RPC
    def send_email(
        self,
        message,
        mail_server_id=None,
        smtp_server=None,
        smtp_port=None,
        smtp_user=None,
        smtp_password=None,
        smtp_encryption=None,
        smtp_ssl_certificate=None,
        smtp_ssl_private_key=None,
        smtp_debug=False,
        smtp_session=None,
    ):
        """Send through a router's server in its own way, else as core does; what was
        accepted for a person is kept for the Sent folder."""

        def carry(sending, session=smtp_session):
            server_id = getattr(session, "catchall_mail_server_id", mail_server_id)
            login = (smtp_port, smtp_user, smtp_password, smtp_encryption)
            files = (smtp_ssl_certificate, smtp_ssl_private_key)
            with sending.env["mail.catchall.copy"]._keeping(message):
                return super().send_email(
                    message, server_id, smtp_server, *login, *files, smtp_debug, session
                )

        if isinstance(smtp_session, SharedSession):
            return self._catchall_send(message, smtp_session, carry)
        if smtp_session is None and not smtp_server:
            server = self._catchall_server_of(message, mail_server_id)
            if server:
                return self._catchall_send_alone(message, server, carry)
        return carry(self)

    def _catchall_server_of(self, message, mail_server_id):
        """Return the router's server that a mail goes through, if it is one."""
        if self._disable_send() or not self.env["mail.catchall.router"]._is_sending():
            return self.browse()
        server = self.sudo().browse(mail_server_id or [])
        if not server:
            server = self.sudo()._find_mail_server(message["From"])[0] or server
        return server if server._catchall_routers() else self.browse()

    def _catchall_send_alone(self, message, server, carry):
        """Send one mail outside of a run.

        :param carry: see :meth:`_catchall_send`
        :raises MailDeliveryException: when nobody gets it
        """
        with SendingRun(self.env) as run:
            sending = self.with_context(catchall_run=run)
            session = sending._connect__(
                mail_server_id=server.id, smtp_from=message["From"]
            )
            attempt = Attempt(0, {}, budgets.HUMAN)
            message_id = sending._catchall_send(message, session, carry, attempt)
        failed = attempt.first({WAITING, DEFERRED, UNKNOWN, REFUSED})
        if failed and not attempt.first({ACCEPTED}):
            raise MailDeliveryException(
                self.env._("Mail Delivery Failed"), failed.words
            )
        return message_id

    # ------------------------------------------------------------
    # ONE MESSAGE
    # ------------------------------------------------------------

    def _catchall_send(self, message, session, carry, attempt=None):
        """Hand a message over to all recipients who have not got it yet, and note
        what becomes of each.

        :param carry: core's ``send_email`` of this message, given ``ir.mail_server``
            with the context to send in, and the session
        :param attempt: ``attempts.Attempt``, by default that of the run
        :return: the Message-ID if all of them have it, else None
        """
        run = SendingRun.of(self.env)
        attempt = attempt or run.attempt
        attempt.begin(self.env.context.get("send_validated_to") or [])
        server = self.sudo().browse(session.catchall_mail_server_id)
        message_id = message["Message-Id"]
        run.content = same_mail.content_of(message)
        todo, skipped = self._catchall_todo(message, session, attempt)
        outcomes = list(skipped.values())
        if todo or not skipped:
            sending = self._catchall_skipping(skipped)
            reason = server._catchall_reason_to_wait(run, session, attempt, todo)
            tried = (
                [reason] * len(todo)
                if reason
                else sending._catchall_transactions(message, session, todo, carry)
            )
            outcomes += server._catchall_settle_tried(run, attempt, todo, tried)
        attempt.note(*outcomes)
        server._catchall_draw_conclusions(run, attempt, outcomes)
        return message_id if {one.state for one in outcomes} <= {ACCEPTED} else None

    def _catchall_settle_tried(self, run, attempt, todo, tried):
        """Return what became of the recipients that were tried, and remember it:
        another contact of the mail may have the same address."""
        tried = self._catchall_suspect(run, attempt, todo, tried)
        keys = map(self._catchall_key, todo)
        attempt.remember(dict(zip(keys, tried, strict=True)))
        return tried

    def _catchall_todo(self, message, session, attempt):
        """Return the recipients to try, and {recipient: ``Outcome``} of the others."""
        run = SendingRun.of(self.env)
        todo, skipped = [], {}
        for address in self._prepare_smtp_to_list(message, session):
            key = self._catchall_key(address)
            state = attempt.known.get(key) or run.meet(address)
            if words := attempt.unread.get(key):
                skipped[address] = Outcome(REFUSED, words, refusals.RECIPIENT)
            elif not state:
                todo.append(address)
            elif state == UNKNOWN:
                skipped[address] = self._catchall_unknown()
            else:
                skipped[address] = Outcome(ACCEPTED)
        return todo, skipped

    @api.model
    def _catchall_key(self, address):
        """Return the form in which a recipient is noted."""
        return self.env["mail.catchall.handover"]._key(address)

    def _catchall_skipping(self, recipients):
        """Return this model with a context in which these get nothing."""
        if not recipients:
            return self
        skipped = [email_normalize(one, strict=False) or one for one in recipients]
        known = self.env.context.get("send_smtp_skip_to") or []
        return self.with_context(send_smtp_skip_to=[*known, *skipped])

    def _catchall_unknown(self):
        return Outcome(
            UNKNOWN,
            self.env._(
                "Perhaps sent: the connection to the mail server broke during the "
                "handover, and nobody knows whether the server has accepted the "
                "email. Ask the recipient, then press Retry to send it again, or It "
                "Was Sent."
            ),
        )

    # ------------------------------------------------------------
    # BEFORE
    # ------------------------------------------------------------

    def _catchall_reason_to_wait(self, run, session, attempt, recipients):
        """Return the ``Outcome`` of a mail that the server cannot be given now."""
        closed = run.find_closed(self, attempt.urgency)
        if not closed and (closed := self._catchall_open(session)):
            run.close_server(self, closed)
        if not closed and recipients:
            closed = self._catchall_reserve(run, len(recipients), attempt.urgency)
            if closed:
                run.close_server(self, closed, attempt.urgency)
        if not closed:
            return None
        if closed.outcome.state == WAITING:
            attempt.wait_until(closed.next_time())
        return closed.outcome

    def _catchall_open(self, session):
        """Connect; return ``attempts.Closed`` if that fails."""
        now = fields.Datetime.now()
        try:
            session.open()
        except ConnectionsBusy:
            words = self.env._(
                "%s is busy with other mail: all its connections are in use.",
                self.name,
            )
            return Closed(Outcome(WAITING, words), now + SHORT_WAIT)
        except (OSError, smtplib.SMTPException, UserError) as error:
            words = diagnose(error, secrets=filter(None, [self.smtp_pass])).words
            _logger.info("Server %s cannot be used now: %s", self.id, words)
            of_account = isinstance(error, (smtplib.SMTPAuthenticationError, UserError))
            kind = refusals.ACCOUNT if of_account else refusals.TEMPORARY
            outcome = Outcome(DEFERRED, words, kind, of_server=True)
            return Closed(outcome, now + delay_after(1))
        return None

    # ------------------------------------------------------------
    # THE DIALOGUE
    # ------------------------------------------------------------

    def _catchall_hand_over(self, message, session, recipients, carry):
        """Send under the author's identity, and again under the account's to those
        for whom the server refused the sender.

        :return: list of ``Outcome``, one for each recipient
        """
        original = list(message.raw_items())
        run = SendingRun.of(self.env)
        server = self.sudo().browse(session.catchall_mail_server_id)
        results = self._catchall_dialogue(message, session, recipients, carry)
        if ACCEPTED in results.values():
            server._catchall_forget_refusals(run, message, session)
        refused = {
            address: result
            for address, result in results.items()
            if isinstance(result, refusals.Refusal) and result.kind == refusals.SENDER
        }
        if refused and server._catchall_remember_refusal(
            run, message, session, next(iter(refused.values()))
        ):
            restore_headers(message, original)
            others = [one for one in recipients if one not in refused]
            again = self._catchall_skipping(others).with_context(
                catchall_as_account=True
            )
            results |= again._catchall_dialogue(message, session, list(refused), carry)
        return [
            self._catchall_outcome(result) for result in _only_of_mail(results).values()
        ]

    def _catchall_dialogue(self, message, session, recipients, carry):
        """Hand the message over once.

        :param message: the ``EmailMessage``, of which the senders are read
        :return: {recipient: ``Refusal``, or one of ACCEPTED, UNKNOWN and WAITING}
        :raises psycopg2.Error: when the handing over could not be noted
        """
        try:
            carry(self, session)
        except (MailDeliveryException, smtplib.SMTPServerDisconnected) as error:
            if isinstance(error.__context__, psycopg2.Error):
                # Nothing could be noted: not an answer of the mail server's.
                raise error.__context__ from error
            if session.stage == SENT:
                return dict.fromkeys(recipients, UNKNOWN)
            if session.handover.is_elsewhere:
                return dict.fromkeys(recipients, WAITING)
            author = addresses.first_mailbox(str(message["From"] or "")).address
            senders = (author, session.sender)
            return refusals.read_by_recipient(error, recipients, senders)
        results = dict.fromkeys(recipients, ACCEPTED)
        if session.refused:
            partly = smtplib.SMTPRecipientsRefused(session.refused)
            results |= refusals.read_by_recipient(partly, session.refused)
        return results

    def _catchall_outcome(self, result):
        """Return the ``Outcome`` that a result of the dialogue means."""
        if result == ACCEPTED:
            return Outcome(ACCEPTED)
        if result == UNKNOWN:
            return self._catchall_unknown()
        if result == WAITING:
            return Outcome(WAITING, self.env._("Another worker is sending it."))
        state = DEFERRED if result.kind in HEALED_BY_TIME else REFUSED
        words = " ".join(filter(None, [str(result.code or ""), result.words]))
        return Outcome(state, words, result.kind, _is_of_server(result))

    # ------------------------------------------------------------
    # AFTER
    # ------------------------------------------------------------

    def _catchall_draw_conclusions(self, run, attempt, outcomes):
        """Leave a server alone that takes nothing for now, and tell a person what
        only a person can settle."""
        now = fields.Datetime.now()
        for outcome in outcomes:
            if outcome.state == WAITING and attempt.next_attempt is None:
                attempt.wait_until(now + SHORT_WAIT)
            if outcome.state == DEFERRED and outcome.of_server:
                run.close_server(self, Closed(outcome, now + delay_after(1)))
        if any(one.state == UNKNOWN for one in outcomes):
            self._catchall_alert(
                run,
                self.env._("Emails that were perhaps sent"),
                self.env._(
                    "The connection to %s broke while it was accepting an email. "
                    "An administrator finds such emails in Mail Router > Reporting > "
                    "Outgoing Emails, filter Perhaps Sent.",
                    self.name,
                ),
            )
        if any(
            one.state == REFUSED and one.kind == refusals.SENDER for one in outcomes
        ):
            self._catchall_alert(
                run,
                self.env._("%s refuses its own account", self.name),
                next(one.words for one in outcomes if one.kind == refusals.SENDER),
            )


def _only_of_mail(results):
    """Return the results of a mail where the account is not blamed for what the server
    did not want of one recipient: it has taken the mail for another."""
    if ACCEPTED not in results.values():
        return results
    return {
        address: replace(result, kind=refusals.POLICY)
        if isinstance(result, refusals.Refusal) and result.kind == refusals.ACCOUNT
        else result
        for address, result in results.items()
    }


def _is_of_server(refusal):
    """Tell whether a server that says so takes no other mail either: it is shutting
    down (RFC 5321 3.8), doesn't answer, or has had enough of us."""
    if refusal.kind == refusals.TEMPORARY:
        return refusal.code in (0, 421)
    return refusal.kind in (refusals.QUOTA, refusals.TOO_MANY)
