"""The shell: the same actions as the pages, for people and machines."""

import gc

# What is imported stays: looking through it for garbage again and again took a quarter of the start.
gc.disable()

from server.cli.commands import main  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["main"]
