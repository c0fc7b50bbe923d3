"""The pages on which a lead takes posts down."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.corpora.actions import lock_imports
from server.corpora.pages.routes import closes_files
from server.corpora.uploads import plain_filename
from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, ImportsPosts
from server.takedown.actions import Done, Order, take_down
from server.takedown.finding import Found, Named, find
from server.takedown.forms import FindForm, TakeDownForm, lines
from server.takedown.lists import listed
from server.takedown.log import Entry, append, entries_of
from server.takedown.queries import Consequences, TakedownLine, consequences, takedowns
from server.takedown.wiping import wipe
from server.web.forms import Form, blank, form_of
from server.web.numbers import whole_number
from server.web.reader_processes import read_apart
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)
TAKEDOWN = "/projects/{project_key}/takedown"
SHOWN = 100


@dataclass(frozen=True)
class TakedownPage:
    """The form that names posts, and the takedowns there were.

    `not_wiped` is said of those that are still in the files of the database.
    """

    form: Form[Any]
    takedowns: tuple[TakedownLine, ...]
    not_wiped: str


@dataclass(frozen=True)
class LookPage:
    """The posts that are meant (`n_shown` of them are listed), and what there is about them."""

    form: Form[Any]
    found: Found
    touched: Consequences
    n_shown: int


@router.get(TAKEDOWN, name="takedown.index")
def index(request: Request, db: Db, access: ImportsPosts) -> Response:
    """Ask which posts are meant."""
    number = whole_number(request.query_params.get("post", ""))
    return _index_page(request, db, access, blank(posts=f"#{number}" if number else ""))


def _index_page(request: Request, db: Db, access: Access, form: Form[Any], status: int = 200) -> Response:
    page = TakedownPage(form, takedowns(db, access), not_wiped())
    return render(request, "takedown/index.html", page, status)


@router.post(TAKEDOWN, name="takedown.look", dependencies=[closes_files])
def look(
    request: Request, access: ImportsPosts, form: Annotated[Form[FindForm], form_of(FindForm)]
) -> Response:
    """Show the posts that are meant. Nothing is changed yet."""
    database = database_of(request)
    try:
        # Reading and scanning a file takes its time: no transaction waits for it.
        named = _named(request, form)
        with database.reading() as db:
            found = find(db, access, named)
            if not found.posts:
                raise _nobody(found)
            offered = blank(posts="\n".join(f"#{post.number}" for post in found.posts), codings="keep")
            return _look_page(request, db, access, found, offered)
    except Refusal as refusal:
        with database.reading() as db:
            return _index_page(request, db, access, form.refused(refusal), 422)


def _named(request: Request, form: Form[FindForm]) -> Named:
    asked = form.checked()
    return Named((*lines(asked.posts), *_listed(request, form)), asked.author, asked.with_copies)


def _listed(request: Request, form: Form[Any]) -> tuple[str, ...]:
    """The ids in the file of a form; none where it has no file."""
    file = form.files.get("file")
    if file is None or not file.filename:
        return ()
    try:
        return read_apart(request, listed, file.opened(), plain_filename(file.filename))
    except Refusal as refusal:
        raise Refusal(_("The list was not read."), {"file": refusal.message}) from refusal


def _nobody(found: Found) -> Refusal:
    if found.n_down:
        return Refusal(_("These posts were taken down already."))
    words = _("No post of this project has such an id, link, number or author.")
    return Refusal(words, {"posts": words})


def _look_page(
    request: Request, db: Db, access: Access, found: Found, form: Form[Any], status: int = 200
) -> Response:
    touched = consequences(db, access, [post.id for post in found.posts])
    return render(request, "takedown/look.html", LookPage(form, found, touched, SHOWN), status)


@router.post(TAKEDOWN + "/confirmed", name="takedown.take_down")
def confirmed(
    request: Request, access: ImportsPosts, form: Annotated[Form[TakeDownForm], form_of(TakeDownForm)]
) -> Response:
    """Take the posts down that were shown."""
    try:
        done, entries = _carry_out(request, access, form)
    except Refusal as refusal:
        return _again(request, access, form.refused(refusal))
    is_listed = append(request.app.state.settings.data, entries)
    is_wiped = wipe(database_of(request))
    return see_other(request, "takedown.index", notice=_said(done, is_wiped=is_wiped, is_listed=is_listed))


def _carry_out(request: Request, access: Access, form: Form[TakeDownForm]) -> tuple[Done, list[Entry]]:
    asked = form.checked()
    if not asked.is_meant:
        raise Refusal(_("Nothing was taken down yet."), {"is_meant": _("Tick this to say that you mean it.")})
    with database_of(request).writing() as db:
        # It may hold posts that are not here yet.
        lock_imports(db, access)
        found = find(db, access, Named(lines(asked.posts)))
        keeps = asked.codings == "keep"
        ids = [post.id for post in found.posts]
        done = take_down(db, Order(access.project_id, access.account_id, ids, keeps, asked.reason))
        entries = entries_of(db, access.project_key, access.project_id, done.numbers, keeps=keeps)
    database_of(request).memory.clear()  # It holds codebooks, of which a quotation may be gone.
    return done, entries


def _again(request: Request, access: Access, form: Form[TakeDownForm]) -> Response:
    with database_of(request).reading() as db:
        try:
            found = find(db, access, Named(lines(form.text("posts"))))
        except Refusal as refusal:
            return _index_page(request, db, access, blank().refused(refusal), 422)
        if not found.posts:  # As after a second click on the button.
            return see_other(request, "takedown.index", notice=_nobody(found).message)
        return _look_page(request, db, access, found, form, 422)


def not_wiped() -> str:
    """That a takedown is not wholly carried out yet, and what becomes of it."""
    return _(
        "No page or download shows it any more, but the files of the database may still hold it: somebody, "
        "as a long transaction or a replica, still sees an older state. The server tries again by itself."
    )


def _said(done: Done, *, is_wiped: bool, is_listed: bool) -> str:
    n = len(done.numbers)
    said = [ngettext("{n} post is taken down.", "{n} posts are taken down.", n).format(n=n)]
    if not is_wiped:
        said.append(not_wiped())
    if not is_listed:
        said.append(
            _(
                "The list beside the database could not be written: until the next backup writes its own, an "
                "older one would bring them back."
            )
        )
    return " ".join(said)
