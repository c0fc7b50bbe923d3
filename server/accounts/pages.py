"""The admin's list of accounts."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.accounts import actions, queries, second_step
from server.accounts.access import Admin
from server.accounts.forms import NewAccountForm, RightsForm
from server.db.room import warning
from server.errors import Refusal
from server.language import gettext as _
from server.web.forms import Form, blank, form_of
from server.web.rendering import address, render, see_other
from server.web.routing import Db, database_of, pages

router = pages()


@dataclass(frozen=True)
class AccountsPage:
    """Every account of the server, and a form for another. `room`: what is to be known of the disk."""

    accounts: tuple[queries.AccountRow, ...]
    form: Form[Any]
    message: str
    own_id: int
    room: str


@dataclass(frozen=True)
class LinkPage:
    """A one-time link, shown once."""

    account: str
    link: str
    days: int


def _accounts(request: Request, db: Db, viewer: Admin, form: Form[Any], message: str = "") -> Response:
    room = warning(database_of(request), request.app.state.settings.least_free_mb)
    page = AccountsPage(queries.all_accounts(db), form, message, viewer.account_id, room)
    return render(
        request, "accounts/index.html", page, status=422 if message or form.message or form.errors else 200
    )


@router.get("/accounts", name="accounts.index")
def index(request: Request, db: Db, viewer: Admin) -> Response:
    """List every account."""
    return _accounts(request, db, viewer, blank())


@router.post("/accounts", name="accounts.create")
def create(
    request: Request, db: Db, viewer: Admin, form: Annotated[Form[NewAccountForm], form_of(NewAccountForm)]
) -> Response:
    """Make an account, and show the link with which its owner sets the password."""
    try:
        wanted = form.checked()
        actions.create_account(
            db,
            viewer.account_id,
            wanted.name,
            wanted.display_name,
            is_admin=wanted.is_admin,
            may_create_projects=wanted.may_create_projects,
        )
    except Refusal as refusal:
        return _accounts(request, db, viewer, form.refused(refusal))
    token = actions.make_reset_link(db, viewer.account_id, wanted.name, actions.FIRST_LINK_LIFETIME)
    return _link(request, wanted.name, token, actions.FIRST_LINK_LIFETIME.days)


@router.post("/accounts/{account_name}/link", name="accounts.make_link")
def make_link(request: Request, db: Db, viewer: Admin, account_name: str) -> Response:
    """Make a link with which the owner of an account sets a new password."""
    try:
        token = actions.make_reset_link(db, viewer.account_id, account_name)
    except Refusal as refusal:
        return _accounts(request, db, viewer, blank(), refusal.message)
    return _link(request, account_name, token, actions.LINK_LIFETIME.days)


def _link(request: Request, account: str, token: str, days: int) -> Response:
    link = request.app.state.settings.resolved_base_url + address(request, "accounts.reset", token=token)
    return render(request, "accounts/link.html", LinkPage(account, link, days))


@router.post("/accounts/{account_name}/rights", name="accounts.change_rights")
def change_rights(
    request: Request,
    db: Db,
    viewer: Admin,
    account_name: str,
    form: Annotated[Form[RightsForm], form_of(RightsForm)],
) -> Response:
    """Say what an account may do on this server."""
    try:
        wanted = form.checked()
        actions.change_rights(
            db, viewer.account_id, account_name, wanted.is_admin, wanted.may_create_projects
        )
    except Refusal as refusal:
        return _accounts(request, db, viewer, blank(), refusal.message)
    gave_up = queries.own_account(db, viewer.account_id).name == account_name and not wanted.is_admin
    return see_other(request, "projects.home" if gave_up else "accounts.index", notice=_("Saved."))


@router.post("/accounts/{account_name}/deactivate", name="accounts.deactivate")
def deactivate(request: Request, db: Db, viewer: Admin, account_name: str) -> Response:
    """Let nobody sign in as this account."""
    try:
        actions.deactivate(db, viewer.account_id, account_name, request.app.state.endings)
    except Refusal as refusal:
        return _accounts(request, db, viewer, blank(), refusal.message)
    return see_other(
        request, "accounts.index", notice=_("The account is deactivated. Its work stays where it is.")
    )


@router.post("/accounts/{account_name}/activate", name="accounts.activate")
def activate(request: Request, db: Db, viewer: Admin, account_name: str) -> Response:
    """Let the person sign in again."""
    actions.activate(db, viewer.account_id, account_name)
    return see_other(request, "accounts.index", notice=_("The account is active again."))


@router.post("/accounts/{account_name}/second-step", name="accounts.take_second_step_off")
def take_second_step_off(request: Request, db: Db, viewer: Admin, account_name: str) -> Response:
    """Let the password of somebody suffice who has lost their app and their recovery codes."""
    try:
        account_id = actions.demand_account(db, account_name).id or 0
        second_step.remove(db, viewer.account_id, account_id)
    except Refusal as refusal:
        return _accounts(request, db, viewer, blank(), refusal.message)
    return see_other(
        request, "accounts.index", notice=_("The second step is taken off; the history says so.")
    )
