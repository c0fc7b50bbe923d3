"""Reading how posts were coded: rounds with their dates, their annotators and their plans."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from server.coding.models import Coding
from server.methods.facts import Chosen, RoundFact
from server.projects.access import Access
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.pass_rules import Ending
from server.rounds.queries import (
    RoundLine,
    figured_round_ids,
    in_none_of,
    posts_by_codings,
    rounds,
    swaying,
    visible_rounds,
)

# What a design has where posts were chosen by what is in them, by their days, or by what was said of them.
_CRITERIA = ("filter", "since", "until", "disputed", "flagged", "language_field", "gold_share")
_PASSED = (Ending.DONE, Ending.PASSED, Ending.LET_IN)


def rounds_of(db: Session, access: Access) -> tuple[RoundFact, ...]:
    """The rounds of which this reader may have figures, by number."""
    seen = set(figured_round_ids(db, access))
    lines = [line for line in reversed(rounds(db, access)) if line.id in seen]
    dates, passed = _dates(db, seen), _passed(db, seen)
    coders = _coders(db, seen)
    return tuple(
        _round(
            line, coders.get(line.id, 0), passed.get(line.id, 0), dates, posts_by_codings(db, access, line.id)
        )
        for line in lines
    )


def _round(
    line: RoundLine,
    n_annotators: int,
    n_passed: int,
    dates: Mapping[int, tuple[Any, Any]],
    by_codings: Iterable[tuple[int, int]],
) -> RoundFact:
    counted, design = dict(by_codings), line.design
    first, last = dates.get(line.id, (None, None))
    # What a file does not say is stored as the moment of its import.
    if line.is_imported and last is not None and last >= line.opened_at:
        first = last = None
    return RoundFact(
        number=line.number,
        title=line.title,
        purpose=line.purpose,
        version=line.codebook_number,
        chosen=chosen_by(design, is_imported=line.is_imported),
        field=design.get("strata_field") or "",
        seed=design.get("seed"),
        n_posts=line.n_posts,
        n_coded=sum(n for codings, n in counted.items() if codings),
        n_double=sum(n for codings, n in counted.items() if codings > 1),
        n_annotators=n_annotators,
        n_codings=line.progress.n_submitted,
        first=first,
        last=last,
        is_open=line.state == "open",
        depth=None if line.is_imported else design.get("k"),
        double_share=design.get("double_share"),
        has_gold=bool(design.get("shows_gold")),
        n_passed=n_passed,
    )


def chosen_by(design: Mapping[str, Any], *, is_imported: bool) -> Chosen:
    """How a round of this design took its posts."""
    if is_imported or not ("posts" in design or "again" in design):
        return Chosen.FILE
    if "again" in design:
        return Chosen.AGAIN
    if any(design.get(name) for name in _CRITERIA):
        return Chosen.CRITERIA
    return {"sample": Chosen.RANDOM, "strata": Chosen.STRATA}.get(design["posts"], Chosen.ALL)


def _dates(db: Session, round_ids: Iterable[int]) -> dict[int, tuple[Any, Any]]:
    """When the first and the last of the codings were made that stand."""
    at = col(Coding.submitted_at)
    rows = db.execute(
        select(col(Assignment.round_id), func.min(at), func.max(at))
        .join(Coding, col(Coding.id) == col(Assignment.coding_id))
        .where(col(Assignment.round_id).in_(round_ids), col(Assignment.state) == "submitted")
        .group_by(col(Assignment.round_id))
    )
    return {round_id: (first, last) for round_id, first, last in rows}


def _coders(db: Session, round_ids: Iterable[int]) -> dict[int, int]:
    """How many annotators submitted something."""
    return _annotators(db, round_ids, col(RoundAnnotator.n_submitted) > 0)


def _passed(db: Session, round_ids: Iterable[int]) -> dict[int, int]:
    """How many annotators went through a training to an end that lets them code."""
    return _annotators(db, round_ids, col(RoundAnnotator.training).in_([each.value for each in _PASSED]))


def _annotators(db: Session, round_ids: Iterable[int], condition: ColumnElement[bool]) -> dict[int, int]:
    rows = db.execute(
        select(col(RoundAnnotator.round_id), func.count())
        .where(col(RoundAnnotator.round_id).in_(round_ids), condition)
        .group_by(col(RoundAnnotator.round_id))
    )
    return dict(rows.all())


def n_late(db: Session, access: Access) -> int:
    """The codings that were made after their round was revealed, of those this reader may know of."""
    sights = visible_rounds(db, access)
    seen = [sight.round_id for sight in sights if not sight.why_no_figures]
    return (
        db.scalar(
            select(func.count())
            .select_from(Assignment)
            .join(Round, col(Round.id) == col(Assignment.round_id))
            .join(Coding, col(Coding.id) == col(Assignment.coding_id))
            .where(
                col(Round.id).in_(seen),
                ~col(Round.is_imported),
                col(Round.purpose) != "training",
                col(Coding.submitted_at) > col(Round.revealed_at),
                in_none_of(swaying(sights), col(Assignment.post_id)),
            )
        )
        or 0
    )
