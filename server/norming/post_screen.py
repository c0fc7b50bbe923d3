"""One post of a revealed round: everybody's answers side by side, what was said, what was coded again."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlmodel import Session

from server.adjudication.answers import PostShown, Table, Voice, table_of
from server.adjudication.decision_questions import said_by, words
from server.adjudication.queries import number_of
from server.adjudication.scope import QUEUED, SKIPPED, CountedRound
from server.coding.filling import plain_questions
from server.coding.keymap import keys_in
from server.language import gettext as _
from server.norming.comments import Comment, comments, n_comments
from server.norming.compared import Compared, Revealed, Show, compared, revealed_round
from server.norming.forms import AgainForm, CommentForm
from server.norming.second_codings import are_asked, filled_in, why_not
from server.norming.twice import Twice, coded_twice
from server.projects.access import Access
from server.projects.models import Member
from server.web.forms import Form, blank

# A question, its answers, and whether annotators differ on it or changed it.
_Line = tuple[str, tuple[str, ...], bool]


@dataclass(frozen=True)
class Card:
    """What one annotator answered, and after the discussion, if they coded the post again."""

    who: str
    is_own: bool
    is_unsure: bool
    said: tuple[_Line, ...]
    again: tuple[_Line, ...]
    again_at: datetime | None


@dataclass(frozen=True)
class Again:
    """The form of a second coding; `why_not` says why there is none."""

    why_not: str
    form: Form[AgainForm]
    questions: Markup
    is_given: bool


@dataclass(frozen=True)
class PostPage:
    """One post of a revealed round. `again` is None where the reader is not asked to code it again."""

    round: CountedRound
    post: PostShown
    cards: tuple[Card, ...]
    waiting: tuple[str, ...]
    skipped: tuple[str, ...]
    differs_on: tuple[str, ...]
    shows_names: bool
    show: Show
    place: int
    n_listed: int
    previous: int | None
    next: int | None
    comments: tuple[Comment, ...]
    discusses: bool
    comment_form: Form[CommentForm]
    again: Again | None


@dataclass(frozen=True)
class Returned:
    """Forms of the page that came back with something to mend."""

    comment: Form[CommentForm] | None = None
    again: Form[AgainForm] | None = None


_NOTHING = Returned()


def post_page(
    request: Request,
    db: Session,
    access: Access,
    number: int,
    post: int,
    show: Show,
    returned: Returned = _NOTHING,
) -> PostPage:
    """One post, and where it stands in the list."""
    of = revealed_round(db, access, number)
    table = table_of(db, access, of.scope, post)
    found = compared(db, of)
    ids = found.listed(show, n_comments(db, of) if show == "commented" else ())
    before, place, behind = _around(found, ids, table.post.id)
    again = {each.member_id: each for each in coded_twice(db, of, table.post.id)}
    voices = _in_order(of, table)
    return PostPage(
        round=of.round,
        post=table.post,
        cards=tuple(_card(access, of, table, each, again) for each in voices if _has_said(each, again)),
        waiting=tuple(_who(of, voice) for voice in voices if voice.state == QUEUED),
        skipped=tuple(_who(of, voice) for voice in voices if voice.state == SKIPPED),
        differs_on=tuple(question.variable.label for question in table.disputed),
        shows_names=of.shows_names,
        show=show,
        place=place,
        n_listed=len(ids),
        previous=number_of(db, access, before),
        next=number_of(db, access, behind),
        comments=comments(db, access, of, table),
        discusses=of.discusses,
        comment_form=returned.comment or blank(),
        again=_again(request, db, access, of, table, returned.again, is_given=access.member_id in again),
    )


def _again(
    request: Request,
    db: Session,
    access: Access,
    of: Revealed,
    table: Table,
    form: Form[AgainForm] | None,
    *,
    is_given: bool,
) -> Again | None:
    """The form, for those who code here where it is asked for, or was sent."""
    if not of.codes_here or not (are_asked(db, of) or form):
        return None
    if reason := why_not(db, access, of, table):
        return Again(reason, form or blank(), Markup(), is_given)
    filled: Form[Any] = form or Form(typed=filled_in(db, access, of, table))
    own = keys_in(db.get_one(Member, access.member_id).keys)
    return Again("", filled, plain_questions(request, of.book, filled, own), is_given)


def _around(found: Compared, ids: tuple[int, ...], post_id: int) -> tuple[int | None, int, int | None]:
    """Who comes before a post in the list, its place there (0: it is not in it), and who comes after it."""
    order = {each: place for place, each in enumerate(found.post_ids)}
    if post_id not in order:  # All who coded it were sent it back.
        return None, 0, None
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


def _has_said(voice: Voice, again: Mapping[int, Twice]) -> bool:
    return bool(voice.answers) or voice.member_id in again


def _who(of: Revealed, voice: Voice) -> str:
    return voice.name if of.shows_names else voice.letter


def _card(access: Access, of: Revealed, table: Table, voice: Voice, again: Mapping[int, Twice]) -> Card:
    said = tuple(
        (question.variable.label, answers, question.is_disputed)
        for question, answers in said_by(of.scope, voice, table.questions)
    )
    second = again.get(voice.member_id)
    return Card(
        _who(of, voice),
        voice.member_id == access.member_id,
        voice.is_unsure,
        said,
        _said_again(of, second) if second else (),
        second.at if second else None,
    )


def _said_again(of: Revealed, second: Twice) -> tuple[_Line, ...]:
    """What they answer after the discussion; also that they answer a question no more."""
    return tuple(
        (
            variable.label,
            tuple(words(second.after.get(variable.id), variable)) or (_("no answer"),),
            second.changed(variable.id),
        )
        for variable in of.scope.variables
        if variable.id in second.after or variable.id in second.before
    )
