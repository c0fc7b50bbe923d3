"""One share corrected for errors of coding and with predictions: by hand, and as its page says it."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from sqlmodel import Session, select

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.db.engine import Database
from server.errors import Refusal
from server.estimation import Accuracy, drawn_interval, dsl_mean, ppi_mean, rogan_gladen, wilson_interval
from server.figures import Intervals
from server.results.accuracy import Checked, checked_by_gold
from server.results.captions import about_unresolved, of_corrections
from server.results.choices import USUAL, Reach, Ways
from server.results.corrected_report import CorrectedReport, corrected_report
from server.results.drawings import corrected_figure
from server.results.estimating import Authors, Estimator, effective_posts
from server.results.finals import read_finals
from server.results.misclassified import confused
from server.results.outcomes import Rule, is_coded_on
from server.results.predictions import assisted, predictions_of
from server.results.queries import scope_of_figures, variables
from server.results.report import results_report
from server.results.typesetting import corrected_table
from server.results.weighing import Weighing, weighing
from server.rounds.models import Round
from tests import make
from tests.cast import Cast, make_cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

TRUTH = [True] * 6 + [False] * 10


def study(db: Session, cast: Cast, *, is_drawn: bool = True) -> tuple[Codebook, list[Post]]:
    """Sixteen posts of their own authors, six of them against; the first annotator is wrong on every fourth.

    The second annotator, who codes the first eight, is right. The lead decides where they differ.
    """
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 20)
    round_ = make.round_(db, cast.project, book, posts[:16], [cast.annotator, cast.other_annotator])
    if is_drawn:
        round_.design = {"posts": "sample", "sample_size": 16, "seed": 3, "order": "random"}
    for number, post in enumerate(posts):
        post.author = f"author {number}"
        post.extra = {
            "model": str(0.9 if number < 7 else 0.2),
            "named": "against" if number < 7 else "favour",
        }
    for number, (post, truth) in enumerate(zip(posts, TRUTH, strict=False)):
        said = truth ^ (number % 4 == 3)
        make.coding(db, book, round_, post, cast.annotator, {"stance": "against" if said else "favour"})
        if number < 8:
            right = "against" if truth else "favour"
            make.coding(db, book, round_, post, cast.other_annotator, {"stance": right})
            if said != truth:
                make.decision(db, book, post, "stance", right, cast.lead)
    db.flush()
    return book, posts


def report(db: Session, cast: Cast, predictions: str = "") -> CorrectedReport:
    return corrected_report(db, cast.lead, "stance:against", predictions, USUAL)


def test_by_posts_that_several_coded(db: Session, cast: Cast) -> None:
    """Of the eight posts six are against: of twelve answers eleven say so, of four on the others three."""
    study(db, cast)
    found = report(db, cast).by_second
    assert found is not None
    assert found.checked == Checked(right=(11, 3), said=(12, 4), posts=(6, 2))
    # The other eight rest on one coding, which is wrong on two of them.
    assert (found.plain.count, found.plain.denominator) == (2, 8)
    assert found.corrected == rogan_gladen(2, 8, Accuracy(11 / 12, 6), Accuracy(3 / 4, 2))


@on_one_database
def test_what_most_of_three_said_is_settled(db: Session, cast: Cast) -> None:
    """On two of four posts one of three differs: each is one error, not a post that nobody checked."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 6)
    three = [cast.annotator, cast.other_annotator, cast.adjudicator]
    round_ = make.round_(db, cast.project, book, posts, three)
    for post, said in zip(posts, ("aaa", "fff", "aaf", "ffa", "a", "f"), strict=True):
        for who, letter in zip(three, said, strict=False):
            stance = "against" if letter == "a" else "favour"
            make.coding(db, book, round_, post, who, {"stance": stance})
    found = report(db, cast).by_second
    assert found
    assert found.checked == Checked(right=(5, 5), said=(6, 6), posts=(2, 2))
    assert found.n_undecided == 0


