"""Posts that weigh by how they were drawn: at their import, and within the strata of rounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import Session

from server.codebooks.queries import Codebook
from server.db.engine import Database
from server.errors import Refusal
from server.estimation import (
    survey_proportion,
)
from server.results.choices import Denominator, IntervalKind, Reach, Ways, Weights
from server.results.corrected_report import corrected_report
from server.results.estimating import Authors, Estimator
from server.results.groups_report import GroupsAsked, groups_report
from server.results.outcomes import Basis
from server.results.report import results_report
from server.results.shares import moments, on_code
from server.results.together import together_report
from server.results.typesetting import share_table
from server.results.weighing import weighing
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.results.scene import against
from tests.stock import on_one_database

YES = np.array([True] * 3 + [False] * 7)
ALL = np.ones(10, dtype=np.bool_)
NOBODY = Authors([None] * 10)
PAIRS = Authors([f"author {number // 2}" for number in range(10)])


def test_posts_weigh_by_their_draw_at_import_and_within_strata() -> None:
    fractions = np.array([0.5, 0.5, 1.0, 1.0, 1.0, 1.0])
    strata = (["de", "en", "fr"], np.array([0, 0, 1, 1, 1, 2]))
    found = weighing(fractions, strata, np.array([True, False, True, True, False, False]))
    assert found.weights.tolist() == [4.0, 4.0, 1.5, 1.5, 1.5, 1.0]
    assert list(found.sizes) == [2, 3, 1]
    assert found.left_out == "No post is coded in 1 of 3 groups (fr): the shares speak of the others."
    assert weighing(fractions, None, ALL).weights.tolist() == [2.0, 2.0, 1.0, 1.0, 1.0, 1.0]


def test_a_weighed_share_is_that_of_its_survey_design() -> None:
    of = np.array([0] * 5 + [1] * 5)
    weighed = weighing(np.where(of, 1.0, 0.5), (["a", "b"], of), ALL)
    found = Estimator(NOBODY, Ways(weights=Weights.DRAWN), 1.0, weighed).share(YES, ALL)
    wanted = survey_proportion(YES, weighed.weights, strata=of)
    assert found.proportion.share == wanted.share == pytest.approx(6 / 15)
    assert (found.proportion.interval, found.proportion.count, found.clusters) == (wanted.interval, 3, None)
    clustered = Estimator(PAIRS, Ways(weights=Weights.DRAWN), 1.0, weighed).share(YES, ALL)
    by_author = survey_proportion(YES, weighed.weights, PAIRS.clusters)
    assert (clustered.proportion.interval, clustered.clusters) == (by_author.interval, 5)
    jeffreys = Ways(weights=Weights.DRAWN, interval=IntervalKind.JEFFREYS)
    effective = Estimator(NOBODY, jeffreys, 1.0, weighed).share(YES, ALL).proportion
    assert effective.share == pytest.approx(6 / 15)
    assert "weighed posts" in effective.method


@given(some.lists(some.booleans(), min_size=2, max_size=12))
def test_equal_weights_change_no_share(carries: list[bool]) -> None:
    yes, within = np.array(carries), np.ones(len(carries), dtype=np.bool_)
    authors = Authors([None] * len(carries))
    equal = Estimator(
        authors, Ways(weights=Weights.DRAWN), 1.0, weighing(np.full(yes.size, 0.25), None, within)
    )
    assert equal.share(yes, within).proportion.share == pytest.approx(yes.mean())
    assert equal.part(yes, within) == pytest.approx(Estimator(authors).part(yes, within))


def stratified(db: Session, cast: Cast, *emotional: int) -> None:
    """Of six English posts two are coded, both against; of two French ones both, and neither is.

    Of the posts at the places `emotional` it is coded that they have some emotion, and nothing else.
    """
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 8)
    for place, post in enumerate(posts):
        post.extra = {"lang": "en" if place < 6 else "fr"}
    coded = [posts[0], posts[3], posts[6], posts[7]]
    more = [posts[place] for place in emotional]
    round_ = make.round_(db, cast.project, book, [*coded, *more], [cast.annotator])
    round_.design = {
        "posts": "strata",
        "strata_field": "lang",
        "per_stratum": 2,
        "seed": 5,
        "order": "random",
    }
    for post in coded:
        stance = "against" if post.number < 6 else "favour"
        make.coding(db, book, round_, post, cast.annotator, {"stance": stance, "emotion": "1"})
    for post in more:
        make.coding(db, book, round_, post, cast.annotator, {"emotion": "2"})


def test_a_round_drawn_in_strata_is_weighed(db: Session, cast: Cast) -> None:
    stratified(db, cast)
    alike, weighed = against(db, cast, Ways()), against(db, cast, Ways(weights=Weights.DRAWN))
    assert (alike.share, weighed.share) == (0.5, 0.75)
    assert (weighed.count, weighed.denominator, weighed.bounds) == (2, 4, (0.75, 0.75))
    with pytest.raises(Refusal, match="within groups"):
        against(db, cast, Ways(reach=Reach.CORPUS))
    corpus = against(db, cast, Ways(weights=Weights.DRAWN, reach=Reach.CORPUS))
    assert corpus.share == 0.75
    for made in make.posts(db, cast.project, 2):
        made.sampling_fraction = 0.5
    db.flush()
    with pytest.raises(Refusal, match="drawn at their import"):
        against(db, cast, Ways(weights=Weights.DRAWN, reach=Reach.CORPUS))


@on_one_database
def test_a_question_is_weighed_by_the_posts_that_are_coded_on_it(db: Session, cast: Cast) -> None:
    """A third English post is coded on the emotion alone: for the stance, two still stand for six."""
    stratified(db, cast, 1)
    ways = Ways(weights=Weights.DRAWN)
    assert against(db, cast, ways).share == 0.75
    by_language = groups_report(db, cast.lead, GroupsAsked("stance:against", "week"), ways).table
    assert by_language
    assert by_language.lines[0].share.share == 0.75
    corrected = corrected_report(db, cast.lead, "stance:against", "", ways)
    assert corrected.plain
    assert corrected.plain.share == 0.75
    every = together_report(db, cast.lead, "", ways).every
    [pair] = [one for one in every if (one.row.key, one.column.key) == ("emotion:1", "stance:against")]
    assert (pair.of_row, pair.share) == (4, 0.75)
    emotion = next(one for one in results_report(db, cast.lead, ways).variables if one.key == "emotion")
    assert [code.share.share for code in emotion.codes] == [0.0, 0.75, 0.25, 0.0]
    assert emotion.moments
    assert (emotion.moments.n, emotion.moments.mean, emotion.moments.median) == (5, 1.25, 1.0)


def test_weighed_posts_that_nobody_asked_make_no_census() -> None:
    """All posts of both strata are coded on something, every second one on the code."""
    strata, coded = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1]), np.array([True, False] * 5)
    drawn = weighing(np.ones(10), (("en", "fr"), strata), ALL)
    basis = np.where(coded, Basis.SINGLE, Basis.NOT_CODED).astype(np.int8)
    ways = Ways(weights=Weights.DRAWN, reach=Reach.CORPUS, denominator=Denominator.CODED)
    own = on_code(Estimator(NOBODY, ways, weighing=drawn), basis, ALL)
    carries = coded & (np.arange(10) > 2)
    found = survey_proportion(carries, strata=strata, population_clusters=[8, 12])
    assert own.share(carries, ALL).proportion.interval == pytest.approx(found.interval)
    of_asked = on_code(Estimator(NOBODY, ways, weighing=drawn), basis, coded)
    by_size = survey_proportion(carries[coded], np.repeat([2, 2], [2, 3]), None, strata[coded], [4, 6])
    assert of_asked.share(carries, coded).proportion.interval == pytest.approx(by_size.interval)


def test_means_by_weights_are_those_of_as_many_posts() -> None:
    """With whole weights, as if each post were there so many times; the divisor is that of the posts."""
    values, weights = np.array([1.0, np.nan, 2.0, 5.0]), np.array([3.0, 9.0, 1.0, 2.0])
    found, repeated = moments(values, weights), np.repeat([1.0, 2.0, 5.0], [3, 1, 2])
    assert (found.n, found.mean, found.median) == (3, repeated.mean(), np.median(repeated))
    assert found.standard_deviation == pytest.approx(repeated.std() * np.sqrt(3 / 2))
    alike, plain = moments(values, np.full(4, 0.1)), np.array([1.0, 2.0, 5.0])
    assert alike.median == 2
    assert alike.standard_deviation == pytest.approx(plain.std(ddof=1))
    assert moments(np.array([4.0, 1.0, 2.0, 8.0]), np.full(4, 0.1)).median == 3


def test_where_all_had_the_same_chance_nothing_is_weighed(db: Session, sample: tuple[Cast, Codebook]) -> None:
    with pytest.raises(Refusal, match="nothing to weigh"):
        results_report(db, sample[0].lead, Ways(weights=Weights.DRAWN))


@on_one_database
def test_the_page_offers_to_weigh(database: Database, cast: Cast, client_of: ClientOf) -> None:
    with database.writing() as db:
        stratified(db, cast)
    lead = client_of(cast.lead)
    page = lead.get(f"/projects/{cast.project.key}/results").text
    assert "more likely to be coded" in page
    weighed = lead.get(f"/projects/{cast.project.key}/results?weights=drawn").text
    assert "75.0" in weighed
    assert "count each post by one over its chance" in weighed


@on_one_database
def test_a_table_for_a_paper_says_that_posts_are_weighed(db: Session, cast: Cast) -> None:
    stratified(db, cast)
    table = share_table(results_report(db, cast.lead, Ways(weights=Weights.DRAWN)), "stance")
    assert table
    assert "one over the chance they had to be drawn" in table.note


def test_weights_reach_groups_codes_together_and_corrected_shares(db: Session, cast: Cast) -> None:
    """English posts stand for three each: 2 of 2 are against, of the French 0 of 2."""
    stratified(db, cast)
    drawn_ways = Ways(weights=Weights.DRAWN)
    groups = groups_report(db, cast.lead, GroupsAsked("stance:against", "week"), drawn_ways)
    assert groups.table is not None
    [week] = groups.table.lines
    assert (week.share.share, week.share.count, week.share.denominator) == (0.75, 2, 4)
    by_language = groups_report(db, cast.lead, GroupsAsked("stance:against", "field:lang"), drawn_ways).table
    assert by_language is not None
    assert [line.share.share for line in by_language.lines] == [1.0, 0.0]
    assert [line.part for line in by_language.lines] == [1.0, 0.0]
    assert "Rao and Scott" in by_language.overall.method
    pairs = together_report(db, cast.lead, "", drawn_ways).rows
    found = {(pair.row.key, pair.column.key): pair for row in pairs for pair in row}
    emotion = found["emotion:1", "stance:against"]
    assert (emotion.both, emotion.of_row, emotion.share) == (2, 4, 0.75)
    corrected = corrected_report(db, cast.lead, "stance:against", "", drawn_ways)
    assert corrected.plain is not None
    assert (corrected.plain.share, corrected.weighted.is_so) == (0.75, True)
    alike = corrected_report(db, cast.lead, "stance:against", "")
    assert alike.plain is not None
    assert alike.plain.share == 0.5
