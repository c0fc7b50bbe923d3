"""Merging a code of the draft into another, and splitting it."""

from typing import Annotated

from fastapi import Request, Response

from server.codebooks import succession
from server.codebooks.forms import MergeForm, SplitForm
from server.codebooks.pages.codes import code_page
from server.codebooks.pages.routes import CODE, kept, router, to_draft
from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.projects.access import EditsCodebook
from server.web.forms import Form, form_of
from server.web.routing import Db


@router.post(CODE + "/merge", name="codebooks.merge_code")
def merge_code(
    request: Request,
    db: Db,
    access: EditsCodebook,
    variable_key: str,
    code_key: str,
    form: Annotated[Form[MergeForm], form_of(MergeForm)],
) -> Response:
    """Let another code take this one up."""
    try:
        sent = form.checked()
        succession.merge_code(
            db, access, sent.edition, variable_key, code_key, sent.into, takes_examples=sent.takes_examples
        )
    except (Refusal, Conflict) as problem:
        return code_page(request, db, access, variable_key, code_key, *kept(form, problem))
    return to_draft(request, _("The codes are merged in the draft."), variable_key)


@router.post(CODE + "/split", name="codebooks.split_code")
def split_code(
    request: Request,
    db: Db,
    access: EditsCodebook,
    variable_key: str,
    code_key: str,
    form: Annotated[Form[SplitForm], form_of(SplitForm)],
) -> Response:
    """Let new codes take the place of this one."""
    try:
        sent = form.checked()
        keys = succession.split_code(db, access, sent.edition, variable_key, code_key, sent.lines)
    except (Refusal, Conflict) as problem:
        return code_page(request, db, access, variable_key, code_key, *kept(form, problem))
    notice = _("The code is split in the draft. The keys of the new ones: {keys}. Now edit what each means.")
    return to_draft(request, notice.format(keys=", ".join(keys)), variable_key)
