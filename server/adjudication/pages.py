"""The pages of disagreements: the queue, one post to decide, and rules for many decisions at once."""

from dataclasses import fields
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from server.adjudication import actions, batches
from server.adjudication.answers import table_of
from server.adjudication.beside import Sent
from server.adjudication.bulk_screen import bulk_page, checked
from server.adjudication.deciding import Change
from server.adjudication.filters import Filters
from server.adjudication.forms import BulkForm, DecideForm, WithdrawForm, sent
from server.adjudication.outcome import outcome
from server.adjudication.post_screen import conflict_page, post_page
from server.adjudication.queries import number_of, selected
from server.adjudication.queue_screen import queue_page
from server.adjudication.scope import scope_of
from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, Reviews
from server.web.forms import Form, blank, form_of, parse
from server.web.numbers import PageNumber, number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, LeavesTransactionsRoute, database_of, pages
from server.web.words import number as in_digits

router = pages()

# Larger numbers are no numbers of posts, and no database takes them.
Number = Annotated[int, number_in_path("number")]
Decision = Annotated[Form[DecideForm], form_of(DecideForm)]
Withdrawal = Annotated[Form[WithdrawForm], form_of(WithdrawForm)]
BulkRule = Annotated[Form[BulkForm], form_of(BulkForm)]
PLACE = "/projects/{project_key}/disagreements"
BULK, POST = PLACE + "/bulk", PLACE + "/{number}"


async def chosen(request: Request) -> Filters:
    """The filters in the address."""
    given = {field.name: request.query_params.get(field.name, "") for field in fields(Filters)}
    return Filters(**{name: value.replace("\0", "")[:200] for name, value in given.items() if value})


Chosen = Annotated[Filters, Depends(chosen)]


@router.get(PLACE, name="adjudication.queue")
def queue(request: Request, db: Db, access: Reviews, filters: Chosen, page: PageNumber) -> Response:
    """The posts on which annotators differ, lowest agreement first."""
    return render(request, "adjudication/queue.html", queue_page(db, access, filters, page))


@router.get(BULK, name="adjudication.bulk")
def bulk(request: Request, db: Db, access: Reviews) -> Response:
    """Rules for many decisions at once; with one in the address, what it would do."""
    form: Form[BulkForm] = blank(rule="unanimous", minimum=2)
    if "rule" in request.query_params:
        form = parse(BulkForm, FormData(dict(request.query_params)))
    return _bulk(request, db, access, form)


def _bulk(request: Request, db: Db, access: Access, form: Form[BulkForm], status: int = 422) -> Response:
    page = bulk_page(db, access, form)
    return render(request, "adjudication/bulk.html", page, status if page.form.message else 200)


@router.post(BULK, name="adjudication.accept")
def accept(request: Request, db: Db, access: Reviews, form: BulkRule) -> Response:
    """Carry out the rule as it was previewed, or show what it would do now."""
    scope = scope_of(db, access)
    try:
        value = checked(scope, form)
        n_decisions = batches.accept(db, access, scope, value.meant, value.fingerprint)
    except batches.Changed as changed:
        return _bulk(request, db, access, form.refused(Refusal(changed.message)), 409)
    except Refusal as refusal:
        return _bulk(request, db, access, form.refused(refusal))
    return see_other(request, "adjudication.bulk", notice=accepted_words(n_decisions))


def accepted_words(n: int) -> str:
    """How many decisions were written."""
    return ngettext("%s decision was written.", "%s decisions were written.", n) % in_digits(n)


@router.post(BULK + "/{number}/undo", name="adjudication.undo")
def undo(request: Request, db: Db, access: Reviews, number: Number) -> Response:
    """Withdraw what still stands of a bulk decision."""
    undone = batches.undo(db, access, number)
    return see_other(request, "adjudication.bulk", notice=_undone(undone))


def _undone(undone: batches.Undone) -> str:
    n = undone.n_withdrawn
    said = ngettext("%s decision was withdrawn.", "%s decisions were withdrawn.", n) % in_digits(n)
    if not undone.n_superseded:
        return said
    n = undone.n_superseded
    stays = ngettext(
        "%s was replaced or withdrawn since and stays as it is.",
        "%s were replaced or withdrawn since and stay as they are.",
        n,
    )
    return f"{said} {stays % in_digits(n)}"


def post(request: Request, access: Reviews, number: Number, filters: Chosen) -> Response:
    """One post: who said what, under letters, and the form to decide it.

    Who opens it to compare two people by name is written down.
    """
    with database_of(request).reading() as db:
        page = post_page(db, access, number, filters, _taken_over(request))
        is_noted = not page.pair or actions.is_pair_noted(db, access, page.pair)
    if not is_noted:
        with database_of(request).writing() as db:
            actions.note_pair(db, access, page.pair)
    return render(request, "adjudication/post.html", page)


def _taken_over(request: Request) -> Sent:
    example_of, took = (request.query_params.get(name, "") for name in ("example_of", "took"))
    return Sent(example_of=example_of, took=took)


router.add_api_route(
    POST, post, name="adjudication.post", methods=["GET"], route_class_override=LeavesTransactionsRoute
)


def post_shown(
    request: Request, db: Db, access: Access, number: int, filters: Filters, back: Sent, status: int = 200
) -> Response:
    """The page of a post with what came back from one of its forms."""
    page = post_page(db, access, number, filters, back)
    return render(request, "adjudication/post.html", page, status)


@router.post(POST, name="adjudication.decide")
def decide(
    request: Request, db: Db, access: Reviews, number: Number, filters: Chosen, form: Decision
) -> Response:
    """Decide, and go on to the next open post."""
    try:
        made = actions.decide(db, access, scope_of(db, access), number, sent(form))
    except actions.Overtaken as overtaken:
        page = conflict_page(db, access, number, filters, form, overtaken.message)
        return render(request, "adjudication/conflict.html", page, 409)
    except Refusal as refusal:
        return post_shown(request, db, access, number, filters, Sent(decide=form.refused(refusal)), 422)
    return _go_on(request, db, access, number, filters, made)


def _go_on(
    request: Request,
    db: Db,
    access: Access,
    number: int,
    filters: Filters,
    made: tuple[Change, ...],
) -> Response:
    scope = scope_of(db, access)
    after = table_of(db, access, scope, number)
    following = selected(db, access, scope, filters).queue.next_open(after.post.id)
    said = outcome(after, made)
    if following is None:
        return see_other(request, "adjudication.queue", notice=said, query=filters.query)
    return see_other(
        request,
        "adjudication.post",
        notice=said,
        query=filters.query,
        number=number_of(db, access, following),
    )


@router.post(POST + "/withdraw", name="adjudication.withdraw")
def withdraw(
    request: Request, db: Db, access: Reviews, number: Number, filters: Chosen, form: Withdrawal
) -> Response:
    """Take a decision back."""
    try:
        value = form.checked()
        scope, why = scope_of(db, access), value.why.replace("\0", "")
        actions.withdraw(db, access, scope, number, value.variable, value.stands, why)
    except actions.Overtaken as overtaken:
        back = Sent(withdraw=form.refused(Refusal(overtaken.message)))
        return post_shown(request, db, access, number, filters, back, 409)
    except Refusal as refusal:
        back = Sent(withdraw=form.refused(refusal))
        return post_shown(request, db, access, number, filters, back, 422)
    said = _("The decision is withdrawn, and the question is open again.")
    return see_other(request, "adjudication.post", notice=said, query=filters.query, number=number)
