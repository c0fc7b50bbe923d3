"""Inter-rater agreement: from codings to coefficients and intervals, in numpy alone.

Group the codings first; everything after that costs as much as there are distinct patterns:

    patterns = count_patterns(unit, category, n_categories=3)
    agreed, alpha, fleiss, ac1 = agree_on_patterns(patterns, values=[1, 2, 3], level="ordinal", seed=7)

`count_patterns` takes codings in long form, `rated_patterns` a table of them with a row a unit,
`grouped_patterns` rows that a database has grouped, `yes_no_patterns` one code of a multiple choice;
`set_patterns` the whole answers to one, for `agree_on_sets`; `pair_table` two annotators, for
`agree_on_pair`. The `clustered_…` forms also remember whose the posts are, so that the interval can draw
authors instead of posts.

Before anything is coded, `posts_for_half_width` and `posts_to_exceed` say how many posts it takes.

Each answer is a `Coefficient`: an estimate with its interval, or the reason in words why there is none.
What cannot be read as codings is a ValueError, no codings at all and a table of one annotator among it; a
selection of patterns may be empty, and then says in words that nothing was coded. Where one category was
used throughout, no coefficient but percent agreement is defined.
"""

from server.agreement.agree import (
    Options,
    agree_on_pair,
    agree_on_patterns,
    agree_on_raters,
    agree_on_sets,
    agree_on_sets_by,
    alpha_on_patterns,
    alpha_with_distances,
    specific_agreements,
)
from server.agreement.clusters import ClusterWeights
from server.agreement.grouping import clustered_count_patterns, clustered_grouped_patterns, count_patterns
from server.agreement.intervals import INTERVAL_METHODS, IntervalMethod, is_confidence
from server.agreement.pairs import PairTable, pair_table
from server.agreement.patterns import (
    CountPatterns,
    Extent,
    grouped_patterns,
    merged_patterns,
    prevalence,
    yes_no_patterns,
)
from server.agreement.planning import (
    MOST_ANNOTATORS,
    Expected,
    Plan,
    krippendorff_sample_size,
    posts_for_half_width,
    posts_to_exceed,
)
from server.agreement.raters import RaterPatterns
from server.agreement.ratings import rated_patterns
from server.agreement.resampling import DEFAULT_RESAMPLES, FEWEST_RESAMPLES
from server.agreement.result import Coefficient
from server.agreement.scales import LEVELS, Level
from server.agreement.set_distances import jaccard_distance, masi_distance
from server.agreement.sets import SetPatterns, clustered_set_patterns, set_patterns
from server.agreement.weights import WEIGHTS, WeightsName

__all__ = [
    "DEFAULT_RESAMPLES",
    "FEWEST_RESAMPLES",
    "INTERVAL_METHODS",
    "LEVELS",
    "MOST_ANNOTATORS",
    "WEIGHTS",
    "ClusterWeights",
    "Coefficient",
    "CountPatterns",
    "Expected",
    "Extent",
    "IntervalMethod",
    "Level",
    "Options",
    "PairTable",
    "Plan",
    "RaterPatterns",
    "SetPatterns",
    "WeightsName",
    "agree_on_pair",
    "agree_on_patterns",
    "agree_on_raters",
    "agree_on_sets",
    "agree_on_sets_by",
    "alpha_on_patterns",
    "alpha_with_distances",
    "clustered_count_patterns",
    "clustered_grouped_patterns",
    "clustered_set_patterns",
    "count_patterns",
    "grouped_patterns",
    "is_confidence",
    "jaccard_distance",
    "krippendorff_sample_size",
    "masi_distance",
    "merged_patterns",
    "pair_table",
    "posts_for_half_width",
    "posts_to_exceed",
    "prevalence",
    "rated_patterns",
    "set_patterns",
    "specific_agreements",
    "yes_no_patterns",
]
