"""The posts of a revealed round in a list, as its page shows them."""

from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.queries import number_of
from server.adjudication.scope import CountedRound
from server.norming.comments import n_comments
from server.norming.compared import PAGE, ComparedLine, Show, compared, compared_lines, revealed_round
from server.norming.forms import AskForm
from server.norming.second_codings import are_asked
from server.projects.access import Access
from server.rounds.queries import Sight
from server.web.forms import Form, blank


@dataclass(frozen=True)
class PostsPage:
    """The posts of a revealed round. `labels`: the questions by their ids; `said`: comments by number.

    `asks_again`: whether second codings are asked for, None where they never were.
    """

    round: CountedRound
    lines: tuple[ComparedLine, ...]
    labels: dict[int, str]
    said: dict[int, int]
    show: Show
    n_posts: int
    n_differing: int
    n_commented: int
    n_listed: int
    page: int
    n_pages: int
    first: int | None
    hidden: tuple[Sight, ...]
    asks_again: bool | None
    form: Form[AskForm]


def posts_page(
    db: Session, access: Access, number: int, *, show: Show, page: int, form: Form[AskForm] | None = None
) -> PostsPage:
    """The list of posts; a page that is past the end is the last one."""
    of = revealed_round(db, access, number)
    found, commented = compared(db, of), n_comments(db, of)
    ids = found.listed(show, commented)
    n_pages = max(1, -(-len(ids) // PAGE))
    page = min(page, n_pages)
    here = ids[(page - 1) * PAGE : page * PAGE]
    lines = compared_lines(db, of, found, here)
    return PostsPage(
        round=of.round,
        lines=lines,
        labels={variable.id: variable.label for variable in of.scope.variables},
        said={line.number: commented.get(post_id, 0) for line, post_id in zip(lines, here, strict=True)},
        show=show,
        n_posts=len(found.post_ids),
        n_differing=len(found.differing),
        n_commented=len(found.listed("commented", commented)),
        n_listed=len(ids),
        page=page,
        n_pages=n_pages,
        first=number_of(db, access, ids[0]) if ids else None,
        hidden=of.scope.hidden,
        asks_again=are_asked(db, of),
        form=form or blank(),
    )
