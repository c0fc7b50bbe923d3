"""The page on which the lead looks after the reasons for skipping a post."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel

from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, ManagesRounds
from server.rounds.reasons import Reason, WantedReason, change_reasons, reasons
from server.web.forms import Form, blank, form_of
from server.web.numbers import whole_number
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
PLACE = "/projects/{project_key}/settings/skip-reasons"


class ReasonsForm(BaseModel):
    """The list as a whole; its other fields are named after the reasons' keys."""

    added: str = ""


@dataclass(frozen=True)
class ReasonsPage:
    """The reasons in their order, each with its fields. `labels` name these in the list of what is wrong."""

    reasons: tuple[Reason, ...]
    form: Form[Any]
    labels: dict[str, str]


def _page(db: Db, access: Access, form: Form[Any] | None = None) -> ReasonsPage:
    found = reasons(db, access.project_id)
    labels = {f"{column}-{reason.key}": reason.label for reason in found for column in ("label", "place")}
    return ReasonsPage(found, form or blank(**_fields(found)), labels)


def _fields(found: tuple[Reason, ...]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for place, reason in enumerate(found, start=1):
        fields[f"label-{reason.key}"] = reason.label
        fields[f"place-{reason.key}"] = place
        fields[f"offered-{reason.key}"] = reason.is_offered
    return fields


@router.get(PLACE, name="rounds.skip_reasons")
def skip_reasons(request: Request, db: Db, access: ManagesRounds) -> Response:
    """Offer to reword, order, add and take away reasons for skipping."""
    return render(request, "rounds/skip_reasons.html", _page(db, access))


@router.post(PLACE, name="rounds.save_skip_reasons")
def save_skip_reasons(
    request: Request, db: Db, access: ManagesRounds, form: Annotated[Form[ReasonsForm], form_of(ReasonsForm)]
) -> Response:
    """Change the list."""
    try:
        change_reasons(db, access, _wanted(form))
    except Refusal as refusal:
        # Without a sentence at a field the list itself is another one, and shown as it is.
        refused = form.refused(refusal)
        if not refusal.fields:
            refused = blank(**_fields(reasons(db, access.project_id))).refused(refusal)
        return render(request, "rounds/skip_reasons.html", _page(db, access, refused), status=422)
    return see_other(request, "rounds.skip_reasons", notice=_("Saved."))


def _wanted(form: Form[ReasonsForm]) -> list[WantedReason]:
    keys = [name.removeprefix("label-") for name in form.typed if name.startswith("label-")]
    wanted = [
        WantedReason(
            key,
            _line(form, f"label-{key}"),
            whole_number(form.text(f"place-{key}")),
            form.has(f"offered-{key}"),
        )
        for key in keys
    ]
    if added := _line(form, "added"):
        last = max((each.place or 0 for each in wanted), default=0)
        wanted.append(WantedReason("", added, last + 1, True))
    return wanted


def _line(form: Form[ReasonsForm], name: str) -> str:
    return " ".join(form.text(name).replace("\0", "").split())
