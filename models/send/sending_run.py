import logging
import smtplib
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import partial

import psycopg2
from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import SUPERUSER_ID, api, modules

from ...tools.outbound.attempts import ACCEPTED, UNKNOWN
from ...tools.outbound.smtp_session import Handover, SharedSession
from ...tools.runtime import locks, retries
from ...tools.runtime.checkpoints import reached

_logger = logging.getLogger(__name__)

#: How long (s) a mail waits for one of the connections that the provider allows.
CONNECTION_SECONDS = 5
CONNECTION_PAUSE = 0.1
#: How long (s) another worker may take to note a token.
FREE_SECONDS = 1
LOCK_MILLISECONDS = 5000
IS_FREE = """
    SELECT 1 FROM ir_mail_server WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED
"""


class ConnectionsBusy(Exception):
    """Other workers use all connections that the provider allows."""


class HandedOverElsewhere(Exception):
    """Another worker is handing the same mail over."""


class Ledger(Handover):
    """Notes the steps of the run's mail, each committed at once.

    :param server_id: id of the ``ir.mail_server`` that the mail is handed over to
    """

    def __init__(self, run, server_id):
        self._run = run
        self._server_id = server_id
        self._recipients = []
        self.is_elsewhere = False

    def begins(self, recipients):
        self.is_elsewhere = False
        self._recipients = list(recipients)
        if self._run.attempt is None:
            return
        with self._run.apart() as env:
            is_ours = env["mail.catchall.handover"]._begin(
                self._run.attempt.mail_id, recipients, self._run.token
            )
        if not is_ours:
            self.is_elsewhere = True
            raise HandedOverElsewhere

    def taken(self):
        # Before the note: where that fails the transaction may be done once more.
        self._run.remember(self._recipients, ACCEPTED)
        self._note("_conclude", ACCEPTED)
        reached("noted")
        self._count()

    def not_taken(self):
        self._note("_forget_begun")

    def unknown(self):
        self._run.remember(self._recipients, UNKNOWN)
        self._note("_conclude", UNKNOWN)

    def _note(self, method, *arguments):
        if self._run.attempt is None:
            return
        with self._run.apart() as env:
            handovers = env["mail.catchall.handover"]
            mail_id = self._run.attempt.mail_id
            getattr(handovers, method)(mail_id, self._run.token, *arguments)

    def _count(self):
        # Not together with the note: nothing may keep that one waiting.
        with self._run.apart() as env:
            env["mail.catchall.sent"]._count(self._server_id)


