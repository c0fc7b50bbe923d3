"""Parts of scipy, each loaded with the first of its functions that is used.

At the top of files they took a second and 70 MB of every start, of which a server that is coded on needs
nothing.
"""

from importlib import import_module
from typing import Any


class _Deferred:
    """A module that is not loaded before something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Any:
        return getattr(import_module(self._name), function)


special = _Deferred("scipy.special")
sparse = _Deferred("scipy.sparse")
stats = _Deferred("scipy.stats")
