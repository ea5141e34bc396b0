"""The loop: it waits for all mailboxes at once and wakes Odoo when one has new mail."""

import contextlib
import imaplib
import logging
import queue
import random
import selectors
import socket
import time
from dataclasses import dataclass, field

import odoo
from odoo.tools import config

from ..tools.servers import idle, imap
from ..tools.servers.idle import Event
from . import databases
from .claim import Claim
from .hands import Hands
from .pool import Pool
from .wire import Wire

_logger = logging.getLogger(__name__)

LOGINS_AT_ONCE = 8
DATABASES_AT_ONCE = 2
#: Seconds after which a database that could not be asked is asked again.
RETRY_DATABASE = 5.0
#: Seconds between two looks whether we have the right to listen, or can have it.
BEAT = 3.0
#: Databases that Odoo itself listens to at most, each with a connection to PostgreSQL.
MOST_INSIDE = 20
#: A connection that held this long was not a failure.
GOOD_WHILE = 60.0
NEVER = float("inf")


@dataclass
class Watch:
    """One place: a connection to it, or when to try the next."""

    database: str
    place: object
    next_attempt: float
    attempt: int = 0
    since: float = NEVER
    is_dialing: bool = False
    is_gone: bool = False
    is_heard: bool = False
    wire: Wire | None = None

    @property
    def name(self):
        """What the log calls it; there is no password in it."""
        return f"{self.database}: server {self.place.server_id}, {self.place.folder}"

    @property
    def deadline(self):
        """When there is something to do, if the server says nothing."""
        if self.wire:
            return self.wire.session.deadline
        return NEVER if self.is_dialing else self.next_attempt


@dataclass
class Database:
    """One database: its watches by place, when to look at it, to read its places and
    to wake it, and which of its servers have new mail."""

    name: str
    claim: Claim
    next_look: float
    next_reading: float
    is_looking: bool = False
    is_lost: bool = False
    is_left_out: bool = False
    is_waking: bool = False
    pace: idle.Pace = field(default_factory=idle.Pace)
    news: set = field(default_factory=set)
    watches: dict = field(default_factory=dict)

    @property
    def heard(self):
        """The frozenset of the ids of the folders that are listened to."""
        return frozenset(
            watch.place.folder_id for watch in self.watches.values() if watch.is_heard
        )

    @property
    def deadline(self):
        """When there is something to do, if nobody says anything."""
        return min(
            NEVER if self.is_looking else self.next_look,
            NEVER if self.is_waking else self.pace.deadline,
            *(watch.deadline for watch in self.watches.values()),
        )


