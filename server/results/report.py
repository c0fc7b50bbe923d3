"""The results of a project: the final share of every code and how sure it is, for its page and the shell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlmodel import Session

from server.agreement import Coefficient
from server.codebooks.queries import VariableInfo
from server.coding.conditions import asked_only_if
from server.projects.access import Access
from server.reliability.figures import VariableAgreement
from server.reliability.report import agreement_report
from server.results.asked import Final
from server.results.outcomes import Basis, Choices, Flags, Rule, Statements
from server.results.queries import Scope, scope_of_figures, variables
from server.results.shares import Authors, Moments, Share, bases_of, code_values, moments, share_of
from server.results.tallies import final_slices, joined
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
    has its own, in a multiple choice. `moments` speak of ordinal and number variables.
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


@dataclass(frozen=True)
class ResultsReport:
    """Everything that is said of the final values of a project under one rule.

    `n_unresolved` counts posts with an unresolved variable, free text apart, which is rarely alike. Where
    `is_clustered`, authors have several posts. `hidden` are the rounds that are left out, because this
    reader may not see figures of them.
    """

    rule: Rule
    n_posts: int
    n_coded: int
    n_authors: int
    n_annotators: int
    n_double_coded: int
    n_unresolved: int
    is_clustered: bool
    variables: tuple[VariableResult, ...]
    hidden: tuple[Sight, ...]
    versions: Versions


@dataclass(frozen=True)
class _Finals:
    """The final values of all posts, by variable."""

    authors: Authors
    of: tuple[tuple[VariableInfo, Final], ...]
    n_annotators: int
    n_double_coded: int

    def n_unresolved(self) -> int:
        """Posts with an unresolved variable, free text apart."""
        return _n_any([final.values.is_unresolved for variable, final in self.of if variable.kind != "text"])

    def only_if(self, of: VariableInfo) -> str:
        """The condition of a variable in words; empty where it is asked of every post."""
        return asked_only_if([variable for variable, _final in self.of], of)


def results_report(db: Session, access: Access, rule: Rule = Rule.PLURALITY) -> ResultsReport:
    """The results as this member may see them, with `rule` for what no decision says."""
    scope = scope_of_figures(db, access)
    finals = _finals(db, access, scope, rule)
    coded = [final.values.is_coded for _variable, final in finals.of]
    agreements = {one.key: one for one in agreement_report(db, access, pairs=None).variables}
    return ResultsReport(
        rule=rule,
        n_posts=finals.authors.n_posts,
        n_coded=_n_any(coded),
        n_authors=finals.authors.n,
        n_annotators=finals.n_annotators,
        n_double_coded=finals.n_double_coded,
        n_unresolved=finals.n_unresolved(),
        is_clustered=any(finals.authors.repeat(posts) for posts in coded),
        variables=tuple(
            _variable(variable, finals.only_if(variable), final, finals.authors, agreements.get(variable.key))
            for variable, final in finals.of
        ),
        hidden=scope.hidden,
        versions=versions_behind(db, scope, [variable for variable, _final in finals.of]),
    )


def _finals(db: Session, access: Access, scope: Scope, rule: Rule) -> _Finals:
    asked = variables(db, access, scope)
    parts: dict[int, list[Final]] = {variable.id: [] for variable in asked}
    names: list[str | None] = []
    annotators: set[int] = set()
    n_double_coded = 0
    for part in final_slices(db, access, scope, asked, rule):
        names.extend(post.author for post in part.posts)
        annotators.update(np.unique(part.ballots.member).tolist())
        n_double_coded += part.n_double_coded
        for variable_id, final in part.finals.items():
            parts[variable_id].append(final)
    of = tuple((variable, joined(parts[variable.id])) for variable in asked) if names else ()
    return _Finals(Authors(names), of, len(annotators), n_double_coded)


def _n_any(flags: Sequence[Flags]) -> int:
    return int(np.logical_or.reduce(flags).sum()) if flags else 0


def _variable(
    of: VariableInfo,
    only_if: str,
    final: Final,
    authors: Authors,
    agreement: VariableAgreement | None,
) -> VariableResult:
    values = final.values
    choices = values if isinstance(values, Choices) else None
    return VariableResult(
        key=of.key,
        kind=of.kind,
        label=of.label,
        only_if=only_if,
        n_posts=int(values.is_coded.sum()),
        n_unresolved=int(values.is_unresolved.sum()),
        basis=None if of.kind == "multiple" else bases_of(values.basis[:, 0] if choices else values.basis),
        codes=_codes(of, choices, authors, agreement) if choices else (),
        nothing=_nothing(final, authors),
        moments=_moments(of, values),
        alpha=agreement.alpha if agreement else None,
    )


def _codes(
    of: VariableInfo, final: Choices, authors: Authors, agreement: VariableAgreement | None
) -> tuple[CodeResult, ...]:
    alphas = {code.key: code.alpha for code in agreement.codes} if agreement else {}
    return tuple(
        CodeResult(code.key, code.label, _share(of, final, place, authors), alphas.get(code.key))
        for place, code in enumerate(of.codes)
    )


def _share(of: VariableInfo, final: Choices, place: int, authors: Authors) -> Share:
    carries, basis = final.chosen[:, place], final.basis[:, place]
    return share_of(carries, basis, authors, of_carriers=of.kind != "multiple")


def _nothing(final: Final, authors: Authors) -> Share | None:
    if final.nothing is None:
        return None
    return share_of(final.nothing.chosen[:, 0], final.nothing.basis[:, 0], authors, of_carriers=False)


def _moments(of: VariableInfo, values: Choices | Statements) -> Moments | None:
    if isinstance(values, Choices):
        return (
            moments(code_values(values, [code.value for code in of.codes])) if of.kind == "ordinal" else None
        )
    if of.kind == "text":
        return None
    return moments(np.array([value for value in values.values if value is not None], dtype=float))


def as_json(report: ResultsReport) -> dict[str, Any]:
    """The report as plain values for `json.dumps`."""
    return {
        "rule": report.rule.value,
        "posts": report.n_posts,
        "posts_coded": report.n_coded,
        "posts_double_coded": report.n_double_coded,
        "posts_unresolved": report.n_unresolved,
        "authors": report.n_authors,
        "annotators": report.n_annotators,
        "codebook_versions": [
            {"version": one.number, "codings": one.n_codings} for one in report.versions.lines
        ],
        "hidden_rounds": [{"round": one.number, "why": one.why_no_figures} for one in report.hidden],
        "variables": [_variable_json(variable, report.rule) for variable in report.variables],
    }


def _variable_json(variable: VariableResult, rule: Rule) -> dict[str, Any]:
    return {
        "variable": variable.key,
        "kind": variable.kind,
        "asked": variable.only_if or None,
        "posts": variable.n_posts,
        "unresolved": variable.n_unresolved,
        "rule": rule.value,
        "basis": None if variable.basis is None else _basis_json(variable.basis),
        "values": None if variable.moments is None else asdict(variable.moments),
        "alpha": _alpha_json(variable.alpha),
        "codes": [
            {"code": code.key, **_share_json(code.share), "alpha": _alpha_json(code.alpha)}
            for code in variable.codes
        ],
        "nothing_applies": None if variable.nothing is None else _share_json(variable.nothing),
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {
        "count": share.count,
        "denominator": share.denominator,
        "share": share.share,
        "interval": share.interval and list(share.interval),
        "method": share.method,
        "reason": share.reason,
        "share_of_resolved": share.share_of_resolved,
        "unresolved": share.unresolved,
        "bounds": share.bounds and list(share.bounds),
        "basis": _basis_json(share.basis),
    }


def _basis_json(basis: dict[Basis, int]) -> dict[str, int]:
    return {each.word: posts for each, posts in basis.items()}


def _alpha_json(alpha: Coefficient | None) -> dict[str, Any] | None:
    if alpha is None:
        return None
    return {
        "level": alpha.level,
        "estimate": alpha.estimate,
        "interval": alpha.interval and list(alpha.interval),
        "undefined": alpha.undefined,
        "no_interval": alpha.no_interval,
    }