def test_errors_on_posts_that_nobody_decided_are_said_to_be_missing(db: Session, cast: Cast) -> None:
    book, posts = study(db, cast)
    found = report(db, cast)
    assert found.by_second
    some_open = replace(found, by_second=replace(found.by_second, n_undecided=1))
    table = corrected_table(some_open, USUAL)
    assert table
    assert any("1 post on which annotators differ is not decided" in note for note in table.notes)
    round_ = db.exec(select(Round).where(Round.project_id == cast.project.id)).one()
    make.coding(db, book, round_, posts[15], cast.other_annotator, {"stance": "favour"})
    found = report(db, cast)
    assert found.by_second
    assert (found.by_second.n_undecided, found.by_second.plain.denominator) == (1, 7)
    assert (found.n_unresolved, found.bounds) == (1, (7 / 16, 8 / 16))
    assert "if none of them carried the code" in " ".join(about_unresolved(found))
    assert set(about_unresolved(found)) < set(of_corrections(report(db, cast, "model")))
    assert found.by_second.checked.posts == (6, 2)
    assert (found.by_second.corrected, corrected_table(found, USUAL)) == (None, None), (
        "one of nine is too much"
    )
    assert "On 1 of 9 posts that several coded" in found.by_second.why_not
    assert found.by_second.every
    assert found.by_second.every.why_not == found.by_second.why_not
    make.decision(db, book, posts[15], "stance", "favour", cast.lead)
    decided = report(db, cast).by_second
    assert decided
    assert decided.corrected
    assert (decided.n_undecided, decided.checked.posts) == (0, (6, 3))


def test_by_gold(db: Session, cast: Cast) -> None:
    book, posts = study(db, cast)
    for number in (0, 3, 6, 11, 12, 18):
        make.gold(db, book, posts[number], {"stance": "against" if number < 6 else "favour"}, cast.lead)
    db.flush()
    found = report(db, cast).by_gold
    assert found is not None
    # The post 18 is not coded. The codings of 3 were decided; that of 11 is wrong.
    assert found.checked == Checked(right=(2, 2), said=(2, 3), posts=(2, 3))
    assert found.plain.denominator == 16
    assert found.corrected == rogan_gladen(8, 16, Accuracy(1.0, 2), Accuracy(2 / 3, 3))


@on_one_database
def test_what_cannot_be_estimated_is_said(db: Session, cast: Cast) -> None:
    book, posts = study(db, cast)
    found = report(db, cast)
    assert found.by_gold is not None
    assert "no coded post has an answer that is known" in found.by_gold.why_not
    make.gold(db, book, posts[0], {"stance": "against"}, cast.lead)
    found = report(db, cast)
    assert found.by_gold is not None
    assert "Of 1 with and 0 without" in found.by_gold.why_not
    assert found.is_estimated, "by the posts that several coded"
    bare = replace(found, by_second=None)
    assert (corrected_table(bare, USUAL), corrected_figure(bare, USUAL)) == (None, None)


def test_gold_against_final_values() -> None:
    truth, carries = np.array([True, False, True]), np.array([True, True, False])
    assert checked_by_gold(truth, carries) == Checked((1, 0), (2, 1), (2, 1))
    assert checked_by_gold(truth[:0], carries[:0]) == Checked()


def test_which_code_is_taken_for_which() -> None:
    """Of three posts the first truly has the first code and was coded twice; the last has no one answer."""
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.bool_)
    said = np.array([[1, 0], [0, 1], [0, 1], [0, 0]], dtype=np.bool_)
    found = confused(truth, said, np.array([0, 0, 1, 2]))
    assert found.answers.tolist() == [[1, 1], [0, 1]]
    assert found.posts.tolist() == [1, 1]


@on_one_database
def test_all_codes_of_a_question_are_corrected_at_once(db: Session, cast: Cast) -> None:
    """With two codes the matrix method is that of Rogan and Gladen, which stands beside it."""
    study(db, cast)
    found = report(db, cast).by_second
    assert found is not None
    assert found.corrected is not None
    assert found.every is not None
    lines = {line.key: line for line in found.every.lines}
    assert lines["against"].seen == (11, 1)
    assert lines["against"].corrected == pytest.approx(found.corrected.share)
    assert sum(line.corrected or 0 for line in lines.values()) == pytest.approx(1)
    assert (found.every.n, found.every.why_not) == (8, "")


