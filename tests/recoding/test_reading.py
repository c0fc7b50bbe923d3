"""Codings of a code that was merged count as codings of the one that took it up, wherever codings count."""

from typing import Any

from sqlmodel import Session

from server.adjudication.answers import table_of
from server.adjudication.disputes import disputes
from server.adjudication.scope import scope_of
from server.adjudication.tallies import Lens
from server.codebooks.models import Fate
from server.exchange.downloads.coding_tables import coding_rows
from server.reliability.codings import Selection, codings
from server.reliability.queries import questions_of, rounds_of
from server.results.final import final_rows
from tests import make
from tests.cast import Cast
from tests.recoding.scene import Scene, coded_study, merged


def _final(db: Session, scene: Scene) -> list[dict[str, Any]]:
    found = final_rows(db, scene.cast.lead)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_final_values(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    assert "expression_longing" in _final(db, scene)[0], "without a merge it is a code of its own"
    merged(db, scene)
    rows = _final(db, scene)
    assert "expression_longing" not in rows[0]
    assert [row["expression_attachment"] for row in rows] == [1, None, 0]
    assert [row["stance"] for row in rows] == ["against", "favour", "against"]


def test_kept_as_they_were(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    merged(db, scene, Fate.KEEP)
    assert [row["stance"] for row in _final(db, scene)] == [None, "favour", "wary"]


def test_decisions(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    make.decision(db, scene.first, scene.posts[1], "expression", ["longing"], cast.lead)
    merged(db, scene)
    assert _final(db, scene)[1]["expression_attachment"] == 1
    asked = table_of(db, cast.lead, scope_of(db, cast.lead), 2).questions[0]
    assert asked.settled is not None
    assert {answer.code_id for answer in asked.settled.answers} == {
        scene.code(db, "expression", "attachment")
    }


def test_disagreements(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    merged(db, scene)
    scope = scope_of(db, cast.lead)
    found = disputes(db, scope, Lens(scope.round_ids, tuple(scope.variable_by_id)))
    keys = {scope.variable_by_id[id_].key: id_ for id_ in scope.variable_by_id}
    differs = {each.post_id: set(each.variable_ids) for each in found}
    assert differs == {
        scene.posts[1].id: {keys["expression"]},
        scene.posts[2].id: {keys["expression"]},
    }, "on the first post both said the same with other words"


def test_reliability(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    merged(db, scene)
    rounds = rounds_of(db, cast.lead)
    asked = {each.key: each for each in questions_of(db, scene.cast.lead.project_id, rounds)}
    assert [code.key for code in asked["expression"].codes] == ["attachment", "quality"]
    chosen = Selection(cast.lead.project_id, tuple(each.id for each in rounds))
    stance = codings(db, asked["stance"], chosen).first_of_each_member()
    against, favour = (code.id for code in asked["stance"].codes)
    assert stance.answer[:, 0].tolist() == [against, against, favour, favour, against, against]
    expression = codings(db, asked["expression"], chosen).first_of_each_member()
    assert expression.answer[:, 0].tolist() == [1, 1, 1, 2, 0, 2]


def test_the_download_says_both(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    kept = [(row[3], row[4]) for row in coding_rows(db, cast.lead, with_names=False)]
    assert all(code == read_as for code, read_as in kept)
    merged(db, scene)
    said = [(row[2], row[3], row[4]) for row in coding_rows(db, cast.lead, with_names=False)]
    assert {(code, read_as) for _variable, code, read_as in said if code != read_as} == {
        ("longing", "attachment"),
        ("wary", "against"),
    }
    assert ("expression", "none", "none") in said
