import csv
import io

import pytest

from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


def path(cast: Cast, query: str = "") -> str:
    return f"/projects/{cast.project.key}/agreement/plan{query}"


@on_one_database
def test_the_page_answers_at_once(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(path(cast))
    assert page.status_code == 200
    assert "<strong>750 posts</strong>, each coded by 2 annotators: 1,500 codings." in page.text
    for words in ("± 0.030", "± 0.100", "5 annotators", "significance 0.005", "<strong>139</strong>"):
        assert words in page.text
    assert "nan" not in page.text.lower().split()


@on_one_database
def test_the_page_of_agreement_leads_here_before_any_round(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement")
    assert "No round has been opened yet" in page.text
    assert f'href="{path(cast)}"' in page.text


@on_one_database
def test_what_is_asked_is_answered_and_kept(cast: Cast, client_of: ClientOf) -> None:
    query = "?prevalence=12,5+%25&alpha=0,7&annotators=6&half_width=%C2%B10,04&confidence=0.90"
    page = client_of(cast.lead).get(path(cast, query))
    assert page.status_code == 200
    assert "If 12.5 % of the codings" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    for words in ("alpha is 0.70", "± 0.040", "6 annotators", 'value="12,5 %"', 'value="0,7"'):
        assert words in page.text


@on_one_database
def test_an_address_may_name_prevalence_and_alpha_alone(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(path(cast, "?prevalence=13.2&alpha=0.9&annotators="))
    assert page.status_code == 200
    assert 'value="13.2"' in page.text
    assert "alpha is 0.90" in page.text


@on_one_database
def test_a_threshold_that_is_not_below_alpha(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(path(cast, "?alpha=0"))
    assert page.status_code == 200
    assert page.text.count("no number of posts shows that") == 2


@on_one_database
def test_a_plan_that_rests_on_few_posts_says_so(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    usual = client.get(path(cast, "?alpha=.7")).text
    assert "would be fewer than ten" not in usual
    assert '<span class="tag">few</span>' not in usual
    small = client.get(path(cast, "?alpha=.95&half_width=.1")).text
    assert "would be fewer than ten" in small
    assert '<span class="tag">few</span>' in small


@on_one_database
@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("prevalence", "many", "Please write a number."),
        ("prevalence", "0", "This must be at least 0.1."),
        ("prevalence", "100", "This must be at most 99.9."),
        ("prevalence", "nan", "Please write a number."),
        ("prevalence", "1e999", "Please write a number."),
        ("alpha", "1", "This must be less than 1"),
        ("alpha", "-0.1", "This must be at least 0"),
        ("alpha", "1.2", "This must be less than 1"),
        ("annotators", "1", "This must be at least 2."),
        ("annotators", "2.5", "Please write a whole number."),
        ("annotators", "21", "This must be at most 20."),
        ("half_width", "0", "This must be at least 0.01."),
        ("half_width", "-", "Please write a number."),
        ("confidence", "0.5", "Please choose one of the answers offered."),
        ("prevalence", "\0\N{SNOWMAN}", "Please write a number."),
    ],
)
def test_what_cannot_be_planned_with(
    cast: Cast, client_of: ClientOf, name: str, typed: str, words: str
) -> None:
    page = client_of(cast.lead).get(path(cast), params={name: typed})
    assert page.status_code == 422
    assert f'id="f-{name}-error">{words}' in page.text
    assert f'aria-describedby="f-{name}-error"' in page.text
    if name != "confidence":
        assert f'value="{typed.replace(chr(0), "")}"' in page.text


@on_one_database
@pytest.mark.parametrize("query", ["?prevalence=0.1&alpha=0.999999999", "?prevalence=99.9&half_width=.01"])
@pytest.mark.parametrize("annotators", [2, 20])
def test_the_ends_of_the_ranges(cast: Cast, client_of: ClientOf, query: str, annotators: int) -> None:
    assert client_of(cast.lead).get(path(cast, f"{query}&annotators={annotators}")).status_code == 200


@on_one_database
def test_tables_can_be_taken_along(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    assert "plan.csv?prevalence=25&amp;alpha=0.80" in client.get(path(cast)).text
    found = {}
    for table in ("width", "exceed", "krippendorff"):
        file = client.get(f"{path(cast)}.csv?prevalence=25&alpha=0,85&table={table}")
        assert file.headers["content-disposition"] == f'attachment; filename="plan-{table}.csv"'
        found[table] = list(csv.DictReader(io.StringIO(file.text)))
    assert len(found["width"]) == 16
    assert [row["threshold"] for row in found["exceed"]] == ["0.667"] * 4 + ["0.8"] * 4
    assert {"prevalence": "0.25", "threshold": "0.8", "significance": "0.05", "n": "139"} in found[
        "krippendorff"
    ]


@on_one_database
@pytest.mark.parametrize("query", ["", "?table=pairs", "?table=width&alpha=1", "?table=exceed&alpha=0.5"])
def test_a_table_that_is_not_there(cast: Cast, client_of: ClientOf, query: str) -> None:
    assert client_of(cast.lead).get(f"{path(cast)}.csv{query}").status_code == 404


@on_one_database
@pytest.mark.parametrize(
    ("who", "status"), [("lead", 200), ("adjudicator", 200), ("viewer", 200), ("annotator", 403)]
)
def test_who_may_look(cast: Cast, client_of: ClientOf, who: str, status: int) -> None:
    assert client_of(getattr(cast, who)).get(path(cast)).status_code == status
