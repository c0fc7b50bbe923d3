from dataclasses import replace

import pytest

from server.db.engine import Database
from server.reliability.forest import chance_agreement, forest, is_paradox
from server.reliability.screens import CodeLine, CoefficientLine
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.reliability.bulk import Rated, write

ALPHA = CoefficientLine("krippendorff_alpha", "Alpha", 0.6, 0.4, 0.8, "")
CODE = CodeLine("joy", "Joy", 20, 0.2, False, ALPHA, 0.9, 0.6, 0.8)


def with_alpha(estimate: float | None, low: float | None = None, high: float | None = None) -> CodeLine:
    return replace(CODE, alpha=replace(ALPHA, estimate=estimate, low=low, high=high))


def test_marks_lie_where_their_numbers_say() -> None:
    [row] = forest([CODE]).rows
    assert {mark.name: mark.at for mark in row.marks} == {
        "alpha": "60.00%",
        "agreed": "90.00%",
        "ac1": "80.00%",
    }
    assert (row.low, row.high) == ("40.00%", "80.00%")
    assert row.said == "alpha 0.60, interval 0.40 to 0.80; agreement 90.0\N{NO-BREAK SPACE}%; AC1 0.80"


def test_the_scale_reaches_as_far_below_zero_as_anything() -> None:
    picture = forest([CODE, with_alpha(-0.12, -0.31, 0.1)])
    assert picture.begins == -0.4
    assert picture.zero == f"{100 * 0.4 / 1.4:.2f}%"
    assert [line.at for line in picture.lines] == [
        f"{100 * (place + 0.4) / 1.4:.2f}%" for place in (0.667, 0.8)
    ]


def test_an_undefined_alpha_has_no_mark() -> None:
    [row] = forest([with_alpha(None)]).rows
    assert {mark.name for mark in row.marks} == {"agreed", "ac1"}
    assert row.low == ""


@pytest.mark.parametrize(("prevalence", "chance"), [(0.5, 0.5), (0.1, 0.82), (0.0, 1.0)])
def test_agreement_by_chance(prevalence: float, chance: float) -> None:
    assert chance_agreement(prevalence) == pytest.approx(chance)


def test_what_is_rare_and_agreed_upon_without_alpha_is_a_paradox() -> None:
    assert is_paradox(replace(CODE, agreed=0.97, is_rare=True))
    assert not is_paradox(replace(CODE, agreed=0.97))
    assert not is_paradox(replace(CODE, agreed=0.8, is_rare=True))


def test_the_page_says_why_a_rare_code_has_no_alpha(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"tone": ("multiple", ("calm", "grief"))})
        rated = [
            Rated(str(post), coder, {"tone": ["calm"] if post % 2 else [] if post != 2 * at else ["grief"]})
            for post in range(60)
            for at, coder in enumerate("uv", start=1)
        ]
        write(db, cast.project, book, rated)
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement").text
    assert "Grief: annotators agree on 96.7" in page
    assert "would agree on 96.7" in page
    assert 'class="forest" role="img"' in page
    assert "2004, Content Analysis, pages 241 to 243" in page
