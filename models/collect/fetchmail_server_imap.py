from odoo import fields, models
from odoo.fields import Domain

from ...tools.mail import fingerprint as fingerprints
from ...tools.mail.headers import open_mail
from ...tools.runtime.checkpoints import reached
from ...tools.servers import bounds, imap
from .fetchmail_server import BATCH_SIZE, MEGABYTE

LISTED_AT_ONCE = 1000


class FetchmailServer(models.Model):
    """Collecting over IMAP: folder by folder, by UID, never by flags or dates."""

    _inherit = "fetchmail.server"

    def _catchall_collect_imap(self, connection):
        """Collect each folder in batches; yield the number of mails after each.

        Rows and cursor are one transaction. Only after its commit the mail is
        touched on the server.
        """
        for folder in self.catchall_router_ids[:1].folder_ids:
            status = imap.select_folder(connection, folder.name)
            folder._open(status)
            self._catchall_finish_left_over(connection, folder)
            yield from self._catchall_finish_alone(connection, folder)
            yield from self._catchall_collect_again(connection, folder)
            uids = self._catchall_list_uids(connection, folder)
            alone = set(folder._fetches().mapped("uid"))
            folder._note_behind(len(alone | set(map(str, uids))))
            for start in range(0, len(uids), LISTED_AT_ONCE):
                listed = uids[start : start + LISTED_AT_ONCE]
                yield from self._catchall_collect_uids(connection, folder, listed)
            yield from self._catchall_collect_rest(connection, folder)
            folder.last_collected = fields.Datetime.now()

    def _catchall_list_uids(self, connection, folder):
        """Return the UIDs to collect, ascending: all behind the cursor; of those
        that were there at the take-over the unread, when so chosen."""
        cursor, border = int(folder.last_uid), int(folder.take_over_uid or 0)
        if not folder._takes_unread_only() or cursor >= border - 1:
            return imap.list_uids(connection, after=cursor)
        unread = imap.list_uids(
            connection, after=cursor, unseen_only=True, below=border
        )
        return unread + imap.list_uids(connection, after=border - 1)

    def _catchall_collect_uids(self, connection, folder, uids):
        """Journal these UIDs, batch by batch; yield the number after each commit.

        What is fetched is noted before, with the commit of the batch before it.
        """
        rest = self._catchall_sizes(connection, folder, uids)
        while chunk := self._catchall_next_chunk(connection, folder, rest):
            self._catchall_begin(folder, chunk)
            yield from self._catchall_collect_chunk(connection, folder, chunk, rest)
        folder._advance(max(uids))
        yield self._catchall_commit(0)

    def _catchall_sizes(self, connection, folder, uids):
        """Return {uid: size} of those mails that are to be collected in turn: not in
        the journal, and not known to stop their worker."""
        suspects = folder._fetches().filtered(lambda one: one._is_suspect())
        late = set(map(int, suspects.mapped("uid")))
        wanted = [
            uid
            for uid in self._catchall_not_journalled(folder, uids)
            if uid not in late
        ]
        sizes = imap.fetch_sizes(connection, wanted)
        return {uid: sizes[uid] for uid in wanted if uid in sizes}

    def _catchall_next_chunk(self, connection, folder, rest):
        """Return the next mails to fetch together as {uid: size}, {} at the end; a
        large one is alone."""
        meter = bounds.meter_of(connection)
        max_size = folder.router_id.max_size * MEGABYTE
        found = imap.chunks(
            rest,
            max_size=min(max_size, meter.whole_bytes),
            chunk_bytes=meter.chunk_bytes,
            chunk_count=BATCH_SIZE,
        )
        return next(found, {})

    def _catchall_begin(self, folder, uids):
        """Note which mails are fetched now: whoever is killed over it leaves that."""
        if folder._note_fetching(uids):
            self.env["ir.cron"]._commit_progress()
        reached("begun")

    def _catchall_collect_chunk(self, connection, folder, chunk, rest):
        """Collect the mails of one chunk; take them out of ``rest``."""
        last, size = list(chunk.items())[-1]
        max_size = folder.router_id.max_size * MEGABYTE
        is_large = size > bounds.meter_of(connection).whole_bytes
        known = folder._fetches().filtered(lambda one: one.uid == str(last))
        for uid in chunk:
            del rest[uid]
        if is_large or known:
            fetch = known or self.env["mail.catchall.fetch"].sudo()._of(folder, [last])
            yield from self._catchall_collect_alone(connection, folder, fetch, size)
            folder._advance(last)
            return
        batch = list(imap.fetch_messages(connection, chunk, max_size=max_size))
        reached("fetched")
        self._catchall_journal_batch(folder, batch)
        folder._advance(last)
        folder._note_collected(len(chunk))
        folder._note_fetching(self._catchall_next_chunk(connection, folder, rest))
        size = sum(len(mail.raw) for mail in batch)
        complete = [mail.uid for mail in batch if mail.complete]
        count = len(batch)
        del batch  # its bytes, before the next batch is fetched
        self._catchall_commit(count, size)
        self._catchall_finish(connection, folder, complete)
        yield count

    def _catchall_journal_batch(self, folder, batch, why=None, pieces=None):
        """Write fetched mails into the journal, less those that a rescan finds
        there under an older UID.

        :param why: step of the trace that says why they are not whole
        :param pieces: the ``Pieces`` of the one mail, if its bytes are there already
        """
        if batch and folder.rescan_uid and batch[0].uid < int(folder.rescan_uid):
            batch = self._catchall_recognise(folder, batch, pieces)
        messages = self._catchall_journal(
            folder.router_id,
            [
                {
                    **({"pieces": pieces} if pieces else {"raw": mail.raw}),
                    "folder": folder.name,
                    "uidvalidity": folder.uidvalidity,
                    "uid": str(mail.uid),
                    "internal_date": mail.internal_date,
                    "size": mail.size,
                    "complete": mail.complete,
                    **self._catchall_reason(
                        folder.router_id, mail.complete, mail.size, why
                    ),
                }
                for mail in batch
            ],
        )
        if first := folder._first_left_behind():
            # What these answer may be in the mail that they have overtaken.
            answers = messages.filtered(lambda one: int(one.uid) > first)
            folder.has_overtaken |= bool(answers._wait_for_first())

    def _catchall_reason(self, router, is_complete, size, why):
        """Return the values that say why a mail was not fetched as a whole, unless it
        is just too large."""
        if is_complete or (size > router.max_size * MEGABYTE and not why):
            return {}
        step = why or {"step": "fetch", "code": "fetch_refused"}
        return {"reason_code": step["code"], "trace": [step]}

    def _catchall_recognise(self, folder, batch, pieces=None):
        """Give the rows of mails that are known by their content the new UID.

        :param pieces: the ``Pieces`` of the one mail, if its bytes are there already
        :return: the mails that are not known, less those from before the take-over
            that it left out
        """
        opened = [pieces.open() if pieces else open_mail(mail.raw) for mail in batch]
        wanted = [fingerprints.fingerprint_of(one) for one in opened]
        rows_of = self._catchall_rows_of(
            folder, wanted, filter(fingerprints.needs_place, opened)
        )
        unknown = []
        for mail, fingerprint in zip(batch, wanted, strict=True):
            known = rows_of.get(fingerprint)
            if known:
                row, rows_of[fingerprint] = known[-1:], known[:-1]
                row.write({"uidvalidity": folder.uidvalidity, "uid": str(mail.uid)})
            elif folder._wants_old(mail):
                unknown.append(mail)
        return unknown

    def _catchall_rows_of(self, folder, wanted, nameless):
        """Return {fingerprint: messages, the newest first} of the folder's mails of
        before its UIDs changed.

        :param wanted: fingerprints, without the place where their mail was found
        :param nameless: ``Opened`` mails whose rows have that place behind theirs
        """
        Message = self.env["mail.catchall.message"].sudo()
        Message._renew_fingerprints(wanted, Message._with_former(wanted))
        same = Domain("fingerprint", "in", wanted) | Domain.OR(
            Domain("fingerprint", "=like", f"{fingerprints.fingerprint_of(one)}%")
            for one in nameless
        )
        rows = Message.search(
            same
            & Domain("fetchmail_server_id", "=", self.id)
            & Domain("folder", "=", folder.name)
            & Domain("uidvalidity", "!=", folder.uidvalidity),
            order="id desc",
        )
        named = set(wanted)
        return rows.grouped(
            lambda row: (
                row.fingerprint
                if row.fingerprint in named
                else fingerprints.content_of(row.fingerprint)
            )
        )

    def _catchall_not_journalled(self, folder, uids):
        """Return the UIDs that the journal doesn't have yet: a cursor may have been
        set back by hand, a commit's answer lost."""
        known = self._catchall_journalled(folder, list(map(str, uids)))
        journalled = set(known.mapped("uid"))
        return [uid for uid in uids if str(uid) not in journalled]

    def _catchall_journalled(self, folder, uids):
        """Return the messages of these UIDs, texts, of a folder."""
        return self.env["mail.catchall.message"].search_fetch(
            [
                ("fetchmail_server_id", "=", self.id),
                ("folder", "=", folder.name),
                ("uidvalidity", "=", folder.uidvalidity),
                ("uid", "in", uids),
            ],
            ["uid", "complete"],
        )

    # ------------------------------------------------------------
    # COMPLETENESS
    # ------------------------------------------------------------

    def _catchall_missing_imap(self, connection, folder):
        """Return the UIDs behind the cursor that the server has and the journal
        hasn't. What the take-over or a rescan could leave out doesn't count."""
        folder._open(imap.select_folder(connection, folder.name))
        last = int(folder.last_uid)
        there = imap.list_uids(
            connection, after=folder._checked_from() - 1, below=last + 1
        )
        self.env.cr.execute(
            """
            SELECT uid::bigint
              FROM mail_catchall_message
             WHERE fetchmail_server_id = %s AND folder = %s AND uidvalidity = %s
               AND uid IS NOT NULL
            """,
            [self.id, folder.name, folder.uidvalidity],
        )
        known = {uid for (uid,) in self.env.cr.fetchall()}
        # These are about to be fetched.
        known.update(map(int, folder._fetches().mapped("uid")))
        return [uid for uid in there if uid not in known]

    # ------------------------------------------------------------
    # AFTER COLLECTING
    # ------------------------------------------------------------

    def _catchall_finish_left_over(self, connection, folder):
        """Do after collecting what a lost connection had left over."""
        if int(folder.finished_uid or 0) < int(folder.last_uid):
            uids = self._catchall_left_over_uids(folder)
            self._catchall_finish(connection, folder, uids)

    def _catchall_left_over_uids(self, folder):
        """Return the UIDs of the folder's mail in the journal, as a whole, that lie
        between where the work after collecting was done and the cursor."""
        self.env.cr.execute(
            """
            SELECT uid::bigint
              FROM mail_catchall_message
             WHERE fetchmail_server_id = %s AND folder = %s AND uidvalidity = %s
               AND uid IS NOT NULL AND complete
               AND uid::bigint > %s AND uid::bigint <= %s
             ORDER BY 1
            """,
            [
                self.id,
                folder.name,
                folder.uidvalidity,
                int(folder.finished_uid or 0),
                int(folder.last_uid),
            ],
        )
        return [uid for (uid,) in self.env.cr.fetchall()]

    def _catchall_finish(self, connection, folder, uids):
        """Do on the server what the router says is done with collected mail."""
        router = folder.router_id
        if not uids or router.after_collect == "leave":
            pass
        elif router.after_collect == "seen":
            imap.mark_seen(connection, uids)
        elif router.after_collect == "move":
            imap.move(connection, uids, router.move_folder)
        else:
            imap.delete(connection, uids)
        folder.finished_uid = folder.last_uid
        reached("flagged")
