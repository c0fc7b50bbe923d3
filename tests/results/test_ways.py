"""What a reader may choose about shares: intervals, denominators, clusters, and what they speak of."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import Session, col, select

from server.codebooks.queries import Codebook
from server.corpora.models import ImportBatch
from server.db.engine import Database
from server.errors import Refusal
from server.estimation import (
    clopper_pearson_interval,
    cluster_interval,
    clustered_interval,
    drawn_interval,
    goodman_intervals,
    jeffreys_interval,
    sison_glaz_intervals,
    survey_proportion,
    wilson_interval,
)
from server.results.captions import of_drawing
from server.results.choices import Clustering, Denominator, IntervalKind, Reach, Ways, Weights
from server.results.corrected_report import corrected_report
from server.results.estimating import Authors, Estimator
from server.results.groups_report import GroupsAsked, groups_report
from server.results.outcomes import Basis
from server.results.printed import as_json
from server.results.report import results_report
from server.results.sampling import Drawing, Sampling, check_reach
from server.results.shares import Share, moments, on_code, share_of
from server.results.tables import method_of
from server.results.together import together_report
from server.results.typesetting import share_table
from server.results.weighing import weighing
from server.rounds.models import Assignment
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.make.rows import put
from tests.stock import on_one_database

YES = np.array([True] * 3 + [False] * 7)
ALL = np.ones(10, dtype=np.bool_)
NOBODY = Authors([None] * 10)
PAIRS = Authors([f"author {number // 2}" for number in range(10)])


@pytest.mark.parametrize(
    ("kind", "interval"),
    [
        (IntervalKind.USUAL, wilson_interval),
        (IntervalKind.WILSON, wilson_interval),
        (IntervalKind.CLOPPER_PEARSON, clopper_pearson_interval),
        (IntervalKind.JEFFREYS, jeffreys_interval),
    ],
)
def test_the_interval_of_single_posts(kind: IntervalKind, interval: object) -> None:
    found = Estimator(NOBODY, Ways(interval=kind)).share(YES, ALL)
    assert found.proportion.interval == interval(3, 10)  # type: ignore[operator]
    assert found.clusters is None


def test_authors_are_clusters_where_they_repeat_or_when_asked_for() -> None:
    usual = Estimator(PAIRS).share(YES, ALL)
    assert usual.proportion.interval == cluster_interval([2, 1, 0, 0, 0], [2] * 5).interval
    assert usual.clusters == 5
    single = Estimator(PAIRS, Ways(clusters=Clustering.NONE)).share(YES, ALL)
    assert (single.proportion.interval, single.clusters) == (wilson_interval(3, 10), None)
    asked = Estimator(NOBODY, Ways(clusters=Clustering.AUTHOR)).share(YES, ALL)
    assert asked.clusters == 10


def test_wilson_by_clusters() -> None:
    found = Estimator(PAIRS, Ways(interval=IntervalKind.WILSON)).share(YES, ALL)
    wanted = clustered_interval([2, 1, 0, 0, 0], [2] * 5, wilson_interval, "")
    assert found.proportion.interval == wanted.interval
    assert found.proportion.method == "Wilson score with the effective number of posts"


def test_all_codes_of_a_single_choice_at_once() -> None:
    """Three posts open: they are a part of the whole, and belong to no code."""
    carrying = [YES, np.roll(YES, 3), np.zeros(10, dtype=np.bool_)]
    for kind, make_all in (
        (IntervalKind.GOODMAN, goodman_intervals),
        (IntervalKind.SISON_GLAZ, sison_glaz_intervals),
    ):
        found = Estimator(NOBODY, Ways(interval=kind)).shares(carrying, ALL)
        made = make_all([3, 3, 0, 4])
        assert made.intervals is not None
        assert [one.proportion.interval for one in found] == list(made.intervals[:3])
        assert {one.proportion.method for one in found} == {made.method}


def test_sison_glaz_gives_way_to_goodman_where_authors_repeat() -> None:
    found = Estimator(PAIRS, Ways(interval=IntervalKind.SISON_GLAZ)).shares([YES, ~YES], ALL)
    goodman = Estimator(PAIRS, Ways(interval=IntervalKind.GOODMAN)).shares([YES, ~YES], ALL)
    assert [one.proportion.interval for one in found] == [one.proportion.interval for one in goodman]
    assert "these are Goodman's" in str(found[0].proportion.reason)
    assert {one.proportion.method for one in (*found, *goodman)} == {
        "Goodman, all codes at once, with the effective number of posts"
    }
    low, high = Estimator(PAIRS).share(YES, ALL).proportion.interval or (0, 0)
    wide = goodman[0].proportion.interval or (0, 0)
    assert wide[1] - wide[0] > high - low - 0.2, "it holds for both codes"


def test_sison_glaz_gives_way_to_goodman_in_a_corpus() -> None:
    ways = Ways(interval=IntervalKind.SISON_GLAZ, reach=Reach.CORPUS)
    part = Estimator(NOBODY, ways, sampled=0.5).shares([YES, ~YES], ALL)[0].proportion
    assert part.method == "Goodman, all codes at once, with the finite population correction"
    assert "no finite population correction" in str(part.reason)
    census = Estimator(NOBODY, ways).shares([YES, ~YES], ALL)[0].proportion
    assert "nothing was left to chance" in str(census.reason)


@pytest.fixture
def sample(db: Session, cast: Cast) -> tuple[Cast, Codebook]:
    """Four of eight posts, drawn at random, coded once: one is against, three are in favour."""
    return drawn(db, cast)


def drawn(db: Session, cast: Cast) -> tuple[Cast, Codebook]:
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 8)
    round_ = make.round_(db, cast.project, book, posts[::2], [cast.annotator])
    round_.design = {"posts": "sample", "sample_size": 4, "seed": 7, "order": "random"}
    for number, post in enumerate(posts[::2]):
        answers = {"stance": "favour" if number else "against", "emotion": "1"}
        make.coding(db, book, round_, post, cast.annotator, answers)
    return cast, book


def against(db: Session, people: Cast, ways: Ways) -> Share:
    found = results_report(db, people.lead, ways)
    return next(one for one in found.variables if one.key == "stance").codes[0].share


def test_of_which_posts(db: Session, sample: tuple[Cast, Codebook]) -> None:
    of_asked = against(db, sample[0], Ways())
    assert (of_asked.count, of_asked.denominator, of_asked.bounds) == (1, 4, (0.25, 0.25))
    of_all = against(db, sample[0], Ways(denominator=Denominator.ALL))
    assert (of_all.count, of_all.denominator, of_all.unresolved) == (1, 8, 4)
    assert of_all.bounds == (0.125, 0.625), "four posts are not coded, and might carry it"
    assert of_all.share_of_resolved == 0.25
    of_coded = against(db, sample[0], Ways(denominator=Denominator.CODED))
    assert (of_coded.count, of_coded.denominator) == (1, 4)


def test_the_corpus_alone(db: Session, sample: tuple[Cast, Codebook]) -> None:
    found = against(db, sample[0], Ways(reach=Reach.CORPUS))
    assert found.interval == drawn_interval(1, 4, 0.5, wilson_interval)
    assert found.clusters is None
    report = results_report(db, sample[0].lead)
    assert report.sampling.is_random
    assert report.sampling.seeds == ((1, 7),)


@on_one_database
def test_a_question_that_some_were_not_asked_was_drawn_as_often_as_it_was_coded(
    db: Session, cast: Cast
) -> None:
    """All eight posts are coded, but only four on the stance, which the second round asked alone."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 8)
    for number, drawn_posts in enumerate((posts, posts[::2])):
        round_ = make.round_(db, cast.project, book, drawn_posts, [cast.annotator])
        round_.design = {"posts": "sample", "sample_size": len(drawn_posts), "seed": 7, "order": "random"}
        for post in drawn_posts:
            answers = {"stance": "against" if post.number == 1 else "favour"} if number else {"emotion": "1"}
            make.coding(db, book, round_, post, cast.annotator, answers)
    found = against(db, cast, Ways(reach=Reach.CORPUS))
    assert found.interval == drawn_interval(1, 4, 0.5, wilson_interval)
    assert found.reason is None
    of_coded = against(db, cast, Ways(reach=Reach.CORPUS, denominator=Denominator.CODED))
    assert (of_coded.interval, of_coded.reason) == (drawn_interval(1, 8, 0.5, wilson_interval), None)


