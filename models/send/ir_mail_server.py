from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.mail import generate_tracking_message_id

from ...tools.inbound.loops import TOKEN_HEADER
from ...tools.mail import addresses, enclosed
from ...tools.outbound import (
    address_headers,
    greeting,
    identity,
    message_ids,
    pictures,
    reply_address,
)
from ...tools.runtime.memo import memo
from ...tools.servers import sasl
from .sending_run import SendingRun


class IrMailServer(models.Model):
    """A router's outgoing server sends for everybody of its domains, each under
    the own name; who is of elsewhere is named with the account's address."""

    _inherit = "ir.mail_server"

    catchall_router_ids = fields.One2many(
        "mail.catchall.router", "mail_server_id", "Mail Router"
    )
    catchall_session_mails = fields.Integer(
        "Emails per Connection",
        default=500,
        help="Odoo opens a new connection after this many emails. 0: never. If the "
        "mail server hangs up earlier, Odoo connects again by itself.",
    )
    catchall_connections = fields.Integer(
        "Connections at a Time",
        default=3,
        help="How many connections the provider allows this account at the same "
        "time, over all workers of Odoo. 0: as many as there are workers. Microsoft "
        "365 allows 3.",
    )

    catchall_greeting = fields.Char(
        "Name in the Greeting",
        help="The name with which Odoo greets the mail server (EHLO). The Internet "
        "must know it, like mail.company.com: some servers accept no other. Empty: "
        "this machine's own name, or the domain of the account.",
    )

    @api.constrains("catchall_greeting")
    def _check_catchall_greeting(self):
        for server in self:
            name = server.catchall_greeting
            if name and not greeting.is_name(name):
                raise ValidationError(
                    self.env._(
                        "“%s” is not a machine's name. Write one with a dot in it, "
                        "like mail.company.com.",
                        name,
                    )
                )

    @api.constrains("catchall_session_mails", "catchall_connections")
    def _check_catchall_session(self):
        for server in self:
            if min(server.catchall_session_mails, server.catchall_connections) < 0:
                raise ValidationError(
                    self.env._(
                        "%s: numbers of emails and connections cannot be negative.",
                        server.name,
                    )
                )

    # ------------------------------------------------------------
    # CHOICE OF THE SERVER
    # ------------------------------------------------------------

    def _find_mail_server(self, email_from, mail_servers=None):
        """Give the mails of a served domain to its router's server, under the
        author's own address; those of other authors of the company too, under
        the account's.

        A server that is made for this very address still comes first, and where
        core finds a server for the domain it stays with it.
        """
        normalized = addresses.normalize(email_from or "")
        router_server = self._catchall_router_for(normalized).mail_server_id
        if not router_server.active or (
            mail_servers is not None and router_server not in mail_servers
        ):
            return super()._find_mail_server(email_from, mail_servers)
        if mail_servers is None:
            allowed = self._find_mail_server_allowed_domain()
            mail_servers = self.sudo().search(allowed, order="sequence")
        made_for = mail_servers.filtered("active")._catchall_made_for(normalized)
        # Core would warn of each mail whose domain the server's filter doesn't name.
        return made_for or router_server, email_from

    def _catchall_made_for(self, email):
        """Return the first of these servers whose filter names the address, else the
        first that names its domain and of which no router says how it sends."""
        for target, servers in (
            (email, self),
            (
                addresses.domain(email),
                self.filtered(lambda server: not server._catchall_routers()),
            ),
        ):
            for server in servers:
                filters = server._parse_from_filter(server.from_filter)
                if target and target in [one.strip().lower() for one in filters]:
                    return server
        return self.browse()

    def _catchall_routers(self):
        """Return the routers that send through this server; where there is no router
        at all, nothing is looked up."""
        Router = self.env["mail.catchall.router"].sudo()
        return self.sudo().catchall_router_ids if Router._is_in_use() else Router

    @api.model
    def _catchall_router_for(self, email):
        """Return the router for an author: that of his domain, else that of the
        domain under which the mail is sent, else the company's."""
        Router = self.env["mail.catchall.router"].sudo()
        if not Router._is_in_use():
            return Router
        notifications = self.env.context.get("domain_notifications_email")
        for address in (email, notifications, self.env.company.catchall_email):
            if router := Router._find_for_domain(addresses.domain(address or "")):
                return router
        return Router

    # ------------------------------------------------------------
    # IDENTITY
    # ------------------------------------------------------------

    def _connect__(
        self,
        host=None,
        port=None,
        user=None,
        password=None,
        encryption=None,
        smtp_from=None,
        ssl_certificate=None,
        ssl_private_key=None,
        smtp_debug=False,
        mail_server_id=None,
        allow_archived=False,
    ):
        """Remember on the session which router's server it belongs to."""
        is_sending = self.env["mail.catchall.router"]._is_sending
        if not mail_server_id and not host and is_sending():
            server, smtp_from = self.sudo()._find_mail_server(smtp_from)
            mail_server_id = server.id if server else None
        self._catchall_require_original(mail_server_id)
        account = (host, port, user, password, encryption, smtp_from)
        security = (ssl_certificate, ssl_private_key, smtp_debug)
        # By name, as core passes them: other addons look for them there.
        rest = {"mail_server_id": mail_server_id, "allow_archived": allow_archived}

        def connect(sending):
            with sending._catchall_greeting(mail_server_id):
                return super()._connect__(*account, *security, **rest)

        session = self._catchall_session(mail_server_id, connect)
        if session is not None and mail_server_id:
            session.catchall_mail_server_id = mail_server_id
            session.smtp_from = smtp_from
        return session

    @contextmanager
    def _catchall_greeting(self, mail_server_id):
        """Greet a server with the name that it is to be greeted with, and heed what it
        says to a token."""
        server = self.sudo().browse(mail_server_id or [])
        heed = sasl.heed if server._catchall_routers() else None
        with greeting.greeting_as(server._catchall_greeting_name(), heed):
            yield

    def _catchall_greeting_name(self):
        """Return the name for the greeting, "" to leave it to core."""
        domain = addresses.domain(self._catchall_routers()[:1].account_email or "")
        return self.catchall_greeting or (domain and greeting.own_name(domain))

    def _smtp_login__(self, connection, smtp_user, smtp_password):
        """Log in with a name and a password of any letters, unheard by the log.

        :raises UserError: where the server has no way to take them
        """
        with sasl.unheard(connection), sasl.kept_secret(smtp_password):
            is_plain = f"{smtp_user}{smtp_password}".isascii()
            if is_plain or self.smtp_authentication not in (False, "login", "cli"):
                return super()._smtp_login__(connection, smtp_user, smtp_password)
            if not sasl.login_smtp(connection, smtp_user, smtp_password):
                raise UserError(
                    self.env._(
                        "The name or the password of %s has letters with accents, "
                        "which the mail server does not accept. Give the account a "
                        "password without them.",
                        self.name or smtp_user,
                    )
                )
            return None

    def _catchall_require_original(self, mail_server_id):
        """Refuse to log in with a router's account from a copy of the database.

        :raises UserError: that says so
        """
        server = (
            self.sudo().with_context(active_test=False).browse(mail_server_id or [])
        )
        if routers := server._catchall_routers():
            routers._require_original()

    def _build_email__(
        self,
        email_from,
        email_to,
        subject,
        body,
        email_cc=None,
        email_bcc=None,
        reply_to=False,
        attachments=None,
        message_id=None,
        references=None,
        object_id=False,
        subtype="plain",
        headers=None,
        body_alternative=None,
        subtype_alternative="plain",
    ):
        """Enclose attached mails as they are, pictures in the text as parts, and give
        the mail an id of its sender's domain."""
        message_id = message_id or self._catchall_message_id(email_from, object_id)
        text, found = pictures.take_out_of(subtype, body, body_alternative)
        people = {"email_cc": email_cc, "email_bcc": email_bcc, "reply_to": reply_to}
        place = {"message_id": message_id, "references": references}
        form = {"subtype": subtype, "subtype_alternative": subtype_alternative}
        rest = {"attachments": attachments, "object_id": object_id, "headers": headers}
        message = super()._build_email__(
            email_from, email_to, subject, **(text | people | place | form | rest)
        )
        pictures.put_in(message, found)
        enclosed.enclose_attached(message, attachments or ())
        return message

    @api.model
    def _catchall_message_id(self, email_from, object_id):
        """Return the Message-ID of a mail that has none, None to leave it to core."""
        domain = self._catchall_message_domain(email_from)
        if not domain:
            return None
        if object_id:
            return message_ids.at_domain(
                generate_tracking_message_id(object_id), domain
            )
        return message_ids.new_at(domain)

    @api.model
    def _catchall_message_domain(self, email_from):
        """Return the domain under which a router sends for an author: his own if it is
        the router's; "" if none sends for him."""
        author = addresses.normalize(email_from or "")
        domain = addresses.domain(author)
        known = memo(self.env.cr, "message_domains")
        key = (domain, self.env.company.id)
        if not known.get(key):
            router = self._catchall_router_for(author)
            account = addresses.domain(router.account_email or "")
            serves = self.env["mail.catchall.router"]._ids_by_domain().get(domain, ())
            known[key] = domain if router.id in serves else account
        return known[key]

    def _catchall_session(self, mail_server_id, connect):
        """Return the session for the mails of a server. All mails of a run share one
        connection to a router's server, which is made when the first mail needs it.

        :param connect: returns a new connection, given ``ir.mail_server``
        """
        run = SendingRun.of(self.env)
        server = self.sudo().browse(mail_server_id or [])
        if run is None or self._disable_send() or not server._catchall_routers():
            return connect(self)
        return run.session(server, connect)

    def _prepare_email_message__(self, message, smtp_session):
        """Give the mail the identity that the router's policy chooses, the token of our
        own mail, also where a relay writes a Message-ID of its own, and through
        whatever server headers that no reader takes apart.

        A mail that is to be treated as anybody's has ``catchall_unmarked`` in its
        context.
        """
        server = self.sudo().browse(
            getattr(smtp_session, "catchall_mail_server_id", False) or []
        )
        if not server._catchall_routers():
            prepared = super()._prepare_email_message__(message, smtp_session)
            del prepared[2][TOKEN_HEADER]
            return self._catchall_on_the_wire(*prepared)
        chosen = server._catchall_identity(self, message)
        _write_identity(message, chosen)
        # Core writes the header anew where it says something else.
        smtp_session.smtp_from = str(message["From"])
        _smtp_from, smtp_to_list, message = super()._prepare_email_message__(
            message, smtp_session
        )
        envelope_from = chosen.envelope_from
        if message[identity.NULL_SENDER_HEADER]:
            envelope_from = ""
            del message[identity.NULL_SENDER_HEADER]
        self._catchall_mark_as_ours(message)
        return self._catchall_on_the_wire(envelope_from, smtp_to_list, message)

    @api.model
    def _catchall_on_the_wire(self, smtp_from, smtp_to_list, message):
        """Return what core prepares with the headers as they go over the wire."""
        # smtplib writes the mail in UTF-8 when the envelope needs it (RFC 6531).
        utf8 = not "".join([smtp_from, *smtp_to_list]).isascii()
        address_headers.serialise(message, utf8=utf8)
        return smtp_from, smtp_to_list, message

    @api.model
    def _prepare_smtp_to_list(self, message, smtp_session):
        """Return the recipients with their domains as A-labels (RFC 5891 4.4), and
        without what is only in somebody's name."""
        if not self.env["mail.catchall.router"]._is_sending():
            return super()._prepare_smtp_to_list(message, smtp_session)
        normalize = self.env["mail.catchall.handover"]._key
        context = self.env.context
        validated = filter(None, context.get("send_validated_to") or [])
        wanted = set(map(normalize, validated))
        skipped = filter(None, context.get("send_smtp_skip_to") or [])
        skipped = set(map(normalize, skipped))
        named = [
            one.address
            for header in ("To", "Cc", "Bcc")
            for one in address_headers.wire_mailboxes(str(message[header] or ""))
        ]
        allowed = wanted or set(map(normalize, named))
        found = [
            one
            for one in super()._prepare_smtp_to_list(message, smtp_session)
            if normalize(one) in allowed
        ]
        known = set(map(normalize, found)) | skipped
        found += [
            one
            for one in dict.fromkeys(named)
            if normalize(one) in allowed and normalize(one) not in known
        ]
        # Whoever stands in To and in Cc gets one mail.
        return list({normalize(one): one for one in reversed(found)}.values())[::-1]

    def _catchall_mark_as_ours(self, message):
        """Write the token of our own mail into the message."""
        del message[TOKEN_HEADER]
        if not self.env.context.get("catchall_unmarked"):
            message[TOKEN_HEADER] = self.env["mail.catchall.router"]._make_token(
                str(message["Message-Id"])
            )

    def _catchall_identity(self, sending, message):
        """Return the ``Identity`` of one outgoing mail.

        :param sending: ``ir.mail_server`` with the context of the mail
        :param message: the ``EmailMessage``, its From as the author wrote it
        """
        returned = message["Return-Path"] or ""
        signed = reply_address.looks_like_reply_address(returned)
        bounce = (
            (returned if signed else "")
            or sending.env.context.get("domain_bounce_address")
            or returned
            or sending._get_default_bounce_address()
        )
        return identity.choose_identity(
            str(message["From"] or ""),
            addresses.normalize(bounce or ""),
            self._catchall_policy(sending),
        )

    def _catchall_company(self, sending, router):
        """Return the company in whose name a mail goes out: that of the domain
        it is sent under, if it is one company's, else the router's."""
        notifications = sending.env.context.get("domain_notifications_email") or ""
        return router._company_of([notifications])


def _write_identity(message, chosen):
    """Write the senders of a mail into its headers.

    :param chosen: ``identity.Identity``
    """
    header_from = address_headers.address_header("From", chosen.header_from)
    if not message["From"]:
        message["From"] = header_from
    else:
        message.replace_header("From", header_from)
    del message["Sender"]
    if chosen.sender:
        message["Sender"] = chosen.sender
    # The last server writes it (RFC 5321 4.4).
    del message["Return-Path"]
