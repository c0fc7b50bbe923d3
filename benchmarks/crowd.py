"""A large coded study, written by the database itself from numbers that look like chance.

Every post has a truth, and every annotator now and then sees something else. No row passes through Python,
so that a hundred thousand posts are there in seconds, and the same on both databases.
"""

from collections.abc import Iterator

from sqlalchemy import bindparam, text
from sqlmodel import Session

from benchmarks.study import CODEBOOK, MOMENT, TEXT, add_project, add_rows
from server.accounts.models import Account
from server.corpora.models import ImportBatch
from server.db.tables import UtcDateTime
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Role
from server.rounds.actions import lock_round

# How many of a hundred posts carry each code of the multiple choice, and how often an annotator errs.
_SHARES = (27, 13, 30, 20, 10, 5)
_ERRS, _ERRS_ON_A_CODE = 15, 5


def add_study(db: Session, n_posts: int, n_authors: int, n_annotators: int) -> Access:
    """Posts, a codebook, a lead and annotators who code nothing yet; returns the lead's access."""
    add_project(db)
    _people(db, n_annotators)
    counts = dict.fromkeys(("n_new", "n_unchanged", "n_changed", "n_duplicates", "n_refused"), 0)
    batch = {"id": 1, "project_id": 1, "number": 1, "filename": "posts.csv", "file_hash": "", "mapping": {}}
    add_rows(db, ImportBatch, [batch | counts | {"imported_at": MOMENT}])
    author = f"'user_' || ((({_dice('i', '7')}) * 32768 + ({_dice('i', '8')})) % {n_authors})"
    words = TEXT.replace("{number}", "").replace("'", "''")
    _run(
        db,
        f"WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {n_posts}) "
        "INSERT INTO post (id, project_id, number, external_id, text, author, extra, content_hash, "
        f"import_batch_id) SELECT i, 1, i, 'post ' || i, '{words}' || i, {author}, '{{}}', '', 1 "
        "FROM numbers",
    )
    return Access(1, 1, Role.LEAD, 1, "benchmark", "Load")


def _people(db: Session, n_annotators: int) -> None:
    account = {"is_admin": False, "may_create_projects": False, "is_active": True, "created_at": MOMENT}
    numbers = range(1, n_annotators + 2)
    add_rows(
        db, Account, [account | {"id": n, "name": f"p{n}", "display_name": f"Person {n}"} for n in numbers]
    )
    member = {"project_id": 1, "is_active": True, "joined_at": MOMENT}
    roles = {n: "lead" if n == 1 else "annotator" for n in numbers}
    rows = [member | {"id": n, "account_id": n, "number": n, "role": roles[n]} for n in numbers]
    add_rows(db, Member, rows)


def code_everything(db: Session, lead: Access, unsure: int = 0, memos: int = 0) -> None:
    """Every assignment is submitted, and the round locked.

    Of a hundred codings so many are unsure, and so many have a memo.
    """
    _run(
        db,
        "INSERT INTO coding (id, assignment_id, revision, version_id, submitted_at, memo, is_unsure, "
        "form_token, body_hash) SELECT id, id, 1, 1, :moment, "
        f"CASE WHEN id % 1000 * 7 % 100 < {memos} THEN 'Work or bond?' ELSE '' END, "
        f"id % 1000 * 9 % 100 < {unsure}, 'crowd ' || id, '' FROM assignment",
        at=True,
    )
    answers = " UNION ALL ".join(_answers())
    _run(
        db,
        "INSERT INTO coding_answer (coding_id, variable_id, code_id, nothing_applies) "
        f"SELECT id, variable, code, code IS NULL FROM ({answers}) AS answers ORDER BY id, variable, code",
    )
    _run(db, "UPDATE assignment SET state = 'submitted', coding_id = id, changed_at = :moment", at=True)
    _run(db, "UPDATE round_annotator SET n_submitted = n_assigned")
    lock_round(db, lead, 1)


def _run(db: Session, statement: str, *, at: bool = False) -> None:
    moment = [bindparam("moment", MOMENT, UtcDateTime())] if at else []
    db.connection().execute(text(statement).bindparams(*moment))


def _answers() -> Iterator[str]:
    """Queries for rows (assignment, variable, code); the codes of the study are numbered in its order."""
    first = 1
    for variable, (kind, codes) in enumerate(CODEBOOK.values(), start=1):
        numbers = range(first, first + len(codes))
        first += len(codes)
        if kind == "multiple":
            yield from _several(variable, numbers)
        else:
            yield f"SELECT id, {variable} AS variable, {_one(variable, numbers)} AS code FROM assignment"


def _several(variable: int, codes: range) -> Iterator[str]:
    chosen = [_is_chosen(code, share) for code, share in zip(codes, _SHARES, strict=True)]
    for code, condition in zip(codes, chosen, strict=True):
        yield f"SELECT id, {variable} AS variable, {code} AS code FROM assignment WHERE {condition}"
    nothing = " AND ".join(f"NOT ({condition})" for condition in chosen)
    yield f"SELECT id, {variable} AS variable, NULL AS code FROM assignment WHERE {nothing}"


def _is_chosen(code: int, share: int) -> str:
    truth, error = _dice("post_id", str(code)), _dice("post_id", f"{code} + 100 * member_id")
    return f"(({truth}) % 100 < {share}) <> (({error}) % 100 < {_ERRS_ON_A_CODE})"


def _one(variable: int, codes: range) -> str:
    truth, own = f"{1000 + variable}", f"{variable} + 2000 * member_id"
    seed = f"CASE WHEN ({_dice('post_id', own)}) % 100 < {_ERRS} THEN {own} ELSE {truth} END"
    return f"{codes.start} + ({_dice('post_id', f'17 + ({seed})')}) % {len(codes)}"


def _dice(number: str, seed: str) -> str:
    """A whole number below 2^15 that looks random, the same for the same two numbers."""
    mixed = f"(CAST({number} AS BIGINT) * 7919 + CAST({seed} AS BIGINT) * 1299709) % 2147483648"
    once = f"(({mixed}) * 1103515245 + 12345) % 2147483648"
    return f"((({once}) / 1024 + {once}) * 1103515245 + 12345) % 2147483648 / 65536"
