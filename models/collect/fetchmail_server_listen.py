import hashlib
from dataclasses import dataclass
from imaplib import IMAP4

from odoo import api, models

from ...tools.servers import imap

#: System parameter: with 0, no process of Odoo listens by itself.
INSIDE_PARAMETER = "mail_catchall_router.listen"
OFF = ("0", "false", "no", "off")
CONNECTION_FIELDS = ("server", "port", "is_ssl", "user", "password", "server_type")


@dataclass(frozen=True)
class Place:
    """One folder to listen to. `state` changes when the way to it changes."""

    server_id: int
    folder: str
    state: str
    folder_id: int = 0


@dataclass(frozen=True)
class Line:
    """A connection that is logged in, with the folder open for reading."""

    connection: IMAP4
    exists: int
    can_idle: bool


class FetchmailServer(models.Model):
    """What the listener needs: where to listen, and a connection.

    The listener changes nothing. New mail is collected by scheduled actions, from
    where they stopped: whether anybody has listened makes it faster, nothing else.
    """

    _inherit = "fetchmail.server"

    @api.model
    def _catchall_may_listen(self, is_inside):
        """Tell whether a listener may work here at all.

        :param is_inside: it is a thread of Odoo, which a system parameter switches off
        """
        if self.env["mail.catchall.router"]._is_neutralized():
            return False
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return not (is_inside and get_param(INSIDE_PARAMETER, "1").lower() in OFF)

    @api.model
    def _catchall_places(self):
        """Return the frozenset of the places of all routers. POP3 cannot be listened
        to: its mailboxes are read by the scheduled action alone."""
        Router = self.env["mail.catchall.router"]
        if Router._is_neutralized():
            return frozenset()
        routers = Router.search(
            [
                ("fetchmail_server_id.state", "=", "done"),
                ("fetchmail_server_id.active", "=", True),
            ]
        )
        return frozenset(
            Place(server.id, folder.name, server._catchall_way(), folder.id)
            for router in routers.filtered(lambda one: not one.is_stranger)
            if (server := router.fetchmail_server_id)._get_connection_type() == "imap"
            for folder in router.folder_ids
        )

    def _catchall_way(self):
        """Return a checksum of how the server is reached; the password is not in it
        as it is."""
        values = [self[name] for name in CONNECTION_FIELDS]
        if prefix := self._catchall_token_prefix():
            values.append(self[f"{prefix}_refresh_token"])
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return hashlib.sha256(repr([secret, *values]).encode()).hexdigest()

    def _catchall_dial(self, folder):
        """Log in as for collecting and open a folder, read-only.

        :param folder: the folder's name
        :return: a :class:`Line`
        :raises Exception: what the mail server or the connection answered
        """
        self.ensure_one()
        connection = self._catchall_log_in()
        try:
            status = imap.select_folder(connection, folder, readonly=True)
            return Line(connection, status.exists, imap.can_idle(connection))
        except Exception:
            self._catchall_disconnect(connection)
            raise
