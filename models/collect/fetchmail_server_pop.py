from odoo import fields, models

from ...tools.runtime.batches import batches
from ...tools.runtime.checkpoints import reached
from ...tools.servers import pop
from .fetchmail_server import BATCH_BYTES, BATCH_SIZE, MEGABYTE

FOLDER = "INBOX"
UIDVALIDITY = "pop"


class FetchmailServer(models.Model):
    """Collecting over POP3: one mailbox, by unique id (RFC 1939, UIDL)."""

    _inherit = "fetchmail.server"

    def _catchall_collect_pop(self, connection):
        """Collect the mailbox in batches; yield the number of mails after each.

        A mail is deleted only after the commit, and only if the router says so;
        also one that was to be deleted by an earlier session which was cut off.
        """
        router = self.catchall_router_ids[:1]
        folder = router.folder_ids[:1]
        items = pop.pop_list(connection)
        folder._open_pop([item.uidl for item in items])
        known = self._catchall_known_uidls([item.uidl for item in items])
        left_out = known | set((folder.skipped_uids or "").split())
        if router.after_collect == "delete":
            finished = [item.number for item in items if item.uidl in known]
            pop.pop_delete(connection, finished)
        fresh = [item for item in items if item.uidl not in left_out]
        for batch in batches(fresh, lambda item: item.size, BATCH_SIZE, BATCH_BYTES):
            yield self._catchall_collect_pop_batch(connection, router, batch)
        folder.last_collected = fields.Datetime.now()

    def _catchall_missing_pop(self, connection, folder):
        """Return the unique ids that the server has and the journal hasn't. A later
        collection takes them by itself: POP3 has no cursor."""
        uidls = [item.uidl for item in pop.pop_list(connection)]
        known = self._catchall_known_uidls(uidls)
        left_out = known | set((folder.skipped_uids or "").split())
        return [uidl for uidl in uidls if uidl not in left_out]

    def _catchall_known_uidls(self, uidls):
        """Return those of the unique ids that are in the journal, complete."""
        known = self.env["mail.catchall.message"].search_fetch(
            [
                ("fetchmail_server_id", "=", self.id),
                ("folder", "=", FOLDER),
                ("uidvalidity", "=", UIDVALIDITY),
                ("uid", "in", uidls),
            ],
            ["uid"],
        )
        return set(known.mapped("uid"))

    def _catchall_collect_pop_batch(self, connection, router, items):
        max_size = router.max_size * MEGABYTE
        mails = [
            (item, pop.pop_fetch(connection, item, max_size=max_size)) for item in items
        ]
        reached("fetched")
        self._catchall_journal(
            router,
            [
                {
                    "raw": mail.raw,
                    "folder": FOLDER,
                    "uidvalidity": UIDVALIDITY,
                    "uid": mail.uidl,
                    "size": item.size,
                    "complete": mail.complete,
                }
                for item, mail in mails
            ],
        )
        size = sum(len(mail.raw) for _item, mail in mails)
        count = self._catchall_commit(len(mails), size)
        if router.after_collect == "delete":
            complete = [item.number for item, mail in mails if mail.complete]
            pop.pop_delete(connection, complete)
        return count
