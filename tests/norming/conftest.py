"""The study of the tests of disagreements, revealed."""

import pytest
from sqlmodel import Session

from server.db.engine import Database
from server.rounds.models import Round
from tests import make
from tests.adjudication.conftest import Study, study

__all__ = ["revealed", "study"]
MEMO = "between us: work or bond?"


@pytest.fixture
def revealed(database: Database, study: Study) -> Study:
    """Annotators differ on posts 1 and 3, agree on 2, and post 4 has one coding; the rest has none."""
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"}, is_unsure=True, memo=MEMO)
        study.code(db, 2, {"stance": "against"}, {"stance": "against"})
        study.code(db, 3, {"expression": ["quality"]}, {"expression": []}, {"remark": "of its own"})
        study.code(db, 4, {"stance": "against"})
        reveal(db, study)
    return study


def reveal(db: Session, study: Study) -> None:
    """Reveal the round of the study."""
    assert study.main is not None
    db.get_one(Round, study.main.id).revealed_at = make.MOMENT


def path(study: Study, rest: str = "") -> str:
    """The address of the round side by side, or of a part of that."""
    return f"/projects/{study.cast.project.key}/rounds/1/side-by-side{rest}"
