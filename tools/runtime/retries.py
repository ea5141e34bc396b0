"""What was done in a transaction that nothing can take back, where core does the whole
transaction once more.

``retrying`` of Odoo's ``service/model.py`` rolls back what PostgreSQL has refused, and
calls the same function again with the same arguments, up to five times. A mail that it
sent is sent. Core has no hook there, so the rollback looks at who asked for it; after
any other rollback whatever is done is done on purpose.
"""

import inspect
from collections import defaultdict
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from .cursor import Cursor

_RETRYING = ("odoo.service.model", "retrying")
#: Between that function and a hook of the rollback lie so many frames at most.
_FRAMES = 6

_known: WeakKeyDictionary[Cursor, "Done"] = WeakKeyDictionary()


class Done:
    """What the transaction of a cursor has done for good, and in earlier tries of it.

    The same thing may be done several times in one try: then it was done as often in
    the try before.
    """

    def __init__(self) -> None:
        self._results: dict[Hashable, list[str]] = defaultdict(list)
        self._met: dict[Hashable, int] = defaultdict(int)

    def note(self, key: Hashable, result: str) -> None:
        """Note that something was done, and what came of it."""
        self._results[key].append(result)
        self._met[key] = len(self._results[key])

    def meet(self, key: Hashable) -> str:
        """Return what came of this thing in an earlier try; "" if it is to be done."""
        met = self._met[key]
        if key not in self._results or met >= len(self._results[key]):
            return ""
        self._met[key] += 1
        return self._results[key][met]

    def begin_again(self) -> None:
        """Begin with a new try."""
        self._met.clear()


def done_by(cr: Cursor) -> Done:
    """Return what the transaction of a cursor has done, until it is committed."""
    done = _known.get(cr)
    if done is None:
        done = _known[cr] = Done()
        _watch(cr)
    return done


def _watch(cr: Cursor) -> None:
    """Forget it all with the commit, and with a rollback that is for good."""

    def forget() -> None:
        _known.pop(cr, None)

    def roll_back() -> None:
        if cr in _known and _is_tried_again():
            _known[cr].begin_again()
            # A hook that is added while those of its kind run would run at once.
            cr.postrollback.add(watch)
        else:
            forget()

    def watch() -> None:
        cr.postcommit.add(forget)
        cr.prerollback.add(roll_back)

    watch()


def _is_tried_again() -> bool:
    """Tell whether the rollback that is under way is that of ``retrying``."""
    frame = inspect.currentframe()
    for _number in range(_FRAMES):
        frame = frame and frame.f_back
        if frame is None:
            return False
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) == _RETRYING:
            return True
    return False
