from odoo import fields, models

from ...tools.mail import addresses
from ...tools.outbound import refusals
from ...tools.outbound.attempts import ACCEPTED, DEFERRED, Closed, delay_after
from ...tools.servers import certificates
from .sending_run import SendingRun

#: So many mails that were refused in a row are a matter of the account.
FAULTS = 2


class IrMailServer(models.Model):
    """What is known of a server's state: whether it can be used, and what it took.

    It is noted apart from the mails, whatever becomes of their transaction, and never
    on the server's own row: core may have changed that one in the mails' transaction.
    """

    _inherit = "ir.mail_server"

    catchall_state_ids = fields.One2many(
        "mail.catchall.server.state", "mail_server_id", readonly=True
    )
    catchall_last_sent = fields.Datetime(related="catchall_state_ids.last_sent")
    catchall_failing_since = fields.Datetime(related="catchall_state_ids.failing_since")
    catchall_failures = fields.Integer(related="catchall_state_ids.failures")
    catchall_failure_words = fields.Text(related="catchall_state_ids.failure_words")
    catchall_certificate_end = fields.Datetime(
        related="catchall_state_ids.certificate_end"
    )

    def _catchall_open(self, session):
        """Note of each new connection whether it works."""
        logins = session.logins
        closed = super()._catchall_open(session)
        run = SendingRun.of(self.env)
        if closed and closed.outcome.state == DEFERRED:
            with run.apart() as env:
                env["mail.catchall.server.state"]._keep_failure(
                    self.id,
                    closed.outcome.words,
                    is_signed_out=bool(self._catchall_token_prefix())
                    and closed.outcome.kind == refusals.ACCOUNT,
                )
        elif session.logins > logins:
            end = certificates.end_of(session)
            with run.apart() as env:
                env["mail.catchall.server.state"]._keep_login(self.id, end)
        return closed

    def _catchall_draw_conclusions(self, run, attempt, outcomes):
        """Note when the server took a mail, once in a run, and what it says against
        the account.

        Of one mail that it refuses so nobody knows whether it would take another; it
        gets no more when it has refused two in a row.
        """
        fault = next((one for one in outcomes if one.kind == refusals.ACCOUNT), None)
        if fault and not fault.of_server:
            self._catchall_note_refusal(run, fault)
        elif any(one.state == ACCEPTED for one in outcomes):
            del run.account_faults[self.id]
        if self.id not in run.taking and any(one.state == ACCEPTED for one in outcomes):
            run.taking.add(self.id)
            with run.apart() as env:
                env["mail.catchall.server.state"]._keep_sent(self.id)
        return super()._catchall_draw_conclusions(run, attempt, outcomes)

    def _catchall_note_refusal(self, run, fault):
        """Note that the server has refused a mail for the account's sake.

        :param fault: its ``Outcome``
        """
        run.account_faults[self.id] += 1
        run.taking.discard(self.id)
        with run.apart() as env:
            env["mail.catchall.server.state"]._keep_failure(
                self.id, fault.words, is_refusing=True
            )
        self._catchall_alert(
            run,
            self.env._("%s refuses this account", self.name),
            self.env._(
                "The outgoing mail server lets this account send nothing. All mail "
                "waits, and goes out by itself once that is repaired at the provider. "
                "Its reply: %s",
                fault.words,
            ),
        )
        if run.account_faults[self.id] >= FAULTS:
            until = fields.Datetime.now() + delay_after(1)
            run.close_server(self, Closed(fault, until))

    def _catchall_plain_sender(self):
        """Return an address that this server lets write, '' if none is known: the
        router's account, one that the filter names, the login, or the company's
        notifications at the filter's domain."""
        filters = self._parse_from_filter(self.from_filter)
        default = self.env.company.default_from_email or ""
        known = (
            self.catchall_router_ids[:1].account_email,
            *(one for one in filters if "@" in one),
            self.smtp_user if "@" in (self.smtp_user or "") else "",
            default if addresses.domain(default) in filters or not filters else "",
        )
        return next(filter(None, map(addresses.normalize, filter(None, known))), "")
