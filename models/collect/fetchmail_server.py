import logging
import poplib
import time
from functools import partial
from imaplib import IMAP4

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.mail.models.fetchmail import MAIL_SERVER_DEACTIVATE_TIME

from ...tools.runtime import locks, memory
from ...tools.runtime.checkpoints import reached
from ...tools.runtime.time_limit import TimeLimitExceeded, thread_limit
from ...tools.servers import bounds, diagnosis, imap
from ..concurrency import retry_on_concurrency, start_over, write_alone

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100
CONNECT_SECONDS = 30
LOGOUT_SECONDS = 10
# How often a visit is made again because somebody else wrote on the same rows.
MOST_COLLISIONS = 3
MEGABYTE = 1024 * 1024


class FetchmailServer(models.Model):
    """A server with a router is collected into the journal; without one it is
    core's."""

    _inherit = "fetchmail.server"

    catchall_router_ids = fields.One2many(
        "mail.catchall.router", "fetchmail_server_id", "Mail Router"
    )
    catchall_failures = fields.Integer("Failures in a Row", readonly=True, copy=False)

    def fetch_mail(self):
        """Say as a sentence what a router's server or the network refuses: the form
        shows a traceback of whatever else is raised.

        :raises UserError: with what is wrong, what to do and the server's words
        """
        self.ensure_one().check_access("write")
        server = self.sudo()
        router = server.catchall_router_ids[:1]
        if not router:
            return super().fetch_mail()
        details = router._incoming_details(server)
        with router._explained(details, [server.password]):
            return super().fetch_mail()

    def _fetch_mail(self, batch_limit=50):
        """Collect the servers with a router; leave the others to core.

        :return: the last exception, or None
        """
        taken_over = self.filtered("catchall_router_ids")
        result = None
        if self - taken_over or not self:
            result = super(FetchmailServer, self - taken_over)._fetch_mail(
                batch_limit=batch_limit
            )
        for server in taken_over.with_context(fetchmail_cron_running=True):
            if server != taken_over[:1] and server._catchall_is_over()():
                # Others in a worker of their own: this one has worked enough.
                server._catchall_wake()
                continue
            result = server._catchall_collect() or result
        return result

    # ------------------------------------------------------------
    # COLLECT
    # ------------------------------------------------------------

    def _catchall_collect(self):
        """Collect everything new of one server.

        :return: the exception that ended it, or None
        """
        wakes = self._catchall_wakes()
        if self.catchall_router_ids.filtered("is_stranger"):
            # Health says so, and a person decides.
            _logger.info("Server %s: left alone, this database is a copy", self.id)
            return None
        if self.catchall_router_ids[:1]._stays_paused():
            # Whoever ends the pause wakes it; until then its wake-ups stay.
            _logger.info("Server %s: left alone, too much mail waits", self.id)
            return None
        started = time.monotonic()
        count, error = self._catchall_visit(self._catchall_collect_in_measure, wakes)
        _logger.info(
            "Server %s: %s mails collected in %.1f s",
            self.id,
            count,
            time.monotonic() - started,
        )
        return error

    def _catchall_visit(self, work, wakes=None):
        """Do some work over one connection to the server, and keep how it went.

        One visitor at a time works on a server, on whatever host.

        :param work: generator function of the connection; it yields the number of
            mails after each commit
        :param wakes: the ``mail.catchall.wake`` that it answers, if any
        :return: (number of mails, the exception that ended it or None)
        """
        self.ensure_one()
        with locks.try_named_lock(
            self.env.cr, f"mail_catchall_router.collect.{self.id}"
        ) as free:
            # A new snapshot, with what the visitor before us has committed.
            self.env["ir.cron"]._commit_progress()
            self.env.invalidate_all()
            if not free or not self.active or self.state != "done":
                _logger.info("Server %s: left alone, it is busy or off", self.id)
                return 0, None
            self._catchall_begin_visit()
            count, error = self._catchall_try(work)
            conclude = partial(self._catchall_conclude, error, wakes)
            retry_on_concurrency(self.env, conclude, self)
        self._catchall_hear()
        return count, error

    def _catchall_try(self, work):
        """Do some work over one connection; what collides with somebody else in the
        database is no fault of the server, and is done again over another one.

        Parameters and result as :meth:`_catchall_visit` has them.
        """
        count, error = self._catchall_try_once(work)
        for _again in range(MOST_COLLISIONS):
            if not isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                break
            more, error = self._catchall_try_once(work)
            count += more
        return count, error

    def _catchall_try_once(self, work):
        count, connection = 0, None
        try:
            connection = self._catchall_connect()
            with bounds.cut_after(connection, self._catchall_seconds_left()):
                # A new token stays, and nobody waits for its row.
                self.env["ir.cron"]._commit_progress()
                self._catchall_keep_certificate(connection)
                for done in work(connection):
                    count += done
                    if not self.env["ir.cron"]._commit_progress():
                        break
                # What it did after its last mail stays, whatever comes now.
                self.env["ir.cron"]._commit_progress()
        except Exception as error:
            # Whatever the server or the network does is the server's error state.
            _logger.info("Server %s: it could not be read", self.id, exc_info=True)
            start_over(self.env)
            self._catchall_keep_speed(connection)
            return count, error
        finally:
            self._catchall_disconnect(connection)
        self._catchall_keep_speed(connection)
        return count, None

    def _catchall_connect(self):
        """Return a connection that is logged in and bounded; a server that drips is
        left before the worker's time is over."""
        seconds = min(CONNECT_SECONDS, self._catchall_seconds_left())
        try:
            with thread_limit(seconds):
                connection = self._catchall_log_in()
        except TimeLimitExceeded as error:
            raise bounds.TooSlowError(
                f"The mail server was too slow: it was left after {seconds:.0f} s"
            ) from error
        bounds.bound(connection, self.catchall_speed)
        return connection

    def _catchall_collect_in_measure(self, connection):
        """Collect until the router has as much waiting mail as it may have, or until
        the time for it is over, and then be woken for the rest; yield the number of
        mails after each batch."""
        router = self.catchall_router_ids[:1]
        is_time_over = self._catchall_is_over()
        if router._must_pause():
            return
        for count in self._catchall_collector()(connection):
            is_over = is_time_over()
            if is_over and not router._must_pause():
                # Before the count is passed on: nobody comes back when time is over.
                self._catchall_wake()
            yield count
            if is_over or router._must_pause():
                return

    def _catchall_collector(self):
        if self._get_connection_type() == "pop":
            return self._catchall_collect_pop
        return self._catchall_collect_imap

    # ------------------------------------------------------------
    # COMPLETENESS
    # ------------------------------------------------------------

    def _catchall_check(self):
        """Compare what the server has with the journal, folder by folder.

        :return: the exception that ended it, or None
        """
        return self._catchall_visit(self._catchall_checker)[1]

    def _catchall_checker(self, connection):
        pop = self._get_connection_type() == "pop"
        find = self._catchall_missing_pop if pop else self._catchall_missing_imap
        folders = self.catchall_router_ids[:1].folder_ids
        for folder in folders[:1] if pop else folders:
            folder._keep_missing(find(connection, folder))
            yield 0
        if not pop:
            self._catchall_count_junk(connection)
            yield 0

    def _catchall_count_junk(self, connection):
        """Count the unread mail that the provider took for junk and that the router
        doesn't read. A server that doesn't tell loses nothing."""
        router = self.catchall_router_ids[:1]
        read = set(router.folder_ids.mapped("name"))
        try:
            unseen = {
                name: imap.count_unseen(connection, name)
                for name in imap.list_special(connection, "\\Junk")
                if name not in read
            }
        except imap.MailboxError:
            _logger.info("Server %s: its folders cannot be listed", self.id)
            return
        write_alone(router, router._values_of_junk(unseen))

    def _catchall_fetch_missing(self):
        """Collect what the last check has found missing, then check again.

        :return: the exception that ended it, or None
        """
        if self._get_connection_type() == "pop":
            error = self._catchall_collect()
        else:
            error = self._catchall_visit(self._catchall_fetcher)[1]
        return error or self._catchall_check()

    def _catchall_fetcher(self, connection):
        for folder in self.catchall_router_ids[:1].folder_ids:
            uids = list(map(int, (folder.missing_uids or "").split()))
            if uids:
                folder._open(imap.select_folder(connection, folder.name))
                yield from self._catchall_collect_uids(connection, folder, uids)

    # ------------------------------------------------------------
    # HANDING BACK
    # ------------------------------------------------------------

    def _catchall_hand_back(self, messages):
        """Make mails unread on the server again, as far as it has them; core's own
        reading then finds them. What fails is logged: the mail is on the server."""
        if not self or self._get_connection_type() == "pop":
            return
        self._catchall_try(
            lambda connection: self._catchall_mark_unread(connection, messages)
        )

    def _catchall_mark_unread(self, connection, messages):
        for folder in self.catchall_router_ids[:1].folder_ids:
            imap.select_folder(connection, folder.name)
            uids = [
                int(message.uid)
                for message in messages
                if message.uid
                and message.folder == folder.name
                and message.uidvalidity == folder.uidvalidity
            ]
            imap.mark_unseen(connection, uids)
            yield len(uids)

    # ------------------------------------------------------------
    # CONNECTION
    # ------------------------------------------------------------

    def _catchall_conclude(self, error, wakes):
        """Note how a visit went, and that the wake-ups are answered.

        Parameters as :meth:`_catchall_visit` has them.
        """
        if wakes:
            wakes.unlink()
        self._catchall_end_visit(error)
        self._catchall_keep_result(error)

    def _catchall_end_visit(self, error):
        """Note that the visit has ended by itself, and of what was being fetched then
        whether the server is to blame."""
        folders = self._catchall_folders()
        if error is None:
            folders._note_fetching([])
        else:
            folders._note_suspects(self._catchall_counter(error))

    def _catchall_counter(self, error):
        """Return the field of ``mail.catchall.fetch`` that counts an error: a server
        that lies does so again, one that breaks off may be all right the next time."""
        pop = self._get_connection_type() == "pop"
        # POP3 knows no parts: what was too slow is too slow the next time, too.
        again = (bounds.ExcessError, *((bounds.TooSlowError,) if pop else ()))
        return "kills" if isinstance(error, again) else "failures"

    def _catchall_disconnect(self, connection):
        """Log out, without core's ``disconnect`` that would expunge the folder."""
        if connection is None:
            return
        log_out = getattr(connection, "logout", None) or connection.quit
        try:
            with bounds.cut_after(connection, LOGOUT_SECONDS):
                log_out()
        except (OSError, IMAP4.error, poplib.error_proto):
            _logger.info("Server %s: the connection was gone", self.id)

    def _catchall_keep_result(self, error):
        """Show when the server was read last, or since when it cannot be, and why."""
        now = fields.Datetime.now()
        values = {
            "date": now,
            "error_date": False,
            "error_message": False,
            "catchall_failures": 0,
            "catchall_is_signed_out": False,
            "catchall_visit_began": False,
        }
        if error is not None:
            since = self.error_date or now
            values.update(
                error_date=since,
                # Without the number that the system has for it.
                error_message=diagnosis.diagnose(error, [self.sudo().password]).words,
                catchall_failures=self.catchall_failures + 1,
                catchall_is_signed_out=self._catchall_is_refused(error),
            )
            if since < now - MAIL_SERVER_DEACTIVATE_TIME:
                self.env["ir.cron"]._notify_admin(
                    f"Incoming mail server {self.name} cannot be read since {since}"
                )
        self.write(values)

    def _catchall_journal(self, router, mails):
        """Write mails into the journal and wake the lanes for them; the caller
        commits, and only then touches the mails on the server.

        :return: the new messages
        """
        journal = self.env["mail.catchall.message"]
        if not mails:
            return journal
        parts = self.env["mail.catchall.part"].sudo()
        for mail in mails:
            raw = mail.get("raw") or b""
            if len(raw) > MEGABYTE:
                own = parts._write_down(raw)
                mail.update(raw=None, pieces=own._pieces(len(raw)))
                parts += own
        messages = journal._journal(router, mails)
        parts.unlink()
        journal._trigger_routing()
        reached("inserted")
        return messages

    def _catchall_commit(self, count, size=0):
        """Commit a batch and let go of its bytes; return its number of mails.

        :param size: bytes of the batch
        """
        self.env["ir.cron"]._commit_progress(count)
        reached("committed")
        self.env.invalidate_all(flush=False)
        memory.give_back(size)
        return count
