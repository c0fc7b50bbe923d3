"""What is blind on the pages is blind to programs."""

import pytest

from server.db.engine import Database
from server.projects.actions import change_role, deactivate_member
from server.projects.models import Member
from server.projects.roles import Role
from tests import make
from tests.api.scene import Programs
from tests.cast import Cast
from tests.stock import on_one_database


def _posts_told(programs: Programs, person: str, path: str, what: str) -> dict[int, set[str]]:
    """Post → who or what is told about it."""
    answer = programs.ask(person, path)
    assert answer.status_code == 200, answer.text
    told: dict[int, set[str]] = {}
    for one in answer.json()[what]:
        told.setdefault(one["post"]["number"], set()).add(one.get("annotator", one.get("basis")))
    return told


def test_leads_are_told_all_codings_but_of_posts_they_code_themselves(programs: Programs, cast: Cast) -> None:
    told = _posts_told(programs, "lead", "codings", "codings")
    both = {"annotator-3", "annotator-4"}
    assert told == dict.fromkeys((1, 2, 3, 4, 5), both)
    assert [one["round"] for one in programs.ask("lead", "codings").json()["hidden_rounds"]] == [4]


def test_their_own_codings_are_told_to_everybody(programs: Programs) -> None:
    assert _posts_told(programs, "annotator", "codings/own", "codings") == {
        number: {"annotator-3"} for number in range(1, 7)
    }
    assert _posts_told(programs, "lead", "codings/own", "codings") == {6: {"annotator-1"}}
    assert _posts_told(programs, "adjudicator", "codings/own", "codings") == {}


@on_one_database
def test_annotators_are_told_nothing_of_anybody_else(programs: Programs, cast: Cast) -> None:
    told = programs.ask("annotator", "codings/own").text
    assert f"memo of {cast.annotator.member_id}" in told
    for other in (cast.other_annotator, cast.lead):
        assert f"memo of {other.member_id}" not in told
    for path in ("codings", "decisions", "agreement", "results", "final", "posts"):
        assert programs.ask("annotator", path).status_code == 403


@on_one_database
def test_who_codes_is_not_told_where_posts_come_from(programs: Programs) -> None:
    own = programs.ask("annotator", "codings/own").json()["codings"]
    assert {(one["post"]["id"], one["is_extra"]) for one in own} == {(None, None)}
    for person in ("viewer", "adjudicator"):
        told = programs.ask(person, "posts").json()["posts"]
        hidden = {name for post in told for name in ("id", "author", "link", "fields") if post[name] is None}
        assert hidden == {"id", "author", "link", "fields"}
        assert "user_1" not in programs.ask(person, "posts").text
    assert "user_1" in programs.ask("lead", "posts").text


def test_decisions_on_posts_that_one_codes_are_left_out(programs: Programs) -> None:
    assert set(_posts_told(programs, "lead", "decisions", "decisions")) == {1, 2, 3, 4}
    assert set(_posts_told(programs, "adjudicator", "decisions", "decisions")) == {1, 2, 3, 4, 6}


def test_the_final_dataset_knows_nothing_of_posts_that_one_codes(programs: Programs) -> None:
    told = programs.ask("lead", "final").json()
    stances = {row["number"]: (row["stance"], row["stance_basis"]) for row in told["rows"]}
    decided = ("favour", "adjudicated")
    assert stances == {
        **dict.fromkeys((1, 2, 3, 4), decided),
        5: ("against", "unanimous"),
        6: (None, None),
    }
    assert [one["round"] for one in told["hidden_rounds"]] == [4]


@on_one_database
def test_figures_are_the_same_as_the_pages_tell(programs: Programs) -> None:
    hidden: dict[tuple[str, str], list[int]] = {}
    for person in ("lead", "viewer"):
        for path in ("agreement", "results"):
            answer = programs.ask(person, path).json()
            hidden[person, path] = [one["round"] for one in answer["hidden_rounds"]]
    assert hidden == {
        ("lead", "agreement"): [4],
        ("lead", "results"): [4],
        ("viewer", "agreement"): [],
        ("viewer", "results"): [],
    }


@on_one_database
@pytest.mark.parametrize("change", ["role", "membership"])
def test_a_role_that_is_lost_ends_what_a_token_may_at_once(
    programs: Programs, cast: Cast, database: Database, change: str
) -> None:
    assert programs.ask("adjudicator", "decisions").status_code == 200
    with database.writing() as db:
        number = db.get_one(Member, cast.adjudicator.member_id).number
        if change == "role":
            change_role(db, cast.lead, number, Role.ANNOTATOR)
        else:
            deactivate_member(db, cast.lead, number)
    assert programs.ask("adjudicator", "decisions").status_code == (403 if change == "role" else 404)


def test_codings_of_codes_that_no_round_one_sees_has_are_told_to_their_annotator(
    programs: Programs, cast: Cast, database: Database
) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"stance": ("single", ("odd", "even"))})
        posts = make.posts(db, cast.project, 1)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
        make.coding(db, book, round_, posts[0], cast.annotator, {"stance": "odd"})
        make.published(db, cast.project, {"stance": ("single", ("other", "none_of_it"))})
    [told] = programs.ask("annotator", "codings/own?round=5").json()["codings"]
    assert [answer["code"] for answer in told["answers"]] == ["odd"]
