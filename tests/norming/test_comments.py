"""Comments on the posts of a revealed round: who says and reads what, and what stays of one taken back."""

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from server.db.engine import Database
from server.history.models import HistoryEvent
from server.norming.models import PostComment
from server.projects.roles import Role
from server.rounds.models import Round
from server.takedown.actions import Order, take_down
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf
from tests.norming.conftest import path
from tests.norming.test_seconds import AGAIN
from tests.stock import on_one_database

SAID = "I read it as a report of use.\nWhat do you think?"


def test_comments_are_said_counted_filtered_and_taken_back(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast = revealed.cast
    writer, reviewer = client_of(cast.annotator), client_of(cast.adjudicator)
    for _twice in range(2):
        assert post(writer, path(revealed, "/1/comments"), {"text": SAID}).status_code == 303
    assert (
        post(reviewer, path(revealed, "/1/comments?show=differing"), {"text": "So do I."}).status_code == 303
    )
    page = writer.get(path(revealed, "/1")).text
    assert page.index(SAID) < page.index("So do I.")
    assert page.count(SAID) == 1
    assert page.count("Take it back") == 1
    listed = writer.get(path(revealed)).text
    assert "only with comments (1)" in listed
    assert f'{path(revealed, "/1")}#comments"' in listed
    filtered = writer.get(path(revealed, "?show=commented")).text
    assert revealed.posts[0].text in filtered
    assert revealed.posts[1].text not in filtered
    assert 'rel="next"' not in writer.get(path(revealed, "/1?show=commented")).text
    assert post(reviewer, path(revealed, "/1/comments/1/take-back")).status_code == 403
    assert post(writer, path(revealed, "/1/comments/9/take-back")).status_code == 404
    for _twice in range(2):
        assert post(writer, path(revealed, "/1/comments/1/take-back")).status_code == 303
    page = reviewer.get(path(revealed, "/1")).text
    assert SAID not in page
    assert "Taken back on" in page
    with database.reading() as db:
        assert db.scalars(select(col(PostComment.text)).order_by(col(PostComment.number))).all() == [
            "",
            "So do I.",
        ]
        events = db.scalars(select(HistoryEvent).order_by(col(HistoryEvent.sequence))).all()
        assert [each.action for each in events] == ["norming.comment"] * 2 + ["norming.take_back_comment"]
        assert not any(SAID[:9] in str(each.details) for each in events)


def test_who_speaks_is_shown_as_the_annotators_are(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast = revealed.cast
    post(client_of(cast.annotator), path(revealed, "/4/comments"), {"text": "Mine."})
    post(client_of(cast.lead), path(revealed, "/4/comments"), {"text": "The lead's."})
    with database.writing() as db:
        late = make.member(db, cast.project, Role.ANNOTATOR, "late")
    by_name = client_of(cast.other_annotator).get(path(revealed, "/4")).text
    own = "<bdi>Annotator "
    assert own in by_name
    for reader in (cast.viewer, cast.adjudicator):
        page = client_of(reader).get(path(revealed, "/4")).text
        assert "Mine." in page
        assert own not in page
        assert "<bdi>Lead " in page
    assert "Your comment" not in client_of(cast.viewer).get(path(revealed, "/4")).text
    for stranger, status in ((cast.viewer, 403), (late, 403)):
        assert post(client_of(stranger), path(revealed, "/4/comments"), {"text": "?"}).status_code == status


@on_one_database
@pytest.mark.parametrize(
    ("text", "said"), [(" \n ", "Write what you want to say"), ("x" * 2_001, "at most 2000 characters")]
)
def test_what_cannot_be_said_is_kept_in_the_field(
    revealed: Study, client_of: ClientOf, text: str, said: str
) -> None:
    answer = post(client_of(revealed.cast.annotator), path(revealed, "/1/comments"), {"text": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert text.strip() in answer.text


def test_nothing_is_said_before_reveal_or_about_what_is_still_coded(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast = revealed.cast
    with database.writing() as db:
        make.round_(db, cast.project, revealed.book, revealed.posts[:1], [cast.annotator])
    client = client_of(cast.annotator)
    assert post(client, path(revealed, "/1/comments"), {"text": "Hm."}).status_code == 403
    assert post(client, path(revealed, "/77/comments"), {"text": "Hm."}).status_code == 404
    with database.writing() as db:
        assert revealed.main is not None
        db.get_one(Round, revealed.main.id).revealed_at = None
    assert post(client, path(revealed, "/2/comments"), {"text": "Hm."}).status_code == 403
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(PostComment)) == 0


@on_one_database
def test_nothing_is_said_or_coded_again_about_what_was_taken_down(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast, client = revealed.cast, client_of(revealed.cast.annotator)
    with database.writing() as db:
        take_down(db, Order(cast.lead.project_id, None, [make.id_of(revealed.posts[0])], True, "asked for"))
    for rest, sent in (("/1/comments", {"text": "Hm."}), ("/1/again", AGAIN)):
        answer = post(client, path(revealed, rest), sent)
        assert answer.status_code == 422
        assert "This post was taken down." in answer.text
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(PostComment)) == 0
