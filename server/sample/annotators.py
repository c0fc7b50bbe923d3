"""Three simulated annotators: what each sees in a post, when, and where they are unsure.

A code is given when the evidence that an annotator perceives is positive. What makes the annotators differ:
posts that show a code faintly or only seem to, codes overlooked beside others, difficulty that all of them
share, an own threshold for each code, neighbouring codes that colour one another, chance, and more of it
towards the end of a sitting.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import exp

from server.rounds.plan import make_plan
from server.sample.codebook import EMOTION_KEYS, EXPRESSION_KEYS
from server.sample.dice import Dice
from server.sample.lines import notes, sentences
from server.sample.texts import Draft
from server.sample.truth import TruePost

ANNOTATORS = ("Annotator A", "Annotator B", "Annotator C")

_LEFT = (28, 37, 32)
_CLEAR, _FAINT, _HINTED, _ABSENT = 2.0, 0.3, -0.35, -3.3
_CROWDED = 0.28
_SHARED_NOISE, _OWN_NOISE = 0.55, 0.85
_COLOURED_BY_NEIGHBOUR = 1.5
_TIRED = 0.25
_NEIGHBOURS = {
    "relational_attachment": "instrumental_dependency",
    "instrumental_dependency": "relational_attachment",
    "loss_of_quality": "deprivation_of_choice",
    "deprivation_of_choice": "rights_and_protest",
    "rights_and_protest": "deprivation_of_choice",
    "workaround_or_migration": "rights_and_protest",
}
# One row an annotator, one column a code, in the codebook's order: the higher, the sooner the code is given.
_LENIENCE = (
    (0.35, -0.05, 0.1, 0.2, -0.1, 0.0),
    (-0.15, 0.2, -0.05, -0.1, 0.15, 0.1),
    (0.1, -0.15, 0.2, 0.0, 0.05, -0.15),
)
# How much chance there is in telling each code, in the codebook's order: some definitions are sharper.
_BLUR = (1.08, 1.25, 1.08, 1.3, 1.15, 1.27)
_EMOTION_BIAS = (0.12, -0.12, 0.02)
_PACE = (19.0, 24.0, 21.0)
_MISREAD_AS = {
    "against": ("ambivalent", "ambivalent", "unclear"),
    "ambivalent": ("against", "against", "in_favour", "unclear"),
    "in_favour": ("ambivalent", "unclear", "unclear"),
    "unclear": ("in_favour", "against", "in_favour"),
}
_SITTINGS_A_DAY = 2
_WORKDAYS = tuple(date(2025, 9, day) for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12))


@dataclass(frozen=True)
class Reading:
    """What one annotator did with one post; `answers` is empty where the post was skipped."""

    annotator: int
    post: int
    answers: dict[str, tuple[str, ...]]
    unsure: bool
    memo: str
    skip_reason: str
    submitted_at: datetime
    seconds: int


@dataclass(frozen=True)
class _Material:
    """Everything that the annotators read, and the difficulty that they share."""

    seed: int
    posts: list[TruePost]
    drafts: list[Draft]
    shared: dict[tuple[int, str], float] = field(default_factory=dict)


def read_all(seed: int, plan_seed: int, posts: list[TruePost], drafts: list[Draft]) -> list[Reading]:
    """The readings of all annotators, each in the order of their own queue, which they do not finish."""
    plan = make_plan(len(posts), range(len(ANNOTATORS)), k=len(ANNOTATORS), seed=plan_seed)
    material = _Material(seed, posts, drafts, _shared_difficulty(seed, posts))
    readings = []
    for annotator, left in enumerate(_LEFT):
        queue = plan.post_index[plan.annotator_index == annotator].tolist()
        readings += _read_queue(material, annotator, queue[: len(queue) - left])
    return readings


def _shared_difficulty(seed: int, posts: list[TruePost]) -> dict[tuple[int, str], float]:
    """How much each code of each post is over- or understated for everybody."""
    dice = Dice(seed, "shared")
    keys = (*EXPRESSION_KEYS, "emotion", "stance")
    return {(post, key): dice.normal() for post in range(len(posts)) for key in keys}


def _read_queue(material: _Material, annotator: int, queue: list[int]) -> list[Reading]:
    """One annotator's readings, sitting after sitting."""
    n_sittings = len(_WORKDAYS) * _SITTINGS_A_DAY
    readings = []
    for sitting in range(n_sittings):
        first, end = (len(queue) * part // n_sittings for part in (sitting, sitting + 1))
        readings += _read_sitting(material, annotator, sitting, queue[first:end])
    return readings


def _read_sitting(material: _Material, annotator: int, sitting: int, queue: list[int]) -> list[Reading]:
    """The readings between sitting down and getting up."""
    dice = Dice(material.seed, "sitting", annotator, sitting)
    hour = 8 + annotator if sitting % _SITTINGS_A_DAY == 0 else 13 + annotator
    day = _WORKDAYS[sitting // _SITTINGS_A_DAY]
    moment = datetime.combine(day, time(hour), UTC) + timedelta(minutes=dice.below(50))
    readings = []
    for number, post in enumerate(queue):
        own = Dice(material.seed, "reading", annotator, post)
        seconds = _seconds(material.drafts[post], annotator, own)
        moment += timedelta(seconds=seconds)
        tired = 1 + _TIRED * number / len(queue)
        readings.append(_read(material, annotator, post, tired, moment, seconds, own))
    return readings


def _seconds(draft: Draft, annotator: int, dice: Dice) -> int:
    """The time a post took: longer for long posts, with a pause now and then."""
    words = len(draft.text.split())
    pause = dice.between(30, 150) if dice.chance(0.02) else 0.0
    return max(5, round((_PACE[annotator] * 0.5 + 0.4 * words) * exp(0.35 * dice.normal()) + pause))


def _read(
    material: _Material, annotator: int, post: int, tired: float, moment: datetime, seconds: int, dice: Dice
) -> Reading:
    """What one annotator does with one post."""
    if reason := _reason_to_skip(material, post, dice):
        return Reading(annotator, post, {}, unsure=False, memo="", skip_reason=reason,
                       submitted_at=moment, seconds=seconds)  # fmt: skip
    evidence = _evidence(material, annotator, post, tired, dice)
    stance, torn = _stance(material, post, tired, dice)
    answers = {
        "expression": tuple(key for key in EXPRESSION_KEYS if evidence[key] > 0),
        "emotion": (_emotion(material, annotator, post, tired, dice),),
        "stance": (stance,),
    }
    closest = min(evidence, key=lambda key: abs(evidence[key]))
    doubt = abs(evidence[closest]) < 0.3 or torn
    unsure = dice.chance(0.4 if doubt else 0.015)
    topic = closest if abs(evidence[closest]) < 0.3 else dice.pick(("emotion", "stance"))
    memo = dice.pick(notes("memos")[topic]) if doubt and dice.chance(0.4 if unsure else 0.08) else ""
    return Reading(annotator, post, answers, unsure, memo, "", moment, seconds)


def _reason_to_skip(material: _Material, post: int, dice: Dice) -> str:
    """Why the post is skipped, if it is: mostly where the context is missing."""
    hard = material.posts[post].stance == "unclear" or material.drafts[post].parent is not None
    return dice.pick(sentences("skips")) if dice.chance(0.025 if hard else 0.002) else ""


def _evidence(material: _Material, annotator: int, post: int, tired: float, dice: Dice) -> dict[str, float]:
    """How strongly the annotator sees each code in the post; above zero it is given."""
    found = {}
    for column, key in enumerate(EXPRESSION_KEYS):
        chance = _SHARED_NOISE * material.shared[post, key] + _OWN_NOISE * tired * dice.normal()
        chance *= _BLUR[column]
        found[key] = _shown(material, post, key) + _LENIENCE[annotator][column] + chance
    return found


def _shown(material: _Material, post: int, key: str) -> float:
    """How strongly the post shows the code, to a reader without leanings."""
    truth, draft = material.posts[post], material.drafts[post]
    if key in truth.codes:
        clear = _CLEAR - _CROWDED * (len(truth.codes) - 1)
        return _FAINT if key in draft.faint else clear
    if key in draft.hinted:
        return _HINTED
    return _ABSENT + (_COLOURED_BY_NEIGHBOUR if _NEIGHBOURS[key] in truth.codes else 0)


def _emotion(material: _Material, annotator: int, post: int, tired: float, dice: Dice) -> str:
    """The step of the scale that the annotator sees."""
    seen = material.posts[post].emotion + _EMOTION_BIAS[annotator]
    seen += 0.3 * material.shared[post, "emotion"] + 0.36 * tired * dice.normal()
    return EMOTION_KEYS[min(max(round(seen), 0), len(EMOTION_KEYS) - 1)]


def _stance(material: _Material, post: int, tired: float, dice: Dice) -> tuple[str, bool]:
    """The stance that the annotator sees, and whether it was hard to tell."""
    truth = material.posts[post].stance
    margin = (1.75 if truth == "against" else 1.15) + 0.45 * material.shared[post, "stance"]
    margin += 0.75 * tired * dice.normal()
    if margin > 0:
        return truth, margin < 0.25
    return dice.pick(_MISREAD_AS[truth]), margin > -0.25
