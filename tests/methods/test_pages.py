"""The page of the methods text and its files, and the text in the shell."""

from io import BytesIO

import pytest
from docx import Document

from server.cli.commands import run
from server.db.engine import Database
from server.settings import Settings
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database


@pytest.fixture
def path(database: Database, cast: Cast) -> str:
    """A study of three posts, on one of which two annotators differ."""
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
        two = [cast.annotator, cast.other_annotator]
        round_ = make.round_(db, cast.project, book, posts, two, locked_at=make.MOMENT)
        for post in posts:
            make.coding(db, book, round_, post, cast.annotator, {"stance": "favour", "expression": []})
        make.coding(db, book, round_, posts[0], cast.other_annotator, {"stance": "against"})
        make.decision(db, book, posts[0], "stance", "favour", cast.lead)
    return f"/projects/{cast.project.key}/methods"


def test_the_page_tells_asks_and_says_what_it_cannot_know(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.lead).get(path)
    assert page.status_code == 200
    assert f'The corpus comprised <a href="/projects/{cast.project.key}/posts">3 posts</a> by' in page.text
    assert "Only " in page.text
    assert (
        "were coded by two annotators or more; 50" in page.text or "was coded by two annotators" in page.text
    )
    assert "Ethics approval" in page.text
    assert f'/projects/{cast.project.key}/disagreements">1</a> decision about' in page.text


def test_the_text_speaks_either_language_whatever_the_page_does(
    client_of: ClientOf, cast: Cast, path: str
) -> None:
    page = client_of(cast.lead).get(path, params={"language": "fr"})
    assert "<h1>Methods text</h1>" in page.text
    assert '<section lang="fr">' in page.text
    assert "Le corpus comprenait" in page.text
    assert "Ethics approval" in page.text, "what is said beside it is in the reader's language"
    strange = client_of(cast.lead).get(path, params={"language": "xx"})
    assert "The corpus comprised" in strange.text


def test_nobody_is_sent_to_a_page_that_is_not_theirs(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.viewer).get(path)
    assert page.status_code == 200
    assert "/disagreements" not in page.text
    assert "1 decision about" in page.text.replace("\n", " ")


def test_a_study_without_posts_says_where_to_begin(client_of: ClientOf, cast: Cast) -> None:
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/methods")
    assert "The methods text begins with the posts." in page.text


def test_the_files_hold_the_same_text(client_of: ClientOf, cast: Cast, path: str) -> None:
    def file(kind: str) -> bytes:
        answer = client_of(cast.lead).get(f"{path}/file", params={"kind": kind, "language": "fr"})
        assert answer.headers["content-disposition"].endswith(f'-methods-fr.{kind}"')
        return bytes(answer.content)

    text = file("txt").decode()
    assert text.startswith("Le corpus comprenait")
    assert "À ajouter par les auteurs" not in text
    markdown = file("md").decode()
    assert markdown.startswith("# Méthodes de «")
    assert "\n- L’avis éthique" in markdown
    said = [each.text for each in Document(BytesIO(file("docx"))).paragraphs]
    assert text.split("\n\n")[0] in said
    assert "À ajouter par les auteurs" in said


def test_a_kind_of_file_that_is_not_offered_is_not_there(client_of: ClientOf, cast: Cast, path: str) -> None:
    answer = client_of(cast.lead).get(f"{path}/file", params={"kind": "exe"})
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_the_shell_tells_it_too(
    settings: Settings, cast: Cast, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["methods", cast.project.key, "--data", str(settings.data)]
    assert run([*where, "--language", "fr"]) == 0
    assert capsys.readouterr().out.startswith("Le corpus comprenait")
    assert run(where) == 0
    assert capsys.readouterr().out.startswith("The corpus comprised")
    assert run([*where, "--language", "tlh"]) == 2
    assert "en, fr" in capsys.readouterr().err
    assert path
