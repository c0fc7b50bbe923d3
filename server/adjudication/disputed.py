"""The posts in disagreement, for the rounds below that are planned from them."""

from sqlmodel import Session

from server.adjudication.filters import Filters
from server.adjudication.queries import selected
from server.adjudication.scope import scope_of
from server.projects.access import Access


def disputed_posts(db: Session, access: Access, variable: str, state: str) -> tuple[int, ...]:
    """The ids of the posts on which annotators differ, as far as this reader may look into them.

    `variable` is the key of a question, or empty for any; `state` is open, decided or any.
    """
    scope = scope_of(db, access)
    if variable and variable not in scope.variable_by_key:
        return ()
    filters = Filters(variable=variable, state="all" if state == "any" else state, share="all")
    return tuple(each.post_id for each in selected(db, access, scope, filters).queue.listed)
