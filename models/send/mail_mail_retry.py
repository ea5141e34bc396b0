from collections import defaultdict

from odoo import fields, models

from ...tools.outbound import refusals
from ...tools.outbound.attempts import (
    ACCEPTED,
    ACCOUNT_DELAY,
    ACCOUNT_PATIENCE,
    DEFERRED,
    LONGEST_DELAY,
    OPEN,
    PATIENCE,
    WAITING,
    delay_after,
    is_overdue,
    rounded_up,
)
from .sending_run import SendingRun

FAILURE_TYPES = {
    refusals.RECIPIENT: "mail_email_invalid",
    refusals.SENDER: "mail_from_invalid",
    refusals.SPAM: "mail_spam",
    refusals.TEMPORARY: "mail_smtp",
    refusals.ACCOUNT: "mail_smtp",
    refusals.QUOTA: "mail_smtp",
    refusals.TOO_MANY: "mail_smtp",
}


class MailMail(models.Model):
    """What becomes of a mail after an attempt: whatever time may heal is tried again,
    for those recipients who have not got it."""

    _inherit = "mail.mail"

    catchall_attempts = fields.Integer(
        "Failed Attempts", readonly=True, copy=False, default=0
    )
    catchall_first_attempt = fields.Datetime("First Attempt", readonly=True, copy=False)
    catchall_waiting = fields.Char("Why It Waits", readonly=True, copy=False)
    catchall_perhaps_sent = fields.Boolean("Perhaps Sent", readonly=True, copy=False)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def mark_outgoing(self):
        """Begin anew; of what was perhaps sent, a person has now said that it was
        not."""
        if not self.env.context.get("catchall_was_sent"):
            self._catchall_settle(is_accepted=False)
        return super().mark_outgoing()

    def action_catchall_was_sent(self):
        """Take it as sent to those recipients of whom nobody knew."""
        self.check_access("write")
        self._catchall_settle(is_accepted=True)
        self.with_context(catchall_was_sent=True).mark_outgoing()
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return True

    def _catchall_settle(self, is_accepted):
        self.env["mail.catchall.handover"].sudo()._settle(self.ids, is_accepted)
        tried = self.filtered(lambda mail: mail._catchall_has_waited())
        tried.write(
            {
                "catchall_attempts": 0,
                "catchall_first_attempt": False,
                "catchall_waiting": False,
                "catchall_perhaps_sent": False,
                "scheduled_date": False,
            }
        )

    def _catchall_try_now(self):
        """Let all mail that waits for a server go out with the next run of the queue,
        and have that run now."""
        waiting = self.search(
            [("state", "=", "outgoing"), ("catchall_waiting", "!=", False)]
        )
        waiting.scheduled_date = False
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _catchall_has_waited(self):
        return (
            self.catchall_attempts
            or self.catchall_waiting
            or self.catchall_perhaps_sent
        )

    # ------------------------------------------------------------
    # AFTER AN ATTEMPT
    # ------------------------------------------------------------

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Tell apart who has got the mail, who may still get it, and who won't."""
        attempt = self._catchall_attempt()
        if attempt is None or not (attempt.is_open or attempt.failure):
            self._catchall_leave_trace(failure_type)
            return super()._postprocess_sent_message(
                success_pids,
                success_emails,
                failure_reason=failure_reason,
                failure_type=failure_type,
            )
        if attempt.is_open and not self._catchall_is_overdue(attempt):
            return self._catchall_try_again(attempt)
        values = self._catchall_failure(attempt.failure or attempt.first({DEFERRED}))
        self.write(
            {
                **values,
                "state": "exception",
                "catchall_waiting": False,
                "catchall_perhaps_sent": attempt.is_unknown,
            }
        )
        self._catchall_correct_traces(values["failure_type"])
        self._catchall_tell_trackings(attempt, is_final=True)
        self._catchall_show_refused(attempt, values)
        accepted = attempt.accepted
        partner_ids = [one.partner_id for one in accepted if one.partner_id]
        return super()._postprocess_sent_message(
            self.env["res.partner"].browse(partner_ids),
            [email for one in accepted for email in (*one.email_to, *one.key)],
            **values,
        )

    def _catchall_leave_trace(self, failure_type):
        """Keep what failed before any server was asked; say of what is sent that it
        waits for nothing any more, and that nobody is left who has not got it."""
        failed = self.filtered(lambda mail: failure_type or mail.state == "exception")
        if failed and self.env["mail.catchall.router"]._is_sending():
            failed._catchall_keep_refused()
        sent = self - failed
        waiting = sent.sudo().filtered(lambda mail: mail._catchall_has_waited())
        waiting.write({"catchall_waiting": False, "catchall_perhaps_sent": False})
        sent._catchall_forget_failures()

    def _catchall_failure(self, outcome):
        """Return the failure of a mail as core names it."""
        reason = outcome.words
        if outcome.state == DEFERRED and outcome.kind == refusals.ACCOUNT:
            reason = self.env._(
                "The mail server has let this account send nothing for 7 days. Its "
                "last reply: %s",
                outcome.words,
            )
        elif outcome.state == DEFERRED:
            reason = self.env._(
                "The mail server has not accepted it for 48 hours. Its last reply: %s",
                outcome.words,
            )
        return {
            "failure_type": FAILURE_TYPES.get(outcome.kind, "unknown"),
            "failure_reason": reason,
        }

    def _catchall_is_overdue(self, attempt):
        """Tell whether there is nothing left of a deferred mail's time."""
        deferred = attempt.first({DEFERRED})
        return bool(deferred) and self._catchall_has_waited_enough(deferred)

    def _catchall_has_waited_enough(self, outcome):
        """Tell whether a mail has waited as long as it may for what defers it."""
        of_account = outcome.kind == refusals.ACCOUNT
        patience = ACCOUNT_PATIENCE if of_account else PATIENCE
        now = fields.Datetime.now()
        return is_overdue(self.catchall_first_attempt, now, patience)

    def _catchall_correct_traces(self, failure_type):
        """Say of a mass mailing's recipients what became of them: its own part has
        taken the mail as sent, because the attempt raised nothing.

        :param failure_type: False while the mail waits
        """
        if "mailing_trace_ids" not in self._fields:
            return
        traces = self.sudo().mailing_trace_ids
        if failure_type:
            traces.set_failed(failure_type=failure_type)
            # That part counts as sent whatever has a date.
            traces.sent_datetime = False
        else:
            traces.write({"trace_status": "outgoing", "sent_datetime": False})

    # ------------------------------------------------------------
    # TRYING AGAIN
    # ------------------------------------------------------------

    def _catchall_try_again(self, attempt):
        """Keep the mail in the queue for those whom time may heal; the others'
        notifications say what became of them."""
        deferred = attempt.first({DEFERRED})
        outcome = deferred or attempt.first({WAITING})
        self._catchall_keep(
            outcome, None if deferred else attempt.next_attempt, state="outgoing"
        )
        self._catchall_update_notifications(attempt)
        self._catchall_correct_traces(False)
        self._catchall_tell_trackings(attempt, is_final=False)
        return True

    def _catchall_put_off(self, closed):
        """Keep a mail in the queue that was not tried.

        :param closed: ``attempts.Closed``
        """
        outcome = closed.outcome
        if outcome.state == DEFERRED and self._catchall_has_waited_enough(outcome):
            values = self._catchall_failure(outcome)
            self.write({**values, "state": "exception", "catchall_waiting": False})
            self._postprocess_sent_message([], [], **values)
            return
        is_waiting = outcome.state == WAITING
        self._catchall_keep(outcome, closed.next_time() if is_waiting else None)

    def _catchall_keep(self, outcome, until, **values):
        """Schedule the next attempt, and say why.

        :param until: its time; None: this attempt counts, and the times grow
        """
        now = fields.Datetime.now()
        if until is None:
            attempts = self.catchall_attempts + 1
            of_account = outcome.kind == refusals.ACCOUNT
            longest = ACCOUNT_DELAY if of_account else LONGEST_DELAY
            until = now + delay_after(attempts, longest)
            values["catchall_attempts"] = attempts
            values["catchall_first_attempt"] = self.catchall_first_attempt or now
        moment = rounded_up(until)
        self._catchall_take_text_back()
        self.write(
            {
                **values,
                "scheduled_date": moment,
                "catchall_waiting": outcome.words,
                "failure_type": False,
                "failure_reason": False,
            }
        )
        self._catchall_wake(moment)

    def _catchall_wake(self, moment):
        """Let the queue run at this time, once for all mails of this run."""
        run = SendingRun.of(self.env)
        if moment not in run.woken:
            run.woken.add(moment)
            queue = self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()
            queue._trigger(moment)

    def _catchall_update_notifications(self, attempt):
        """Say of each recipient what became of him, as core does it for a mail that
        is done with."""
        notifications = (
            self.env["mail.notification"]
            .sudo()
            .search(
                [
                    ("notification_type", "=", "email"),
                    ("mail_mail_id", "in", self.ids),
                    ("notification_status", "not in", ("sent", "canceled")),
                ]
            )
        )
        groups = defaultdict(self.env["mail.notification"].sudo)
        for one in notifications:
            person = (one.res_partner_id.id, one.mail_email_address)
            groups[attempt.result_of(*person)] |= one
        for outcome, found in groups.items():
            found.write(self._catchall_notification_values(outcome))
        failed = notifications.filtered(
            lambda one: one.notification_status == "exception"
        )
        messages = failed.mail_message_id.filtered(lambda one: one._is_thread_message())
        messages._notify_message_notification_update()

    def _catchall_notification_values(self, outcome):
        if outcome is None or outcome.state in OPEN:
            status = {"notification_status": "ready", "failure_type": False}
            return {**status, "failure_reason": False}
        if outcome.state == ACCEPTED:
            status = {"notification_status": "sent", "failure_type": False}
            return {**status, "failure_reason": False}
        return {"notification_status": "exception", **self._catchall_failure(outcome)}
