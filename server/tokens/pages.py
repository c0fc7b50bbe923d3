"""The pages of access tokens: one's own, and those that reach a project, for its leads."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.accounts.access import SignedIn
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import ManagesMembers
from server.projects.queries import own_projects
from server.tokens import actions, queries
from server.tokens.forms import TokenForm
from server.tokens.scopes import Scope, scope_offers
from server.web.forms import Form, blank, form_of
from server.web.once import form_token, secret_of
from server.web.rendering import render, see_other
from server.web.routing import Db, pages
from server.web.viewer import Viewer

router = pages()


@dataclass(frozen=True)
class OwnTokensPage:
    """One's own tokens, and a form for another."""

    tokens: tuple[queries.TokenRow, ...]
    form: Form[Any]
    projects: tuple[tuple[str, str], ...]
    scopes: tuple[tuple[str, str], ...]
    most_days: int


@dataclass(frozen=True)
class MadeTokenPage:
    """A new token, shown this once."""

    token: str
    name: str
    days: int
    address: str


@dataclass(frozen=True)
class ReachingTokensPage:
    """The tokens with which members reach the project."""

    tokens: tuple[queries.TokenRow, ...]


def _own(request: Request, db: Db, viewer: Viewer, form: Form[Any] | None = None) -> Response:
    offered = blank(form_token=form_token(), days=90, scopes=(Scope.PROJECTS_READ,))
    projects = tuple((one.key, one.title) for one in own_projects(db, viewer.account_id))
    page = OwnTokensPage(
        tokens=queries.own_tokens(db, viewer.account_id),
        form=form or offered,
        projects=(("", _("All projects I am in")), *projects),
        scopes=scope_offers(),
        most_days=actions.MAX_DAYS,
    )
    return render(request, "tokens/index.html", page, status=422 if form else 200)


@router.get("/me/tokens", name="tokens.index")
def index(request: Request, db: Db, viewer: SignedIn) -> Response:
    """List one's own tokens."""
    return _own(request, db, viewer)


@router.post("/me/tokens", name="tokens.make")
def make(
    request: Request, db: Db, viewer: SignedIn, form: Annotated[Form[TokenForm], form_of(TokenForm)]
) -> Response:
    """Make a token, and show it this once."""
    try:
        wanted = form.checked()
        said = (wanted.name, sorted(wanted.scopes), wanted.days, wanted.project)
        secret = secret_of(request, "access token", wanted.form_token, *said)
        token = actions.make_token(db, viewer.account_id, *said, secret)
    except Refusal as refusal:
        return _own(request, db, viewer, form.refused(refusal))
    address = f"{request.app.state.settings.resolved_base_url}/api/v1"
    return render(request, "tokens/make.html", MadeTokenPage(token, wanted.name, wanted.days, address))


@router.post("/me/tokens/{handle}/revoke", name="tokens.revoke")
def revoke(request: Request, db: Db, viewer: SignedIn, handle: str) -> Response:
    """End a token of one's own."""
    actions.revoke_token(db, viewer.account_id, handle)
    return see_other(request, "tokens.index", notice=_("The token is revoked and opens nothing any more."))


@router.get("/projects/{project_key}/tokens", name="tokens.reaching")
def reaching(request: Request, db: Db, access: ManagesMembers) -> Response:
    """List the tokens that reach the project."""
    page = ReachingTokensPage(queries.tokens_reaching(db, access))
    return render(request, "tokens/reaching.html", page)


@router.post("/projects/{project_key}/tokens/{handle}/revoke", name="tokens.revoke_here")
def revoke_here(request: Request, db: Db, access: ManagesMembers, handle: str) -> Response:
    """Keep a token out of the project."""
    actions.revoke_here(db, access, handle)
    return see_other(request, "tokens.reaching", notice=_("The token does not open this project any more."))
