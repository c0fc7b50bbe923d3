import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from server.db.engine import Database
from server.projects.models import Member
from server.reliability.screens import CodeLine, CoefficientLine
from tests import make
from tests.cast import Cast, make_cast
from tests.conftest import ClientOf
from tests.reliability.bulk import Rated, write
from tests.reliability.scene import coded
from tests.stock import on_one_database


def path(cast: Cast, query: str = "") -> str:
    return f"/projects/{cast.project.key}/agreement{query}"


@on_one_database
def test_the_lead_sees_agreement(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    page = client_of(cast.lead).get(path(cast))
    assert page.status_code == 200
    for words in ("Attachment", "Alpha of the sets (MASI)", "Code by code", "Pair by pair", "20250806"):
        assert words in page.text
    assert f"Other Annotator {cast.project.key.title()}" in page.text


@on_one_database
@pytest.mark.parametrize("variable", ["expression", "emotion", "stance"])
def test_each_variable(cast: Cast, database: Database, client_of: ClientOf, variable: str) -> None:
    coded(database, cast)
    page = client_of(cast.lead).get(path(cast, f"?variable={variable}&round=1"))
    assert page.status_code == 200
    assert f'aria-current="page"><bdi>{variable.title()}</bdi>' in page.text
    assert "Which answers met on the same post" in page.text


@on_one_database
def test_a_level_a_pair_and_a_code_can_be_chosen(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    client = client_of(cast.lead)
    page = client.get(path(cast, "?variable=emotion&level=interval&pair=3-4"))
    assert "alpha, interval" in page.text
    assert f"Rows: Annotator {cast.project.key.title()}." in page.text
    assert "Pair by pair: <bdi>Quality</bdi>" in client.get(path(cast, "?code=quality")).text


@on_one_database
def test_a_group_can_be_chosen(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    with database.writing() as db:
        db.get_one(Member, cast.annotator.member_id).coder_group = "students"
    page = client_of(cast.lead).get(path(cast, "?group=students"))
    assert page.status_code == 200
    assert "No post has two codings" in page.text


@on_one_database
def test_nobody_is_named_to_a_viewer(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    page = client_of(cast.viewer).get(path(cast))
    assert page.status_code == 200
    assert "Pairs of annotators are not shown." in page.text
    assert f"Annotator {cast.project.key.title()}" not in page.text


@on_one_database
def test_a_hidden_round_says_why(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        make.round_(db, cast.project, book, make.posts(db, cast.project, 1), (cast.lead,))
    page = client_of(cast.lead).get(path(cast))
    assert "Round 1 is not counted here. You code in this round yourself." in page.text
    assert "There is no round you may look into yet" in page.text


@on_one_database
@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("adjudicator", 200), ("viewer", 200), ("annotator", 403), ("other_annotator", 403)],
)
def test_who_may_look(cast: Cast, client_of: ClientOf, who: str, status: int) -> None:
    assert client_of(getattr(cast, who)).get(path(cast)).status_code == status


@on_one_database
def test_outsiders_find_nothing_here(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        other = make_cast(db)
    assert client_of(other.lead).get(path(cast)).status_code == 404
    assert client_of(None).get(path(cast)).status_code == 303


@on_one_database
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?variable=mood", "do not ask the variable mood"),
        ("?round=9", "no round 9"),
        ("?code=joy", "no code joy"),
        ("?level=metric", "no level of measurement metric"),
        ("?group=crowd", "No annotator belongs to the group crowd"),
    ],
)
def test_an_address_that_asks_for_what_is_not_there(
    cast: Cast, database: Database, client_of: ClientOf, query: str, words: str
) -> None:
    coded(database, cast)
    page = client_of(cast.lead).get(path(cast, query))
    assert page.status_code == 422
    assert words in page.text
    assert "Code by code" in page.text


@on_one_database
def test_a_round_that_is_no_number(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.lead).get(path(cast, "?round=one")).status_code == 404


@on_one_database
def test_empty_states_say_what_to_do(cast: Cast, database: Database, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    assert "No round has been opened yet" in client.get(path(cast)).text
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 1)
        training = make.round_(db, cast.project, book, posts, (cast.annotator,), purpose="training")
    assert "Only training has taken place" in client.get(path(cast)).text
    assert "Nothing has been coded on this variable yet" in client.get(path(cast, "?round=1")).text
    with database.writing() as db:
        make.coding(db, book, training, posts[0], cast.annotator, {"expression": ["quality"]})
    assert "No post has two codings on this variable yet" in client.get(path(cast, "?round=1")).text


@on_one_database
def test_a_code_never_chosen_is_undefined_in_words(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"tone": ("single", ("a", "b", "c"))})
        rated = [Rated(str(post), coder, {"tone": "ab"[post % 2]}) for post in range(40) for coder in "uv"]
        write(db, cast.project, book, rated)
    page = client_of(cast.lead).get(path(cast))
    assert "never chosen" in page.text
    assert "Only one category was used" in page.text
    assert "nan" not in page.text.lower().split()


@on_one_database
def test_words_have_no_alpha_at_the_interval_level(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    coded(database, cast)
    page = client_of(cast.lead).get(path(cast, "?variable=stance&level=interval"))
    assert page.status_code == 200
    assert "Not every code of this variable has a number, which the interval level needs." in page.text


@on_one_database
def test_text_and_numbers(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"comment": ("text", ()), "hours": ("number", ())})
        rated = [
            Rated(post, coder, {"comment": "x", "hours": hours + (coder == "w")})
            for post, hours in (("p", 2.5), ("q", 4), ("r", -1))
            for coder in "uvw"
        ]
        write(db, cast.project, book, rated)
    client = client_of(cast.lead)
    page = client.get(path(cast))
    assert page.status_code == 200
    assert "Krippendorff&#39;s alpha, interval of each pair, over the posts that both coded" in page.text
    assert "Everybody with everybody: Krippendorff&#39;s alpha, interval" in page.text
    assert "Confusions of" not in page.text
    assert "has negative ones" in client.get(path(cast, "?level=ratio")).text
    assert "Free text has no coefficient" in client.get(path(cast, "?variable=comment")).text


@on_one_database
def test_labels_are_escaped_and_scripts_absent(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast, title="<b>bold</b>")
    page = client_of(cast.lead).get(path(cast))
    assert "<b>bold</b>" not in page.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page.text
    assert "style=" not in page.text


@on_one_database
def test_many_annotators_are_listed_by_what_they_share(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    coders = [f"coder{number}" for number in range(14)]
    with database.writing() as db:
        book = make.published(db, cast.project, {"tone": ("single", ("a", "b"))})
        write(db, cast.project, book, [Rated("p", coder, {"tone": "a"}) for coder in coders])
    page = client_of(cast.lead).get(path(cast))
    assert "The 45 of 91 pairs with most posts in common" in page.text
    assert "Everybody with everybody" not in page.text


@on_one_database
def test_a_code_leads_to_the_planner_with_what_was_measured(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    coded(database, cast)
    client = client_of(cast.lead)
    page = client.get(path(cast, "?variable=stance")).text
    links = re.findall(r'href="([^"]+/agreement/plan\?[^"]+)">Plan for this code<', page)
    assert links
    planned = client.get(unescape(links[0]))
    assert planned.status_code == 200
    asked = parse_qs(urlsplit(unescape(links[0])).query)
    for name in ("prevalence", "alpha"):
        assert f'name="{name}" type="text" value="{asked[name][0]}"' in planned.text


@pytest.mark.parametrize(
    ("prevalence", "alpha", "expected"),
    [
        (0.25, 0.8, {"prevalence": "25", "alpha": "0.80"}),
        (0.0004, 0.8, {}),
        (0.25, 0.999, {}),
        (0.25, -0.1, {}),
        (0.25, None, {}),
        (None, None, {}),
    ],
)
def test_only_what_can_be_planned_with_is_handed_on(
    prevalence: float | None, alpha: float | None, expected: dict[str, str]
) -> None:
    line = CoefficientLine("alpha", "Alpha", alpha, None, None, "")
    assert CodeLine("a", "A", 1, prevalence, False, line, None, None, None).expected == expected
