"""Published values against ours: ok, wrong (with both values) or not supported, an entry a line.

`python -m benchmarks.published_values FILE.json`, where FILE is a list of entries with `id, statistic, data,
params, expected, tolerance, source`. Exit code 1 where a value is wrong.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.published import NotSupported, found_for


def verdict(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The word for an entry, and both values where they differ."""
    try:
        found = found_for(entry)
    except (NotSupported, KeyError) as missing:
        return "not supported", entry["statistic"] + (f": {missing}" if str(missing) else "")
    if agrees(found, entry["expected"], entry["tolerance"]):
        return "ok", ""
    return "wrong", f"expected {entry['expected']}, found {found}"


def agrees(found: Any, expected: Any, tolerance: float) -> bool:
    """Whether all that is expected was found; what was found besides does not matter."""
    if isinstance(expected, dict):
        return all(name in found and agrees(found[name], each, tolerance) for name, each in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            agrees(one, each, tolerance) for one, each in zip(found, expected, strict=True)
        )
    if expected is None or found is None:
        return expected is None and found is None
    return abs(float(found) - float(expected)) <= tolerance + 1e-12


def main() -> None:
    """Read the file, print a line an entry and a line of counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    entries = json.loads(parser.parse_args().file.read_text(encoding="utf-8"))
    verdicts = [(entry["id"], *verdict(entry)) for entry in entries]
    for name, word, detail in verdicts:
        print(f"{word:<14}{name}{'  ' + detail if detail else ''}")
    counts = Counter(word for _name, word, _detail in verdicts)
    print(", ".join(f"{counts[word]} {word}" for word in ("ok", "wrong", "not supported")))
    sys.exit(1 if counts["wrong"] else 0)


if __name__ == "__main__":
    main()
