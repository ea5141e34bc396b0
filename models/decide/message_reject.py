from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.inbound.answers import REJECT
from ..windows import window


class MailCatchallMessage(models.Model):
    """Rejecting: the sender is told in a person's words that his mail is not taken.

    It can be taken back while the answer is in Odoo's queue.
    """

    _inherit = "mail.catchall.message"

    def action_reject(self):
        """Ask what to tell the senders."""
        self._decidable()
        return window(
            self.env, "reject_action", context={"default_waiting_ids": self.ids}
        )

    def _reject(self, body):
        """Answer the senders, and settle the mail of those who may be answered.

        :param body: str, plain text
        :raises UserError: with the reasons, when no sender may be answered
        """
        waiting = self._decidable()
        refused = waiting.browse()
        for message in waiting:
            if not message._reject_one(body):
                refused += message
        reasons = "\n".join(
            dict.fromkeys(one._sentence(one.trace[-1]) for one in refused)
        )
        if refused == waiting:
            raise UserError(
                self.env._("%s\n\nYou can discard the mail instead.", reasons)
            )
        return waiting._report(REJECT, warning=reasons)

    def _reject_one(self, body):
        """Tell whether the sender could be answered; then the mail is settled."""
        answer = self.sudo()._answer_sender(
            self._read_mail(), REJECT, f"Re: {self.subject or ''}", body
        )
        if answer:
            self._settle_by_person(
                REJECT, "rejected", mail_id=answer.id, address=answer.email_to
            )
        return bool(answer)

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def _compute_undoable(self):
        result = super()._compute_undoable()
        answers = {
            one: step["mail_id"]
            for one in self.filtered("undoable")
            if "mail_id" in (step := one._last_undoable())
        }
        waiting = self._waiting_answers(answers.values())
        for message, mail_id in answers.items():
            message.undoable = mail_id in waiting.ids
        return result

    def _undo(self, step):
        if "mail_id" in step:
            self._recall_answer(step)
        return super()._undo(step)

    def _waiting_answers(self, ids):
        """Return the ``mail.mail`` that are still in the queue."""
        mails = self.env["mail.mail"].sudo().browse(ids).exists()
        return mails.filtered(lambda mail: mail.state == "outgoing")

    def _recall_answer(self, step):
        """Take the answer out of the queue, so that the sender hears nothing.

        Whoever sends it writes into its row first: one of the two has to give way.

        :raises UserError: when it has left or is leaving
        """
        answer = self._waiting_answers([step["mail_id"]]).try_lock_for_update()
        if not answer:
            raise UserError(
                self.env._(
                    "The rejection of “%s” cannot be undone: the answer to the "
                    "sender is already on its way.",
                    self.subject or self.message_id,
                )
            )
        answer.unlink()
        self.env["mail.catchall.answer"].sudo()._forget(
            self.router_id, REJECT, step["address"], fields.Date.to_date(step["time"])
        )
