"""How PostgreSQL answers the statements that matter, over ten million codings: `python -m benchmarks.plans`.

A study is written by the database itself, then the pages are opened as people open them, and every statement
they send is planned and run once more by `EXPLAIN ANALYZE`: the annotator's, one after another, and of the
lead's pages those that take longest. What writes is taken back. `--codings 300000` for a first look.
"""

import argparse
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

import psycopg
from fastapi.testclient import TestClient
from psycopg import ClientCursor
from sqlalchemy import text
from sqlmodel import Session

from benchmarks.browser import hidden_fields
from benchmarks.crowd import add_study, code_everything
from benchmarks.study import ANSWERS, MOMENT, PROJECT_KEY, add_rows
from server.accounts.models import SignInSession
from server.accounts.queries import hash_token
from server.app import create_app
from server.db.engine import Database
from server.db.migrate import migrate
from server.db.wire import Wire
from server.rounds.models import Round, RoundAnnotator
from server.settings import Settings
from tests.postgres import temporary_postgres

CODERS = 3
LEFT_TO_CODE = 5_000
ROUND = f"/projects/{PROJECT_KEY}/rounds/1"
LEADS_PAGES = {
    "the project": f"/projects/{PROJECT_KEY}",
    "the round": ROUND,
    "posts, first page": f"/projects/{PROJECT_KEY}/posts",
    "history": f"/projects/{PROJECT_KEY}/history",
}
# One question of the agreement page, as one parallel pass that a distributed engine splits by post.
AGREEMENT = """
SELECT pattern, count(*) FROM (
    SELECT assignment.post_id, sum(1::bigint << (4 * (coding_answer.code_id - 11)::int)) AS pattern
    FROM assignment JOIN coding_answer ON coding_answer.coding_id = assignment.coding_id
    WHERE assignment.round_id = 1 AND assignment.state = 'submitted' AND coding_answer.variable_id = 3
    GROUP BY assignment.post_id) AS posts
GROUP BY pattern"""

SCAN = re.compile(r"(?:Parallel )?(?:Seq|Index Only|Index|Bitmap Heap) Scan[^(]*")


@dataclass(frozen=True)
class Sent:
    """A statement as the program sent it, with its values."""

    sql: str
    values: Any


def main() -> None:
    """Fill a database, open the pages, print the plans."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--codings", type=int, default=10_000_000)
    parser.add_argument("--plans", action="store_true", help="print the whole plan of each statement")
    given = parser.parse_args()
    with temporary_postgres() as address:
        settings = Settings(database_url=address)
        migrate(settings.resolved_database_url)
        lead, annotator = _filled(settings.resolved_database_url, given.codings // CODERS)
        with psycopg.connect(address) as db:
            _sizes(db)
            pages = {
                **{f"annotator: {name}": sent for name, sent in _annotators(settings, annotator)},
                **{f"lead: {name}": sent for name, sent in _leads(settings, lead)},
                "lead: agreement on one question, grouped": [Sent(AGREEMENT, None)],
            }
            for name, statements in pages.items():
                _explain(db, name, statements, whole=given.plans)


# The study


def _filled(url: str, n_posts: int) -> tuple[str, str]:
    """The sessions of the lead and of one annotator who has some posts left."""
    database, began = Database(url), time.perf_counter()
    with database.writing() as db:
        # What is written here refers to what is there; looking it up for each row takes most of the time.
        db.execute(text("SET LOCAL session_replication_role = replica"))
        lead = add_study(db, n_posts, max(1, n_posts // 4), CODERS + 1)
        _open_round(db, n_posts)
        code_everything(db, lead)
        _leave_some_to_code(db)
        tokens = [_session(db, account) for account in (1, CODERS + 2)]
    with database.alone() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    database.dispose()
    print(f"{n_posts:,} posts, {CODERS * n_posts:,} codings written in {time.perf_counter() - began:.0f} s")
    return tokens[0], tokens[1]


def _open_round(db: Session, n_posts: int) -> None:
    """Every annotator but the last has every post."""
    round_ = {"id": 1, "project_id": 1, "number": 1, "title": "All", "purpose": "main", "n_posts": n_posts}
    add_rows(db, Round, [round_ | {"codebook_version_id": 1, "design": {}, "opened_at": MOMENT}])
    members = range(2, CODERS + 2)
    counter = {"round_id": 1, "n_submitted": 0, "n_skipped": 0}
    add_rows(db, RoundAnnotator, [counter | {"member_id": each, "n_assigned": n_posts} for each in members])
    for member in members:
        _assign(db, member, n_posts)


def _leave_some_to_code(db: Session) -> None:
    """One more annotator, who has coded nothing yet, and the round open again."""
    db.execute(text("UPDATE round SET locked_at = NULL"))
    counter = {"round_id": 1, "member_id": CODERS + 2, "n_assigned": LEFT_TO_CODE}
    add_rows(db, RoundAnnotator, [counter | {"n_submitted": 0, "n_skipped": 0}])
    _assign(db, CODERS + 2, LEFT_TO_CODE)
    for table in ("assignment", "coding"):
        db.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )


def _assign(db: Session, member: int, n_posts: int) -> None:
    statement = (
        "INSERT INTO assignment (round_id, member_id, post_id, position, state, is_extra) "
        "SELECT 1, :member, id, id, 'queued', false FROM post WHERE id <= :posts ORDER BY id"
    )
    db.execute(text(statement), {"member": member, "posts": n_posts})


def _session(db: Session, account_id: int) -> str:
    token, now = secrets.token_urlsafe(16), datetime.now(UTC)
    row = {"token_hash": hash_token(token), "account_id": account_id, "created_at": now}
    add_rows(db, SignInSession, [row | {"expires_at": now + timedelta(days=1)}])
    return token


# What the pages send


def _annotators(settings: Settings, session: str) -> Iterator[tuple[str, list[Sent]]]:
    """The statements of the next post and of its submission."""
    with _browser(settings, session) as client:
        place = f"{ROUND}/code/1"
        client.get(place)
        with _listening() as read:
            page = client.get(place)
        yield "the next post", read
        with _listening() as written, _taking_back(client):
            fields = [*hidden_fields(page.content), *ANSWERS]
            answer = client.post(place, data=_form(fields))
        if answer.status_code != 303:
            raise SystemExit(f"the submission was answered with {answer.status_code}")
        yield "a submission", written


def _leads(settings: Settings, session: str) -> Iterator[tuple[str, list[Sent]]]:
    """The statements of each of the lead's pages, looked at for the first time."""
    with _browser(settings, session) as client:
        for name, path in LEADS_PAGES.items():
            began = time.perf_counter()
            with _listening() as sent:
                answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path} was answered with {answer.status_code}")
            yield f"{name} ({1_000 * (time.perf_counter() - began):.0f} ms in all)", sent


