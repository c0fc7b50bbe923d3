"""One code in groups of posts, and codes together: by hand, on the pages and as files."""

import csv
import io
from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import Session

from server.db.engine import Database
from server.errors import Refusal
from server.estimation import cluster_interval, compared, wilson_interval
from server.results.choices import Clustering, Ways
from server.results.drawings import group_figure, together_figure
from server.results.estimating import Authors, Estimator
from server.results.fields import Grouping, by_field, by_time, cells
from server.results.groups import group_table
from server.results.groups_report import GroupsAsked, GroupsReport, groups_report
from server.results.outcomes import Basis
from server.results.together import Measure, together_report
from server.results.typesetting import group_apa_table, together_table
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

U, X, N = Basis.UNANIMOUS, Basis.UNRESOLVED, Basis.NOT_CODED
TWO = Grouping(
    "Side", ("left", "right", "empty"), ("Left", "Right", "Empty"), np.array([0, 0, 0, 1, 1, 1, -1, 0])
)
CARRIES = np.array([True, True, False, True, False, False, True, True])
BASIS = np.array([U, U, U, U, X, U, U, N], dtype=np.int8)


def test_a_table_by_hand() -> None:
    """Left: 2 of 3. Right: 1 of 3, one is open. The seventh is in no group, the last is not coded."""
    found = group_table(CARRIES & (BASIS != N), BASIS, TWO, Estimator(Authors([None] * 8)))
    left, right = found.lines
    assert (left.share.count, left.share.denominator, left.part) == (2, 3, 2 / 3)
    assert left.share.interval == wilson_interval(2, 3)
    assert (right.share.unresolved, right.share.bounds) == (1, (1 / 3, 2 / 3))
    assert left.against == compared((2, 1), (3, 3))
    assert (found.n_posts, found.n_carrying, found.n_unresolved, found.left_out) == (6, 3, 1, 1)
    assert found.overall.method == "Fisher's exact test"
    assert found.overall.p_value == pytest.approx(1)
    assert found.clusters is None


def test_how_many_posts_an_unknown_author_has_is_not_known() -> None:
    assert list(Authors(["a", None, "a", "", "b"]).posts_each) == [2, 0, 2, 0, 1]


def test_authors_that_repeat_are_clusters_in_every_group() -> None:
    """The authors of the left repeat, those of the right do not: all intervals are by clusters."""
    authors = Authors(["a", "a", "b", "c", "d", "e", "f", "g"])
    found = group_table(CARRIES & (BASIS != N), BASIS, TWO, Estimator(authors))
    assert found.clusters == 5
    assert found.lines[0].share.interval == cluster_interval([2, 0], [2, 1]).interval
    assert found.lines[1].share.clusters == 3
    assert "clusters" in found.lines[1].against.method
    assert "Rao and Scott" in found.overall.method
    singly = group_table(CARRIES, BASIS, TWO, Estimator(authors, Ways(clusters=Clustering.NONE)))
    assert singly.clusters is None


def test_times() -> None:
    moments = [make.MOMENT, None, make.MOMENT + timedelta(days=9), make.MOMENT]
    days = by_time(moments, "day")
    assert days.of.tolist() == [0, -1, 1, 0]
    assert days.keys == ("2025-08-08", "2025-08-17")
    assert by_time(moments, "week").keys == ("2025-08-04", "2025-08-11"), "Mondays"
    assert by_time(moments, "month").keys == ("2025-08",)
    with pytest.raises(Refusal, match="Choose a longer time"):
        by_time([make.MOMENT + timedelta(days=number) for number in range(200)], "day")
    assert by_time([None], "day").keys == ()


