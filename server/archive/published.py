"""The numbers that the pages of results and agreement publish, each with the place it belongs to."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from server.agreement import Coefficient
from server.archive.over_time import time_step
from server.archive.study import Study
from server.archive.tables import said
from server.methods.facts import Facts
from server.reliability.figures import CodeAgreement, VariableAgreement
from server.reliability.sheets import Sheet
from server.results.groups_report import GroupsReport
from server.results.outcomes import Basis
from server.results.report import ResultsReport, VariableResult
from server.results.shares import Moments, Share
from server.results.together import TogetherReport

Place = tuple[str, ...]
Numbers = dict[str, Any]
AGREEMENT = (
    "variable", "code", "coefficient", "level", "estimate", "low", "high", "standard_error", "posts",
    "pairable", "codings", "chosen", "method", "confidence", "resamples", "undefined_resamples", "seed",
    "why",
)  # fmt: skip


def published(study: Study) -> dict[str, Any]:
    """All of it, for `published.json`."""
    numbers = [
        *_of_results(study.facts.results),
        *_of_methods(study.facts),
        *(_of_weights(study.facts.weighed) if study.facts.weighed else ()),
        *(_of_together(study.together) if study.facts.results.n_coded else ()),
        *_over_time(study.over_time),
        *_of_agreement(study.agreement.variables),
    ]
    return {
        "rule": study.facts.results.ways.rule.value,
        "confidence": 0.95,
        "seed": study.agreement.seed,
        "resamples": study.agreement.resamples,
        "time_step": time_step(study.over_time),
        "numbers": [{"at": at, "numbers": each} for at, each in numbers],
    }


def _of_results(of: ResultsReport) -> Iterator[tuple[Place, Numbers]]:
    yield ("final values that differ from final.csv",), {"n": 0}
    yield (
        ("counts",),
        {
            "posts": of.n_posts,
            "coded": of.n_coded,
            "authors": of.n_authors,
            "annotators": of.n_annotators,
            "double_coded": of.n_double_coded,
            "unresolved": of.n_unresolved,
        },
    )
    for variable in of.variables:
        if variable.kind != "text":
            yield from _of_variable(variable)


def _of_methods(of: Facts) -> Iterator[tuple[Place, Numbers]]:
    """What the methods text counts besides: dates of posts, imports with what they left out, decisions."""
    corpus = of.corpus
    numbers = {"undated": corpus.n_undated, "first": said(corpus.first), "last": said(corpus.last)}
    yield ("dates",), numbers
    yield (
        ("imports",),
        {
            "files": len(of.imports),
            "new": sum(one.n_new for one in of.imports),
            "same_id": sum(one.n_same_id for one in of.imports),
            "unreadable": sum(one.n_unreadable for one in of.imports),
            "nothing_to_code": sum(one.n_nothing for one in of.imports),
            "repeats": sum(one.n_repeats for one in of.imports),
            "not_drawn": sum(one.n_undrawn for one in of.imports),
        },
    )
    made = of.decisions
    yield (
        ("decisions",),
        {
            "decisions": made.n,
            "posts": made.n_posts,
            "consensus": made.n_consensus,
            "with_reasons": made.n_reasons,
            "second_decisions": made.n_seconds,
        },
    )


def _of_weights(of: ResultsReport) -> Iterator[tuple[Place, Numbers]]:
    yield ("weights that differ from final.csv",), {"n": 0}
    for variable in of.variables:
        for code in variable.codes:
            yield ("weighted share", variable.key, code.key), _share(code.share)
        if variable.nothing is not None:
            yield ("weighted share", variable.key, "none"), _share(variable.nothing)
        if variable.moments is not None:
            yield ("weighted moments", variable.key), _moments(variable.moments)


def _of_variable(of: VariableResult) -> Iterator[tuple[Place, Numbers]]:
    for code in of.codes:
        yield ("share", of.key, code.key), _share(code.share)
    if of.nothing is not None:
        yield ("share", of.key, "none"), _share(of.nothing)
    if of.moments is not None:
        yield ("moments", of.key), _moments(of.moments)
    counted: Counter[Basis] = Counter()
    for basis in [of.basis] if of.basis is not None else [code.share.basis for code in of.codes]:
        counted.update(basis)
    yield ("basis", of.key), dict(sorted((basis.word, n) for basis, n in counted.items() if n))


def _moments(of: Moments) -> Numbers:
    numbers = {"n": of.n, "mean": of.mean, "median": of.median}
    return {**numbers, "standard_deviation": of.standard_deviation}


def _share(of: Share) -> Numbers:
    low, high = of.interval or (None, None)
    return {
        "count": of.count,
        "denominator": of.denominator,
        "share": of.share,
        "low": low,
        "high": high,
        "clusters": of.clusters,
        "unresolved": of.unresolved,
        "at_most": of.bounds[1] if of.bounds else None,
    }


def _of_together(of: TogetherReport) -> Iterator[tuple[Place, Numbers]]:
    for pair in of.every:
        if not (pair.is_itself or pair.cannot_be):
            at = (pair.row.variable.key, pair.row.code.key, pair.column.variable.key, pair.column.code.key)
            counts = {"both": pair.both, "of_code": pair.of_row, "of_either": pair.of_either}
            yield ("together", *at), counts | {"share": pair.share, "jaccard": pair.jaccard}


def _over_time(of: Iterable[GroupsReport]) -> Iterator[tuple[Place, Numbers]]:
    for report in of:
        if report.pick is not None and report.table is not None:
            at = ("over time", report.pick.variable.key, report.pick.code.key)
            yield from (((*at, line.key), _share(line.share)) for line in report.table.lines)


def _of_agreement(of: tuple[VariableAgreement, ...]) -> Iterator[tuple[Place, Numbers]]:
    for variable in of:
        for one in variable.coefficients:
            yield ("agreement", variable.key, "", one.name), _coefficient(one, variable)
        for code in variable.codes:
            for one in code.coefficients:
                numbers = _coefficient(one, code) | {"chosen": code.n_chosen}
                yield ("agreement", variable.key, code.key, one.name), numbers


def _coefficient(one: Coefficient, of: VariableAgreement | CodeAgreement) -> Numbers:
    low, high = one.interval or (None, None)
    return {
        "posts": of.n_units,
        "pairable": of.n_pairable,
        "codings": of.n_codings,
        "estimate": one.estimate,
        "low": low,
        "high": high,
        "standard_error": one.standard_error,
    }


def agreement_sheet(study: Study) -> Sheet:
    """Every coefficient with all it rests on, a row each."""
    rows = []
    for variable in study.agreement.variables:
        found: list[tuple[str, Coefficient, VariableAgreement | CodeAgreement]] = [
            ("", one, variable) for one in variable.coefficients
        ]
        found += [(code.key, one, code) for code in variable.codes for one in code.coefficients]
        for key, one, of in found:
            numbers = _coefficient(one, of)
            chosen = of.n_chosen if isinstance(of, CodeAgreement) else None
            extent = (numbers["posts"], numbers["pairable"], numbers["codings"], chosen)
            estimate = (one.estimate, numbers["low"], numbers["high"], one.standard_error)
            how = (one.method, one.confidence, one.resamples, one.undefined_resamples, one.seed, one.reason)
            rows.append((variable.key, key, one.name, one.level, *estimate, *extent, *how))
    return Sheet(AGREEMENT, tuple(rows))
