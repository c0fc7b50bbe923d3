"""The pages for files: downloads, and ratings that were made elsewhere."""

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.models import Parcel, ParcelPiece, Post, Upload
from server.datasets import xlsx_files
from server.datasets.table import Format
from server.db.engine import Database
from server.exchange.downloads.wanted import SHAPES, What
from server.history.models import HistoryEvent
from server.projects.models import Member
from server.projects.roles import Role
from server.rounds.models import Round
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.exchange.files import csv_of
from tests.stock import on_one_database

ROWS = ("0,crowd1,stance,against", "0,annotator two,stance,favour", "1,crowd1,expression,none")


@pytest.fixture
def posts(database: Database, cast: Cast) -> list[Post]:
    """Three posts and a published codebook."""
    with database.writing() as db:
        make.published(db, cast.project)
        return make.posts(db, cast.project, 3)


def address(cast: Cast, rest: str) -> str:
    return f"/projects/{cast.project.key}/{rest}"


def upload(client: TestClient, cast: Cast, content: str | bytes, name: str = "ratings.csv") -> Response:
    sent = content.encode() if isinstance(content, str) else content
    return post(client, address(cast, "ratings"), files={"file": (name, sent, "text/csv")})


def preview(client: TestClient, cast: Cast, content: str) -> Response:
    response = upload(client, cast, content)
    assert response.status_code == 303, response.text
    page: Response = client.get(response.headers["location"])
    return page


def confirm(client: TestClient, page: Response, **more: Any) -> Response:
    fields = {name: values[-1] for name, values in form_fields(page, "/ratings/").items()}
    return post(client, str(page.url.path), fields | more)


def counted(database: Database, *tables: type) -> list[int]:
    with database.reading() as db:
        return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def own_rounds(db: Session, cast: Cast) -> list[Round]:
    return list(db.scalars(select(Round).where(col(Round.project_id) == cast.lead.project_id)))


