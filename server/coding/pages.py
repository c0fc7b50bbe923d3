"""The annotator's pages: what is next, one post with its questions, and what was done so far."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Request, Response

from server.care.queries import OwnCare, must_read, own_care
from server.coding import actions, queries
from server.coding.answers import text_in
from server.coding.caring import is_refused
from server.coding.context import thread_around
from server.coding.desk import desk
from server.coding.entry import POSITION, ROUND, HurriedRoute, KeptRoute, Number, Position
from server.coding.forms import CodingForm, KeysForm, typed_in
from server.coding.gold import not_open_yet
from server.coding.key_screen import chosen_keys, keys_page
from server.coding.own_questions import QUESTION, ask_along, record_asking
from server.coding.passing_over import step_to
from server.coding.queries import OwnRound
from server.coding.replies import both_texts, desk_again, sent_in
from server.coding.screens import ThreadPage, desk_form, desk_page, with_answers
from server.coding.tables import SUBMITTED
from server.coding.waystations import FinishedPage, WaitingPage, mine_page, start_page
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, Codes
from server.projects.queries import project_info
from server.rounds.queue import Ahead
from server.rounds.round_codebook import codebook_of
from server.web.came import came_from
from server.web.forms import Form, blank, form_of
from server.web.numbers import PageNumber
from server.web.rendering import address, render, render_in_frame, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

router = pages(KeptRoute)
# What one post after the other asks for.
desk_router = pages(HurriedRoute)
# Its page writes although it answers a GET, in a transaction of its own.
taking = pages(ReadsFirstRoute)
WATCHING = {"watching": "yes"}
LOOKS_EVERY = 30

Sent = Annotated[Form[CodingForm], form_of(CodingForm)]
SentKeys = Annotated[Form[KeysForm], form_of(KeysForm)]


@desk_router.get(POSITION, name="coding.annotate")
def annotate(request: Request, db: Db, access: Codes, number: Number, position: Position) -> Response:
    """One post and the codebook's questions, with what was answered before."""
    here = desk(db, access, number, position)
    if here.is_waiting:
        return see_other(request, "coding.start", notice=not_open_yet(here.round_title))
    if here.shows_gold and here.state == SUBMITTED:
        return see_other(request, "training.feedback", number=number, position=position)
    if here.shown.is_unread and not here.is_locked:
        return see_other(request, "care.before", query={"round": number, "position": position})
    page = desk_page(request, db, here, desk_form(db, here))
    # Frames are kept for everybody, and own keys are one person's.
    show = render if page.has_own_keys else render_in_frame
    return show(request, "coding/annotate.html", page)


@router.get(POSITION + "/thread", name="coding.thread")
def thread(request: Request, db: Db, access: Codes, number: Number, position: Position) -> Response:
    """What was written around a post; the desk's script shows this part of the page beside the post."""
    here = desk(db, access, number, position)
    if here.is_waiting or here.shown.is_unread or is_refused(here):
        return see_other(request, "coding.annotate", number=number, position=position)
    found = thread_around(db, access, number, position)
    page = ThreadPage(number, position, found, here.shown.veils_others, came_from(request))
    return render(request, "coding/thread.html", page)


@desk_router.post(POSITION, name="coding.submit")
def submit(
    request: Request, db: Db, access: Codes, number: Number, position: Position, form: Sent
) -> Response:
    """Store the coding and go on, or say what needs another look."""
    try:
        asked = _ask_along(db, access, number, position, form)
        outcome = actions.submit(db, access, number, position, sent_in(form))
        _tell_of(db, access, number, asked)
    except actions.Stale as stale:
        return both_texts(request, db, access, number, position, form, stale)
    except actions.OtherCodebook as other:
        refused = form.refused(Refusal(other.message))
        revision = form.value.revision if form.value else 0
        return desk_again(request, db, desk(db, access, number, position), refused, 409, revision)
    except actions.Closed as closed:
        refused = form.refused(Refusal(closed.message))
        return desk_again(request, db, desk(db, access, number, position), refused, 409)
    except Refusal as refusal:
        return desk_again(request, db, desk(db, access, number, position), form.refused(refusal), 422)
    if outcome.shows_gold:
        _settle_training(request, db, access, number)
        return see_other(request, "training.feedback", number=number, position=position)
    return _after(request, number, outcome)


def _ask_along(db: Db, access: Access, number: int, position: int, form: Form[CodingForm]) -> int | None:
    """A question to the lead that was written and not sent goes with the coding; the post, if it is new."""
    words = text_in(typed_in(form), QUESTION)
    return ask_along(db, access, number, position, words) if words else None


def _tell_of(db: Db, access: Access, number: int, asked: int | None) -> None:
    """Tell the history of a question that went along, after all else: see `server.accounts.holding`."""
    if asked is not None:
        record_asking(db, access, number, asked)


