"""The data dictionary: what each column of each file says. In English, as all that goes into an archive."""

from collections.abc import Iterator

from server.archive.published import AGREEMENT
from server.archive.study import Study
from server.archive.tables import (
    CODINGS,
    DECISIONS,
    DRAW,
    IMPORTS,
    POST,
    QUESTIONS,
    final_columns,
    further_columns,
)
from server.codebooks.queries import VariableInfo
from server.codebooks.sheet import COLUMNS as CODEBOOK
from server.exchange.downloads.history_files import COLUMNS as HISTORY
from server.reliability.sheets import Sheet
from server.results.sheets import GROUP_COLUMNS as TIMES
from server.results.sheets import SHARE_COLUMNS as SHARES
from server.results.sheets import TOGETHER_COLUMNS as TOGETHER

COLUMNS = ("file", "column", "meaning")
WEIGHTED = "tables/results-weighted.csv"
_MEANINGS: dict[str, dict[str, str]] = {
    "final.csv": {
        "post_id": "Id of the post on its platform",
        "number": "Number of the post in the project",
        "author": "Who wrote the post: the name of the account, or author-N",
        "posted_at": "When it was posted: ISO 8601, UTC",
        "posted_at_text": "When it was posted, as the file said it, where that could not be read",
        "link": "Address of the post; empty without texts, and without names where it would tell one",
        "thread_id": "Id of its thread on the platform",
        "parent_id": "Id of the post it answers on the platform",
        "sampling_fraction": "The chance that the post had to be drawn at its import",
        "stratum": "Number of the group of posts that rounds drew from; empty where they drew from all",
        "weight": "Posts by coded ones of its stratum, by fraction: what it counts in the weighted shares of "
        "questions that all coded posts are coded on; others count by the posts coded on them",
    },
    "codings.csv": {
        "post_id": "Id of the post on its platform",
        "annotator": "Who coded it: the name, or annotator-N",
        "annotator_number": "Number of the annotator in the project",
        "round": "Number of the round",
        "purpose": "What the round was for: training, pilot, reliability or main",
        "codebook_version": "Version of the codebook that the coding was made under",
        "revision": "How many times the annotator had submitted this post, this time included",
        "submitted_at": "When it was submitted: ISO 8601, UTC; the import where a file said no time",
        "variable": "Key of the question; empty where the coding answers none",
        "code": "Key of the code; none where nothing applied; empty for numbers and words",
        "code_read_as": "Key of the code that this one is read as since they were merged, else the same",
        "value": "The number, or the words, which an archive without texts leaves out",
        "unsure": "1 where the annotator was unsure, else 0",
        "memo": "Note of the annotator; empty in an archive without texts",
        "in_final": "1 where the coding counts for final values, else 0",
        "in_agreement": "1 where it counts for agreement: made before any reveal, not in training; else 0",
    },
    "decisions.csv": {
        "decision": "Number of the decision, in the order in which they were taken",
        "post_id": "Id of the post on its platform",
        "variable": "Key of the question",
        "code": "Key of the code decided on; none where nothing applies",
        "code_read_as": "Key of the code that this one is read as since they were merged, else the same",
        "value": "The number or the words decided on; words are left out of an archive without texts",
        "basis": "unanimous, majority, single, model, adjudicated, consensus; withdrawn takes back; second",
        "reason": "Why, in words; empty in an archive without texts",
        "has_reason": "1 where a reason was written down, else 0",
        "decided_by": "Who decided: the name, or member-N",
        "decided_at": "When: ISO 8601, UTC",
        "supersedes": "Number of the decision that it replaces",
        "stands": "1 where it stands now, else 0",
    },
    "imports.csv": {
        "import": "Number of the import",
        "imported_at": "When: ISO 8601, UTC",
        "new": "Posts that it brought",
        "same_id": "Records left out that had the id of another",
        "unreadable": "Records left out that could not be read",
        "nothing_to_code": "Records left out that held nothing to code, such as deleted posts",
        "repeats": "Posts left out that repeated the text of another",
        "not_drawn": "Posts that were not drawn",
        "sample": "How posts were drawn: random, field, day or author; empty where all were taken",
        "size": "How many were drawn, in all or of each group",
        "field": "Within the values of which column",
        "seed": "What they were drawn with",
    },
    "questions.csv": {
        "for": "final or agreement: what the row is read for",
        "variable": "Key of the question",
        "label": "Label of the question",
        "kind": "single, multiple, ordinal, number or text",
        "level": "Level of measurement of Krippendorff's alpha",
        "rounds": "Numbers of the rounds that count",
        "asked_after": "Answers to others, variable:code, of which one is needed; empty: always asked",
        "column": "Column of its final value in final.csv",
        "basis_column": "Column of what that rests on",
        "code": "Key of the code",
        "code_label": "Label of the code",
        "value": "Number of the code",
        "offered_in": "Numbers of the rounds that offer the code, or put a question without codes",
        "code_column": "Column of the code in final.csv, of a multiple choice",
        "code_basis_column": "Column of what that rests on",
    },
    "tables/results.csv": {
        "variable": "Key of the question",
        "code": "Key of the code; none: nothing applies",
        "label": "Label of the code",
        "count": "Posts that carry the code",
        "denominator": "Posts of which that is a share",
        "share": "count / denominator",
        "low": "Lower end of the 95% interval of the share",
        "high": "Upper end",
        "method": "How the interval was made",
        "clusters": "Authors that it was made over; empty where posts count singly",
        "reason": "Why there is no interval, or another one than usual",
        "unresolved": "Posts that are open on the code, and count as not carrying it",
        "at_most": "The share if all of these carried it",
        "share_of_resolved": "The share without these",
        "alpha": "Krippendorff's alpha of the code against the rest, before any decision",
        "rule": "What counts where nothing was decided",
        "of": "Which posts are the denominator",
        "speaks_of": "What the interval speaks of",
        "weights": "Whether posts count alike, or as they were drawn at import and within strata",
    },
    "tables/together.csv": {
        "variable": "Key of the question",
        "code": "Key of the code",
        "other_variable": "Key of the question of the other code",
        "other_code": "Key of the other code",
        "both": "Posts that carry both",
        "of_code": "Posts that carry the code and are coded on the other one",
        "share": "both / of_code",
        "of_either": "Posts that carry either of the two and are coded on both",
        "jaccard": "both / of_either",
        "rule": "What counts where nothing was decided",
        "weights": "Whether posts count alike: here they always do",
    },
    "tables/over-time.csv": {
        "by": "How long a time is: day, week or month (UTC)",
        "group": "The time, a week by its first day; (all groups): the test of all times at once",
        "part_of_all": "The part of all posts with the code that is of this time",
        "risk_ratio": "The share of the time by that of all others",
        "risk_ratio_low": "Lower end of its 95% interval",
        "risk_ratio_high": "Upper end",
        "risk_difference": "The share of the time less that of all others",
        "risk_difference_low": "Lower end of its 95% interval",
        "risk_difference_high": "Upper end",
        "odds_ratio": "The odds of the time by those of all others",
        "odds_ratio_low": "Lower end of its 95% interval",
        "odds_ratio_high": "Upper end",
        "comparison": "How these intervals were made",
        "test": "Which test",
        "statistic": "Chi-square, or F with two degrees of freedom; empty for the exact test",
        "degrees": "Degrees of freedom",
        "p": "The p-value",
        "p_adjusted": "The same after Benjamini and Hochberg, over all times of the code",
        "seed": "Of random tables, where the test draws some",
    },
    "tables/agreement.csv": {
        "variable": "Key of the question",
        "code": "Key of the code that is compared with the rest; empty: whole answers",
        "coefficient": "Name of the coefficient",
        "level": "Level of measurement",
        "estimate": "The coefficient; empty where it is undefined",
        "low": "Lower end of its interval",
        "high": "Upper end",
        "standard_error": "Its standard error, over posts or over authors where these repeat",
        "posts": "Posts with a coding",
        "pairable": "Posts with two codings or more",
        "codings": "Codings of all these posts",
        "chosen": "Codings that chose the code",
        "method": "bca: bias-corrected and accelerated bootstrap; t: estimate and standard error",
        "confidence": "Of the interval",
        "resamples": "Resamples drawn",
        "undefined_resamples": "Resamples in which the coefficient was undefined",
        "seed": "What the resamples were drawn with",
        "why": "Why there is no estimate or no interval",
    },
    "history.csv": {
        "chain": "The project's chain of events",
        "sequence": "Number of the event",
        "at": "When: ISO 8601, UTC",
        "actor_id": "Account of who did it; empty: the shell",
        "member": "Number of the member",
        "person": "Name; empty in an archive without names",
        "action": "What was done",
        "subject": "To what",
        "details": "What exactly, as JSON; only in an archive with names and texts",
        "contents": "What it stored, a line a row; only in an archive with names and texts",
        "previous_hash": "Hash of the event before; only in an archive with names and texts",
        "hash": "SHA-256 of the event; only in an archive with names and texts",
    },
    "codebook/codebook.csv": {
        "question": "Key of the question",
        "type": "single, multi, ordinal, number or text",
        "label": "Label of the question or code",
        "code": "Key of the code; empty in a row about the question itself",
    },
}
_OF_CODEBOOK = "Field of the codebook, as the program's upload of codebooks reads it"