def test_ratings_are_shown_before_they_are_imported(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    before = counted(database, Round, Member)

    page = preview(client, cast, csv_of(posts, *ROWS, "0,crowd1,stance,undecided"))

    assert page.status_code == 200
    assert "has no code “undecided”" in page.text
    assert ">5<" in page.text  # The number of the row.
    assert "crowd1" in page.text
    assert counted(database, Round, Member) == before


def test_ratings_are_imported_once(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    page = preview(client, cast, csv_of(posts, *ROWS))

    first, second = confirm(client, page), confirm(client, page)

    assert first.headers["location"].startswith(address(cast, "rounds/1"))
    assert second.status_code == 303
    assert second.headers["location"].startswith(address(cast, "rounds"))
    with database.reading() as db:
        (round_,) = own_rounds(db, cast)
    assert (round_.is_imported, round_.n_posts) == (True, 2)
    assert counted(database, Upload, Parcel, ParcelPiece) == [0, 0, 0]
    shown = client.get(first.headers["location"])
    assert shown.status_code == 200
    assert "crowd1" in shown.text


def test_the_same_ratings_again_are_recognised(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    confirm(client, preview(client, cast, csv_of(posts, *ROWS)))

    page = preview(client, cast, csv_of(posts, *ROWS))

    assert "holds the same answers already" in page.text
    assert 'name="fingerprint"' not in page.text


def test_a_preview_that_is_out_of_date_is_shown_anew(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    page = preview(client, cast, csv_of(posts, *ROWS))
    with database.writing() as db:
        make.published(db, cast.project, {"stance": ("single", ("against", "neither"))})
    before = counted(database, Round, Member, HistoryEvent)

    refused = confirm(client, page)

    assert refused.status_code == 409
    assert "Nothing was imported" in refused.text
    assert "has no code “favour”" in refused.text
    assert counted(database, Round, Member, HistoryEvent) == before
    assert confirm(client, refused).status_code == 303


@on_one_database
@pytest.mark.parametrize(
    ("content", "name", "part"),
    [
        (b"", "ratings.csv", "is empty"),
        (b"PK\x03\x04rest", "ratings.xlsx", "Save"),
        (b"a,b\n1,2\n", "ratings.csv", "lack the column"),
        (b"post_id,coder,question,code\n", "ratings.csv", "no rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_where_it_was_chosen(
    database: Database,
    cast: Cast,
    posts: list[Post],
    client_of: ClientOf,
    content: bytes,
    name: str,
    part: str,
) -> None:
    response = upload(client_of(cast.lead), cast, content, name)

    assert response.status_code == 422
    assert part in response.text
    assert counted(database, Upload) == [0]


def test_ratings_need_a_file_and_a_codebook(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)

    assert "Choose a file first" in post(client, address(cast, "ratings")).text
    refused = upload(client, cast, "post_id,coder,question,code\n1,a,b,c\n")
    assert (refused.status_code, "Publish the codebook first" in refused.text) == (422, True)


def test_a_file_of_another_project_is_not_found(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    location = upload(client_of(cast.lead), cast, csv_of(posts, *ROWS)).headers["location"]
    with database.writing() as db:
        other = make.project(db, "Another study")
        lead = make.member(db, other, Role.LEAD, "other_lead")
    stolen = location.replace(cast.project.key, other.key)

    assert client_of(lead).get(stolen).status_code == 404
    assert client_of(lead).get(location).status_code == 404


def test_only_the_lead_imports_and_downloads(cast: Cast, posts: list[Post], client_of: ClientOf) -> None:
    for person in (cast.annotator, cast.viewer, cast.adjudicator):
        client = client_of(person)
        assert client.get(address(cast, "ratings")).status_code == 403
        assert client.get(address(cast, "download")).status_code == 403
        assert post(client, address(cast, "download/codings")).status_code == 403


def test_the_lead_finds_the_import_on_the_page_of_rounds(cast: Cast, client_of: ClientOf) -> None:
    link = address(cast, "ratings")

    assert link in client_of(cast.lead).get(address(cast, "rounds")).text
    assert link not in client_of(cast.viewer).get(address(cast, "rounds")).text


@pytest.mark.parametrize("what", ["final", "codings"])
def test_a_download_is_a_whole_file_and_noted(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf, what: str
) -> None:
    client = client_of(cast.lead)
    confirm(client, preview(client, cast, csv_of(posts, *ROWS)))

    response = post(client, address(cast, f"download/{what}"), {"bom": "on"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.search(rf'attachment; filename="[^"]+-{what}\.csv"', response.headers["content-disposition"])
    assert int(response.headers["content-length"]) == len(response.content)
    assert response.content.startswith(b"\xef\xbb\xbf")
    with database.reading() as db:
        event = db.scalars(select(HistoryEvent).order_by(col(HistoryEvent.id).desc())).first()
    assert event is not None
    assert (event.action, event.actor_id) == ("export", cast.lead.account_id)
    assert f'"what":"{what}"' in event.details


def test_pseudonyms_unless_names_are_asked_for(cast: Cast, posts: list[Post], client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    confirm(client, preview(client, cast, csv_of(posts, *ROWS)))

    plain = post(client, address(cast, "download/codings")).text
    named = post(client, address(cast, "download/codings"), {"names": "on"}).text

    assert "annotator two" not in plain
    assert "annotator-6" in plain
    assert "annotator two" in named


def test_a_rule_that_does_not_exist_is_refused(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    before = counted(database, HistoryEvent)

    response = post(client_of(cast.lead), address(cast, "download/final"), {"rule": "coin", "bom": "on"})

    assert response.status_code == 422
    assert form_fields(response, "download/final")["bom"] == ["on"]
    assert counted(database, HistoryEvent) == before


def test_every_format_and_shape_can_be_had_and_is_noted(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    confirm(client, preview(client, cast, csv_of(posts, *ROWS)))
    wanted: list[tuple[str, str, str]] = [(what, shape, "csv") for what in What for shape in SHAPES[what]]
    wanted += [("codings", "wide", format_) for format_ in Format]
    for what, shape, format_ in wanted:
        response = post(client, address(cast, f"download/{what}"), {"shape": shape, "format": format_})
        assert response.status_code == 200
        ending = "zip" if "recal" in shape or format_ == "r" else format_
        assert response.headers["content-disposition"].endswith(f'.{ending}"')
    with database.reading() as db:
        exports = select(col(HistoryEvent.details)).where(col(HistoryEvent.action) == "export")
        events = db.scalars(exports.order_by(col(HistoryEvent.id))).all()
    noted = [(event["what"], event["shape"], event["format"]) for event in map(json.loads, events)]
    assert noted == [(what, shape, "zip" if shape == "recal" else format_) for what, shape, format_ in wanted]


def test_a_file_that_has_no_room_is_refused_where_it_was_asked_for(
    cast: Cast, posts: list[Post], client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_files, "MOST_ROWS", 2)
    sent = {"format": "xlsx", "rule": "majority", "bare": "on"}
    response = post(client_of(cast.lead), address(cast, "download/final"), sent)
    assert response.status_code == 422
    assert "room for 2 rows" in response.text
    kept = form_fields(response, "download/final")
    assert [kept[name] for name in sent] == [["xlsx"], ["majority"], ["on"]]


def test_a_shape_that_these_data_do_not_have_is_refused(
    cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    response = post(client_of(cast.lead), address(cast, "download/final"), {"shape": "recal"})
    assert response.status_code == 422
    assert "do not come in this shape" in response.text


def test_the_page_says_which_rounds_are_left_out(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        round_ = make.round_(db, cast.project, book, posts, [cast.lead, cast.annotator], title="Shared round")
        make.coding(db, book, round_, posts[0], cast.annotator, {"stance": "against"})
    client = client_of(cast.lead)

    assert "Shared round is left out" in client.get(address(cast, "download")).text
    assert "against" not in post(client, address(cast, "download/codings")).text


def test_an_archived_project_can_be_downloaded_but_not_added_to(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    with database.writing() as db:
        db.merge(cast.project).archived_at = make.MOMENT
    client = client_of(cast.lead)

    assert post(client, address(cast, "download/final")).status_code == 200
    assert upload(client, cast, csv_of(posts, *ROWS)).status_code == 422
    assert counted(database, Upload) == [0]


def test_a_file_of_ratings_is_discarded(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    page = preview(client, cast, csv_of(posts, *ROWS))
    before = counted(database, Round, Member)
    assert counted(database, Upload, Parcel, ParcelPiece) == [1, 1, 1]
    discarded = post(client, f"{page.url.path}/discard", form_fields(page, "/discard"))
    assert discarded.status_code == 303
    assert counted(database, Upload, Parcel, ParcelPiece, Round, Member) == [0, 0, 0, *before]
    assert client.get(page.url.path).status_code == 404
    again = post(client, f"{page.url.path}/discard")
    assert "no longer waiting" in client.get(again.headers["location"]).text
    assert confirm(client, page).status_code == 303
    assert counted(database, Round, Member) == before


def test_the_history_names_the_file_and_how_it_was_made(
    database: Database, cast: Cast, posts: list[Post], client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    for what in ("final", "codings"):
        assert post(client, address(cast, f"download/{what}"), {}).status_code == 200
    with database.reading() as db:
        events = select(HistoryEvent).where(col(HistoryEvent.action) == "export")
        rows = db.scalars(events.order_by(col(HistoryEvent.sequence)))
        details = [json.loads(row.details) for row in rows]
    assert details == [
        {"what": "final", "rule": "plurality", "format": "csv", "shape": "wide"},
        {"what": "codings", "names": False, "format": "csv", "shape": "long"},
    ]
    page = client.get(address(cast, "history")).text
    assert "the most frequent answer" in page
    assert "plurality" not in page


@on_one_database
def test_a_project_without_posts_says_what_is_missing(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    address = f"/projects/{cast.project.key}/download"
    shown = client_of(cast.lead).get(address)
    assert "There are no posts yet" in shown.text
    assert f"/projects/{cast.project.key}/posts" in shown.text
    with database.writing() as db:
        make.posts(db, cast.project, 1)
    assert "There are no posts yet" not in client_of(cast.lead).get(address).text