class SendingRun:
    """What the mails of one run of the queue, or of one send, have in common: their
    connections, what is known of the servers, and a database connection whose notes
    stay, whatever becomes of the transaction of the mails.

    It travels in the context as ``catchall_run``. Under Odoo's tests there is one
    transaction only, and nothing is locked.
    """

    def __init__(self, env):
        self._env = env
        self._is_test = bool(modules.module.current_test)
        self._exits = ExitStack()
        self._cr = None
        self._sessions = {}
        self._slots = set()
        self._closed = {}
        self._refused = {}
        self.is_alive = True
        self.token = locks.new_token()
        self.attempt = None
        #: The ``mail_mail_batch.Batch`` that is being sent.
        self.batch = None
        #: {mail id: its text}, where other addons write into it.
        self.texts = {}
        #: What the message at hand says, see ``same_mail.content_of``.
        self.content = ""
        self.woken = set()
        #: The ids of the servers that have taken a mail.
        self.taking = set()
        #: {server id: how many mails in a row it refused for the account's sake}.
        self.account_faults = Counter()
        #: {server id: how many recipients of one mail it takes, 0 if not known}, as
        #: this run has read or learnt.
        self.recipients_limits = {}

    @classmethod
    def of(cls, env):
        """Return the run that is under way in this environment, or None."""
        run = env.context.get("catchall_run")
        return run if run is not None and run.is_alive else None

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.is_alive = False
        for session in self._sessions.values():
            session.close()
        try:
            self._exits.close()
        except psycopg2.Error:
            # The locks have gone with their connection.
            _logger.info("The connection of a sending run was lost", exc_info=True)

    # ------------------------------------------------------------
    # NOTES THAT STAY
    # ------------------------------------------------------------

    @contextmanager
    def apart(self):
        """Yield an environment whose work is committed at the end."""
        if self._is_test:
            yield api.Environment(self._env.cr, SUPERUSER_ID, {})
            return
        env = api.Environment(self._own_cursor(), SUPERUSER_ID, {})
        try:
            yield env
            env["ir.cron"]._commit_progress()
        except BaseException:
            if not env.cr.connection.closed:
                env.cr.rollback()
            raise

    def _own_cursor(self):
        if self._cr is None:
            cr = self._exits.enter_context(self._env.registry.cursor())
            # Counts are added up under a lock: each statement sees the latest.
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            self._exits.enter_context(locks.worker_lock(cr, self.token))
            self._cr = cr
        return self._cr

    def remember(self, recipients, result):
        """Remember what became of the message at hand, should core do the transaction
        of the mails once more.

        :param result: ACCEPTED or UNKNOWN
        """
        done = retries.done_by(self._env.cr)
        for recipient in recipients:
            done.note(self._recipient_key(recipient), result)

    def meet(self, recipient):
        """Return what became of the message at hand when core did this transaction
        before: ACCEPTED, UNKNOWN or ""."""
        return retries.done_by(self._env.cr).meet(self._recipient_key(recipient))

    def _recipient_key(self, recipient):
        return self.content, self._env["mail.catchall.handover"]._key(recipient)

    # ------------------------------------------------------------
    # CONNECTIONS
    # ------------------------------------------------------------

    def session(self, server, connect):
        """Return the one connection of this run to a server.

        :param server: ``ir.mail_server``
        :param connect: returns a new connection, given ``ir.mail_server``
        """
        if server.id not in self._sessions:
            session = SharedSession(
                partial(self._connect, server, connect), server.catchall_session_mails
            )
            session.handover = Ledger(self, server.id)
            session.catchall_mail_server_id = server.id
            session.from_filter = server.from_filter
            self._sessions[server.id] = session
        return self._sessions[server.id]

    def _connect(self, server, connect):
        """Connect apart from the mails: core renews a token on the server's row, which
        in their transaction PostgreSQL might refuse after they are sent."""
        self._take_slot(server)
        if self._is_test or not self._is_free(server):
            return connect(self._env["ir.mail_server"])
        try:
            return self._connect_apart(server, connect)
        except smtplib.SMTPAuthenticationError:
            if not server._catchall_token_prefix():
                raise
        # The server takes the token no more, although its time is not over.
        return self._connect_apart(server, connect, catchall_renew_token=True)

    def _connect_apart(self, server, connect, **context):
        context["lang"] = self._env.lang
        connection = None
        try:
            with self.apart() as env:
                env.cr.execute("SET LOCAL lock_timeout = %s", [LOCK_MILLISECONDS])
                connection = connect(env["ir.mail_server"].with_context(**context))
        except LockNotAvailable:
            if connection is None:
                raise
            _logger.info("Server %s: its new token was not kept", server.id)
        return connection

    def _is_free(self, server):
        """Tell whether others see the server, and nobody is changing it: whoever is
        for longer is the transaction of the mails itself."""
        self._env["ir.mail_server"].flush_model()
        deadline = time.monotonic() + FREE_SECONDS
        while True:
            with self.apart() as env:
                env.cr.execute(IS_FREE, [server.id])
                if env.cr.fetchone():
                    return True
            if time.monotonic() > deadline:
                return False
            time.sleep(CONNECTION_PAUSE)

    def _take_slot(self, server):
        """Take one of the connections that the provider allows at a time.

        :raises ConnectionsBusy: when none gets free
        """
        limit = server.catchall_connections
        if self._is_test or not limit or server.id in self._slots:
            return
        deadline = time.monotonic() + CONNECTION_SECONDS
        while not self._try_slots(server, limit):
            if time.monotonic() > deadline:
                raise ConnectionsBusy
            time.sleep(CONNECTION_PAUSE)
        self._slots.add(server.id)

    def _try_slots(self, server, limit):
        with self.apart() as env:
            for slot in range(limit):
                name = f"mail_catchall_router.connection.{server.id}.{slot}"
                lock = ExitStack()
                if lock.enter_context(locks.try_named_lock(env.cr, name)):
                    self._exits.push(lock)
                    return True
        return False

    # ------------------------------------------------------------
    # WHAT IS KNOWN OF A SERVER
    # ------------------------------------------------------------

    def close_server(self, server, closed, urgency=None):
        """Try no more mail of this urgency (None: any) on a server in this run.

        :param closed: ``attempts.Closed``
        """
        self._closed.setdefault((server.id, urgency), closed)

    def find_closed(self, server, urgency):
        """Return the ``attempts.Closed`` of a server, or None."""
        return self._closed.get((server.id, None)) or self._closed.get(
            (server.id, urgency)
        )

    def refused_by(self, server):
        """Return the frozenset of the addresses a server is known to refuse."""
        return self._refusals(server)[0]

    def once_refused_by(self, server):
        """Return the frozenset of the addresses that it refused so long ago that they
        are tried again."""
        return self._refusals(server)[1]

    def _refusals(self, server):
        if server.id not in self._refused:
            with self.apart() as env:
                Refused = env["mail.catchall.refused.sender"]
                self._refused[server.id] = Refused._refused_by(server.id)
        return self._refused[server.id]

    def forget_refused(self, server):
        """Read anew what a server refuses, after it was changed."""
        self._refused.pop(server.id, None)
