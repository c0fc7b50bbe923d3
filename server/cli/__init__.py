"""The shell: the same actions as the pages, for people and machines."""

from server.web.garbage import uncollected

with uncollected():
    from server.cli.commands import main

__all__ = ["main"]
