"""The page that says how many posts to code twice, before any of them is."""

from dataclasses import dataclass, replace

from fastapi import Request, Response
from starlette.datastructures import FormData, QueryParams

from server.projects.access import SeesAgreement
from server.reliability.forms import CONFIDENCES, PlanForm
from server.reliability.plan_tables import (
    FEW_DISPUTED,
    POWER,
    SIGNIFICANCE,
    SIGNIFICANCES,
    Answer,
    answer_to,
    plan_sheets,
)
from server.reliability.screens import Choices
from server.reliability.sheets import Sheet
from server.web.forms import Form, parse
from server.web.rendering import render
from server.web.routing import pages
from server.web.words import percent

router = pages()
_OFFERED = {
    "prevalence": "25",
    "alpha": "0.80",
    "annotators": "2",
    "half_width": "0.05",
    "confidence": "0.95",
}


@dataclass(frozen=True)
class PlanPage:
    """What is asked and, where it can be, answered.

    `asked` is the question as it stands in an address; plans with fewer disputed posts than `few` are marked.
    """

    form: Form[PlanForm]
    confidences: Choices
    asked: dict[str, str]
    answer: Answer | None
    sheets: dict[str, Sheet]
    significances: tuple[float, ...] = SIGNIFICANCES
    significance: float = SIGNIFICANCE
    power: float = POWER
    few: int = FEW_DISPUTED


@router.get("/projects/{project_key}/agreement/plan", name="reliability.plan")
def plan(request: Request, _access: SeesAgreement) -> Response:
    """How many posts several annotators must code; what was not asked for is what is usual."""
    page = plan_page(request.query_params)
    return render(request, "reliability/plan.html", page, status=200 if page.answer else 422)


def plan_page(query: QueryParams) -> PlanPage:
    """What the page shows for this address."""
    parsed: Form[PlanForm] = parse(PlanForm, FormData([*query.multi_items()]))
    typed = {name: parsed.text(name).strip() or usual for name, usual in _OFFERED.items()}
    form = replace(parsed, typed={name: (text,) for name, text in typed.items()})
    answer = answer_to(form.value.wish()) if form.value else None
    return PlanPage(
        form=form,
        confidences=tuple((value, percent(float(value), 0)) for value in CONFIDENCES),
        asked=typed,
        answer=answer,
        sheets=plan_sheets(answer) if answer else {},
    )
