"""Each round by itself: the same figures as a report of that round alone, and no round that is hidden."""

import csv
import io
import re
from typing import Any

import pytest
from sqlmodel import Session

from server.db.engine import Database
from server.figures import Course
from server.reliability.agreement_page import agreement_page
from server.reliability.drawings import trend_figure
from server.reliability.figures import named
from server.reliability.forms import AgreementQuery
from server.reliability.material import material_of
from server.reliability.measuring import Measuring
from server.reliability.report import agreement_report
from server.reliability.trend import Trend, trend
from server.reliability.trend_picture import trend_picture
from server.reliability.typesetting import trend_table
from server.typeset.numbers import bounded
from tests import make
from tests.cast import Cast, make_cast
from tests.conftest import ClientOf
from tests.reliability.bulk import Rated, write

# What two annotators said in each of three rounds; the second codebook adds a code.
SAID = (("aabbab", "abbbab"), ("aabbab", "aabbaa"), ("abcabc", "abcabb"))
MEASURING = Measuring(None, 7, 100)


def rounds(db: Session, cast: Cast, **fields: Any) -> None:
    """Three rounds: the first two under one version of the codebook, the third under another."""
    first = make.published(db, cast.project, {"tone": ("single", ("a", "b")), "marks": ("multiple", ("a",))})
    second = make.published(
        db, cast.project, {"tone": ("single", ("a", "b", "c")), "marks": ("multiple", ("a", "c"))}
    )
    for number, (book, said) in enumerate(zip((first, first, second), SAID, strict=True), start=1):
        allowed = {code.key for code in book.variable_by_key["marks"].codes}
        rated = [
            Rated(f"{number}/{post}", f"{coder}{number}", {"tone": code, "marks": sorted({code} & allowed)})
            for coder, codes in zip("uv", said, strict=True)
            for post, code in enumerate(codes)
        ]
        write(db, cast.project, book, rated, **(fields if number == 3 else {}))


def found(db: Session, cast: Cast, key: str = "tone", code: str = "", **wanted: object) -> Trend:
    return trend(db, cast.lead, material_of(db, cast.lead, MEASURING, **wanted), key, code)  # type: ignore[arg-type]


@pytest.mark.parametrize(("key", "code"), [("tone", ""), ("marks", "a")])
def test_a_round_of_the_trend_is_a_report_of_it_alone(db: Session, key: str, code: str) -> None:
    cast = make_cast(db)
    rounds(db, cast)
    course = found(db, cast, key, code)
    assert [step.rounds[0].number for step in course.rounds] == [1, 2, 3]
    assert [step.version for step in course.rounds] == [1, 1, 2]
    for step in course.rounds:
        of = [step.rounds[0].number]
        [alone] = agreement_report(db, cast.lead, MEASURING, rounds=of, variable=key, pairs=None).variables
        wanted = next(one.coefficients for one in alone.codes if one.key == code) if code else None
        assert step.coefficients == (wanted or alone.coefficients)


def test_versions_are_put_together_where_rounds_share_one(db: Session) -> None:
    cast = make_cast(db)
    rounds(db, cast)
    course = found(db, cast)
    assert [[one.number for one in step.rounds] for step in course.versions] == [[1, 2], [3]]
    both = agreement_report(db, cast.lead, MEASURING, rounds=[1, 2], variable="tone", pairs=None)
    [together] = both.variables
    assert course.versions[0].coefficients[1].estimate == together.coefficients[1].estimate


def test_a_code_is_followed_only_where_it_was_offered(db: Session) -> None:
    cast = make_cast(db)
    rounds(db, cast)
    assert found(db, cast, "marks", "c") == Trend((), ())


def test_rounds_that_are_not_looked_at_stand_in_the_trend_nevertheless(db: Session) -> None:
    cast = make_cast(db)
    rounds(db, cast)
    assert found(db, cast, rounds=[2]).rounds == found(db, cast).rounds


