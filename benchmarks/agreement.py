"""How fast agreement is computed, as ratios to other libraries and to reading the ratings once.

`python -m benchmarks.agreement` makes a virtual environment for krippendorff, statsmodels and irrCAC (irrCAC
wants an old scipy, and krippendorff's licence is the GPL: none is a dependency of ours), or takes the one in
`--peers FOLDER`, and prints a table: 1,000,000 units, each rated by 3 of 100 annotators. Ours gives five
coefficients with errors and intervals in one call; all of it is set against each single coefficient of
the others. They are timed on fewer units (`--peer-units`), and their time is scaled up in proportion.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import tracemalloc
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peer_times
from server.agreement import CountPatterns, agree_on_patterns, count_patterns, rated_patterns
from server.agreement.arrays import IntArray

PEERS = ("krippendorff", "statsmodels", "irrCAC")
CATEGORIES, RATINGS, ANNOTATORS = 5, 3, 100
BOOTSTRAPPED_UNITS, RESAMPLES = 100_000, 1_000
# Alpha, Fleiss' kappa and AC1 with the library, the least ratio of an estimate and that of a bootstrap.
COEFFICIENTS = (
    ("alpha", "krippendorff_alpha", "krippendorff", 60),
    ("Fleiss", "fleiss_kappa", "statsmodels", 40),
    ("AC1", "gwet_ac", "irrCAC", 200),
)
BOOTSTRAP_AIM = 1_500


@dataclass(frozen=True)
class Ratings:
    """Who rated what: `rating` and `annotator` (n_units × 3), and the same ratings in long form."""

    rating: IntArray
    annotator: IntArray

    @classmethod
    def drawn(cls, units: int) -> "Ratings":
        """Annotators who are right three times in four and else guess."""
        generator = np.random.default_rng(1)
        truth = generator.integers(0, CATEGORIES, (units, 1))
        guess = generator.integers(0, CATEGORIES, (units, RATINGS))
        rating = np.where(generator.random((units, RATINGS)) < 0.75, truth, guess)
        first = generator.integers(0, ANNOTATORS, (units, 1))
        return cls(rating, (first + np.array([0, 31, 67])) % ANNOTATORS)

    def long_form(self) -> tuple[IntArray, IntArray]:
        """The unit and the category of each rating."""
        return np.repeat(np.arange(len(self.rating)), RATINGS), self.rating.reshape(-1)


@dataclass(frozen=True)
class Line:
    """A measured ratio beside its aim: at least, or at most; None where it is for information."""

    what: str
    ours: str
    against: str
    ratio: float
    least: float | None = None
    most: float | None = None

    def written(self) -> str:
        """As a row of a Markdown table."""
        aim = f"≥ {self.least:,}" if self.least else f"≤ {self.most:,}" if self.most else ""
        ratio = f"{self.ratio:,.{0 if self.ratio >= 20 else 2}f}"
        return f"| {self.what} | {self.ours} | {self.against} | {ratio} | {aim} | {self._met()} |"

    def _met(self) -> str:
        if self.least is None and self.most is None:
            return ""
        return "yes" if (self.least or 0) <= self.ratio <= (self.most or np.inf) else "no"


def main() -> None:
    given = _arguments()
    ratings, few = Ratings.drawn(given.units), Ratings.drawn(BOOTSTRAPPED_UNITS)
    with tempfile.TemporaryDirectory() as folder:
        python = _python_of(given.peers or Path(folder) / "peers")
        peers = _peers(python, Path(folder), Ratings.drawn(given.peer_units), few, given.repeats)
    _assert_same_estimates(peers["point"], Ratings.drawn(given.peer_units))
    lines = _lines(ratings, few, peers, given)
    print("| | ours | against | ratio | aim | met |\n| --- | --- | --- | --- | --- | --- |")
    print("\n".join(line.written() for line in lines))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="a virtual environment for the others; made if not there")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--peer-units", type=int, default=200_000, help="that the others are timed on")
    parser.add_argument("--repeats", type=int, default=5, help="of which the median is taken")
    return parser.parse_args()


def _python_of(folder: Path) -> Path:
    """The Python of the environment of the others."""
    if not (folder / "pyvenv.cfg").exists():
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
    return python


def _peers(python: Path, folder: Path, point: Ratings, resample: Ratings, repeats: int) -> Any:
    """What `peer_times` prints for these ratings."""
    for name, ratings in (("point", point), ("resample", resample)):
        np.save(folder / f"{name}_ratings.npy", ratings.rating)
        np.save(folder / f"{name}_annotators.npy", ratings.annotator)
    command = [str(python), peer_times.__file__, str(folder), str(repeats)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _assert_same_estimates(peers: Any, ratings: Ratings) -> None:
    """Two times may only be compared where both computed the same; irrCAC rounds to five digits."""
    found = {each.name: each.estimate for each in agree_on_patterns(_tabled(ratings), method="t")}
    for _title, name, peer, _aim in COEFFICIENTS:
        if not np.isclose(found[name] or np.nan, peers[peer]["estimate"], atol=1e-5):
            raise ValueError(f"{name} is {found[name]}, and {peers[peer]['estimate']} by {peer}.")


def _tabled(ratings: Ratings) -> CountPatterns:
    return rated_patterns(ratings.rating, CATEGORIES)


def _point(patterns: CountPatterns) -> object:
    return agree_on_patterns(patterns, method="t")


def _bootstrap(patterns: CountPatterns) -> object:
    return agree_on_patterns(patterns, resamples=RESAMPLES)


def _lines(ratings: Ratings, few: Ratings, peers: Any, given: argparse.Namespace) -> list[Line]:
    def seconds(work: Callable[[], object]) -> float:
        taken: list[float] = peer_times.timed(work, given.repeats)["seconds"]
        return statistics.median(taken)

    unit, category = ratings.long_form()
    mixed = np.random.default_rng(2).permutation(len(unit))
    mixed_unit, mixed_category = unit[mixed], category[mixed]
    shuffled = seconds(lambda: _point(count_patterns(mixed_unit, mixed_category, CATEGORIES)))
    scale = given.units / given.peer_units
    table = seconds(lambda: _point(_tabled(ratings)))
    long = seconds(lambda: _point(count_patterns(unit, category, CATEGORIES)))
    bootstrap = seconds(lambda: _bootstrap(_tabled(ratings)))
    few_bootstrapped = seconds(lambda: _bootstrap(_tabled(few)))
    return [
        *_against_peers(f"{given.units:,} units", table, peers["point"], scale),
        *_against_peers(f"{given.units:,} units, long form", long, peers["point"], scale),
        *_bootstraps(few_bootstrapped, peers["resample"]),
        _to("the three, to one pass over the ratings", table, "pass", seconds(ratings.rating.sum), 25),
        _to("in long form", long, "pass", seconds(lambda: (unit.sum(), category.sum())), 25),
        _to("in long form, shuffled", shuffled, "pass", seconds(lambda: (unit.sum(), category.sum())), 25),
        _to(f"{RESAMPLES:,} resamples, to none", bootstrap, "none", table, 3),
        _memory("peak memory", lambda: _bootstrap(_tabled(ratings)), ratings.rating.nbytes),
        _memory(
            "peak memory, long form, shuffled",
            lambda: _counted(mixed_unit, mixed_category),
            unit.nbytes + category.nbytes,
        ),
    ]


def _counted(unit: IntArray, category: IntArray) -> object:
    return _bootstrap(count_patterns(unit, category, CATEGORIES))


def _against_peers(what: str, ours: float, peers: Any, scale: float) -> list[Line]:
    lines = [
        _faster(f"{title}, {what}", ours, peer, scale * statistics.median(peers[peer]["seconds"]), aim)
        for title, _name, peer, aim in COEFFICIENTS
    ]
    compact = "irrCAC, three columns"
    theirs = scale * statistics.median(peers[compact]["seconds"])
    return [*lines, _faster(f"AC1, {what}", ours, compact, theirs, None)]


def _bootstraps(ours: float, peers: Any) -> list[Line]:
    what = f"{RESAMPLES:,} resamples of {BOOTSTRAPPED_UNITS:,} units"
    return [
        _faster(
            f"{title}, {what}",
            ours,
            peer,
            RESAMPLES * statistics.median(peers[peer]["seconds"]),
            BOOTSTRAP_AIM,
        )
        for title, _name, peer, _aim in COEFFICIENTS
    ]


def _faster(what: str, ours: float, peer: str, theirs: float, least: float | None) -> Line:
    return Line(what, _milliseconds(ours), f"{peer} {theirs:,.2f} s", theirs / ours, least=least)


def _to(what: str, ours: float, name: str, other: float, most: float) -> Line:
    return Line(what, _milliseconds(ours), f"{name} {_milliseconds(other)}", ours / other, most=most)


def _memory(what: str, work: Callable[[], object], given: int) -> Line:
    """The most that was allocated at one time, to the size of the arrays that were given."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Line(what, f"{peak / 1e6:.1f} MB", f"input {given / 1e6:.1f} MB", peak / given, most=3)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


if __name__ == "__main__":
    main()
