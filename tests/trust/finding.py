"""What is wrong with a database after what was done to its servers: everything that must not be."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import text
from sqlmodel import Session

from server.keeping.checks import check_all
from tests.trust.annotating import Saved
from tests.trust.study import DEPTH, Study

_CODINGS = """
    SELECT coding.form_token, code.key, variable.key FROM coding
    JOIN coding_answer ON coding_answer.coding_id = coding.id
    JOIN variable ON variable.id = coding_answer.variable_id
    JOIN code ON code.id = coding_answer.code_id
"""
_SLOTS_DONE = "SELECT post_id, count(*) FROM queue_slot WHERE state = 'done' GROUP BY post_id"
_WANTED = """
    SELECT post_id, count(*) FROM assignment WHERE state = 'submitted' AND NOT is_extra GROUP BY post_id
"""
_CODED = """
    SELECT member.account_id, post.number, coding.revision FROM coding
    JOIN assignment ON assignment.id = coding.assignment_id
    JOIN member ON member.id = assignment.member_id JOIN post ON post.id = assignment.post_id
"""
_EVENTS = """
    SELECT actor_id, subject, details FROM history_event WHERE action = 'coding.submit'
"""
_LEASED = """
    SELECT count(*) FROM queue_slot LEFT JOIN assignment ON assignment.round_id = queue_slot.round_id
    AND assignment.post_id = queue_slot.post_id AND assignment.member_id = queue_slot.member_id
    WHERE queue_slot.state = 'leased' AND coalesce(assignment.state, '') <> 'queued'
"""


def n_codings(db: Session) -> int:
    """How many codings there are."""
    return int(db.execute(text("SELECT count(*) FROM coding")).scalar_one())


def faults(db: Session, study: Study, saved: Iterable[Saved]) -> list[str]:
    """Everything that is wrong: saves that were acknowledged and are not there as they were sent, posts with
    more codings than asked for, doubles, codings without their event, rows that do not agree."""
    return [
        *_lost(db, saved),
        *_too_many(db),
        *_without_event(db),
        *(f"{found.about}: {found.wrong}" for found in check_all(db) if found.wrong),
    ]


def _lost(db: Session, saved: Iterable[Saved]) -> Iterator[str]:
    stored: dict[str, set[tuple[str, str]]] = {}
    for token, code, variable in db.execute(text(_CODINGS)):
        stored.setdefault(token.partition("-")[2], set()).add((variable, code))
    for each in saved:
        sent = {("expression", code) for code in each.codes}
        sent |= {("emotion", each.emotion), ("stance", "against")}
        found = stored.get(each.token)
        if found != sent:
            yield f"acknowledged and {'not there' if found is None else 'otherwise'}: {each}"


def _too_many(db: Session) -> Iterator[str]:
    for what, query in (("slots", _SLOTS_DONE), ("codings", _WANTED)):
        for post, n in db.execute(text(query)):
            if n > DEPTH:
                yield f"post {post} has {n} {what}"
    if n := db.execute(text(_LEASED)).scalar_one():
        yield f"{n} slots are leased and nobody has them"


def _without_event(db: Session) -> Iterator[str]:
    """A coding and its event come together or not at all; nobody codes a post twice."""
    coded = Counter((account, f"round 1 post {post}") for account, post, _n in db.execute(text(_CODED)))
    said = Counter((actor, subject) for actor, subject, _details in db.execute(text(_EVENTS)))
    yield from (f"coded {n} times: {what}" for what, n in coded.items() if n > 1)
    yield from (f"without its event: {what}" for what in coded - said)
    yield from (f"an event without its coding: {what}" for what in said - coded)
