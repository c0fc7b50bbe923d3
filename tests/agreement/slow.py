"""Agreement coefficients written down from their definitions, value by value, in exact fractions.

Nothing here is shared with the package under test: posts are lists of values, pairs are pairs of values.
None stands for undefined.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations

Posts = Sequence[Sequence[int]]
Distance = Callable[[int, int], Fraction]


def percent_agreement(posts: Posts) -> Fraction | None:
    shares = []
    for post in posts:
        pairs = list(permutations(post, 2))
        if pairs:
            shares.append(Fraction(sum(one == other for one, other in pairs), len(pairs)))
    return sum(shares, Fraction()) / len(shares) if shares else None


def alpha(posts: Posts, distance: Distance) -> Fraction | None:
    paired = [post for post in posts if len(post) >= 2]
    values = [value for post in paired for value in post]
    observed = sum(
        (distance(one, other) / (len(post) - 1) for post in paired for one, other in permutations(post, 2)),
        Fraction(),
    )
    expected = sum((distance(one, other) for one, other in permutations(values, 2)), Fraction())
    if not expected:
        return None
    n = len(values)
    return 1 - (observed / n) / (expected / (n * (n - 1)))


def nominal(one: int, other: int) -> Fraction:
    return Fraction(one != other)


def interval(one: int, other: int) -> Fraction:
    return Fraction(one - other) ** 2


def ratio(one: int, other: int) -> Fraction:
    return Fraction(one - other, one + other) ** 2 if one + other else Fraction()


def ordinal(posts: Posts) -> Distance:
    used = Counter(value for post in posts if len(post) >= 2 for value in post)

    def distance(one: int, other: int) -> Fraction:
        low, high = sorted((one, other))
        between = sum(count for value, count in used.items() if low <= value <= high)
        return (between - Fraction(used[low] + used[high], 2)) ** 2

    return distance


def margins(posts: Posts, categories: int) -> list[Fraction]:
    coded = [post for post in posts if post]
    return [
        sum((Fraction(list(post).count(category), len(post)) for post in coded), Fraction()) / len(coded)
        for category in range(categories)
    ]


def fleiss_kappa(posts: Posts, categories: int) -> Fraction | None:
    agreed = percent_agreement(posts)
    if agreed is None or len({value for post in posts for value in post}) < 2:
        return None
    by_chance = sum((share**2 for share in margins(posts, categories)), Fraction())
    return (agreed - by_chance) / (1 - by_chance)


def gwet_ac1(posts: Posts, categories: int) -> Fraction | None:
    agreed = percent_agreement(posts)
    if agreed is None or len({value for post in posts for value in post}) < 2:
        return None
    spread = sum((share * (1 - share) for share in margins(posts, categories)), Fraction())
    by_chance = spread / (categories - 1)
    return (agreed - by_chance) / (1 - by_chance)


def cohen_kappa(first: Sequence[int], second: Sequence[int]) -> Fraction | None:
    n = len(first)
    if not n:
        return None
    agreed = Fraction(sum(one == other for one, other in zip(first, second, strict=True)), n)
    by_chance = Fraction(sum(one == other for one in first for other in second), n * n)
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def masi(one: int, other: int) -> Fraction:
    first = {code for code in range(one.bit_length()) if one >> code & 1}
    second = {code for code in range(other.bit_length()) if other >> code & 1}
    if first == second:
        return Fraction()
    if first < second or second < first:
        nearness = Fraction(2, 3)
    else:
        nearness = Fraction(1, 3) if first & second else Fraction()
    return 1 - nearness * Fraction(len(first & second), len(first | second))


Weights = Sequence[Sequence[Fraction]]
Chance = Callable[[list[Fraction], Weights], Fraction]


def weighted_agreement(posts: Posts, weights: Weights) -> Fraction | None:
    shares = []
    for post in posts:
        pairs = list(permutations(post, 2))
        if pairs:
            shares.append(sum((weights[one][other] for one, other in pairs), Fraction()) / len(pairs))
    return sum(shares, Fraction()) / len(shares) if shares else None


def weighted(posts: Posts, weights: Weights, chance: Chance) -> Fraction | None:
    agreed = weighted_agreement(posts, weights)
    if agreed is None or len({value for post in posts for value in post}) < 2:
        return None
    by_chance = chance(margins(posts, len(weights)), weights)
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else None


def chance_of_margins(shares: list[Fraction], weights: Weights) -> Fraction:
    places = range(len(shares))
    return sum(
        (weights[one][other] * shares[one] * shares[other] for one in places for other in places), Fraction()
    )


def chance_of_gwet(shares: list[Fraction], weights: Weights) -> Fraction:
    q = len(shares)
    total = sum((cell for row in weights for cell in row), Fraction())
    return total / (q * (q - 1)) * sum((share * (1 - share) for share in shares), Fraction())


def chance_of_all_alike(shares: list[Fraction], weights: Weights) -> Fraction:
    return sum((cell for row in weights for cell in row), Fraction()) / len(shares) ** 2


def scott_pi(first: Sequence[int], second: Sequence[int]) -> Fraction | None:
    n = len(first)
    if not n:
        return None
    agreed = Fraction(sum(one == other for one, other in zip(first, second, strict=True)), n)
    used = Counter([*first, *second])
    by_chance = sum((Fraction(count, 2 * n) ** 2 for count in used.values()), Fraction())
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def conger_kappa(rows: Sequence[Sequence[int]], categories: int) -> Fraction | None:
    """Rows of the categories of each annotator, -1 where they did not code."""
    posts = [[value for value in row if value >= 0] for row in rows]
    agreed = percent_agreement(posts)
    if agreed is None or len({value for post in posts for value in post}) < 2:
        return None
    raters = [[row[g] for row in rows if row[g] >= 0] for g in range(len(rows[0]))]
    raters = [said for said in raters if said]
    chances = [_meeting(one, other, categories) for one, other in permutations(raters, 2)]
    by_chance = sum(chances, Fraction()) / len(chances)
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def _meeting(one: Sequence[int], other: Sequence[int], categories: int) -> Fraction:
    shares = ((Fraction(said.count(k), len(said)) for said in (one, other)) for k in range(categories))
    return sum((first * second for first, second in shares), Fraction())
