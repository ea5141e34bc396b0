"""Engines that judge mail, as far as a test needs them."""

import json
import socket
import threading
import time
from contextlib import contextmanager

# As spamd 4.0.1, clamd 1.4 and rspamd 3.4 send them.
SPAMD_SPAM = (
    b"SPAMD/1.1 0 EX_OK\r\nContent-length: 300\r\nSpam: True ; 1000.0 / 5.0\r\n\r\n"
    b"Content analysis details:   (1000.0 points, 5.0 required)\n\n"
    b" pts rule name              description\n"
    b"---- ---------------------- -----------------------------------\n"
    b" 1000 GTUBE                  BODY: Generic Test for Unsolicited Bulk Email\n"
    b"-0.0 NO_RELAYS              Informational: message was not relayed via SMTP\n"
)
RSPAMD_SPAM = {
    "score": 8.0,
    "required_score": 15.0,
    "action": "add header",
    "symbols": {
        "MIME_GOOD": {"score": -0.1, "description": "Known content-type"},
        "RDNS_NONE": {"score": 1.0, "description": "No reverse name"},
        "ARC_NA": {"score": 0.0, "description": "ARC absent"},
    },
}


def http(answer):
    body = json.dumps(answer).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@contextmanager
def serving(*talks, port=0):
    """Serve one connection after the other; each talk is a function of the socket.
    Yield the port."""
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve():
            for talk in talks:
                connection, _address = server.accept()
                with connection:
                    try:
                        talk(connection)
                    except OSError:
                        return  # the client has left

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def answering(*answers):
    """Return a talk that answers each mail in turn, then closes the connection."""

    def talk(connection):
        for answer in answers:
            connection.recv(1_000_000)
            time.sleep(0.05)
            connection.sendall(answer)

    return talk


def dripping(connection):
    connection.recv(1_000_000)
    for _number in range(100):
        connection.sendall(b"x")
        time.sleep(0.1)


def endless(connection):
    connection.recv(1_000_000)
    while True:
        connection.sendall(b"x" * 65536)