def _settle_training(request: Request, db: Db, access: Access, number: int) -> None:
    """Let the training, a feature above this one, see whether the annotator has come to its end."""
    settle: Callable[[Db, Access, int], None] = request.app.state.settle_training
    settle(db, access, number)


def _after(request: Request, number: int, outcome: actions.Outcome) -> Response:
    """Back to one's own codings where one came from there, else on in the queue; says what is not usual."""
    is_usual = outcome.revision == 1 and not came_from(request)
    return _go_on(request, number, outcome.following, "" if is_usual else _said(outcome))


def _go_on(request: Request, number: int, following: int | None, notice: str = "") -> Response:
    came = came_from(request)
    if not came:
        return _go_to(request, number, following, notice)
    search = {name: value for name, value in came.items() if name != "from"}
    return see_other(request, "coding.mine", number=number, query=search, notice=notice)


def _said(outcome: actions.Outcome) -> str:
    if outcome.revision == 0:
        said = _("Nothing had changed in your coding of post %(number)s, so nothing was stored.")
    elif outcome.revision == 1:
        said = _("Your coding of post %(number)s is stored.")
    else:
        said = _("Your correction of post %(number)s is stored.")
    return said % {"number": outcome.post_number}


@desk_router.post(POSITION + "/draft", name="coding.save_draft")
def save_draft(
    request: Request,  # noqa: ARG001 - every page takes it: the transaction needs it
    db: Db,
    access: Codes,
    number: Number,
    position: Position,
    form: Sent,
) -> Response:
    """Keep what is typed so far; the page's script asks for it."""
    mark = actions.save_draft(db, access, number, position, sent_in(form))
    return Response(status_code=204, headers={"Draft-Stored-As": mark})


@router.post(POSITION + "/discard", name="coding.discard")
def discard(request: Request, db: Db, access: Codes, number: Number, position: Position) -> Response:
    """Forget a correction that was not submitted."""
    post_number = actions.discard_draft(db, access, number, position)
    notice = _("Your correction of post %(number)s is discarded. What you submitted stands.")
    return see_other(
        request,
        "coding.annotate",
        number=number,
        position=position,
        query=came_from(request),
        notice=notice % {"number": post_number},
    )


@router.get(POSITION + "/skip", name="coding.skipping")
def skipping(
    request: Request,
    access: Codes,  # noqa: ARG001 - who may not code is told so here, too
    number: Number,
    position: Position,
) -> Response:
    """The address that a refused skip leaves in the bar: to the post itself."""
    return see_other(request, "coding.annotate", number=number, position=position, query=came_from(request))


@desk_router.post(POSITION + "/skip", name="coding.skip")
def skip(request: Request, db: Db, access: Codes, number: Number, position: Position, form: Sent) -> Response:
    """Leave the post uncoded and go on, or ask for the reason."""
    typed = typed_in(form)
    reason, words = text_in(typed, "reason"), " ".join(text_in(typed, "reason_words").split())
    try:
        asked = _ask_along(db, access, number, position, form)
        following = actions.skip(db, access, number, position, reason, words)
        _tell_of(db, access, number, asked)
    except actions.Closed as closed:
        refused = form.refused(Refusal(closed.message))
        return desk_again(request, db, desk(db, access, number, position), refused, 409)
    except Refusal as refusal:
        here = desk(db, access, number, position)
        return desk_again(request, db, here, with_answers(db, here, form).refused(refusal), 422)
    _settle_training(request, db, access, number)
    return _go_on(request, number, following)


@router.get("/projects/{project_key}/code", name="coding.start")
def start(request: Request, db: Db, access: Codes) -> Response:
    """The rounds to code in; straight to the next post where there is only one."""
    rounds = queries.own_rounds(db, access)
    open_rounds = [each for each in rounds if not (each.is_locked or each.is_waiting)]
    is_all = not any(each.is_waiting for each in rounds)
    # Whoever has ended a training and waits reads here what they wait for.
    if len(open_rounds) == 1 and (is_all or open_rounds[0].has_more):
        return see_other(request, "coding.next", number=open_rounds[0].number)
    return render(request, "coding/start.html", start_page(rounds))


@taking.get(ROUND + "/code", name="coding.next")
def next_(request: Request, access: Codes, number: Number) -> Response:
    """To the first post in the queue, or to the end. In a shared queue this takes a post.

    Whoever asks twice gets the same post, so that a look ahead by a browser does no harm.
    """
    database = database_of(request)
    with database.reading() as db:
        here, mine = queries.own_round(db, access, number), own_care(db, access)
        if here.is_waiting:
            return see_other(request, "coding.start", notice=not_open_yet(here.title))
        position = None if here.is_locked else queries.queue_begins(db, access, here)
        is_unread = not here.is_locked and must_read(db, access, mine)
        takes = _takes(db, access, here, mine, position)
    if is_unread:
        return see_other(request, "care.before", query={"round": number})
    if not takes:
        return _go_to(request, number, position)
    with database.writing() as db:
        position = _taken(db, access, here, position)
    if position is None and _is_watching(request):
        return see_other(request, "coding.waiting", number=number, query=WATCHING)
    return _go_to(request, number, position)


