from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...tools.inbound import recipients
from ...tools.mail import addresses, headers
from ...tools.watch import learning
from ...tools.watch import round_trip as trip_tools
from ..concurrency import hold

#: So many of the newest mails must agree before only certain servers are believed.
RECENT_MAILS = 20
#: Bytes of each that are read: headers stand on top.
RECENT_BYTES = 48 * 1024
# Field -> (code of the finding that says what was learnt, its detail).
LEARNT_FINDINGS = {
    "recipient_headers": ("learnt_header", "header"),
    "own_hosts": ("learnt_hosts", "hosts"),
    "authserv_ids": ("learnt_authserv", "server"),
}


class MailCatchallRouter(models.Model):
    """What the router learns of its provider: where it writes the original recipient,
    by which names its own lines are known, and who signs the mail of each domain."""

    _inherit = "mail.catchall.router"

    recipient_headers = fields.Char(
        "Original Recipient Header",
        help="The headers in which your provider names the original recipient, "
        "separated by commas. Odoo looks at them first. A round trip test fills this "
        "in; empty: all known headers.",
    )
    #: {domain of the author: [[signing domain, selector]]}
    signatures = fields.Json("DKIM Signatures", readonly=True, copy=False)
    records_date = fields.Datetime("DNS Looked Up On", readonly=True, copy=False)

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

    def _learn_from(self, arrival, message, trusted):
        """Keep what a probe that has come back tells of the provider, as far as that
        takes nothing away from what is believed now, and who has signed it.

        Where the provider's profile fits, it tells which servers to believe.

        :param arrival: ``round_trip.Arrival``
        :param message: the probe's ``mail.catchall.message``
        :param trusted: what is believed now, dict
        :return: list of ``round_trip.Finding``
        """
        hold(self)
        self._learn_signatures(arrival)
        found = dict(self._learn_header(arrival))
        if not arrival.profile:
            recent = [one.headers for one in self._recent_mails(message)]
            found |= dict(self._learn_hosts(arrival, recent, trusted["own_hosts"]))
            # What was just learnt of its servers tells which verdicts are its own.
            hosts = trusted["own_hosts"] | frozenset(found.get("own_hosts", ()))
            ids = trusted["authserv_ids"]
            found |= dict(self._learn_authserv(arrival, recent, hosts, ids))
        for name, names in found.items():
            self._learn_names(name, names)
        learnt = [_said_of(name, names) for name, names in found.items()]
        return [*learnt, *_judge_profile(arrival.profile, trusted["profile"])]

    def _learn_signatures(self, arrival):
        """Keep who signed a probe, and have the keys looked up in the DNS.

        :param arrival: ``round_trip.Arrival``
        """
        domain = addresses.domain(arrival.author)
        seen = [[one.domain, one.selector] for one in arrival.signatures]
        known = self.signatures or {}
        if domain and known.get(domain) != seen:
            self.write({"signatures": {**known, domain: seen}, "records_date": False})
            self.env.ref("mail_catchall_router.ir_cron_records").sudo()._trigger()

    def _learn_header(self, arrival):
        """Yield the header that names the original recipient, as (field, names)."""
        name = arrival.recipient_header
        known = [one.lower() for one in self._recipient_header_names()]
        if recipients.is_trace_name(name) and name.lower() not in known:
            yield "recipient_headers", [name]

    @api.model
    def _learn_hosts(self, arrival, recent, known):
        """Yield the provider's servers, as (field, names), if none are known."""
        names = learning.learnable(arrival.hosts)
        if not known and learning.keeps_trust(recent, frozenset(names)):
            yield "own_hosts", names

    @api.model
    def _learn_authserv(self, arrival, recent, hosts, known):
        """Yield who judges the sender of a mail, as (field, names).

        :param hosts: the provider's servers
        :param known: the names under which it judges
        """
        found = arrival.authserv_id
        if not found or any(addresses.is_below(found, one) for one in known):
            return
        (name,) = learning.learnable([found])
        is_believed = bool(arrival.verdicts.authserv_id)
        if known or not is_believed or learning.keeps_verdicts(recent, hosts, name):
            yield "authserv_ids", [name]

    def _recent_mails(self, before=None):
        """Return the newest mails that came from outside, newest first, as
        ``learning.Arrived``; of long ones only the beginning is read.

        :param before: the ``mail.catchall.message`` that they are older than, or None
        """
        Message = self.env["mail.catchall.message"]
        Message.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT create_date, %s
                  FROM mail_catchall_message
                 WHERE router_id = %s AND (%s OR id < %s) AND raw IS NOT NULL
                   AND entrance = 'mailbox' AND state IN ('delivered', 'held')
                 ORDER BY id DESC
                 LIMIT %s
                """,
                Message._fields["raw"].part_to_sql(Message._table, 0, RECENT_BYTES),
                self.id,
                before is None,
                before.id if before else 0,
                RECENT_MAILS,
            )
        )
        return [
            learning.Arrived(date, headers.parse_headers(bytes(raw)))
            for date, raw in rows
        ]


def _found(code, **details):
    return trip_tools.Finding(code, trip_tools.GOOD, details)


def _judge_profile(fitting, expected):
    """Yield whether the headers are those that are known of the provider.

    :param fitting: code of the profile that the probe's headers fit, or ""
    :param expected: the account's ``Profile``, or None
    """
    if fitting:
        yield _found("headers_known", profile=fitting)
    elif expected:
        details = {"profile": expected.code}
        yield trip_tools.Finding("headers_strange", trip_tools.WARNING, details)


def _said_of(field_name, names):
    """Return the ``round_trip.Finding`` that says what was learnt."""
    code, detail = LEARNT_FINDINGS[field_name]
    return _found(code, **{detail: ", ".join(names)})
