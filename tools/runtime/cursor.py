"""What this room needs of Odoo's cursor, so that it needs no Odoo."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Connection(Protocol):
    """A connection of psycopg2. ``closed``: 0 while it is open."""

    closed: int


class Callbacks(Protocol):
    """The hooks of a transaction. ``data`` lives exactly as long as it does."""

    data: dict[str, Any]


class Savepoint(AbstractContextManager["Savepoint"], Protocol):
    """A savepoint of a transaction. To close it is to roll back to it."""

    def close(self) -> None:
        """Roll back to the savepoint and forget it."""


class Cursor(Protocol):
    """A cursor of Odoo's, as far as it is used here."""

    @property
    def connection(self) -> Connection:
        """The connection that the cursor works on."""

    @property
    def postcommit(self) -> Callbacks:
        """The hooks that run after a commit."""

    def execute(
        self, query: str, params: Sequence[object] | Mapping[str, object] | None = None
    ) -> object:
        """Run a statement of SQL."""

    def fetchone(self) -> Any:
        """Return the next row, None after the last one."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""

    def rollback(self) -> object:
        """Roll the transaction back."""

    def savepoint(self) -> Savepoint:
        """Begin a savepoint."""
