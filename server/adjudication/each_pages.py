"""Many decisions at once, by a rule for each question."""

from typing import Annotated, Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.adjudication import batches
from server.adjudication.each_screen import each_page, rules_in
from server.adjudication.forms import EachForm
from server.adjudication.pages import BULK, accepted_words
from server.adjudication.scope import scope_of
from server.errors import Refusal
from server.projects.access import Access, Reviews
from server.web.forms import Form, form_of, parse
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
EACH = BULK + "/by-question"


@router.get(EACH, name="adjudication.bulk_each")
def bulk_each(request: Request, db: Db, access: Reviews) -> Response:
    """A rule for each question; with some in the address, what they would do."""
    return _shown(request, db, access, parse(EachForm, FormData(dict(request.query_params))))


@router.post(EACH, name="adjudication.accept_each")
def accept_each(
    request: Request, db: Db, access: Reviews, form: Annotated[Form[EachForm], form_of(EachForm)]
) -> Response:
    """Carry out the rules as they were previewed, as a whole, or show what they would do now."""
    scope = scope_of(db, access)
    try:
        fingerprint = form.checked().fingerprint
        n = batches.accept(db, access, scope, rules_in(db, access, scope, form), fingerprint)
    except batches.Changed as changed:
        return _shown(request, db, access, form.refused(Refusal(changed.message)), 409)
    except Refusal as refusal:
        return _shown(request, db, access, form.refused(refusal), 422)
    return see_other(request, "adjudication.bulk", notice=accepted_words(n))


def _shown(request: Request, db: Db, access: Access, form: Form[Any], status: int = 0) -> Response:
    page = each_page(db, access, form)
    return render(request, "adjudication/bulk_each.html", page, status or (422 if page.form.message else 200))
