"""A small proxy for TCP that the tests put before servers and databases: in turns, and cut at will."""

import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

# A port of this machine, or the file of a socket.
Place = int | str


class Proxy:
    """Passes connections on to several places in turns; to another where one refuses."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = itertools.cycle(places)
        self._n_places = len(places)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._passes = threading.Event()
        self._passes.set()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Pass no byte on while the block runs; what is open stays open, and who comes is let in."""
        self._passes.clear()
        yield
        self._passes.set()

    def cut(self) -> int:
        """Cut every connection in its midst; returns how many there were."""
        with self._guard:
            cut = list(self._open)
        for each in cut:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        return len(cut) // 2

    def close(self) -> None:
        """Listen no more, and cut what is open."""
        self._passes.set()
        self._listener.close()
        self.cut()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._passes.wait()
        server = self._connected()
        with client:
            if server is None:
                return
            with server, self._remembered(client, server):
                back = threading.Thread(target=self._pass_on, args=(server, client), daemon=True)
                back.start()
                self._pass_on(client, server)
                back.join()

    def _connected(self) -> socket.socket | None:
        for _try in range(self._n_places):
            with suppress(OSError):
                return _connected_to(next(self._places))
        return None

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        """Whatever comes, until one of both ends; then end the other."""
        source.settimeout(None)
        with suppress(OSError):
            while piece := source.recv(65_536):
                self._passes.wait()
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _remembered(self, *ends: socket.socket) -> Iterator[None]:
        with self._guard:
            self._open.update(ends)
        yield
        with self._guard:
            self._open.difference_update(ends)


def _connected_to(place: Place) -> socket.socket:
    if isinstance(place, int):
        return socket.create_connection(("127.0.0.1", place), timeout=5)
    found = socket.socket(socket.AF_UNIX)
    found.connect(place)
    return found


@contextmanager
def cutting(places: Sequence[Place]) -> Iterator[Proxy]:
    """A proxy before these places."""
    proxy = Proxy(places)
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def proxying(ports: Sequence[int]) -> Iterator[int]:
    """The port of a proxy before these ports."""
    with cutting(ports) as proxy:
        yield proxy.port