def study(db: Session, cast: Cast) -> list[int]:
    """Six posts over three days, in two languages; all but the last are coded."""
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 6)
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
    for number, post in enumerate(posts):
        post.posted_at = make.MOMENT + timedelta(days=number // 2)
        post.extra = {"lang": "en" if number % 2 else "fr", 'a "b.$[0]': "x"} if number < 5 else {}
        codes = ["attachment"] * (number < 3) + ["dependency"] * (number % 2)
        if number < 5:
            answers = {"expression": codes, "stance": "favour" if number else "against", "emotion": "1"}
            make.coding(db, book, round_, post, cast.annotator, answers)
    db.flush()
    return [post.number for post in posts]


def shown(db: Session, cast: Cast, code: str, by: str) -> dict[str, tuple[int, int]]:
    table = groups_report(db, cast.lead, GroupsAsked(code, by), Ways()).table
    assert table is not None
    return {line.key: (line.share.count, line.share.denominator) for line in table.lines}


def test_by_what_posts_are_told_apart(db: Session, cast: Cast) -> None:
    study(db, cast)
    attachment = "expression:attachment"
    assert shown(db, cast, attachment, "day") == {
        "2025-08-08": (2, 2), "2025-08-09": (1, 2), "2025-08-10": (0, 1)
    }  # fmt: skip
    assert shown(db, cast, attachment, "field:lang") == {"fr": (2, 3), "en": (1, 2)}
    assert shown(db, cast, attachment, 'field:a "b.$[0]') == {"x": (3, 5)}
    assert shown(db, cast, attachment, "code:expression:dependency") == {
        "with dependency": (1, 2), "without dependency": (2, 3)
    }  # fmt: skip
    assert shown(db, cast, attachment, "question:stance") == {"against": (1, 1), "favour": (2, 4)}
    assert sum(posts for _yes, posts in shown(db, cast, attachment, "author").values()) == 5
    assert shown(db, cast, "stance:against", "week") == {"2025-08-04": (1, 5)}


def test_rare_values_are_joined(db: Session, cast: Cast) -> None:
    posts = make.posts(db, cast.project, 30)
    for number, post in enumerate(posts):
        post.extra = {"tag": f"tag {max(number - 5, 0)}"}
    db.flush()
    numbers = np.array([post.number for post in posts])
    found = by_field(cells(db, cast.lead.project_id, "tag"), "tag", numbers)
    assert (len(found.keys), found.n_joined) == (21, 5)
    assert found.keys[0] == "tag 0"
    assert int((found.of == 20).sum()) == 5


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["10", "9", "9"], ("9", "10")),
        ([str(n) for n in range(100)], ("0–24", "25–49", "50–74", "75–99")),
        (["0"] * 60 + [str(n) for n in range(1, 41)], ("0", "1–15", "16–40")),
        (["07", "1", "1"], ("1", "07")),  # Names that look like numbers stand by how many they are.
    ],
)
def test_numbers_stand_in_their_order(values: list[str], labels: tuple[str, ...]) -> None:
    found = by_field(list(enumerate(values, start=1)), "likes", np.arange(1, len(values) + 1))
    assert found.labels == labels
    assert sorted(set(found.of.tolist())) == list(range(len(labels)))


@on_one_database
@pytest.mark.parametrize(("code", "by"), [("x", "day"), ("expression:x", "day"), ("", "field:x"), ("", "x")])
def test_what_is_not_there_is_refused(db: Session, cast: Cast, code: str, by: str) -> None:
    study(db, cast)
    with pytest.raises(Refusal):
        groups_report(db, cast.lead, GroupsAsked(code, by), Ways())


@on_one_database
def test_what_is_taken_along_says_that_posts_were_not_drawn(db: Session, cast: Cast) -> None:
    study(db, cast)
    report = groups_report(db, cast.lead, GroupsAsked("stance:against", "week"), Ways())
    table, figure = group_apa_table(report, Ways()), group_figure(report, Ways())
    matrix = together_figure(together_report(db, cast.lead, ""), Measure.SHARE, Ways())
    assert table
    assert figure
    assert matrix
    for said in (table.note, figure.caption, matrix.caption):
        assert "not a random sample of all posts" in said


def test_a_hidden_round_is_left_out(db: Session, cast: Cast) -> None:
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 2)
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator, cast.lead])
    make.coding(db, book, round_, posts[0], cast.annotator, {"stance": "against"})

    def blind(report: GroupsReport) -> bool:
        return report.table is None and len(report.hidden) == 1

    assert blind(groups_report(db, cast.lead, GroupsAsked(), Ways()))
    assert together_report(db, cast.lead, "", Ways()).n_posts == 0
    assert groups_report(db, cast.viewer, GroupsAsked("stance:against"), Ways()).table is not None


