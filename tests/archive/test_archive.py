"""The archive of a study of every kind: its files, and the numbers computed again from them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from server.archive import recompute
from server.archive.forms import Options
from server.archive.making import archive
from server.archive.study import study_of
from server.coding.models import Coding, CodingAnswer, SentBack
from server.corpora.models import ImportBatch, Post
from server.errors import Refusal
from server.rounds.models import Assignment, Round
from server.web.languages import speaking
from tests import make
from tests.archive.unpacking import PLAIN, alter, rows, unpacked
from tests.cast import Cast
from tests.stock import on_one_database

BOOK: dict[str, tuple[str, tuple[str, ...]]] = {**make.CODEBOOK, "why": ("text", ()), "age": ("number", ())}
OLDER = {key: kind for key, kind in BOOK.items() if key != "emotion"}
OLDER["expression"] = ("multiple", ("attachment", "dependency"))
EVERYTHING = Options(with_texts=True, with_names=True, with_figures=False)
STANCES = ("against", "favour", "ambivalent")


@pytest.fixture
def posts(db: Session, cast: Cast, request: pytest.FixtureRequest) -> list[Post]:
    """Every kind of question in two rounds and versions, one only in the second; decisions, and codings that
    do not count."""
    when = {"emotion": [("expression", "attachment"), ("expression", None)]}
    older, book = make.published(db, cast.project, OLDER), make.published(db, cast.project, BOOK, when)
    found = make.posts(db, cast.project, 24, authors=getattr(request, "param", 5))
    two = [cast.annotator, cast.other_annotator]
    pilot = make.round_(db, cast.project, older, found[:10], two, purpose="pilot", locked_at=make.MOMENT)
    main = make.round_(db, cast.project, book, found[6:], two, revealed_at=make.MOMENT)
    training = make.round_(db, cast.project, book, found[:1], two, purpose="training")
    make.coding(db, book, training, found[0], cast.annotator, {"stance": "favour"})
    for at, post in enumerate(found):
        for who, voice in zip(two, (0, at % 3 == 0), strict=True):
            for round_, of_round, version in ((pilot, found[:10], older), (main, found[6:23], book)):
                if post in of_round:
                    said = answers(at + (round_ is main), voice)
                    known = {key: value for key, value in said.items() if key in version.variable_by_key}
                    make.coding(db, version, round_, post, who, known)
    send_back(db, cast, book, main, found[8])
    late = make.round_(db, cast.project, book, found[:1], two, revealed_at=make.MOMENT - timedelta(days=1))
    make.coding(db, book, late, found[0], cast.annotator, {"stance": "ambivalent", "expression": ["quality"]})
    make.decision(db, book, found[0], "stance", "favour", cast.lead, reason="Said so.")
    make.decision(db, book, found[3], "expression", ["dependency"], cast.lead, basis="consensus")
    make.decision(db, book, found[9], "expression", [], cast.lead)
    make.decision(db, book, found[7], "age", 31.5, cast.lead)
    make.decision(db, book, found[23], "emotion", "2", cast.lead)
    for at, post in enumerate(found):
        post.posted_at = None if at == 5 else make.MOMENT + timedelta(days=at % 4 // 2)
    found[4].author = None
    batch = db.exec(select(ImportBatch).where(ImportBatch.project_id == cast.project.id)).one()
    batch.n_duplicates, batch.n_refused = 3, 2
    db.flush()
    return found


def answers(at: int, voice: int) -> dict[str, Any]:
    """What an annotator says: alike and not, with and without everything."""
    chosen: Sequence[str] = ([], ["attachment"], ["attachment", "dependency"], ["dependency"])[
        (at + voice) % 4
    ]
    found: dict[str, Any] = {"stance": STANCES[(at + voice) % 3], "expression": chosen}
    found["emotion"] = None if at % 5 == 0 else str((at + voice) % 4)
    return found | {"age": 20 + (at * 7 + voice) % 11 / 2, "why": f"Because {at}"}


def send_back(db: Session, cast: Cast, book: Any, of: Any, post: Post) -> None:
    """A coding that was sent back, and made again otherwise: the first one is the independent one."""
    assignment = db.exec(
        select(Assignment).where(
            Assignment.round_id == of.id,
            Assignment.post_id == post.id,
            Assignment.member_id == cast.annotator.member_id,
        )
    ).one()
    first = assignment.coding_id or 0
    db.add(
        SentBack(
            project_id=make.id_of(cast.project),
            post_id=make.id_of(post),
            assignment_id=make.id_of(assignment),
            coding_id=first,
            note="Look again.",
            sent_by=cast.lead.account_id,
            sent_at=make.MOMENT,
        )
    )
    again = Coding(
        assignment_id=make.id_of(assignment),
        revision=2,
        version_id=book.version_id,
        submitted_at=make.MOMENT + timedelta(days=1),
        memo="=NOW()",
        form_token="again",
        body_hash="",
    )
    db.add(again)
    db.flush()
    for cells in make.answer_cells(book, "stance", "favour"):
        variable = make.id_of(book.variable_by_key["stance"])
        db.add(CodingAnswer(coding_id=make.id_of(again), variable_id=variable, **cells))
    assignment.coding_id = again.id
    db.flush()


@pytest.mark.parametrize(
    ("stock", "posts"), [("sqlite", 5), ("sqlite", 24), ("sqlite", 22), ("postgres", 22)], indirect=True
)
@pytest.mark.usefixtures("posts")
def test_every_number_is_computed_again(
    db: Session, cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Few authors have their intervals by t, many by resamples of authors, single posts by those of posts."""
    folder = unpacked(db, cast.lead, tmp_path / "archive")
    assert recompute.main(folder) == 0, [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("DIFFERENT")
    ]
    numbers = json.loads((folder / "published.json").read_text())["numbers"]
    tables = {(one["at"][0], one["at"][1] if one["at"][1:] else "") for one in numbers}
    assert {("share", "expression"), ("moments", "age"), ("agreement", "age"), ("counts", "")} <= tables
    counted = {one["at"][0]: one["numbers"] for one in numbers if len(one["at"]) == 1}
    assert (counted["imports"]["same_id"], counted["imports"]["unreadable"]) == (3, 2)
    span = {"first": "2025-08-08T21:14:00+00:00", "last": "2025-08-09T21:14:00+00:00"}
    assert counted["dates"] == {"undated": 1, **span}
    decided = {"decisions": 5, "posts": 5, "consensus": 1, "with_reasons": 1, "second_decisions": 0}
    assert counted["decisions"] == decided
    [first, second] = [
        one["numbers"] for one in numbers if one["at"][:3] == ["over time", "stance", "favour"]
    ]
    coded = next(one["numbers"] for one in numbers if one["at"] == ["share", "stance", "favour"])
    assert first["denominator"] + second["denominator"] == coded["denominator"] - 1, "one has no date"
    table = rows(folder, "tables/over-time.csv")
    assert [float(row["share"]) for row in table if row["code"] == "favour" and row["share"]] == [
        first["share"],
        second["share"],
    ]
    together = [one["numbers"] for one in numbers if one["at"][0] == "together"]
    told = [(int(row["both"]), int(row["of_code"])) for row in rows(folder, "tables/together.csv")]
    assert [(one["both"], one["of_code"]) for one in together] == told
    assert any(0 < one["both"] < one["of_code"] for one in together)
    assert all(one["numbers"]["pairable"] > 1 for one in numbers if one["at"][0] == "agreement")


