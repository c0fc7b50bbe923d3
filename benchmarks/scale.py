"""What a large project costs: a hundred thousand posts with three codings each, in seconds.

Each figure stands beside one full pass over the same codings and their answers, which nothing that looks at
all of them can beat. Run it with `python -m benchmarks.scale`, or with `--postgres`, or with fewer `--posts`.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import TextClause, func, text
from sqlmodel import Session, col, select

from benchmarks.crowd import add_study, code_everything
from server.adjudication.batches import accept, undo
from server.adjudication.bulk import propose
from server.adjudication.bulk_screen import bulk_page
from server.adjudication.filters import Filters
from server.adjudication.forms import BulkForm
from server.adjudication.queries import selected
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.codebooks.models import Code, Variable
from server.db.engine import Database
from server.db.migrate import migrate
from server.projects.access import Access
from server.reliability.pairing import PairsWanted
from server.reliability.report import agreement_report
from server.reliability.screens import MOST_PAIRS
from server.results.report import results_report
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.settings import Settings
from server.web.forms import Form
from tests.postgres import temporary_postgres

RULE = Rule("majority", 2)
PASS = (
    "SELECT count(*), sum(coding_answer.code_id) FROM assignment "
    "JOIN coding_answer ON coding_answer.coding_id = assignment.coding_id "
    "WHERE assignment.round_id = 1 AND assignment.state = 'submitted'"
)

# What counting the patterns of one variable costs the database alone: how many of each code a post has.
BARE_GROUP_BY = (
    "SELECT pattern, count(*) FROM (SELECT assignment.post_id, "
    "sum(CAST(1 AS BIGINT) << (4 * CAST(coding_answer.code_id - {first} AS INTEGER))) AS pattern "
    "FROM assignment JOIN coding_answer ON coding_answer.coding_id = assignment.coding_id "
    "WHERE assignment.round_id = 1 AND assignment.state = 'submitted' "
    "AND coding_answer.variable_id = {variable} "
    "GROUP BY assignment.post_id) AS posts GROUP BY pattern"
)


@dataclass
class Course:
    """One database and how long things took on it."""

    database: Database
    lead: Access
    reference: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def read(self, name: str, work: Callable[[Session], object]) -> None:
        """Time work that reads, with nothing remembered from before."""
        self.database.memory.clear()
        with self._timed(name), self.database.reading() as db:
            work(db)

    def write(self, name: str, work: Callable[[Session], object]) -> None:
        """Time a writing transaction up to its commit: so long nobody else writes on SQLite."""
        with self._timed(name), self.database.writing() as db:
            work(db)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds.setdefault(name, []).append(time.perf_counter() - began)

    def report(self) -> None:
        """Print the median of each, and how many passes over the codings it is worth."""
        print(f"{'':40}{'seconds':>9}{'passes':>9}")
        for name, seconds in self.seconds.items():
            median = statistics.median(seconds)
            print(f"{name:40}{median:9.2f}{median / self.reference:9.1f}")


def main() -> None:
    given = _arguments()
    with _address(postgres=given.postgres) as url:
        migrate(url)
        course = _filled(Database(url), given)
        for _ in range(given.repeats):
            _reading(course, only_agreement=given.only_agreement)
        if not given.only_agreement:
            _writing(course)
        course.report()
        course.database.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--authors", type=int, help="a quarter of the posts when left out")
    parser.add_argument("--annotators", type=int, default=3, help="who code three a post")
    parser.add_argument("--repeats", type=int, default=3, help="of what is read; the median is shown")
    parser.add_argument("--only-agreement", action="store_true", help="leave results and decisions out")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    return parser.parse_args()


@contextmanager
def _address(*, postgres: bool) -> Iterator[str]:
    if postgres:
        with temporary_postgres() as url:
            yield Settings(database_url=url).resolved_database_url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'scale.sqlite3'}"


def _filled(database: Database, given: argparse.Namespace) -> Course:
    with database.writing() as db:
        authors = given.authors or max(1, given.posts // 4)
        lead = add_study(db, given.posts, authors, given.annotators)
    course = Course(database, lead)
    _analyse(course)
    annotators = tuple(range(2, given.annotators + 2))
    design = RoundDesign("All", Purpose.MAIN, annotators, seed=1, k=min(3, given.annotators))
    course.write("open the round", lambda db: open_round(db, lead, design))
    with database.writing() as db:
        code_everything(db, lead)
    _analyse(course)
    return course


def _analyse(course: Course) -> None:
    """What PostgreSQL does by itself within a minute; SQLite has to do without."""
    if not course.database.is_sqlite:
        with course.database.writing() as db:
            db.connection().execute(text("ANALYZE"))


def _reading(course: Course, *, only_agreement: bool) -> None:
    lead = course.lead
    course.read("one pass over the codings", lambda db: db.connection().execute(text(PASS)).one())
    course.reference = statistics.median(course.seconds["one pass over the codings"])
    _agreement(course)
    if only_agreement:
        return
    course.read("agreement on everything, no pairs", lambda db: agreement_report(db, lead, pairs=None))
    course.read("results page", lambda db: results_report(db, lead))
    course.read("queue of disagreements", lambda db: selected(db, lead, scope_of(db, lead), Filters()))
    course.read("preview of many decisions", lambda db: bulk_page(db, lead, _form()))


def _agreement(course: Course) -> None:
    for variable, code in (("expression", "attachment"), ("emotion", None), ("stance", None)):
        pairs, bare = PairsWanted(code, MOST_PAIRS), _bare_group_by(course, variable)

        def page(db: Session, variable: str = variable, pairs: PairsWanted = pairs) -> object:
            return agreement_report(db, course.lead, variable=variable, pairs=pairs)

        def group(db: Session, bare: TextClause = bare) -> object:
            return db.connection().execute(bare).all()

        course.read(f"bare GROUP BY, {variable}", group)
        course.read(f"agreement page, {variable}", page)


def _bare_group_by(course: Course, key: str) -> TextClause:
    codes = select(col(Variable.id), func.min(Code.id)).join(Code, col(Code.variable_id) == col(Variable.id))
    with course.database.reading() as db:
        of_key = codes.where(col(Variable.key) == key).group_by(col(Variable.id))
        variable, first = db.execute(of_key).one()
    return text(BARE_GROUP_BY.format(variable=variable, first=first))


def _form() -> Form[BulkForm]:
    return Form(value=BulkForm(rule="majority", minimum=RULE.minimum))


def _writing(course: Course) -> None:
    lead = course.lead
    with course.database.reading() as db:
        fingerprint = propose(db, scope_of(db, lead), RULE).fingerprint
    course.write("accept it", lambda db: accept(db, lead, scope_of(db, lead), RULE, fingerprint))
    course.write("undo it", lambda db: undo(db, lead, 1))


if __name__ == "__main__":
    main()
