"""Operations on figures: agreement before reveal, and the final shares."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from server.agreement import DEFAULT_RESAMPLES
from server.api.agreement_shapes import Agreement
from server.api.parameters import ProjectKey
from server.api.results_shapes import Results
from server.api.routing import operations
from server.api.shapes import Number
from server.api.token_access import ReadsAgreement, ReadsResults, one_of_few
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.report import agreement_report
from server.reliability.report import as_json as agreement_json
from server.results.forms import WaysForm
from server.results.printed import as_json as results_json
from server.results.report import results_report
from server.web.routing import Db

router = operations()


class AgreementQuery(BaseModel):
    """Of what agreement is told."""

    model_config = ConfigDict(extra="forbid")

    round: Annotated[list[Number], Field(max_length=100)] = Field(
        default_factory=list, description="Of these rounds; of all but training where it is left out"
    )
    variable: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="On this variable alone"
    )


class ResultsQuery(WaysForm):
    """How the final values are counted and estimated; what is left out is as usual."""

    model_config = ConfigDict(extra="forbid")


@router.get("/projects/{project_key}/agreement", name="api.get_agreement")
def get_agreement(
    request: Request,
    db: Db,
    access: ReadsAgreement,
    _key: ProjectKey,
    query: Annotated[AgreementQuery, Query()],
) -> Agreement:
    """Inter-rater agreement of independent codings, by variable, code and pair.

    Scope `agreement:read`; leads, adjudicators and viewers. Intervals are bias-corrected and accelerated,
    from 1,000 resamples of a fixed seed. Rounds whose figures the owner of the token may not see yet are left
    out.
    """
    measuring = Measuring(None, DEFAULT_SEED, DEFAULT_RESAMPLES, is_full=True)
    with one_of_few(request):
        report = agreement_report(db, access, measuring, rounds=query.round or None, variable=query.variable)
    return Agreement.model_validate(agreement_json(report))


@router.get("/projects/{project_key}/results", name="api.get_results")
def get_results(
    request: Request,
    db: Db,
    access: ReadsResults,
    _key: ProjectKey,
    query: Annotated[ResultsQuery, Query()],
) -> Results:
    """The final share of every code, with its interval and how it came about.

    Scope `results:read`; leads, adjudicators and viewers.
    """
    with one_of_few(request):
        report = results_report(db, access, query.ways)
    return Results.model_validate(results_json(report))
