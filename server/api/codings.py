"""Operations on codings: one's own, and everybody's for whoever may download them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import ColumnElement
from sqlmodel import Session

from server.api.parameters import ProjectKey
from server.api.routing import LeavesTransactionsRoute, operations
from server.api.shapes import NEXT, HiddenRound, Number, PageQuery, PostName, Shape
from server.api.token_access import ReadsAllCodings, ReadsOwnCodings, one_of_few
from server.corpora.queries import may_see_source
from server.exchange.downloads.coding_tables import CodedStudy
from server.exchange.downloads.stored_codings import (
    Answer,
    Coded,
    codings_after,
    of_rounds,
    own_codings,
    seen_codings,
)
from server.history.actions import record
from server.projects.access import Access
from server.projects.roles import Permission
from server.tokens.queries import Holder
from server.web.routing import Db, database_of

router = operations()
recording = operations(LeavesTransactionsRoute)


class CodedAnswer(Shape):
    """One answer of a coding: a code, "nothing applies", a number or a text."""

    variable: str = Field(examples=["expression"])
    code: str | None = Field(description="The code that was given", examples=["attachment"])
    code_read_as: str | None = Field(description="The code that counts for it today")
    number: float | None
    text: str | None
    nothing_applies: bool
    evidence: str | None = Field(
        description="Marked passages, from the first code point to the one after the last",
        examples=["0-11 40-52"],
    )


class Coding(Shape):
    """What one annotator submitted for one post in one round, as it stands now."""

    post: PostName
    annotator: str = Field(description="A pseudonym, the same in every file", examples=["annotator-2"])
    coder_group: str | None
    round: Number
    codebook_version: Number
    submitted_at: datetime
    unsure: bool
    memo: str
    correction_reason: str
    is_extra: bool | None = Field(
        description="It came late from a shared queue; null for whoever may not know who else coded the post"
    )
    answers: tuple[CodedAnswer, ...]


class Codings(Shape):
    """A page of codings, in the order of posts, rounds and annotators."""

    codings: tuple[Coding, ...]
    next: Number | None = NEXT
    hidden_rounds: tuple[HiddenRound, ...]


class CodingsQuery(PageQuery):
    """Which codings, and which page of them."""

    round: Number | None = Field(default=None, description="Of this round alone")
    variable: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Answers to this variable alone"
    )


@router.get("/projects/{project_key}/codings/own", name="api.list_own_codings")
def list_own_codings(
    db: Db,
    access: ReadsOwnCodings,
    _key: ProjectKey,
    query: Annotated[CodingsQuery, Query()],
) -> Codings:
    """The codings of the token's owner.

    Scope `codings:read`; whoever codes. No coding of anybody else, at no time.
    """
    study = CodedStudy(db, access, with_names=False, of_own=True)
    wanted = (*own_codings(access), *_of_round(study, query))
    found = codings_after(db, access, wanted, query.after, query.limit)
    return _page(study, access, found, query, ())


@recording.get("/projects/{project_key}/codings", name="api.list_codings")
def list_codings(
    request: Request, access: ReadsAllCodings, _key: ProjectKey, query: Annotated[CodingsQuery, Query()]
) -> Codings:
    """The current codings of everybody, as the lead can download them.

    Scope `codings:read`; leads. Rounds in which the owner of the token still codes are left out, and so is
    everything about their posts. Each page is written into the history.
    """
    with one_of_few(request), database_of(request).reading() as db:
        study = CodedStudy(db, access, with_names=False)
        wanted = (*seen_codings(access, study.sights), *_of_round(study, query))
        found = codings_after(db, access, wanted, query.after, query.limit)
        hidden = [
            HiddenRound(round=one.number, why=one.why_no_codings)
            for one in study.sights
            if one.why_no_codings
        ]
        page = _page(study, access, found, query, hidden)
    with database_of(request).writing() as db:
        record_reading(db, access, request.state.holder, "codings")
    return page


def _of_round(study: CodedStudy, query: CodingsQuery) -> tuple[ColumnElement[bool], ...]:
    if query.round is None:
        return ()
    return of_rounds([id_ for id_, number in study.rounds.items() if number == query.round])


def record_reading(db: Session, access: Access, holder: Holder, what: str) -> None:
    """Note in the history that data left the server by a token."""
    details = {"what": what, "format": "json", "token": holder.token_name}
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="export",
        subject="project",
        details=details,
    )


def _page(
    study: CodedStudy,
    access: Access,
    found: Sequence[Coded],
    query: CodingsQuery,
    hidden: Iterable[HiddenRound],
) -> Codings:
    numbers = {one.post_number for one in found}
    return Codings(
        codings=tuple(_wanted(study, access, found, query.variable)),
        next=max(numbers) if len(numbers) == query.limit else None,
        hidden_rounds=tuple(hidden),
    )


def _wanted(
    study: CodedStudy, access: Access, found: Sequence[Coded], variable: str | None
) -> Iterator[Coding]:
    for coded in found:
        answers = tuple(_answers(study, coded, variable))
        if answers or variable is None:
            yield _coding(study, access, coded, answers)


def _coding(study: CodedStudy, access: Access, coded: Coded, answers: tuple[CodedAnswer, ...]) -> Coding:
    who = study.annotators[coded.member_id]
    source = coded.post_id if may_see_source(access) else None
    return Coding(
        post=PostName(number=coded.post_number, id=source),
        annotator=who.name,
        coder_group=who.group,
        round=study.rounds[coded.round_id],
        codebook_version=study.book(coded.version_id).number,
        submitted_at=coded.submitted_at,
        unsure=bool(coded.is_unsure),
        memo=coded.memo,
        correction_reason=coded.reason,
        is_extra=bool(coded.is_extra) if access.may(Permission.EXPORT) else None,
        answers=answers,
    )


def _answers(study: CodedStudy, coded: Coded, variable: str | None) -> Iterator[CodedAnswer]:
    book = study.book(coded.version_id)
    for answer in coded.answers:
        of = book.variable_by_id[answer.variable_id]
        if variable in {None, of.key}:
            code, read_as = _code(study, answer)
            yield CodedAnswer(
                variable=of.key,
                code=code,
                code_read_as=read_as,
                number=answer.number,
                text=answer.text,
                nothing_applies=bool(answer.nothing_applies),
                evidence=coded.passages.get((answer.variable_id, answer.code_id)),
            )


def _code(study: CodedStudy, answer: Answer) -> tuple[str | None, str | None]:
    if answer.code_id is None:
        return None, None
    return study.key_of_code[answer.code_id], study.key_of_code[study.read_as(answer.code_id)]
