from dataclasses import replace

from odoo import fields, models

from ...tools.mail import addresses
from .mail_catchall_refused_sender import EVERYBODY
from .sending_run import SendingRun


class IrMailServer(models.Model):
    """Sender addresses that a provider refuses: their mail goes out under the
    account's own identity, and a person sees why."""

    _inherit = "ir.mail_server"

    catchall_refused_sender_ids = fields.One2many(
        "mail.catchall.refused.sender",
        "mail_server_id",
        "Sender Addresses",
        help="The addresses that the provider refused as senders, with its reply, "
        "and what to do about each.",
    )
    catchall_refused_days = fields.Integer(
        "Try Again After (days)",
        default=7,
        help="This many days after an address was refused, the next email of its "
        "user is sent from it again.",
    )
    catchall_falls_back = fields.Boolean(compute="_compute_catchall_falls_back")

    def _compute_catchall_falls_back(self):
        for server in self:
            Identity = self.env["mail.catchall.refused.sender"].sudo()
            refused, _once_refused = Identity._refused_by(server._origin.id or None)
            server.catchall_falls_back = EVERYBODY in refused

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_catchall_try_refused(self):
        """Forget all refusals: everybody's next mail goes out under the own name."""
        self.check_access("write")
        return self.sudo().catchall_refused_sender_ids.action_try_again()

    # ------------------------------------------------------------
    # IDENTITY
    # ------------------------------------------------------------

    def _catchall_policy(self, sending):
        """Name the account wherever the provider refuses the address."""
        policy = super()._catchall_policy(sending)
        refused = self._catchall_refused(sending)
        if sending.env.context.get("catchall_as_account") or EVERYBODY in refused:
            header_from = "account" if policy.header_from == "account" else "via"
            return replace(policy, header_from=header_from, envelope="account")
        return replace(policy, refused=policy.refused | refused)

    def _catchall_refused(self, sending):
        """Return the frozenset of the addresses that this server refuses."""
        run = SendingRun.of(sending.env)
        if run is not None:
            return run.refused_by(self)
        return self.env["mail.catchall.refused.sender"].sudo()._refused_by(self.id)[0]

    def _catchall_remember_refusal(self, run, message, session, refusal):
        """Keep which sender was refused, and in which words; alert when the server
        now falls back for everybody.

        :param message: the ``EmailMessage`` as it was sent
        :param session: the ``SharedSession`` that carried it
        :param refusal: ``refusals.Refusal``
        :return: whether anything but the account's own identity was refused
        """
        tried = self._catchall_foreign_senders(message, session)
        if not tried:
            return False
        blamed = [refusal.address] if refusal.address in tried else tried
        with run.apart() as env:
            falls_back = env["mail.catchall.refused.sender"]._remember_refused(
                self.id, blamed, refusal.words
            )
        run.forget_refused(self)
        if falls_back:
            self._catchall_alert(
                run,
                self.env._("%s refuses your senders", self.name),
                self.env._(
                    "The outgoing mail server %(server)s refused several senders "
                    "within an hour. Until you press Try Again on its form, all "
                    "email leaves under the account's own address. The server's "
                    "reply: %(words)s",
                    server=self.name,
                    words=refusal.words,
                ),
            )
        return True

    def _catchall_forget_refusals(self, run, message, session):
        """Forget that a sender was refused once, when his mail was taken now."""
        once_refused = run.once_refused_by(self)
        taken = once_refused and once_refused.intersection(
            self._catchall_foreign_senders(message, session)
        )
        if taken:
            with run.apart() as env:
                env["mail.catchall.refused.sender"]._forget_accepted(self.id, taken)
            run.forget_refused(self)

    def _catchall_foreign_senders(self, message, session):
        """Answer the senders of a mail that are not the account itself."""
        account = self._catchall_policy(self).account
        tried = (
            addresses.first_mailbox(str(message["From"] or "")).address,
            addresses.normalize(session.sender),
        )
        return [
            one
            for one in dict.fromkeys(tried)
            if one and one != addresses.normalize(account)
        ]

    def _catchall_alert(self, run, summary, note):
        """Tell those whom the router's problems concern, whatever becomes of the
        transaction of the mail."""
        with run.apart() as env:
            for router in env["mail.catchall.router"].browse(
                self.sudo().catchall_router_ids.ids
            ):
                router._alert(summary, note)
