"""How somebody did beside the gold, question by question, and whether that passes. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.agreement import (
    FEWEST_RESAMPLES,
    Coefficient,
    Level,
    Options,
    agree_on_patterns,
    agree_on_sets,
    count_patterns,
    set_patterns,
)
from server.codebooks.queries import VariableInfo
from server.language import gettext as _
from server.rounds.pass_rules import PassRule
from server.training.comparing import Answers, Verdict, is_all_right, said

# The estimate alone decides; its interval is not shown.
_OPTIONS: Options = {"seed": 1, "resamples": FEWEST_RESAMPLES}
_LEVELS: dict[str, Level] = {"ordinal": "ordinal", "number": "interval"}


@dataclass(frozen=True)
class Mark:
    """One post of somebody's. `verdicts` is None where they have not coded it."""

    position: int
    post_number: int
    is_skipped: bool
    verdicts: tuple[Verdict, ...] | None

    @property
    def is_right(self) -> bool:
        """Whether it is coded, and all of it right."""
        return self.verdicts is not None and is_all_right(self.verdicts)


@dataclass(frozen=True)
class Score:
    """One question over all posts. `alpha` is None where it has none, and `why` says so in words."""

    variable: VariableInfo
    n: int
    n_right: int
    alpha: float | None
    why: str


@dataclass(frozen=True)
class Confusion:
    """A wrong answer, and how often it was given."""

    label: str
    gold: str
    own: str
    n: int


@dataclass(frozen=True)
class Showing:
    """How somebody did on all of their posts with gold."""

    marks: tuple[Mark, ...]

    @property
    def coded(self) -> tuple[Mark, ...]:
        """The posts that were coded."""
        return tuple(mark for mark in self.marks if mark.verdicts is not None)

    @property
    def n_right(self) -> int:
        """Posts that are right on every question."""
        return sum(mark.is_right for mark in self.marks)

    @property
    def is_finished(self) -> bool:
        """Whether every post is coded or skipped."""
        return bool(self.marks) and all(mark.is_skipped or mark.verdicts is not None for mark in self.marks)

    def scores(self) -> tuple[Score, ...]:
        """Each question that can be judged, in the order of the codebook."""
        of: dict[int, list[Verdict]] = {}
        for verdict in self._judged():
            of.setdefault(verdict.variable.id, []).append(verdict)
        return tuple(_score(verdicts) for verdicts in of.values())

    def confusions(self) -> tuple[Confusion, ...]:
        """The wrong answers, the most frequent first."""
        wrong = Counter(
            (one.variable.label, said(one.variable, one.gold), said(one.variable, one.own))
            for one in self._judged()
            if not one.is_right
        )
        return tuple(Confusion(*what, n) for what, n in wrong.most_common())

    def _judged(self) -> Iterable[Verdict]:
        return (one for mark in self.marks for one in mark.verdicts or () if one.is_judged)


def has_passed(rule: PassRule, showing: Showing) -> bool:
    """Whether the rule is fulfilled. An alpha that is undefined fulfils none."""
    if rule.measure == "right":
        return showing.n_right >= rule.least
    scores = [score for score in showing.scores() if rule.variable in ("", score.variable.key)]
    is_enough = len(showing.coded) >= (rule.n_posts or 0)
    return is_enough and bool(scores) and all(_reaches(score, rule.least) for score in scores)


def _reaches(score: Score, least: float) -> bool:
    return score.alpha is not None and score.alpha >= least


def _score(verdicts: Sequence[Verdict]) -> Score:
    variable, n_right = verdicts[-1].variable, sum(one.is_right for one in verdicts)
    pairs = [(one.own, one.gold) for one in verdicts if one.own]
    if not pairs:
        return Score(variable, len(verdicts), n_right, None, _("There is no answer to compare."))
    found = _alpha(variable, pairs)
    return Score(variable, len(verdicts), n_right, found.estimate, found.undefined or "")


def _alpha(variable: VariableInfo, pairs: Sequence[tuple[Answers, Answers]]) -> Coefficient:
    """Krippendorff's alpha of the annotator and the gold, as of two who coded."""
    units = [place for place in range(len(pairs)) for _side in range(2)]
    answers = [answer for pair in pairs for answer in pair]
    if variable.kind == "multiple":
        places = {code.id: place for place, code in enumerate(variable.codes)}
        chosen = [sum(1 << places[one.code_id] for one in each if one.code_id) for each in answers]
        return agree_on_sets(set_patterns(units, chosen), "masi", **_OPTIONS)
    if variable.kind == "number":
        values = sorted({one.number or 0.0 for each in answers for one in each})
        category = [values.index(one.number or 0.0) for each in answers for one in each]
        return _of_categories(units, category, values, "number")
    places = {code.id: place for place, code in enumerate(variable.codes)}
    category = [places[one.code_id or 0] for each in answers for one in each]
    return _of_categories(units, category, [float(place) for place in range(len(places))], variable.kind)


def _of_categories(
    units: Sequence[int], category: Sequence[int], values: Sequence[float], kind: str
) -> Coefficient:
    patterns = count_patterns(units, category, len(values))
    return agree_on_patterns(patterns, values, _LEVELS.get(kind, "nominal"), **_OPTIONS)[1]
