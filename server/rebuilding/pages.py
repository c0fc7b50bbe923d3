"""The page that checks a history: whether it is whole, and whether it tells of what is stored."""

from dataclasses import dataclass

from fastapi import Request, Response

from server.history.checking import Checked, fault_words
from server.history.queries import check_chain
from server.projects.access import Access, SeesHistory
from server.projects.history_pages import still_codes
from server.projects.retelling import actors_of
from server.rebuilding.queries import rebuild
from server.rebuilding.words import difference_words, remarks, result_words
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class Comparison:
    """What was rebuilt, in words, and what differs from what is stored: `n_more` of that is not named."""

    result: str
    remarks: tuple[str, ...]
    differences: tuple[str, ...]
    n_more: int


@dataclass(frozen=True)
class CheckHistoryPage:
    """What the check of the chain found; `fault` is empty where it is whole, and only then is it compared."""

    checked: Checked
    fault: str
    comparison: Comparison | None


@router.get("/projects/{project_key}/history/check", name="rebuilding.check_history")
def check_history(request: Request, db: Db, access: SeesHistory) -> Response:
    """Whether the history is whole. It changes nothing, and so can be asked of an archived project, too."""
    checked = check_chain(db, access.project_id)
    if checked.found:
        return render(
            request,
            "rebuilding/check_history.html",
            CheckHistoryPage(checked, fault_words(checked.found), None),
        )
    compared = _compared(db, access, is_blind=still_codes(request, db, access))
    return render(request, "rebuilding/check_history.html", CheckHistoryPage(checked, "", compared))


def _compared(db: Db, access: Access, *, is_blind: bool) -> Comparison:
    rebuilt = rebuild(db, access.project_id)
    people = {account: name for account, (_number, name) in actors_of(db, access).items() if account}
    return Comparison(
        result_words(rebuilt),
        tuple(remarks(rebuilt)),
        tuple(difference_words(each, people, is_blind=is_blind) for each in rebuilt.named),
        rebuilt.n_differences - len(rebuilt.named),
    )
