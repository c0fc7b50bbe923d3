"""The list of disagreements as its page shows it."""

from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.filters import Filters, Person
from server.adjudication.queries import PAGE, Queue, QueueLine, is_shared_out, lines, number_of, selected
from server.adjudication.scope import scope_of
from server.adjudication.sending_back import WaitingPost, waiting_posts
from server.adjudication.sharing import sharing_of
from server.codebooks.queries import VariableInfo
from server.projects.access import Access
from server.projects.roles import Permission
from server.rounds.queries import Sight


@dataclass(frozen=True)
class Counts:
    """How many disagreements a choice leaves, and how many of them are decided."""

    n_decided: int
    n_disputed: int


@dataclass(frozen=True)
class QueuePage:
    """The list of disagreements. `first` is the post to begin with."""

    filters: Filters
    problems: tuple[str, ...]
    counts: Counts
    first: int | None
    lines: tuple[QueueLine, ...]
    n_listed: int
    page: int
    n_pages: int
    variables: tuple[VariableInfo, ...]
    labels: dict[int, str]
    people: tuple[Person, ...]
    pair: tuple[Person, ...]
    rounds: tuple[tuple[int, str], ...]
    hidden: tuple[Sight, ...]
    waiting: tuple[WaitingPost, ...]
    may_settle: bool
    is_split: bool
    share: str
    sharers: int


def queue_page(db: Session, access: Access, filters: Filters, page: int) -> QueuePage:
    """The list of disagreements that the filters leave."""
    scope = scope_of(db, access)
    found = selected(db, access, scope, filters)
    queue = found.queue
    sharing = sharing_of(db, access.project_id)
    n_pages = max(1, -(-len(queue.listed) // PAGE))
    page = min(page, n_pages)
    return QueuePage(
        filters=found.choice.filters,
        problems=found.choice.problems,
        counts=counts(queue),
        first=number_of(db, access, queue.open[0].post_id) if queue.open else None,
        lines=lines(db, scope, found, page),
        n_listed=len(queue.listed),
        page=page,
        n_pages=n_pages,
        variables=scope.variables,
        labels={variable.id: variable.label for variable in scope.variables},
        people=found.people,
        pair=found.pair,
        rounds=tuple((each.number, each.title) for each in scope.rounds),
        hidden=scope.hidden,
        waiting=waiting_posts(db, access, scope),
        may_settle=access.may(Permission.EDIT_PROJECT),
        is_split=sharing.splits,
        share="mine" if is_shared_out(found.choice.filters.share, sharing, access.member_id) else "all",
        sharers=len(sharing.member_ids),
    )


def counts(queue: Queue) -> Counts:
    """How far the reviewers are."""
    return Counts(queue.n_decided, len(queue.disputes))
