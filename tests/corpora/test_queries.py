"""Reading posts: only those of the project, and only what the reader may know."""

import pytest

from server.corpora import actions, queries
from server.corpora.mapping import DraftedPosts, PostDraft
from server.corpora.queries import PAGE_SIZE, Wanted
from server.corpora.stored import StoredPosts
from server.corpora.storing import Source
from server.db.engine import Database
from server.errors import NotFound
from server.projects.access import Access
from tests import make
from tests.cast import Cast


def bring(database: Database, cast: Cast, count: int, text: str = "hello") -> None:
    drafts = [
        PostDraft(number, f"id {number}", f"{text} {number}", author="mara", link="https://x.example")
        for number in range(1, count + 1)
    ]
    with database.writing() as db:
        actions.store_drafts(db, cast.lead, DraftedPosts(drafts, [], [], []), Source("a.csv", ""))


def test_posts_come_in_pages(database: Database, cast: Cast) -> None:
    bring(database, cast, PAGE_SIZE + 5)
    with database.reading() as db:
        first, last = (queries.posts(db, cast.lead, Wanted(page=page)) for page in (1, 99))
        count = queries.n_posts(db, cast.lead)
    assert [line.number for line in first.lines] == list(range(1, PAGE_SIZE + 1))
    assert (last.page, last.n_pages, len(last.lines), last.total) == (2, 2, 5, PAGE_SIZE + 5)
    assert count == PAGE_SIZE + 5


def test_a_long_text_is_cut(database: Database, cast: Cast) -> None:
    bring(database, cast, 1, text="word " * 200)
    with database.reading() as db:
        line = queries.posts(db, cast.lead, Wanted()).lines[0]
        assert queries.post(db, cast.lead, 1).text.endswith("word  1")
    assert line.is_cut
    assert len(line.start) == 280


@pytest.mark.parametrize(("role", "author"), [("lead", "mara"), ("adjudicator", None), ("viewer", None)])
def test_authors_are_for_the_lead(database: Database, cast: Cast, role: str, author: str | None) -> None:
    bring(database, cast, 1)
    access: Access = getattr(cast, role)
    with database.reading() as db:
        assert queries.posts(db, access, Wanted()).lines[0].author == author
        assert (queries.post(db, access, 1).source is None) == (author is None)


def found(database: Database, access: Access, search: str) -> list[int]:
    with database.reading() as db:
        return [line.number for line in queries.posts(db, access, Wanted(search)).lines]


@pytest.mark.parametrize(
    "search",
    [
        "überr",
        "ÜBERR",
        "Überraschung",
        "u\N{COMBINING DIAERESIS}berr",
        "ПРИВЕТ",
        "ещё",
        "100 %_*?[x]",
        "a\\b (c)+",
    ],
)
def test_search_knows_the_case_of_all_letters(database: Database, cast: Cast, search: str) -> None:
    bring(database, cast, 1, text="Eine Überraschung! Привет, ещё: 100 %_*?[X] a\\b (C)+ $^.|{2}")
    assert found(database, cast.lead, search) == [1]
    assert found(database, cast.viewer, search) == [1]


@pytest.mark.parametrize("search", ["", "hello"])
def test_search_takes_no_sign_for_another(database: Database, cast: Cast, search: str) -> None:
    bring(database, cast, 1)
    assert [sign for sign in "%_*?.^$[]|+\\" if found(database, cast.lead, search + sign)] == []


def test_an_id_is_found_by_its_beginning(database: Database, cast: Cast) -> None:
    bring(database, cast, 12, text="words")
    assert found(database, cast.lead, "ID 1") == [1, 10, 11, 12]
    assert found(database, cast.lead, "d 1") == []
    assert found(database, cast.viewer, "id 12") == []


@pytest.mark.parametrize(("role", "external_id"), [("lead", "id 1"), ("adjudicator", None), ("viewer", None)])
def test_ids_in_the_list_are_for_the_lead(
    database: Database, cast: Cast, role: str, external_id: str | None
) -> None:
    bring(database, cast, 1)
    with database.reading() as db:
        assert queries.posts(db, getattr(cast, role), Wanted()).lines[0].external_id == external_id


def test_an_empty_project(database: Database, cast: Cast) -> None:
    with database.reading() as db:
        found = queries.posts(db, cast.lead, Wanted(page=3))
        assert (found.lines, found.total, found.n_pages, found.page) == ((), 0, 1, 1)
        assert not StoredPosts(db, cast.lead)
        assert queries.batches(db, cast.lead) == ()
        with pytest.raises(NotFound):
            queries.post(db, cast.lead, 1)


def test_stored_posts_say_which_are_coded(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        coded, queued, free = make.posts(db, cast.project, 3)
        round_ = make.round_(db, cast.project, book, [coded, queued], [cast.annotator])
        make.coding(db, book, round_, coded, cast.annotator, {"emotion": "1"})
        stored = StoredPosts(db, cast.lead).among(
            [coded.external_id, queued.external_id, free.external_id, "x"]
        )
    found = {one.external_id: stored[one.external_id].has_codings for one in (coded, queued, free)}
    assert list(found.values()) == [True, False, False]
    assert len(stored) == 3


def test_a_post_names_its_rounds(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        both, one, none = make.posts(db, cast.project, 3)
        make.round_(
            db, cast.project, book, [both, one], [cast.annotator, cast.other_annotator], title="Pilot"
        )
        make.round_(db, cast.project, book, [both], [cast.annotator], title="Main")
        rounds = [queries.post(db, cast.lead, post.number).rounds for post in (both, one, none)]
    assert rounds == [((1, "Pilot"), (2, "Main")), ((1, "Pilot"),), ()]


def test_imports_and_waiting_files(database: Database, cast: Cast) -> None:
    bring(database, cast, 2)
    bring(database, cast, 3)
    with database.writing() as db:
        key = actions.receive_file(db, cast.lead, "next.csv", b"packed")
        batches = queries.batches(db, cast.lead)
        waiting = queries.waiting_files(db, cast.lead)
        kept = queries.uploaded_file(db, cast.lead, key)
        assert queries.uploaded_file(db, cast.lead, "nonsense") is None
    assert [(batch.number, batch.n_new, batch.n_unchanged) for batch in batches] == [(2, 1, 2), (1, 2, 0)]
    assert [(one.key, one.filename) for one in waiting] == [(key, "next.csv")]
    assert kept is not None
    assert kept.content == b"packed"


def test_another_projects_file_is_not_found(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        other = make.member(db, make.project(db), cast.lead.role, "stranger")
        key = actions.receive_file(db, cast.lead, "mine.csv", b"")
        assert queries.waiting_files(db, other) == ()
        assert queries.uploaded_file(db, other, key) is None
        with pytest.raises(NotFound):
            actions.discard_file(db, other, key)
