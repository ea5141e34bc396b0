"""A name server that says what a test lets it say, on a port of this machine."""

import contextlib
import socket
import struct
import threading

QR, TC, RD = 0x8000, 0x0200, 0x0100


def label_name(name):
    """Return a name as it stands in a message."""
    return b"".join(
        bytes([len(label)]) + label.encode() for label in name.split(".") if label
    ) + (b"\0")


def record(owner, kind, data):
    """Return one record; the owner is given as bytes."""
    return owner + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def mx(priority, host):
    """Return the data of an MX record."""
    return struct.pack(">H", priority) + label_name(host)


def srv(priority, weight, port, host):
    """Return the data of an SRV record."""
    return struct.pack(">HHH", priority, weight, port) + label_name(host)


def answer(query, *records, flags=QR | RD):
    """Return the answer to a query with these records."""
    head = query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
    return head + query[12:] + b"".join(records)


def _bind_both(udp, tcp):
    """Bind both sockets to one port that is free for both; return the address."""
    tcp.bind(("127.0.0.1", 0))
    address = tcp.getsockname()
    udp.bind(address)
    return address


@contextlib.contextmanager
def serve(datagrams, stream=b""):
    """Answer queries by UDP, and by TCP with one answer, until the end of the block.

    :param datagrams: returns the datagrams for a query
    :param stream: returns the bytes for a query, or nothing
    :return: the (address, port) of the name server
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
    ):
        address = _bind_both(udp, tcp)
        tcp.listen()
        threads = [
            threading.Thread(target=_answer_datagrams, args=(udp, datagrams)),
            threading.Thread(target=_answer_streams, args=(tcp, stream)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield address
        finally:
            # An empty datagram and an empty connection end the two loops.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", address)
            with contextlib.suppress(OSError):
                socket.create_connection(address, 5).close()
            for thread in threads:
                thread.join(10)


def _answer_datagrams(udp, datagrams):
    while True:
        query, peer = udp.recvfrom(65535)
        if not query:
            return
        for data in datagrams(query):
            udp.sendto(data, peer)


def _answer_streams(tcp, stream):
    while True:
        connection, _peer = tcp.accept()
        with connection, contextlib.suppress(OSError):
            query = connection.recv(65535)
            if not query:
                return
            connection.sendall(stream(query[2:]))
