"""What is chosen about estimates, in words."""

from server.language import gettext as _
from server.results.choices import Clustering, Denominator, IntervalKind, Reach, Weights
from server.results.outcomes import Rule
from server.results.tables import rule_label
from server.results.together import Measure

Options = tuple[tuple[str, str], ...]


def options() -> dict[str, Options]:
    """What can be chosen, by the name of the field: values with their words."""
    return {
        "rule": tuple((rule.value, _upper(rule_label(rule))) for rule in Rule),
        "interval": tuple((kind.value, _intervals()[kind]) for kind in IntervalKind),
        "denominator": tuple((each.value, _upper(denominator_label(each))) for each in Denominator),
        "clusters": tuple((each.value, _clusterings()[each]) for each in Clustering),
        "reach": tuple((each.value, _reaches()[each]) for each in Reach),
        "weights": tuple((each.value, _weights()[each]) for each in Weights),
    }


def denominator_label(denominator: Denominator) -> str:
    """Of which posts a share is, as a person reads it."""
    return {
        Denominator.ASKED: _("posts where the question was asked and answered"),
        Denominator.CODED: _("posts coded on any question"),
        Denominator.ALL: _("all posts"),
    }[denominator]


def _intervals() -> dict[IntervalKind, str]:
    return {
        IntervalKind.USUAL: _("The usual one: Wilson, by authors logit"),
        IntervalKind.WILSON: _("Wilson"),
        IntervalKind.CLOPPER_PEARSON: _("Clopper–Pearson, exact"),
        IntervalKind.JEFFREYS: _("Jeffreys"),
        IntervalKind.GOODMAN: _("Goodman: all codes of a single choice at once"),
        IntervalKind.SISON_GLAZ: _("Sison–Glaz: all codes of a single choice at once"),
    }


def _clusterings() -> dict[Clustering, str]:
    return {
        Clustering.USUAL: _("As alike, where authors repeat"),
        Clustering.AUTHOR: _("As alike"),
        Clustering.NONE: _("Each on its own"),
    }


def _reaches() -> dict[Reach, str]:
    return {
        Reach.BEYOND: _("Posts like these"),
        Reach.CORPUS: _("This corpus, of which a random sample was coded"),
    }


def _weights() -> dict[Weights, str]:
    return {
        Weights.ALIKE: _("Each the same"),
        Weights.DRAWN: _("By the chance it had to be drawn"),
    }


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def group_options() -> dict[str, Options]:
    """What can be chosen about a code in groups: no intervals that are of all codes at once."""
    simultaneous = {kind.value for kind in IntervalKind if kind.is_simultaneous}
    found = options()
    intervals = tuple(each for each in found["interval"] if each[0] not in simultaneous)
    return {**{name: found[name] for name in ("rule", "clusters", "weights")}, "interval": intervals}


def measures() -> Options:
    """What a cell of the matrix of codes can say."""
    return (
        (Measure.SHARE.value, _("Share of the posts with the code of the row")),
        (Measure.COUNT.value, _("Posts with both")),
        (Measure.JACCARD.value, _("Jaccard: posts with both of those with either")),
    )
