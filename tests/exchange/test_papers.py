"""Figures and tables for papers: on the pages, as files, and what is refused."""

import re
from html import unescape
from io import BytesIO
from xml.etree import ElementTree

import pytest
from docx import Document
from sqlmodel import update
from starlette.testclient import TestClient

from server.corpora.models import Post
from server.db.engine import Database
from server.figures import subjects
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.reliability.scene import coded
from tests.stock import on_one_database

TYPES = {
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "png": "image/png",
    "md": "text/markdown; charset=utf-8",
    "tex": "application/x-tex; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}
PAGES = (
    "results",
    "results/groups?code=stance:against&by=day",
    "results/together?question=stance&measure=count",
    "results/corrected?code=stance:against&predictions=model",
    "agreement?variable=stance",
)


@pytest.fixture
def study(database: Database, cast: Cast) -> str:
    """Six posts that two annotators coded, and a model."""
    coded(database, cast)
    with database.writing() as db:
        db.execute(update(Post).values(extra={"model": "0.4"}))
    return f"/projects/{cast.project.key}"


def taken_along(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]+/(?:figures|tables)/[^"]+)"', page)]


def words(svg: str) -> str:
    return " ".join("".join(node.itertext()) for node in ElementTree.fromstring(svg).iter())


@on_one_database
@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_offers_can_be_taken_along(
    client_of: ClientOf, cast: Cast, study: str, path: str
) -> None:
    client = client_of(cast.lead)
    links = taken_along(client.get(f"{study}/{path}").text)
    endings = {link.partition("?")[0].rpartition(".")[2] for link in links}
    assert endings == set(TYPES)
    # Drawing is slow: each figure once.
    figures = {one.partition("?")[0]: one for one in links if ".svg?" in one}
    tables = {one.partition("?")[0]: one for one in links if "/tables/" in one}
    for link in (*figures.values(), *tables.values()):
        ending = link.partition("?")[0].rpartition(".")[2]
        answer = client.get(link)
        assert (answer.status_code, answer.headers["content-type"]) == (200, TYPES[ending]), link
        assert answer.headers["content-disposition"].endswith(f'.{ending}"')
        assert ending == "docx" or not re.search(r"\bnan\b", answer.text.lower())


@on_one_database
def test_files_say_what_the_page_says(client_of: ClientOf, cast: Cast, study: str) -> None:
    client = client_of(cast.lead)
    figure = words(client.get(f"{study}/results/figures/shares.svg?variable=stance&rule=majority").text)
    assert "Against" in figure
    assert "33.3% (9.7 to 70.0)" in figure, "2 of 6"
    assert "(n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}6)" in figure
    assert "the answer of more than half of the annotators" in figure
    assert "attachment" not in figure
    [table] = Document(
        BytesIO(client.get(f"{study}/results/tables/shares.docx?variable=stance&rule=majority").content)
    ).tables
    assert [cell.text for cell in table.rows[1].cells][:4] == ["Against", "2", "6", ".33"]


@on_one_database
def test_the_tables_of_agreement(client_of: ClientOf, cast: Cast, study: str) -> None:
    client = client_of(cast.lead)
    codes = client.get(f"{study}/agreement/tables/codes.md?variable=stance").text
    assert "| Code | *n* | Proportion | α | 95% CI | Agreement | κ | AC1 |" in codes
    assert "bootstrap resamples" in codes
    answers = client.get(f"{study}/agreement/tables/answers.tex?variable=stance").text
    assert "Percent agreement & .67 &" in answers, "on 4 of 6 posts they said the same"
    pairs = client.get(f"{study}/agreement/tables/pairs.md?variable=stance").text
    assert re.search(r"\| 6 \| \.67 \| \.48 \|", pairs), "kappa is (4/6 - 13/36) / (1 - 13/36)"
    met = client.get(f"{study}/agreement/tables/confusion.html?variable=stance").text
    assert "On the diagonal both said the same." in met
    assert re.findall(r"<td[^>]*>([^<]*)</td>", met) == list("210001002"), (
        "rows of against, ambivalent, favour"
    )


@on_one_database
def test_figures_show_what_unresolved_posts_could_make_of_a_share(
    client_of: ClientOf, cast: Cast, study: str
) -> None:
    client = client_of(cast.lead)
    figure = words(client.get(f"{study}/results/figures/shares.svg?variable=stance").text)
    assert "at most: all unresolved posts carry it" in figure
    over_time = words(client.get(f"{study}/results/figures/groups.svg?code=stance:against&by=author").text)
    assert "at least: no unresolved post carries the code" in over_time


NOT_THERE = {
    "results/figures/shares.gif": "Figures can be had as SVG, PDF and PNG.",
    "results/figures/moods.svg": "the page shows no such figure",
    "agreement/figures/moods.svg": "the page shows no such figure",
    "agreement/figures/trend.svg?variable=stance": "the page shows no such figure",
    "results/figures/shares.svg?variable=none": "the page shows no such figure",
    "results/tables/shares.xls": "Tables can be had as CSV, Markdown, LaTeX, Word and HTML.",
    "results/tables/moods.md": "The page shows no such table.",
    "results/tables/shares.md?variable=none": "The page shows no such table.",
    "agreement/tables/moods.md": "The page shows no such table.",
    "agreement/tables/trend.md?variable=stance": "The page shows no such table.",
    "results/moods/shares.md": "Only figures and tables can be taken along.",
}
REFUSED = {
    "results/figures/shares.svg?width=wide": "A figure is as wide as a column or as a page.",
    "results/figures/groups.svg?code=stance:moods": "The codebook has no such code.",
    "agreement/figures/codes.svg?level=moods": "There is no level of measurement moods.",
}


@on_one_database
def test_what_is_not_there_or_cannot_be_is_said(client_of: ClientOf, cast: Cast, study: str) -> None:
    client = client_of(cast.lead)
    for status, every in ((404, NOT_THERE), (422, REFUSED)):
        for path, said in every.items():
            answer = client.get(f"{study}/{path}")
            assert answer.status_code == status, path
            assert said in answer.text, path


@on_one_database
def test_what_no_figure_can_hold_is_refused(
    client_of: ClientOf, cast: Cast, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "MOST_ROWS", 2)
    answer = client_of(cast.lead).get(f"{study}/results/figures/shares.svg?width=column")
    assert answer.status_code == 422
    assert "This is more than a figure of 85 mm can hold." in answer.text


@on_one_database
def test_nobody_takes_along_more_than_the_page_shows(client_of: ClientOf, cast: Cast, study: str) -> None:
    """Viewers get no pairs of annotators, and nothing of a round that is hidden from the reader."""
    viewer: TestClient = client_of(cast.viewer)
    assert viewer.get(f"{study}/agreement/figures/confusion.svg?variable=stance").status_code == 404
    assert viewer.get(f"{study}/agreement/figures/codes.svg?variable=stance").status_code == 200
    annotator = client_of(cast.annotator)
    for path in ("results/figures/shares.svg", "results/tables/shares.md", "agreement/tables/codes.md"):
        assert annotator.get(f"{study}/{path}").status_code == 403


@on_one_database
def test_an_empty_study_has_nothing_to_take_along(client_of: ClientOf, cast: Cast) -> None:
    client, study = client_of(cast.lead), f"/projects/{cast.project.key}"
    for name in ("shares", "groups", "together", "corrected"):
        assert client.get(f"{study}/results/figures/{name}.svg").status_code == 404
        assert client.get(f"{study}/results/tables/{name}.html").status_code == 404
    assert client.get(f"{study}/agreement/figures/codes.svg").status_code == 404
