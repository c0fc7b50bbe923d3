"""The second step at the door: its code is asked for, or it is added because the server demands it."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from server.accounts import halves, second_step
from server.accounts.actions import admit, count_attempt
from server.accounts.codes import in_groups, is_secret, new_secret, picture
from server.accounts.forms import CodeForm, OwedStepForm, local_path, without_passwords
from server.accounts.halves import Waiting
from server.accounts.letting_in import browser_of, half_token, settings_of, signed_in
from server.accounts.telling import Event, sender, tell
from server.errors import Refusal
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class CodePage:
    """The question for a code; `form` carries where to go behind it."""

    form: Form[Any]


@dataclass(frozen=True)
class AddStepPage:
    """A secret for an app, as a picture and to type, and the question for its first code.

    `is_owed`: at the door, where the password was just given; else it is asked for here.
    """

    form: Form[Any]
    picture: str
    in_groups: str
    is_owed: bool


@dataclass(frozen=True)
class CodesPage:
    """Recovery codes, shown once, in place of earlier ones or the first; `then` is where to go from here."""

    codes: tuple[str, ...]
    then: str
    are_renewed: bool


def add_step_page(request: Request, name: str, form: Form[Any], *, is_owed: bool) -> AddStepPage:
    """The page that adds a second step to the account `name`, with the secret that the form carries."""
    secret, server = form.text("secret"), settings_of(request).resolved_base_url.split("://")[-1]
    return AddStepPage(form, picture(secret, name, f"Intercoder {server}"), in_groups(secret), is_owed)


def codes_page(request: Request, codes: tuple[str, ...], then: str, *, are_renewed: bool = False) -> Response:
    """The recovery codes, which nobody can look at again."""
    return render(request, "accounts/recovery_codes.html", CodesPage(codes, then, are_renewed))


def _begin_again(request: Request, then: str = "/") -> Response:
    """The door, which leads on to `then` whom the same form sent a moment before has let in."""
    return see_other(request, "accounts.sign_in", query={"next": then} if then != "/" else None)


def _waiting(request: Request) -> Waiting | None:
    """Who knew the password in this browser; None where nobody did, or too long ago."""
    with database_of(request).reading() as db:
        return halves.waiting(db, half_token(request))


def _next(request: Request) -> str:
    return local_path(request.query_params.get("next", "/"))


@router.get("/sign-in/code", name="accounts.second_step")
def ask_code(request: Request, db: Db) -> Response:
    """Ask for the code of who knew the password."""
    if halves.waiting(db, half_token(request)) is None:
        return _begin_again(request)
    return render(request, "accounts/second_step.html", CodePage(blank(next=_next(request))))


@router.post("/sign-in/code", name="accounts.pass_second_step")
def pass_second_step(request: Request, form: Annotated[Form[CodeForm], form_of(CodeForm)]) -> Response:
    """Sign in with a code. Wrong ones count like wrong passwords."""
    database, waiting = database_of(request), _waiting(request)
    if waiting is None:
        return _begin_again(request)
    try:
        typed = form.checked().code
        with database.writing() as db:
            count_attempt(db, waiting.name, sender(request))
        with database.writing() as db:
            halves.use_up(db, half_token(request))
            second_step.check(db, waiting.account_id, typed, settings_of(request).resolved_secret_file)
            begun = admit(db, waiting.account_id, browser_of(request))
    except Refusal as refusal:
        if _waiting(request) is None:
            return _begin_again(request, local_path(form.text("next")))
        tell(request, Event.STEP_REFUSED, waiting.account_id)
        page = CodePage(without_passwords(form.refused(refusal)))
        return render(request, "accounts/second_step.html", page, status=422)
    then = RedirectResponse(local_path(form.checked().next), status_code=303)
    return signed_in(request, then, begun)


@router.get("/sign-in/second-step", name="accounts.owed_second_step")
def ask_to_add(request: Request, db: Db) -> Response:
    """Offer a secret to who owes a second step."""
    waiting = halves.waiting(db, half_token(request))
    if waiting is None or second_step.is_on(db, waiting.account_id):
        return _begin_again(request)
    form = blank(secret=new_secret(), next=_next(request))
    page = add_step_page(request, waiting.name, form, is_owed=True)
    return render(request, "accounts/add_second_step.html", page)


@router.post("/sign-in/second-step", name="accounts.add_owed_second_step")
def add_owed(request: Request, form: Annotated[Form[OwedStepForm], form_of(OwedStepForm)]) -> Response:
    """Add the second step, sign in and show the recovery codes."""
    database, waiting = database_of(request), _waiting(request)
    if waiting is None:
        return _begin_again(request)
    try:
        wanted = form.checked()
        with database.writing() as db:
            halves.use_up(db, half_token(request))
            codes = second_step.add(
                db, waiting.account_id, wanted.secret, wanted.code, settings_of(request).resolved_secret_file
            )
            begun = admit(db, waiting.account_id, browser_of(request))
    except Refusal as refusal:
        if _waiting(request) is None:
            return _begin_again(request, local_path(form.text("next")))
        return refused_step(request, waiting.name, form.refused(refusal), is_owed=True)
    return signed_in(request, codes_page(request, codes, local_path(wanted.next)), begun)


def refused_step(request: Request, name: str, form: Form[Any], *, is_owed: bool) -> Response:
    """The page again with the same secret; the app has it already."""
    kept = without_passwords(form)
    if not is_secret(kept.text("secret")):
        kept = replace(kept, typed={**kept.typed, "secret": (new_secret(),)})
    page = add_step_page(request, name, kept, is_owed=is_owed)
    return render(request, "accounts/add_second_step.html", page, status=422)
