from dataclasses import dataclass

from odoo import models

from ...tools.mail import headers
from ...tools.servers import folders, imap

#: So many of the newest mails of a folder are looked at, in so many folders.
NEWEST = 50
MOST_FOLDERS = 40


@dataclass(frozen=True)
class FoundMail:
    """A mail in a folder that the router doesn't read."""

    folder: str
    is_junk: bool
    uidvalidity: int
    uid: int
    headers: headers.Headers


class FetchmailServer(models.Model):
    """Looking for one mail beside what a router reads, without touching anything."""

    _inherit = "fetchmail.server"

    def _catchall_find(self, is_wanted, everywhere=False):
        """Return the :class:`FoundMail` among the newest ones of the Junk folders, or
        None; POP3 shows no folders.

        :param is_wanted: function of ``Headers``
        :param everywhere: whether to look into all other folders as well
        """
        if self._get_connection_type() == "pop":
            return None
        found = []
        self._catchall_visit(
            lambda connection: self._catchall_finder(
                connection, is_wanted, everywhere, found
            )
        )
        return next(iter(found), None)

    def _catchall_finder(self, connection, is_wanted, everywhere, found):
        """Put what is found into the list ``found``; yield after each folder."""
        for name, is_junk in self._catchall_other_folders(connection, everywhere):
            found += self._catchall_find_in(connection, name, is_junk, is_wanted)
            yield 0
            if found:
                return

    def _catchall_other_folders(self, connection, everywhere):
        """Return (name, whether it is for junk) of the folders that no router of the
        server reads, Junk first."""
        read = set(self.catchall_router_ids.folder_ids.mapped("name"))
        listed = imap.list_folders(connection)
        chosen = [
            (one.name, folders.is_junk(one, listed))
            for one in listed
            if one.name not in read and folders.may_hold_arrivals(one)
        ]
        junk_first = sorted(chosen, key=lambda one: not one[1])
        return [one for one in junk_first if one[1] or everywhere][:MOST_FOLDERS]

    def _catchall_find_in(self, connection, name, is_junk, is_wanted):
        """Return the mail of one folder as a list; [] also where it cannot be read."""
        try:
            status = imap.select_folder(connection, name, readonly=True)
        except imap.MailboxError:
            return []
        uids = imap.newest_uids(connection, status, NEWEST)
        for uid, raw in imap.fetch_headers(connection, uids).items():
            found = headers.parse_headers(raw)
            if is_wanted(found):
                return [FoundMail(name, is_junk, status.uidvalidity, uid, found)]
        return []