@on_one_database
def test_codes_that_were_never_checked_are_not_corrected(db: Session, cast: Cast) -> None:
    book, posts = study(db, cast)
    make.gold(db, book, posts[0], {"stance": "against"}, cast.lead)
    found = report(db, cast).by_gold
    assert found is not None
    assert found.every is not None
    assert "no post was checked" in found.every.why_not
    assert all(line.corrected is None for line in found.every.lines)
    assert [label.casefold() for label in found.every.faultless] == ["against"]


def test_with_predictions(db: Session, cast: Cast) -> None:
    study(db, cast)
    found = report(db, cast, "model").assisted
    assert found is not None
    y = [float(truth ^ (number > 7 and number % 4 == 3)) for number, truth in enumerate(TRUTH)]
    f = [0.9] * 7 + [0.2] * 13
    assert found.tuned == ppi_mean(y, f[:16], f[16:], power=None)
    assert found.supervised == dsl_mean(f, [*y, *[None] * 4], 0.8)
    named = report(db, cast, "named").assisted
    assert named is not None
    assert named.tuned == ppi_mean(y, [1.0] * 7 + [0.0] * 9, [0.0] * 4, power=None)


def test_posts_without_a_prediction_are_left_out() -> None:
    carries, basis = np.array([True, False, True, False]), np.array([4, 4, 0, 0], dtype=np.int8)
    predicted = np.array([0.5, 0.25, np.nan, 0.75])
    found = assisted(carries, basis, predicted, Estimator(Authors([None] * 4)))
    assert found.n_without == 1
    assert found.tuned.clusters is None
    by_author = assisted(carries, basis, predicted, Estimator(Authors(["ann", "ann", "bo", "cy"])))
    assert (by_author.tuned.clusters, by_author.supervised.clusters) == (2, 2)
    assert found.tuned.predicted == 1


def test_predictions_that_no_coded_post_of_a_stratum_has_are_left_out() -> None:
    """Of the second stratum only the third post is coded, and it has no prediction."""
    carries, basis = np.array([True, False, True, False]), np.array([4, 0, 4, 0], dtype=np.int8)
    weighed = weighing(np.ones(4), (("en", "fr"), np.array([0, 0, 1, 1])), basis > 0)
    found = assisted(
        carries, basis, np.array([0.5, 0.5, np.nan, 0.0]), Estimator(Authors([None] * 4), weighing=weighed)
    )
    assert (found.n_without, found.n_unseen) == (1, 1)
    assert (found.people.denominator, found.supervised.share) == (1, 1.0)


@on_one_database
def test_predictions_are_of_all_posts_also_where_the_question_is_not_asked(db: Session, cast: Cast) -> None:
    """Of 20 posts 4 are asked, 2 of them high; people coded every second one, and the model is right."""
    kinds = {**make.CODEBOOK, "depth": ("single", ("low", "high"))}
    book = make.published(db, cast.project, kinds, {"depth": [("expression", "attachment")]})
    posts = make.posts(db, cast.project, 20)
    round_ = make.round_(db, cast.project, book, posts[::2], [cast.annotator])
    for place, post in enumerate(posts):
        post.extra = {"model": "1" if place in {0, 1} else "0"}
    for post in posts[::2]:
        asked = {"expression": ["attachment"], "depth": "low" if post.number > 1 else "high"}
        answers = asked if post.number < 4 else {"expression": ["quality"], "depth": None}
        make.coding(db, book, round_, post, cast.annotator, answers)
    found = corrected_report(db, cast.lead, "depth:high", "model", USUAL)
    assert found.plain
    assert found.assisted
    assert (found.plain.count, found.plain.denominator) == (1, 2)
    people = found.assisted.people
    assert (people.count, people.denominator) == (1, 10)
    assert (found.assisted.tuned.coded, found.assisted.tuned.predicted) == (10, 10)
    assert found.assisted.tuned.share == pytest.approx(0.1)
    assert found.assisted.supervised.share == pytest.approx(0.1)
    assert "also those where the question is not asked" in " ".join(of_corrections(found))


