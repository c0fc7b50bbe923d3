"""Real codings through the database: majority and plurality as counted by an independent program."""

from typing import Any

import pytest
from sqlmodel import Session

from server.projects.access import Access
from server.results.choices import Ways
from server.results.outcomes import Basis, Rule
from server.results.report import VariableResult, results_report
from tests.reliability.test_shared_data import (
    DATA,
    codes_of,
    expected_of,
    rated_once,
    rated_sets,
    rows_of,
    written,
)
from tests.stock import on_one_database

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")


def only_variable(db: Session, lead: Access, rule: Rule = Rule.PLURALITY) -> VariableResult:
    [found] = results_report(db, lead, Ways(rule)).variables
    return found


@pytest.fixture
def ecosent(db: Session) -> Access:
    return written(db, "ecosent", "sentiment", "ordinal", rated_once(rows_of("ecosent"), "sentiment"))


def test_plurality_of_ecosent(db: Session, ecosent: Access) -> None:
    expected = expected_of("ecosent")["sentiment"]["all ratings"]["plurality_vote"]
    found = only_variable(db, ecosent)
    assert found.n_posts == expected["posts"]
    assert found.n_unresolved == expected["ties"]
    for code in found.codes:
        assert code.share.count == expected["counts"][code.key]
        assert code.share.share == pytest.approx(expected["share_of_all_posts"][code.key], abs=1e-6)
        assert code.share.share_of_resolved == pytest.approx(
            expected["share_of_resolved_posts"][code.key], abs=1e-6
        )
        assert code.share.bounds is not None
        assert code.share.bounds[1] * found.n_posts == pytest.approx(code.share.count + expected["ties"])


@on_one_database
def test_absolute_majority_of_ecosent(db: Session, ecosent: Access) -> None:
    expected = expected_of("ecosent")["sentiment"]["all ratings"]["absolute_majority"]
    found = only_variable(db, ecosent, Rule.MAJORITY)
    assert {code.key: code.share.count for code in found.codes} == expected["counts"]
    assert found.n_unresolved == expected["no_majority"]
    assert found.basis is not None
    assert found.basis[Basis.PLURALITY] == 0


@on_one_database
@pytest.mark.parametrize(
    ("name", "question"), [("narrative_frames", "indicators"), ("goemotions_slice", "emotion")]
)
def test_majority_code_by_code(db: Session, name: str, question: str) -> None:
    expected = expected_of(name)[question]["per_code"]
    lead = written(db, name, question, "multiple", rated_sets(rows_of(name), question))
    for rule in (Rule.PLURALITY, Rule.MAJORITY):
        shares = {code.key: code.share for code in only_variable(db, lead, rule).codes}
        assert set(shares) == set(codes_of(name, question))
        for key, wanted in expected.items():
            found, vote = shares[key], wanted["majority_vote"]
            assert (found.count, found.unresolved, found.denominator) == _votes(vote)
            assert found.share == pytest.approx(vote["share_yes"], abs=1e-6)


def _votes(vote: dict[str, Any]) -> tuple[int, int, int]:
    return vote["yes"], vote["tie"], vote["posts"]
