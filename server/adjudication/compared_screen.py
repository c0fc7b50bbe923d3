"""The codings of a revealed round side by side, as their pages show them."""

from bisect import bisect_left
from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.answers import PostShown, Table, Voice, table_of
from server.adjudication.asking import said_by
from server.adjudication.compared import (
    PAGE,
    Compared,
    ComparedLine,
    Revealed,
    compared,
    compared_lines,
    revealed_round,
)
from server.adjudication.queries import number_of
from server.adjudication.scope import QUEUED, SKIPPED, CountedRound
from server.projects.access import Access
from server.rounds.queries import Sight


@dataclass(frozen=True)
class ComparedPage:
    """The posts of a revealed round. `labels`: the questions by their ids."""

    round: CountedRound
    lines: tuple[ComparedLine, ...]
    labels: dict[int, str]
    only_differing: bool
    n_posts: int
    n_differing: int
    n_listed: int
    page: int
    n_pages: int
    first: int | None
    hidden: tuple[Sight, ...]


@dataclass(frozen=True)
class ComparedCard:
    """What one annotator answered. `said`: question, its answers, whether annotators differ on it."""

    who: str
    is_own: bool
    is_unsure: bool
    said: tuple[tuple[str, tuple[str, ...], bool], ...]


@dataclass(frozen=True)
class ComparedPostPage:
    """One post of a revealed round with everybody's answers."""

    round: CountedRound
    post: PostShown
    cards: tuple[ComparedCard, ...]
    waiting: tuple[str, ...]
    skipped: tuple[str, ...]
    differs_on: tuple[str, ...]
    shows_names: bool
    only_differing: bool
    place: int
    n_listed: int
    previous: int | None
    next: int | None


def compared_page(
    db: Session, access: Access, number: int, *, only_differing: bool, page: int
) -> ComparedPage:
    """The list of posts; a page that is past the end is the last one."""
    of = revealed_round(db, access, number)
    found = compared(db, of)
    ids = found.listed(only_differing=only_differing)
    n_pages = max(1, -(-len(ids) // PAGE))
    page = min(page, n_pages)
    return ComparedPage(
        round=of.round,
        lines=compared_lines(db, of, found, ids[(page - 1) * PAGE : page * PAGE]),
        labels={variable.id: variable.label for variable in of.scope.variables},
        only_differing=only_differing,
        n_posts=len(found.post_ids),
        n_differing=len(found.differing),
        n_listed=len(ids),
        page=page,
        n_pages=n_pages,
        first=number_of(db, access, ids[0]) if ids else None,
        hidden=of.scope.hidden,
    )


def compared_post_page(
    db: Session, access: Access, number: int, post: int, *, only_differing: bool
) -> ComparedPostPage:
    """One post, and where it stands in the list."""
    of = revealed_round(db, access, number)
    table = table_of(db, access, of.scope, post)
    found = compared(db, of)
    ids = found.listed(only_differing=only_differing)
    before, place, behind = _around(found, ids, table.post.id)
    return ComparedPostPage(
        round=of.round,
        post=table.post,
        cards=tuple(_card(access, of, table, voice) for voice in _in_order(of, table) if voice.answers),
        waiting=tuple(_who(of, voice) for voice in _in_order(of, table) if voice.state == QUEUED),
        skipped=tuple(_who(of, voice) for voice in _in_order(of, table) if voice.state == SKIPPED),
        differs_on=tuple(question.variable.label for question in table.disputed),
        shows_names=of.shows_names,
        only_differing=only_differing,
        place=place,
        n_listed=len(ids),
        previous=number_of(db, access, before),
        next=number_of(db, access, behind),
    )


def _around(found: Compared, ids: tuple[int, ...], post_id: int) -> tuple[int | None, int, int | None]:
    """Who comes before a post in the list, its place there (0: it is not in it), and who comes after it."""
    order = {each: place for place, each in enumerate(found.post_ids)}
    places = [order[each] for each in ids]
    here = bisect_left(places, order[post_id])
    is_listed = here < len(ids) and ids[here] == post_id
    after = here + 1 if is_listed else here
    return (
        ids[here - 1] if here else None,
        here + 1 if is_listed else 0,
        ids[after] if after < len(ids) else None,
    )


def _in_order(of: Revealed, table: Table) -> tuple[Voice, ...]:
    """The annotators of a post: by their names where these are shown, as on every other post."""
    return tuple(sorted(table.voices, key=lambda voice: voice.name)) if of.shows_names else table.voices


def _who(of: Revealed, voice: Voice) -> str:
    return voice.name if of.shows_names else voice.letter


def _card(access: Access, of: Revealed, table: Table, voice: Voice) -> ComparedCard:
    said = tuple(
        (question.variable.label, answers, question.is_disputed)
        for question, answers in said_by(of.scope, voice, table.questions)
    )
    return ComparedCard(_who(of, voice), voice.member_id == access.member_id, voice.is_unsure, said)
