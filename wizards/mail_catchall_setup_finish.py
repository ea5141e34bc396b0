from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ..models.trip.instructions import catch_all_steps
from ..models.trip.mail_catchall_finding import WITH_STEPS
from ..models.trip.mail_catchall_trip import OPEN_STATES
from ..models.words import translated
from ..tools.servers import discovery, survey

_lt = LazyTranslate(__name__)

# So long is the mailbox collected for who waits, and so often.
WAITED = timedelta(minutes=20)
LOOK_EVERY = timedelta(seconds=15)
# Where no app takes mail; the first that nobody has.
GENERAL_NAMES = ("info", "office", "mail")
FIRST_TITLES = {
    "crm.lead": _lt("Your first lead:"),
    "hr.applicant": _lt("Your first applicant:"),
    "project.task": _lt("Your first task:"),
    "helpdesk.ticket": _lt("Your first ticket:"),
}


class MailCatchallSetup(models.TransientModel):
    """The end of the assistant: whether the catch-all is switched on, as far as a mail
    that was sent round has shown it, and what became of the first mail."""

    _inherit = "mail.catchall.setup"

    ending = fields.Selection(
        [
            ("untested", "Not tested"),
            ("testing", "Being tested"),
            ("ready", "Ready"),
            ("off", "Catch-all not switched on"),
            ("lost", "Test email lost"),
        ],
        compute="_compute_ending",
        compute_sudo=True,
    )
    catch_all_steps = fields.Html(compute="_compute_catch_all_steps", sanitize=False)
    general_address = fields.Char(readonly=True)
    seen_message_id = fields.Integer(readonly=True)
    first_mail = fields.Json(compute="_compute_first_mail")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("router_id.trip_ids.state", "router_id.trip_ids.finding_ids.code")
    def _compute_ending(self):
        for setup in self:
            setup.ending = setup._ending_of(setup.router_id.last_trip_id)

    @api.model
    def _ending_of(self, trip):
        """Return what the last mail that was sent round tells of the catch-all.

        :param trip: a ``mail.catchall.trip``, or an empty one
        """
        if not trip:
            return "untested"
        if trip.state == "arrived":
            return "ready"
        if trip.state in OPEN_STATES:
            return "testing"
        is_off = set(WITH_STEPS) & set(trip.finding_ids.mapped("code"))
        return "off" if is_off else "lost"

    @api.depends("step", "router_id.domain_provider", "mailbox", "domain")
    @api.depends_context("lang")
    def _compute_catch_all_steps(self):
        for setup in self:
            values = {"account": setup._address(), "domain": setup._domain_name()}
            provider = setup._router()._catch_all_provider()
            setup.catch_all_steps = setup.step == "done" and catch_all_steps(
                self.env, provider, values
            )

    @api.depends("step", "router_id", "line_ids.wanted", "general_address")
    @api.depends_context("lang", "uid")
    def _compute_first_mail(self):
        """Say to which address the first mail is waited for and, once it is here, what
        it has become: a title, its name and, for who may see it, where it is."""
        for setup in self:
            address = setup._first_address()
            if setup.step != "done" or not address:
                setup.first_mail = False
                continue
            found = setup._find_first_mail()
            setup.first_mail = {
                "address": address,
                "ending": setup.ending,
                "mail": setup._shown_first(found) if found else False,
            }

    def _first_address(self):
        emails = self._served_lines().mapped("email")
        return next(filter(None, emails), self.general_address)

    def _find_first_mail(self):
        """Return the first mail that has an end since everything is set up; one that
        Odoo has sent round is nobody's mail."""
        messages_sudo = self.env["mail.catchall.message"].sudo()
        return messages_sudo.search(
            [
                ("id", ">", self.seen_message_id),
                ("router_id", "=", self.router_id.id),
                ("state", "in", ("delivered", "held")),
                ("entrance", "!=", "import"),
            ],
            order="id",
            limit=1,
        )

    def _shown_first(self, message_sudo):
        delivery_sudo = message_sudo.delivery_ids.filtered("res_id")[:1]
        if message_sudo.state == "delivered" and delivery_sudo.model in self.env:
            record = self.env[delivery_sudo.model].browse(delivery_sudo.res_id)
            title = FIRST_TITLES.get(record._name, _lt("Your first email is here:"))
        else:
            record = self.env[message_sudo._name].browse(message_sudo.id)
            title = _lt("Your first email is here, and waits for your decision:")
        is_shown = record.exists() and record.has_access("read")
        return {
            "title": translated(self.env, title),
            "name": message_sudo.subject or self.env._("(no subject)"),
            "model": record._name if is_shown else False,
            "id": record.id if is_shown else False,
        }

    # ------------------------------------------------------------
    # WAIT
    # ------------------------------------------------------------

    def _begin_waiting(self):
        """Remember what is in the journal, and who has the company's mail."""
        last = self.env["mail.catchall.message"].sudo().search([], limit=1)
        domain = self._domain_name()
        found = discovery.find_candidates(domain, survey.ask_domain(domain))
        self.write(
            {
                "seen_message_id": last.id,
                "general_address": self._free_general_address(),
            }
        )
        # What the MX record of the domain names; the mailbox may be elsewhere.
        known = found.provider or found.hoster
        self.router_id.sudo().domain_provider = known and known.code

    def _free_general_address(self):
        """Return an address whose mail waits for a person, or False where the router
        does something else with the mail of unknown addresses."""
        if self.router_id.sudo().unknown_policy != "hold":
            return False
        taken = self._taken_addresses(GENERAL_NAMES)
        free = (name for name in GENERAL_NAMES if not taken[name])
        name = next(free, False)
        return name and f"{name}@{self._domain_name()}"

    def action_look(self):
        """Let the mailbox be collected, as somebody is waiting for a mail.

        :return: ``first_mail``
        """
        self.ensure_one()
        if self.first_mail and not self.first_mail["mail"]:
            server_sudo = self.router_id.sudo().fetchmail_server_id
            if self._is_look_due(server_sudo):
                server_sudo._catchall_wake()
        return self.first_mail

    def _is_look_due(self, server_sudo):
        """Tell whether to log in again: providers count logins, and a page may be left
        open for days."""
        now = fields.Datetime.now()
        collected = server_sudo.date
        return (
            now - self.write_date < WAITED
            and (not collected or now - collected >= LOOK_EVERY)
            and not server_sudo._catchall_wakes()
        )
