"""A revealed round: its posts side by side, what is said about each, and second codings."""

from typing import Annotated

from fastapi import Depends, Request, Response

from server.adjudication.answers import table_of
from server.adjudication.forms import typed_answers
from server.errors import Refusal
from server.language import gettext as _
from server.norming import comments as discussion
from server.norming import second_codings
from server.norming.change_screen import change_page
from server.norming.compared import Show, revealed_round
from server.norming.forms import AgainForm, AskForm, CommentForm
from server.norming.post_screen import Returned, post_page
from server.norming.screens import posts_page
from server.projects.access import Access, ManagesRounds, SeesProject
from server.web.forms import Form, form_of
from server.web.numbers import PageNumber, number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()

Number = Annotated[int, number_in_path("number")]
Post = Annotated[int, number_in_path("post")]
SIDE_BY_SIDE = "/projects/{project_key}/rounds/{number}/side-by-side"
ONE = SIDE_BY_SIDE + "/{post}"
CHANGE = "/projects/{project_key}/rounds/{number}/before-and-after"


async def wanted(request: Request) -> Show:
    """Which posts the address asks for."""
    asked = request.query_params.get("show")
    return "differing" if asked == "differing" else "commented" if asked == "commented" else ""


Wanted = Annotated[Show, Depends(wanted)]


@router.get(SIDE_BY_SIDE, name="norming.posts")
def posts(
    request: Request, db: Db, access: SeesProject, number: Number, show: Wanted, page: PageNumber
) -> Response:
    """The posts of a revealed round, for those who coded in it and those who read it."""
    shown = posts_page(db, access, number, show=show, page=page)
    return render(request, "norming/posts.html", shown)


@router.post(SIDE_BY_SIDE, name="norming.ask_again")
def ask_again(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[AskForm], form_of(AskForm)],
) -> Response:
    """Ask for second codings after discussion, or close them."""
    of = revealed_round(db, access, number)
    try:
        is_open = form.checked().seconds == "open"
    except Refusal as refusal:
        shown = posts_page(db, access, number, show="", page=1, form=form.refused(refusal))
        return render(request, "norming/posts.html", shown, 422)
    second_codings.ask(db, access, of, is_open=is_open)
    said = (
        _("Second codings are asked for: annotators find the form at each post.")
        if is_open
        else _("Second codings are closed. Those that were given stay.")
    )
    return see_other(request, "norming.posts", notice=said, number=number)


@router.get(ONE, name="norming.post")
def post(request: Request, db: Db, access: SeesProject, number: Number, post: Post, show: Wanted) -> Response:
    """One post of a revealed round with everybody's answers side by side, and what is said about it."""
    shown = post_page(request, db, access, number, post, show)
    return render(request, "norming/post.html", shown)


def _back(
    request: Request, db: Db, access: Access, number: int, post: int, show: Show, returned: Returned
) -> Response:
    shown = post_page(request, db, access, number, post, show, returned)
    return render(request, "norming/post.html", shown, 422)


def _to_post(request: Request, number: int, post: int, show: Show, said: str = "") -> Response:
    query = {"show": show} if show else {}
    return see_other(request, "norming.post", notice=said, query=query, number=number, post=post)


@router.post(ONE + "/comments", name="norming.comment")
def comment(
    request: Request,
    db: Db,
    access: SeesProject,
    number: Number,
    post: Post,
    show: Wanted,
    form: Annotated[Form[CommentForm], form_of(CommentForm)],
) -> Response:
    """Say something about the post."""
    of = revealed_round(db, access, number)
    table = table_of(db, access, of.scope, post)
    try:
        discussion.comment(db, access, of, table, form.checked().text)
    except Refusal as refusal:
        returned = Returned(comment=form.refused(refusal))
        return _back(request, db, access, number, post, show, returned)
    return _to_post(request, number, post, show, _("Your comment stands below."))


@router.post(ONE + "/comments/{comment}/take-back", name="norming.take_back")
def take_back(
    request: Request,
    db: Db,
    access: SeesProject,
    number: Number,
    post: Post,
    comment: Annotated[int, number_in_path("comment")],
    show: Wanted,
) -> Response:
    """Take an own comment back."""
    of = revealed_round(db, access, number)
    discussion.take_back(db, access, of, table_of(db, access, of.scope, post), comment)
    said = _("Your comment is taken back. That there was one can still be seen.")
    return _to_post(request, number, post, show, said)


@router.post(ONE + "/again", name="norming.code_again")
def code_again(
    request: Request,
    db: Db,
    access: SeesProject,
    number: Number,
    post: Post,
    show: Wanted,
    form: Annotated[Form[AgainForm], form_of(AgainForm)],
) -> Response:
    """Store a second coding, marked as after the discussion."""
    of = revealed_round(db, access, number)
    table = table_of(db, access, of.scope, post)
    try:
        is_new = second_codings.code_again(db, access, of, table, typed_answers(form))
    except Refusal as refusal:
        return _back(request, db, access, number, post, show, Returned(again=form.refused(refusal)))
    said = (
        _("Your second coding is stored, apart from your independent one.")
        if is_new
        else _("Your second coding says this already, so nothing was stored.")
    )
    return _to_post(request, number, post, show, said)


def address(
    request: Request,
    access: SeesProject,  # noqa: ARG001 - outsiders are sent nowhere
    number: Number,
    post: Post,
    show: Wanted,
) -> Response:
    """The address that a form of the page leaves in the bar: to the post itself."""
    return _to_post(request, number, post, show)


for part, name in (("comments", "comments"), ("again", "again_address")):
    router.add_api_route(f"{ONE}/{part}", address, name=f"norming.{name}", methods=["GET"])


@router.get(CHANGE, name="norming.change")
def change(request: Request, db: Db, access: SeesProject, number: Number) -> Response:
    """Agreement of the independent and of the second codings, apart."""
    return render(request, "norming/change.html", change_page(db, access, number))
