"""The pages of rounds: the list, the form with its preview, and one round with its progress."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from fastapi import Request, Response

from server.care.queries import Care, care_of
from server.clock import now
from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, ManagesRounds, SeesRounds
from server.projects.roles import Permission
from server.rounds import actions, queries
from server.rounds.design import Purpose, described, purpose_label
from server.rounds.ending import ending
from server.rounds.forms import (
    EndForm,
    RevealForm,
    WithdrawForm,
)
from server.rounds.gold_use import NO_GOLD, GoldUse, gold_use
from server.rounds.lookers import lookers
from server.rounds.sharing import QueueFacts, queue_facts
from server.web.forms import Form, blank, form_of
from server.web.numbers import number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages
from server.web.words import number as in_digits

router = pages()

# Larger numbers fit no database's integer: there is no such round.
Number = Annotated[int, number_in_path("number")]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RoundsPage:
    """The rounds of a project, and those the reader has to code in."""

    rounds: tuple[queries.RoundLine, ...]
    own: tuple[queries.OwnRound, ...]
    purposes: dict[str, str]


@dataclass(frozen=True)
class RoundPage:
    """One round: its design, how far it is, and what can be done with it.

    `lookers` code in it and see all of it when it is locked, so that it is then not opened again.
    """

    round: queries.RoundLine
    purpose: str
    facts: Choices
    annotators: tuple[queries.AnnotatorLine, ...]
    posts_by_codings: tuple[tuple[int, int], ...]
    queue: QueueFacts | None
    n_unsure: int
    skips: tuple[queries.Skip, ...]
    sight: queries.Sight
    own: queries.OwnRound | None
    withdrawable: Choices
    lookers: tuple[str, ...]
    care: Care
    ending: str
    gold: GoldUse
    form: Form[Any]


@router.get("/projects/{project_key}/rounds", name="rounds.index")
def index(request: Request, db: Db, access: SeesRounds) -> Response:
    """The rounds of the project."""
    purposes = {purpose.value: purpose_label(purpose) for purpose in Purpose}
    page = RoundsPage(queries.rounds(db, access), queries.open_rounds_of(db, access), purposes)
    return render(request, "rounds/index.html", page)


@router.get("/projects/{project_key}/rounds/{number}", name="rounds.show")
def show(request: Request, db: Db, access: SeesRounds, number: Number) -> Response:
    """One round."""
    return _render_round(request, db, access, number, blank())


@router.post("/projects/{project_key}/rounds/{number}/lock", name="rounds.lock")
def lock(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """End the coding of a round."""
    actions.lock_round(db, access, number)
    return see_other(request, "rounds.show", number=number, notice=_("The round is locked."))


@router.post("/projects/{project_key}/rounds/{number}/reopen", name="rounds.reopen")
def reopen(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """Let annotators code and correct in a locked round again."""
    try:
        actions.reopen_round(db, access, number)
    except Refusal as refusal:
        return _render_round(request, db, access, number, blank().refused(refusal), status=422)
    return see_other(request, "rounds.show", number=number, notice=_("The round is open again."))


@router.post("/projects/{project_key}/rounds/{number}/end", name="rounds.set_end")
def set_end(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[EndForm], form_of(EndForm)],
) -> Response:
    """Say on which day the round ends."""
    try:
        actions.set_end(db, access, number, form.checked().ends_on)
    except Refusal as refusal:
        return _render_round(request, db, access, number, form.refused(refusal), status=422)
    return see_other(request, "rounds.show", number=number, notice=_("Saved."))


@router.post("/projects/{project_key}/rounds/{number}/reveal", name="rounds.reveal")
def reveal(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[RevealForm], form_of(RevealForm)],
) -> Response:
    """End the blindness of a locked round."""
    try:
        form.checked().confirm()
        actions.reveal_round(db, access, number)
    except Refusal as refusal:
        return _render_round(request, db, access, number, form.refused(refusal), status=422)
    return see_other(request, "rounds.show", number=number, notice=_("The round is revealed."))


@router.post("/projects/{project_key}/rounds/{number}/withdraw", name="rounds.withdraw")
def withdraw(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[WithdrawForm], form_of(WithdrawForm)],
) -> Response:
    """Take the posts that an annotator has not coded away from them."""
    try:
        asked = form.checked()
        asked.confirm()
        n_posts = actions.withdraw_annotator(db, access, number, asked.annotator)
    except Refusal as refusal:
        return _render_round(request, db, access, number, form.refused(refusal), status=422)
    return see_other(request, "rounds.show", number=number, notice=_withdrawn(n_posts))


def _withdrawn(n_posts: int) -> str:
    if not n_posts:
        return _("This annotator had no post left, and gets none in this round any more.")
    return ngettext("{n} post was withdrawn.", "{n} posts were withdrawn.", n_posts).format(
        n=in_digits(n_posts)
    )


def _render_round(
    request: Request, db: Db, access: Access, number: int, form: Form[Any], status: int = 200
) -> Response:
    found = queries.round_numbered(db, access, number)
    annotators = queries.annotators(db, access, found.id)
    own = (own for own in queries.open_rounds_of(db, access) if own.number == number)
    page = RoundPage(
        round=found,
        purpose=purpose_label(found.purpose),
        facts=described(
            found.design,
            tells_gold=access.may(Permission.MANAGE_ROUNDS),
            names={str(line.number): line.name for line in annotators},
        ),
        annotators=annotators,
        posts_by_codings=queries.posts_by_codings(db, access, found.id),
        queue=queue_facts(db, access, found.id),
        n_unsure=queries.n_unsure(db, access, found.id),
        skips=queries.skips(db, access, found.id),
        sight=queries.sight_of(db, access, found.id),
        own=next(own, None),
        withdrawable=_withdrawable(annotators, is_shared=found.progress.is_shared),
        lookers=lookers(db, access, found.id, found.locked_at),
        care=care_of(db, access.project_id),
        ending=ending(found.ends_on, now()),
        gold=gold_use(db, found.id) if access.may(Permission.MANAGE_ROUNDS) else NO_GOLD,
        form=form if "ends_on" in form.typed else _with_end(form, found.ends_on),
    )
    return render(request, "rounds/show.html", page, status)


def _with_end(form: Form[Any], ends_on: date | None) -> Form[Any]:
    day = (ends_on.isoformat() if ends_on else "",)
    return replace(form, typed={**form.typed, "ends_on": day})


def _withdrawable(annotators: tuple[queries.AnnotatorLine, ...], *, is_shared: bool) -> Choices:
    """The annotators who have posts left to code, or may get some, to choose from."""
    may_get = [line for line in annotators if (not line.is_withdrawn if is_shared else line.progress.n_left)]
    left = [(str(line.number), line.name) for line in may_get]
    return (("", _("Choose an annotator")), *left) if left else ()