# What stands there as it does of shares.
_MEANINGS["tables/over-time.csv"] |= {
    name: _MEANINGS["tables/results.csv"][name] for name in TIMES if name in SHARES
}


def dictionary(study: Study) -> Sheet:
    """A row for each column of each table in the archive."""
    return Sheet(COLUMNS, tuple(_rows(study)))


def _rows(study: Study) -> Iterator[tuple[str, str, str]]:
    final = _MEANINGS["final.csv"]
    yield from (("final.csv", name, final[name]) for name in POST)
    for variable, names in final_columns(study):
        for name, meaning in zip(names, _final(variable), strict=True):
            yield "final.csv", name, meaning
    yield "final.csv", "codebook_versions", "Versions of the codebook that the post was coded under"
    yield "final.csv", "author_number", "Number of the author, in the order that resamples follow"
    if study.weighing:
        yield from (("final.csv", name, final[name]) for name in DRAW)
        yield from ((WEIGHTED, name, _MEANINGS["tables/results.csv"][name]) for name in SHARES)
    fixed: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("codings.csv", CODINGS),
        ("decisions.csv", DECISIONS),
        ("imports.csv", IMPORTS),
        ("questions.csv", QUESTIONS),
        ("tables/results.csv", SHARES),
        ("tables/together.csv", TOGETHER),
        ("tables/over-time.csv", TIMES),
        ("tables/agreement.csv", AGREEMENT),
        ("history.csv", HISTORY),
    )
    for file, columns in fixed:
        yield from ((file, name, _MEANINGS[file][name]) for name in columns)
    known = _MEANINGS["codebook/codebook.csv"]
    yield from (("codebook/codebook.csv", name, known.get(name, _OF_CODEBOOK)) for name in CODEBOOK)
    if study.options.with_texts:
        yield "texts.csv", "post_id", "Id of the post on its platform"
        yield "texts.csv", "text", "Its text"
        for name in further_columns(study):
            yield "texts.csv", f"extra_{name}", f"The column {name} of the imported files"


def _final(of: VariableInfo) -> Iterator[str]:
    """What the columns of one question say, in their order."""
    rests = "What that rests on; not_asked: the question is not asked of the post; empty: not coded"
    if of.kind == "multiple":
        for code in of.codes:
            yield f"{of.label}: 1 where the post carries {code.label}, 0 where not; empty: open or not coded"
            yield rests
    else:
        yield f"{of.label}: the final value; empty: open or not coded"
        if of.kind == "ordinal":
            yield "The number of that code"
        yield rests
    yield "How many annotators' codings count"
