"""Ratings from elsewhere become a locked round, their coders members, and nothing is stored twice."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.actions import count_attempt, make_reset_link
from server.accounts.models import Account
from server.accounts.names import is_name
from server.accounts.queries import all_accounts
from server.coding.models import Coding, CodingAnswer
from server.corpora.models import Erasure, Post
from server.errors import Conflict, NotFound, Refusal
from server.exchange.ratings import recording
from server.exchange.ratings.actions import RatingsOutcome, import_ratings, propose_import
from server.history.contents import read
from server.history.models import HistoryEvent
from server.history.queries import check_chain
from server.projects.models import Member
from server.rebuilding.differences import Kind, Rebuilt
from server.rebuilding.queries import rebuild
from server.reliability.report import agreement_report
from server.rounds.models import Assignment, Round, RoundAnnotator
from tests import make
from tests.cast import Cast, make_cast
from tests.exchange.files import table_of
from tests.stock import on_one_database

ROWS = (
    "0,anna,stance,against,,students,2025-08-07T10:00:00Z",
    "0,anna,expression,attachment,1,students,2025-08-07T10:01:00Z",
    "0,anna,expression,quality,1,students,",
    "0,ben,stance,favour",
    "0,ben,expression,none,1",
    "1,anna,emotion,3",
)


@pytest.fixture
def study(db: Session) -> tuple[Cast, list[Post]]:
    """A study with a codebook and two posts, beside a neighbour with the same."""
    other = make_cast(db)
    make.published(db, other.project)
    make.posts(db, other.project, 2)
    cast = make_cast(db)
    make.published(db, cast.project)
    return cast, make.posts(db, cast.project, 2)


def imported(db: Session, study: tuple[Cast, list[Post]], *rows: str) -> RatingsOutcome:
    cast, posts = study
    return import_ratings(db, cast.lead, table_of(posts, *rows))


def count(db: Session, of: type) -> int:
    return db.scalar(select(func.count()).select_from(of)) or 0


def members(db: Session, cast: Cast) -> dict[str, Member]:
    rows = db.execute(
        select(col(Account.display_name), Member)
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.project_id) == cast.lead.project_id)
    )
    return dict(rows.all())


def test_ratings_become_a_locked_round(db: Session, study: tuple[Cast, list[Post]]) -> None:
    outcome = imported(db, study, *ROWS)

    assert (outcome.n_codings, outcome.n_posts, outcome.n_annotators, outcome.is_new) == (3, 2, 2, True)
    assert outcome.plan.problems == []
    round_ = db.scalars(select(Round)).one()
    assert (round_.number, round_.purpose, round_.is_imported, round_.n_posts) == (1, "main", True, 2)
    assert round_.locked_at is not None
    assert round_.project_id == study[0].lead.project_id
    counters = db.execute(select(col(RoundAnnotator.n_assigned), col(RoundAnnotator.n_submitted))).all()
    assert sorted(tuple(row) for row in counters) == [(1, 1), (2, 2)]
    assert set(db.scalars(select(col(Assignment.state)))) == {"submitted"}
    # Nothing applies is an answer of its own; what was not answered has no row.
    answers = db.scalars(select(CodingAnswer)).all()
    assert sum(answer.nothing_applies for answer in answers) == 1
    assert len(answers) == len(ROWS)


def test_the_time_of_a_rating_is_when_it_was_submitted(db: Session, study: tuple[Cast, list[Post]]) -> None:
    imported(db, study, *ROWS)

    times = set(db.scalars(select(col(Coding.submitted_at))))

    assert datetime(2025, 8, 7, 10, 1, tzinfo=UTC) in times


def test_agreement_counts_imported_ratings(db: Session, study: tuple[Cast, list[Post]]) -> None:
    imported(db, study, *ROWS)

    report = agreement_report(db, study[0].lead, variable="stance")

    assert (report.variables[0].n_units, report.variables[0].n_annotators) == (1, 2)


def test_coders_become_members_with_their_group(db: Session, study: tuple[Cast, list[Post]]) -> None:
    cast, _posts = study

    imported(db, study, *ROWS)

    found = members(db, cast)
    assert (found["anna"].role, found["anna"].coder_group, found["ben"].coder_group) == (
        "annotator",
        "students",
        None,
    )
    numbers = sorted(member.number for member in found.values())
    assert numbers == list(range(1, len(numbers) + 1))


@on_one_database
@pytest.mark.parametrize("coder", ["anna", "Anna Müller", "a/b", "../..", "x" * 200, "lead"])
def test_a_coder_can_neither_sign_in_nor_be_given_a_password(
    db: Session, study: tuple[Cast, list[Post]], coder: str
) -> None:
    imported(db, study, f"0,{coder},stance,against")

    account = db.scalars(select(Account).where(col(Account.display_name) == coder)).one()
    assert account.password_hash is None
    assert not is_name(account.name)
    assert count_attempt(db, account.name, "127.0.0.1").account_id is None
    with pytest.raises(NotFound):
        make_reset_link(db, None, account.name)
    assert account.name not in {row.name for row in all_accounts(db)}


def test_coders_of_two_projects_are_different_people(db: Session, study: tuple[Cast, list[Post]]) -> None:
    imported(db, study, *ROWS)
    other = make_cast(db)
    make.published(db, other.project)

    imported(db, (other, make.posts(db, other.project, 1)), "0,anna,stance,against")

    names = db.scalars(select(col(Account.name)).where(col(Account.display_name) == "anna")).all()
    assert len(set(names)) == 2


def test_a_coder_called_like_a_member_is_that_member(db: Session, study: tuple[Cast, list[Post]]) -> None:
    cast, _posts = study
    before = count(db, Member)
    sign_in = db.get_one(Account, cast.annotator.account_id).name

    imported(db, study, f"0,{sign_in.upper()},stance,against,,experts", "0,Other Annotator,stance,favour")

    # Nobody is shown as "Other Annotator" alone: that is a newcomer.
    assert count(db, Member) == before + 1
    coded = set(db.scalars(select(col(Assignment.member_id))))
    assert cast.annotator.member_id in coded
    assert db.get_one(Member, cast.annotator.member_id).coder_group == "experts"


def test_a_shown_name_counts_where_it_is_the_only_one(db: Session, study: tuple[Cast, list[Post]]) -> None:
    cast, posts = study
    db.get_one(Account, cast.annotator.account_id).display_name = "Anna B."
    for who in (cast.viewer, cast.adjudicator):
        db.get_one(Account, who.account_id).display_name = "Twin"
    db.flush()

    proposal = propose_import(
        db, cast.lead, table_of(posts, "0,Anna B.,stance,against", "0,Twin,stance,favour")
    )

    assert proposal.members == {"Anna B.": cast.annotator.member_id}
    assert proposal.newcomers == ["Twin"]


def test_coders_that_differ_in_case_stay_apart(db: Session, study: tuple[Cast, list[Post]]) -> None:
    cast, _posts = study
    name = db.get_one(Account, cast.annotator.account_id).name

    outcome = imported(db, study, f"0,{name},stance,against", f"0,{name.upper()},stance,favour")

    assert (outcome.n_annotators, outcome.n_codings) == (2, 2)
    assert len(set(db.scalars(select(col(Assignment.member_id))))) == 2


def test_the_same_ratings_again_change_nothing(db: Session, study: tuple[Cast, list[Post]]) -> None:
    first = imported(db, study, *ROWS)
    before = [count(db, table) for table in (Round, Coding, Member, HistoryEvent)]

    again = imported(db, study, *reversed(ROWS))

    assert (again.is_new, again.round_number) == (False, first.round_number)
    assert [count(db, table) for table in (Round, Coding, Member, HistoryEvent)] == before


def test_a_rating_given_twice_is_reported_and_not_merged(db: Session, study: tuple[Cast, list[Post]]) -> None:
    outcome = imported(
        db,
        study,
        "0,anna,stance,against",
        "0,anna,stance,favour",
        "1,anna,stance,favour",
        "1,anna,stance,favour",
    )

    assert [(problem.number, problem.is_mistake) for problem in outcome.plan.problems] == [
        (3, False),
        (5, False),
    ]
    assert outcome.n_codings == 1


@on_one_database
@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("0,anna,stance,undecided", "has no code “undecided”"),
        ("0,anna,mood,against", "no question “mood”"),
        ("0,,stance,against", "no coder"),
        (f"0,{'x' * 201},stance,against", "longer than 200"),
    ],
)
def test_what_cannot_be_taken_is_said_with_its_row(
    db: Session, study: tuple[Cast, list[Post]], row: str, part: str
) -> None:
    before = [count(db, table) for table in (Round, Member, Account)]

    with pytest.raises(Refusal, match="Row 2") as refusal:
        imported(db, study, row)

    assert part in refusal.value.message
    assert [count(db, table) for table in (Round, Member, Account)] == before


def test_without_a_codebook_there_are_no_ratings(db: Session) -> None:
    cast = make_cast(db)

    with pytest.raises(Refusal, match="published codebook"):
        imported(db, (cast, make.posts(db, cast.project, 1)), ROWS[0])


def test_what_was_shown_is_what_is_done(db: Session, study: tuple[Cast, list[Post]]) -> None:
    cast, posts = study
    table = table_of(posts, *ROWS)
    seen = propose_import(db, cast.lead, table).fingerprint
    make.published(db, cast.project)

    with pytest.raises(Conflict):
        import_ratings(db, cast.lead, table, seen=seen)

    assert count(db, Round) == 0
    now_seen = propose_import(db, cast.lead, table).fingerprint
    assert import_ratings(db, cast.lead, table, seen=now_seen).is_new


def test_computed_questions_are_passed_over(db: Session, study: tuple[Cast, list[Post]]) -> None:
    cast, posts = study
    table = table_of(posts, "0,anna,frames,x", "0,anna,stance,against")

    outcome = import_ratings(db, cast.lead, table, derived=frozenset({"frames"}))

    assert (outcome.plan.mistakes, len(outcome.plan.notices), outcome.n_codings) == ([], 1, 1)


def test_the_history_tells_of_the_import(db: Session, study: tuple[Cast, list[Post]]) -> None:
    imported(db, study, *ROWS)

    event = db.scalars(select(HistoryEvent).where(col(HistoryEvent.action) == "ratings.import")).one()

    assert (event.subject, event.actor_id) == ("round 1", study[0].lead.account_id)
    assert '"codings":3' in event.details


def test_an_altered_imported_coding_is_found(
    db: Session, study: tuple[Cast, list[Post]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "CODINGS_OF_AN_EVENT", 2)
    imported(db, study, *ROWS)
    project_id = study[0].lead.project_id

    events = db.scalars(select(HistoryEvent).where(col(HistoryEvent.action) == "ratings.import")).all()
    assert [len(read(event.contents)) for event in events] == [2, 1]
    assert check_chain(db, project_id).found is None
    assert rebuild(db, project_id) == Rebuilt(n_codings=3)

    db.add(Erasure(post_id=study[1][0].id or 0))
    db.flush()
    answer = db.scalars(select(CodingAnswer).where(col(CodingAnswer.nothing_applies).is_(True))).one()
    db.get_one(Coding, answer.coding_id).is_unsure = True
    db.delete(answer)
    db.flush()

    [found] = rebuild(db, project_id).named
    assert (found.kind, found.post, found.fields) == (Kind.CHANGED, 1, ("expression", "unsure"))