@on_one_database
def test_a_round_without_the_question_is_no_sample_of_it(db: Session, cast: Cast) -> None:
    """The first round codes half of the posts before the question is there, the second every fifth.

    Every other post is asked, half of these are high, and the model does not know.
    """
    kinds = {**make.CODEBOOK, "depth": ("single", ("low", "high")), "why": ("text", ())}
    when = {"depth": [("expression", "attachment")], "why": [("depth", "high")]}
    older, book = make.published(db, cast.project), make.published(db, cast.project, kinds, when)
    posts = make.posts(db, cast.project, 40)
    for place, post in enumerate(posts):
        post.extra = {"model": "0.5"}
        post.author = f"author {place}"
    for version, drawn in ((older, posts[:20]), (book, posts[::5])):
        round_ = make.round_(db, cast.project, version, drawn, [cast.annotator])
        round_.design = {"posts": "sample", "sample_size": len(drawn), "seed": 7, "order": "random"}
        for post in drawn:
            asked = {"expression": ["attachment"], "depth": "high" if post.number % 4 == 1 else "low"}
            asked |= {"why": "So."} if asked["depth"] == "high" else {}
            answers: make.Answers = asked if post.number % 2 else {"expression": ["quality"], "depth": None}
            known = {key: value for key, value in answers.items() if key in version.variable_by_key}
            make.coding(db, version, round_, post, cast.annotator, known)
    found = corrected_report(db, cast.lead, "depth:high", "model", USUAL).assisted
    assert found
    assert (found.people.count, found.people.denominator) == (2, 8)
    assert (found.tuned.coded, found.tuned.predicted) == (8, 32)
    assert found.supervised.share == pytest.approx(0.25)
    report = results_report(db, cast.lead, Ways(reach=Reach.CORPUS))
    depth = next(one for one in report.variables if one.key == "depth").codes[1].share
    assert depth.interval == drawn_interval(2, 4, 8 / 40, wilson_interval)
    scope = scope_of_figures(db, cast.lead)
    finals = read_finals(db, cast.lead, scope, variables(db, cast.lead, scope), Rule.PLURALITY)
    [why] = [final for variable, final in finals.of if variable.key == "why"]
    assert int(is_coded_on(why.values.basis).sum()) == 8


@on_one_database
def test_a_column_that_predicts_nothing_is_refused(db: Session, cast: Cast) -> None:
    _book, posts = study(db, cast)
    for post in posts:
        post.extra = {"lang": "en", "likes": "12"}
    db.flush()
    for column in ("lang", "likes", "nowhere"):
        with pytest.raises(Refusal):
            report(db, cast, column)


@on_one_database
def test_words_for_yes_and_no(db: Session, cast: Cast) -> None:
    study(db, cast)
    pick = report(db, cast).pick
    assert pick is not None
    found = predictions_of([(1, "Yes"), (3, "false"), (4, "0,5")], pick, np.array([1, 2, 3, 4]))
    assert found.tolist()[::2] == [1.0, 0.0]
    assert np.isnan(found[1])
    assert found[3] == 0.5


def test_posts_of_authors_are_worth_fewer() -> None:
    carries = np.array([True, True, False, False])
    assert effective_posts(carries, np.array([0, 0, 1, 1])) <= 2
    assert effective_posts(np.array([True, False, True, False]), np.array([0, 0, 1, 1])) == 2, "no spread"


