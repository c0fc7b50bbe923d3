"""Three real studies through the pages: files in, every format out, compared cell by cell.

Skipped where the studies are not at hand.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, NewPage
from tests.browser.tables_apart import Lines, from_csv, same_in_all
from tests.browser.test_shared_formats import new_study, taken_in, upload_codebook
from tests.conftest import SHARED
from tests.exchange.test_published_labels import FRAMES, published

DATA = SHARED / "data"
ENDINGS = ("csv", "xlsx", "jsonl", "parquet", "sav", "dta")
Json = dict[str, Any]
Row = dict[str, str]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here"),
]


@pytest.mark.parametrize(
    ("name", "question"),
    [("ecosent", "sentiment"), ("goemotions_slice", "emotion"), ("narrative_frames", "indicators")],
)
def test_a_real_study_comes_out_as_it_went_in(
    live: Live, new_page: NewPage, tmp_path: Path, name: str, question: str
) -> None:
    page = new_page(viewport={"width": 1280, "height": 900})
    project = new_study(live, page, name)
    bring_in(page, project, DATA / name)
    wanted = json.loads((DATA / name / "expected.json").read_text(encoding="utf-8"))[question]
    agreement_is(tables_of_agreement(page, project), wanted)
    page.goto(f"{project}/download")
    take = partial(taken, page, tmp_path)
    codings_are(by_name(same_in_all(take(2, "With names"))), DATA / name, question)
    majority = {"rule": "majority"} if name == "narrative_frames" else {}
    final = by_name(same_in_all(take(0, "With the texts", **majority)))
    posts_are(final, DATA / name)
    votes_are(final, question, wanted)
    if name == "narrative_frames":
        labels_are_published(final)


def bring_in(page: Page, project: str, source: Path) -> None:
    taken_in(page, project, source / "posts.csv")
    upload_codebook(page, project, source / "codebook.csv")
    page.get_by_role("button", name="Take it over as the draft").click()
    page.get_by_role("button", name="Publish version 1").click()
    page.goto(f"{project}/ratings")
    page.get_by_label("File with codings").set_input_files(source / "ratings.csv")
    page.get_by_role("button", name="Upload and look it over").click()
    page.get_by_role("button", name=re.compile(r"^Import [\d,]+ codings$")).click()
    expect(page.get_by_role("status")).to_contain_text("codings were imported")


def tables_of_agreement(page: Page, project: str) -> dict[str, list[Row]]:
    """Whole answers and codes as the page of agreement offers them in CSV, by their names."""
    page.goto(f"{project}/agreement")
    found = {}
    wanted = ", ".join(f"a[href*='/agreement.csv'][href*='table={name}']" for name in ("answers", "codes"))
    for link in page.locator(wanted).all():
        with page.expect_download() as started:
            link.dispatch_event("click")
        name = started.value.suggested_filename.split("-")[1]
        found[name] = by_name(from_csv(Path(started.value.path())))
    return found


def taken(page: Page, folder: Path, place: int, box: str, **chosen: str) -> dict[str, Path]:
    """A card's table in every format."""
    form = page.locator("form.card").nth(place)
    form.get_by_label(box).check()
    form.get_by_label("CSV for statistics software").check()
    for name, value in chosen.items():
        form.locator(f"[name={name}]").select_option(value)
    files = {ending: folder / f"{place}.{ending}" for ending in ENDINGS}
    for ending, file in files.items():
        form.locator("[name=format]").select_option(ending)
        with page.expect_download() as started:
            form.get_by_role("button").click()
        started.value.save_as(file)
    return files


def by_name(lines: Lines) -> list[Row]:
    names, *rows = lines
    return [dict(zip(names, row, strict=True)) for row in rows]


def rows_of(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def agreement_is(tables: dict[str, list[Row]], wanted: Json) -> None:
    if "per_code" not in wanted:
        of_all = wanted["all ratings"]
        alphas = [row for row in tables["answers"] if row["coefficient"] == "krippendorff_alpha"]
        assert [float(row["estimate"]) for row in alphas] == [
            pytest.approx(of_all[f"krippendorff_alpha_{row['level']}"]["value"], abs=1e-5) for row in alphas
        ]
        return
    found = {row["code"]: row["alpha_estimate"] for row in tables["codes"]}
    for code, values in wanted["per_code"].items():
        alpha = values["krippendorff_alpha_nominal"].get("value")
        assert found[code] == "" if alpha is None else float(found[code]) == pytest.approx(alpha, abs=1e-5)


def codings_are(rows: list[Row], source: Path, question: str) -> None:
    """Each annotator of each post with what they gave, as the file of ratings has it."""
    given: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows_of(source / "ratings.csv"):
        is_scale = source.name == "ecosent"
        given[row["post_id"], row["coder"]].add(row["value"] if is_scale else row["code"])
    found = {(row["post_id"], row["coder_id"]): set(_chosen(row, question)) for row in rows}
    assert len(rows) == len(found)
    assert found == {who: codes - {"none"} for who, codes in given.items()}


def _chosen(row: Row, question: str) -> Iterator[str]:
    if question in row:
        yield row[question]
    for name, cell in row.items():
        if name.startswith(f"{question}_") and cell == "1":
            yield name.removeprefix(f"{question}_")


def posts_are(final: list[Row], source: Path) -> None:
    """All that the file says of its posts, in its order."""
    posts = rows_of(source / "posts.csv")
    own = [name for name in ("post_id", "text", "author", "lang", "leaning", "subreddit") if name in posts[0]]
    assert [[row[name] for name in own] for row in final] == [[row[name] for name in own] for row in posts]
    assert [row["posted_at"][:10] for row in final] == [row["created_at"][:10] for row in posts]


def votes_are(final: list[Row], question: str, wanted: Json) -> None:
    if "per_code" not in wanted:
        vote = wanted["all ratings"]["plurality_vote"]
        assert Counter(row[question] for row in final) == {**vote["counts"], "": vote["ties"]}
        return
    for code, values in wanted["per_code"].items():
        vote, name = values["majority_vote"], f"{question}_{code}"
        yes, ties = (
            sum(row[column] == cell for row in final)
            for column, cell in ((name, "1"), (f"{name}_basis", "unresolved"))
        )
        assert (len(final), yes, ties) == (vote["posts"], vote["yes"], vote["tie"])


def labels_are_published(final: list[Row]) -> None:
    """The frames follow from the indicators: those of 427 articles are published, and each is right."""
    carried = {row["post_id"]: row for row in final}
    right = Counter[str]()
    for post, code, is_present in published():
        if code in FRAMES and is_present is not None:
            needed, indicators = FRAMES[code]
            n_carried = sum(carried[post][f"indicators_{one}"] == "1" for one in indicators)
            right[code] += (n_carried >= needed) == is_present
    assert right == dict.fromkeys(FRAMES, 427)
