"""Codings that are flagged unsure, as they are looked for among all of a round."""

from sqlalchemy import Boolean, ColumnElement, Integer, column, table
from sqlmodel import col

from server.rounds.models import Assignment

# Codings are a feature above this one; their table is named here as a foreign key would name it.
coding_table = table(
    "coding",
    column("id", Integer),
    column("assignment_id", Integer),
    column("revision", Integer),
    column("is_unsure", Boolean),
)


def is_unsure_in(round_id: int) -> tuple[ColumnElement[bool], ...]:
    """What a doubted coding fulfils whose assignment is of this round, beside being its current one.

    `+ 0`: the databases begin with the few that are doubted, and not with all assignments of the round.
    """
    return (
        coding_table.c.is_unsure,
        coding_table.c.assignment_id == col(Assignment.id),
        col(Assignment.round_id) + 0 == round_id,
        col(Assignment.state) == "submitted",
    )
