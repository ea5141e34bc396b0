from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ..models.setup.res_config_settings import INCOMING_PORTS, OUTGOING_PORTS
from ..models.words import translated
from ..tools.servers import discovery, hosters, providers, survey
from ..tools.servers.providers import PLAIN, SSL, STARTTLS, Server
from .mail_catchall_setup import SERVER_FIELDS

_lt = LazyTranslate(__name__)

DIRECTIONS = ("incoming", "outgoing")
ENCRYPTIONS = {SSL: "ssl_strict", STARTTLS: "starttls_strict", PLAIN: "none"}
SECURITIES = {SSL: _lt("SSL/TLS"), STARTTLS: _lt("STARTTLS"), PLAIN: _lt("none")}
NOT_FOUND = {
    "incoming": _lt(
        "No server for receiving was found. Enter its name below; your mail "
        "provider's help page lists it as IMAP server."
    ),
    "outgoing": _lt(
        "No server for sending was found. Enter its name below; your mail provider's "
        "help page lists it as SMTP server."
    ),
}
# A system parameter for networks with name servers of their own.
PRIVATE_PARAMETER = "mail_catchall_router.discover_private_servers"
POP_PORTS = {995: SSL, 110: PLAIN}
# What hosting with a panel is called, whose mail server has the domain's own name.
PANEL = "cpanel"
OWN_SERVER = _lt(
    "The domain has a mail server of its own, as hosting with cPanel, DirectAdmin or "
    "Plesk has. The mailbox is made in its panel, which also names the servers; Odoo "
    "looks for them itself first."
)


