import numpy as np
import pytest

from server.agreement import agree_on_patterns, count_patterns
from server.agreement.one_out import each_annotator

# Four annotators, not all of whom coded each post; -1 where nobody.
MEMBERS = np.array([[1, 2, 3], [1, 2, 4], [2, 3, -1], [1, 3, 4], [4, -1, -1], [1, 2, 3]])
SAID = np.array([[0, 0, 1], [2, 2, 2], [1, 1, -1], [0, 2, 1], [2, -1, -1], [1, 1, 0]])
POSTS = np.array([3, 2, 4, 1, 2, 2])
VALUES = [1.0, 2.0, 4.0]


def alpha_of(without: int, level: str) -> float | None:
    unit, category = [], []
    at = 0
    for members, said, n in zip(MEMBERS, SAID, POSTS, strict=True):
        for _ in range(n):
            kept = [answer for who, answer in zip(members, said, strict=True) if who not in (-1, without)]
            unit += [at] * len(kept)
            category += kept
            at += 1
    patterns = count_patterns(unit, category, n_categories=3)
    return agree_on_patterns(patterns, VALUES, level, method="t")[1].estimate  # type: ignore[arg-type]


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_without_each_is_alpha_of_the_others(level: str) -> None:
    found = each_annotator(MEMBERS, SAID, POSTS, 3, VALUES, level)  # type: ignore[arg-type]
    assert [one.member for one in found] == [1, 2, 3, 4]
    for one in found:
        assert one.without == pytest.approx(alpha_of(one.member, level), abs=1e-12)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_alpha_is_the_mean_of_the_annotators(level: str) -> None:
    found = each_annotator(MEMBERS, SAID, POSTS, 3, VALUES, level)  # type: ignore[arg-type]
    n = sum(one.n_posts for one in found)
    mean = sum(one.n_posts * (one.alpha or 0) for one in found) / n
    whole = alpha_of(0, level)
    assert whole is not None
    assert 1 - (1 - mean) * (n - 1) / n == pytest.approx(whole, abs=1e-12)


def test_agreement_with_the_others_by_hand() -> None:
    first = each_annotator(MEMBERS, SAID, POSTS, 3)[0]
    # Half of the others on 3 posts, all on 2, none on 1, half on 2.
    assert first.n_posts == 8
    assert first.agreed == pytest.approx((3 * 0.5 + 2 * 1 + 0 + 2 * 0.5) / 8)


def test_two_annotators_have_nobody_left_to_compare() -> None:
    found = each_annotator(np.array([[1, 2]]), np.array([[0, 1]]), np.array([5]), 2)
    assert [one.without for one in found] == [None, None]
    assert [one.agreed for one in found] == [0, 0]


def test_no_variation_and_no_codings_are_undefined() -> None:
    [one, _other] = each_annotator(np.array([[1, 2]]), np.array([[0, 0]]), np.array([5]), 2)
    assert (one.agreed, one.alpha, one.without) == (1, None, None)
    nothing = np.zeros((0, 1), dtype=np.int64)
    assert each_annotator(nothing, nothing, np.zeros(0, dtype=np.int64), 2) == ()


def test_too_many_categories_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 200"):
        each_annotator(np.array([[1, 2]]), np.array([[0, 1]]), np.array([5]), 201)
