"""A TCP proxy that cuts, slows down and falsifies what a mail server answers."""

import contextlib
import random
import re
import socket
import struct
import threading
import time

CHUNK = 8192
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, drop what is unsent
# 45 kB/s: at it, 9 MB take longer than Odoo lets a scheduled action run.
SLOW_CHUNK, SLOW_PAUSE = 4500, 0.1
DRIP_PAUSE = 5.0
LOGIN_BYTES = 3000  # greeting, capabilities and login are shorter
SIZE = re.compile(rb"RFC822\.SIZE \d+")


class Proxy:
    """Passes a port on to another one; breaks the line when told to.

    What it falsifies it must read: the line is without TLS then.
    """

    def __init__(self, port, target):
        self.target = target
        self.cuts = self.drips = self.lies = 0
        self._limits = []
        self._slow_until = 0.0
        self._is_dripping = self._is_lying = False
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        """Take no connections any more."""
        self._listener.close()

    # ------------------------------------------------------------------
    # FAULTS
    # ------------------------------------------------------------------

    def cut_after(self, count):
        """Cut the next connection over which more than ``count`` bytes come back."""
        with self._lock:
            self._limits.append(count)

    def slow_for(self, duration):
        """Pass answers on at 45 kB/s for so many seconds."""
        self._slow_until = time.monotonic() + duration

    def drip(self):
        """Pass one byte of each five seconds on over the next connection that has
        logged in, for as long as the client bears it."""
        self._is_dripping = True

    def lie(self):
        """Give a wrong size in the next answers that tell the size of a mail."""
        self._is_lying = True

    def spare(self):
        """Forget the faults that have not been made yet."""
        with self._lock:
            self._limits.clear()
        self._slow_until = 0.0
        self._is_dripping = self._is_lying = False

    # ------------------------------------------------------------------
    # LINE
    # ------------------------------------------------------------------

    def _serve(self):
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for source, sink, watched in (
                (client, server, False),
                (server, client, True),
            ):
                arguments = (source, sink, watched)
                threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(self, source, sink, watched):
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                passed += len(data)
                if not watched:
                    sink.sendall(data)
                elif self._is_over(passed):
                    sink.sendall(data[: len(data) // 2])
                    sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                    break
                elif self._is_dripping and passed > LOGIN_BYTES:
                    self._is_dripping = False
                    self.drips += 1
                    _drip(sink, data)
                else:
                    self._pass_on(sink, data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _pass_on(self, sink, data):
        if self._is_lying and SIZE.search(data):
            self._is_lying = False
            self.lies += 1
            data = SIZE.sub(lambda _size: b"RFC822.SIZE %d" % _wrong_size(), data)
        if time.monotonic() >= self._slow_until:
            sink.sendall(data)
            return
        for at in range(0, len(data), SLOW_CHUNK):
            sink.sendall(data[at : at + SLOW_CHUNK])
            time.sleep(SLOW_PAUSE)

    def _is_over(self, passed):
        with self._lock:
            if self._limits and passed > self._limits[0]:
                self._limits.pop(0)
                self.cuts += 1
                return True
            return False


def _drip(sink, data):
    """Pass a piece of an answer on byte by byte, until the other side has enough."""
    for at in range(len(data)):
        sink.sendall(data[at : at + 1])
        time.sleep(DRIP_PAUSE)


def _wrong_size():
    return random.choice((0, 1, 17, 10_000_000, 4_000_000_000))
