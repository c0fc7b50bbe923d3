"""Who asks: the owner of a token, found anew at every request, and what they may do at this moment.

Cookies count for nothing here, and a token counts for nothing on the pages.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Request
from sqlmodel import Session

from server.accounts.telling import Event, sender, tell
from server.api.problems import GuessedTooOften, NoToken, ScopeMissing
from server.errors import Busy, NotFound
from server.language import gettext as _
from server.projects.access import Access, granted
from server.projects.roles import Permission
from server.tokens.actions import count_guess, is_use_to_be_noted, note_use
from server.tokens.queries import (
    Holder,
    has_guessed_too_often,
    holder_of,
    maker_of,
    reached_member,
)
from server.tokens.scopes import Scope
from server.web.deferring import deferred
from server.web.few import place_among
from server.web.routing import SAFE_METHODS, database_of


def authenticate(request: Request) -> Holder:
    """The holder of the request's token, whose use is noted; a transaction of its own.

    Raises:
        NoToken: There is none, or none that works; one that never was is counted against the address.
        GuessedTooOften: Too many such tokens came from there.
    """
    token, address = _token(request), sender(request)
    with database_of(request).reading() as db:
        if has_guessed_too_often(db, address):
            tell(request, Event.TOO_MANY_TOKENS, None)
            raise GuessedTooOften(_("Too many wrong tokens came from this address. Wait 15 minutes."))
        holder = holder_of(db, token)
        maker = maker_of(db, token) if holder is None else None
    if holder is None:
        tell(request, Event.TOKEN_REFUSED, maker)
        if maker is None:
            with database_of(request).writing() as db:
                count_guess(db, address)
        raise NoToken(_("This token does not work: it was revoked, has expired, or never was."))
    if is_use_to_be_noted(holder):
        with database_of(request).writing() as db:
            note_use(db, holder)
    return holder


def _token(request: Request) -> str:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoToken
    return token.strip()


def holder_asking(request: Request, scope: Scope) -> Holder:
    """The holder of the request's token; `ScopeMissing` where it was not made for this."""
    holder: Holder = request.state.holder
    if scope not in holder.scopes:
        raise ScopeMissing(_("This token was made without the scope {scope}.").format(scope=scope), scope)
    return holder


def demand_access(db: Session, request: Request, scope: Scope, permission: Permission) -> Access:
    """The owner of the token as a member of the project in the address, with scope and permission."""
    holder, key = holder_asking(request, scope), request.path_params["project_key"]
    found = reached_member(db, holder, key)
    if found is None:
        raise NotFound
    return granted(found, key, permission, changes=request.method not in SAFE_METHODS)


def needs(scope: Scope, permission: Permission) -> Any:
    """What stands in a parameter's `Annotated`: the `Access` of who asks, or a refusal."""
    return deferred(lambda db, request: demand_access(db, request, scope, permission))


def _holder(scope: Scope) -> Callable[[Session, Request], Holder]:
    return lambda _db, request: holder_asking(request, scope)


ReadsProjects = Annotated[Holder, deferred(_holder(Scope.PROJECTS_READ))]
ReadsCodebook = Annotated[Access, needs(Scope.PROJECTS_READ, Permission.SEE_CODEBOOK)]
ReadsPosts = Annotated[Access, needs(Scope.POSTS_READ, Permission.SEE_POSTS)]
WritesPosts = Annotated[Access, needs(Scope.POSTS_WRITE, Permission.IMPORT_POSTS)]
ReadsOwnCodings = Annotated[Access, needs(Scope.CODINGS_READ, Permission.CODE)]
ReadsAllCodings = Annotated[Access, needs(Scope.CODINGS_READ, Permission.EXPORT)]
ReadsDecisions = Annotated[Access, needs(Scope.DECISIONS_READ, Permission.REVIEW_DISAGREEMENTS)]
ReadsAgreement = Annotated[Access, needs(Scope.AGREEMENT_READ, Permission.SEE_AGREEMENT)]
ReadsResults = Annotated[Access, needs(Scope.RESULTS_READ, Permission.SEE_RESULTS)]
ReadsFinal = Annotated[Access, needs(Scope.RESULTS_READ, Permission.EXPORT)]


@contextmanager
def one_of_few(request: Request) -> Iterator[None]:
    """Let only so many work on figures at once that pages stay quick; `Busy` for whoever comes besides."""
    with place_among(request.app.state.heavy) as has_place:
        if not has_place:
            raise Busy(_("Other figures are being worked out. Ask again in a moment."))
        yield
