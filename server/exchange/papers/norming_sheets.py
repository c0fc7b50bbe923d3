"""Agreement before and after the discussion of a round, as a file."""

from fastapi import Request, Response

from server.exchange.sending import Sent, closed_on_failure, spooled
from server.exchange.spreadsheets import csv_lines
from server.norming.change_screen import change_sheet
from server.norming.pages import CHANGE, Number
from server.projects.access import SeesProject
from server.web.routing import Db, pages

router = pages()


@router.get(CHANGE + "/csv", name="exchange.before_after")
def before_after(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: SeesProject,
    number: Number,
) -> Response:
    """What the page says, to whom it says it."""
    sheet = change_sheet(db, access, number)
    file = spooled(csv_lines(sheet.columns, sheet.rows, with_bom=False))
    with closed_on_failure(file):
        return Sent(file, f"before-and-after-round-{number}.csv")
