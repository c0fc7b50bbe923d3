"""How much a trial does: little with every change, all of it when INTERCODER_TRUST is `full`."""

import os


def size(short: int, full: int) -> int:
    """The size of a trial."""
    return full if os.environ.get("INTERCODER_TRUST") == "full" else short
