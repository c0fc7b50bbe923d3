"""Taking posts down: found, looked over, and gone for good, with their codings or without."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlmodel import col

from server.adjudication.filters import Filters
from server.adjudication.models import Decision, StandingDecision
from server.adjudication.queries import selected
from server.adjudication.scope import scope_of
from server.codebooks.models import CodeEntry
from server.coding.models import Coding, CodingAnswer
from server.coding.spans import Span
from server.corpora.actions import pseudonym_key
from server.corpora.masking import pseudonym
from server.corpora.models import Erasure, Post, Takedown
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.history.queries import check_chain
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.takedown.log import append, entries_in, repeat
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

SECRET = "I told it everything, and then they switched it off"
WRITER = "secret_writer"


@pytest.fixture
def study(database: Database, cast: Cast) -> list[Post]:
    """Four posts; the first is by somebody who wants it gone, and two annotators differ on it."""
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 4)
        posts[0].text, posts[0].author, posts[0].link = SECRET, WRITER, "https://example.org/p/1"
        posts[0].extra = {"name": WRITER}
        posts[0].external_id = f"at://{WRITER}/1"
        posts[2].parent_key = posts[0].external_id
        posts[3].text = SECRET
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
        for by, stance in ((cast.annotator, "favour"), (cast.other_annotator, "against")):
            answers = {"expression": ["attachment"], "stance": stance}
            memo = f"“{SECRET}” — {WRITER}\nSad."
            variable = book.variable_by_key["expression"]
            span = Span(variable.id, variable.code_by_key["attachment"].id, 0, 6)
            make.coding(db, book, round_, posts[0], by, answers, memo=memo, spans=[span])
        make.coding(db, book, round_, posts[1], cast.annotator, {"stance": "favour"})
        make.decision(db, book, posts[0], "expression", ["attachment"], cast.lead, reason=f"“{SECRET}”")
        make.gold(db, book, posts[0], {"stance": "favour"}, cast.lead, note=f"See “{SECRET}”.")
        db.execute(
            update(CodeEntry)
            .where(col(CodeEntry.version_id) == book.version_id)
            .values(example=f"Pure grief.\n{SECRET}")
        )
    database.memory.clear()
    return posts


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast, study: list[Post]) -> TestClient:
    return client_of(cast.lead)


def path(cast: Cast, rest: str = "") -> str:
    return f"/projects/{cast.project.key}/takedown{rest}"


def take_down(lead: TestClient, cast: Cast, codings: str = "keep", **named: str) -> None:
    page = post(lead, path(cast), named)
    assert page.status_code == 200, page.text
    fields = {name: values[-1] for name, values in form_fields(page, "/confirmed").items()}
    done = post(lead, path(cast, "/confirmed"), fields | {"codings": codings, "is_meant": "on"})
    assert (done.status_code, done.headers["location"]) == (303, path(cast))


def everything(database: Database) -> str:
    """All that stands in the tables, as one text."""
    with database.reading() as db:
        tables = db.connection().dialect.get_table_names(db.connection())
        return "\n".join(
            repr(row) for name in tables for row in db.connection().exec_driver_sql(f'SELECT * FROM "{name}"')
        )


def test_text_author_and_quotations_go_and_codings_stay(
    lead: TestClient, cast: Cast, database: Database, study: list[Post]
) -> None:
    page = post(lead, path(cast), {"posts": "https://example.org/p/1\nno-such-post"})
    assert "Take 1 post down?" in page.text
    assert "1 line names no post" in page.text
    assert "2 codings" in page.text
    assert SECRET in everything(database)

    take_down(lead, cast, posts="#1", with_copies="on")
    left = everything(database)
    assert SECRET not in left
    assert WRITER not in left
    with database.reading() as db:
        of_project = select(Post).where(col(Post.project_id) == cast.project.id)
        first, _second, third, fourth = db.scalars(of_project.order_by(col(Post.number))).all()
        memos = set(db.scalars(select(col(Coding.memo)).where(col(Coding.memo) != "")))
        stands = col(StandingDecision.project_id) == cast.project.id
        assert db.scalar(select(func.count()).select_from(StandingDecision).where(stands)) == 1
        assert db.scalar(select(func.count()).select_from(Erasure)) == 0
        examples = set(db.scalars(select(col(CodeEntry.example)).where(col(CodeEntry.example) != "")))
        assert examples == {"Pure grief.\n[taken down]"}
        [event] = db.scalars(select(HistoryEvent).where(col(HistoryEvent.action) == "post.take_down")).all()
        assert check_chain(db, make.id_of(cast.project)).found is None
        assert not db.scalar(select(col(Takedown.is_in_history)))
    assert first.text == fourth.text == ""
    assert first.external_id.startswith("taken-down-")
    assert third.parent_key == first.external_id
    assert memos == {"[taken down]\nSad."}
    details = json.loads(event.details)
    assert (details["posts"], details["codings"]) == ([1, 4], "kept")
    assert "This post was taken down." in lead.get(f"/projects/{cast.project.key}/posts/1").text
    assert "2 posts" in lead.get(path(cast)).text


def test_codings_go_too_and_every_count_with_them(
    lead: TestClient, cast: Cast, database: Database, study: list[Post]
) -> None:
    take_down(lead, cast, "remove", author=WRITER.upper())
    assert SECRET in everything(database)  # The copy by somebody else stays.
    with database.reading() as db:
        of_round = select(col(Round.id)).where(col(Round.project_id) == cast.project.id)
        mine = col(Assignment.round_id).in_(of_round)
        states = select(col(Assignment.state), func.count()).where(mine).group_by(col(Assignment.state))
        left = select(func.count()).select_from(CodingAnswer).join(Coding).join(Assignment).where(mine)
        counters = select(col(RoundAnnotator.n_assigned), col(RoundAnnotator.n_submitted)).where(
            col(RoundAnnotator.round_id).in_(of_round)
        )
        assert dict(map(tuple, db.execute(states))) == {"queued": 5, "submitted": 1, "withdrawn": 2}
        assert db.scalar(left) == 1
        assert sorted(map(tuple, db.execute(counters))) == [(3, 0), (3, 1)]
        assert db.scalar(select(col(Takedown.is_in_history)))
        assert db.scalar(select(func.count()).where(col(Decision.project_id) == cast.project.id)) == 0


def test_nobody_codes_or_decides_it_any_more(
    lead: TestClient, cast: Cast, database: Database, study: list[Post], client_of: ClientOf
) -> None:
    annotator, project = client_of(cast.annotator), f"/projects/{cast.project.key}"
    with database.reading() as db:
        before = selected(
            db, cast.adjudicator, scope_of(db, cast.adjudicator), Filters(state="all", share="all")
        )
    decide = f"{project}/disagreements/1"
    decision = form_fields(lead.get(decide), "/disagreements/1")
    coding = form_fields(annotator.get(f"{project}/rounds/1/code/1"), "/code/1")
    take_down(lead, cast, posts="#1 \n#3\n#3")

    with database.reading() as db:
        after = selected(
            db, cast.adjudicator, scope_of(db, cast.adjudicator), Filters(state="all", share="all")
        )
    assert (len(before.queue.listed), len(after.queue.listed)) == (1, 0)
    assert "This post was taken down." in lead.get(decide).text
    refused = post(
        lead, decide, {name: values[-1] for name, values in decision.items()} | {"v-stance": "favour"}
    )
    assert refused.status_code == 422
    assert "nothing is coded or decided about it" in refused.text

    page = annotator.get(f"{project}/rounds/1/code/1")
    assert "This post was taken down." in page.text
    again = post(
        annotator, f"{project}/rounds/1/code/1", {name: values[-1] for name, values in coding.items()}
    )
    assert again.status_code == 409
    assert "Go on with the next one" in again.text
    with database.reading() as db:
        waiting = db.scalars(select(col(Assignment.post_id)).where(col(Assignment.state) == "queued")).all()
    assert study[2].id not in waiting
    assert "This post was taken down." in lead.get(f"{project}/gold/1").text


def test_a_file_does_not_bring_it_back(
    lead: TestClient, cast: Cast, database: Database, study: list[Post]
) -> None:
    take_down(lead, cast, author=WRITER)
    file = f'id,text,author\nat://{WRITER}/1,"{SECRET}",{WRITER}\n'
    sent = post(
        lead,
        f"/projects/{cast.project.key}/posts/import",
        files={"file": ("p.csv", file.encode(), "text/csv")},
    )
    page = lead.get(sent.headers["location"])
    assert "the posts of this file were taken down here" in page.text


def test_a_backup_does_not_bring_it_back(
    lead: TestClient, cast: Cast, database: Database, study: list[Post], tmp_path: Path
) -> None:
    folder = lead.app.state.settings.data  # type: ignore[attr-defined]
    take_down(lead, cast, "remove", posts="#1")
    [entry] = [each for each in entries_in(folder) if each.project == cast.project.key]
    assert (entry.number, entry.keeps_codings) == (1, False)
    with database.writing() as db:
        db.execute(
            update(Post)
            .where(col(Post.number) == 1, col(Post.project_id) == cast.project.id)
            .values(text=SECRET, author=WRITER, takedown_id=None, external_id=f"at://{WRITER}/1")
        )
    assert repeat(database, folder) == 1
    assert repeat(database, folder) == 0
    assert WRITER not in everything(database)
    assert "repeated on an older backup" in lead.get(path(cast)).text
    assert repeat(database, tmp_path) == 0
    (tmp_path / "file").touch()
    assert append(tmp_path / "not there yet", [entry])
    assert not append(tmp_path / "file", [entry])


@on_one_database
@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "Name at least one post."),
        ({"posts": "no-such-post\n#99"}, "No post of this project has such"),
        ({"author": "nobody"}, "No post of this project has such"),
        ({"posts": "\n".join(map(str, range(6_000)))}, "At most 5000 posts"),
    ],
)
def test_what_names_no_post_is_said(lead: TestClient, cast: Cast, named: dict[str, str], said: str) -> None:
    page = post(lead, path(cast), named)
    assert page.status_code == 422
    assert said in page.text


def test_nothing_is_taken_down_without_a_word_or_twice(
    lead: TestClient, cast: Cast, database: Database, study: list[Post]
) -> None:
    refused = post(lead, path(cast, "/confirmed"), {"posts": "#1", "reason": "asked for by mail"})
    assert refused.status_code == 422
    assert "Tick this to say that you mean it." in refused.text
    assert "asked for by mail" in refused.text
    assert SECRET in everything(database)
    take_down(lead, cast, posts="#1")
    again = post(lead, path(cast, "/confirmed"), {"posts": "#1", "is_meant": "on"})
    assert (again.status_code, again.headers["location"]) == (303, path(cast))
    assert "taken down already" in lead.get(path(cast)).text
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Takedown)) == 1


@on_one_database
def test_a_list_in_a_file_is_read(lead: TestClient, cast: Cast, study: list[Post]) -> None:
    rows = "".join(f"{each.external_id}\n" for each in study[1:3])
    for content in (rows, "what,post_id\n" + "".join(f"x,{row}\n" for row in rows.split())):
        page = post(lead, path(cast), files={"file": ("list.csv", content.encode(), "text/csv")})
        assert "Take 2 posts down?" in page.text


def test_an_author_is_found_behind_a_pseudonym(
    lead: TestClient, cast: Cast, database: Database, study: list[Post]
) -> None:
    with database.writing() as db:
        key = pseudonym_key(db, cast.lead)
        made = pseudonym("@Real_Name", key)
        link = "https://x.com/i/status/19"
        db.execute(update(Post).where(col(Post.id) == study[1].id).values(author=made, link=link))
    assert "Take 1 post down?" in post(lead, path(cast), {"author": "@Real_Name"}).text
    page = post(lead, path(cast), {"posts": "https://twitter.com/Real_Name/status/19"}).text
    assert "Take 1 post down?" in page, "by the link as it was before names were hidden"
    assert "names no post" not in page
    # The third post has no link, which a link without a nameless form is not.
    page = post(lead, path(cast), {"posts": "#3\nhttps://bsky.app/profile/m/post/9"}).text
    assert "1 line names no post" in page
