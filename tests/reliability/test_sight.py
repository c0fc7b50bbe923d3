"""Who gets which figures, what is refused, and the plain values for the shell."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from server.coding.models import CodingAnswer
from server.db.engine import Database
from server.errors import Refusal
from server.projects.models import Member
from server.projects.roles import Role
from server.reliability.figures import named
from server.reliability.pairing import PairsWanted
from server.reliability.report import as_json
from tests import make
from tests.cast import Cast
from tests.reliability.scene import coded
from tests.reliability.test_report import report, variable
from tests.stock import on_one_database


def test_a_lead_who_codes_in_an_open_round_gets_no_figures_of_it(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        round_ = make.round_(db, cast.project, book, posts, (cast.lead, cast.annotator))
        for coder in (cast.lead, cast.annotator):
            make.coding(db, book, round_, posts[0], coder, {"stance": "favour"})
    with database.reading() as db:
        blind = report(db, cast, rounds=[1])
        assert (blind.variables, blind.rounds) == ((), ())
        assert blind.hidden[0].why_no_figures.startswith("You code in this round yourself.")
        assert variable(report(db, cast, access=cast.adjudicator), "stance").n_codings == 2
    with database.writing() as db:
        db.merge(round_).locked_at = make.MOMENT
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_codings == 2


def test_posts_that_the_reader_codes_again_are_not_counted_in_any_round(
    cast: Cast, database: Database
) -> None:
    scene = coded(database, cast, locked_at=make.MOMENT)
    with database.writing() as db:
        again = make.round_(db, cast.project, scene.book, scene.posts[:4], [cast.lead])
    with database.reading() as db:
        blind = report(db, cast, pairs=PairsWanted())
        seen = report(db, cast, access=cast.adjudicator, pairs=PairsWanted())
    assert (variable(blind, "stance").n_units, variable(seen, "stance").n_units) == (2, 6)
    assert sum(map(sum, variable(blind, "stance").confusion)) == 4
    assert [(one.number, "in other rounds too" in one.why_no_figures) for one in blind.hidden] == [(2, True)]
    with database.writing() as db:
        db.merge(again).locked_at = make.MOMENT
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_units == 6


def test_a_viewer_reads_figures_but_no_pairs_before_reveal(cast: Cast, database: Database) -> None:
    scene = coded(database, cast)
    everything: dict[str, Any] = {"access": cast.viewer, "pairs": PairsWanted()}
    with database.reading() as db:
        blind = report(db, cast, **everything)
        with pytest.raises(Refusal):
            report(db, cast, access=cast.viewer, group="students")
    assert variable(blind, "stance").n_codings == 12
    assert variable(blind, "stance").pairs == ()
    assert variable(blind, "stance").confusion == ()
    assert blind.why_no_pairs != ""
    with database.writing() as db:
        db.merge(scene.round).revealed_at = make.MOMENT + timedelta(days=1)
    with database.reading() as db:
        revealed = report(db, cast, **everything)
    [pair] = variable(revealed, "stance").pairs
    assert (pair.first.name, pair.second.name) == ("Annotator 3", "Annotator 4")


def test_an_annotator_gets_nothing_before_reveal(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.reading() as db:
        assert report(db, cast, access=cast.annotator).variables == ()


def test_a_group_counts_its_own_codings(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.writing() as db:
        db.get_one(Member, cast.annotator.member_id).coder_group = "students"
    with database.reading() as db:
        found = report(db, cast, group="students")
        assert (variable(found, "stance").n_codings, variable(found, "stance").n_pairable) == (6, 0)
        assert named(variable(found, "stance").coefficients, "gwet_ac").undefined  # type: ignore[union-attr]
        with pytest.raises(Refusal, match="students"):
            report(db, cast, group="crowd")


@on_one_database
@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"rounds": [7]}, "no round 7"),
        ({"variable": "mood"}, "expression, emotion, stance"),
        ({"level": "metric"}, "nominal, ordinal, interval, ratio"),
        ({"resamples": 5}, "at least 100"),
        ({"seed": -1}, "from 0"),
    ],
)
def test_what_is_not_there_is_refused_in_words(
    cast: Cast, database: Database, wanted: dict[str, Any], words: str
) -> None:
    coded(database, cast)
    with database.reading() as db, pytest.raises(Refusal, match=words):
        report(db, cast, **wanted)


def test_the_neighbouring_study_is_not_counted(cast: Cast, database: Database) -> None:
    with database.reading() as db:
        assert report(db, cast).variables == ()
        assert report(db, cast).hidden == ()
    coded(database, cast)
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_annotators == 2
        n_answers = len(db.exec(select(CodingAnswer)).all())
    assert n_answers > 3 * 12


def test_the_json_of_the_shell(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.reading() as db:
        found = as_json(report(db, cast, pairs=PairsWanted()))
    assert [one["variable"] for one in found["variables"]] == ["expression", "emotion", "stance"]
    stance = found["variables"][2]
    assert (stance["kind"], stance["units"], stance["annotators"], stance["codings"]) == ("single", 6, 2, 12)
    alpha = next(one for one in stance["coefficients"] if one["name"] == "krippendorff_alpha")
    assert alpha["level"] == "nominal"
    assert alpha["interval"][0] <= alpha["estimate"] <= alpha["interval"][1]
    assert alpha["undefined"] is None
    assert [code["code"] for code in stance["codes"]] == ["against", "ambivalent", "favour"]
    assert stance["codes"][2]["prevalence"] == pytest.approx(5 / 12)
    assert stance["pairs"][0]["coefficients"][1]["name"] == "cohen_kappa"
    masi = found["variables"][0]["coefficients"]
    assert [one["name"] for one in masi] == ["masi_alpha", "jaccard_alpha"]


def test_members_without_codings_are_no_annotators(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.writing() as db:
        make.member(db, cast.project, Role.ANNOTATOR, "newcomer")
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_annotators == 2
