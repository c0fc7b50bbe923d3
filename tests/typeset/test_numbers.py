"""Numbers as the APA writes them."""

import pytest

from server.typeset.numbers import bounded, count, decimal, degrees, interval, p_value
from server.web.languages import speaking


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


def test_degrees_of_freedom_have_no_marks_between_thousands() -> None:
    assert (degrees(3), degrees(7.66), degrees(2921.84)) == ("3", "7.7", "2921.8")


def test_french_has_its_own_marks_and_leaves_no_zero_out() -> None:
    """A comma is what decimals stand behind, so that ends of intervals are apart by semicolons."""
    with speaking("fr"):
        assert (bounded(0.27), bounded(-0.054), bounded(-0.001)) == ("0,27", "−0,05", "0,00")
        assert (decimal(-1234.5), count(1482)) == ("−1\u202f234,50", "1\u202f482")
        assert interval((0.2, 0.34)) == "[0,20\u202f; 0,34]"
        assert interval((0.5, 10.25), is_bounded=False) == "[0,50\u202f; 10,25]"
        assert (p_value(0.0009), p_value(0.0419)) == ("< 0,001", "0,042")
        assert degrees(2921.84) == "2921,8"
