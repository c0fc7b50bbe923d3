"""What this program says of the data of a published example, found by the name of the statistic.

An entry has `statistic`, `data` and `params`; data of annotators comes as a `table` of two of them, a
`matrix` of annotators by posts with null where one did not code, or `counts` of categories by post.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from server import estimation
from server.agreement import (
    CountPatterns,
    PairTable,
    RaterPatterns,
    agree_on_pair,
    agree_on_patterns,
    agree_on_raters,
    agree_on_sets,
    alpha_with_distances,
    jaccard_distance,
    masi_distance,
    pair_table,
    set_patterns,
    specific_agreements,
)
from server.agreement.coefficients import brennan_prediger, fleiss_kappa, gwet_ac, percent_agreement
from server.agreement.errors import irrcac_error
from server.agreement.intervals import analytic_interval
from server.agreement.result import Coefficient
from server.agreement.scales import LEVELS, Level
from server.agreement.weights import agreement_weights

Params = Mapping[str, Any]
Found = Any

# How published examples call our coefficients.
OUR_NAME = {
    "percent": "percent_agreement",
    "alpha": "krippendorff_alpha",
    "fleiss": "fleiss_kappa",
    "conger": "conger_kappa",
    "kappa": "cohen_kappa",
    "weighted_kappa": "cohen_kappa",
    "weighted_cohen_kappa": "cohen_kappa",
    "pi": "scott_pi",
    "S": "brennan_prediger",
    "bp": "brennan_prediger",
    "pabak": "brennan_prediger",
    "ac1": "gwet_ac",
    "ac2": "gwet_ac",
    "gwet_ac1": "gwet_ac",
    "gwet_ac2": "gwet_ac",
}
OF_PAIRS = frozenset({"cohen_kappa", "scott_pi", "holsti"})
OF_PATTERNS = frozenset(
    {"percent_agreement", "krippendorff_alpha", "fleiss_kappa", "gwet_ac", "brennan_prediger"}
)
# Coefficients of which irrCAC prints standard errors of its own.
IRRCAC = {
    "percent_agreement": percent_agreement,
    "fleiss_kappa": fleiss_kappa,
    "gwet_ac": gwet_ac,
    "brennan_prediger": brennan_prediger,
}


class NotSupported(Exception):
    """This program has no such statistic, or not for such data."""


@dataclass(frozen=True)
class Annotated:
    """The codings of an example, in every form a coefficient may want."""

    data: Mapping[str, Any]
    params: Params

    @cached_property
    def categories(self) -> list[Any]:
        """The categories in order: those given, else those used."""
        if "categories" in self.params:
            return list(self.params["categories"])
        if "matrix" in self.data:
            return sorted({code for row in self.data["matrix"] for code in row if code is not None})
        return list(range(len((self.data.get("table") or self.data["counts"])[0])))

    @property
    def values(self) -> list[float] | None:
        """The categories as numbers, if that is what they are."""
        numbers = all(isinstance(code, int | float) for code in self.categories)
        return [float(code) for code in self.categories] if numbers else None

    @cached_property
    def codes(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The category of each post by each annotator (n_posts × n_annotators), -1 where there is none."""
        place = {code: at for at, code in enumerate(self.categories)} | {None: -1}
        return np.array([[place[code] for code in post] for post in zip(*self.data["matrix"], strict=True)])

    @cached_property
    def raters(self) -> RaterPatterns:
        """The codings with the names of the annotators."""
        if "table" in self.data:
            cells = np.array(self.data["table"])
            return RaterPatterns(np.argwhere(cells >= 0), cells.reshape(-1), len(cells))
        if "matrix" not in self.data:
            raise NotSupported
        return RaterPatterns(self.codes, np.ones(len(self.codes), dtype=np.int64), len(self.categories))

    @cached_property
    def patterns(self) -> CountPatterns:
        """The codings without names; posts with one coding only under Gwet's form."""
        if "counts" in self.data:
            counts = np.array(self.data["counts"])
            return CountPatterns(counts, np.ones(len(counts), dtype=np.int64))
        return self.raters.counts

    @property
    def pair(self) -> PairTable:
        """The table of two annotators."""
        if "table" in self.data:
            return PairTable(np.array(self.data["table"]))
        both = self.codes[(self.codes >= 0).all(axis=1)] if "matrix" in self.data else self.codes
        if both.shape[1] != 2:
            raise NotSupported
        return pair_table(both[:, 0], both[:, 1], len(self.categories))

    @property
    def options(self) -> dict[str, Any]:
        """How intervals are asked for."""
        asked = self.params.get("ci", "t")
        return {
            "method": {"percentile": "bootstrap"}.get(asked, asked),
            "confidence": self.confidence,
            "divisor": "n" if "table" in self.data else "n - 1",
            "resamples": 20_000,
        }

    @property
    def confidence(self) -> float:
        """The confidence of an interval: `level`, where that is a number."""
        level = self.params.get("level", 0.95)
        return float(level) if isinstance(level, int | float) else 0.95