class MailCatchallSetup(models.TransientModel):
    """Finding the servers of the mailbox, and logging in to them.

    The work is cut into stages, each of a few seconds; the screen calls
    ``action_advance`` for one after the other and shows ``progress``.
    """

    _inherit = "mail.catchall.setup"

    stage = fields.Selection(
        [
            ("provider", "Looking for the provider"),
            ("servers", "Trying the servers"),
            ("incoming", "Logging in to receive"),
            ("outgoing", "Logging in to send"),
        ],
        readonly=True,
    )
    progress = fields.Json(readonly=True)
    candidates = fields.Json(readonly=True)
    question = fields.Text(readonly=True)
    hoster = fields.Char(
        readonly=True,
        help="Who has the domain's email, as far as the names of its servers tell.",
    )
    hoster_hint = fields.Text(compute="_compute_hoster_hint")
    hoster_page = fields.Char(compute="_compute_hoster_hint")
    incoming_state = fields.Selection(
        [("works", "Works"), ("failed", "Failed")], readonly=True
    )
    incoming_result = fields.Text(readonly=True)
    outgoing_state = fields.Selection(
        [("works", "Works"), ("failed", "Failed")], readonly=True
    )
    outgoing_result = fields.Text(readonly=True)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("hoster", "mailbox")
    @api.depends_context("lang")
    def _compute_hoster_hint(self):
        """Say at which hoster the mailbox is, and where its servers are named."""
        for setup in self:
            hoster = setup._hoster()
            setup.hoster_hint = hoster and setup._words_about(hoster)
            if setup._told_code() == PANEL:
                setup.hoster_hint = translated(setup.env, OWN_SERVER)
            setup.hoster_page = hoster and hoster.page

    def _hoster(self):
        """Return the ``Hoster`` that was found for the mailbox's domain, or None."""
        return hosters.find(self._told_code())

    def _told_code(self):
        """Return the code of who has the email of the mailbox's domain, "" for nobody
        that is known."""
        domain, _colon, code = (self.hoster or "").partition(":")
        return code if domain == self._mailbox_domain() else ""

    def _glance(self, domain):
        """Find out who has the domain's email while the address is being typed: what
        to know of its passwords, and where its help is, is read before Connect."""
        is_known = self._told_code() or providers.of_address(domain)
        if is_known or self.by_hand or not discovery.is_host(domain):
            return
        answers = {"mx": survey.ask_exchangers(domain)}
        self._tell(domain, discovery.find_candidates(domain, answers))

    def _tell(self, domain, found):
        """Remember who has the domain's email, as ``Candidates`` know it."""
        known = found.provider or found.hoster
        code = known.code if known else PANEL if found.is_own else ""
        self.hoster = code and f"{domain}:{code}"

    def _words_about(self, hoster):
        words = self.env._(
            "The email of %(domain)s is at %(hoster)s, as its MX record says. The "
            "names of its mail servers stand in the welcome email, in the control "
            "panel or in its help:",
            domain=self._mailbox_domain(),
            hoster=hoster.name,
        )
        if hoster.app_password:
            words = f"{self._words_app_password(hoster.name)} {words}"
        return words

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_connect(self):
        """Begin to look for the servers, or to log in to those that are known.

        :raises UserError: when something is missing
        """
        self.ensure_one()
        self.env["mail.catchall.router"]._require_original()
        self._forget_results()
        if self._keeps_servers():
            self._enter_login("incoming")
            return True
        self._require_account()
        self._split_hosts()
        if all(self._is_complete(direction) for direction in DIRECTIONS):
            self._enter_login("incoming")
        elif self.incoming_host and self.outgoing_host:
            self._enter_servers({})
        else:
            self._enter(
                "provider",
                self.env._(
                    "Finding out who handles the email of %s…", self._mailbox_domain()
                ),
            )
        return True

    def action_use_servers(self):
        """Log in to the servers that were found, as a person has agreed to.

        :raises UserError: when something is missing
        """
        return self.action_connect()

    def action_other_servers(self):
        """Forget the servers that were found: a person enters others."""
        self.ensure_one()
        self._forget_results()
        self.write({"advanced": True, **dict.fromkeys(SERVER_FIELDS, False)})
        return True

    def action_advance(self):
        """Do the stage that is due.

        :return: whether there is another one
        """
        self.ensure_one()
        if self.step == "search":
            steps = {
                "provider": self._advance_provider,
                "servers": self._advance_servers,
                "incoming": self._advance_incoming,
                "outgoing": self._advance_outgoing,
            }
            steps[self.stage]()
        return self.step == "search"

    # ------------------------------------------------------------
    # STAGES
    # ------------------------------------------------------------

    def _enter(self, stage, sentence):
        """Begin a stage, and say what it does."""
        done = [dict(line, busy=False) for line in self.progress or []]
        self.write(
            {
                "step": "search",
                "stage": stage,
                "progress": [*done, {"text": sentence, "busy": True}],
            }
        )

    def _enter_login(self, direction):
        router = self._router()
        if self._keeps_servers():
            incoming = router.fetchmail_server_id.server
            outgoing = router.mail_server_id.smtp_host
        else:
            incoming, outgoing = self.incoming_host, self.outgoing_host
        if direction == "incoming":
            sentence = self.env._("Logging in to %s to receive email…", incoming)
        else:
            sentence = self.env._("Logging in to %s to send email…", outgoing)
        self._enter(direction, sentence)

    def _enter_servers(self, candidates):
        """Begin to try servers.

        :param candidates: {direction: list of ``Server``}; those of a person come
            first
        """
        wanted = {
            direction: self._typed_servers(direction) or candidates.get(direction, ())
            for direction in DIRECTIONS
        }
        self.candidates = {
            direction: [[one.host, one.port, one.security] for one in servers]
            for direction, servers in wanted.items()
        }
        hosts = dict.fromkeys(
            one.host for servers in wanted.values() for one in servers
        )
        self._enter(
            "servers", self.env._("Trying the servers %s…", ", ".join(list(hosts)[:6]))
        )

    def _advance_provider(self):
        """Ask the domain name system, and take the servers of a known provider."""
        domain = self._mailbox_domain()
        found = self._find_candidates(domain)
        candidates = {"incoming": found.incoming, "outgoing": found.outgoing}
        self._tell(domain, found)
        if not found.provider or self._leads_inside(found.hosts):
            self._enter_servers(candidates)
            return
        self.write({"provider": found.provider.code, "found_for": self._address()})
        for direction in DIRECTIONS:
            if not self[f"{direction}_host"]:
                self.write(self._prepare_found(direction, candidates[direction][0]))
        if found.provider.sign_in == "outlook":
            # Its servers take no password, so that none is sent in vain.
            self._stop()
        elif all(self._is_complete(direction) for direction in DIRECTIONS):
            self._enter_login("incoming")
        else:
            self._enter_servers({})

    def _find_candidates(self, domain):
        """Return the ``Candidates`` of the mailbox's domain: what it publishes for mail
        programs is only asked of domains whose provider is not known."""
        answers = survey.ask_domain(domain)
        found = discovery.find_candidates(domain, answers)
        if found.provider:
            return found
        published = survey.ask_published(
            self._address(), anywhere=self._may_be_private()
        )
        return discovery.find_candidates(domain, answers, published)

    def _advance_servers(self):
        """Try all candidates at once, and take the best of each direction."""
        untrusted = []
        results = survey.try_servers(
            *(
                [Server(*one) for one in self.candidates[direction]]
                for direction in DIRECTIONS
            ),
            named=self._named_hosts(),
        )
        for direction, found in zip(DIRECTIONS, results, strict=True):
            if not (best := discovery.choose(found)):
                self._fail(direction, self._not_found(direction))
                continue
            typed = self._typed_servers(direction)
            self.write(self._prepare_found(direction, best.server))
            if not typed and not discovery.is_trusted(best, self._mailbox_domain()):
                untrusted.append(best.server)
        self.found_for = self._address()
        if self._has_failed():
            self._stop()
        elif untrusted:
            self._stop(self._ask_about(untrusted))
        else:
            self._enter_login("incoming")

    def _advance_incoming(self):
        """Log in to the incoming server."""
        self._try_login("incoming", self._test_receiving)
        self._enter_login("outgoing")

    def _advance_outgoing(self):
        """Log in to the outgoing server, and go on if both work."""
        self._try_login("outgoing", self._test_sending)
        if self._has_failed():
            self._stop()
        else:
            self.write({"step": "apps", "stage": False})
            self._make_lines()

    # ------------------------------------------------------------
    # TRIALS
    # ------------------------------------------------------------

    def _try_login(self, direction, test):
        try:
            sentence = test()
        except UserError as error:
            self._fail(direction, str(error))
        else:
            self.write({f"{direction}_state": "works", f"{direction}_result": sentence})

    def _test_receiving(self):
        router = self._router()
        if self.sign_in_incoming_id:
            return router._test_incoming(self.sign_in_incoming_id)
        if self._keeps_servers():
            return router._test_incoming(router.fetchmail_server_id)
        with router._trial("fetchmail.server", self._incoming_values()) as server:
            return router._test_incoming(server)

    def _test_sending(self):
        router = self._router()
        if self.sign_in_outgoing_id:
            return router._test_outgoing(self.sign_in_outgoing_id, self._address())
        if self._keeps_servers():
            return router._test_outgoing(router.mail_server_id, router.account_email)
        with router._trial("ir.mail_server", self._outgoing_values()) as server:
            return router._test_outgoing(server, self._address())

    def _fail(self, direction, sentence):
        self.write({f"{direction}_state": "failed", f"{direction}_result": sentence})

    def _has_failed(self):
        return "failed" in (self.incoming_state, self.outgoing_state)

    def _stop(self, question=False):
        """Leave it to the person, with what was found out."""
        self.write(
            {
                "step": "sign_in" if self.sign_in_incoming_id else "account",
                "stage": False,
                "question": question,
                "advanced": self.advanced or self._has_failed(),
            }
        )

    def _forget_results(self):
        self.write(
            {
                "progress": False,
                "question": False,
                **{f"{direction}_state": False for direction in DIRECTIONS},
                **{f"{direction}_result": False for direction in DIRECTIONS},
            }
        )

    # ------------------------------------------------------------
    # SERVERS
    # ------------------------------------------------------------

    def _is_complete(self, direction):
        """Tell whether nothing is left to find out about a server."""
        parts = ("host", "port", "encryption")
        return all(self[f"{direction}_{part}"] for part in parts)

    def _split_hosts(self):
        """Let a person write the port behind the name, as providers do."""
        for direction in DIRECTIONS:
            host, port = discovery.split_host(self[f"{direction}_host"] or "")
            encryption = self[f"{direction}_encryption"]
            self[f"{direction}_host"] = host
            if port:
                self[f"{direction}_port"] = port
            elif host and encryption and not self[f"{direction}_port"]:
                self[f"{direction}_port"] = self._usual_port(direction)

    def _usual_port(self, direction):
        if direction == "outgoing":
            return OUTGOING_PORTS[self.outgoing_encryption]
        return INCOMING_PORTS[self.incoming_type, self.incoming_encryption != "none"]

    def _typed_servers(self, direction):
        """Return what to try for a server name without the rest."""
        host, port = self[f"{direction}_host"], self[f"{direction}_port"]
        if not host:
            return ()
        usual = discovery.OUTGOING_PORTS
        if direction == "incoming":
            pop = self.incoming_type == "pop"
            usual = POP_PORTS if pop else discovery.INCOMING_PORTS
        return discovery.usual([host], {port: SSL} if port else usual)

    def _leads_inside(self, hosts):
        """Tell whether one of the hosts that are named after the mailbox's domain, as
        some providers' are, is in our own network; nobody has named it."""
        domain = self._mailbox_domain()
        own = [host for host in hosts if host.endswith(f".{domain}")]
        return not self._may_be_private() and not all(map(survey.is_public, own))

    def _may_be_private(self):
        """Tell whether an administrator has said that mail servers which nobody has
        named may be in the own network."""
        parameters = self.env["ir.config_parameter"].sudo()
        return bool(parameters.get_param(PRIVATE_PARAMETER))

    def _named_hosts(self):
        """Return the hosts that may be at any network address: those that a person has
        named, and all where an administrator has said so for his own network."""
        hosts = set(filter(None, (self[f"{one}_host"] for one in DIRECTIONS)))
        if self._may_be_private():
            hosts |= {one[0] for found in self.candidates.values() for one in found}
        return hosts

    def _prepare_found(self, direction, server):
        """Return the values of this form for a ``Server``."""
        return {
            f"{direction}_host": server.host,
            f"{direction}_port": server.port,
            f"{direction}_encryption": ENCRYPTIONS[server.security],
        }

    def _not_found(self, direction):
        if host := self[f"{direction}_host"]:
            return self.env._(
                "No mail server answers under the name “%s”. Check the name and the "
                "port; your mail provider's help page lists them.",
                host,
            )
        return translated(self.env, NOT_FOUND[direction])

    def _ask_about(self, servers):
        """Return the question whether the password may go to these servers."""
        lines = [
            self.env._(
                "%(host)s, port %(port)s, encryption: %(encryption)s",
                host=server.host,
                port=server.port,
                encryption=translated(self.env, SECURITIES[server.security]),
            )
            for server in dict.fromkeys(servers)
        ]
        question = self.env._(
            "These servers answer, but they do not belong to %s, or are not "
            "encrypted. May Odoo send the password to them?",
            self._mailbox_domain(),
        )
        return "\n".join([question, *lines])
