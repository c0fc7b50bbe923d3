"""Filling a project with the synthetic sample study, through the actions that people's pages use."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.recorded import lines_since
from server.codebooks.actions import publish_sheet
from server.codebooks.queries import Codebook, VariableInfo, codebook
from server.coding.answers import Answer
from server.coding.recorded import keys_of, stored_codings
from server.corpora.actions import store_drafts
from server.corpora.mapping import DraftedPosts, PostDraft
from server.corpora.models import Post
from server.corpora.storing import Source
from server.db.tables import sql_table
from server.exchange.ratings.bulk import BulkCoding, insert_rows, store_codings
from server.history.actions import record
from server.history.contents import lines
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.rounds.models import Round
from server.sample.study import SampleCoding, SampleDecision, SampleStudy

_decision = sql_table(Decision)
_answer = sql_table(DecisionAnswer)
_standing = sql_table(StandingDecision)


def store_study(db: Session, lead: Access, annotators: Mapping[str, Access], study: SampleStudy) -> None:
    """Put posts, codebook, round, codings and decisions of the study into the lead's empty project.

    `annotators` maps the study's names to members, whose numbers ascend in the order of the study.
    """
    _store_posts(db, lead, study)
    publish_sheet(db, lead, study.codebook, note=_("Synthetic codebook, written for this sample."))
    round_ = _open_round(db, lead, annotators, study)
    book, posts = codebook(db, round_.codebook_version_id), _post_ids(db, lead)
    codings = [_coding(book, posts, annotators, coding) for coding in study.codings]
    store_codings(db, round_.id or 0, book.version_id, codings)
    _store_decisions(db, lead, book, posts, study)
    details = {"codings": len(codings), "decisions": len(study.decisions), "seed": study.seed}
    record(
        db,
        project_id=lead.project_id,
        actor_id=None,
        action="sample.fill",
        subject=f"round {round_.number}",
        details=details,
        contents=_contents(db, lead, round_),
    )


def _contents(db: Session, lead: Access, round_: Round) -> list[str]:
    keys = keys_of(db, lead.project_id)
    codings = stored_codings(db, keys, col(Round.id) == round_.id)
    return [*lines((row.post, row.facts) for row in codings), *lines_since(db, lead, 0)]


def _store_posts(db: Session, lead: Access, study: SampleStudy) -> None:
    drafts = [
        PostDraft(
            row_number=number,
            external_id=post.external_id,
            text=post.text,
            author=post.author,
            posted_at=post.posted_at,
            posted_at_text=post.posted_at.isoformat(),
            link=post.link,
            thread_key=post.thread_key,
            parent_key=post.parent_key,
            extra=dict(post.extra),
        )
        for number, post in enumerate(study.posts, start=2)
    ]
    digest = hashlib.sha256(f"sample study {study.seed}".encode()).hexdigest()
    source = Source("sample-study-synthetic.csv", digest)
    store_drafts(db, lead, DraftedPosts(drafts, [], [], []), source)


def _open_round(db: Session, lead: Access, annotators: Mapping[str, Access], study: SampleStudy) -> Round:
    members = {access.member_id for access in annotators.values()}
    design = RoundDesign(
        title=_("Main round"),
        purpose=Purpose.MAIN,
        annotators=_member_numbers(db, members),
        seed=study.plan_seed,
        k=len(members),
    )
    number = open_round(db, lead, design)
    found: Round = db.scalars(
        select(Round).where(col(Round.project_id) == lead.project_id, col(Round.number) == number)
    ).one()
    return found


def _coding(
    book: Codebook, posts: Mapping[str, int], annotators: Mapping[str, Access], coding: SampleCoding
) -> BulkCoding:
    answers = (
        answer
        for key, codes in coding.answers.items()
        for answer in _answers(book.variable_by_key[key], codes)
    )
    return BulkCoding(
        post_id=posts[coding.external_id],
        member_id=annotators[coding.annotator].member_id,
        at=coding.submitted_at,
        answers=tuple(answers),
        memo=coding.memo,
        is_unsure=coding.unsure,
        skip_reason=coding.skip_reason,
    )


def _answers(variable: VariableInfo, codes: tuple[str, ...]) -> Iterator[Answer]:
    if not codes:
        yield Answer(variable.id, nothing_applies=True)
    for key in codes:
        yield Answer(variable.id, code_id=variable.code_by_key[key].id)


def _store_decisions(
    db: Session, lead: Access, book: Codebook, posts: Mapping[str, int], study: SampleStudy
) -> None:
    insert_rows(db, _decision, (_decision_row(lead, book, posts, made) for made in study.decisions))
    ids = _decision_ids(db, lead)
    insert_rows(
        db, _answer, (row for made in study.decisions for row in _answer_rows(book, posts, ids, made))
    )
    insert_rows(
        db,
        _standing,
        (
            {"post_id": post_id, "variable_id": variable_id, "decision_id": decision_id}
            | {"project_id": lead.project_id}
            for (post_id, variable_id), decision_id in ids.items()
        ),
    )


def _decision_row(
    lead: Access, book: Codebook, posts: Mapping[str, int], made: SampleDecision
) -> dict[str, Any]:
    return {
        "project_id": lead.project_id,
        "post_id": posts[made.external_id],
        "variable_id": book.variable_by_key[made.variable].id,
        "basis": "adjudicated",
        "reason": made.reason,
        "decided_by": lead.account_id,
        "decided_at": made.decided_at,
    }


def _answer_rows(
    book: Codebook, posts: Mapping[str, int], ids: Mapping[tuple[int, int], int], made: SampleDecision
) -> Iterator[dict[str, Any]]:
    variable = book.variable_by_key[made.variable]
    decision_id = ids[posts[made.external_id], variable.id]
    for answer in _answers(variable, made.codes):
        yield {
            "decision_id": decision_id,
            "code_id": answer.code_id,
            "nothing_applies": answer.nothing_applies,
        }


def _decision_ids(db: Session, lead: Access) -> dict[tuple[int, int], int]:
    table = _decision.c
    rows = db.execute(
        select(table.post_id, table.variable_id, table.id).where(table.project_id == lead.project_id)
    )
    return {(post_id, variable_id): decision_id for post_id, variable_id, decision_id in rows}


def _post_ids(db: Session, lead: Access) -> dict[str, int]:
    rows = db.execute(
        select(col(Post.external_id), col(Post.id)).where(col(Post.project_id) == lead.project_id)
    )
    return dict(rows.all())


def _member_numbers(db: Session, member_ids: set[int]) -> tuple[int, ...]:
    numbers = db.scalars(select(col(Member.number)).where(col(Member.id).in_(member_ids)))
    return tuple(sorted(numbers))
