from dataclasses import replace

from odoo import models

from ...tools.mail import addresses
from ...tools.outbound import refusals, streaks
from ...tools.outbound.attempts import ACCEPTED, DEFERRED, REFUSED


class IrMailServer(models.Model):
    """An unknown refusal that hits one mail after the other is the account's fault:
    the mails wait, also those that it hit first."""

    _inherit = "ir.mail_server"

    def _catchall_suspect(self, run, attempt, recipients, outcomes):
        """Return the outcomes of a mail, those that a streak of refusals puts down to
        the account as deferred for its sake.

        :param recipients: list of addresses, as of ``outcomes``
        """
        strange = [
            one
            for one in outcomes
            if one.state == REFUSED and streaks.may_be_of_account(one.kind, one.words)
        ]
        if not strange or any(one.state == ACCEPTED for one in outcomes):
            return outcomes
        with run.apart() as env:
            streak = env["mail.catchall.server.state"]._keep_streak(
                self.id,
                strange[0].words,
                attempt.mail_id,
                list(map(addresses.domain, recipients)),
            )
        # The next mail that is taken ends the streak.
        run.taking.discard(self.id)
        if not streak.is_of_account:
            return outcomes
        fault = replace(strange[0], state=DEFERRED, kind=refusals.ACCOUNT)
        self._catchall_call_back(streak, fault, attempt)
        return [
            replace(one, state=DEFERRED, kind=refusals.ACCOUNT)
            if one in strange
            else one
            for one in outcomes
        ]

    def _catchall_call_back(self, streak, fault, attempt):
        """Let those mails wait that the streak began with: nobody knew better.

        :param fault: ``attempts.Outcome``
        """
        others = [one for one in streak.mail_ids if one != attempt.mail_id]
        mails = self.env["mail.mail"].sudo().browse(others).exists()
        for mail in mails.try_lock_for_update(allow_referencing=True):
            words = mail.failure_reason or ""
            if mail.state == "exception" and streaks.shape(words) == streak.shape:
                mail.mark_outgoing()
                mail._catchall_keep(fault, None)