def ours(name: str) -> str:
    """What we call the coefficient that an example calls so."""
    return OUR_NAME.get(name, name)


def coefficient(name: str, of: Annotated) -> Coefficient:
    """One coefficient of agreement with all that is said of it."""
    weights = of.params.get("weights", "identity")
    if name == "krippendorff_alpha" and "distance" in of.params:
        return alpha_with_distances(of.patterns, of.params["distance"], **of.options)
    if name in OF_PAIRS:
        return _named(agree_on_pair(of.pair, of.values, weights, **of.options), name)
    if name == "conger_kappa":
        return agree_on_raters(of.raters, of.values, weights, **of.options)
    if name in OF_PATTERNS:
        level = of.params.get("level")
        measured: Level = level if level in LEVELS else "nominal"
        return _named(agree_on_patterns(of.patterns, of.values, measured, weights, **of.options), name)
    raise NotSupported


def _named(found: tuple[Coefficient, ...], name: str) -> Coefficient:
    return next(one for one in found if one.name == name)


def _agreement(statistic: str, of: Annotated, expected: Any) -> Found:
    if statistic == "specific_agreement":
        found = specific_agreements(of.patterns, **of.options)
        return {str(code): one.estimate for code, one in zip(of.categories, found, strict=True)}
    if isinstance(expected, dict) and not {"estimate", "se", "low", "high"} & expected.keys():
        return {key: coefficient(ours(key), of).estimate for key in expected}
    name = statistic.removesuffix("_ci")
    return _said(coefficient(ours(name), of), of, is_interval=statistic.endswith("_ci"))


def _said(found: Coefficient, of: Annotated, *, is_interval: bool) -> Found:
    """The estimate, or with it the standard error and the interval as the source makes them."""
    if not is_interval:
        return found.estimate
    error, freedom = found.standard_error, found.n_pairable - 1
    if "influence" not in of.params.get("se", "") and found.name in IRRCAC and "table" not in of.data:
        error, freedom = _irrcac(found, of), found.n_units - 1
    low, high = analytic_interval(
        found.estimate or 0.0,
        error or 0.0,
        of.confidence,
        None if of.params.get("ci") == "normal" else freedom,
    )
    return {"estimate": found.estimate, "se": error, "low": low, "high": high}


def _irrcac(found: Coefficient, of: Annotated) -> float | None:
    name = of.params.get("weights", "identity")
    weights = None if name == "identity" else agreement_weights(name, len(of.categories), of.values)
    statistic = IRRCAC[found.name](of.patterns, weights)
    return irrcac_error(statistic, found.estimate or 0.0, of.patterns.frequencies, of.patterns.pairable)


def _bits(sets: list[Any], codes: list[Any]) -> int:
    return sum(1 << codes.index(code) for code in sets)


def _set_distance(statistic: str, data: Mapping[str, Any]) -> float:
    codes = sorted({*data["a"], *data["b"]})
    measure = masi_distance if statistic.startswith("masi") else jaccard_distance
    return measure(_bits(data["a"], codes), _bits(data["b"], codes))


def _set_alpha(data: Mapping[str, Any], params: Params) -> float | None:
    rows = [(post, sets) for row in data["matrix"] for post, sets in enumerate(row) if sets is not None]
    codes = sorted({code for _post, sets in rows for code in sets})
    patterns = set_patterns([post for post, _ in rows], [_bits(sets, codes) for _, sets in rows])
    return agree_on_sets(patterns, params.get("distance", "masi"), resamples=100).estimate


