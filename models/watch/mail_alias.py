from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime
from odoo.tools.translate import LazyTranslate

from ...tools.mail import preview
from ...tools.watch import alias_health
from ..ir_http import READER_GROUP
from ..words import translated

_lt = LazyTranslate(__name__)

SHOWN_LENGTH = 80

LABELS = {
    "no_domain": _lt("Incomplete"),
    "unserved": _lt("Not collected"),
    "not_collected": _lt("Email does not arrive"),
    "invalid": _lt("Fails"),
    "archived": _lt("Archived"),
    "works": _lt("Works"),
    "ready": _lt("Ready"),
    "untested": _lt("Not tested"),
}
SENTENCES = {
    "no_domain": _lt("The address has no domain yet."),
    "unserved": _lt("No mail router collects mail for %(domain)s."),
    "not_collected": _lt(
        "Odoo cannot read the mailbox for %(domain)s at the moment. The email waits "
        "on the mail server; an administrator of the mail router can see why."
    ),
    "invalid": _lt(
        "The last email could not become a document: the default values of the alias "
        "lack something that is required."
    ),
    "archived": _lt("This is archived, but mail to the address still arrives here."),
    "works": "",
    "ready": _lt("Mail to this address arrives here. None has come yet."),
    "untested": _lt("No mail has come yet. Send a test email to see whether it works."),
}


class MailAlias(models.Model):
    """What people see of an address where they work: whether it works, and its last
    mail."""

    _inherit = "mail.alias"

    catchall_alias_report = fields.Json(
        "State of the Address",
        compute="_compute_catchall_alias_report",
        groups="base.group_user",
    )

    @api.depends("alias_full_name", "alias_status")
    @api.depends_context("uid", "lang", "tz", "allowed_company_ids")
    def _compute_catchall_alias_report(self):
        reports = self._catchall_reports()
        for alias in self:
            alias.catchall_alias_report = reports.get(alias._origin.id, False)

    # ------------------------------------------------------------
    # REPORT
    # ------------------------------------------------------------

    def _catchall_reports(self, archived=()):
        """Return {alias id: report} of those that have an address: ``address``,
        ``state`` (of ``tools.health``), ``code``, ``label``, ``sentence``, ``last``,
        ``can_test``, ``question`` (what is asked before a test) and ``tests``, how many
        documents tests have made.

        :param archived: ids of the aliases whose document is archived
        """
        named = self._origin.sudo().filtered("alias_name")
        last = named._catchall_last_mails()
        tests = Counter(test.alias_id.id for test in named._catchall_tests())
        Router = self.env["mail.catchall.router"]
        served = Router._describe_domains(named.alias_domain_id)
        nobody = Router._describe_domain(Router)
        return {
            alias.id: alias.with_env(self.env)._catchall_report(
                served.get(alias.alias_domain_id.id, nobody),
                alias.id in archived,
                last.get(alias.id),
                tests[alias.id],
            )
            for alias in named
        }

    def _catchall_report(self, served, is_archived, last, tests):
        """Return the report of one alias, as the current user may see it.

        :param served: see ``mail.catchall.router._describe_domain``
        :param last: see :meth:`_catchall_last_mails`
        :param tests: how many documents tests have made
        """
        alias_sudo = self.sudo()
        domain = alias_sudo.alias_domain or ""
        state, code = alias_health.judge(
            alias_health.Address(
                has_domain=bool(domain),
                is_served=served["is_served"],
                is_collected=served["is_collected"],
                is_verified=served["is_verified"],
                is_invalid=alias_sudo.alias_status == "invalid",
                is_archived=is_archived,
                last=last and last["date"],
            )
        )
        return {
            "address": alias_sudo.alias_full_name or alias_sudo.alias_name,
            "state": state,
            "code": code,
            "label": translated(self.env, LABELS[code]),
            "sentence": translated(self.env, SENTENCES[code]) % {"domain": domain},
            "last": self._catchall_last_words(last),
            "can_test": served["sends"],
            "question": self._catchall_test_question(),
            "tests": tests,
        }

    def _catchall_last_words(self, last):
        """Return when the last mail came; from whom, for who reads the journal."""
        if not last:
            return ""
        when = format_datetime(
            self.env, last["date"], tz=self.env.user.tz, dt_format="short"
        )
        may_know = (
            self.env.user.has_group(READER_GROUP)
            and last["company"] in self.env.companies.ids
        )
        if not may_know or not last["sender"]:
            return self.env._("Last email: %s", when)
        sender = preview.short_line(last["sender"], SHOWN_LENGTH)
        return self.env._(
            "Last email: %(time)s, from %(sender)s", time=when, sender=sender
        )

    def _catchall_last_mails(self):
        """Return {alias id: {"date", "sender", "company"}} of the last mail that came
        to each of these aliases."""
        self.env["mail.catchall.delivery"].flush_model(["alias_id", "state"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT alias.id, delivery.create_date AS date,
                       message.email_from AS sender, message.company_id AS company
                  FROM unnest(%s::int[]) AS alias(id)
            CROSS JOIN LATERAL (
                       SELECT create_date, message_id
                         FROM mail_catchall_delivery
                        WHERE alias_id = alias.id AND state = 'delivered'
                        ORDER BY id DESC
                        LIMIT 1) AS delivery
                  JOIN mail_catchall_message AS message
                    ON message.id = delivery.message_id
                """,
                self.ids,
            )
        )
        return {row["id"]: row for row in rows}
