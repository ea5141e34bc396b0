import base64

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.inbound import recipients
from ...tools.mail import addresses, headers
from ...tools.watch import learning
from ...tools.watch import round_trip as trip_tools

#: So many of the newest mails must agree before only certain servers are believed.
RECENT_MAILS = 20
#: Bytes of each that are read: headers stand on top.
RECENT_BYTES = 48 * 1024


class MailCatchallRouter(models.Model):
    """What the router learns of its provider: where it writes the original recipient,
    and by which names its own lines are known."""

    _inherit = "mail.catchall.router"

    recipient_headers = fields.Char(
        "Original Recipient Header",
        help="The headers in which your provider names the original recipient, "
        "separated by commas. Odoo looks at them first. A round trip test fills this "
        "in; empty: all known headers.",
    )

    @api.constrains("recipient_headers")
    def _check_recipient_headers(self):
        for router in self:
            for name in router._recipient_header_names():
                if not recipients.is_trace_name(name):
                    raise ValidationError(
                        self.env._(
                            "“%s” cannot be the name of a header that names the "
                            "original recipient.",
                            name,
                        )
                    )

    def _recipient_header_names(self):
        names = (self.recipient_headers or "").replace(";", ",").split(",")
        return tuple(name.strip() for name in names if name.strip())

    def _recipient_header_order(self):
        """Return the headers that may tell the original recipient, the learnt first."""
        return recipients.header_order(self._recipient_header_names())

    # ------------------------------------------------------------
    # LEARN
    # ------------------------------------------------------------

    def _learn_from(self, arrival, message):
        """Keep what a probe that has come back tells of the provider, as far as that
        takes nothing away from what is believed now.

        Where the provider's profile fits, it tells which servers to believe.

        :param arrival: ``round_trip.Arrival``
        :param message: the probe's ``mail.catchall.message``
        :return: list of ``round_trip.Finding``
        """
        findings = self._learn_header(arrival)
        if arrival.profile:
            return [*findings, _found("headers_known", profile=arrival.profile)]
        if profile := self._trusted()["profile"]:
            details = {"profile": profile.code}
            findings.append(
                trip_tools.Finding("headers_strange", trip_tools.WARNING, details)
            )
        recent = [one.headers for one in self._recent_mails(message)]
        return [
            *findings,
            *self._learn_hosts(arrival, recent),
            *self._learn_authserv(arrival, recent),
        ]

    def _learn_header(self, arrival):
        name = arrival.recipient_header
        known = [one.lower() for one in self._recipient_header_names()]
        if not recipients.is_trace_name(name) or name.lower() in known:
            return []
        self._learn_names("recipient_headers", [name])
        return [_found("learnt_header", header=name)]

    def _learn_hosts(self, arrival, recent):
        names = learning.learnable(arrival.hosts)
        if self._trusted_hosts() or not learning.keeps_trust(recent, frozenset(names)):
            return []
        self._learn_names("own_hosts", names)
        return [_found("learnt_hosts", hosts=", ".join(names))]

    def _learn_authserv(self, arrival, recent):
        found, known = arrival.authserv_id, self._trusted_authserv_ids()
        if not found or any(addresses.is_below(found, one) for one in known):
            return []
        (name,) = learning.learnable([found])
        is_believed = bool(arrival.verdicts.authserv_id)
        if (
            is_believed
            and not known
            and not learning.keeps_verdicts(recent, self._trusted_hosts(), name)
        ):
            return []
        self._learn_names("authserv_ids", [name])
        return [_found("learnt_authserv", server=name)]

    def _recent_mails(self, before=None):
        """Return the newest mails that came from outside, newest first, as
        ``learning.Arrived``; of long ones only the beginning is read.

        :param before: the ``mail.catchall.message`` that they are older than, or None
        """
        self.env["mail.catchall.message"].flush_model()
        self.env.cr.execute(
            """
            SELECT create_date, substring(raw FOR %s)
              FROM mail_catchall_message
             WHERE router_id = %s AND (%s OR id < %s) AND raw IS NOT NULL
               AND entrance = 'mailbox' AND state IN ('delivered', 'held')
             ORDER BY id DESC
             LIMIT %s
            """,
            [
                RECENT_BYTES // 3 * 4,
                self.id,
                before is None,
                before.id if before else 0,
                RECENT_MAILS,
            ],
        )
        return [
            learning.Arrived(date, headers.parse_headers(base64.b64decode(bytes(raw))))
            for date, raw in self.env.cr.fetchall()
        ]


def _found(code, **details):
    return trip_tools.Finding(code, trip_tools.GOOD, details)
