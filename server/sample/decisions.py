"""What the lead has decided so far about posts on which the annotators differ, and why."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from server.sample.annotators import Reading
from server.sample.codebook import EMOTION_KEYS
from server.sample.dice import Dice
from server.sample.lines import notes
from server.sample.truth import TruePost

DECIDED_SHARE = 0.6

_STARTS = datetime(2025, 9, 15, 8, 30, tzinfo=UTC)
_A_DAY = 260


@dataclass(frozen=True)
class Ruling:
    """The decided codes of one variable of one post."""

    post: int
    variable: str
    codes: tuple[str, ...]
    reason: str
    decided_at: datetime


def disputes(readings: list[Reading]) -> dict[tuple[int, str], list[tuple[str, ...]]]:
    """The answers to every variable of every post that at least two annotators answered differently."""
    answered = sorted((reading for reading in readings if reading.answers), key=lambda reading: reading.post)
    found = {}
    for post, group in groupby(answered, key=lambda reading: reading.post):
        together = list(group)
        for variable in together[0].answers:
            answers = [reading.answers[variable] for reading in together]
            if len(set(answers)) > 1:
                found[post, variable] = answers
    return found


def decide(seed: int, posts: list[TruePost], readings: list[Reading]) -> list[Ruling]:
    """Rulings on a random share of the disputes, in the order in which they were made."""
    disputed = disputes(readings)
    dice = Dice(seed, "rulings")
    decided = dice.shuffled(list(disputed))[: round(DECIDED_SHARE * len(disputed))]
    moments = _moments(len(decided), dice)
    return [
        Ruling(post, variable, *_ruling(posts[post], variable, disputed[post, variable], dice), moment)
        for (post, variable), moment in zip(decided, moments, strict=True)
    ]


def _ruling(
    post: TruePost, variable: str, answers: list[tuple[str, ...]], dice: Dice
) -> tuple[tuple[str, ...], str]:
    """The codes that hold, and the reason in words."""
    if variable == "expression":
        return _ruling_on_codes(post, answers, dice)
    code = EMOTION_KEYS[post.emotion] if variable == "emotion" else post.stance
    return (code,), dice.pick(notes("reasons")[code])


def _ruling_on_codes(
    post: TruePost, answers: list[tuple[str, ...]], dice: Dice
) -> tuple[tuple[str, ...], str]:
    """What all agree on stays; each disputed code is decided, and the first one gives the reason."""
    given = sorted({key for answer in answers for key in answer})
    disputed = [key for key in given if not all(key in answer for answer in answers)]
    kept = tuple(key for key in given if key not in disputed or key in post.codes)
    sign = "+" if disputed[0] in post.codes else "-"
    return kept, dice.pick(notes("reasons")[disputed[0] + sign])


def _moments(count: int, dice: Dice) -> list[datetime]:
    """When each ruling was made: some hundreds a day, on the days after coding."""
    moments = []
    for number in range(count):
        day, place = divmod(number, _A_DAY)
        if place == 0:
            moment = _STARTS + timedelta(days=day, minutes=dice.below(40))
        moment += timedelta(seconds=15 + dice.below(50))
        moments.append(moment)
    return moments
