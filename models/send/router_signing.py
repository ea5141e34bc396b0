import secrets

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ...tools.inbound import loops
from ...tools.mail import addresses
from ...tools.outbound import reply_address

KEYS_PARAMETER = "mail_catchall_router.signing_keys"
ID_PARAMETER = "mail_catchall_router.signing_id"
KEPT_KEYS = 9


class MailCatchallRouter(models.Model):
    """Keys and what is signed with them: which document an address was made for, and
    the mark on what this database sends, by which it knows its own mail when that
    comes back."""

    _inherit = "mail.catchall.router"

    reply_to = fields.Selection(
        [
            ("signed", "The document's own address (signed reply address)"),
            ("alias", "The alias, or the catch-all address"),
            ("author", "The author's own address"),
        ],
        "Replies Go To",
        required=True,
        default="signed",
        help="Where a reply to an email of yours goes (Reply-To). A signed reply "
        "address finds its document even if the customer's mail program or a relay "
        "drops the references. The author's own address keeps replies out of Odoo, "
        "unless its email arrives in the catch-all mailbox too.",
    )

    @api.model
    def _reply_routers(self):
        """Return {domain name: router} of the routers that say where answers go."""
        routers = self._active_routers().filtered(
            lambda router: router.reply_to != "alias" and router.fetchmail_server_id
        )
        found = {domain: routers._among(domain)[:1] for domain in self._ids_by_domain()}
        return {domain: router for domain, router in found.items() if router}

    def _reply_address(self, model, res_id, address):
        """Return the signed address of a document, in the place of ``address``,
        whose local part it shows to people."""
        readable, domain = addresses.split(addresses.normalize(address))
        return reply_address.make(
            self._signing_keys()[0],
            self._database_id(),
            self.env["ir.model"]._get_id(model),
            res_id,
            domain,
            readable,
        )

    @api.model
    def _find_signed_document(self, address):
        """Return the (model name, id) that an address was signed for, or None."""
        if not reply_address.looks_like_reply_address(address):
            return None
        target = self._read_signed(reply_address.read, address)
        if not target:
            return None
        model = self._model_name(target.model_id)
        return (model, target.record_id) if model in self.env else None

    @api.model
    def _read_signed(self, read, signed):
        """Return what ``read`` finds in something that was signed, with the keys and
        the name of this database.

        :param read: function of ``tools.outbound`` that takes keys, name and ``signed``
        """
        return read(*self._signed_by(), signed)

    @api.model
    def _signed_by(self):
        """Return (keys, name) with which this database signs."""
        return self._stored_keys(), self._database_id()

    @ormcache("model_id")
    def _model_name(self, model_id):
        """Return the name of an ``ir.model``, False when it is gone."""
        return self.env["ir.model"].sudo().browse(model_id).exists().model

    @api.model
    def _find_signed_bounce(self, address):
        """Return the (``mail.message``, recipient key) that a bounce address was
        signed for, or None; the message may be gone."""
        if not reply_address.looks_like_reply_address(address):
            return None
        target = self._read_signed(reply_address.read_bounce_address, address)
        if not target:
            return None
        message = self.env["mail.message"].browse(target.mail_id).exists()
        return message, target.recipient_key

    @api.model
    def _database_id(self):
        """Return what stands for this database in all that it signs: the uuid that it
        had when it signed first. A restore may give it another uuid; the addresses
        that customers hold stay good."""
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param(ID_PARAMETER) or parameters.get_param(
            "database.uuid", ""
        )

    @api.model
    def _signing_keys(self):
        """Return the keys (bytes), the current one first; the first time this makes
        one."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(ID_PARAMETER):
            self._keep_first(ID_PARAMETER, self._database_id())
        if keys := self._stored_keys():
            return keys
        key = secrets.token_hex(32)
        self._keep_first(KEYS_PARAMETER, key)
        return [bytes.fromhex(key)]

    @api.model
    def _keep_first(self, name, value):
        """Keep a parameter that nobody has kept yet.

        :raises psycopg2.errors.SerializationFailure: when somebody just has: whoever
            comes too late begins anew, and reads it
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ir_config_parameter
                            (key, value, create_uid, create_date, write_uid, write_date)
                     VALUES (%(key)s, %(value)s, %(uid)s, %(now)s, %(uid)s, %(now)s)
                ON CONFLICT (key) DO NOTHING
                """,
                key=name,
                value=value,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            ),
            log_exceptions=False,
        )
        self.env.registry.clear_cache("stable")

    @api.model
    def _stored_keys(self):
        """Return the keys (bytes), the current one first; former ones still verify
        what they have signed."""
        stored = self.env["ir.config_parameter"].sudo().get_param(KEYS_PARAMETER)
        return [bytes.fromhex(key) for key in (stored or "").split(",") if key]

    def action_new_key(self):
        """Sign with a new key from now on. What was sent before stays valid, up to
        nine keys back.

        :raises AccessError: for all but the system's administrators: one key serves
            all routers of the database
        """
        self.check_access("write")
        self._require_administrator()
        parameters = self.env["ir.config_parameter"].sudo()
        former = [key.hex() for key in self._signing_keys()][:KEPT_KEYS]
        parameters.set_param(KEYS_PARAMETER, ",".join([secrets.token_hex(32), *former]))
        return True

    # ------------------------------------------------------------
    # TOKENS
    # ------------------------------------------------------------

    @api.model
    @ormcache()
    def _is_sending(self):
        """Tell whether any router sends; asked for each message and each mail."""
        return bool(
            self.sudo().search_count([("mail_server_id", "!=", False)], limit=1)
        )

    @api.model
    def _make_token(self, message_id):
        """Return the token of one outgoing mail.

        :param message_id: its Message-ID, which tells it from the others
        """
        key = self._signing_keys()[0]
        return loops.make_token(key, self._database_id(), message_id)
