"""What a browser may ask of the results."""

from pydantic import BaseModel

from server.results.choices import USUAL, Clustering, Denominator, IntervalKind, Reach, Ways
from server.results.outcomes import Rule


class WaysForm(BaseModel):
    """How final values are counted and estimated; what is left out is as usual."""

    rule: Rule = USUAL.rule
    interval: IntervalKind = USUAL.interval
    denominator: Denominator = USUAL.denominator
    clusters: Clustering = USUAL.clusters
    reach: Reach = USUAL.reach

    @property
    def ways(self) -> Ways:
        """The same for the estimates."""
        return Ways(self.rule, self.interval, self.denominator, self.clusters, self.reach)
