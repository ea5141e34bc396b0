import functools
import time
from dataclasses import asdict
from datetime import timedelta

from odoo import api, fields, models

from ...tools.servers import dns, providers
from ...tools.watch import domain_records, health
from ..concurrency import write_alone

#: How long what the name servers said is taken for true.
LOOKED_UP_EVERY = timedelta(days=1)
#: Seconds for all questions about one account, and for one of them.
ALL_SECONDS = 10
ONE_SECONDS = 3


class MailCatchallRouter(models.Model):
    """What the DNS of the served domains says of their mail: SPF, DKIM and DMARC.

    A scheduled action asks; health reads what is kept. ``records`` is {domain: {item:
    a ``domain_records.Check`` as a dict}}.
    """

    _inherit = "mail.catchall.router"

    records = fields.Json("DNS Records", readonly=True, copy=False)

    @api.model
    def _cron_look_up(self):
        """Look up the records of the domains that nobody looked up for a day."""
        limit = fields.Datetime.now() - LOOKED_UP_EVERY
        due = self.search(
            [
                ("mail_server_id", "!=", False),
                "|",
                ("records_date", "=", False),
                ("records_date", "<", limit),
            ]
        )
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(due))
        for router in due:
            # Nobody waits for their answers.
            write_alone(router, router._look_up_records())
            if not commit_progress(1):
                break

    def _look_up_records(self):
        """Ask the name servers about the served domains; return what they say as the
        values to be kept."""
        self.ensure_one()
        ask, way = self._text_asker(), self._sending_way()
        seen = self.signatures or {}
        found = {
            domain: domain_records.check(domain, ask, way, seen.get(domain))
            for domain in self._public_domains()
        }
        kept = {
            domain: {item: asdict(check) for item, check in checks.items()}
            for domain, checks in found.items()
        }
        return {"records": kept, "records_date": fields.Datetime.now()}

    def _sending_way(self):
        """Return the ``domain_records.Way`` that mail takes out."""
        host = self.sudo().mail_server_id.smtp_host or ""
        provider = providers.of_host(host)
        return domain_records.Way(host.lower(), provider.spf if provider else ())

    def _public_domains(self):
        names = self.sudo().alias_domain_ids.mapped("name")
        return sorted(filter(domain_records.is_public, names))

    @api.model
    def _text_asker(self):
        """Return a function as ``domain_records.Ask`` is, which ends in bounded time
        and asks for each name once."""
        servers = dns.system_nameservers()
        deadline = time.monotonic() + ALL_SECONDS

        @functools.cache
        def ask(name):
            left = min(ONE_SECONDS, deadline - time.monotonic())
            return dns.ask_texts(name, servers, left) if left > 0 else None

        return ask

    def _judge_records(self):
        """Return the ``health.Finding`` of what was looked up, of the domains that are
        still served."""
        kept = self.records or {}
        return domain_records.judge(
            {
                domain: {
                    item: domain_records.Check(**check)
                    for item, check in kept[domain].items()
                }
                for domain in self._public_domains()
                if domain in kept
            }
        )

    def _judge_name_servers(self, silent_until):
        """Return the ``health.Finding`` that no name server has answered when Odoo
        wanted to know who has sent an email, [] if they do.

        :param silent_until: as ``mail.catchall.dns`` tells it
        """
        if not silent_until or self.proof_policy == "off":
            return []
        return [health.Finding("dns", health.WARNING, "silent", {"day": silent_until})]

    def _look_up_again(self):
        """Ask again now, for a person who has just set a record."""
        router_sudo = self.sudo()
        router_sudo.write(router_sudo._look_up_records())
        return True
