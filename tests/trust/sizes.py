"""How much a test does: little in the usual run, all of it with INTERCODER_TRUST=full."""

import os

IS_FULL = os.environ.get("INTERCODER_TRUST") == "full"


def size(short: int, full: int) -> int:
    """The number for this run."""
    return full if IS_FULL else short