def _takes(db: Db, access: Access, here: OwnRound, mine: OwnCare, begins: int | None) -> bool:
    """Whether going on writes: it takes a post of a shared queue, or passes over topics that are avoided."""
    if here.is_locked or (here.share is None and not (begins and mine.avoids_topics)):
        return False
    return project_info(db, access).archived_at is None


def _taken(db: Db, access: Access, here: OwnRound, begins: int | None) -> int | None:
    """Where the annotator goes on, with a post that they want to see."""
    if here.share is not None:
        return actions.take(db, access, here.number)
    return None if begins is None else step_to(db, access, here.number, begins)


def _is_watching(request: Request) -> bool:
    return request.query_params.get("watching") == WATCHING["watching"]


def _go_to(request: Request, number: int, position: int | None, notice: str = "") -> Response:
    if position is None:
        return see_other(request, "coding.finished", number=number, notice=notice)
    return see_other(request, "coding.annotate", number=number, position=position, notice=notice)


@router.get(ROUND + "/code/finished", name="coding.finished")
def finished(request: Request, db: Db, access: Codes, number: Number) -> Response:
    """All is done: what was done, and where to look at it again. Never said while a post may come back."""
    here = queries.own_round(db, access, number)
    if here.is_waiting:
        return see_other(request, "coding.start", notice=not_open_yet())
    found = queries.prospect_in(db, access, here)
    if here.shows_gold and found.ahead == Ahead.NOTHING:
        return see_other(request, "training.standing", number=number)
    if found.ahead == Ahead.WAITING:
        return see_other(request, "coding.waiting", number=number)
    is_over = here.is_locked or found.ahead != Ahead.POST
    page = FinishedPage(
        here,
        queries.others_to_code_in(db, access, here),
        has_more=not is_over,
        is_capped=found.ahead == Ahead.CAPPED,
    )
    return render(request, "coding/finished.html", page)


@router.get(ROUND + "/code/waiting", name="coding.waiting")
def waiting(request: Request, db: Db, access: Codes, number: Number) -> Response:
    """What is left is with other annotators and may come back. The page looks again by itself if asked."""
    here = queries.own_round(db, access, number)
    found = queries.prospect_in(db, access, here)
    if here.share is None or here.is_locked or found.ahead not in {Ahead.POST, Ahead.WAITING}:
        return see_other(request, "coding.finished", number=number)
    is_watching = _is_watching(request)
    page = WaitingPage(here, found.back_at, is_watching, LOOKS_EVERY, WATCHING)
    response = render(request, "coding/waiting.html", page)
    if is_watching:
        again = address(request, "coding.next", WATCHING, number=number)
        response.headers["Refresh"] = f"{LOOKS_EVERY}; url={again}"
    return response


@router.get(ROUND + "/mine", name="coding.mine")
def mine(
    request: Request,
    db: Db,
    access: Codes,
    number: Number,
    page: PageNumber,
    wanted: str = "all",
    words: str = "",
) -> Response:
    """What the annotator has coded and skipped in a round, newest first."""
    here = queries.own_round(db, access, number)
    words = words.replace("\0", "").strip()[:200]
    wanted = wanted if wanted in queries.FILTERS else "all"
    found = queries.own_codings(db, access, here, wanted=wanted, words=words, page=page)
    return render(request, "coding/mine.html", mine_page(db, access, here, found, wanted, words))


@router.get(ROUND + "/keys", name="coding.keys")
def keys(request: Request, db: Db, access: Codes, number: Number) -> Response:
    """Every key of the desk, to be changed."""
    return _keys(request, db, access, number, blank())


def _keys(
    request: Request, db: Db, access: Access, number: int, form: Form[KeysForm], status: int = 200
) -> Response:
    here = queries.own_round(db, access, number)
    page = keys_page(here, codebook_of(db, here.id, here.version_id), queries.own_keys(db, access), form)
    return render(request, "coding/keys.html", page, status)


@router.post(ROUND + "/keys", name="coding.save_keys")
def save_keys(request: Request, db: Db, access: Codes, number: Number, form: SentKeys) -> Response:
    """Make the keys one's own, or say at which fields two are the same."""
    here = queries.own_round(db, access, number)
    try:
        own = chosen_keys(codebook_of(db, here.id, here.version_id), queries.own_keys(db, access), form)
    except Refusal as refusal:
        return _keys(request, db, access, number, form.refused(refusal), 422)
    actions.keep_keys(db, access, own)
    return see_other(request, "coding.keys", number=number, notice=_("Your keys are saved."))
