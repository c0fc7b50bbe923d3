"""Why a coefficient or its interval is not given, in words (English; whoever shows them translates)."""

from server.language import N_

NO_CODINGS = N_("Nothing has been coded yet.")
NO_PAIRS = N_("No post has been coded by two or more annotators, so there is nothing to compare.")
NO_SHARED_POSTS = N_("The two annotators have coded no post in common.")
ONE_CATEGORY = N_("Only one category was used, so agreement cannot be told from chance.")
ONE_CATEGORY_IN_PAIRS = N_(
    "Only one category was used on the posts that two or more annotators coded, "
    "so agreement cannot be told from chance."
)
ONE_CATEGORY_BY_BOTH = N_(
    "Both annotators used only one category, the same, so agreement cannot be told from chance."
)
NEVER_CHOSEN = N_("Nobody chose this on a post that two or more annotators coded.")
ONE_SET = N_(
    "The same set of codes was chosen on every post that two or more annotators coded, "
    "so agreement cannot be told from chance."
)

ONE_PAIRABLE_POST = N_("Only one post has been coded by two or more annotators, too few for an interval.")
ONE_PAIRABLE_CLUSTER = N_(
    "All posts that can be compared are of one author, too few authors for an interval."
)
SAME_IN_EVERY_RESAMPLE = N_(
    "Every resample gives the same value, so resampling cannot say how uncertain it is. "
    "More posts coded by two or more annotators are needed."
)
NO_SPREAD = N_(
    "All posts speak alike, so they do not say how uncertain the coefficient is. "
    "More posts coded by two or more annotators are needed."
)
ALPHA_ALONE = N_("Krippendorff's bootstrap is one of alpha alone.")
MOSTLY_UNDEFINED = N_(
    "The coefficient is undefined in most resamples, so no interval is given. "
    "More posts coded by two or more annotators are needed."
)