def test_codes_together(db: Session, cast: Cast) -> None:
    study(db, cast)
    found = together_report(db, cast.lead, "", Ways())
    keys = [pick.key for pick in found.codes]
    row, column = keys.index("expression:attachment"), keys.index("expression:dependency")
    pair, back = found.rows[row][column], found.rows[column][row]
    assert (pair.both, pair.of_row, pair.of_either, pair.share) == (1, 3, 4, 1 / 3)
    assert (back.both, back.of_row, back.share) == (1, 2, 1 / 2)
    assert pair.jaccard == back.jaccard == 1 / 4
    assert found.rows[row][row].both == 3
    assert found.rows[keys.index("stance:against")][keys.index("stance:favour")].cannot_be
    never = {pick.key for pick in found.never}
    assert {"expression:quality", "stance:ambivalent"} <= never
    assert never.isdisjoint(pair.column.key for row in found.rows for pair in row)
    table = together_table(found, Measure.SHARE, Ways())
    assert table
    assert found.never[0].code.label in table.note
    assert "not a random sample of all posts. Round 1 came from a file" in table.note
    assert len(found.every) == (len(keys) + len(found.never)) ** 2, "the file has them all"
    one = together_report(db, cast.lead, "stance", Ways())
    assert {pick.variable.key for pick in one.codes} == {"stance"}
    with pytest.raises(Refusal):
        together_report(db, cast.lead, "x", Ways())


@pytest.fixture
def path(database: Database, cast: Cast) -> str:
    with database.writing() as db:
        study(db, cast)
    return f"/projects/{cast.project.key}/results"


def test_the_pages_are_two_clicks_away(client_of: ClientOf, cast: Cast, path: str) -> None:
    client = client_of(cast.viewer)
    assert f"{path}/groups?code=expression%3Aattachment" in client.get(path).text
    together = client.get(f"{path}/together")
    pair = "groups?code=expression%3Adependency&amp;by=code%3Aexpression%3Aattachment"
    assert pair in together.text
    assert "its p is not adjusted for all" in together.text
    two = client.get(f"{path}/{pair.replace('&amp;', '&')}")
    assert "Two groups are one test" in two.text
    page = client.get(f"{path}/groups", params={"code": "expression:attachment"})
    assert page.status_code == 200
    assert "8 August 2025" in page.text
    assert "Adjusted: by Benjamini and Hochberg" in page.text
    assert 'role="img" aria-label="From 8 August 2025 (100.0' in page.text
    for shown_page in (page, together):
        assert "not a random sample of all posts" in shown_page.text
    assert '<span class="small">of\u00a03</span>' in together.text
    assert "nan" not in page.text.lower().replace("finance", "")


def test_what_cannot_be_shown_is_said(client_of: ClientOf, cast: Cast, path: str) -> None:
    client = client_of(cast.lead)
    page = client.get(f"{path}/groups", params={"code": "x"})
    assert page.status_code == 422
    assert "The codebook has no such code." in page.text
    assert client.get(f"{path}/groups", params={"by": "x"}).status_code == 422
    assert client.get(f"{path}/groups", params={"interval": "x"}).status_code == 422
    assert client.get(f"{path}/together", params={"measure": "x"}).status_code == 422
    assert client.get(f"{path}/together", params={"question": "x"}).status_code == 422
    for name in ("results.csv", "results/groups.csv", "results/together.csv"):
        file = client.get(f"/projects/{cast.project.key}/{name}", params={"rule": "x"})
        assert file.status_code == 422


def rows(client_of: ClientOf, cast: Cast, name: str, **params: str) -> list[dict[str, str]]:
    file = client_of(cast.viewer).get(f"/projects/{cast.project.key}/{name}", params=params)
    assert file.status_code == 200
    assert file.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(file.text)))


def test_the_files_hold_what_the_pages_show(client_of: ClientOf, cast: Cast, path: str) -> None:
    del path
    shares = rows(client_of, cast, "results.csv", interval="jeffreys", clusters="none")
    attachment = next(row for row in shares if row["code"] == "attachment")
    assert (attachment["count"], attachment["denominator"], attachment["method"]) == ("3", "5", "Jeffreys")
    groups = rows(client_of, cast, "results/groups.csv", by="field:lang", clusters="none")
    assert [row["group"] for row in groups] == ["fr", "en", "(all groups)"]
    assert groups[0]["test"] == groups[2]["test"] == "Fisher's exact test"
    assert float(groups[0]["risk_ratio"]) == pytest.approx(4 / 3)
    pairs = rows(client_of, cast, "results/together.csv", question="expression")
    assert len(pairs) == 6
    assert pairs[0]["both"] == "1"