def _bootstrap(data: Mapping[str, Any], params: Params) -> Found:
    of = Annotated(data, {**params, "ci": params.get("method", "bootstrap")})
    name = params["statistic"]
    return coefficient(ours(name), of).interval


def _assisted(data: Mapping[str, Any], params: Params) -> Found:
    rest = data["unlabelled_prediction"]
    predictions = [1.0] * rest["ones"] + [0.0] * rest["zeros"] if isinstance(rest, dict) else rest
    power = params.get("lambda", 1)
    found = estimation.ppi_mean(
        data["labelled"],
        data["labelled_prediction"],
        predictions,
        params.get("level", 0.95),
        power if isinstance(power, int | float) else None,
    )
    low, high = found.interval or (None, None)
    return {"estimate": found.raw, "se": found.standard_error, "low": low, "high": high}


def _model(data: Mapping[str, Any]) -> Found:
    rows = [
        (post, annotator, code)
        for post, by_annotator in enumerate(data["responses"])
        for annotator, codes in enumerate(by_annotator)
        for code in codes
    ]
    codes = sorted({code for _post, _annotator, code in rows})
    post, annotator, given = zip(*rows, strict=True)
    found = estimation.dawid_skene(post, annotator, [codes.index(code) for code in given], len(codes))
    return [float(share) for share in found.proportions]


def _design(share: float | None, error: float | None) -> Found:
    return {"estimate": share, "se": error}


def _binomial(interval: Callable[..., Any]) -> Callable[[Any, Any], Found]:
    return lambda data, params: interval(data["count"], data["n"], params.get("level", 0.95))


def _stratified(data: Any, params: Any) -> Found:
    counts = [share * n for share, n in zip(data["stratum_p"], data["stratum_n"], strict=True)]
    found = estimation.stratified_proportion(
        counts, data["stratum_n"], data["stratum_N"], finite_population=bool(params.get("fpc"))
    )
    return _design(found.share, found.standard_error)


def _clustered(data: Any, params: Any) -> Found:
    found = estimation.cluster_interval(
        data["cluster_counts"],
        data["cluster_sizes"],
        params.get("level", 0.95),
        params.get("population_clusters"),
    )
    return _design(found.share, found.standard_error)


def _rogan_gladen(data: Any, params: Any) -> Found:
    return estimation.rogan_gladen(data["count"], data["n"], params["sensitivity"], params["specificity"]).raw


def _unmixed(data: Any, _params: Any) -> Found:
    matrix = np.array(data["confusion_columns_true"]).tolist()
    return estimation.misclassification_corrected_proportions(data["observed"], matrix).raw


OTHERS: Mapping[str, Callable[[Any, Any], Found]] = {
    "masi_distance": lambda data, _params: _set_distance("masi", data),
    "jaccard_distance": lambda data, _params: _set_distance("jaccard", data),
    "multilabel_alpha": _set_alpha,
    "percentile_bootstrap_ci": _bootstrap,
    "wilson_ci": _binomial(estimation.wilson_interval),
    "clopper_pearson_ci": _binomial(estimation.clopper_pearson_interval),
    "jeffreys_ci": _binomial(estimation.jeffreys_interval),
    "goodman_simultaneous_ci": lambda data, params: (
        estimation.goodman_intervals(data["counts"], params.get("level", 0.95)).intervals
    ),
    "sison_glaz_simultaneous_ci": lambda data, params: (
        estimation.sison_glaz_intervals(data["counts"], params.get("level", 0.95)).intervals
    ),
    "cluster_proportion": _clustered,
    "stratified_proportion": _stratified,
    "rogan_gladen": _rogan_gladen,
    "misclassification_corrected_proportions": _unmixed,
    "ppi_mean": _assisted,
    "dawid_skene_class_proportions": lambda data, _params: _model(data),
}


def found_for(entry: Mapping[str, Any]) -> Found:
    """What this program finds for an entry: a number, a list, or numbers by name; `NotSupported`."""
    statistic, data, params = entry["statistic"], entry["data"], entry.get("params", {})
    if statistic in OTHERS:
        return OTHERS[statistic](data, params)
    if not {"table", "matrix", "counts"} & data.keys():
        raise NotSupported
    return _agreement(statistic, Annotated(data, params), entry["expected"])