@on_one_database
@pytest.mark.parametrize(
    ("design", "why"),
    [
        ({"posts": "sample", "filter": {"field": "lang", "values": ["en"]}}, "chosen by what they are"),
        ({"posts": "sample", "disputed": "open"}, "chosen by what they are"),
        ({"posts": "strata", "strata_field": "lang"}, "within groups"),
        ({"fingerprint": "a"}, "came from a file"),
        ({"again": "stance"}, "coded posts again"),
        ({"posts": "all", "added_posts": 3}, "was given more posts later"),
    ],
)
def test_what_is_no_random_sample_is_refused_in_words(
    db: Session, cast: Cast, design: dict[str, object], why: str
) -> None:
    book = make.published(db, cast.project)
    [post] = make.posts(db, cast.project, 1)
    round_ = make.round_(db, cast.project, book, [post], [cast.annotator])
    round_.design = {"order": "random", **design}
    make.coding(db, book, round_, post, cast.annotator, {"stance": "favour"})
    with pytest.raises(Refusal, match=why):
        results_report(db, cast.lead, Ways(reach=Reach.CORPUS))


def test_a_round_that_posts_were_imported_after_has_no_sample_of_all(
    db: Session, sample: tuple[Cast, Codebook]
) -> None:
    make.posts(db, sample[0].project, 8)
    assert results_report(db, sample[0].lead).sampling.is_random, "they came at the same moment"
    batch = db.exec(select(ImportBatch).order_by(col(ImportBatch.id).desc())).first()
    assert batch
    batch.imported_at = make.MOMENT + timedelta(seconds=1)
    db.flush()
    with pytest.raises(Refusal, match="was opened before more posts were imported"):
        results_report(db, sample[0].lead, Ways(reach=Reach.CORPUS))
    batch.n_new = 0
    db.flush()
    assert results_report(db, sample[0].lead).sampling.is_random, "the file had nothing new"


