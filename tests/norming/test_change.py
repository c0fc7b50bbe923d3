"""Agreement before and after discussion: the same posts and people, apart, and nothing of it elsewhere."""

import csv

import pytest
from sqlmodel import Session

from server.adjudication.answers import table_of
from server.coding.models import SentBack
from server.db.engine import Database
from server.norming import second_codings
from server.norming.compared import revealed_round
from server.norming.measures import before_after
from server.projects.access import Access
from tests import make
from tests.adjudication.conftest import Study
from tests.conftest import ClientOf
from tests.norming.conftest import reveal

REST: dict[str, str | float] = {"emotion": "1", "hours": 2, "remark": "So."}


def page(study: Study, rest: str = "") -> str:
    """The address of the page of before and after."""
    return f"/projects/{study.cast.project.key}/rounds/1/before-and-after{rest}"


def code(db: Session, study: Study, number: int, *stances: str) -> None:
    """Code a post with these stances."""
    given: list[make.Answers] = [{"stance": each, "expression": ["quality"], **REST} for each in stances]
    study.code(db, number, *given)


def again(db: Session, by: Access, number: int, stance: str, codes: tuple[str, ...] = ("quality",)) -> None:
    """Code a post again."""
    of = revealed_round(db, by, 1)
    typed = {"v-stance": (stance,), "v-expression": codes, "v-emotion": ("1",), "v-hours": ("2",)}
    table = table_of(db, by, of.scope, number)
    assert second_codings.code_again(db, by, of, table, {**typed, "v-remark": ("Otherwise.",)})


@pytest.fixture
def discussed(database: Database, study: Study) -> Study:
    """Before, two agree on one post of three; after, on all. The third annotator codes nothing again."""
    one, other = study.cast.annotator, study.cast.other_annotator
    with database.writing() as db:
        code(db, study, 1, "against", "favour", "ambivalent")
        code(db, study, 2, "favour", "favour", "ambivalent")
        code(db, study, 3, "against", "favour", "ambivalent")
        code(db, study, 4, "against", "favour")
        reveal(db, study)
        second_codings.ask(db, study.cast.lead, revealed_round(db, study.cast.lead, 1), is_open=True)
        again(db, one, 1, "ambivalent")
        again(db, one, 1, "favour")  # The last one counts.
        again(db, other, 1, "favour")
        again(db, one, 2, "favour", ("quality", "attachment"))
        again(db, other, 2, "favour")
        again(db, one, 3, "against")
        again(db, other, 3, "against")
        again(db, one, 4, "favour")  # Alone on its post.
    return study


def test_figures_are_of_the_same_posts_and_people(database: Database, discussed: Study) -> None:
    lead = discussed.cast.lead
    with database.reading() as db:
        found = before_after(db, lead, revealed_round(db, lead, 1))
    assert (found.n_posts, found.n_codings, found.n_seconds) == (3, 6, 7)
    lines = {(line.variable_key, line.code_key): line for line in found.lines}
    stance = lines["stance", ""]
    assert stance.before.agreed is not None
    assert stance.after.agreed is not None
    assert stance.before.agreed.estimate == pytest.approx(1 / 3)
    assert stance.after.agreed.estimate == 1
    # By hand: coincidences 2 (favour, favour), 4 of two values; n.against = 2, n.favour = 4.
    assert stance.before.alpha is not None
    assert stance.before.alpha.estimate == pytest.approx(1 - 5 * 4 / (2 * 2 * 4))
    assert stance.after.alpha is not None
    assert stance.after.alpha.estimate == 1
    assert (stance.moves.n, stance.moves.n_changed) == (6, 2)
    assert stance.moves.to == (("Against", "Favour", 1), ("Favour", "Against", 1))
    attachment = lines["expression", "attachment"]
    assert attachment.moves.to == (("not chosen", "chosen", 1),)
    assert lines["expression", ""].after.agreed is not None
    assert lines["expression", ""].after.agreed.estimate == pytest.approx(2 / 3)
    assert lines["hours", ""].after.alpha is not None
    assert lines["hours", ""].after.alpha.reason
    assert lines["remark", ""].after.alpha is None
    assert lines["remark", ""].moves.n_changed == 6


def test_the_page_its_file_and_the_agreement_beside_it(
    database: Database, discussed: Study, client_of: ClientOf
) -> None:
    cast = discussed.cast
    lead, project = client_of(cast.lead), f"/projects/{cast.project.key}"
    shown = lead.get(page(discussed)).text
    assert "Only the independent codings count as reliability." in shown
    assert "<bdi>Against</bdi> → <bdi>Favour</bdi>" in shown
    rows = list(csv.DictReader(lead.get(page(discussed, "/csv")).text.splitlines()))
    stance = [row for row in rows if row["variable"] == "stance"]
    assert [row["codings"] for row in stance] == ["independent", "after discussion"]
    assert [float(row["percent_agreement"]) for row in stance] == [pytest.approx(1 / 3), 1]
    assert stance[1]["changes"] == "Against → Favour: 1; Favour → Against: 1"
    # All four posts and three annotators, independent alone: 2 of 10 pairs agree, by post.
    agreed = lead.get(f"{project}/agreement.csv?table=answers&variable=stance&round=1").text
    assert float(next(csv.DictReader(agreed.splitlines()))["estimate"]) < 1 / 3
    for way in (f"{project}/rounds/1", f"{project}/rounds/1/side-by-side"):
        assert page(discussed) in lead.get(way).text
    assert client_of(cast.annotator).get(page(discussed)).status_code == 200
    assert client_of(cast.viewer).get(page(discussed)).status_code == 200


def test_where_nothing_can_be_compared_it_says_so(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    lead = client_of(revealed.cast.lead)
    assert "Second codings are not asked for" in lead.get(page(revealed)).text
    assert lead.get(page(revealed, "/csv")).text.count("\n") == 1
    with database.writing() as db:
        second_codings.ask(db, revealed.cast.lead, revealed_round(db, revealed.cast.lead, 1), is_open=True)
        again(db, revealed.cast.annotator, 1, "favour")
    assert "No post has second codings of two" in lead.get(page(revealed)).text


def test_what_was_given_back_counts_as_it_was_before(database: Database, study: Study) -> None:
    one = study.cast.annotator
    with database.writing() as db:
        assert study.main is not None
        first = make.coding(db, study.book, study.main, study.posts[0], one, {"stance": "against"})
        sent = SentBack(
            project_id=one.project_id,
            post_id=make.id_of(study.posts[0]),
            assignment_id=first.assignment_id,
            coding_id=make.id_of(first),
            note="Look again.",
            sent_by=study.cast.lead.account_id,
            sent_at=make.MOMENT,
        )
        db.add(sent)
        reveal(db, study)
        second_codings.ask(db, study.cast.lead, revealed_round(db, study.cast.lead, 1), is_open=True)
        of = revealed_round(db, one, 1)
        filled = second_codings.filled_in(db, one, of, table_of(db, one, of.scope, 1))
        assert filled["v-stance"] == ("against",)
