from odoo import fields, models

from ...tools.outbound import refusals
from ...tools.outbound.attempts import ACCEPTED, DEFERRED, REFUSED, Outcome, chunks
from .sending_run import SendingRun


class IrMailServer(models.Model):
    """One message, as many SMTP transactions as its recipients need: so many at a time
    as the server takes, and those apart whose address needs UTF-8 on its way."""

    _inherit = "ir.mail_server"

    catchall_recipients_limit = fields.Integer(
        related="catchall_state_ids.recipients_limit"
    )

    def _catchall_transactions(self, message, session, recipients, carry):
        """Hand a message over to all these recipients.

        Those for whom the server had too many recipients get it in the next
        transaction, at once (RFC 5321 4.5.3.1.10).

        :param carry: see :meth:`_catchall_send`
        :return: list of ``Outcome``, one for each recipient
        """
        original = list(message.raw_items())
        server = self.sudo().browse(session.catchall_mail_server_id)
        waiting, results = server._catchall_groups(session, recipients)
        while waiting:
            group = waiting.pop(0)
            restore_headers(message, original)
            sending = self._catchall_skipping(set(recipients).difference(group))
            found = dict(
                zip(
                    group,
                    sending._catchall_hand_over(message, session, group, carry),
                    strict=True,
                )
            )
            left = server._catchall_left_over(found)
            waiting = left + waiting
            results |= found
            if any(one.state == DEFERRED and one.of_server for one in found.values()):
                break
        last = next(reversed(results.values()), None)
        return [results.get(one, last) for one in recipients]

    def _catchall_groups(self, session, recipients):
        """Return (list of the recipients of each transaction, {recipient: ``Outcome``}
        of those who cannot be written to).

        An address that is not ASCII makes the whole transaction one of UTF-8, which not
        everybody's server takes (RFC 6531 3.2).
        """
        plain = [one for one in recipients if one.isascii()]
        others = [one for one in recipients if not one.isascii()]
        if others and not session.has_extn("smtputf8"):
            refused = {one: self._catchall_not_ascii(one) for one in others}
            others = []
        else:
            refused = {}
        limit = self._catchall_known_limit()
        groups = [*chunks(plain, limit), *chunks(others, limit)]
        return groups or ([] if refused else [[]]), refused

    def _catchall_not_ascii(self, address):
        return Outcome(
            REFUSED,
            self.env._(
                "%(address)s has letters before the @ that this mail server cannot "
                "send to: %(server)s does not offer SMTPUTF8. Ask the recipient for "
                "another address.",
                address=address,
                server=self.name,
            ),
            refusals.RECIPIENT,
        )

    # ------------------------------------------------------------
    # TOO MANY RECIPIENTS
    # ------------------------------------------------------------

    def _catchall_known_limit(self):
        """Return how many recipients of one mail the server takes, 0 if not known."""
        limits = SendingRun.of(self.env).recipients_limits
        if self.id not in limits:
            limits[self.id] = self.catchall_recipients_limit
        return limits[self.id]

    def _catchall_left_over(self, found):
        """Take those out of the results for whom there were too many recipients, and
        return the groups in which to try them next, [] if that would be in vain.

        :param found: {recipient: ``Outcome``} of one transaction
        """
        crowd = [one for one, out in found.items() if out.kind == refusals.TOO_MANY]
        accepted = sum(out.state == ACCEPTED for out in found.values())
        limit = accepted or len(found) // 2
        if not crowd or not limit:
            return []
        run = SendingRun.of(self.env)
        run.recipients_limits[self.id] = limit
        with run.apart() as env:
            env["mail.catchall.server.state"]._keep_recipients_limit(self.id, limit)
        for one in crowd:
            del found[one]
        return list(chunks(crowd, limit))


def restore_headers(message, items):
    """Give a message back the headers that it had before it was sent."""
    for name in set(message.keys()):
        del message[name]
    for name, value in items:
        message.set_raw(name, value)
