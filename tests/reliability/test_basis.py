from server.agreement import Coefficient
from server.db.engine import Database
from server.reliability.basis import basis, ways_of_alpha
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.reliability.scene import coded


def coefficient(**fields: object) -> Coefficient:
    usual: dict[str, object] = {
        "name": "krippendorff_alpha",
        "level": "nominal",
        "estimate": 0.5,
        "interval": (0.2, 0.7),
        "undefined": None,
        "n_units": 1600,
        "n_pairable": 1500,
        "n_codings": 3100,
        "resamples": 1000,
        "undefined_resamples": 0,
        "seed": 7,
    }
    return Coefficient(**{**usual, **fields})  # type: ignore[arg-type]


def test_posts_method_and_seed_are_said() -> None:
    assert basis([("Joy", coefficient())]) == (
        "Computed on 1,500 posts. "
        "Intervals: 95%, bias-corrected and accelerated, of 1,000 bootstrap resamples of the posts, seed 7."
    )


def test_authors_are_said_and_resamples_without_a_value_counted() -> None:
    found = [
        ("Joy", coefficient(undefined_resamples=12, n_clusters=381)),
        ("Grief", coefficient(n_pairable=900, n_clusters=381)),
    ]
    assert basis(found) == (
        "Computed on 900 to 1,500 posts. Intervals: 95%, bias-corrected and accelerated, of 1,000 "
        "bootstrap resamples of 381 authors with all their posts, seed 7. "
        "Resamples in which there is no value, and which are left out: Joy: 12 of 1,000."
    )


def test_few_authors_are_not_said_to_be_drawn() -> None:
    said = basis([("Joy", coefficient(method="t", resamples=0, n_clusters=8))])
    assert "over 8 authors, by the t distribution" in said
    assert "resamples" not in said


def test_ways_of_alpha_are_said_once_each() -> None:
    found = [coefficient(), coefficient(), coefficient(method="t"), coefficient(interval=None, seed=8)]
    assert ways_of_alpha(found) == (
        "Intervals of alpha: 95%, bias-corrected and accelerated, of 1,000 bootstrap resamples, seed 7. "
        "Intervals of alpha: estimate and standard error, by the t distribution."
    )
    assert ways_of_alpha([]) == ""


def test_the_page_says_it_of_each_table(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast, authors=3)
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement").text
    assert page.count("Computed on 6 posts. Intervals: estimate and standard error over 3 authors") == 2
