"""What is true of the invented posts before anybody reads them: author, time, codes, emotion, stance.

Attitudes are drawn for authors first and for their posts second, so that posts of one author resemble each
other, as they do in a real corpus. The number of posts that express each code is exact.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, sqrt
from statistics import NormalDist

from server.sample.codebook import EXPRESSION_KEYS
from server.sample.dice import Dice

N_POSTS, N_AUTHORS, MOST_POSTS = 1482, 381, 25
FIRST_DAY = datetime(2025, 8, 6, tzinfo=UTC)
QUOTAS = dict(zip(EXPRESSION_KEYS, (400, 193, 326, 267, 237, 163), strict=True))

_MOST_CODES = 3
# The share of an attitude's latent variance that belongs to the author.
_AUTHOR_SHARE = 0.3
_DAY_WEIGHTS = (7, 20, 20, 13, 10, 9, 8, 7, 6)
_HOUR_WEIGHTS = (5, 5, 4, 4, 3, 2, 2, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 7, 7, 7, 7, 7, 6, 6)
_STANCES_WITHOUT_CODES = (("in_favour", 0.33), ("unclear", 0.56), ("ambivalent", 0.71), ("against", 1.0))
_NORMAL = NormalDist()


@dataclass(frozen=True)
class TruePost:
    """One post before it has words."""

    author: int
    posted_at: datetime
    codes: frozenset[str]
    emotion: int
    stance: str


def draw_truth(seed: int) -> list[TruePost]:
    """All posts in order of time."""
    authors = _authorship(Dice(seed, "authorship"))
    times = _times(Dice(seed, "times"))
    codes = _codes(authors, Dice(seed, "codes"))
    emotions = _tendencies(authors, Dice(seed, "emotions"))
    leanings = _tendencies(authors, Dice(seed, "leanings"))
    return [
        TruePost(author, moment, expressed, _emotion(expressed, feeling), _stance(expressed, leaning))
        for author, moment, expressed, feeling, leaning in zip(
            authors, times, codes, emotions, leanings, strict=True
        )
    ]


def _authorship(dice: Dice) -> list[int]:
    """The author of each post: most authors wrote one or two, a few wrote many."""
    counts = [min(MOST_POSTS, max(1, round(exp(0.9 + 0.95 * dice.normal())))) for _ in range(N_AUTHORS)]
    while (missing := N_POSTS - sum(counts)) != 0:
        author = dice.below(N_AUTHORS)
        changed = counts[author] + (1 if missing > 0 else -1)
        counts[author] = min(MOST_POSTS, max(1, changed))
    return dice.shuffled([author for author, count in enumerate(counts) for _ in range(count)])


def _times(dice: Dice) -> list[datetime]:
    """Distinct moments in order, more of them on the second and third day and in the evening."""
    moments: set[datetime] = set()
    while len(moments) < N_POSTS:
        day = dice.weighted(range(len(_DAY_WEIGHTS)), _DAY_WEIGHTS)
        hour = dice.weighted(range(24), _HOUR_WEIGHTS)
        moments.add(FIRST_DAY + timedelta(days=day, hours=hour, seconds=dice.below(3600)))
    return sorted(moments)


def _tendencies(authors: list[int], dice: Dice) -> list[float]:
    """A standard normal tendency of each post, correlated within authors."""
    of_author = [dice.normal() for _ in range(N_AUTHORS)]
    own = sqrt(1 - _AUTHOR_SHARE)
    return [sqrt(_AUTHOR_SHARE) * of_author[author] + own * dice.normal() for author in authors]


def _codes(authors: list[int], dice: Dice) -> list[frozenset[str]]:
    """The codes of each post: the strongest tendencies win until every quota is filled."""
    found: list[set[str]] = [set() for _ in authors]
    left = dict(QUOTAS)
    for _, post, key in sorted(_claims(authors, dice), reverse=True):
        if left[key] and len(found[post]) < _MOST_CODES:
            found[post].add(key)
            left[key] -= 1
    return [frozenset(keys) for keys in found]


def _claims(authors: list[int], dice: Dice) -> list[tuple[float, int, str]]:
    """How strongly each post tends to each code, beyond what the code's quota asks for."""
    claims = []
    for key, quota in QUOTAS.items():
        needed = _NORMAL.inv_cdf(1 - quota / len(authors))
        claims += [(value - needed, post, key) for post, value in enumerate(_tendencies(authors, dice))]
    return claims


def _emotion(codes: frozenset[str], feeling: float) -> int:
    """The emotion from 0 to 3: attachment raises it, a post that expresses nothing else has little."""
    if not codes:
        return sum(feeling > limit for limit in (0.1, 1.3, 2.4))
    lifted = feeling + (0.45 if "relational_attachment" in codes else 0) + 0.1 * (len(codes) - 1)
    return sum(lifted > limit for limit in (-0.9, 0.5, 1.55))


def _stance(codes: frozenset[str], leaning: float) -> str:
    """The stance: who expresses something is against or torn, the rest are of all minds."""
    rank = _NORMAL.cdf(leaning)
    if codes:
        return "ambivalent" if rank < 0.12 else "against"
    return next(stance for stance, limit in _STANCES_WITHOUT_CODES if rank <= limit)
