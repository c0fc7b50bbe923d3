"""Who asks: the dependency that finds the person behind a request."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Request
from sqlmodel import Session

from server.accounts.queries import viewer_by_token
from server.accounts.sessions import note_seen
from server.clock import now
from server.errors import Forbidden, SignInNeeded
from server.language import gettext as _
from server.web.cookies import session_token
from server.web.deferring import deferred
from server.web.languages import use_language
from server.web.routing import afterwards
from server.web.viewer import Viewer, remember_viewer

_NOTED_EVERY = timedelta(minutes=5)


def find_viewer(db: Session, request: Request) -> Viewer | None:
    """The person who is signed in, or None."""
    token = session_token(request)
    found = viewer_by_token(db, token) if token else None
    if found is None:
        return None
    viewer, language, seen_at = found
    use_language(language)
    keep_open(request, token, seen_at)
    remember_viewer(request, viewer)
    return viewer


def demand_viewer(db: Session, request: Request) -> Viewer:
    """The person who is signed in; `SignInNeeded` where there is nobody."""
    viewer = find_viewer(db, request)
    if viewer is None:
        raise SignInNeeded
    return viewer


def demand_admin(db: Session, request: Request) -> Viewer:
    """The admin who is signed in; `Forbidden` for anybody else."""
    viewer = demand_viewer(db, request)
    if not viewer.is_admin:
        raise Forbidden(_("Only an admin of this server may do this."))
    return viewer


def keep_open(request: Request, token: str, seen_at: datetime | None) -> None:
    """Have it noted that the session of `token` is in use, where that was not done of late."""
    if seen_at is None or now() - seen_at > _NOTED_EVERY:
        idle: timedelta = request.app.state.settings.idle
        afterwards(request, lambda db: note_seen(db, token, idle))


AnyOne = Annotated[Viewer | None, deferred(find_viewer)]
SignedIn = Annotated[Viewer, deferred(demand_viewer)]
Admin = Annotated[Viewer, deferred(demand_admin)]
