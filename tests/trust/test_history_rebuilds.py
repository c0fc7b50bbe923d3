"""Figure 12: the history alone gives every coding and decision, and whatever is altered is found."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from server.adjudication.actions import Sent as Ruled
from server.adjudication.actions import decide, withdraw
from server.adjudication.answers import table_of
from server.adjudication.batches import accept, undo
from server.adjudication.bulk import propose
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.adjudication.standing import token
from server.coding.actions import Sent, skip, submit
from server.corpora.models import Erasure
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.history.queries import check_chain
from server.projects.access import Access
from server.rebuilding.differences import Rebuilt
from server.rebuilding.queries import rebuild
from server.rounds.actions import lock_round
from tests import make
from tests.cast import Cast
from tests.history.tampering import disarm
from tests.trust.reporting import report
from tests.trust.sizes import IS_FULL, name_of

KINDS = {**make.CODEBOOK, "hours": ("number", ()), "remark": ("text", ())}
EVERY = 1_000_000


@dataclass(frozen=True)
class Extent:
    """How many posts a study has, and how much of it is altered: rows in each way, events in every way."""

    n_posts: int
    n_rows: int
    n_events: int


# In full every row and every event of a small study, and some of one that is read in several pieces.
EXTENTS = (Extent(12, EVERY, EVERY), Extent(600, 2, 20)) if IS_FULL else (Extent(12, 1, 4),)


@dataclass(frozen=True)
class Worked:
    """A study in which people coded, corrected, skipped, decided and changed their minds."""

    cast: Cast
    extent: Extent
    n_codings: int

    @property
    def project_id(self) -> int:
        return self.cast.lead.project_id


def typed(dice: random.Random) -> dict[str, tuple[str, ...]]:
    expression = tuple(key for key in make.CODEBOOK["expression"][1] if dice.random() < 0.5)
    said: dict[str, tuple[str, ...]] = {
        "v-emotion": (dice.choice("123"),),
        "v-stance": (dice.choice(make.CODEBOOK["stance"][1][:2]),),
        "v-hours": (str(dice.randint(0, 90) / 10),),
        "v-remark": (dice.choice(("a bond, « oui »", "two\nlines")),),
        "memo": (dice.choice(("", "why?")),),
        "unsure": ("on",) if dice.random() < 0.2 else (),
    }
    if not expression:
        return said | {"none-expression": ("on",)}
    return said | {"v-expression": expression, "s-expression": (f"{expression[0]}:0-{dice.randint(1, 4)}",)}


@pytest.fixture(params=EXTENTS, ids=lambda extent: f"{extent.n_posts} posts")
def worked(request: pytest.FixtureRequest, database: Database, cast: Cast) -> Worked:
    extent: Extent = request.param
    dice = random.Random(12)
    with database.writing() as db:
        book = make.published(db, cast.project, KINDS)
        posts = make.posts(db, cast.project, extent.n_posts)
        make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    n_codings = 0
    for by in (cast.annotator, cast.other_annotator):
        for position in range(1, extent.n_posts + 1):
            with database.writing() as db:
                n_codings += code(db, by, position, dice)
    with database.writing() as db:
        lock_round(db, cast.lead, 1)
        judge(db, cast.lead)
    return Worked(cast, extent, n_codings)


def code(db: Session, by: Access, position: int, dice: random.Random) -> int:
    """Code a post, sometimes twice, or skip it; returns how many codings that stored."""
    if position % 6 == 0:
        skip(db, by, 1, position, "other", "I cannot read it.")
        return 0
    times = 2 if position % 4 == 0 else 1
    stored = [
        submit(db, by, 1, position, Sent(f"{by.member_id}-{position}-{n}", n, 1, typed(dice))).revision
        for n in range(times)
    ]
    return sum(revision > 0 for revision in stored)


def seen(db: Session, lead: Access, number: int) -> dict[str, str]:
    """The tokens of a decision form made now."""
    table = table_of(db, lead, scope_of(db, lead), number)
    return {each.variable.key: token(lead, each.standing) for each in table.questions}


def judge(db: Session, lead: Access) -> None:
    """Decide two posts, take one decision back, let a rule decide the rest, and undo that and do it again."""
    scope = scope_of(db, lead)
    for number, stance in ((1, "favour"), (2, "against"), (1, "against")):
        typed = {"v-stance": (stance,), "v-remark": ("mine",)}
        decide(db, lead, scope, number, Ruled(typed, seen(db, lead, number), "Read it.", False))
    withdraw(db, lead, scope, 2, "stance", seen(db, lead, 2)["stance"], "Not sure.")
    for number in (1, 2):
        rule = Rule("unanimous", 2)
        accept(db, lead, scope, rule, propose(db, scope, rule).fingerprint)
        if number == 1:
            undo(db, lead, number)


# What somebody with all rights can do to one row: its table, what is done, and which rows it can be done to.
_ANOTHER_CODE = "(SELECT min(code.id) FROM code WHERE code.id <> {table}.code_id)"
_ANOTHER_QUESTION = "(SELECT min(variable.id) FROM variable WHERE variable.id <> {table}.variable_id)"
_THE_LAST = "(SELECT max(decision.id) FROM decision)"
_LONG_AGO = "'2020-01-01 00:00:00.000000'"
ALTERATIONS = [
    ("coding", f"submitted_at = {_LONG_AGO}", ""),
    ("coding", "memo = memo || '.'", ""),
    ("coding", "reason = 'Because.'", ""),
    ("coding", "is_unsure = NOT is_unsure", ""),
    ("coding", "revision = revision + 50", ""),
    ("coding_answer", f"code_id = {_ANOTHER_CODE}", "code_id IS NOT NULL"),
    ("coding_answer", f"variable_id = {_ANOTHER_QUESTION}", ""),
    ("coding_answer", "number = number + 1", "number IS NOT NULL"),
    ("coding_answer", "text = text || ' '", "text IS NOT NULL"),
    ("coding_answer", "nothing_applies = NOT nothing_applies", ""),
    ("coding_answer", "DELETE", ""),
    ("coding_answer", "TWICE coding_id, variable_id, code_id, number, text, nothing_applies", ""),
    ("coding_span", "start = start + 1", ""),
    ("coding_span", f"code_id = {_ANOTHER_CODE}", ""),
    ("coding_span", "DELETE", ""),
    ("decision", "basis = 'consensus'", ""),
    ("decision", "reason = reason || '.'", ""),
    ("decision", f"decided_at = {_LONG_AGO}", ""),
    ("decision", "decided_by = NULL", ""),
    ("decision", "batch_id = NULL", "batch_id IS NOT NULL"),
    ("decision", f"variable_id = {_ANOTHER_QUESTION}", ""),
    ("decision", "TWICE project_id, post_id, variable_id, basis, reason, decided_by, decided_at", ""),
    ("decision_answer", f"code_id = {_ANOTHER_CODE}", "code_id IS NOT NULL"),
    ("decision_answer", "text = text || ' '", "text IS NOT NULL"),
    ("decision_answer", "DELETE", ""),
    ("assignment", "coding_id = NULL", "coding_id IS NOT NULL"),
    ("assignment", "state = 'withdrawn'", "state = 'submitted'"),
    ("standing_decision", "DELETE", ""),
    ("standing_decision", f"decision_id = {_THE_LAST}", f"decision_id <> {_THE_LAST}"),
]
# The same for an event: those that tell nothing of codings or decisions have no contents.
IN_SILENT_EVENTS = (
    "action = 'round.lock.'",
    "subject = subject || '0'",
    "details = details || ' '",
    "actor_id = coalesce(actor_id, 0) + 1",
    f"at = {_LONG_AGO}",
    "hash = previous_hash",
    "previous_hash = hash",
    "contents = '0'",
    "DELETE",
)
IN_EVENTS = (
    *IN_SILENT_EVENTS,
    "details = '{}'",
    "actor_id = NULL",
    "contents = contents || '0'",
    "contents = NULL",
)
# The column that leads from a row to its project, by way of the table it stands in.
_OF_PROJECT = {
    "coding": "assignment_id IN (SELECT id FROM assignment WHERE {assignments})",
    "coding_answer": "coding_id IN (SELECT id FROM coding WHERE {codings})",
    "coding_span": "coding_id IN (SELECT id FROM coding WHERE {codings})",
    "decision": "project_id = {id}",
    "decision_answer": "decision_id IN (SELECT id FROM decision WHERE project_id = {id})",
    "assignment": "{assignments}",
    "standing_decision": "project_id = {id}",
}


def rows_of(db: Session, project_id: int, table: str, condition: str) -> list[str]:
    """Conditions, each of which one row of a table meets."""
    assignments = f"round_id IN (SELECT id FROM round WHERE project_id = {project_id})"
    codings = f"assignment_id IN (SELECT id FROM assignment WHERE {assignments})"
    within = _OF_PROJECT[table].format(id=project_id, assignments=assignments, codings=codings)
    where = f"{within} AND {condition}" if condition else within
    if table != "standing_decision":
        found = db.scalars(text(f"SELECT id FROM {table} WHERE {where} ORDER BY id")).all()
        return [f"id = {id_}" for id_ in found]
    keys = db.execute(text(f"SELECT post_id, variable_id FROM standing_decision WHERE {where}")).all()
    return [f"post_id = {post} AND variable_id = {variable}" for post, variable in keys]


def alter(db: Session, table: str, how: str, row: str) -> None:
    """Do it to one row."""
    if how == "DELETE":
        done = f"DELETE FROM {table} WHERE {row}"
    elif how.startswith("TWICE "):
        columns = how.removeprefix("TWICE ")
        done = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE {row}"
    else:
        done = f"UPDATE {table} SET {how.replace('{table}', table)} WHERE {row}"
    db.execute(text(done))


@contextmanager
def in_the_hands_of_somebody(database: Database) -> Iterator[Session]:
    """A session that may change everything; nothing of it stays."""
    try:
        with database.writing() as db:
            db.add(Erasure(post_id=db.scalars(text("SELECT min(id) FROM post")).one()))
            db.flush()
            disarm(db)
            yield db
            raise _Over
    except _Over:
        return


class _Over(Exception):
    pass


def rebuilt(database: Database, worked: Worked) -> str:
    """All that is stored is what the history says; returns how much that is."""
    of_project = text(f"SELECT count(*) FROM decision WHERE project_id = {worked.project_id}")
    with database.reading() as db:
        found = rebuild(db, worked.project_id)
        n_decisions = db.scalars(of_project).one()
    assert found == Rebuilt(n_codings=worked.n_codings, n_decisions=n_decisions)
    assert n_decisions > worked.extent.n_posts
    return f"{found.n_codings} codings and {n_decisions} decisions rebuilt, all equal"


def altered_rows(db: Session, worked: Worked, dice: random.Random) -> int:
    """Alter one row at a time, in each way; each is found. Returns how many that were."""
    n_altered = 0
    for table, how, condition in ALTERATIONS:
        rows = rows_of(db, worked.project_id, table, condition)
        assert rows, f"{table}: {how}"
        for row in dice.sample(rows, min(worked.extent.n_rows, len(rows))):
            with db.begin_nested() as kept:
                alter(db, table, how, row)
                found = rebuild(db, worked.project_id)
                assert found.n_differences, f"{table} {row}: {how}"
                assert found.named[0].post is not None
                kept.rollback()
            n_altered += 1
    assert rebuild(db, worked.project_id).n_differences == 0
    return n_altered


def altered_events(db: Session, worked: Worked, dice: random.Random) -> int:
    """Alter one event at a time, in every way; each is found where it stands. Returns how many that were."""
    n_altered, chain = 0, col(HistoryEvent.chain) == worked.project_id
    events = db.execute(select(HistoryEvent.id, HistoryEvent.sequence).where(chain)).all()
    telling = set(db.scalars(select(HistoryEvent.id).where(chain, col(HistoryEvent.contents).is_not(None))))
    for id_, sequence in dice.sample(events, min(worked.extent.n_events, len(events))):
        for how in IN_EVENTS if id_ in telling else IN_SILENT_EVENTS:
            with db.begin_nested() as kept:
                alter(db, "history_event", how, f"id = {id_}")
                found = check_chain(db, worked.project_id).found
                assert found, f"event {sequence}: {how}"
                assert found.sequence in (sequence, sequence + 1)
                kept.rollback()
            n_altered += 1
    assert check_chain(db, worked.project_id).found is None
    return n_altered


@pytest.mark.timeout(3600)
def test_everything_is_rebuilt_and_whatever_is_altered_is_found(database: Database, worked: Worked) -> None:
    said, dice = rebuilt(database, worked), random.Random(7)
    with in_the_hands_of_somebody(database) as db:
        n_rows, n_events = altered_rows(db, worked, dice), altered_events(db, worked, dice)
    report(12, f"{name_of(database)}: {said}; {n_rows} altered rows and {n_events} altered events, all found")
