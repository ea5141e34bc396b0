from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime
from odoo.tools.translate import LazyTranslate

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.mail import preview
from ...tools.watch import alias_health
from ..ir_http import READER_GROUP
from ..windows import notice
from ..words import translated

_lt = LazyTranslate(__name__)

SHOWN_LENGTH = 80
#: When the mailbox is read after a test mail was sent.
LOOK_AFTER = timedelta(seconds=20)

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
    """What people see of an address where they work: whether it works, its last mail,
    and a test mail."""

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
    # ACTIONS
    # ------------------------------------------------------------

    def action_catchall_send_test(self):
        """Send a real mail from the user to the address, through the router's account.

        :return: a notification that says where it will appear
        :raises UserError: with what is wrong
        """
        self.ensure_one()
        self.check_access("write")
        return self._catchall_send_test()

    # ------------------------------------------------------------
    # REPORT
    # ------------------------------------------------------------

    def _catchall_reports(self, archived=()):
        """Return {alias id: report} of those that have an address: ``address``,
        ``state`` (of ``tools.health``), ``code``, ``label``, ``sentence``, ``last``
        and ``can_test``.

        :param archived: ids of the aliases whose document is archived
        """
        named = self._origin.sudo().filtered("alias_name")
        last = named._catchall_last_mails()
        Router = self.env["mail.catchall.router"]
        served = Router._describe_domains(named.alias_domain_id)
        nobody = Router._describe_domain(Router)
        return {
            alias.id: alias.with_env(self.env)._catchall_report(
                served.get(alias.alias_domain_id.id, nobody),
                alias.id in archived,
                last.get(alias.id),
            )
            for alias in named
        }

    def _catchall_report(self, served, is_archived, last):
        """Return the report of one alias, as the current user may see it.

        :param served: see ``mail.catchall.router._describe_domain``
        :param last: see :meth:`_catchall_last_mails`
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
        }

    def _catchall_last_words(self, last):
        """Return when the last mail came; from whom, for who reads the journal."""
        if not last:
            return ""
        when = format_datetime(self.env, last["date"], tz=self.env.user.tz)
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

    # ------------------------------------------------------------
    # TEST MAIL
    # ------------------------------------------------------------

    def _catchall_send_test(self):
        """Send the test mail as the current user; who calls has checked his rights."""
        alias_sudo = self.sudo()
        address = alias_sudo.alias_full_name or ""
        router_sudo = self.env["mail.catchall.router"]._find_for_domain(
            alias_sudo.alias_domain
        )
        if "@" not in address or not router_sudo:
            raise UserError(
                self.env._("No mail router sends mail for this address's domain.")
            )
        if not self.env.user.email_normalized:
            raise UserError(
                self.env._("You have no email address: enter one in your preferences.")
            )
        subject = self.env._("Test mail to %s", address)
        self._catchall_hand_over_test(router_sudo, address, subject)
        cron_sudo = self.env.ref("mail.ir_cron_mail_gateway_action").sudo()
        cron_sudo._trigger(fields.Datetime.now() + LOOK_AFTER)
        title = self.env._("Sent to %s", address)
        return notice(alias_sudo._catchall_where(subject), title=title, sticky=True)

    def _catchall_hand_over_test(self, router_sudo, address, subject):
        # What carries the mark of our own mail would not be routed.
        sending = self.env["ir.mail_server"].with_context(catchall_unmarked=True)
        body = self.env._(
            "%s sent this email from Odoo to check that email to this address "
            "arrives. You can delete it.",
            self.env.user.name,
        )
        message = sending._build_email__(
            self.env.user.email_formatted, [address], subject, body, subtype="plain"
        )
        server_sudo = router_sudo.mail_server_id
        with router_sudo._outgoing_session(server_sudo, message["From"]) as session:
            try:
                sending.send_email(
                    message, mail_server_id=server_sudo.id, smtp_session=session
                )
            except MailDeliveryException as error:
                raise UserError(
                    self.env._("The mail server did not accept the email: %s", error)
                ) from error

    def _catchall_where(self, subject):
        """Return where a mail to this alias appears."""
        model = self.alias_model_id.with_env(self.env).sudo()
        thread_id = self.alias_force_thread_id
        if thread_id and model.model in self.env:
            record = self.env[model.model].browse(thread_id).exists()
            return self.env._(
                "In a few minutes it is in the messages of “%s”.",
                record.sudo().display_name,
            )
        return self.env._(
            "In a few minutes there is a new document of the kind “%(kind)s” with the "
            "subject “%(subject)s”. Then load this page again.",
            kind=model.name,
            subject=subject,
        )
