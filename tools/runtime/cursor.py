"""What this room needs of Odoo's cursor, so that it needs no Odoo."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol


class Connection(Protocol):
    """A connection of psycopg2. ``closed``: 0 while it is open."""

    closed: int


class Callbacks(Protocol):
    """The hooks of a transaction. ``data`` lives exactly as long as it does."""

    data: dict[str, Any]

    def add(self, func: Callable[[], object]) -> None:
        """Call a function at the end of this transaction."""


class Savepoint(Protocol):
    """A savepoint of a transaction."""

    def close(self, *, rollback: bool = True) -> None:
        """Forget the savepoint and roll back to it, or keep what was done since."""


class Cursor(Protocol):
    """A cursor of Odoo's, as far as it is used here."""

    @property
    def connection(self) -> Connection:
        """The connection that the cursor works on."""

    @property
    def cache(self) -> dict[Any, Any]:
        """What is emptied when a savepoint is rolled back; it outlives a commit."""

    @property
    def postcommit(self) -> Callbacks:
        """The hooks that run after a commit."""

    @property
    def prerollback(self) -> Callbacks:
        """The hooks that run before a rollback."""

    @property
    def postrollback(self) -> Callbacks:
        """The hooks that run after a rollback."""

    def execute(
        self, query: str, params: Sequence[object] | Mapping[str, object] | None = None
    ) -> object:
        """Run a statement of SQL. Raises what psycopg2 raises."""

    def fetchone(self) -> Any:
        """Return the next row, None after the last one."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""

    def rollback(self) -> object:
        """Roll the transaction back."""

    def savepoint(self, flush: bool = True) -> Savepoint:
        """Begin a savepoint; ``flush`` what the ORM still has to write before it."""
