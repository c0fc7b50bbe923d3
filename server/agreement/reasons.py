"""Why a coefficient or its interval is not given, in words (English; whoever shows them may translate)."""

NO_CODINGS = "Nothing has been coded yet."
NO_PAIRS = "No post has been coded by two or more annotators, so there is nothing to compare."
NO_SHARED_POSTS = "The two annotators have coded no post in common."
ONE_CATEGORY = "Only one category was used, so agreement cannot be told from chance."
ONE_CATEGORY_IN_PAIRS = (
    "Only one category was used on the posts that two or more annotators coded, "
    "so agreement cannot be told from chance."
)
ONE_CATEGORY_BY_BOTH = (
    "Both annotators used only one category, the same, so agreement cannot be told from chance."
)
NEVER_CHOSEN = "Nobody chose this on a post that two or more annotators coded."
ONE_SET = (
    "The same set of codes was chosen on every post that two or more annotators coded, "
    "so agreement cannot be told from chance."
)

ONE_PAIRABLE_POST = "Only one post has been coded by two or more annotators, too few for an interval."
ONE_PAIRABLE_CLUSTER = "All posts that can be compared are of one author, too few authors for an interval."
SAME_IN_EVERY_RESAMPLE = (
    "Every resample gives the same value, so resampling cannot say how uncertain it is. "
    "More posts coded by two or more annotators are needed."
)
NO_SPREAD = (
    "All posts speak alike, so they do not say how uncertain the coefficient is. "
    "More posts coded by two or more annotators are needed."
)
ALPHA_ALONE = "Krippendorff's bootstrap is one of alpha alone."
MOSTLY_UNDEFINED = (
    "The coefficient is undefined in most resamples, so no interval is given. "
    "More posts coded by two or more annotators are needed."
)
