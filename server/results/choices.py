"""What a reader may choose about the estimates of a project."""

from dataclasses import dataclass
from enum import StrEnum

from server.results.outcomes import Rule


class IntervalKind(StrEnum):
    """How intervals are made. `usual` is Wilson's, and the logit of survey practice by clusters."""

    USUAL = "usual"
    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper_pearson"
    JEFFREYS = "jeffreys"
    GOODMAN = "goodman"
    SISON_GLAZ = "sison_glaz"

    @property
    def is_simultaneous(self) -> bool:
        """Whether it holds for all codes of a single choice at once."""
        return self in {IntervalKind.GOODMAN, IntervalKind.SISON_GLAZ}


class Denominator(StrEnum):
    """Of which posts a share is: asked and answered, coded on anything, or all of the project."""

    ASKED = "asked"
    CODED = "coded"
    ALL = "all"


class Clustering(StrEnum):
    """Whether the posts of an author count as alike; `usual`, where authors have several posts."""

    USUAL = "usual"
    AUTHOR = "author"
    NONE = "none"


class Reach(StrEnum):
    """What an interval speaks of: posts like these, or this corpus, of which some were drawn."""

    BEYOND = "beyond"
    CORPUS = "corpus"


class Weights(StrEnum):
    """Whether posts count alike, or by how probable it was that each would be coded."""

    ALIKE = "alike"
    DRAWN = "drawn"


@dataclass(frozen=True)
class Ways:
    """How final values are counted and estimated."""

    rule: Rule = Rule.PLURALITY
    interval: IntervalKind = IntervalKind.USUAL
    denominator: Denominator = Denominator.ASKED
    clusters: Clustering = Clustering.USUAL
    reach: Reach = Reach.BEYOND
    weights: Weights = Weights.ALIKE

    def stored(self) -> dict[str, str]:
        """As an address has them: what differs from the usual ways alone."""
        given, usual = self.all(), USUAL.all()
        return {name: value for name, value in given.items() if value != usual[name]}

    def all(self) -> dict[str, str]:
        """Every choice by its name."""
        return {
            "rule": self.rule.value,
            "interval": self.interval.value,
            "denominator": self.denominator.value,
            "clusters": self.clusters.value,
            "reach": self.reach.value,
            "weights": self.weights.value,
        }


USUAL = Ways()
