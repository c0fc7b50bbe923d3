"""The writes of the annotator's path, as statements that are built once."""

from sqlalchemy import bindparam, case, delete, insert, or_, update

from server.coding.tables import (
    answer_table,
    assignment_table,
    coding_table,
    counter_table,
    draft_table,
    span_table,
)
from server.db.prepared import Prepared
from server.db.tables import UtcDateTime

add_coding = Prepared(
    insert(coding_table).returning(coding_table.c.id),
    "assignment_id",
    "revision",
    "version_id",
    "submitted_at",
    "memo",
    "reason",
    "is_unsure",
    "form_token",
    "body_hash",
)
add_answers = Prepared(
    insert(answer_table).inline(), "coding_id", "variable_id", "code_id", "number", "text", "nothing_applies"
)
add_spans = Prepared(insert(span_table).inline(), "coding_id", "variable_id", "code_id", "start", "end")
change_assignment = Prepared(
    update(assignment_table)
    .where(
        assignment_table.c.id == bindparam("b_id"),
        assignment_table.c.coding_id.is_not_distinct_from(bindparam("b_seen")),
    )
    .values(
        state=bindparam("b_state"),
        skip_reason=bindparam("b_reason"),
        coding_id=bindparam("b_coding"),
        changed_at=bindparam("b_at"),
        is_extra=or_(assignment_table.c.is_extra, bindparam("b_extra")),
    )
)
_counter = counter_table.c
# The moments say when a pause is to be suggested (`server.care.pauses`), at no further statement's cost.
count = Prepared(
    update(counter_table)
    .where(_counter.id == bindparam("b_id"))
    .values(
        n_submitted=_counter.n_submitted + bindparam("b_submitted"),
        n_skipped=_counter.n_skipped + bindparam("b_skipped"),
        n_extra=_counter.n_extra + bindparam("b_extra"),
        stretch_began_at=case(
            (_counter.done_latest_at > bindparam("b_break"), _counter.stretch_began_at),
            else_=bindparam("b_at", type_=UtcDateTime()),
        ),
        done_before_at=_counter.done_latest_at,
        done_latest_at=bindparam("b_at", type_=UtcDateTime()),
    )
)
add_draft = Prepared(insert(draft_table).inline(), "assignment_id", "typed", "saved_at")
change_draft = Prepared(
    update(draft_table)
    .where(draft_table.c.assignment_id == bindparam("b_id"))
    .values(typed=bindparam("b_typed"), saved_at=bindparam("b_at"))
)
drop_draft = Prepared(delete(draft_table).where(draft_table.c.assignment_id == bindparam("b_id")))