@pytest.mark.parametrize("chosen", [None, [1, 2, 3]])
def test_training_is_shown_only_where_it_is_chosen(db: Session, chosen: list[int] | None) -> None:
    cast = make_cast(db)
    rounds(db, cast, purpose="training")
    numbers = [step.rounds[0].number for step in found(db, cast, rounds=chosen).rounds]
    assert numbers == (chosen or [1, 2])


def test_the_picture_puts_one_at_the_top(db: Session) -> None:
    cast = make_cast(db)
    rounds(db, cast)
    steps = found(db, cast).rounds
    picture = trend_picture(steps)
    assert picture is not None
    assert [point.at for point in picture.points] == ["16.67%", "50.00%", "83.33%"]
    assert [point.version for point in picture.points] == [1, None, 2]
    alpha = named(steps[0].coefficients, "krippendorff_alpha")
    assert alpha is not None
    assert alpha.estimate is not None
    height = 100 * (1 - alpha.estimate) / (1 - picture.begins)
    assert picture.points[0].alpha == f"{height:.2f}%"
    assert trend_picture(steps[:1]) is None


def test_rounds_are_drawn_and_printed_with_their_intervals(db: Session) -> None:
    cast = make_cast(db)
    rounds(db, cast)
    findings = agreement_page(db, cast.lead, AgreementQuery(variable="tone"), compares_pairs=False).findings
    assert findings
    figure = trend_figure(findings)
    assert isinstance(figure, Course)
    assert [moment.estimate.label for moment in figure.moments] == ["1", "2", "3"]
    steps = findings.trend.rounds
    assert [moment.estimate.value for moment in figure.moments] == [step.alpha.estimate for step in steps]
    assert [moment.estimate.others[0] for moment in figure.moments] == [5 / 6, 5 / 6, 5 / 6]
    assert "Posts by two or more: 6, 6, 6. Intervals of alpha: 95%, bias-corrected" in figure.caption
    table = trend_table(findings)
    assert table
    labels = [column.label for column in table.columns]
    assert labels == ["Round", "n", "α", "95% CI", "Agreement", "AC1", "Codebook"]
    alone, together = (section.rows for section in table.sections)
    assert [row[:3] for row in alone] == [(step.label, "6", bounded(step.alpha.estimate)) for step in steps]
    assert [(row[1], row[-1]) for row in together] == [("12", "1"), ("6", "2")]
    assert "Intervals of alpha: 95%" in table.note


def test_the_page_shows_it_and_gives_it_as_csv(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        rounds(db, cast)
    client = client_of(cast.lead)
    page = client.get(f"/projects/{cast.project.key}/agreement?variable=tone").text
    section = page.partition('<section id="trend">')[2].partition("</section>")[0]
    assert len(re.findall(r'<th scope="row">', section)) == 5
    assert "codebook 2" in section
    assert "agreement/tables/trend.docx?" in section
    printed = client.get(f"/projects/{cast.project.key}/agreement/tables/trend.md?variable=tone").text
    assert len(re.findall(r"\n\| Round", printed)) == 6, "a head and five lines"
    file = client.get(f"/projects/{cast.project.key}/agreement.csv?variable=tone&table=trend").text
    lines = list(csv.DictReader(io.StringIO(file)))
    assert [line["rounds"] for line in lines] == ["1", "2", "3", "1 2", "3"]
    assert float(lines[0]["alpha_estimate"]) == pytest.approx(1 - 11 / (2 * 5 * 7) * 2, abs=1e-9)


def test_one_round_has_no_trend(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"tone": ("single", ("a", "b"))})
        write(db, cast.project, book, [Rated("1", coder, {"tone": "a"}) for coder in "uv"])
    assert 'id="trend"' not in client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement").text


def test_a_round_that_the_reader_still_codes_is_not_shown(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        posts = make.posts(db, cast.project, 2)
        book = make.published(db, cast.project, {"tone": ("single", ("a", "b"))})
        still = make.round_(db, cast.project, book, posts, [cast.lead, cast.annotator])
        make.coding(db, book, still, posts[0], cast.annotator, {"tone": "a"})
        rounds(db, cast)
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement?variable=tone").text
    section = page.partition('<section id="trend">')[2].partition("</section>")[0]
    assert "Round 4" in section
    assert "Round 1 " not in section
