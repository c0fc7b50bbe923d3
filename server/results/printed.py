"""The results as plain values, for programs."""

from dataclasses import asdict
from typing import Any

from server.agreement import Coefficient
from server.results.choices import Ways
from server.results.outcomes import Basis
from server.results.report import ResultsReport, VariableResult
from server.results.shares import Share


def as_json(report: ResultsReport) -> dict[str, Any]:
    """The report as plain values for `json.dumps`."""
    return {
        "rule": report.ways.rule.value,
        "ways": report.ways.all(),
        "drawn_with_seeds": [{"round": number, "seed": seed} for number, seed in report.sampling.seeds],
        "is_random_sample": report.sampling.is_random,
        "posts": report.n_posts,
        "posts_coded": report.n_coded,
        "posts_double_coded": report.n_double_coded,
        "posts_unresolved": report.n_unresolved,
        "posts_skipped": report.sampling.n_skipped,
        "authors": report.n_authors,
        "annotators": report.n_annotators,
        "codebook_versions": [
            {"version": one.number, "codings": one.n_codings} for one in report.versions.lines
        ],
        "hidden_rounds": [{"round": one.number, "why": one.why_no_figures} for one in report.hidden],
        "variables": [_variable_json(variable, report.ways) for variable in report.variables],
    }


def _variable_json(variable: VariableResult, ways: Ways) -> dict[str, Any]:
    return {
        "variable": variable.key,
        "kind": variable.kind,
        "asked": variable.only_if or None,
        "posts": variable.n_posts,
        "unresolved": variable.n_unresolved,
        "rule": ways.rule.value,
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
        "clusters": share.clusters,
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
