from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.inbound import recipients
from ..tools.mail import addresses, headers
from .windows import window

# With these a router takes a server over.
SERVER_FIELDS = {"fetchmail_server_id", "mail_server_id"}
# What decides whether a router sends.
SENDING_FIELDS = {"mail_server_id", "active", "alias_domain_ids"}
# Messages of which the sizes are added up.
SIZED_ROWS = 5_000
LIMITS = (
    "max_size",
    "max_seconds",
    "max_attempts",
    "keep_delivered",
    "keep_held",
    "keep_ignored",
)


class MailCatchallRouter(models.Model):
    """One catch-all account: the domains it serves, its incoming and its
    outgoing server, and how it treats the mail it finds.

    A router with an incoming server takes that server over: its mail goes
    through the journal (``mail.catchall.message``) instead of core's loop.
    """

    _name = "mail.catchall.router"
    _description = "Mail Router"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    # identity
    name = fields.Char(
        required=True,
        help="The router's name in lists and messages, for example its domain.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Mail that cannot be assigned to one company by its domain is shown "
        "to the users of this company.",
    )
    alias_domain_ids = fields.Many2many(
        "mail.alias.domain",
        string="Domains",
        bypass_search_access=True,
        help="The email domains whose email arrives in this mailbox. Only addresses "
        "on these domains count as yours: Odoo leaves all others alone.",
    )
    account_email = fields.Char(
        "Account Address",
        compute="_compute_account_email",
        store=True,
        readonly=False,
        help="The address of the catch-all mailbox itself. Odoo sends through it, "
        "but never takes it for the address that a sender meant. Change it only if "
        "Odoo did not recognise it from the login.",
    )
    sending_falls_back = fields.Boolean(
        related="mail_server_id.catchall_falls_back", related_sudo=True
    )
    # collecting
    fetchmail_server_id = fields.Many2one(
        "fetchmail.server",
        "Incoming Server",
        ondelete="restrict",
        index=True,
        copy=False,
        help="The mailbox that this router reads. Odoo stores its email in Messages "
        "before doing anything else with it. Without one, the router only sends.",
    )
    folder_ids = fields.One2many(
        "mail.catchall.folder",
        "router_id",
        "Folders",
        help="The folders of the mailbox that Odoo reads. Add your provider's Junk "
        "folder if good email sometimes lands there: Odoo checks it like any other "
        "email.",
    )
    take_over = fields.Selection(
        [
            ("unread", "Unread mail"),
            ("everything", "All mail"),
            ("new", "Only mail that arrives from now on"),
        ],
        "Start With",
        required=True,
        default="unread",
        help="What Odoo collects of the email that was in the mailbox before the "
        "router read it for the first time. Choose it before that: later it has no "
        "effect.",
    )
    after_collect = fields.Selection(
        [
            ("seen", "Mark it as read"),
            ("leave", "Leave it as it is"),
            ("move", "Move it to a folder"),
            ("delete", "Delete it"),
        ],
        "After Collecting",
        required=True,
        default="seen",
        help="What happens to an email on the mail server once Odoo has stored it "
        "safely. With POP3 you can only leave or delete it.",
    )
    move_folder = fields.Char(
        "Move to Folder",
        default="Processed",
        help="The folder of the mailbox to which Odoo moves collected email, in the "
        "mail server's spelling, for example Processed or INBOX.Processed.",
    )
    max_size = fields.Integer(
        "Largest Mail (MB)",
        default=50,
        help="Odoo reads only the headers of a larger email. It stays on the mail "
        "server, and its message is held.",
    )
    keep_delivered = fields.Integer(
        "Keep Delivered (days)",
        default=30,
        help="How long Odoo keeps the raw mail of delivered messages. After that the "
        "message stays, without the raw mail.",
    )
    keep_held = fields.Integer(
        "Keep Held (days)",
        default=90,
        help="How long Odoo keeps the raw mail of held and dead messages.",
    )
    keep_ignored = fields.Integer(
        "Keep Ignored (days)",
        default=7,
        help="How long Odoo keeps the raw mail of ignored messages.",
    )
    # routing
    max_seconds = fields.Integer(
        "Routing Time Limit (s)",
        default=60,
        help="Odoo stops routing an email that takes longer, and holds it, so that "
        "it does not keep others waiting. Raise the limit if large emails are held "
        "as too slow.",
    )
    max_attempts = fields.Integer(
        default=12,
        help="Odoo retries an email that causes an error, at longer and longer "
        "intervals. After this many attempts it is dead: the alert recipients are "
        "told, and it waits until somebody presses Retry.",
    )
    # sending
    mail_server_id = fields.Many2one(
        "ir.mail_server",
        "Outgoing Server",
        ondelete="restrict",
        index=True,
        copy=False,
        help="The server that sends the email of these domains. Its page Mail Router "
        "says what recipients see as the sender. Without one, Odoo sends as before.",
    )
    # what is there
    waiting_count = fields.Integer(
        "Waiting",
        compute="_compute_message_counts",
        help="Collected email that waits a moment to be routed.",
    )
    held_count = fields.Integer(
        "Held",
        compute="_compute_message_counts",
        help="Email that waits under “To Decide” for a person's decision.",
    )
    failed_count = fields.Integer(
        "Failed",
        compute="_compute_message_counts",
        help="Email that caused an error. Odoo retries failed email by itself; dead "
        "email waits for the button Retry.",
    )
    kept_size = fields.Float(
        "Raw Mail Kept (MB)",
        compute="_compute_kept_size",
        help="About how large the raw mail of this router is that Odoo keeps. The "
        "database compresses it.",
    )
    missing_count = fields.Integer(
        "Missing",
        compute="_compute_missing_count",
        help="Mail that is in the mailbox and should be in Odoo, but is not. Fetch "
        "Missing Mail collects it.",
    )

    _fetchmail_server_uniq = models.UniqueIndex(
        "(fetchmail_server_id) WHERE active IS TRUE",
        "This incoming server already belongs to another router.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "fetchmail_server_id.user",
        "mail_server_id.smtp_user",
        "alias_domain_ids.name",
    )
    def _compute_account_email(self):
        for router in self:
            logins = (
                router.sudo().fetchmail_server_id.user,
                router.sudo().mail_server_id.smtp_user,
            )
            found = filter(None, map(router._account_of_login, logins))
            router.account_email = next(found, router.account_email or False)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_message_counts(self):
        """Count what has not come to its end: little, whatever the journal's size."""
        counts = {router.id: {} for router in self}
        for router, state, count in self._unsettled_groups("__count"):
            counts[router.id][state] = count
        for router in self:
            found = counts.get(router.id, {})
            router.waiting_count = found.get("received", 0)
            router.held_count = found.get("held", 0)
            router.failed_count = found.get("failed", 0) + found.get("dead", 0)

    def _unsettled_groups(self, *numbers):
        """Return rows of router, state and aggregates of the mail that has no end yet.

        What Odoo comes to and what a person is asked about are counted one after the
        other: each has an index of its own, which an OR of both reads none of alone.
        """
        journal = self.env["mail.catchall.message"]
        of_these = Domain("router_id", "in", self.ids)
        return [
            row
            for which in (Domain("state", "=", "received"), journal._to_decide_domain())
            for row in journal._read_group(
                of_these & which, ["router_id", "state"], numbers
            )
        ]

    @api.model
    def _sized_share(self):
        """Return which share of the journal holds about ``SIZED_ROWS`` messages, as
        PostgreSQL estimates it; 1 for all of it."""
        ((rows,),) = self.env.execute_query(
            SQL(
                "SELECT reltuples FROM pg_class WHERE oid = %s::regclass",
                self.env["mail.catchall.message"]._table,
            )
        )
        return min(1, SIZED_ROWS / max(rows, 1))

    def _compute_kept_size(self):
        """Add up the sizes in some of the journal's pages for all of them: it may hold
        millions of messages. The pages are the same each time, so that they are in
        memory."""
        messages = self.env["mail.catchall.message"]
        messages.flush_model(["router_id", "raw_kept", "size"])
        share = self._sized_share()
        sizes = dict(
            self.env.execute_query(
                SQL(
                    "SELECT router_id, sum(size::bigint) FROM %s"
                    " TABLESAMPLE SYSTEM (%s) REPEATABLE (0)"
                    " WHERE raw_kept AND router_id IN %s"
                    " GROUP BY router_id",
                    SQL.identifier(messages._table),
                    100 * share,
                    tuple(self.ids) or (0,),
                )
            )
        )
        for router in self:
            size = float(sizes.get(router.id, 0))
            router.kept_size = size / share / 1024 / 1024

    @api.depends("folder_ids.missing_count")
    def _compute_missing_count(self):
        for router in self:
            router.missing_count = sum(router.folder_ids.mapped("missing_count"))

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("after_collect", "move_folder")
    def _check_move_folder(self):
        for router in self:
            if (
                router.after_collect == "move"
                and not (router.move_folder or "").strip()
            ):
                raise ValidationError(
                    self.env._(
                        "Router %s moves collected mail: name the folder to move "
                        "it to.",
                        router.name,
                    )
                )

    @api.constrains(*LIMITS)
    def _check_limits(self):
        for router in self:
            if min(router[limit] for limit in LIMITS) < 1:
                raise ValidationError(
                    self.env._(
                        "Router %s: sizes, times, days and attempts must be at "
                        "least 1.",
                        router.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._require_readable(vals)
        routers = super().create(vals_list)
        routers._take_home()
        for router in routers.filtered(lambda router: not router.folder_ids):
            router.folder_ids = [fields.Command.create({"name": "INBOX"})]
        self._forget_active_routers()
        self.env.registry.clear_cache()
        return routers

    def write(self, vals):
        self._require_readable(vals)
        done = super().write(vals)
        self._forget_active_routers()
        if SERVER_FIELDS & set(vals):
            self._take_home()
        if SENDING_FIELDS & set(vals):
            self.env.registry.clear_cache()
        return done

    def copy_data(self, default=None):
        """Return what a copy begins with: the settings, but none of the servers, as two
        routers would read one mailbox."""
        copied = super().copy_data(default)
        if "name" not in (default or {}):
            for router, values in zip(self, copied, strict=True):
                values["name"] = self.env._("%s (copy)", router.name)
        return copied

    @api.ondelete(at_uninstall=False)
    def _unlink_without_mail(self):
        """Keep a router that mail came through: what it has received says so."""
        journal_sudo = self.env["mail.catchall.message"].sudo()
        for router in self:
            if journal_sudo.search_count([("router_id", "=", router.id)], limit=1):
                raise UserError(
                    self.env._(
                        "Email came through the router “%s”, and stays in Messages: "
                        "the router cannot be deleted. Archive it instead.",
                        router.name,
                    )
                )

    def unlink(self):
        done = super().unlink()
        self._forget_active_routers()
        self.env.registry.clear_cache()
        return done

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try_refused_senders(self):
        """Let everybody's mail go out under the own name again."""
        self.check_access("write")
        return self.sudo().mail_server_id.action_catchall_try_refused()

    def action_open_messages(self):
        """Open this router's messages, or those of them that are counted in the states
        of the context."""
        self.ensure_one()
        self.check_access("read")
        domain = Domain("router_id", "=", self.id)
        if states := self.env.context.get("catchall_states"):
            counted = self.env["mail.catchall.message"]._unsettled_domain()
            domain &= Domain("state", "in", states) & counted
        return window(self.env, "message_action", domain=list(domain), context={})

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_check(self):
        """Check each mailbox for mail that is missing in the journal."""
        servers = self.search([("fetchmail_server_id", "!=", False)]).mapped(
            "fetchmail_server_id"
        )
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(servers))
        for server in servers:
            server._catchall_check()
            if not commit_progress(1):
                break

    # ------------------------------------------------------------
    # WHAT THE ROUTER KNOWS
    # ------------------------------------------------------------

    @api.model
    def _find_for_domain(self, domain):
        """Return the router that serves a domain name, with an outgoing server."""
        ids = self._ids_by_domain().get(domain) if domain else None
        if not ids:
            return self.browse()
        found = self._active_routers().filtered(
            lambda router: router.id in ids and router.mail_server_id
        )
        return found._among(domain)[:1]

    @api.model
    def _find_for_mail(self, raw):
        """Return the router whose domains a mail from a pipe is meant for.

        :param raw: the mail's bytes
        """
        routers = self.sudo().search([("alias_domain_ids", "!=", False)])
        if not routers:
            return routers
        domains = frozenset().union(*(router._own_domains() for router in routers))
        found = recipients.find_recipients(
            headers.parse_headers(raw),
            own_domains=domains,
            account_addresses=frozenset(),
        )
        wanted = {addresses.domain(one.address) for one in found.must_settle}
        found = routers.filtered(lambda router: wanted & router._own_domains())
        if len(found) > 1:
            found = found._own_first(min(wanted & found._own_domains()))
        return found[:1]

    def _require_size(self, size):
        """Refuse a mail from a pipe before it is stored: its server then tells the
        sender, as of any mail that is too large.

        :param size: int, bytes
        :raises UserError: that says how large it may be
        """
        if size > self.max_size * 1024 * 1024:
            raise UserError(
                self.env._(
                    "The email is larger than the %(size)s MB that the mail router "
                    "%(name)s accepts.",
                    size=self.max_size,
                    name=self.name,
                )
            )

    def _journal_from(self, entrance, raws):
        """Write mails that come by another way than the mailbox into the journal.

        :param entrance: the message's ``entrance``
        :param raws: list of bytes
        :return: the new messages
        """
        self.ensure_one()
        journal = self.env["mail.catchall.message"]
        messages = journal._journal(
            self, [{"raw": raw, "entrance": entrance} for raw in raws]
        )
        journal._trigger_routing()
        return messages

    def _own_domains(self):
        """Return the frozenset of the domain names the router serves."""
        return frozenset(
            name.lower() for name in self.sudo().alias_domain_ids.mapped("name")
        )

    def _account_addresses(self):
        """Return the frozenset of the account's own normalised addresses."""
        self_sudo = self.sudo()
        logins = (
            self_sudo.account_email,
            self_sudo.fetchmail_server_id.user,
            self_sudo.mail_server_id.smtp_user,
        )
        return frozenset(filter(None, map(self._account_of_login, logins)))

    def _account_of_login(self, login):
        """Return the address that belongs to a login name, or ''.

        A login without a domain is taken as a mailbox of the first domain.
        """
        if login and "@" not in login and self.sudo().alias_domain_ids:
            login = f"{login}@{self.sudo().alias_domain_ids[:1].name}"
        return addresses.normalize(login or "")

    def _company_of(self, own_addresses):
        """Return the company that all these own addresses belong to by their
        domain; the router's company when they are of several or of none.

        :param own_addresses: normalised addresses on served domains
        """
        names = {addresses.domain(address) for address in own_addresses}
        domains = self.sudo().alias_domain_ids.filtered(
            lambda domain: domain.name.lower() in names
        )
        companies = domains.company_ids
        return companies if len(companies) == 1 else self.company_id
