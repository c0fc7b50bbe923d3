"""Made-up facts of studies, to be told in words."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from server.agreement import Coefficient
from server.codebooks.queries import VariableInfo
from server.methods.facts import Chosen, CorpusFact, DecisionFact, Facts, ImportFact, RoundFact
from server.reliability.figures import CodeAgreement, VariableAgreement
from server.results.choices import USUAL
from server.results.outcomes import REPORTED, Basis
from server.results.report import CodeResult, ResultsReport, VariableResult
from server.results.sampling import UNWEIGHABLE, Sampling
from server.results.shares import Share
from server.results.versions import Versions

EARLY = datetime(2025, 8, 6, 10, tzinfo=UTC)
LATE = datetime(2025, 8, 14, 10, tzinfo=UTC)
STANCE = VariableInfo(1, "stance", "single", "Stance", "", True, None, None, ())


def coefficient(name: str, estimate: float | None, **more: Any) -> Coefficient:
    """A coefficient over 40 posts."""
    usual: dict[str, Any] = {
        "level": "nominal",
        "interval": None if estimate is None else (estimate - 0.1, estimate + 0.1),
        "undefined": "Nothing has been coded yet." if estimate is None else None,
        "n_units": 60,
        "n_pairable": 40,
        "n_codings": 100,
        "resamples": 1000,
        "undefined_resamples": 0,
        "seed": 7,
        "n_clusters": 30,
    }
    return Coefficient(name=name, estimate=estimate, **(usual | more))


def code_agreement(label: str, alpha: float | None, n_chosen: int = 30) -> CodeAgreement:
    """A code against the rest."""
    both = (coefficient("percent_agreement", 0.9), coefficient("krippendorff_alpha", alpha))
    return CodeAgreement(label.lower(), label, 60, 40, 100, n_chosen, n_chosen / 100, both)


AGREEMENT = VariableAgreement(
    key="stance",
    kind="single",
    label="Stance",
    level="nominal",
    n_units=60,
    n_pairable=40,
    n_codings=100,
    n_annotators=2,
    n_authors=30,
    n_repeats=0,
    coefficients=(coefficient("percent_agreement", 0.85), coefficient("krippendorff_alpha", 0.7)),
    codes=(code_agreement("Against", 0.72), code_agreement("Favour", 0.6)),
    pairs=(),
    n_pairs=0,
    confusion=(),
    note="",
)


def share(count: int, denominator: int = 60) -> Share:
    """The share of a code."""
    return Share(
        count=count,
        denominator=denominator,
        share=count / denominator,
        interval=(0.2, 0.4),
        method="Wilson score",
        clusters=None,
        reason=None,
        share_of_resolved=None,
        unresolved=0,
        bounds=None,
        basis=dict.fromkeys(REPORTED, 0),
    )


def result() -> VariableResult:
    """The final values of the stance of 60 posts."""
    basis: dict[Basis, int] = dict.fromkeys(REPORTED, 0)
    basis.update({Basis.UNANIMOUS: 50, Basis.ADJUDICATED: 9, Basis.UNRESOLVED: 1})
    codes = (
        CodeResult("against", "Against", share(20), None),
        CodeResult("favour", "Favour", share(39), None),
    )
    return VariableResult("stance", "single", "Stance", "", 60, 1, basis, codes, None, None, None)


RESULTS = ResultsReport(
    ways=USUAL,
    n_posts=80,
    n_coded=60,
    n_authors=30,
    n_annotators=2,
    n_double_coded=40,
    n_unresolved=1,
    is_clustered=False,
    repeats=False,
    variables=(result(),),
    hidden=(),
    versions=Versions((), ()),
    sampling=Sampling(()),
    weighted=UNWEIGHABLE,
)
NO_RESULTS = replace(RESULTS, n_coded=0, n_annotators=0, n_double_coded=0, n_unresolved=0, variables=())
IMPORT = ImportFact(number=1, at=LATE, n_new=80, n_same_id=0, n_unreadable=0)
ROUND = RoundFact(
    number=2,
    title="Main",
    purpose="main",
    version=1,
    chosen=Chosen.RANDOM,
    field="",
    seed=11,
    n_posts=60,
    n_coded=60,
    n_double=40,
    n_annotators=2,
    n_codings=100,
    first=EARLY,
    last=LATE,
    is_open=False,
    depth=None,
    double_share=0.5,
)
FACTS = Facts(
    imports=(IMPORT,),
    corpus=CorpusFact(80, 30, 0, EARLY, LATE),
    book=(STANCE,),
    rounds=(ROUND,),
    n_late=0,
    agreement=(AGREEMENT,),
    decisions=DecisionFact(9, 9, 0, 4),
    results=RESULTS,
)
