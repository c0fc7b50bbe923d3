import re

from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.reliability.bulk import Rated, write
from tests.reliability.scene import coded

# Three who coded the same six posts; the third differs most.
SAID = {"u": "aabbab", "v": "aabbaa", "w": "abbaab"}


def three(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"tone": ("single", ("a", "b"))})
        rated = [
            Rated(str(post), coder, {"tone": code})
            for coder, codes in SAID.items()
            for post, code in enumerate(codes)
        ]
        write(db, cast.project, book, rated)


def rows(page: str) -> list[list[str]]:
    section = page.partition('<section id="annotators">')[2].partition("</section>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)[1:]
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", line)] for line in lines
    ]


def test_each_annotator_stands_against_the_rest(cast: Cast, database: Database, client_of: ClientOf) -> None:
    three(database, cast)
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement").text
    found = rows(page)
    assert [line[1] for line in found] == ["6", "6", "6"]
    assert [line[2] for line in found] == [
        f"{share}\N{NO-BREAK SPACE}%" for share in ("75.0", "66.7", "58.3")
    ]
    # Without the third: five of six posts alike, seven a and five b.
    assert found[2][4] == f"{1 - 11 * 2 / (2 * 7 * 5):.2f}"
    assert "without one: " in page


def test_a_viewer_is_shown_no_annotator(cast: Cast, database: Database, client_of: ClientOf) -> None:
    three(database, cast)
    page = client_of(cast.viewer).get(f"/projects/{cast.project.key}/agreement").text
    assert "Each annotator against the rest" not in page
    assert "without one: " not in page
    assert "left out in turn" not in page


def test_two_annotators_and_every_kind_of_variable(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    coded(database, cast)
    client = client_of(cast.lead)
    for variable in ("expression", "emotion", "stance"):
        page = client.get(f"/projects/{cast.project.key}/agreement?variable={variable}").text
        assert [line[-1] for line in rows(page)] == ["–", "–"]
    page = client.get(f"/projects/{cast.project.key}/agreement?variable=emotion&level=ratio").text
    assert len(rows(page)) == 2
