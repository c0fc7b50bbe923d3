"""Numbers as the APA writes them."""

import pytest

from server.typeset.numbers import bounded, count, decimal, interval, p_value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.27, ".27"),
        (-0.054, "−.05"),
        (1.0, "1.00"),
        (0.999, "1.00"),
        (-0.001, ".00"),
        (0, ".00"),
        (None, "—"),
    ],
)
def test_what_is_bounded_has_no_leading_zero(value: float | None, said: str) -> None:
    assert bounded(value) == said


def test_what_may_exceed_one_has_a_leading_zero() -> None:
    assert decimal(0.873) == "0.87"
    assert decimal(-1234.5) == "−1,234.50"
    assert decimal(-0.001) == "0.00"
    assert count(1482) == "1,482"


def test_intervals_stand_in_brackets() -> None:
    assert interval((0.2, 0.34)) == "[.20, .34]"
    assert interval((-0.1, 1)) == "[−.10, 1.00]"
    assert interval((0.5, 10.25), is_bounded=False) == "[0.50, 10.25]"
    assert interval((0.0004, 0.0031), 3) == "[.000, .003]"
    assert interval(None) == "—"


@pytest.mark.parametrize(
    ("value", "said"), [(0.0009, "< .001"), (0.001, ".001"), (0.0419, ".042"), (1, "1.000"), (None, "—")]
)
def test_small_p_values_are_not_told_as_zero(value: float | None, said: str) -> None:
    assert p_value(value) == said