def test_posts_that_were_skipped_are_said_to_be_missing(db: Session, cast: Cast) -> None:
    """Of three posts one was skipped by both, one by one of two; that one is coded."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    two = [cast.annotator, cast.other_annotator]
    round_ = make.round_(db, cast.project, book, posts, two)
    round_.design = {"posts": "all", "order": "random"}
    for post in posts[:2]:
        make.coding(db, book, round_, post, cast.annotator, {"stance": "favour"})
    left = select(Assignment).where(Assignment.round_id == round_.id, Assignment.state == "queued")
    for assignment in db.exec(left.where(col(Assignment.post_id).in_([posts[1].id, posts[2].id]))):
        assignment.state = "skipped"
    db.flush()
    report = results_report(db, cast.lead, Ways(reach=Reach.CORPUS))
    assert (report.sampling.n_skipped, as_json(report)["posts_skipped"]) == (1, 1)
    assert "1 drawn post was skipped and is missing from the sample" in " ".join(of_drawing(report.sampling))
    share = next(one for one in report.variables if one.key == "stance").codes[0].share
    assert share.interval == drawn_interval(0, 2, 2 / 3, wilson_interval)
    make.decision(db, book, posts[2], "stance", "favour", cast.lead)
    assert results_report(db, cast.lead).sampling.n_skipped == 0


def test_skipped_posts_that_others_still_have_before_them_are_not_missing(db: Session, cast: Cast) -> None:
    """One of two skipped the first post of a plan and of a queue, of whose second both did."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    two = [cast.annotator, cast.other_annotator]
    planned = make.round_(db, cast.project, book, posts[:1], two)
    queue = make.shared_round(db, cast.project, book, posts[1:], two)
    skipped = db.exec(select(Assignment).where(Assignment.round_id == planned.id)).first()
    assert skipped
    skipped.state = "skipped"
    passed = [(posts[1], two[0]), (posts[2], two[0]), (posts[2], two[1])]
    rows = [
        {"round_id": queue.id, "post_id": post.id, "member_id": who.member_id, "position": place}
        for place, (post, who) in enumerate(passed, start=1)
    ]
    put(db, Assignment, [{**row, "state": "skipped"} for row in rows])
    assert results_report(db, cast.lead).sampling.n_skipped == 1
    queue.locked_at = make.MOMENT
    db.flush()
    assert results_report(db, cast.lead).sampling.n_skipped == 2
    planned.locked_at = make.MOMENT
    db.flush()
    assert results_report(db, cast.lead).sampling.n_skipped == 3


def test_the_same_reason_is_said_once() -> None:
    found = Sampling((Drawing(1, None, "came late"), Drawing(2, 7, ""), Drawing(4, None, "came late")))
    assert found.why_not == "Rounds 1, 4: each came late."


def test_of_all_posts_nothing_is_drawn(db: Session, sample: tuple[Cast, Codebook]) -> None:
    with pytest.raises(Refusal, match="Of all posts nothing is drawn"):
        results_report(db, sample[0].lead, Ways(reach=Reach.CORPUS, denominator=Denominator.ALL))


def test_in_a_corpus_authors_are_no_clusters() -> None:
    with pytest.raises(Refusal, match="those of one author cannot count as alike") as refused:
        check_reach(Ways(reach=Reach.CORPUS, clusters=Clustering.AUTHOR), Sampling((Drawing(1, 7, ""),)))
    assert list(refused.value.fields) == ["clusters"]


def test_posts_without_an_author_are_not_called_authors() -> None:
    authors = Authors(["a", "a", *[None] * 8])
    share = share_of(YES, np.full(10, Basis.SINGLE), Estimator(authors), of_carriers=False)
    assert method_of(share).endswith(", 9 clusters (authors, or posts without one)")


@on_one_database
def test_the_page_says_what_is_wrong_and_keeps_what_was_chosen(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing() as db:
        drawn(db, cast)
    path = f"/projects/{cast.project.key}/results"
    page = client_of(cast.lead).get(path, params={"reach": "corpus", "denominator": "all"})
    assert page.status_code == 422
    assert "Of all posts nothing is drawn" in page.text
    assert '<option value="corpus" selected>' in page.text
    page = client_of(cast.lead).get(path, params={"reach": "corpus", "interval": "jeffreys"})
    assert page.status_code == 200
    assert "Jeffreys with the finite population correction" in page.text
    assert "The posts of round 1 were drawn with the seed 7." in page.text
    for name in ("interval", "denominator", "clusters", "reach"):
        assert client_of(cast.lead).get(path, params={name: "x"}).status_code == 422


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
