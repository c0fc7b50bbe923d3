"""What each page of the lead's desk costs, as a server answers it: 100,000 posts, three codings each.

Every page is asked for through the application, signed in. "First" is the first visit after a start; "then"
is the median of further visits. Each is also given as a multiple of a single indexed query: the codings of
one post. Run it with `python -m benchmarks.desk`, or with `--postgres`.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session

from benchmarks.crowd import add_study, code_everything
from server.adjudication.warming import warm
from server.app import create_app
from server.db.engine import Database
from server.db.migrate import migrate
from server.projects.access import Access
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.settings import Settings
from tests import make
from tests.postgres import temporary_postgres

ONE_POST = (
    "SELECT assignment.id, coding_answer.code_id FROM assignment "
    "JOIN coding_answer ON coding_answer.coding_id = assignment.coding_id WHERE assignment.post_id = 4711"
)
# So many of a hundred codings are unsure, and so many have a memo; so many of the posts people have decided.
UNSURE, MEMOS, DECIDED = 5, 3, 20
# So many posts in a hundred were decided twice, and coded again after their discussion.
TWICE = 10
DESK = "disagreements"
PAGES = (
    ("queue", DESK),
    ("queue, all of it", f"{DESK}?state=all"),
    ("queue, last page", f"{DESK}?state=all&page=99999"),
    ("queue, a variable", f"{DESK}?variable=stance"),
    ("queue, a code", f"{DESK}?code=expression:attachment"),
    ("queue, a pair", f"{DESK}?one=2&other=3"),
    ("queue, a round", f"{DESK}?round=1"),
    ("queue, unsure", f"{DESK}?flagged=unsure"),
    ("queue, marked in any way", f"{DESK}?flagged=any"),
    ("queue, entropy", f"{DESK}?entropy=0.9"),
    ("queue, sample", f"{DESK}?sample=200&seed=7"),
    ("queue, by entropy", f"{DESK}?order=entropy"),
    ("queue, random order", f"{DESK}?order=random"),
    ("queue, as imported", f"{DESK}?order=post"),
    ("post", f"{DESK}/4711"),
    ("post, by entropy", f"{DESK}/4711?order=entropy"),
    ("post, in a sample", f"{DESK}/4711?sample=200"),
    ("bulk", f"{DESK}/bulk"),
    ("problems of the codebook", f"{DESK}/codebook-problems"),
    ("settings of the desk", f"{DESK}/settings"),
    ("rounds", "rounds"),
    ("round", "rounds/1"),
    ("watch a round", "rounds/1/watch"),
    ("codebook", "codebook"),
    ("draft of the codebook", "codebook/draft"),
    ("history", "history"),
    ("bulk by question", f"{DESK}/bulk/by-question"),
    # Long work that is asked for by a button.
    ("bulk, preview of a majority", f"{DESK}/bulk?rule=majority&minimum=2"),
    ("bulk by question, preview", f"{DESK}/bulk/by-question?rule-stance=majority&minimum-stance=2"),
    ("models of annotators", f"{DESK}/models?on=stance"),
)
# Behind these, since they need a revealed round and two adjudicators.
LATER = (
    ("agreement of adjudicators", f"{DESK}/adjudicators"),
    ("side by side", "rounds/1/side-by-side"),
    ("side by side, one post", "rounds/1/side-by-side/4711"),
    ("before and after discussion", "rounds/1/before-and-after"),
)


def main() -> None:
    """Read the arguments, fill a database, visit the pages, print."""
    given = _arguments()
    with _settings(postgres=given.postgres) as settings:
        url = settings.resolved_database_url
        migrate(url)
        database = Database(url)
        key, token = _filled(database, given.posts)
        query = _median(lambda: _ask(database), 20)
        print(f"single indexed query: {1000 * query:.2f} ms")
        print(f"{'':30}{'first ms':>10}{'then ms':>10}{'ratio':>9}")
        app = create_app(settings)
        warm(app.state.database)  # As `intercoder serve` does while it starts.
        with TestClient(app, cookies={"session": token}) as client:
            for name, path in PAGES:
                _visit(client, name, f"/projects/{key}/{path}", query, given.repeats)
            _decide_twice_and_discuss(database)
            for name, path in LATER:
                _visit(client, name, f"/projects/{key}/{path}", query, given.repeats)
        database.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    return parser.parse_args()


@contextmanager
def _settings(*, postgres: bool) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as folder:
        if postgres:
            with temporary_postgres() as url:
                yield Settings(database_url=url, data=Path(folder))
        else:
            yield Settings(data=Path(folder))


def _filled(database: Database, n_posts: int) -> tuple[str, str]:
    with database.writing() as db:
        lead = add_study(db, n_posts, max(1, n_posts // 4), 3)
    _analyse(database)
    with database.writing() as db:
        open_round(db, lead, RoundDesign("All", Purpose.MAIN, (2, 3, 4), seed=1, k=3))
    with database.writing() as db:
        code_everything(db, lead, UNSURE, MEMOS)
        _decide(db, lead)
    _analyse(database)
    with database.writing() as db:
        return lead.project_key, make.session(db, lead.account_id)


def _decide(db: Session, lead: Access) -> None:
    """Some posts are decided one by one."""
    for statement in (
        "INSERT INTO decision (project_id, post_id, variable_id, basis, reason, decided_by, decided_at) "
        f"SELECT 1, post.id, variable.id, 'adjudicated', 'Read again.', {lead.account_id}, '2025-08-08' "
        f"FROM post, variable WHERE post.id % 1000 * 7 % 100 < {DECIDED} AND variable.key = 'stance'",
        "INSERT INTO standing_decision (post_id, variable_id, project_id, decision_id) "
        "SELECT post_id, variable_id, project_id, id FROM decision",
    ):
        db.connection().execute(text(statement))


def _decide_twice_and_discuss(database: Database) -> None:
    """Two adjudicators decide some posts, and the round is revealed and some of it coded again."""
    is_some = f"post_id % 1000 * 3 % 100 < {TWICE}"
    with database.writing() as db:
        for statement in (
            "UPDATE round SET revealed_at = '2025-08-09'",
            "INSERT INTO decision (project_id, post_id, variable_id, basis, reason, decided_by, decided_at) "
            "SELECT project_id, post_id, variable_id, 'second', '', 2, '2025-08-09' FROM decision "
            f"WHERE {is_some}",
            "INSERT INTO decision_answer (decision_id, code_id, nothing_applies) SELECT decision.id, "
            "(SELECT min(code.id) FROM code WHERE code.variable_id = decision.variable_id) "
            f"+ decision.id % 2, false FROM decision WHERE {is_some}",
            "INSERT INTO second_decision (decision_id, first_id, project_id, post_id, variable_id, is_alike) "
            "SELECT two.id, one.id, 1, one.post_id, one.variable_id, one.id % 2 = two.id % 2 "
            "FROM decision one JOIN decision two ON two.post_id = one.post_id "
            "WHERE one.basis = 'adjudicated' AND two.basis = 'second'",
            "INSERT INTO second_coding (id, round_id, post_id, member_id, version_id, submitted_at) "
            "SELECT id, round_id, post_id, member_id, 1, '2025-08-10' FROM assignment "
            f"WHERE {is_some}",
            "INSERT INTO second_answer (second_coding_id, variable_id, code_id, nothing_applies) "
            "SELECT coding_id, variable_id, code_id, nothing_applies FROM coding_answer "
            "JOIN second_coding ON second_coding.id = coding_id",
        ):
            db.connection().execute(text(statement))
    _analyse(database)


def _analyse(database: Database) -> None:
    """What PostgreSQL does by itself within a minute; SQLite has to do without."""
    if not database.is_sqlite:
        with database.writing() as db:
            db.connection().execute(text("ANALYZE"))


def _ask(database: Database) -> None:
    with database.reading() as db:
        db.connection().execute(text(ONE_POST)).all()


def _median(work: Callable[[], object], times: int) -> float:
    return statistics.median(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _visit(client: TestClient, name: str, path: str, query: float, repeats: int) -> None:
    def visit() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            print(f"{name}: {answer.status_code}")

    first, then = _timed(visit), _median(visit, repeats)
    print(f"{name:30}{1000 * first:10.0f}{1000 * then:10.0f}{then / query:9.1f}")


if __name__ == "__main__":
    main()