@on_one_database
@pytest.mark.usefixtures("posts")
def test_a_file_that_was_changed_gives_other_numbers(
    db: Session, cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unpacked(db, cast.lead, tmp_path / "archive")
    alter(folder, "decisions.csv", ",favour,favour,", ",against,against,")
    assert recompute.main(folder) == 1
    said = capsys.readouterr().out
    assert "DIFFERENT\tfinal values that differ from final.csv\tn\t0\t1" in said
    assert "DIFFERENT\tshare / stance / favour\tcount" in said


@on_one_database
@pytest.mark.usefixtures("posts")
def test_a_title_is_text_in_the_archive_too(db: Session, cast: Cast, tmp_path: Path) -> None:
    title = "</title><script>x()</script> {names}"
    folder = unpacked(db, replace(cast.lead, project_title=title), tmp_path / "a")
    said = (folder / "README.md").read_text()
    assert "<script>" not in said
    assert r"\{names\}" in said


@pytest.mark.usefixtures("posts")
def test_the_same_study_gives_the_same_bytes(db: Session, cast: Cast) -> None:
    with archive(db, cast.lead, PLAIN) as one, speaking("fr"), archive(db, cast.lead, PLAIN) as other:
        assert one.read() == other.read(), "whatever language its maker speaks"


@on_one_database
@pytest.mark.parametrize("options", [PLAIN, EVERYTHING])
@pytest.mark.usefixtures("posts")
def test_the_dictionary_tells_of_every_column_and_the_sums_are_right(
    db: Session, cast: Cast, tmp_path: Path, options: Options
) -> None:
    folder = unpacked(db, cast.lead, tmp_path / "archive", options)
    told: dict[str, list[str]] = {}
    for row in rows(folder, "data-dictionary.csv"):
        assert row["meaning"]
        told.setdefault(row["file"], []).append(row["column"])
    tables = {str(path.relative_to(folder)) for path in folder.rglob("*.csv")} - {"data-dictionary.csv"}
    assert set(told) == tables
    for name, columns in told.items():
        header = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == columns, name
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(sums) == files
    scripts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert not any("server." in text for text in scripts), "they stand alone"
    for name, expected in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected


@on_one_database
def test_without_texts_and_names_nobody_is_quoted_or_named(
    db: Session, cast: Cast, posts: list[Post], tmp_path: Path
) -> None:
    posts[0].link = "https://example.org/user_1/1"
    db.flush()
    folder = unpacked(db, cast.lead, tmp_path / "without")
    written = "".join(
        path.read_bytes().decode() for path in folder.rglob("*") if path.suffix in {".csv", ".json", ".txt"}
    )
    for told in (
        "I miss the old one",
        "Because 1",
        "Said so.",
        "NOW()",
        "user_",
        "example.org",
        "Annotator ",
    ):
        assert told not in written
    assert not (folder / "texts.csv").exists()
    whole = unpacked(db, cast.lead, tmp_path / "with", EVERYTHING)
    assert rows(whole, "texts.csv")[0]["text"].startswith("I miss the old one")
    assert {row["memo"] for row in rows(whole, "codings.csv")} == {"", "'=NOW()"}
    assert any("Annotator" in row["annotator"] for row in rows(whole, "codings.csv"))
    assert recompute.main(whole) == 0, "with names and texts as without"


@on_one_database
def test_questions_called_as_columns_of_the_archive_are_computed_again(
    db: Session, cast: Cast, tmp_path: Path
) -> None:
    named: dict[str, tuple[str, tuple[str, ...]]] = {
        "author_number": ("single", ("a", "b")),
        "weight": ("number", ()),
    }
    book, posts = make.published(db, cast.project, named), make.posts(db, cast.project, 4)
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator], revealed_at=make.MOMENT)
    for at, post in enumerate(posts):
        post.sampling_fraction = 0.25 + at / 8
        said: make.Answers = {"author_number": "ab"[at % 2], "weight": 3.5}
        make.coding(db, book, round_, post, cast.annotator, said)
    db.flush()
    folder = unpacked(db, cast.lead, tmp_path / "archive")
    assert recompute.main(folder) == 0
    first = rows(folder, "final.csv")[0]
    found = [first[name] for name in ("author_number_2", "author_number", "weight_2", "weight")]
    assert found == ["a", "1", "3.5", "4.0"]


