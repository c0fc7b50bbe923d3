"""What a browser may ask of the results."""

from pydantic import BaseModel

from server.results.choices import USUAL, Clustering, Denominator, IntervalKind, Reach, Ways, Weights
from server.results.outcomes import Rule
from server.results.together import Measure


class WaysForm(BaseModel):
    """How final values are counted and estimated; what is left out is as usual."""

    rule: Rule = USUAL.rule
    interval: IntervalKind = USUAL.interval
    denominator: Denominator = USUAL.denominator
    clusters: Clustering = USUAL.clusters
    reach: Reach = USUAL.reach
    weights: Weights = USUAL.weights

    @property
    def ways(self) -> Ways:
        """The same for the estimates."""
        return Ways(**dict(self))


class GroupsForm(BaseModel):
    """Which code, by what it is told apart, and how shares are estimated."""

    code: str = ""
    by: str = ""
    rule: Rule = USUAL.rule
    interval: IntervalKind = USUAL.interval
    clusters: Clustering = USUAL.clusters
    weights: Weights = USUAL.weights

    @property
    def ways(self) -> Ways:
        """How shares are estimated. Goodman's intervals and Sison and Glaz's are of codes, not of groups."""
        interval = USUAL.interval if self.interval.is_simultaneous else self.interval
        return Ways(self.rule, interval, clusters=self.clusters, weights=self.weights)


class TogetherForm(BaseModel):
    """Of which question the codes are, all where it is empty, and what a cell says."""

    question: str = ""
    measure: Measure = Measure.SHARE
    rule: Rule = USUAL.rule
    weights: Weights = USUAL.weights

    @property
    def ways(self) -> Ways:
        """The last two for the shares."""
        return Ways(self.rule, weights=self.weights)


class CorrectedForm(BaseModel):
    """Which code is corrected, and which column predicts it; none where it is empty."""

    code: str = ""
    predictions: str = ""
    rule: Rule = USUAL.rule
    weights: Weights = USUAL.weights

    @property
    def ways(self) -> Ways:
        """The last two for the estimates."""
        return Ways(self.rule, weights=self.weights)
