"""The pages of disagreements, as a browser without scripts sees them."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func
from sqlmodel import SQLModel, select

from server.adjudication.models import Decision
from server.corpora.models import Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.rounds.models import Round
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import form_fields, post
from tests.conftest import ClientOf
from tests.stock import on_one_database


def rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in SQLModel.metadata.sorted_tables
            if table.name != "sign_in_session"
        }


def desk_form(page: Response) -> dict[str, list[str]]:
    """The decision form as it stands on the page of a post."""
    form = page.text[page.text.index('<form class="asking"') :]
    return form_fields(Response(200, text=form, request=page.request))


def letters_of(page: Response) -> list[str]:
    return re.findall(r'class="who"><strong>(\w+)', page.text)


@on_one_database
def test_names_are_hidden_behind_letters(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    page = client.get(disputed.path(3))
    assert len(letters_of(page)) == 2
    assert set(letters_of(page)) < {"A", "B", "C"}
    assert "Annotator" not in page.text.partition("<main")[2]
    assert letters_of(client.get(disputed.path(3))) == letters_of(page)
    assert "work or bond?" in page.text
    assert "unsure" in page.text


@on_one_database
def test_who_may_not_know_the_author_finds_no_name_in_the_link(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    cast, link = disputed.cast, "https://x.com/mara/status/19"
    with database.writing() as db:
        db.get_one(Post, disputed.posts[2].id).link = link
        assert disputed.main is not None
        db.get_one(Round, disputed.main.id).revealed_at = make.MOMENT
    pages = {
        disputed.path(3): (cast.adjudicator,),
        f"/projects/{cast.project.key}/rounds/1/side-by-side/3": (cast.annotator, cast.adjudicator),
    }
    for address, members in pages.items():
        for member in members:
            shown = client_of(member).get(address).text
            assert "https://x.com/i/status/19" in shown
            assert "mara" not in shown
        assert link in client_of(cast.lead).get(address).text


@on_one_database
def test_showing_names_is_recorded_and_keeps_what_was_typed(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    typed = {"v-stance": "ambivalent", "reason": "Not yet."}
    page = post(client, disputed.path(3, "/names"), typed)
    assert page.status_code == 200
    assert f"Annotator {disputed.cast.project.key.title()}"[:12] in page.text.partition("<main")[2]
    fields = desk_form(page)
    assert fields["v-stance"] == ["ambivalent"]
    assert fields["reason"] == ["Not yet."]
    assert "Annotator" not in client.get(disputed.path(3)).text.partition("<main")[2]
    history = client.get(f"/projects/{disputed.cast.project.key}/history").text
    assert "adjudication.show_names" in history or "names" in history


@on_one_database
def test_the_majority_is_filled_in_and_a_tie_is_not(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    assert desk_form(client.get(disputed.path(1)))["v-stance"] == ["against"]
    tied = desk_form(client.get(disputed.path(3)))
    assert tied["v-stance"] == [""]
    half = client.get(disputed.path(2))
    assert desk_form(half)["v-expression"] == ["quality"]
    assert "tied codes are not filled in" in half.text


@on_one_database
def test_each_code_names_who_gave_it(disputed: Study, client_of: ClientOf) -> None:
    page = client_of(disputed.cast.lead).get(disputed.path(1)).text
    [two] = re.findall(r'id="f-v-stance-against-by">([^<]+)<', page)
    [one] = re.findall(r'id="f-v-stance-favour-by">([^<]+)<', page)
    assert sorted(f"{two}, {one}".split(", ")) == ["A", "B", "C"]
    assert len(one) == 1


@on_one_database
def test_what_they_agree_on_is_folded_and_not_decided_along(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    client = client_of(disputed.cast.lead)
    page = client.get(disputed.path(1))
    folded = page.text.partition('<details class="agreed">')[2]
    assert "They agree on" in folded
    assert 'name="v-emotion"' in folded
    assert post(client, disputed.path(1), desk_form(page)).status_code == 303
    assert _decided(database, disputed) == 1


def _decided(database: Database, study: Study) -> int:
    with database.reading() as db:
        project = study.cast.lead.project_id
        return len(db.exec(select(Decision).where(Decision.project_id == project)).all())


@on_one_database
def test_deciding_goes_on_to_the_next_open_post(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    visited = []
    path = disputed.path(3)
    for code in ("favour", "favour", ""):
        answers = {"v-stance": [code]} if code else {"v-expression": ["dependency"]}
        answer = post(client, path, desk_form(client.get(path)) | answers)
        path = answer.headers["location"]
        visited.append(path)
    assert visited == [disputed.path(1), disputed.path(2), disputed.path()]
    done = client.get(path)
    assert "3 of 3" in done.text
    assert "All disagreements of this selection are decided." in done.text


@on_one_database
def test_what_is_left_open_is_said(database: Database, disputed: Study, client_of: ClientOf) -> None:
    with database.writing() as db:
        disputed.code(db, 4, {"hours": 1, "stance": "favour"}, {"hours": 2, "stance": "against"})
    client = client_of(disputed.cast.lead)
    path = disputed.path(4)
    part = post(client, path, desk_form(client.get(path)) | {"v-stance": ["favour"]})
    assert "Post 4: 1 decided, 1 left open." in client.get(part.headers["location"]).text
    rest = post(client, path, desk_form(client.get(path)) | {"v-hours": ["2"]})
    assert "Post 4 is decided." in client.get(rest.headers["location"]).text


@on_one_database
def test_a_decision_that_is_overruled_is_called_changed(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    path = disputed.path(3)
    post(client, path, desk_form(client.get(path)) | {"v-stance": ["favour"]})
    again = post(client, path, desk_form(client.get(path)) | {"v-stance": ["against"]})
    assert "Post 3: 1 decision changed." in client.get(again.headers["location"]).text


@on_one_database
def test_a_code_has_the_same_key_on_every_post(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    keys = [
        dict(re.findall(r'id="(f-v-[^"]+)"[^>]* data-key="([^"]+)"', client.get(disputed.path(number)).text))
        for number in (1, 2, 3)
    ]
    assert keys[1]["f-v-expression-quality"].isdigit()
    shared = keys[0].keys() & keys[1].keys() & keys[2].keys()
    assert "f-v-stance-favour" in shared
    for each in keys:
        assert {name: each[name] for name in shared} == {name: keys[0][name] for name in shared}
        assert not set(each.values()) & set("defmstu")


@on_one_database
@pytest.mark.parametrize("rest", ["/names", "/withdraw"])
def test_addresses_that_stay_in_the_bar_lead_to_the_post(
    disputed: Study, client_of: ClientOf, rest: str
) -> None:
    client = client_of(disputed.cast.lead)
    answer = client.get(disputed.path(3, rest), params={"variable": "stance"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == disputed.path(3) + "?variable=stance"
    assert client_of(disputed.cast.annotator).get(disputed.path(3, rest)).status_code == 403


@on_one_database
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"variable": "emotion", "code": "stance:favour"}, "This code belongs to another question"),
        ({"one": "3", "other": "3"}, "Nobody differs from themselves"),
    ],
)
def test_filters_that_exclude_each_other_list_nothing_and_say_so(
    disputed: Study, client_of: ClientOf, query: dict[str, str], said: str
) -> None:
    page = client_of(disputed.cast.lead).get(disputed.path(), params=query)
    assert page.status_code == 200
    assert said in page.text
    assert not re.search(r'disagreements/\d+[^"]*">\d+</a>', page.text)


@on_one_database
def test_after_the_last_comes_the_first_that_is_open(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    path = disputed.path(2)
    answer = post(client, path, desk_form(client.get(path)))
    assert answer.headers["location"] == disputed.path(3)


@on_one_database
def test_the_history_of_the_post_says_who_what_and_why(disputed: Study, client_of: ClientOf) -> None:
    lead, adjudicator = client_of(disputed.cast.lead), client_of(disputed.cast.adjudicator)
    path = disputed.path(3)
    first = {"v-stance": ["favour"], "reason": ["First <b>word</b>."]}
    post(lead, path, desk_form(lead.get(path)) | first)
    second = {"v-stance": ["against"], "reason": ["Second."], "unclear": ["on"]}
    post(adjudicator, path, desk_form(adjudicator.get(path)) | second)
    page = lead.get(path).text
    assert "<del>Favour</del> → Against" in page
    assert "First &lt;b&gt;word&lt;/b&gt;." in page
    assert "codebook unclear" in page
    assert page.index("Second.") < page.index("First ")
    assert desk_form(lead.get(path))["v-stance"] == ["against"]


@on_one_database
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"v-stance": "nonsense", "reason": "Kept."}, "This answer is not in the codebook"),
        ({"v-hours": "many", "v-stance": "favour", "reason": "Kept."}, "such as 3 or 2.5"),
        ({"reason": "Kept."}, "Answer at least one question"),
        ({"v-nonsense": "x", "reason": "Kept."}, "does not have"),
        ({"v-stance": "favour", "reason": "Kept." + "x" * 2_001}, "too long"),
        ({"v-stance": "favour", "unclear": "perhaps", "reason": "Kept."}, "another look"),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept(
    database: Database, disputed: Study, client_of: ClientOf, answers: dict[str, str], said: str
) -> None:
    with database.writing() as db:
        disputed.code(db, 4, {"hours": 1, "stance": "favour"}, {"hours": 2, "stance": "against"})
    before = rows(database)
    client = client_of(disputed.cast.lead)
    path = disputed.path(4)
    tokens = {name: values for name, values in desk_form(client.get(path)).items() if "stands" in name}
    page = post(client, path, {**tokens, **answers})
    assert page.status_code == 422
    assert said in page.text
    assert desk_form(page)["reason"][0].startswith("Kept.")
    assert rows(database) == before


@on_one_database
def test_two_tabs_of_which_the_second_is_shown_both(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    lead, adjudicator = client_of(disputed.cast.lead), client_of(disputed.cast.adjudicator)
    path = disputed.path(3)
    first, second = desk_form(lead.get(path)), desk_form(adjudicator.get(path))
    assert post(lead, path, first | {"v-stance": ["favour"]}).status_code == 303
    late = second | {"v-stance": ["against"], "reason": ["Mine."], "unclear": ["on"]}
    conflict = post(adjudicator, path, late)
    assert conflict.status_code == 409
    assert "Favour" in conflict.text
    assert "Against" in conflict.text
    assert f"decided by Lead {disputed.cast.project.key.title()}"[:15] in conflict.text
    assert _decided(database, disputed) == 1
    again = form_fields(conflict, path)
    assert again["reason"] == ["Mine."]
    assert again["unclear"] == ["on"]
    assert post(adjudicator, path, again).status_code == 303
    assert _decided(database, disputed) == 2


@on_one_database
def test_a_double_click_is_stored_once(database: Database, disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    fields = desk_form(client.get(disputed.path(3))) | {"v-stance": ["favour"]}
    answers = [post(client, disputed.path(3), fields) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert _decided(database, disputed) == 1


def test_of_many_at_once_one_decides(database: Database, disputed: Study, client_of: ClientOf) -> None:
    clients = [client_of(disputed.cast.lead) for _tab in range(4)]
    path, codes = disputed.path(3), ["favour", "against", "ambivalent", "favour"]
    forms = [
        desk_form(client.get(path)) | {"v-stance": [code]}
        for client, code in zip(clients, codes, strict=True)
    ]
    start = threading.Barrier(4)

    def send(client: TestClient, form: dict[str, Any]) -> int:
        start.wait()
        return post(client, path, form).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, clients, forms))
    assert set(statuses) == {303, 409}
    assert _decided(database, disputed) == 1


@on_one_database
def test_a_decision_is_withdrawn_with_a_reason(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    path = disputed.path(3)
    post(client, path, desk_form(client.get(path)) | {"v-stance": ["favour"]})
    fields = form_fields(client.get(path), "/withdraw") | {"why": ["Too early."]}
    answer = post(client, disputed.path(3, "/withdraw"), fields)
    assert answer.status_code == 303
    page = client.get(path).text
    assert "Too early." in page
    assert "open again" in page
    late = post(client, disputed.path(3, "/withdraw"), fields)
    assert late.status_code == 409
    assert "nothing was changed" in late.text
    assert post(client, disputed.path(3, "/withdraw"), {"variable": "nonsense"}).status_code == 404
    assert post(client, disputed.path(3, "/withdraw"), {}).status_code == 422


def pair_events(database: Database, study: Study) -> list[tuple[str, str]]:
    with database.reading() as db:
        rows = db.exec(
            select(HistoryEvent.action, HistoryEvent.subject).where(
                HistoryEvent.chain == study.cast.lead.project_id
            )
        )
        return [(action, subject) for action, subject in rows if action == "adjudication.compare_pair"]


@on_one_database
def test_a_pair_is_said_to_name_people_and_is_recorded_once(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    client, pair = client_of(disputed.cast.lead), "?one=3&other=4"
    listed = client.get(disputed.path(rest=pair)).text
    assert "by name. With this filter the letters of a post can often be told apart" in listed
    assert pair_events(database, disputed) == []
    for number in (1, 2, 1):
        page = client.get(disputed.path(number) + pair).text
        assert "so the letters can often be told apart" in page
        assert "Names are hidden" not in page
    assert pair_events(database, disputed) == [("adjudication.compare_pair", "members 3, 4")]
    client_of(disputed.cast.adjudicator).get(disputed.path(1) + "?one=4&other=3")
    assert len(pair_events(database, disputed)) == 2
    history = client.get(f"/projects/{disputed.cast.project.key}/history").text
    assert "looked at where two people differ, by their names" in history


@on_one_database
@pytest.mark.parametrize("query", ["", "?one=3", "?one=3&other=3", "?one=3&other=99"])
def test_without_a_pair_nothing_is_recorded(
    database: Database, disputed: Study, client_of: ClientOf, query: str
) -> None:
    page = client_of(disputed.cast.lead).get(disputed.path(1) + query)
    assert "Names are hidden" in page.text
    assert pair_events(database, disputed) == []


@on_one_database
def test_the_keys_no_code_has_are_named_as_keys(disputed: Study, client_of: ClientOf) -> None:
    page = client_of(disputed.cast.lead).get(disputed.path(1)).text
    assert "No code has ., ?, d, e, f, m, q, s, t, u: these are the keys of both desks." in page
