"""What the shell says of a study, and takes out of it: agreement, results, exports."""

import csv
import json
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from server.cli.people import lead_of
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Project
from server.projects.roles import Role
from tests import make
from tests.cli.shell import Shell
from tests.cli.studies import RATINGS, coded, printed, rows, study
from tests.stock import on_one_database

__all__ = ["coded", "study"]  # Fixtures.


def test_agreement_is_json_and_nothing_else(coded: Shell) -> None:
    report = printed(coded("agreement", "--project", "P", "--format", "json"))

    tone, themes = report["variables"]
    assert (tone["variable"], tone["kind"], tone["units"], tone["annotators"], tone["codings"]) == (
        "tone",
        "ordinal",
        2,
        3,
        6,
    )
    levels = {one["name"]: one["level"] for one in tone["coefficients"]}
    assert levels["krippendorff_alpha"] == "ordinal"
    assert {"name", "level", "estimate", "interval", "undefined"} <= set(tone["coefficients"][0])
    assert [code["code"] for code in themes["codes"]] == ["grief", "anger"]
    assert {"code", "prevalence", "coefficients"} <= set(themes["codes"][0])
    assert len(tone["pairs"]) == 3


def test_agreement_is_narrowed_by_level_group_and_variable(coded: Shell) -> None:
    narrowed = ("--variable", "tone", "--group", "crowd", "--level", "nominal", "--round", "1")

    report = printed(coded("agreement", "--project", "P", "--format", "json", *narrowed))

    (tone,) = report["variables"]
    assert (tone["annotators"], tone["codings"]) == (2, 4)
    assert {one["level"] for one in tone["coefficients"] if one["name"] == "krippendorff_alpha"} == {
        "nominal"
    }


@on_one_database
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--group", "nobody"), "nobody"),
        (("--variable", "mood"), "mood"),
        (("--round", "7"), "no round 7"),
    ],
)
def test_what_is_not_there_is_refused(coded: Shell, arguments: tuple[str, ...], part: str) -> None:
    assert part in coded("agreement", "--project", "P", *arguments).refusal


@on_one_database
def test_a_project_that_is_not_there_is_refused(study: Shell, tmp_path: Path) -> None:
    commands = (
        ("agreement",),
        ("results",),
        ("export", "--out", "-"),
        ("import", "--posts", __file__),
    )

    for command in commands:
        assert "no project with the key or title Q" in study(*command, "--project", "Q").refusal


@on_one_database
@pytest.mark.parametrize("command", ["agreement", "results"])
def test_tables_are_for_people(coded: Shell, command: str) -> None:
    answer = coded(command, "--project", "P")

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0].split()[:2] == ["variable", "code"]
    assert "grief" in answer.out


def test_results_are_json_and_nothing_else(coded: Shell) -> None:
    report = printed(coded("results", "--project", "P", "--format", "json", "--rule", "majority"))

    tone = report["variables"][0]
    assert (report["rule"], tone["posts"]) == ("majority", 2)
    assert {code["code"]: code["count"] for code in tone["codes"]} == {"low": 1, "high": 1}


@on_one_database
def test_results_are_drawn_and_typeset_by_the_endings_of_the_files(coded: Shell, tmp_path: Path) -> None:
    figure, table = tmp_path / "shares.svg", tmp_path / "shares.tex"
    where = ("results", "--project", "P", "--figure", str(figure), "--table", str(table))
    assert coded(*where).code == 0
    assert "<svg" in figure.read_text("utf-8")
    assert r"\toprule" in table.read_text("utf-8")
    assert "no post is coded on this" in coded(*where, "--variable", "none").refusal
    assert "one of .svg, .pdf, .png" in coded(*where[:3], "--figure", "shares.gif").refusal
    assert sorted(file.name for file in tmp_path.glob("shares*")) == ["shares.svg", "shares.tex"]


def test_exports_go_to_a_file_that_is_whole(coded: Shell, tmp_path: Path) -> None:
    out = tmp_path / "final.csv"
    out.write_text("an older file")

    answer = coded(
        "export", "--project", "P", "--what", "final", "--format", "csv", "--out", str(out), "--bom"
    )

    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert out.read_bytes().startswith(b"\xef\xbb\xbfpost_id,")
    assert len(list(csv.reader(StringIO(out.read_text("utf-8-sig"), newline="")))) == 4
    assert [file.name for file in tmp_path.glob(".final*")] == []


