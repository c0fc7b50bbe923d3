"""A coding form that meets an ended sign-in: it is carried through a new one, and lost nowhere.

The fields come from the browser and go back into it, hidden in a page that asks for name and password;
nothing is stored meanwhile. They are shown again only at the address they were sent to, and only to the
annotator whose form it was: the form says whose it is, since several people may use one browser.
"""

from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Request, Response
from sqlmodel import Session

from server.accounts.entry import open_session
from server.accounts.forms import SignInForm, without_passwords
from server.accounts.letting_in import Ways, signed_in, ways
from server.coding.answers import ANSWERS, WHY
from server.coding.desk import coder_mark, desk
from server.coding.forms import CODER, CodingForm
from server.coding.own_questions import QUESTION
from server.coding.screens import HIDDEN, desk_page, with_answers
from server.errors import Forbidden, NotFound, Refusal, SignInNeeded
from server.language import gettext as _
from server.projects.access import Access, Codes, demand_access
from server.projects.roles import Permission
from server.web.came import came_from
from server.web.cookies import use_session
from server.web.csrf import OldKey, refuse_forged
from server.web.forms import Form, blank, form_of, parse
from server.web.numbers import number_in_path, whole_number
from server.web.once import form_token
from server.web.rendering import render, see_other
from server.web.routing import ReadsFirstRoute, TransactionRoute, database_of, hurried, pages

Number = Annotated[int, number_in_path("number")]
Position = Annotated[int, number_in_path("position")]
ROUND = "/projects/{project_key}/rounds/{number}"
POSITION = ROUND + "/code/{position:digits}"
DRAFT = "coding.save_draft"
_KEPT = frozenset({CODER, "memo", "unsure", WHY, QUESTION, *HIDDEN} - {"form_token"})

Page = Callable[..., Response]
Scheduled = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class SignInPage:
    """The door on the way back to a coding form, with what was typed in it.

    `is_taken`: somebody else is signed in in this browser.
    """

    number: int
    position: int
    form: Form[Any]
    kept: tuple[tuple[str, str], ...]
    came: Mapping[str, str]
    is_taken: bool
    ways: Ways


def _keeping(run: Page) -> Page:
    """The page, but what was typed is shown again where the form's sign-in has ended."""

    @wraps(run)
    def kept(**values: Any) -> Response:
        try:
            return _for_scripts(values["request"], run(**values))
        except (SignInNeeded, OldKey) as ended:
            return _after_the_end(values["request"], ended)

    return kept


def _for_scripts(request: Request, response: Response) -> Response:
    """A script goes on by itself: only so does it know that the answers have arrived."""
    if response.status_code == HTTPStatus.SEE_OTHER and request.headers.get("sent-by") == "script":
        response.status_code = HTTPStatus.NO_CONTENT
        del response.headers["content-length"]
    return response


class KeptRoute(TransactionRoute):
    """A route of the annotator's pages: see `_keeping`."""

    def around(self, page: Page, methods: Collection[str] | None) -> Page:
        """One transaction, and what was typed kept."""
        return _keeping(super().around(page, methods))


class HurriedRoute(KeptRoute):
    """The same for the few pages that an annotator spends the day with."""

    def scheduled(self, page: Page, methods: Collection[str] | None) -> Scheduled:
        """Without a thread, where that is cheaper."""
        return hurried(page, methods)


class KeptDoorRoute(ReadsFirstRoute):
    """The same for the page that asks for the password."""

    def around(self, page: Page, methods: Collection[str] | None) -> Page:
        """Who asks, and what was typed kept."""
        return _keeping(super().around(page, methods))


router = pages(KeptDoorRoute)


def _after_the_end(request: Request, ended: SignInNeeded | OldKey) -> Response:
    """What a form gets whose sign-in has ended. A draft is sent by the script, which needs a number only."""
    if not _is_ours(request):
        raise ended
    with suppress(OldKey):
        refuse_forged(request)  # Nothing that another site sent is ever shown.
    if request.scope["route"].name == DRAFT:
        return Response(status_code=401 if isinstance(ended, SignInNeeded) else 403)
    return _shown_again(request, 409)


def _is_ours(request: Request) -> bool:
    form = getattr(request.state, "form", {})
    return bool(form.get(CODER)) and "position" in request.path_params


def _shown_again(request: Request, status: int) -> Response:
    """The coding form with what was typed in it for its annotator, the door for anybody else."""
    try:
        with database_of(request).reading() as db:
            access = demand_access(db, request, Permission.CODE)
            if request.state.form[CODER] == coder_mark(access):
                return _desk(request, db, access, status)
    except SignInNeeded:
        return _door(request, blank(form_token=form_token()), 401)
    return _door(request, blank(form_token=form_token()), 401, is_taken=True)


def _desk(request: Request, db: Session, access: Access, status: int) -> Response:
    """The same post with the same answers. Not submitted: whoever sent them looks at them again first."""
    number, position = _place(request)
    here = desk(db, access, number, position)
    form = with_answers(db, here, parse(CodingForm, request.state.form))
    message = _(
        "You were signed out in the meantime, so nothing was submitted yet. "
        "What you typed is here: look it over and submit it."
    )
    wrong = {"reason": _("The post is not skipped yet.")} if form.text("reason") else {}
    revision = form.value.revision if form.value else None
    page = desk_page(request, db, here, form.refused(Refusal(message, wrong)), revision)
    return render(request, "coding/annotate.html", page, status)


def _place(request: Request) -> tuple[int, int]:
    number, position = (whole_number(str(request.path_params[name])) for name in ("number", "position"))
    if not number or not position:
        raise NotFound
    return number, position


def _door(request: Request, form: Form[Any], status: int, *, is_taken: bool = False) -> Response:
    number, position = _place(request)
    page = SignInPage(number, position, form, _kept(request), came_from(request), is_taken, ways(request))
    return render(request, "coding/sign_in_again.html", page, status)


def _kept(request: Request) -> tuple[tuple[str, str], ...]:
    """The answers among the fields that were sent."""
    sent = request.state.form.multi_items()
    return tuple(
        (name, value)
        for name, value in sent
        if isinstance(value, str) and (name in _KEPT or name.startswith(ANSWERS))
    )


@router.post(POSITION + "/sign-in", name="coding.sign_in_again")
def sign_in_again(
    request: Request,
    number: Number,
    position: Position,
    form: Annotated[Form[SignInForm], form_of(SignInForm)],
) -> Response:
    """Sign in, and show the coding form again with what was typed."""
    try:
        begun = open_session(request, form)
    except Refusal as refusal:
        return _door(request, without_passwords(form.refused(refusal)), 422)
    use_session(request, begun.token)
    try:
        response = _shown_again(request, 200)
    except (NotFound, Forbidden, Refusal):  # Said there, to somebody who is signed in.
        response = see_other(request, "coding.annotate", number=number, position=position)
    return signed_in(request, response, begun)


@router.get(POSITION + "/sign-in", name="coding.signing_in")
def signing_in(
    request: Request,
    access: Codes,  # noqa: ARG001 - who may not code is told so here, too
    number: Number,
    position: Position,
) -> Response:
    """The address that the form shown again leaves in the bar: to the post itself."""
    return see_other(request, "coding.annotate", number=number, position=position, query=came_from(request))
