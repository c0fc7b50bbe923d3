"""How clusters were drawn, for variances of what is summed over them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.estimation.arrays import FloatArray, IntArray
from server.estimation.strata import lonely


@dataclass(frozen=True, eq=False)
class Design:
    """The stratum of each cluster, numbered from 0, and for how many clusters it stands, both (clusters,).

    Clusters that are alike in everything can be one: a million posts that each stand for themselves are a few
    hundred of them.
    """

    strata: IntArray
    alike: IntArray

    @classmethod
    def plain(cls, clusters: int) -> "Design":
        """So many clusters of one stratum."""
        return cls(np.zeros(clusters, dtype=np.int64), np.ones(clusters, dtype=np.int64))

    @property
    def drawn(self) -> IntArray:
        """n_h, how many clusters each stratum has (strata,)."""
        return np.bincount(self.strata, self.alike).astype(np.int64)

    def filled(self, has_posts: NDArray[np.bool_]) -> IntArray:
        """How many of them have posts that count (strata,)."""
        return np.bincount(self.strata[has_posts], self.alike[has_posts], self.drawn.size).astype(np.int64)

    def degrees(self, has_posts: NDArray[np.bool_]) -> int:
        """Degrees of freedom: clusters that have posts, less their strata."""
        filled = self.filled(has_posts)
        return int(filled.sum()) - int((filled > 0).sum())

    def in_groups(self, posts: FloatArray) -> IntArray:
        """How many clusters each group has (groups,), from its `posts` of each (groups, clusters)."""
        return np.asarray((posts > 0) @ self.alike)

    def why_not(self, has_posts: NDArray[np.bool_]) -> str | None:
        """Why there is no variance: strata of which a single cluster was drawn, beside others."""
        filled = self.filled(has_posts)
        alone = (self.drawn == 1) & (filled > 0)
        strata = int((filled > 0).sum())
        return lonely(int(alone.sum()), strata, "cluster") if strata > 1 and alone.any() else None

    def covariance(self, moved: FloatArray) -> FloatArray:
        """Σ_h n_h/(n_h - 1) Σ_i (z_hi - z̄_h)(z_hi - z̄_h)', from what each cluster moves totals by.

        Särndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, result 4.5.1, of clusters drawn with
        replacement within strata.

        Args:
            moved: z, shape (clusters, totals).

        Returns:
            Shape (totals, totals).
        """
        drawn = self.drawn
        sums = np.zeros((drawn.size, moved.shape[1]))
        np.add.at(sums, self.strata, moved * self.alike[:, None])
        off = moved - (sums / np.maximum(drawn, 1)[:, None])[self.strata]
        scale = (drawn / np.maximum(drawn - 1, 1))[self.strata] * self.alike
        return np.asarray(off.T @ (off * scale[:, None]))
