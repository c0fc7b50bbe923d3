"""What a test has measured, for the table of figures."""

import json
import os
from pathlib import Path


def report(number: int, measured: str) -> None:
    """Add a line about a figure to the file named in INTERCODER_TRUST_REPORT; without one, do nothing."""
    if file := os.environ.get("INTERCODER_TRUST_REPORT"):
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"figure": number, "measured": measured}) + "\n")
