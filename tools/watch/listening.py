"""Who listens to a mailbox, as it stands in PostgreSQL's list of sessions."""

from dataclasses import dataclass

#: A listener inside of Odoo, and one that is a process of its own.
INSIDE = "mail-router-inside"
OWN_PROCESS = "mail-router-listener"
#: PostgreSQL cuts longer names (NAMEDATALEN).
LONGEST_NAME = 63


@dataclass(frozen=True)
class Ear:
    """A listener: INSIDE or OWN_PROCESS, the number of its process, and its host."""

    kind: str
    process: int
    host: str


def name_of(ear: Ear) -> str:
    """Return how a listener calls its session, in at most 63 bytes of ASCII."""
    host = ear.host.encode("ascii", "replace").decode()
    return f"{ear.kind} {ear.process} {host}"[:LONGEST_NAME]


def recognize(name: str) -> Ear | None:
    """Return the listener of a session, None of another session."""
    kind, _space, rest = name.partition(" ")
    process, _space, host = rest.partition(" ")
    if kind not in {INSIDE, OWN_PROCESS} or not process.isdecimal():
        return None
    return Ear(kind, int(process), host)
