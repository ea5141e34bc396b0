from odoo import fields, models

from ...tools.runtime.batches import batches
from ...tools.runtime.checkpoints import reached
from ...tools.servers import bounds, pop
from .fetchmail_server import BATCH_SIZE, MEGABYTE

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
        folder._note_behind(len(fresh))
        yield from self._catchall_collect_items(connection, folder, fresh)
        folder._fetches().unlink()  # what is left of mails that are gone
        folder._note_behind(0)
        folder.last_collected = fields.Datetime.now()

    def _catchall_collect_items(self, connection, folder, items):
        """Journal these mails, batch by batch; each on which fetching has failed is
        alone, behind all others. Yield the number after each commit."""
        suspects = {one.uid: one for one in folder._fetches() if one._is_suspect()}
        rest = [item for item in items if item.uidl not in suspects]
        while rest:
            size = bounds.meter_of(connection).chunk_bytes
            found = batches(rest, lambda item: item.size, BATCH_SIZE, size)
            batch = next(found)
            rest = rest[len(batch) :]
            yield self._catchall_collect_pop_batch(connection, folder, batch)
        for item in items:
            if fetch := suspects.get(item.uidl):
                yield self._catchall_collect_pop_batch(
                    connection, folder, [item], fetch
                )

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

    def _catchall_collect_pop_batch(self, connection, folder, items, fetch=None):
        """Collect some mails; return their number after the commit.

        :param fetch: the ``mail.catchall.fetch`` of a mail on which fetching has failed
        """
        router = folder.router_id
        self._catchall_begin(folder, [item.uidl for item in items])
        mails = self._catchall_fetch_items(connection, router, items, fetch)
        why = fetch and fetch._wants_headers_only() and fetch._why_given_up()
        found = zip(items, mails, strict=True)
        self._catchall_journal(
            router,
            [self._catchall_pop_values(router, *one, why=why) for one in found],
        )
        if fetch:
            fetch.unlink()
        folder._note_fetching([])
        folder._note_collected(len(items))
        self._catchall_commit(len(mails), sum(len(mail.raw) for mail in mails))
        if router.after_collect == "delete":
            whole = {mail.uidl for mail in mails if mail.complete}
            numbers = [item.number for item in items if item.uidl in whole]
            pop.pop_delete(connection, numbers)
        return len(mails)

    def _catchall_pop_values(self, router, item, mail, why):
        """Return the values of the journal for one mail.

        :param mail: ``pop.PopFetched``
        :param why: the reason for which only its headers were read, or False
        """
        return {
            "raw": mail.raw,
            "folder": FOLDER,
            "uidvalidity": UIDVALIDITY,
            "uid": mail.uidl,
            "size": item.size,
            "complete": mail.complete,
            **self._catchall_reason(router, mail.complete, item.size, why),
        }

    def _catchall_fetch_items(self, connection, router, items, fetch):
        """Return the ``pop.PopFetched`` of some mails; of one on which fetching has
        failed too often the headers, then nothing."""
        if fetch and fetch._wants_nothing():
            return [pop.PopFetched(item.uidl, b"", False) for item in items]
        is_given_up = fetch and fetch._wants_headers_only()
        max_size = -1 if is_given_up else router.max_size * MEGABYTE
        mails = [pop.pop_fetch(connection, item, max_size=max_size) for item in items]
        reached("fetched")
        return mails
