"""The sample study in a project: what its pages promise holds there, on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.actions import create_account
from server.adjudication.filters import Filters
from server.adjudication.models import Decision, StandingDecision
from server.adjudication.queries import selected
from server.adjudication.scope import scope_of
from server.archive import recompute
from server.coding.models import Coding, CodingAnswer
from server.coding.queries import own_rounds, queue_begins
from server.corpora.models import Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.access import Access
from server.projects.actions import add_member, create_project
from server.projects.models import Project
from server.projects.roles import Role
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.report import agreement_report
from server.results.report import results_report
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.sample.store import store_study
from server.sample.study import SampleStudy, sample_study
from tests.archive.unpacking import alter, unpacked
from tests.stock import Stock


@dataclass(frozen=True)
class Stored:
    """The sample study in a database, and its people."""

    database: Database
    study: SampleStudy
    lead: Access
    annotators: dict[str, Access]


@pytest.fixture(scope="module")
def study() -> SampleStudy:
    return sample_study()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stored(
    request: pytest.FixtureRequest, study: SampleStudy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stored]:
    """The study is stored once a database, since that takes seconds."""
    stock: Stock = request.getfixturevalue(f"{request.param}_stock")
    with stock.empty(tmp_path_factory.mktemp("sample")) as settings:
        database = Database(settings.resolved_database_url)
        with database.writing() as db:
            lead, annotators = _people(db, study)
            store_study(db, lead, annotators, study)
        yield Stored(database, study, lead, annotators)
        database.dispose()


def _people(db: Session, study: SampleStudy) -> tuple[Access, dict[str, Access]]:
    account = create_account(db, None, "lead", "Lead", may_create_projects=True)
    lead = create_project(db, account, study.title, study.about, is_synthetic=True)
    annotators = {}
    for place, shown in enumerate(study.annotators):
        person = create_account(db, None, f"annotator-{place}", shown)
        annotators[shown] = add_member(db, lead.project_id, person, Role.ANNOTATOR)
    return lead, annotators


def test_the_project_says_that_it_is_synthetic(stored: Stored) -> None:
    with stored.database.reading() as db:
        project = db.scalars(select(Project)).one()

    assert project.is_synthetic
    assert "made up" in project.description


def test_posts_authors_and_days(stored: Stored) -> None:
    with stored.database.reading() as db:
        posts = db.execute(
            select(col(Post.number), col(Post.external_id), col(Post.author), col(Post.posted_at))
        ).all()

    assert sorted(post.number for post in posts) == list(range(1, 1_483))
    assert len({post.external_id for post in posts}) == 1_482
    assert len({post.author for post in posts}) == 381
    days = {post.posted_at.date().isoformat() for post in posts}
    assert days == {f"2025-08-{day:02d}" for day in range(6, 15)}


def test_every_coding_is_stored_as_it_was_simulated(stored: Stored) -> None:
    submitted = [coding for coding in stored.study.codings if coding.skip_reason is None]
    n_answers = sum(max(1, len(codes)) for coding in submitted for codes in coding.answers.values())

    with stored.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Coding)) == len(submitted)
        assert db.scalar(select(func.count()).select_from(CodingAnswer)) == n_answers
        rows = db.execute(
            select(col(Assignment.state), func.count().label("n")).group_by(col(Assignment.state))
        )
        states = {row.state: row.n for row in rows}
        unsure = db.scalar(select(func.count()).where(col(Coding.is_unsure)))
    assert states["submitted"] == len(submitted)
    assert states["skipped"] == len(stored.study.codings) - len(submitted)
    assert states["queued"] == 3 * 1_482 - len(stored.study.codings)
    assert unsure == sum(coding.unsure for coding in submitted)


def test_the_counters_of_progress_are_right(stored: Stored) -> None:
    counted = func.count().label("n")
    with stored.database.reading() as db:
        rows = db.execute(
            select(col(Assignment.member_id), col(Assignment.state), counted).group_by(
                col(Assignment.member_id), col(Assignment.state)
            )
        )
        found = {(row.member_id, row.state): row.n for row in rows}
        for counter in db.scalars(select(RoundAnnotator)):
            assert counter.n_assigned == 1_482
            assert counter.n_submitted == found.get((counter.member_id, "submitted"), 0)
            assert counter.n_skipped == found.get((counter.member_id, "skipped"), 0)


def test_the_round_is_open_and_each_annotator_has_posts_left(stored: Stored) -> None:
    with stored.database.reading() as db:
        round_ = db.scalars(select(Round)).one()
        assert (round_.purpose, round_.locked_at, round_.revealed_at) == ("main", None, None)
        for annotator in stored.annotators.values():
            (own,) = own_rounds(db, annotator)
            assert queue_begins(db, annotator, own) is not None


def test_the_results_read_like_the_table_of_the_study(stored: Stored) -> None:
    with stored.database.reading() as db:
        report = results_report(db, stored.lead)

    shares = {code.key: code.share for variable in report.variables for code in variable.codes}
    attachment, dependency = shares["relational_attachment"], shares["instrumental_dependency"]
    assert attachment.share == pytest.approx(0.27, abs=0.015)
    assert dependency.share == pytest.approx(0.13, abs=0.015)
    for share in (attachment, dependency):
        assert share.interval is not None
        assert share.share is not None
        assert share.interval[0] < share.share < share.interval[1]
    assert report.is_clustered


def test_annotators_disagree_like_people(stored: Stored) -> None:
    with stored.database.reading() as db:
        report = agreement_report(db, stored.lead, Measuring(None, DEFAULT_SEED, 100), pairs=None)

    (expression,) = [variable for variable in report.variables if variable.kind == "multiple"]
    alphas = [code.alpha.estimate for code in expression.codes]
    assert len(alphas) >= 6
    assert all(alpha is not None and 0.55 < alpha < 0.93 for alpha in alphas)
    assert {variable.kind for variable in report.variables} == {"multiple", "ordinal", "single"}


def test_part_is_decided_and_something_is_left_to_review(stored: Stored) -> None:
    with stored.database.reading() as db:
        n_decisions = db.scalar(select(func.count()).select_from(Decision))
        n_standing = db.scalar(select(func.count()).select_from(StandingDecision))
        left = selected(db, stored.lead, scope_of(db, stored.lead), Filters())

    assert n_decisions == n_standing == len(stored.study.decisions)
    assert n_decisions > 0
    assert len(left.queue.open) > 50
    assert len(left.queue.open) < len(left.queue.disputes)


def test_the_history_says_where_it_came_from(stored: Stored) -> None:
    with stored.database.reading() as db:
        event = db.scalars(select(HistoryEvent).where(col(HistoryEvent.action) == "sample.fill")).one()

    assert (event.actor_id, event.subject) == (None, "round 1")
    assert f'"codings":{len(stored.study.codings)}' in event.details


def test_its_archive_gives_every_published_number_again(stored: Stored, tmp_path: Path) -> None:
    with stored.database.reading() as db:
        folder = unpacked(db, stored.lead, tmp_path / "archive")
    # Alone: without this program, as whoever gets the archive runs it.
    command = [sys.executable, "-E", "-s", "recompute.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    n_numbers, said = done.stdout.splitlines()[-1].split(" ", 1)
    assert said == "published numbers, 0 not the same."
    assert int(n_numbers) > 500
    alter(folder, "codings.csv", ",in_favour,in_favour,", ",against,against,")
    assert recompute.main(folder) == 1
