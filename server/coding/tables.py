"""The tables of the annotator's path, and how a statement finds an assignment together with its annotator.

So nobody can reach another's: their statements all begin with `own_assignment`.
"""

from sqlalchemy import and_, bindparam

from server.accounts.models import Account
from server.care.queries import own_care_table
from server.coding.models import Coding, CodingAnswer, CodingSpan, Draft, PostQuestion
from server.corpora.models import Post
from server.db.tables import sql_table
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import Assignment, Round, RoundAnnotator, RoundQueue, SkipReason

SUBMITTED, SKIPPED, WITHDRAWN = "submitted", "skipped", "withdrawn"

assignment_table = sql_table(Assignment)
counter_table = sql_table(RoundAnnotator)
round_table = sql_table(Round)
queue_table = sql_table(RoundQueue)
post_table = sql_table(Post)
coding_table = sql_table(Coding)
answer_table = sql_table(CodingAnswer)
span_table = sql_table(CodingSpan)
member_table = sql_table(Member)
account_table = sql_table(Account)
draft_table = sql_table(Draft)
question_table = sql_table(PostQuestion)
reason_table = sql_table(SkipReason)

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
