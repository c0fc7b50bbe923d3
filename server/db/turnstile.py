"""First come, first served: who may use the only writing connection next."""

from collections import deque
from threading import Lock

from server.errors import Busy
from server.language import gettext as _


class Turnstile:
    """A lock that lets waiting threads through in the order they came.

    SQLite's own busy handler polls, so that under load one thread writes thousands of times while
    another waits for seconds. `threading.Lock` makes no promise of order either.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    def enter(self, timeout: float) -> None:
        """Wait for the turn, at most `timeout` seconds; `Busy` when it did not come."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if not turn.acquire(timeout=timeout):
            self._give_up(turn)

    def _give_up(self, turn: Lock) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise Busy(_("The server is busy. Nothing was saved; please send it again."))
        # The turn came in the very moment of giving up: it is ours.

    def leave(self) -> None:
        """Let the next one in."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
