"""The operation on decisions: what stands, and on which basis."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field

from server.api.parameters import ProjectKey
from server.api.queries import StandingValue, decisions_after
from server.api.routing import operations
from server.api.shapes import NEXT, Number, PageQuery, PostName, Shape
from server.api.token_access import ReadsDecisions
from server.corpora.queries import may_see_source
from server.projects.access import Access
from server.web.routing import Db

router = operations()


class DecidedAnswer(Shape):
    """One value of a decision."""

    code: str | None
    number: float | None
    text: str | None
    nothing_applies: bool


class Decision(Shape):
    """The decision that stands on one variable of one post."""

    post: PostName
    variable: str
    basis: str = Field(
        description="unanimous, majority, single, model, adjudicated or consensus", examples=["adjudicated"]
    )
    reason: str
    decided_at: datetime
    answers: tuple[DecidedAnswer, ...]


class Decisions(Shape):
    """A page of decisions, in the order of posts and variables."""

    decisions: tuple[Decision, ...]
    next: Number | None = NEXT


class DecisionsQuery(PageQuery):
    """Which decisions, and which page of them."""

    variable: Annotated[str, Field(pattern=r"^[^\x00]{1,200}$")] | None = Field(
        default=None, description="On this variable alone"
    )


@router.get("/projects/{project_key}/decisions", name="api.list_decisions")
def list_decisions(
    db: Db,
    access: ReadsDecisions,
    _key: ProjectKey,
    query: Annotated[DecisionsQuery, Query()],
) -> Decisions:
    """The decisions that stand.

    Scope `decisions:read`; leads and adjudicators. Decisions on posts that the owner of the token still
    codes, or decides second without seeing the first, are left out.
    """
    found = decisions_after(db, access, query.after, query.limit, query.variable)
    numbers = {one.post_number for one in found}
    return Decisions(
        decisions=tuple(_decision(access, one) for one in found),
        next=max(numbers) if len(numbers) == query.limit else None,
    )


def _decision(access: Access, one: StandingValue) -> Decision:
    return Decision(
        post=PostName(number=one.post_number, id=one.post_id if may_see_source(access) else None),
        variable=one.variable,
        basis=one.basis,
        reason=one.reason,
        decided_at=one.decided_at,
        answers=tuple(DecidedAnswer(**vars(answer)) for answer in one.answers),
    )
