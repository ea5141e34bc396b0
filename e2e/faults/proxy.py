"""A TCP proxy that can cut a connection in the middle of an answer."""

import contextlib
import socket
import struct
import threading

CHUNK = 8192
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, drop what is unsent


class Proxy:
    """Passes a port on to another one; cuts when told to."""

    def __init__(self, port, target):
        self.target = target
        self.cuts = 0
        self._limits = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        """Take no connections any more."""
        self._listener.close()

    def cut_after(self, count):
        """Cut the next connection over which more than ``count`` bytes come back."""
        with self._lock:
            self._limits.append(count)

    def spare(self):
        """Forget the cuts that have not been made yet."""
        with self._lock:
            self._limits.clear()

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
                if watched and self._is_over(passed):
                    sink.sendall(data[: len(data) // 2])
                    sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                    break
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _is_over(self, passed):
        with self._lock:
            if self._limits and passed > self._limits[0]:
                self._limits.pop(0)
                self.cuts += 1
                return True
            return False
