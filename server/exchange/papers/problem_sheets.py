"""The problems of the codebook that reviewers noted, as a file."""

from collections.abc import Iterator

from fastapi import Request, Response

from server.adjudication.problems import Problem, problems
from server.adjudication.scope import scope_of
from server.adjudication.settings_pages import PROBLEMS, State
from server.exchange.sending import Sent, closed_on_failure, spooled
from server.exchange.spreadsheets import Cell, csv_lines
from server.projects.access import Reviews
from server.web.routing import Db, pages

router = pages()
COLUMNS = (
    "problem", "state", "version", "post", "variable", "code", "note",
    "noted_by", "noted_at", "dealt_with_by", "dealt_with_at",
)  # fmt: skip


@router.get(PROBLEMS + "/csv", name="exchange.codebook_problems")
def codebook_problems(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: Reviews,
    state: State,
) -> Response:
    """Those that the list shows, newest first."""
    rows = problems(db, access, scope_of(db, access), state, None)
    file = spooled(csv_lines(COLUMNS, _rows(rows), with_bom=False))
    with closed_on_failure(file):
        return Sent(file, "codebook-problems.csv")


def _rows(found: tuple[Problem, ...]) -> Iterator[tuple[Cell, ...]]:
    for each in found:
        done_at = each.dealt_with_at.isoformat() if each.dealt_with_at else None
        state = "open" if each.version is None else "dealt with"
        where = (each.variable_key, each.code_key, each.note)
        done = (each.dealt_with_by or None, done_at)
        yield (
            each.number,
            state,
            each.version,
            each.post_number,
            *where,
            each.by,
            each.at.isoformat(),
            *done,
        )