@on_one_database
def test_exports_go_to_the_standard_output(coded: Shell) -> None:
    plain = coded("export", "--project", "P", "--what", "codings", "--out", "-").out
    named = coded("export", "--project", "P", "--what", "codings", "--out", "-", "--names").out

    found = list(csv.DictReader(StringIO(named, newline="")))
    assert len(found) == RATINGS.count("\n") - 1
    assert {row["annotator"] for row in found} == {"c1", "c2", "c3"}
    assert "c1" not in plain
    assert "annotator-2" in plain


@on_one_database
def test_exports_come_in_the_format_and_shape_that_is_asked_for(coded: Shell) -> None:
    ask = ("export", "--project", "P", "--format", "jsonl", "--out", "-")
    rows = [json.loads(line) for line in coded(*ask, "--shape", "long", "--ids-and-codes").out.splitlines()]
    assert {row["variable"] for row in rows} == {"themes", "tone"}
    assert "text" not in rows[0]
    refused = coded(*ask, "--shape", "recal")
    assert (refused.code, refused.out) == (2, "")
    assert "wide, long" in refused.err


def test_an_export_is_noted(coded: Shell, database: Database) -> None:
    coded("export", "--project", "P", "--out", "-")

    with database.reading() as db:
        event = db.scalars(select(HistoryEvent).order_by(col(HistoryEvent.id).desc())).first()
    assert event is not None
    assert (event.action, event.actor_id) == ("export", None)


@on_one_database
@pytest.mark.parametrize("out", ["missing/final.csv", "folder"])
def test_a_file_that_cannot_be_written_is_refused(
    coded: Shell, database: Database, tmp_path: Path, out: str
) -> None:
    (tmp_path / "folder").mkdir()
    before = rows(database)

    assert "cannot be written" in coded("export", "--project", "P", "--out", str(tmp_path / out)).refusal
    assert rows(database) == before
    assert list((tmp_path / "folder").iterdir()) == []
    assert list(tmp_path.glob(".folder*")) == []


@on_one_database
def test_an_export_that_breaks_off_leaves_the_older_file(
    coded: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "final.csv"
    out.write_text("an older file")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.cli.files.shutil.copyfileobj", full)

    assert "No space left" in coded("export", "--project", "P", "--out", str(out)).refusal
    assert out.read_text() == "an older file"
    assert list(tmp_path.glob(".final*")) == []


def test_what_a_coding_lead_may_not_see_is_left_out_and_said(study: Shell, database: Database) -> None:
    commands = (("export", "--out", "-", "--what", "codings"), ("agreement",), ("results",))
    with database.writing() as db:
        project, lead = db.scalars(select(Project)).one(), lead_of(db, "P")
        annotator = make.member(db, project, Role.ANNOTATOR, "annotator")
        book, posts = make.published(db, project), make.posts(db, project, 2)
        round_ = make.round_(db, project, book, posts, [lead, annotator])
    before = [study(*command, "--project", "P") for command in commands]
    with database.writing() as db:
        make.coding(db, book, round_, posts[0], annotator, {"stance": "against"})

    after = [study(*command, "--project", "P") for command in commands]

    assert after == before
    for answer in after:
        assert answer.code == 0
        assert answer.err.startswith("intercoder: round 1 is left out: You code in this round yourself.")


@on_one_database
def test_refi_qda_is_written_as_the_pages_write_it(coded: Shell, tmp_path: Path) -> None:
    out = tmp_path / "project.qdpx"
    ask = ("export", "--project", "P", "--out", str(out), "--what")
    assert "Add --texts if they may go out." in coded(*ask, "qdpx").refusal
    assert "leave --format and --shape out" in coded(*ask, "qdpx", "--format", "xlsx").refusal
    assert not out.exists()
    assert coded(*ask, "qdpx", "--texts").code == 0
    with zipfile.ZipFile(out) as packed:
        assert "project.qde" in packed.namelist()
    book = coded("export", "--project", "P", "--what", "qdc", "--out", "-").out
    assert book.startswith("<?xml")
    assert "CodeBook" in book
