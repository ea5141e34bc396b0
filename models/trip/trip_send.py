import secrets

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.mail import addresses
from ...tools.outbound import refusals, reply_address
from ...tools.watch import round_trip


class MailCatchallTrip(models.Model):
    """Sending the probe: a mail that is known again by its signed address and by a
    secret, whatever a provider changes in it."""

    _inherit = "mail.catchall.trip"

    def _send(self):
        """Hand the probe over to the router's mail server, or keep what that said.

        A server that refuses the user as the sender gets it from the account.
        """
        account = self.router_id.account_email
        author = self._author()
        try:
            refusal = self._hand_over(self._build(author))
            if refusal and refusal.kind == refusals.SENDER and author != account:
                self._add_findings(
                    [round_trip.judge_author_refusal(refusal, self.author)]
                )
                refusal = self._hand_over(self._build(account))
        except UserError as error:
            self._fail(str(error))
            return
        if refusal:
            self._end("refused", [round_trip.judge_refusal(refusal)])
            return
        self.write({"state": "waiting", "sent_date": fields.Datetime.now()})

    def _author(self):
        """Return who the probe is sent as: the user if his address is an own one,
        else the account."""
        address = self.env.user.email_normalized or ""
        if addresses.domain(address) in self.router_id._own_domains():
            return self.env.user.email_formatted
        return self.router_id.account_email

    def _build(self, author):
        """Return the probe as an ``EmailMessage``."""
        router = self.router_id
        domain = router.sudo().alias_domain_ids[:1].name
        secret = secrets.token_hex(16)
        recipient = reply_address.make_probe(
            router._signing_keys()[0],
            router._database_id(),
            self.id,
            secret,
            domain,
        )
        message_id = f"<{router._make_token(secret)}.{secret}@{domain}>"
        self.write({"recipient": recipient, "message_id": message_id, "secret": secret})
        return self.env["ir.mail_server"]._build_email__(
            author,
            [recipient],
            self.env._("Round trip test of the mail router (%s)", router.name),
            body=self.env._(
                "Odoo's mail router sent this email to itself, to check that email "
                "to a made-up address arrives. Nobody needs to do anything."
            ),
            message_id=message_id,
            subtype="plain",
            headers={
                "Auto-Submitted": "auto-generated",
                round_trip.SECRET_HEADER: secret,
                # As a mailing has them, to see whether the provider signs them.
                "List-Unsubscribe": f"<mailto:{recipient}?subject=unsubscribe>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )

    def _hand_over(self, message):
        """Hand the probe over.

        :return: the ``Refusal``, None when the server has taken it
        :raises UserError: when the server could not be reached, in words
        """
        router_sudo = self.router_id.sudo()
        server = router_sudo.mail_server_id
        # What is not delivered comes back to the mailbox itself: no other address of
        # the domain is known to work yet.
        sending = self.env["ir.mail_server"].with_context(catchall_envelope="account")
        with router_sudo._outgoing_session(server, message["From"]) as session:
            try:
                sending.send_email(
                    message, mail_server_id=server.id, smtp_session=session
                )
            except MailDeliveryException as error:
                return refusals.read_refusal(error)
            finally:
                # By now it has the identity that the router's policy chooses.
                self.author = addresses.normalize(message["From"])
        return None
