import time
from datetime import timedelta
from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...tools.inbound.automatic import marked
from ...tools.mail import addresses
from ...tools.outbound import decision_links
from ..decide.message_triage import CHOICES

DIGEST_LINES = 50
LINK_AGE = timedelta(days=7)
LINK_PATH = "/mail_catchall_router/decide"
# What a link does, and what the triage calls it: offered only where it makes sense.
LINK_ACTIONS = {
    **dict.fromkeys(CHOICES, "choose"),
    "release": "release",
    "discard": "discard",
    "block": "block_sender",
}


class MailCatchallRouter(models.Model):
    """The daily digest: what waits for a person, by mail, with a link per decision."""

    _inherit = "mail.catchall.router"

    digest_user_ids = fields.Many2many(
        "res.users",
        "mail_catchall_router_digest_rel",
        string="Daily Digest To",
        help="These users get an email each day while something waits under "
        "“To Decide”. It shows what they may see, with links to decide.",
    )

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_digest(self):
        """Queue a digest for each chosen user for whom something waits."""
        routers = self.search([("digest_user_ids", "!=", False)])
        for user in routers.digest_user_ids.filtered("active"):
            chosen = routers.filtered(
                lambda one, user=user: user in one.digest_user_ids
            )
            chosen._queue_digest(user)

    def _queue_digest(self, user):
        """Queue the digest of these routers for one user, if something waits.

        :return: the queued ``mail.mail``, or an empty one
        """
        theirs = self.env["mail.catchall.message"].with_user(user)
        if not user.email or not theirs.has_access("read"):
            return self.env["mail.mail"]
        messages = theirs.with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )
        domain = Domain("router_id", "in", self.ids) & messages._to_decide_domain()
        count = messages.search_count(domain)
        if not count:
            return self.env["mail.mail"]
        shown = messages.search(domain, limit=DIGEST_LINES)
        return self._send_digest(user, shown, count)

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _send_digest(self, user, messages, count):
        router = self.filtered(lambda one: one.company_id == user.company_id) or self
        values = router[0]._prepare_digest_values(user, messages, count)
        mail = self.env["mail.mail"].sudo().create(values)
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return mail

    def _prepare_digest_values(self, user, messages, count):
        """Return the values of the ``mail.mail`` with these messages in it."""
        env = messages.env
        account = addresses.readable_address(
            self.company_id.name or "", self.account_email or ""
        )
        body = env["ir.qweb"]._render(
            "mail_catchall_router.quarantine_digest",
            {
                "lines": self._digest_lines(user, messages),
                "more": count - len(messages),
                "url": f"{self.get_base_url()}/odoo/mail-router-triage",
                "days": LINK_AGE.days,
            },
            lang=user.lang,
        )
        return {
            "subject": env._("To Decide: %s emails are waiting for you", count)
            if count > 1
            else env._("To Decide: one email is waiting for you"),
            "body_html": body,
            "email_to": user.email_formatted,
            "email_from": account or self.company_id.email_formatted,
            "reply_to": account or False,
            "author_id": False,
            "message_type": "auto_comment",
            "headers": repr(marked({})),
            "mail_server_id": self.sudo().mail_server_id.id,
            "auto_delete": True,
        }

    def _digest_lines(self, user, messages):
        """Return what the digest shows of each of these messages."""
        decidable = messages._filtered_decidable()
        snippets = messages._snippets()
        return [
            {
                **self._digest_line(user, message, message in decidable),
                "snippet": snippets.get(message.id, ""),
            }
            for message in messages
        ]

    def _digest_line(self, user, message, is_decidable):
        """Return what the digest shows of one message: texts, and links by action."""
        candidates = message.candidate_ids
        if message.state != "held":
            candidates = candidates.browse()
        return {
            **message._summary_shown(),
            "recipients": message.recipients or "",
            "meant": ", ".join(one.address for one in candidates),
            "targets": dict(zip(CHOICES, candidates.mapped("address"), strict=False)),
            "is_dangerous": message._is_dangerous(),
            "arrived": format_datetime(
                message.env, message.create_date, tz=user.tz, dt_format="short"
            ),
            "links": self._decision_links(user, message) if is_decidable else {},
            "open": f"{self.get_base_url()}/odoo/mail-router-triage/{message.id}",
            "creates": is_decidable
            and message._triage_offer()["primary"] == "create_address",
        }

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    def _decision_links(self, user, message):
        """Return {action: URL} of the decisions that a message allows."""
        expires = int(time.time() + LINK_AGE.total_seconds())
        offer = message._triage_offer()
        offered = {offer["primary"], *offer["actions"]}
        without = CHOICES[len(message.candidate_ids) :]
        links = {}
        for action, decision in LINK_ACTIONS.items():
            if decision not in offered or action in without:
                continue
            parameters = decision_links.make(
                self._signing_keys()[0],
                self._database_id(),
                decision_links.Decision(message.id, action, user.id, expires),
            )
            links[action] = f"{self.get_base_url()}{LINK_PATH}?{urlencode(parameters)}"
        return links

    @api.model
    def _read_decision(self, parameters):
        """Return the ``Decision`` that a link asks for, or None.

        :param parameters: dict of the link's parameters
        """
        return decision_links.read(
            self._signing_keys(), self._database_id(), parameters
        )