@pytest.mark.parametrize("is_weighed", [False, True])
def test_correcting_is_no_surer_than_the_share_that_is_corrected(is_weighed: bool) -> None:
    """Four authors of a hundred posts each, 159 of which carry the code: t has 3 degrees of freedom."""
    author = np.repeat([0, 1, 2, 3], 100)
    carries, every = np.arange(400) % 100 < np.array([70, 15, 50, 24])[author], np.ones(400, dtype=bool)
    weighing = Weighing(np.ones(400), np.ones(400), every) if is_weighed else None
    estimator = Estimator(Authors([f"author {each}" for each in author]), weighing=weighing)
    plain, worth = estimator.share(carries, every).proportion, estimator.worth(carries, every)
    rates = Accuracy.of(98, 100)
    low, high = rogan_gladen(0.3975 * worth, worth, rates, rates).interval or (1, 0)
    assert plain.interval is not None
    assert high - low > plain.interval[1] - plain.interval[0]


@on_one_database
def test_the_page(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book, posts = study(db, cast, is_drawn=False)
    path = f"/projects/{cast.project.key}/results/corrected"
    client = client_of(cast.lead)
    page = client.get(path, params={"code": "stance:against", "predictions": "model"})
    assert "By gold" in page.text
    assert "By gold" not in client_of(cast.viewer).get(path, params={"code": "stance:against"}).text
    assert page.status_code == 200
    for said in ("Sensitivity 91.7", "This cannot be estimated.", "PPI++", "not a random sample"):
        assert said in page.text
    assert "nan" not in page.text.lower()
    assert client.get(path, params={"code": "x"}).status_code == 422
    assert client.get(path, params={"predictions": "x"}).status_code == 422
    assert client.get(path, params={"rule": "x"}).status_code == 422
    with database.writing() as db:
        round_ = db.exec(select(Round).where(Round.project_id == cast.project.id)).one()
        make.coding(db, book, round_, posts[15], cast.other_annotator, {"stance": "favour"})
    page = client.get(path, params={"code": "stance:against"})
    for said in ("1 coded post is unresolved and left out", "On 1 of 9 posts", "Decide them"):
        assert said in page.text


@on_one_database
def test_the_file_holds_what_the_page_shows(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as db:
        study(db, cast)
    path = f"/projects/{cast.project.key}/results/corrected.csv"
    file = client_of(cast.viewer).get(path, params={"code": "stance:against", "predictions": "model"})
    rows = list(csv.DictReader(io.StringIO(file.text)))
    found = {row["estimate"]: row for row in rows if row["code"] == "against"}
    at_once = "several, all codes at once"
    assert list(found) == [
        "plain",
        "several, as coded",
        "several, corrected",
        "people",
        "ppi++",
        "dsl",
        at_once,
    ]
    assert [row["code"] for row in rows if row["estimate"] == at_once] == ["against", "favour"]
    assert float(found[at_once]["share"]) == pytest.approx(float(found["several, corrected"]["share"]))
    assert (found["several, corrected"]["checked_with"], found["dsl"]["predicted"]) == ("6", "20")
    assert found["ppi++"]["predicted"] == "20"
    assert {(row["sampling"], row["unresolved"]) for row in rows} == {("random", "0")}


@on_one_database
def test_what_is_taken_along_says_whether_posts_were_drawn(db: Session) -> None:
    cast = make_cast(db)
    study(db, cast, is_drawn=False)
    found = report(db, cast, "model")
    table, figure = (
        corrected_table(found, USUAL),
        corrected_figure(found, USUAL),
    )
    assert table
    assert figure
    for said in (table.note, figure.caption):
        assert "The coded posts were not a random sample" in said
        assert "Column of predictions: model. 16 coded, 4 predicted only." in said
        assert "sensitivity 91.7" in said
    names = [section.heading for section in table.sections]
    assert names == ["", "By posts that several coded", "With predictions of a model"], "no gold, no row"
    assert [row[0] for row in table.sections[-1].rows] == ["People alone", "PPI++", "DSL"]
    assert isinstance(figure, Intervals)
    assert [group.label for group in figure.groups][1:] == names[1:]
    assert [len(group.estimates) for group in figure.groups] == [1, 2, 3]