@contextmanager
def _browser(settings: Settings, session: str) -> Iterator[TestClient]:
    application = create_app(settings)
    with TestClient(application, base_url=settings.resolved_base_url, follow_redirects=False) as client:
        client.cookies.set("session", session)
        yield client


def _form(fields: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    return form


@contextmanager
def _listening() -> Iterator[list[Sent]]:
    """Every statement that goes through the driver meanwhile."""
    heard: list[Sent] = []
    ordinary = {name: getattr(psycopg.Cursor, name) for name in ("execute", "executemany")}

    def execute(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        heard.append(Sent(str(query), params))
        return ordinary["execute"](cursor, query, params, **options)

    def executemany(cursor: Any, query: Any, params_seq: Any, **options: Any) -> Any:
        heard.append(Sent(str(query), params_seq[0]))
        return ordinary["executemany"](cursor, query, params_seq, **options)

    on_wire = Wire.written

    def written(wire: Wire, sql: str, values: Sequence[Any]) -> Any:
        named = {f"value{place}": value for place, value in enumerate(values, start=1)}
        heard.append(Sent(re.sub(r"\$(\d+)", r"%(value\1)s", sql.replace("%", "%%")), named))
        return on_wire(wire, sql, values)

    with (
        patch.multiple(psycopg.Cursor, execute=execute, executemany=executemany),
        patch.object(Wire, "written", written),
    ):
        yield heard


@contextmanager
def _taking_back(client: TestClient) -> Iterator[None]:
    """Nothing is kept meanwhile, so that the same can be written once more."""
    dialect = cast(Any, client.app).state.database.engine.dialect
    with patch.object(dialect, "do_commit", dialect.do_rollback):
        yield


# Plans


def _sizes(db: psycopg.Connection[Any]) -> None:
    print("\nRows and size, indexes included:")
    for table in ("post", "assignment", "coding", "coding_answer"):
        found = db.execute(
            "SELECT reltuples::bigint, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class "
            "WHERE relname = %s AND relkind = 'r'",
            (table,),
        ).fetchone()
        if found:
            print(f"  {table:14} {found[0]:>14,} {found[1]:>10}")


def _explain(db: psycopg.Connection[Any], name: str, statements: Sequence[Sent], *, whole: bool) -> None:
    """Print what each statement costs by itself, and how PostgreSQL goes about it."""
    print(f"\n{name}")
    # A coding that was taken back had a number, which the answers refer to.
    db.execute("SELECT setval(pg_get_serial_sequence('coding', 'id'), (SELECT max(id) FROM coding))")
    cursor, wanted = ClientCursor(db), [each for each in statements if _is_planned(each.sql)]
    for each in wanted:
        bound = cursor.mogrify(each.sql, each.values)
        rows = db.execute(f"EXPLAIN (ANALYZE, COSTS OFF, SUMMARY ON) {bound}".encode()).fetchall()
        _print_plan(bound, [row[0] for row in rows], whole=whole)
    db.rollback()


def _is_planned(sql: str) -> bool:
    return re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", sql) is not None and "pg_catalog" not in sql


def _print_plan(sql: str, lines: Sequence[str], *, whole: bool) -> None:
    took = next(line for line in lines if line.startswith("Execution Time")).partition(":")[2].strip()
    table = re.search(r"(?:FROM|INTO|UPDATE) (\w+)", sql)
    scans = dict.fromkeys(each.strip() for each in SCAN.findall("\n".join(lines)))
    what = f"{sql.split(maxsplit=1)[0]} {table[1] if table else ''}"
    print(f"  {took:>13}  {what:26}  {', '.join(scans) or 'no scan'}")
    if whole:
        print("\n".join(f"      {line}" for line in lines))


if __name__ == "__main__":
    main()
