from contextlib import contextmanager

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.outbound import budgets
from ...tools.outbound.attempts import DEFERRED, REFUSED, UNKNOWN, Attempt, Entry
from ...tools.outbound.smtp_session import SharedSession
from ..concurrency import hold
from .mail_catchall_handover import BUSY
from .mail_mail import odoobot
from .mail_mail_batch import Batch
from .sending_run import SendingRun


class MailMail(models.Model):
    """Mails of one send, or of one run of the queue, share what they have in common;
    each is one attempt, of which the run keeps what became of its recipients."""

    _inherit = "mail.mail"

    # ------------------------------------------------------------
    # RUNS
    # ------------------------------------------------------------

    @contextmanager
    def _catchall_run(self):
        """Yield these mails within a sending run, which may be under way already."""
        if SendingRun.of(self.env):
            yield self
            return
        with SendingRun(self.env) as run:
            yield self.with_context(catchall_run=run)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        if not self.env["mail.catchall.router"]._is_sending():
            return super().send(
                auto_commit=auto_commit,
                raise_exception=raise_exception,
                post_send_callback=post_send_callback,
            )
        with self._catchall_run() as mails:
            run = SendingRun.of(mails.env)
            run.batch, run.texts = Batch(mails), mails._catchall_texts()
            return super(MailMail, mails).send(
                auto_commit=auto_commit,
                raise_exception=raise_exception,
                post_send_callback=post_send_callback,
            )

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        """Send what people wrote first, then what Odoo sends by itself, then mass
        mailings."""
        if not self.env["mail.catchall.router"]._is_sending():
            return super().process_email_queue(
                email_ids=email_ids, batch_size=batch_size
            )
        with self._catchall_run() as mails:
            if email_ids:
                return super(MailMail, mails).process_email_queue(
                    email_ids=email_ids, batch_size=batch_size
                )
            result, most = None, self._catchall_batch_size(batch_size)
            for urgency in budgets.SHARES:
                urgent = mails._catchall_only(urgency)
                before = urgent._catchall_count_due()
                result = super(MailMail, urgent).process_email_queue(
                    batch_size=batch_size
                )
                if before > most:
                    # More than one batch of it: the next run goes on there, at once
                    # unless this one has moved nothing.
                    if urgent._catchall_count_due() < before:
                        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
                        queue.sudo()._trigger()
                    break
            return result

    @api.model
    def _catchall_batch_size(self, batch_size):
        """Return how many mails core sends in one run of the queue."""
        parameters = self.env["ir.config_parameter"].sudo()
        chosen = parameters.get_param("mail.mail.queue.batch.size", batch_size)
        return int(chosen) or batch_size

    def _catchall_only(self, urgency):
        """Return these mails with a context in which the queue is that of one
        urgency."""
        known = self.env.context.get("filters", [])
        filters = [*known, *self._catchall_urgency_domain(urgency)]
        return self.with_context(filters=filters)

    @api.model
    def _catchall_count_due(self):
        """Return how many mails of the queue, as the context filters it, could go out
        now."""
        domain = Domain(self.env.context.get("filters", []))
        domain &= Domain("state", "=", "outgoing")
        domain &= Domain("scheduled_date", "=", False) | Domain(
            "scheduled_date", "<=", fields.Datetime.now()
        )
        return self.search_count(domain)

    # ------------------------------------------------------------
    # URGENCY
    # ------------------------------------------------------------

    @api.model
    def _catchall_urgency_domain(self, urgency):
        """Return the domain of the mails of an urgency, one of ``budgets.SHARES``."""
        bulk = self._catchall_bulk_domain()
        robot = odoobot(self.env)
        posted = Domain("message_type", "=", "comment")
        human = (posted & Domain("author_id", "not in", robot.ids)) | (
            Domain("message_type", "=", "email_outgoing")
            & Domain("author_id.partner_share", "=", False)
            & Domain("author_id", "not in", [*robot.ids, False])
            & ~Domain("headers", "ilike", "auto-submitted")
        )
        return {
            budgets.BULK: bulk,
            budgets.HUMAN: ~bulk & human,
            budgets.AUTOMATIC: ~bulk & ~human,
        }[urgency]

    @api.model
    def _catchall_bulk_domain(self):
        """Return the domain of mass mailings."""
        if "mailing_id" in self._fields:
            return Domain("mailing_id", "!=", False)
        return Domain.FALSE

    def _catchall_urgencies(self):
        """Return {mail id: urgency}."""
        bulk = self.filtered_domain(self._catchall_bulk_domain())
        human = self.filtered_domain(self._catchall_urgency_domain(budgets.HUMAN))
        return {
            mail.id: budgets.BULK
            if mail in bulk
            else budgets.HUMAN
            if mail in human
            else budgets.AUTOMATIC
            for mail in self
        }

    # ------------------------------------------------------------
    # ATTEMPTS
    # ------------------------------------------------------------

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """Make an attempt at each mail of a router's server.

        :raises MailDeliveryException: with ``raise_exception``, when a mail was not
            accepted
        """
        how = {"auto_commit": auto_commit, "raise_exception": raise_exception}
        where = {"smtp_session": smtp_session, "mail_server": mail_server}
        options = {
            **how,
            **where,
            "alias_domain_id": alias_domain_id,
            "post_send_callback": post_send_callback,
        }
        run = SendingRun.of(self.env)
        if run is None or not isinstance(smtp_session, SharedSession):
            return super()._send(**options)
        for mail, attempt in self._catchall_attempts(run, smtp_session, auto_commit):
            with mail._catchall_attempting(run, attempt, auto_commit):
                super(MailMail, mail)._send(**options)
            if raise_exception:
                self._catchall_require_accepted(attempt)
        if post_send_callback:
            post_send_callback(self.ids)
        return True

    def _catchall_attempts(self, run, session, auto_commit):
        """Yield (mail, ``attempts.Attempt``) of those that can be tried now."""
        server = self.env["ir.mail_server"].browse(session.catchall_mail_server_id)
        with run.apart() as env:
            known = env["mail.catchall.handover"]._known_of(self.ids)
        urgencies = self._catchall_urgencies()
        # Each is read by itself: after every commit all the rest would be read again.
        for mail in map(self.browse, self.ids):
            if not mail._catchall_lock(auto_commit) or mail.state != "outgoing":
                continue
            attempt = Attempt(mail.id, known.get(mail.id, {}), urgencies[mail.id])
            if not mail._catchall_is_put_off(run, server, attempt):
                yield mail, attempt

    def _catchall_require_accepted(self, attempt):
        """Raise :class:`MailDeliveryException` when a recipient was not accepted."""
        if failed := attempt.first({DEFERRED, UNKNOWN, REFUSED}):
            raise MailDeliveryException(
                self.env._("Mail Delivery Failed"), failed.words
            )

    @contextmanager
    def _catchall_attempting(self, run, attempt, auto_commit):
        """Make this attempt the run's for what is done within."""
        run.attempt = attempt
        try:
            yield
        except psycopg2.Error:
            if auto_commit:
                # Core has marked the mail as failed for the meantime.
                self.env.cr.rollback()
            raise
        finally:
            run.attempt = None

    def _catchall_lock(self, auto_commit):
        """Tell whether no other worker has this mail, or has just had it."""
        try:
            return hold(self, wait=False)
        except psycopg2.errors.SerializationFailure:
            if not auto_commit:
                raise
            # All that was done is committed; what another worker did is seen next.
            self.env.cr.rollback()
            return False

    def _catchall_is_put_off(self, run, server, attempt):
        """Tell whether this mail is not to be tried now, and note till when."""
        if BUSY in attempt.known.values():
            return True
        closed = run.find_closed(server, attempt.urgency)
        if closed:
            self._catchall_put_off(closed)
        return bool(closed)

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Note which messages the attempt at hand consists of."""
        results = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if attempt := self._catchall_attempt():
            attempt.entries = [
                Entry(
                    frozenset(one["email_to_normalized"]),
                    partner_id=one["partner_id"].id if one["partner_id"] else 0,
                    email_to=tuple(one["email_to"] or ()),
                )
                for one in results
            ]
        return results

    def _catchall_attempt(self):
        """Return the attempt at this mail that is being made, or None."""
        run = SendingRun.of(self.env)
        attempt = run and run.attempt
        return attempt if attempt and self.ids == [attempt.mail_id] else None
