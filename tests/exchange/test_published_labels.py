"""The published final labels of a real study, from its codings through import and download.

Skipped where the study is not at hand. The frames follow from absolute majorities of the indicators, as
`expected.json` of the study says.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars
import pytest

from server.cli.commands import run
from tests.conftest import SHARED

SOURCE = SHARED / "data" / "narrative_frames"
# Each frame: so many of these indicators.
FRAMES = {
    "RE": (2, ("re2", "re6")),
    "HI": (2, ("hi1", "hi2", "hi5")),
    "CO": (2, ("co1", "co2", "co3")),
    "MO": (1, ("mo1", "mo2")),
    "EC": (2, ("ec1", "ec2", "ec3")),
}

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the real studies are not at hand")


def final_dataset(folder: Path) -> dict[str, dict[str, int | None]]:
    """Which posts carry which indicators by an absolute majority, None where half say so, from Parquet."""
    data, out = ("--data", str(folder)), folder / "final.parquet"
    assert run(["user", "add", "lead", "--lead", *data]) == 0
    assert run(["project", "create", "frames", "--lead", "lead", *data]) == 0
    files = [f"--{kind}={SOURCE / kind}.csv" for kind in ("posts", "codebook", "ratings")]
    assert run(["import", "--project", "frames", *files, *data]) == 0
    how = ("--format", "parquet", "--rule", "majority", "--out", str(out))
    assert run(["export", "--project", "frames", *how, *data]) == 0
    rows = polars.read_parquet(out).rows(named=True)
    prefix = "indicators_"
    return {
        row["post_id"]: {
            name.removeprefix(prefix): cell for name, cell in row.items() if name.startswith(prefix)
        }
        for row in rows
    }


def _indicator(carried: dict[str, int | None], code: str) -> int | None:
    """re4 had a third answer, that the problem is resolved; where it may stand, nothing was published."""
    may_be_resolved = code == "re4" and carried["re4_not_applicable"] != 0
    return None if may_be_resolved and not carried[code] else carried[code]


def published() -> Iterator[tuple[str, str, int | None]]:
    with (SOURCE / "final.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield row["post_id"], row["code"], int(row["present"]) if row["present"] else None


def test_published_labels_are_reproduced(tmp_path: Path) -> None:
    found, agrees = final_dataset(tmp_path), Counter[tuple[str, bool]]()
    for post, code, is_present in published():
        carried = found[post]
        if code in FRAMES:
            needed, indicators = FRAMES[code]
            is_carried = sum(carried[one] == 1 for one in indicators) >= needed
            agrees[code, is_carried == is_present] += 1
        else:
            agrees["indicators", _indicator(carried, code) == is_present] += 1
    assert agrees == {
        **{(frame, True): 427 for frame in FRAMES},
        ("indicators", True): 9_841,
        ("indicators", False): 3,
    }