@pytest.mark.usefixtures("posts")
def test_whoever_is_blind_gets_no_archive(db: Session, cast: Cast) -> None:
    book = make.published(db, cast.project)
    make.round_(db, cast.project, book, make.posts(db, cast.project, 1), [cast.lead])
    with pytest.raises(Refusal, match="round 5 is hidden"):
        archive(db, cast.lead, PLAIN)


def test_a_study_in_which_nothing_is_coded_has_an_archive_too(
    db: Session, cast: Cast, tmp_path: Path
) -> None:
    make.posts(db, cast.project, 2)
    assert recompute.main(unpacked(db, cast.lead, tmp_path / "archive")) == 0


@on_one_database
@pytest.mark.usefixtures("posts")
def test_reasons_in_it_are_english_whoever_asks(db: Session, cast: Cast) -> None:
    with speaking("fr"):
        study = study_of(db, cast.lead, PLAIN)
    for report in (study.facts.results, study.together, study.over_time[0]):
        assert "came from a file, which does not say" in report.sampling.why_not


@on_one_database
@pytest.mark.usefixtures("posts")
def test_figures_and_tables_for_papers_lie_in_it(db: Session, cast: Cast, tmp_path: Path) -> None:
    folder = unpacked(db, cast.lead, tmp_path / "archive", Options())
    assert (folder / "figures" / "results.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (folder / "figures" / "together.svg").read_text()
    assert "\\toprule" in (folder / "tables" / "agreement-stance.tex").read_text()
    assert {path.name for path in (folder / "figures" / "over-time" / "stance").iterdir()} == {
        f"{code}.svg" for code in STANCES
    }
    assert (folder / "tables" / "over-time" / "expression" / "attachment.tex").exists()
    names = {path.name for path in (folder / "tables").iterdir()}
    assert {"results.csv", "results.docx", "together.html", "agreement-expression+codes.md"} <= names


@on_one_database
@pytest.mark.parametrize("posts", [5, 24], indirect=True)
def test_weighted_shares_are_computed_again(
    db: Session, cast: Cast, posts: list[Post], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Drawn unequally at the import, and within languages: with authors as clusters, and posts in strata."""
    for at, post in enumerate(posts):
        post.extra = {"lang": "fr" if at % 3 else "en"}
        post.sampling_fraction = 0.25 if at % 2 else None
    main = db.exec(select(Round).where(Round.purpose == "main")).first()
    assert main
    main.design = {"posts": "strata", "strata_field": "lang", "per_stratum": 9, "seed": 3, "order": "random"}
    db.flush()
    folder = unpacked(db, cast.lead, tmp_path / "archive")
    assert recompute.main(folder) == 0
    published = json.loads((folder / "published.json").read_text())["numbers"]
    weighted = {tuple(one["at"][1:]): one["numbers"] for one in published if one["at"][0] == "weighted share"}
    plain = {tuple(one["at"][1:]): one["numbers"] for one in published if one["at"][0] == "share"}
    assert weighted.keys() == plain.keys()
    assert all(
        weighted[key]["share"] != plain[key]["share"] for key in [("stance", "favour"), ("emotion", "1")]
    )
    assert weighted["stance", "favour"]["low"] is not None
    means = [
        {one["at"][1]: one["numbers"]["mean"] for one in published if one["at"][0] == name}
        for name in ("moments", "weighted moments")
    ]
    assert [set(each) for each in means] == [{"emotion", "age"}] * 2
    assert means[0]["emotion"] != means[1]["emotion"]
    assert "weighted by the draw" in (folder / "methods" / "methods-en.txt").read_text()
    assert len(rows(folder, "tables/results-weighted.csv")) == len(rows(folder, "tables/results.csv"))
    capsys.readouterr()
    first = rows(folder, "final.csv")[0]
    alter(folder, "final.csv", f",{first['weight']}\r\n", ",9.5\r\n")
    assert recompute.main(folder) == 1
    assert "DIFFERENT\tweights that differ from final.csv\tn\t0\t1" in capsys.readouterr().out
