"""How often a vote, Dawid & Skene and MACE find the final code.

Run it with `python -m benchmarks.annotator_models FOLDER`. The folder holds `ratings.csv` (post_id, coder,
question, code, and optionally coder_group) and `final.csv` (post_id, question, code). A tie of the vote
counts as wrong, and beside it as the share of tied codes that are right. Each model reads all ratings, of
posts without a final code too. Where the library crowd-kit is installed, its models stand beside ours.
"""

import argparse
import csv
import importlib
import importlib.util
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from server.estimation import dawid_skene, mace
from server.estimation.arrays import FloatArray

Rating = tuple[str, str, str]  # post, coder, code
Row = dict[str, str]
# The code of each post, from numbered ratings and how many codes there are.
Model = Callable[[list[int], list[int], list[int], int], list[int]]


def main() -> None:
    """Read the files, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    final = {(row["post_id"], row["question"]): row["code"] for row in _rows(folder / "final.csv")}
    print(f"{'question':<14}{'coders':<12}{'posts':>6}{'of model':>18}{'accuracy':>10}{'ms':>8}")
    for question, group, ratings in _parts(list(_rows(folder / "ratings.csv"))):
        truth = {post: code for (post, asked), code in final.items() if asked == question}
        _compare(f"{question:<14}{group:<12}", ratings, truth)


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _parts(rows: Sequence[Row]) -> Iterator[tuple[str, str, list[Rating]]]:
    """Each question by all coders together and by each group of them."""
    parts: dict[tuple[str, str], list[Rating]] = defaultdict(list)
    for row in rows:
        for group in dict.fromkeys(["all", row.get("coder_group") or "all"]):
            parts[row["question"], group].append((row["post_id"], row["coder"], row["code"]))
    for (question, group), ratings in parts.items():
        yield question, group, ratings


def _compare(name: str, ratings: list[Rating], truth: dict[str, str]) -> None:
    posts = sorted({post for post, _, _ in ratings} & truth.keys())
    if not posts:
        return
    for model, right, milliseconds in _scores(ratings, truth, posts):
        print(f"{name}{len(posts):>6}{model:>18}{right / len(posts):>10.3f}{milliseconds:>8.1f}")


def _scores(
    ratings: list[Rating], truth: dict[str, str], posts: list[str]
) -> Iterator[tuple[str, float, float]]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for post, _, code in ratings:
        votes[post][code] += 1
    tops = {post: [code for code, n in of.items() if n == max(of.values())] for post, of in votes.items()}
    yield "vote", sum(tops[post] == [truth[post]] for post in posts), 0
    yield "vote, ties shared", sum((truth[post] in tops[post]) / len(tops[post]) for post in posts), 0
    # A reviewer who decides the disputed posts as the final codes do, and accepts what all say.
    yield "adjudicated", sum(len(votes[post]) > 1 or tops[post] == [truth[post]] for post in posts), 0
    models: list[tuple[str, Model]] = [("Dawid & Skene", _by_dawid_skene), ("MACE", _by_mace)]
    for name, model in models:
        began = time.perf_counter()
        said = _codes_of(model, ratings)
        yield name, sum(said[post] == truth[post] for post in posts), 1_000 * (time.perf_counter() - began)
    yield from _of_crowd_kit(ratings, truth, posts)


def _of_crowd_kit(
    ratings: list[Rating], truth: dict[str, str], posts: list[str]
) -> Iterator[tuple[str, float, float]]:
    """The same two models as crowd-kit fits them, with as many steps and restarts as ours."""
    if importlib.util.find_spec("crowdkit") is None:
        return
    aggregation = importlib.import_module("crowdkit.aggregation")
    pandas = importlib.import_module("pandas")
    table = pandas.DataFrame(ratings, columns=["task", "worker", "label"])
    for model in (aggregation.DawidSkene(n_iter=100), aggregation.MACE(n_restarts=10, random_state=1)):
        began = time.perf_counter()
        said = model.fit_predict(table)
        name = f"crowd-kit {type(model).__name__}"[:17]
        yield name, sum(said[post] == truth[post] for post in posts), 1_000 * (time.perf_counter() - began)


def _codes_of(model: Model, ratings: list[Rating]) -> dict[str, str]:
    """The code that the model believes in most, post by post."""
    names = [sorted(set(column)) for column in zip(*ratings, strict=True)]
    numbers = [{name: at for at, name in enumerate(each)} for each in names]
    post, coder, code = ([numbers[at][rating[at]] for rating in ratings] for at in range(3))
    best = model(post, coder, code, len(names[2]))
    return {name: names[2][best[at]] for at, name in enumerate(names[0])}


def _by_dawid_skene(post: list[int], coder: list[int], code: list[int], n_codes: int) -> list[int]:
    return _likeliest(dawid_skene(post, coder, code, n_codes).posteriors)


def _by_mace(post: list[int], coder: list[int], code: list[int], n_codes: int) -> list[int]:
    return _likeliest(mace(post, coder, code, n_codes).posteriors)


def _likeliest(posteriors: FloatArray) -> list[int]:
    return [int(code) for code in posteriors.argmax(axis=1)]


if __name__ == "__main__":
    main()
