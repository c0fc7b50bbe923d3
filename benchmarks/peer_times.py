"""How long other libraries take; run by `benchmarks.agreement` with the Python of their own environment.

`python peer_times.py FOLDER REPEATS` reads the ratings in FOLDER and prints, for each library, its estimate
and the seconds of each repeat, at two sizes: `point` for an estimate, `resample` for that of drawn units.
Nothing of this project is imported here, and what each library wants to have its data in is made before the
clock starts: for a resample also the counts that krippendorff and statsmodels would else make every time.
"""

import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# The estimate of a library for an array of units.
Estimate = Callable[[Any], float]


def main() -> None:
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    points = {name: timed(work, repeats) for name, work in point_estimates(folder).items()}
    print(json.dumps({"point": points, "resample": resamples(folder, repeats)}))


def timed(work: Callable[[], Any], repeats: int) -> dict[str, Any]:
    """The estimate, and the seconds of each repeat after a first one that is not counted."""
    estimate: Any = work()
    seconds: list[float] = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return {"estimate": estimate, "seconds": seconds}


def point_estimates(folder: Path) -> dict[str, Callable[[], float]]:
    """Each library on its ratings, as its documentation shows."""
    ratings, columns = loaded(folder, "point")
    frame, compact = framed(columns), framed(ratings)
    return {
        "krippendorff": lambda: alpha(reliability_data=columns.T),
        "statsmodels": lambda: fleiss(counts_of(ratings)),
        "irrCAC": lambda: ac1(frame),
        "irrCAC, three columns": lambda: ac1(compact),
    }


def resamples(folder: Path, repeats: int) -> dict[str, Any]:
    """Each library on units drawn with replacement."""
    ratings, columns = loaded(folder, "resample")
    counts, frame, generator = counts_of(ratings), framed(columns), np.random.default_rng(1)
    estimates: dict[str, Estimate] = {
        "krippendorff": lambda units: alpha(value_counts=counts[units]),
        "statsmodels": lambda units: fleiss(counts[units]),
        "irrCAC": lambda units: ac1(frame.iloc[units]),
    }

    def of_drawn(estimate: Estimate) -> Callable[[], float]:
        return lambda: estimate(generator.integers(0, len(ratings), len(ratings)))

    return {name: timed(of_drawn(estimate), repeats) for name, estimate in estimates.items()}


def loaded(folder: Path, name: str) -> tuple[Any, Any]:
    """The ratings (n_units × 3), and the same with a column an annotator, NaN where one did not rate."""
    ratings, annotators = np.load(folder / f"{name}_ratings.npy"), np.load(folder / f"{name}_annotators.npy")
    columns = np.full((len(ratings), int(annotators.max()) + 1), np.nan)
    columns[np.arange(len(ratings))[:, None], annotators] = ratings
    return ratings, columns


def framed(columns: Any) -> Any:
    return importlib.import_module("pandas").DataFrame(columns)


def counts_of(ratings: Any) -> Any:
    return importlib.import_module("statsmodels.stats.inter_rater").aggregate_raters(ratings)[0]


def alpha(**data: Any) -> float:
    found: float = importlib.import_module("krippendorff").alpha(level_of_measurement="nominal", **data)
    return found


def fleiss(counts: Any) -> float:
    found: float = importlib.import_module("statsmodels.stats.inter_rater").fleiss_kappa(counts)
    return found


def ac1(frame: Any) -> float:
    found: float = importlib.import_module("irrCAC.raw").CAC(frame).gwet()["est"]["coefficient_value"]
    return found


if __name__ == "__main__":
    main()
