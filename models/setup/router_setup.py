import contextlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, escape_psql

from ...tools.servers import providers

#: Servers in use that no router has.
FREE_SERVERS = Domain("catchall_router_ids", "=", False) & Domain("active", "=", True)


class MailCatchallRouter(models.Model):
    """Making a router and all that it needs from what a person knows: an address, a
    password and two servers.

    The settings form and the setup assistant both end here.
    """

    _inherit = "mail.catchall.router"

    # ------------------------------------------------------------
    # WHAT THERE IS
    # ------------------------------------------------------------

    @api.model
    def _of_company(self):
        """Return the router of the current company: its own, else one that serves
        its domain."""
        # Who may set up a router need not belong to the addon's groups.
        routers = self.sudo().with_context(active_test=True)
        company = self.env.company
        own = routers.search([("company_id", "=", company.id)], limit=1)
        domain = company.alias_domain_id
        return own or routers.search([("alias_domain_ids", "in", domain.ids)], limit=1)

    def _is_by_hand(self):
        """Tell whether a server logs in otherwise than with a password."""
        incoming, outgoing = self.fetchmail_server_id, self.mail_server_id
        return bool(
            (incoming and incoming.server_type not in ("imap", "pop"))
            or (outgoing and outgoing.smtp_authentication != "login")
        )

    def _is_by_token(self):
        """Tell whether both servers are signed in to at Google or Microsoft."""
        incoming, outgoing = self.fetchmail_server_id, self.mail_server_id
        return bool(
            incoming._catchall_token_prefix() and outgoing._catchall_token_prefix()
        )

    def _token_provider(self):
        """Return the code of the provider at which the mailbox is signed in to."""
        kind = self.fetchmail_server_id.server_type
        return next(one.code for one in providers.PROVIDERS if one.sign_in == kind)

    def _has_own_login(self):
        """Tell whether sending needs another login than the mailbox's."""
        outgoing = self.mail_server_id
        return bool(outgoing) and outgoing.smtp_user != self.fetchmail_server_id.user

    def _shown_domain(self):
        """Return the alias domain to show: the company's, else the router's first."""
        domains = self.alias_domain_ids
        return domains & self.env.company.alias_domain_id or domains[:1]

    def _shown_values(self):
        """Return what a form shows of the router, passwords apart; {} without one."""
        if not self:
            return {}
        values = {"domain": self._shown_domain().name, "mailbox": self.account_email}
        incoming, outgoing = self.fetchmail_server_id, self.mail_server_id
        if incoming:
            values.update(self._shown_incoming(incoming))
            if incoming.user != self.account_email:
                values["login"] = incoming.user
        if outgoing:
            own_login = self._has_own_login()
            values.update(
                outgoing_host=outgoing.smtp_host,
                outgoing_port=outgoing.smtp_port,
                outgoing_encryption=outgoing.smtp_encryption,
                outgoing_own_login=own_login,
                outgoing_login=own_login and outgoing.smtp_user,
                envelope=outgoing.catchall_envelope,
            )
        return values

    @api.model
    def _shown_incoming(self, server):
        """Return what a form shows of a ``fetchmail.server``."""
        encryption = "ssl_strict" if server.catchall_verify_certificate else "ssl"
        by_password = server.server_type in ("imap", "pop")
        return {
            "incoming_type": by_password and server.server_type,
            "incoming_host": server.server,
            "incoming_port": server.port,
            "incoming_encryption": encryption if server.is_ssl else "none",
        }

    # ------------------------------------------------------------
    # WHAT IS IN A FORM
    # ------------------------------------------------------------

    @api.model
    def _prepare_incoming(self, kind, host, port, encryption, login, password):
        """Return the values of a ``fetchmail.server``.

        :param kind: ``imap`` or ``pop``
        :param encryption: ``ssl_strict``, ``ssl`` or ``none``
        """
        return {
            "server_type": kind,
            "server": (host or "").strip(),
            "port": port,
            "is_ssl": encryption != "none",
            "catchall_verify_certificate": encryption == "ssl_strict",
            "user": login,
            "password": password,
        }

    @api.model
    def _prepare_outgoing(self, host, port, encryption, login, password):
        """Return the values of an ``ir.mail_server``.

        :param encryption: one of ``smtp_encryption``
        """
        return {
            "smtp_host": (host or "").strip(),
            "smtp_port": port,
            "smtp_encryption": encryption,
            "smtp_authentication": "login",
            "smtp_user": login,
            "smtp_pass": password,
        }

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    @api.model
    def _check_set_up(self, mailbox, domain, ports):
        """Check what a person has typed.

        :raises UserError: one sentence
        """
        if not email_normalize(mailbox or ""):
            raise UserError(
                self.env._(
                    "Catch-all Mail Router: “%s” is not an email address. The "
                    "mailbox address looks like catchall@example.com.",
                    mailbox,
                )
            )
        if "@" in domain:
            raise UserError(
                self.env._(
                    "Catch-all Mail Router: “%s” is not a domain. Enter only the "
                    "part after the @, for example example.com.",
                    domain,
                )
            )
        for port in ports:
            if not 0 <= port <= 65535:
                raise UserError(
                    self.env._(
                        "Catch-all Mail Router: %s is not a port. Ports are numbers "
                        "from 1 to 65535.",
                        port,
                    )
                )

    @api.model
    @contextlib.contextmanager
    def _trial(self, model, values):
        """Give a server record that is gone afterwards, whatever happens.

        :param model: ``fetchmail.server`` or ``ir.mail_server``
        """
        savepoint = self.env.cr.savepoint()
        try:
            # The context keeps core from switching its cron, and so from locking it.
            servers = self.env[model].with_context(fetchmail_cron_running=True)
            yield servers.create(dict(values, name="test", active=False))
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    # ------------------------------------------------------------
    # SAVE
    # ------------------------------------------------------------

    def _set_up(self, values):
        """Make or update the alias domain, both servers and the router of the
        current company.

        :param dict values: ``domain`` name and ``address`` of the mailbox, both
            normalised; ``incoming`` and ``outgoing``, the values of the servers
        :return: the router
        """
        router = self.sudo()
        others = router._other_domains()
        domain = router._save_domain(values["domain"], values["address"])
        domains = domain | others
        incoming = router._save_incoming(values["incoming"], values["address"])
        outgoing = router._save_outgoing(
            dict(values["outgoing"], from_filter=",".join(domains.mapped("name"))),
            values["address"],
        )
        router_values = {
            "alias_domain_ids": [fields.Command.set(domains.ids)],
            "fetchmail_server_id": incoming.id,
            "mail_server_id": outgoing.id,
            "account_email": values["address"],
        }
        if router:
            router.write(router_values)
            return router
        return router.create(dict(router_values, name=domain.name))

    # ------------------------------------------------------------
    # SAVE: DOMAIN
    # ------------------------------------------------------------

    def _save_domain(self, name, address):
        """Make, rename or find the alias domain, with the mailbox as its catch-all.

        A domain that other companies use too is left to them.
        """
        shown = self._shown_domain()
        company = self.env.company
        same_name = self.env["mail.alias.domain"].search([("name", "=", name)])
        domain = same_name & (shown | company.alias_domain_id) or same_name[:1]
        addresses = self._prepare_addresses(name, address, domain)
        if not domain and shown and not shown.company_ids - company:
            domain = shown
            domain.write({"name": name, **addresses})
        elif not domain:
            domain = domain.create({"name": name, **addresses})
        elif addresses:
            domain.write(addresses)
        if company.alias_domain_id <= shown:
            company.alias_domain_id = domain
        return domain

    def _other_domains(self):
        """Return the router's domains that stay, whatever domain is entered: those
        that are not shown, and the shown one if others use it too."""
        shown = self._shown_domain()
        shared = shown.filtered(lambda one: one.company_ids - self.env.company)
        return self.alias_domain_ids - shown | shared

    def _prepare_addresses(self, name, address, domain):
        """Return the values that make the mailbox the domain's catch-all address;
        the bounce address must be another one."""
        local_part, _at, mailbox_domain = address.partition("@")
        values = {}
        if mailbox_domain == name and domain.catchall_alias != local_part:
            values["catchall_alias"] = local_part
        if mailbox_domain == name and (domain.bounce_alias or "bounce") == local_part:
            values["bounce_alias"] = f"{local_part}-bounce"
        return values

    # ------------------------------------------------------------
    # SAVE: SERVERS
    # ------------------------------------------------------------

    def _save_incoming(self, values, address):
        """Make or update the incoming server.

        Another login is another mailbox. Its UIDs may be those of the old one, so
        that a server whose mails are in the journal is kept as it is, archived, and
        the router starts anew with its folders.
        """
        values = {"state": "done", **values}
        server = self.fetchmail_server_id or self._find_incoming(values)
        other_mailbox = self and server and server.user != values["user"]
        if other_mailbox:
            self._forget_cursors()
        if other_mailbox and self._is_journalled(server):
            server.active = False
            server = server.browse()
        if server:
            server.write(values)
            return server
        return server.create(dict(values, name=address))

    def _forget_cursors(self):
        """Make the router's folders anew: a copy of a folder has no cursor."""
        folders = self.folder_ids
        self.folder_ids = [
            *(fields.Command.delete(folder.id) for folder in folders),
            *(fields.Command.create(values) for values in folders.copy_data()),
        ]

    def _is_journalled(self, server):
        return bool(
            self.env["mail.catchall.message"].search_count(
                [("fetchmail_server_id", "=", server.id)], limit=1
            )
        )

    @api.model
    def _find_incoming(self, values):
        """Return the server that reads this mailbox already, so that no two do."""
        free = self.env["fetchmail.server"].search(FREE_SERVERS)
        # Where another addon reads these from a file, no search knows them.
        return free.filtered_domain(
            [
                ("server", "=ilike", escape_psql(values["server"])),
                ("user", "=ilike", escape_psql(values["user"])),
                ("server_type", "=", values["server_type"]),
            ]
        )[:1]

    def _save_outgoing(self, values, address):
        """Make or update the outgoing server; it sends for the router's domains."""
        server = self.mail_server_id or self._find_outgoing(values)
        if server:
            server.write(values)
            return server
        return server.create(dict(values, name=address))

    @api.model
    def _find_outgoing(self, values):
        """Return the server that sends with this login already."""
        free = self.env["ir.mail_server"].search(
            FREE_SERVERS & Domain("owner_user_id", "=", False)
        )
        return free.filtered_domain(
            [
                ("smtp_host", "=ilike", escape_psql(values["smtp_host"])),
                ("smtp_user", "=ilike", escape_psql(values["smtp_user"] or "")),
                ("smtp_authentication", "=", values["smtp_authentication"]),
            ]
        )[:1]
