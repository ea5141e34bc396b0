from dataclasses import replace

from odoo import models

from ...tools.runtime.checkpoints import reached
from ...tools.servers import bounds, imap
from .fetchmail_server import MEGABYTE


class FetchmailServer(models.Model):
    """Mail that is fetched alone: large mail in parts, and mail on which fetching has
    failed before, of which in the end only the headers are taken."""

    _inherit = "fetchmail.server"

    def _catchall_collect_alone(self, connection, folder, fetch, size=None):
        """Collect one mail; yield the number of mails after each commit.

        :param fetch: its ``mail.catchall.fetch``, deleted when the mail is collected
        :param size: its bytes, when it is known that it is there
        """
        uid = int(fetch.uid)
        self._catchall_begin(folder, [uid])
        if size is None:
            size = imap.fetch_sizes(connection, [uid]).get(uid)
        if size is None:  # gone
            yield self._catchall_end_fetch(folder, fetch)
            return
        if fetch._wants_headers_only():
            mail = self._catchall_give_up(connection, fetch, size)
        else:
            mail = None
            for mail in self._catchall_parts(connection, folder, fetch, size):
                if mail is None:
                    yield self._catchall_commit(0)
        if mail is None:  # gone meanwhile
            yield self._catchall_end_fetch(folder, fetch)
            return
        yield from self._catchall_keep_alone(connection, folder, fetch, mail)

    def _catchall_parts(self, connection, folder, fetch, size):
        """Fetch the rest of a mail; yield None after each part, then the mail if the
        server has given it, as ``imap.Fetched``; without its bytes where the parts have
        them."""
        uid, max_size = int(fetch.uid), folder.router_id.max_size * MEGABYTE
        if size > max_size and self._catchall_is_shorter(connection, fetch, max_size):
            size = max_size
        part = None
        while size <= max_size and fetch.received <= max_size:
            part, is_last = self._catchall_fetch_part(connection, fetch, size)
            if part is None:
                break
            if is_last and fetch._is_whole():
                yield part
                return
            if is_last:
                fetch._drop_parts()  # one is lost: it is fetched anew
            yield None
        fetch._drop_parts()
        # It is too large, or comes as a whole or not at all.
        size = max(size, max_size + 1) if part else size
        yield from imap.fetch_messages(connection, {uid: size}, max_size=max_size)

    def _catchall_fetch_part(self, connection, fetch, size):
        """Fetch and keep the next part of a mail; return it, without its bytes, and
        whether it is the last one. None for it when the server gives no part."""
        asked = bounds.meter_of(connection).part_bytes
        part = imap.fetch_part(connection, int(fetch.uid), fetch.received, asked)
        # No mail is nothing: it may come as a whole.
        if part is None or (size and not part.raw and not fetch.received):
            return None, False
        fetch._add_part(part.raw)
        reached("part")
        # A size that is too small must not cut the mail off, and one that is too large
        # must not make it wait.
        is_all = fetch.received >= size or not part.raw or len(part.raw) > asked
        return replace(part, raw=b"", size=fetch.received), part.complete and is_all

    def _catchall_is_shorter(self, connection, fetch, max_size):
        """Tell whether a mail is shorter than its server says: nothing stands where it
        would be too large. Servers say 4,294,967,295 bytes of what they have not
        counted.

        Where that question has ended badly once, the server is believed.
        """
        if fetch.received:
            return True
        if fetch._is_suspect():
            return False
        behind = imap.fetch_part(connection, int(fetch.uid), max_size, 1)
        return behind is not None and not behind.raw

    def _catchall_give_up(self, connection, fetch, size):
        """Return of a mail that cannot be fetched the headers at least; nothing when
        these cannot be fetched either."""
        uid = int(fetch.uid)
        if fetch._wants_nothing():
            return imap.Fetched(uid, b"", None, (), size, False)
        found = imap.fetch_messages(connection, {uid: size}, max_size=-1)
        return next(found, None)

    def _catchall_keep_alone(self, connection, folder, fetch, mail):
        """Journal a mail that was fetched alone; then do on the server what is done
        with collected mail. Yield after each commit."""
        why = fetch._why_given_up() if fetch._wants_headers_only() else None
        pieces = fetch._pieces() if mail.complete else None
        self._catchall_journal_batch(folder, [mail], why, pieces)
        reached("joined")
        fetch._drop_parts()
        folder._note_fetching([])
        folder._note_collected(1)
        size, is_complete = mail.size, mail.complete
        del mail, pieces
        self._catchall_commit(1, size)
        if is_complete:
            self._catchall_finish(connection, folder, [int(fetch.uid)])
        fetch.unlink()
        self._catchall_commit(0)
        yield 1

    def _catchall_end_fetch(self, folder, fetch):
        """Forget a mail that is gone."""
        fetch.unlink()
        folder._note_fetching([])
        return self._catchall_commit(0)

    def _catchall_finish_alone(self, connection, folder):
        """End what a killed worker had begun with mail that is in the journal; yield
        after the commit."""
        fetches = folder._fetches()
        rows = self._catchall_journalled(folder, fetches.mapped("uid"))
        if rows:
            whole = rows.filtered("complete").mapped("uid")
            self._catchall_finish(connection, folder, list(map(int, whole)))
            uids = set(rows.mapped("uid"))
            fetches.filtered(lambda one: one.uid in uids).unlink()
            yield self._catchall_commit(0)

    def _catchall_collect_again(self, connection, folder):
        """Collect in its turn, before what came after it, what has failed once. Yield
        after each commit."""
        again = folder._fetches().filtered(lambda one: one._is_tried_again())
        for fetch in again.sorted(lambda one: int(one.uid)):
            yield from self._catchall_collect_alone(connection, folder, fetch)

    def _catchall_collect_rest(self, connection, folder):
        """Collect what is left, behind all other mail: that on which fetching has
        failed. Yield after each commit."""
        for fetch in folder._fetches():
            yield from self._catchall_collect_alone(connection, folder, fetch)
        folder._end_overtaken()
        folder._note_behind(0)
