"""The tables of the annotator's path, and how a statement finds an assignment together with its annotator.

So nobody can reach another's: their statements all begin with `own_assignment`.
"""

from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, bindparam

from server.accounts.models import Account
from server.care.queries import own_care_table
from server.coding.models import Coding, CodingAnswer, CodingSpan, Draft, PostQuestion
from server.corpora.models import Post
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import Assignment, Round, RoundAnnotator, RoundQueue, SkipReason

SUBMITTED, SKIPPED, WITHDRAWN = "submitted", "skipped", "withdrawn"

assignment_table = cast(SqlTable, Assignment.__table__)  # type: ignore[attr-defined]
counter_table = cast(SqlTable, RoundAnnotator.__table__)  # type: ignore[attr-defined]
round_table = cast(SqlTable, Round.__table__)  # type: ignore[attr-defined]
queue_table = cast(SqlTable, RoundQueue.__table__)  # type: ignore[attr-defined]
post_table = cast(SqlTable, Post.__table__)  # type: ignore[attr-defined]
coding_table = cast(SqlTable, Coding.__table__)  # type: ignore[attr-defined]
answer_table = cast(SqlTable, CodingAnswer.__table__)  # type: ignore[attr-defined]
span_table = cast(SqlTable, CodingSpan.__table__)  # type: ignore[attr-defined]
member_table = cast(SqlTable, Member.__table__)  # type: ignore[attr-defined]
account_table = cast(SqlTable, Account.__table__)  # type: ignore[attr-defined]
draft_table = cast(SqlTable, Draft.__table__)  # type: ignore[attr-defined]
question_table = cast(SqlTable, PostQuestion.__table__)  # type: ignore[attr-defined]
reason_table = cast(SqlTable, SkipReason.__table__)  # type: ignore[attr-defined]

_assignment, _counter, _round, _post = assignment_table.c, counter_table.c, round_table.c, post_table.c
_draft, _queue = draft_table.c, queue_table.c


own_assignment = (
    round_table.join(
        counter_table, and_(_counter.round_id == _round.id, _counter.member_id == bindparam("member_id"))
    )
    .join(
        assignment_table,
        and_(
            _assignment.round_id == _counter.round_id,
            _assignment.member_id == _counter.member_id,
            _assignment.position == bindparam("position"),
        ),
    )
    .join(post_table, _post.id == _assignment.post_id)
    .outerjoin(draft_table, _draft.assignment_id == _assignment.id)
    .outerjoin(queue_table, _queue.round_id == _round.id)
    .outerjoin(own_care_table, own_care_table.c.member_id == _counter.member_id)
)
of_round = and_(_round.project_id == bindparam("project_id"), _round.number == bindparam("round_number"))


def own_place(access: Access, round_number: int, position: int) -> dict[str, int]:
    """What names the annotator's own assignment at `position`."""
    return {
        "project_id": access.project_id,
        "member_id": access.member_id,
        "round_number": round_number,
        "position": position,
    }
