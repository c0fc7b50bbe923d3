"""The page on which the lead changes a round that is open."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from server.codebooks.queries import latest_published
from server.errors import Refusal
from server.language import ngettext
from server.language import number as in_digits
from server.projects.access import Access, ManagesRounds
from server.rounds import changing, extending, queries
from server.rounds.eligible import DisputedPosts
from server.rounds.forms import MemberNumber, Words
from server.web.forms import Form, blank, form_of, parse
from server.web.numbers import MAX_NUMBER, number_in_path, whole_number
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
Number = Annotated[int, number_in_path("number")]
Choices = tuple[tuple[str, str], ...]
CHANGE = "/projects/{project_key}/rounds/{number}/change"


class NewcomerForm(BaseModel):
    """Who joins the round."""

    newcomer: MemberNumber


class ReassignForm(BaseModel):
    """Whose posts go to whom; with `seen`, what the preview said each of them gets, such as `3:12`."""

    source: MemberNumber
    to: tuple[MemberNumber, ...] = ()
    seen: tuple[Words, ...] = ()

    def plan_seen(self) -> dict[int, int]:
        """The plan of the preview, by numbers of members."""
        pairs = [text.partition(":") for text in self.seen]
        return {whole_number(of) or 0: whole_number(n) or 0 for of, _colon, n in pairs}


class ExtendForm(BaseModel):
    """How many posts are added; `seen` is the fingerprint of the preview."""

    more_posts: int = Field(ge=1, le=MAX_NUMBER)
    seen: Words = ""


class CodingsForm(BaseModel):
    """Of which posts one more coding is wanted, and whose; nobody's in particular where `coder` is empty.

    `seen`: how many had been added when the form was made, so that the same form adds them once.
    """

    of: Literal["all", "disputed"]
    disputed_on: Words = ""
    coder: MemberNumber | None = None
    seen: int = Field(ge=0, le=MAX_NUMBER)


@dataclass(frozen=True)
class ReassignPlan:
    """What each annotator would get, by name, and how many posts stay where they are."""

    source: str
    given: Choices
    seen: Choices
    to: tuple[int, ...]
    source_number: int
    n_left_over: int


@dataclass(frozen=True)
class ExtensionShown:
    """Which posts would be added (the first of them with their texts), and how many each would get."""

    n_posts: int
    n_here: int
    n_codings: int
    seed: int
    posts: tuple[tuple[int, str], ...]
    given: Choices
    fingerprint: str


@dataclass(frozen=True)
class ChangePage:
    """An open round with what can be changed of it."""

    round: queries.RoundLine
    newcomers: Choices
    people: Choices
    with_left: Choices
    variables: Choices
    plan: ReassignPlan | None
    extension: ExtensionShown | None
    n_added_codings: int
    form: Form[Any]


@router.get(CHANGE, name="rounds.change")
def change(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """The changes there are; what a reassignment, or more posts, would do where the address asks for it."""
    if "more_posts" in request.query_params:
        return _previewed(request, db, access, number)
    if "source" not in request.query_params:
        return _render(request, db, access, number, blank())
    form = parse(ReassignForm, FormData([*request.query_params.multi_items()]))
    try:
        asked = form.checked()
        dealt = changing.reassignment(db, access, number, asked.source, asked.to)
    except Refusal as refusal:
        return _render(request, db, access, number, form.refused(refusal), status=422)
    return _render(request, db, access, number, form, dealt=dealt)


def _previewed(request: Request, db: Db, access: Access, number: int) -> Response:
    form = parse(ExtendForm, FormData([*request.query_params.multi_items()]))
    try:
        n_posts = form.checked().more_posts
        found = extending.extension(db, access, number, n_posts, _disputed(request))
    except Refusal as refusal:
        return _render(request, db, access, number, form.refused(refusal), status=422)
    return _render(request, db, access, number, form, extension=found)


@router.post(CHANGE + "/annotator", name="rounds.add_annotator")
def add_annotator(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[NewcomerForm], form_of(NewcomerForm)],
) -> Response:
    """Let somebody join the round."""
    try:
        n_posts = changing.add_annotator(db, access, number, form.checked().newcomer)
    except Refusal as refusal:
        return _render(request, db, access, number, form.refused(refusal), status=422)
    said = ngettext(
        "The annotator was added, with {n} post.", "The annotator was added, with {n} posts.", n_posts
    )
    return see_other(request, "rounds.show", number=number, notice=said.format(n=in_digits(n_posts)))


@router.post(CHANGE + "/reassign", name="rounds.reassign")
def reassign(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[ReassignForm], form_of(ReassignForm)],
) -> Response:
    """Give what is left of one annotator to others, as it was previewed."""
    try:
        asked = form.checked()
        dealt = changing.reassign(db, access, number, asked.source, asked.to, asked.plan_seen())
    except Refusal as refusal:
        return _render(request, db, access, number, form.refused(refusal), status=422)
    said = ngettext("{n} post was given to others.", "{n} posts were given to others.", dealt.n_given)
    return see_other(request, "rounds.show", number=number, notice=said.format(n=in_digits(dealt.n_given)))


@router.post(CHANGE + "/posts", name="rounds.extend")
def extend(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[ExtendForm], form_of(ExtendForm)],
) -> Response:
    """Add the posts that the preview showed; where it would not be these, show what holds now."""
    try:
        asked = form.checked()
        n_posts = asked.more_posts
        found = extending.extension(db, access, number, n_posts, _disputed(request))
    except Refusal as refusal:
        return _render(request, db, access, number, form.refused(refusal), status=422)
    try:
        extending.extend(db, access, number, n_posts, _disputed(request), asked.seen)
    except Refusal as refusal:
        refused = form.refused(refusal)
        return _render(request, db, access, number, refused, status=409, extension=found)
    said = ngettext("{n} post was added.", "{n} posts were added.", n_posts)
    return see_other(request, "rounds.show", number=number, notice=said.format(n=in_digits(n_posts)))


@router.post(CHANGE + "/codings", name="rounds.add_codings")
def add_codings(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[CodingsForm], form_of(CodingsForm)],
) -> Response:
    """Ask for one more coding of all posts, or of those in disagreement."""
    try:
        asked = form.checked()
        is_all = asked.of == "all"
        posts = None if is_all else _disputed(request)(db, access, asked.disputed_on, "open")
        dealt = extending.add_codings(db, access, number, posts, asked.coder, asked.seen)
    except Refusal as refusal:
        return _render(request, db, access, number, form.refused(refusal), status=422)
    return see_other(request, "rounds.show", number=number, notice=_codings_added(dealt))


def _codings_added(dealt: changing.Dealt) -> str:
    said = ngettext("{n} coding was added.", "{n} codings were added.", dealt.n_given)
    words = said.format(n=in_digits(dealt.n_given))
    if not dealt.n_left_over:
        return words
    left = ngettext(
        "{n} post got none: all who could code it have had it.",
        "{n} posts got none: all who could code them have had them.",
        dealt.n_left_over,
    )
    return f"{words} {left.format(n=in_digits(dealt.n_left_over))}"


def _disputed(request: Request) -> DisputedPosts:
    found: DisputedPosts = request.app.state.disputed_posts
    return found


def _render(
    request: Request,
    db: Db,
    access: Access,
    number: int,
    form: Form[Any],
    status: int = 200,
    dealt: changing.Dealt | None = None,
    extension: extending.Extension | None = None,
) -> Response:
    found = queries.round_numbered(db, access, number)
    lines = queries.annotators(db, access, found.id)
    names = {line.number: line.name for line in lines}
    left = [line for line in lines if line.progress.n_left and not found.progress.is_shared]
    active = sorted(one.number for one in changing.coders(db, access, found.id))
    book = latest_published(db, access.project_id)
    page = ChangePage(
        round=found,
        newcomers=tuple((str(one.number), one.name) for one in changing.newcomers(db, access, found.id)),
        people=tuple((str(one), names[one]) for one in active),
        with_left=tuple((str(line.number), f"{line.name} ({line.progress.n_left})") for line in left),
        variables=tuple((each.key, each.label) for each in book.variables) if book else (),
        plan=_plan(form, dealt, names) if dealt else None,
        extension=_extension(db, found.n_posts, extension, names) if extension else None,
        n_added_codings=extending.n_added_codings(db, found.id),
        form=form if "of" in form.typed else replace(form, typed={**form.typed, "of": ("disputed",)}),
    )
    return render(request, "rounds/change.html", page, status)


def _plan(form: Form[Any], dealt: changing.Dealt, names: dict[int, str]) -> ReassignPlan:
    asked: ReassignForm = form.checked()
    return ReassignPlan(
        source=names[asked.source],
        given=tuple((names[of], in_digits(n)) for of, n in dealt.by_number.items()),
        seen=tuple(("seen", f"{of}:{n}") for of, n in dealt.by_number.items()),
        to=asked.to,
        source_number=asked.source,
        n_left_over=dealt.n_left_over,
    )


def _extension(db: Db, n_here: int, found: extending.Extension, names: dict[int, str]) -> ExtensionShown:
    return ExtensionShown(
        n_posts=int(found.post_ids.size),
        n_here=n_here,
        n_codings=found.n_codings,
        seed=found.seed,
        posts=extending.first_of(db, found),
        given=tuple((names[of], in_digits(n)) for of, n in found.by_number.items()),
        fingerprint=found.fingerprint,
    )
