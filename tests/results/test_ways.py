"""What a reader may choose about shares: intervals, denominators, clusters, and what they speak of."""

import numpy as np
import pytest
from sqlmodel import Session

from server.codebooks.queries import Codebook
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
    wilson_interval,
)
from server.results.choices import Clustering, Denominator, IntervalKind, Reach, Ways
from server.results.estimating import Authors, Estimator
from server.results.outcomes import Basis
from server.results.report import results_report
from server.results.sampling import Drawing, Sampling, check_reach
from server.results.shares import share_of
from server.results.tables import method_of
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.results.scene import against, drawn
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
