"""The shell: the same actions as the pages, for people and machines."""

import gc

# What is imported stays: looking through it for garbage again and again took a quarter of the start.
gc.disable()

from server.cli.commands import main  # noqa: E402
from server.web.garbage import set_apart_what_stays  # noqa: E402

set_apart_what_stays()
gc.enable()

__all__ = ["main"]