class Listener:
    """Listens for databases until it is stopped.

    Everything but what blocks happens in one thread; jobs in others report through a
    queue and a pair of sockets that ends the waiting.

    :param names: the names of the databases
    :param refresh: seconds between two looks for new, changed and removed mailboxes
    :param is_inside: whether we are a thread of Odoo
    """

    def __init__(self, names, refresh, *, is_inside=False):
        self._refresh = refresh
        self._is_inside = is_inside
        self._databases = [self._database(name) for name in names]
        self._selector = selectors.DefaultSelector()
        self._bell, self._rope = socket.socketpair()
        for end in (self._bell, self._rope):
            end.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._results = queue.SimpleQueue()
        self._logins = Pool(logins_at_once(), self._report)
        self._questions = Pool(DATABASES_AT_ONCE, self._report)
        self._hands = Hands() if is_inside else None
        self._is_stopping = False

    # ------------------------------------------------------------
    # LOOP
    # ------------------------------------------------------------

    def run(self):
        """Listen until :meth:`stop` is called."""
        names = ", ".join(one.name for one in self._databases)
        _logger.info("Listening for %s", names or "databases to come")
        try:
            while not self._is_stopping:
                self._wait()
                self._take_results()
                for database in self._databases:
                    self._tend(database)
        finally:
            # Also of a loop that broke off: another one is to have the right.
            self._let_go()
        _logger.info("Listening ended")

    def _let_go(self):
        for database in self._databases:
            database.claim.let_go()
        for watch in self._watches():
            self._hang_up(watch)

    def add(self, name):
        """Listen for one more database; safe to be called by another thread."""
        self._report(lambda *_nothing: self._add(name), None, None)

    def stop(self):
        """End :meth:`run` soon; safe to be called by a signal or another thread."""
        self._is_stopping = True
        self._ring()

    def _watches(self):
        for database in self._databases:
            yield from database.watches.values()

    def _wait(self):
        """Wait until something is to be done, and hear what the servers say."""
        hungry = [one for one in self._watches() if one.wire and one.wire.has_more]
        deadline = min((one.deadline for one in self._databases), default=NEVER)
        pause = 0 if hungry else max(deadline - time.monotonic(), 0)
        ready = self._selector.select(None if pause == NEVER else pause)
        heard = {id(key.data): key.data for key, _events in ready if key.data}
        heard.update({id(watch): watch for watch in hungry})
        for watch in heard.values():
            self._act(watch, watch.wire.hear(time.monotonic()))

    def _report(self, callback, result, error):
        """Keep what a job has answered for the loop; called in the job's thread."""
        self._results.put((callback, result, error))
        self._ring()

    def _ring(self):
        # When the bell is full of rings already, it is heard.
        with contextlib.suppress(BlockingIOError):
            self._rope.send(b".")

    def _take_results(self):
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        with contextlib.suppress(queue.Empty):
            while True:
                callback, result, error = self._results.get_nowait()
                callback(result, error)

    # ------------------------------------------------------------
    # DATABASE
    # ------------------------------------------------------------

    def _database(self, name):
        now = time.monotonic()
        return Database(name, Claim(name, self._is_inside), now, now)

    def _add(self, name):
        if all(one.name != name for one in self._databases):
            self._databases.append(self._database(name))

    def _tend(self, database):
        """Do what is due for a database and its mailboxes."""
        now = time.monotonic()
        if now >= database.next_look and not database.is_looking:
            self._look(database, now)
        if not database.is_waking and database.pace.take(now):
            self._wake(database)
        for watch in list(database.watches.values()):
            if now >= watch.deadline:
                self._tend_watch(watch, now)

    def _look(self, database, now):
        """Look at a database, unless there are enough others."""
        busy = [one for one in self._databases if one.watches or one.is_looking]
        if self._is_inside and database not in busy and len(busy) >= MOST_INSIDE:
            database.next_look = now + self._refresh
            if not database.is_left_out:
                words = "%s: not listened to, as %s other databases are"
                _logger.info(words, database.name, len(busy))
            database.is_left_out = True
            return
        database.is_looking, database.is_left_out = True, False
        self._questions.submit(
            lambda view, error: self._looked(database, view, error),
            databases.look,
            database.name,
            database.claim,
            database.heard,
            now >= database.next_reading,
        )

    def _looked(self, database, view, error):
        """Follow what was seen of a database."""
        database.is_looking = False
        now = time.monotonic()
        if error:
            database.next_look = now + RETRY_DATABASE
            self._lose(database, error)
            return
        database.is_lost = False
        if self._hands:
            self._hands.tend()
        database.next_look = now + min(BEAT, self._refresh)
        if not view.may_listen:
            # Whoever gets the right reads the places at once.
            database.next_reading = now
        elif view.places is not None:
            database.next_reading = now + self._refresh
            if not view.places:
                database.next_look = database.next_reading
        if view.places is not None:
            self._follow(database, view.places, now)
        if view.is_gone:
            _logger.info("%s: it is gone", database.name)
            self._databases.remove(database)

    def _lose(self, database, error):
        """Say once that a database cannot be asked, and go on with its mailboxes."""
        if not database.is_lost:
            _logger.warning("%s: it cannot be read: %s", database.name, _text(error))
        database.is_lost = True

    def _follow(self, database, found, now):
        """Begin with new places, end with those that are gone or have changed."""
        for place in database.watches.keys() - found:
            watch = database.watches.pop(place)
            _logger.info("%s: no longer listened to", watch.name)
            self._hang_up(watch)
        for place in found - database.watches.keys():
            database.watches[place] = Watch(database.name, place, now)

    def _wake(self, database):
        """Let a database collect what has come."""
        database.is_waking = True
        news, database.news = database.news, set()
        self._questions.submit(
            lambda _none, error: self._woken(database, news, error),
            databases.wake,
            database.name,
            sorted(news),
        )

    def _woken(self, database, news, error):
        database.is_waking = False
        if error:
            database.news |= news
            database.pace.put_off(time.monotonic() + RETRY_DATABASE)
            _logger.warning("%s: it cannot be woken: %s", database.name, _text(error))
        else:
            _logger.debug("%s: woken for %s", database.name, sorted(news))

    # ------------------------------------------------------------
    # MAILBOX
    # ------------------------------------------------------------

    def _tend_watch(self, watch, now):
        if watch.wire:
            self._act(watch, watch.wire.tick(now))
        else:
            watch.is_dialing = True
            self._logins.submit(
                lambda line, error: self._dialled(watch, line, error),
                databases.dial,
                watch.database,
                watch.place,
            )

    def _dialled(self, watch, line, error):
        watch.is_dialing = False
        now = time.monotonic()
        if error:
            if not watch.is_gone:
                refused = isinstance(error, imaplib.IMAP4.error | imap.MailboxError)
                lost = isinstance(error, imaplib.IMAP4.abort)
                self._try_later(watch, _text(error), refused=refused and not lost)
            return
        watch.wire, watch.since = Wire(line, now), now
        if watch.is_gone:
            self._hang_up(watch)
        else:
            self._selector.register(watch.wire.socket, selectors.EVENT_READ, watch)
            # It may be lost already: whoever doesn't hear that, waits for ever.
            self._act(watch, watch.wire.send())

    def _act(self, watch, events):
        """Follow what a session tells."""
        if Event.LISTENING in events:
            watch.is_heard = True
            _logger.info("%s: listened to", watch.name)
        if Event.LISTENING in events or Event.ARRIVED in events:
            database = self._database_of(watch)
            database.news.add(watch.place.server_id)
            database.pace.want()
        if Event.ENDED in events:
            reason, since = watch.wire.session.reason, watch.since
            self._drop(watch)
            if time.monotonic() - since > GOOD_WHILE:
                watch.attempt = 0
            self._try_later(watch, reason)

    def _database_of(self, watch):
        return next(one for one in self._databases if one.name == watch.database)

    def _try_later(self, watch, reason, refused=False):
        watch.attempt += 1
        delay = idle.delay_before(watch.attempt, random.random(), refused=refused)
        watch.next_attempt = time.monotonic() + delay
        _logger.info("%s: %s Next try in %.0f s", watch.name, reason, delay)

    def _hang_up(self, watch):
        watch.is_gone = True
        if watch.wire:
            self._drop(watch)

    def _drop(self, watch):
        """Close the connection of a watch."""
        with contextlib.suppress(KeyError):
            self._selector.unregister(watch.wire.socket)
        watch.wire.close()
        watch.wire, watch.is_heard = None, False


def logins_at_once():
    """Return how many logins may wait for mail servers at once: each has a connection
    of Odoo's pool meanwhile, most of which are to be left for others."""
    of_evented = config["db_maxconn_gevent"] if odoo.evented else 0
    return max(min(LOGINS_AT_ONCE, (of_evented or config["db_maxconn"]) // 4), 1)


def _text(error):
    """One line for the log."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
