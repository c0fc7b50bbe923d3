"""One's own account, where one is signed in, and signing out."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response
from sqlmodel import Session

from server.accounts import actions, queries, sessions
from server.accounts.access import AnyOne, SignedIn
from server.accounts.forms import ProfileForm
from server.accounts.telling import Event, tell
from server.errors import Refusal
from server.language import gettext as _
from server.web.cookies import forget_session, session_token
from server.web.forms import Form, blank, form_of
from server.web.languages import languages, names_of_languages
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages
from server.web.viewer import Viewer

router = pages()
# What the log tells of these is stored by then.
ending = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class MePage:
    """One's own account: two forms, for what is shown and for the password, and where one is signed in."""

    account: queries.OwnAccount
    profile: Form[Any]
    password: Form[Any]
    languages: tuple[tuple[str, str], ...]
    sessions: tuple[sessions.SessionRow, ...]


def me_page(
    request: Request,
    db: Session,
    viewer: Viewer,
    profile: Form[Any] | None = None,
    password: Form[Any] | None = None,
) -> Response:
    """The page of one's own account, with a refused form in its place."""
    account = queries.own_account(db, viewer.account_id)
    page = MePage(
        account=account,
        profile=profile or blank(display_name=account.display_name, language=account.language or ""),
        password=password or blank(),
        languages=(("", _("As the browser asks")), *names_of_languages()),
        sessions=sessions.own_sessions(db, viewer.account_id, session_token(request)),
    )
    return render(request, "accounts/me.html", page, status=422 if profile or password else 200)


@router.get("/me", name="accounts.me")
def me(request: Request, db: Db, viewer: SignedIn) -> Response:
    """Show one's own account."""
    return me_page(request, db, viewer)


@router.post("/me", name="accounts.edit_me")
def edit_me(
    request: Request, db: Db, viewer: SignedIn, form: Annotated[Form[ProfileForm], form_of(ProfileForm)]
) -> Response:
    """Change the name shown to others, and the language."""
    try:
        wanted = form.checked()
        if wanted.language and wanted.language not in languages():
            raise Refusal(_("Nothing was changed."), {"language": _("Choose one of the languages offered.")})
    except Refusal as refusal:
        return me_page(request, db, viewer, profile=form.refused(refusal))
    actions.change_profile(db, viewer.account_id, wanted.display_name, wanted.language or None)
    return see_other(request, "accounts.me", notice=_("Saved."))


@ending.post("/sign-out", name="accounts.sign_out")
def sign_out(request: Request, viewer: AnyOne) -> Response:
    """End the session here and in the database."""
    with database_of(request).writing() as db:
        sessions.sign_out(db, session_token(request))
    if viewer is not None:
        tell(request, Event.SIGNED_OUT, viewer.account_id)
    response = see_other(request, "accounts.sign_in", notice=_("You are signed out."))
    forget_session(request, response)
    return response


@ending.post("/me/sessions/{handle}/end", name="accounts.end_session")
def end_session(request: Request, viewer: SignedIn, handle: str) -> Response:
    """Sign another browser out; sent twice, or too late, it is out all the same."""
    with database_of(request).writing() as db:
        has_ended = sessions.end_session(db, viewer.account_id, handle)
    if has_ended:
        tell(request, Event.ENDED_ELSEWHERE, viewer.account_id)
    return see_other(request, "accounts.me", notice=_("That browser is signed out."))


@ending.post("/me/sessions/end", name="accounts.end_other_sessions")
def end_other_sessions(request: Request, viewer: SignedIn) -> Response:
    """Sign every other browser out."""
    with database_of(request).writing() as db:
        sessions.end_other_sessions(db, viewer.account_id, session_token(request))
    tell(request, Event.ENDED_ELSEWHERE, viewer.account_id)
    return see_other(request, "accounts.me", notice=_("Every other browser is signed out."))
