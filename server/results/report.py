"""The results of a project: the final share of every code and how sure it is, for its page and the shell."""

from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from server.agreement import Coefficient
from server.codebooks.queries import VariableInfo
from server.projects.access import Access
from server.reliability.figures import VariableAgreement
from server.results.choices import USUAL, Ways
from server.results.conditional import Final
from server.results.estimating import Estimator
from server.results.finals import Finals
from server.results.memory import remembered_agreement, remembered_finals
from server.results.outcomes import Basis, Choices, Statements, is_coded_on
from server.results.queries import scope_of_figures, variables
from server.results.sampling import Sampling, Weighted, check_reach, sampling_of, weighted_by
from server.results.shares import Moments, Share, bases_of, code_values, moments, nothing_of, shares_of
from server.results.versions import Versions, versions_behind
from server.rounds.queries import Sight


@dataclass(frozen=True)
class CodeResult:
    """The final share of one code, and its alpha before adjudication where codings can tell."""

    key: str
    label: str
    share: Share
    alpha: Coefficient | None


@dataclass(frozen=True)
class VariableResult:
    """The final values of one variable on the `n_posts` posts that were coded on it.

    A post of a multiple choice is unresolved when one of its codes is; `nothing` is the share of posts that
    carry none. `only_if` says of which posts it is asked, where not of all. `basis` is None where each code
    has its own, in a multiple choice. `moments` speak of ordinal and number variables. `left_out` says of
    which posts its weighed shares do not speak, where those of other variables do.
    """

    key: str
    kind: str
    label: str
    only_if: str
    n_posts: int
    n_unresolved: int
    basis: dict[Basis, int] | None
    codes: tuple[CodeResult, ...]
    nothing: Share | None
    moments: Moments | None
    alpha: Coefficient | None
    left_out: str = ""


@dataclass(frozen=True)
class ResultsReport:
    """Everything that is said of the final values of a project, counted in one way.

    `n_unresolved` counts posts with an unresolved variable, free text apart, which is rarely alike. Where
    authors have several posts, `repeats`; where intervals take that into account, `is_clustered`. `hidden`
    are the rounds that are left out, because this reader may not see figures of them.
    """

    ways: Ways
    n_posts: int
    n_coded: int
    n_authors: int
    n_annotators: int
    n_double_coded: int
    n_unresolved: int
    is_clustered: bool
    repeats: bool
    variables: tuple[VariableResult, ...]
    hidden: tuple[Sight, ...]
    versions: Versions
    sampling: Sampling
    weighted: Weighted


def results_report(db: Session, access: Access, ways: Ways = USUAL) -> ResultsReport:
    """The results as this member may see them, counted and estimated in these ways.

    Raises:
        Refusal: where the ways do not go together with how the posts came to be coded.
    """
    scope = scope_of_figures(db, access)
    sampling = sampling_of(db, scope)
    check_reach(ways, sampling)
    asked = variables(db, access, scope)
    finals = remembered_finals(db, access, scope, asked, ways.rule)
    n_posts, n_coded = finals.authors.n_posts, int(finals.is_coded.sum())
    weighted = weighted_by(db, scope, finals, sampling, ways)
    estimator = Estimator(finals.authors, ways, weighing=weighted.weighing)
    agreements = remembered_agreement(db, access, scope, asked, is_alpha_alone=True)
    return ResultsReport(
        ways=ways,
        n_posts=n_posts,
        n_coded=n_coded,
        n_authors=finals.authors.n,
        n_annotators=finals.n_annotators,
        n_double_coded=finals.n_double_coded,
        n_unresolved=finals.n_unresolved,
        is_clustered=any(estimator.clusters_of(final.values.is_coded) for _variable, final in finals.of),
        repeats=any(finals.authors.repeat(final.values.is_coded) for _variable, final in finals.of),
        variables=tuple(
            _variable(finals, variable, final, estimator, agreements.get(variable.key))
            for variable, final in finals.of
        ),
        hidden=scope.hidden,
        versions=versions_behind(db, scope, [variable for variable, _final in finals.of]),
        sampling=sampling,
        weighted=weighted,
    )


def _variable(
    finals: Finals,
    of: VariableInfo,
    final: Final,
    estimator: Estimator,
    agreement: VariableAgreement | None,
) -> VariableResult:
    values = final.values
    choices = values if isinstance(values, Choices) else None
    shares = shares_of(finals, of, choices, estimator) if choices else []
    alphas = {code.key: code.alpha for code in agreement.codes} if agreement else {}
    return VariableResult(
        key=of.key,
        kind=of.kind,
        label=of.label,
        only_if=finals.only_if(of),
        n_posts=int(values.is_coded.sum()),
        n_unresolved=int(values.is_unresolved.sum()),
        basis=None if of.kind == "multiple" else bases_of(values.basis[:, 0] if choices else values.basis),
        codes=tuple(
            CodeResult(code.key, code.label, share, alphas.get(code.key))
            for code, share in zip(of.codes, shares, strict=bool(choices))
        ),
        nothing=nothing_of(finals, final, estimator),
        moments=_moments(of, values, estimator),
        alpha=agreement.alpha if agreement else None,
        left_out=_left_out(values, estimator),
    )


def _left_out(values: Choices | Statements, estimator: Estimator) -> str:
    if estimator.weighing is None:
        return ""
    coded = is_coded_on(values.basis)
    own = estimator.weighing.on(coded if coded.ndim == 1 else np.asarray(coded.any(axis=1))).left_out
    return own if own != estimator.weighing.left_out else ""


def _moments(of: VariableInfo, values: Choices | Statements, estimator: Estimator) -> Moments | None:
    if isinstance(values, Choices):
        if of.kind != "ordinal":
            return None
        found, basis = code_values(values, [code.value for code in of.codes]), values.basis[:, 0]
    elif of.kind == "text":
        return None
    else:
        found = np.array([np.nan if value is None else value for value in values.values], dtype=float)
        basis = values.basis
    weighing = estimator.weighing
    weights = np.ones(found.size) if weighing is None else weighing.on(is_coded_on(basis)).weights
    return moments(found, weights)
