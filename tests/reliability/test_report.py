"""From rows in both databases to agreement, against slow references and by the rules of the house."""

import random
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlmodel import Session, select

from server.agreement import Coefficient, Level
from server.codebooks.queries import Codebook
from server.db.engine import Database
from server.projects.access import Access
from server.reliability.codings import Selection, authors
from server.reliability.figures import AgreementReport, VariableAgreement
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.pairing import PairsWanted
from server.reliability.report import agreement_report
from server.rounds.models import Assignment
from tests import make
from tests.agreement import slow
from tests.cast import Cast, make_cast
from tests.reliability.bulk import Rated, revise, write
from tests.reliability.scene import SAID, coded


def report(
    db: Session,
    cast: Cast,
    *,
    access: Access | None = None,
    level: Level | None = None,
    seed: int = DEFAULT_SEED,
    resamples: int = 100,
    pairs: PairsWanted | None = None,
    **wanted: Any,
) -> AgreementReport:
    measuring = Measuring(level, seed, resamples)
    return agreement_report(db, access or cast.lead, measuring, pairs=pairs, **wanted)


def variable(found: AgreementReport, key: str) -> VariableAgreement:
    return next(one for one in found.variables if one.key == key)


def estimates(coefficients: tuple[Coefficient, ...]) -> dict[str, float | None]:
    return {one.name: one.estimate for one in coefficients}


def close(found: float | None, wanted: Fraction | None) -> None:
    assert found == (None if wanted is None else pytest.approx(float(wanted), abs=1e-9))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_codings_agree_with_a_slow_reference(db: Session, seed: int) -> None:
    dice = random.Random(seed)
    cast = make_cast(db)
    codes = ("a", "b", "c")
    book = make.published(db, cast.project, {"tone": ("single", codes), "marks": ("multiple", codes)})
    rated, authors = [], {}
    for post in map(str, range(60)):
        authors[post] = dice.choice(["x", "y", "z", None, f"alone {post}"])
        for coder in dice.sample(["u", "v", "w", "s"], dice.randint(1, 4)):
            marks = [code for code in codes if dice.random() < 0.4]
            rated.append(Rated(post, coder, {"tone": dice.choice(codes), "marks": marks}))
    write(db, cast.project, book, rated, authors)
    found = report(db, cast)
    compare_tones(variable(found, "tone"), rated, codes)
    compare_marks(variable(found, "marks"), rated, codes)


def by_post(rated: list[Rated], key: str) -> list[list[object]]:
    posts: dict[str, list[object]] = {}
    for one in rated:
        posts.setdefault(one.post, []).append(one.answers[key])
    return list(posts.values())


def compare_tones(found: VariableAgreement, rated: list[Rated], codes: tuple[str, ...]) -> None:
    posts = [[codes.index(str(said)) for said in post] for post in by_post(rated, "tone")]
    values = estimates(found.coefficients)
    close(values["percent_agreement"], slow.percent_agreement(posts))
    close(values["krippendorff_alpha"], slow.alpha(posts, slow.nominal))
    close(values["fleiss_kappa"], slow.fleiss_kappa(posts, 3))
    close(values["gwet_ac"], slow.gwet_ac1(posts, 3))
    assert found.n_units == 60
    assert found.n_codings == len(rated)
    assert found.n_authors is not None
    for place, code in enumerate(found.codes):
        close(
            code.alpha.estimate, slow.alpha([[int(said == place) for said in p] for p in posts], slow.nominal)
        )


def compare_marks(found: VariableAgreement, rated: list[Rated], codes: tuple[str, ...]) -> None:
    for key, code in zip(codes, found.codes, strict=True):
        posts = [[int(key in said) for said in post] for post in by_post(rated, "marks")]  # type: ignore[operator]
        close(code.alpha.estimate, slow.alpha(posts, slow.nominal))
        close(estimates(code.coefficients)["gwet_ac"], slow.gwet_ac1(posts, 2))
        assert code.n_chosen == sum(map(sum, posts))
        assert code.prevalence == pytest.approx(code.n_chosen / len(rated))


def test_levels_follow_the_kind_and_can_be_replaced(cast: Cast, database: Database) -> None:
    coded(database, cast)
    posts = [[int(one[1]), int(other[1])] for one, other in SAID]
    distances: dict[Level, Any] = {"nominal": slow.nominal, "interval": slow.interval, "ratio": slow.ratio}
    with database.reading() as db:
        own = variable(report(db, cast), "emotion").alpha
        assert own is not None
        assert own.level == "ordinal"
        close(own.estimate, slow.alpha(posts, slow.ordinal(posts)))
        for level, distance in distances.items():
            found = variable(report(db, cast, level=level), "emotion").alpha
            assert found is not None
            assert found.level == level
            close(found.estimate, slow.alpha(posts, distance))


def test_a_level_that_the_codes_have_no_numbers_for_is_undefined_in_words(
    cast: Cast, database: Database
) -> None:
    coded(database, cast)
    with database.reading() as db:
        stance = variable(report(db, cast, level="interval"), "stance")
    assert stance.alpha is not None
    assert stance.alpha.estimate is None
    assert stance.alpha.undefined == (
        "Not every code of this variable has a number, which the interval level needs."
    )
    assert estimates(stance.coefficients)["percent_agreement"] == pytest.approx(4 / 6)


def test_pairs_and_confusions_count_by_hand(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.reading() as db:
        found = report(db, cast, pairs=PairsWanted())
    [pair] = variable(found, "stance").pairs
    assert (pair.first.name, pair.second.name) == (_name(database, cast, 3), _name(database, cast, 4))
    assert pair.table == ((2, 1, 0), (0, 0, 1), (0, 0, 2))
    assert variable(found, "stance").confusion == ((4, 1, 0), (1, 0, 1), (0, 1, 4))
    assert [one.code for one in variable(found, "expression").pairs] == [
        "attachment",
        "dependency",
        "quality",
    ]
    attachment = variable(found, "expression").pairs[0]
    assert attachment.table == ((3, 0), (0, 3))
    assert attachment.beyond_chance.estimate == 1


def _name(database: Database, cast: Cast, number: int) -> str:
    return ("Lead", "Adjudicator", "Annotator", "Other Annotator")[
        number - 1
    ] + f" {cast.project.key.title()}"


def test_pairs_on_one_code_with_its_confusions(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.reading() as db:
        found = report(db, cast, variable="expression", pairs=PairsWanted(code="quality", most=1))
    [expression] = found.variables
    assert [(one.code, one.table) for one in expression.pairs] == [("quality", ((3, 1), (1, 1)))]
    assert expression.confusion == ((6, 2), (2, 2))
    assert expression.n_pairs == 1


def test_what_does_not_count(cast: Cast, database: Database) -> None:
    scene = coded(database, cast)
    with database.writing() as db:
        rows = db.exec(select(Assignment).where(Assignment.round_id == scene.round.id)).all()
        rows[0].state = "skipped"
        revise(db, scene.book, rows[1], {"stance": "favour"}, make.MOMENT + timedelta(hours=1))
    with database.reading() as db:
        stance = variable(report(db, cast, pairs=PairsWanted()), "stance")
    assert (stance.n_codings, stance.n_units, stance.n_pairable) == (11, 6, 5)
    assert stance.pairs[0].n_posts == 5
    assert {code.key: code.n_chosen for code in stance.codes} == {
        "against": 3,
        "ambivalent": 2,
        "favour": 6,
    }


def test_a_correction_after_reveal_takes_the_coding_out(cast: Cast, database: Database) -> None:
    scene = coded(database, cast, locked_at=make.MOMENT, revealed_at=make.MOMENT + timedelta(hours=1))
    with database.writing() as db:
        row = db.exec(select(Assignment).where(Assignment.round_id == scene.round.id)).first()
        assert row is not None
        revise(db, scene.book, row, {"stance": "favour"}, make.MOMENT + timedelta(hours=2))
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_codings == 11


def test_codings_from_a_file_know_no_reveal(cast: Cast, database: Database) -> None:
    early = make.MOMENT - timedelta(days=1)
    coded(database, cast, is_imported=True, revealed_at=early)
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_codings == 12


def test_unanswered_is_not_nothing_applies(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        coders = (cast.annotator, cast.other_annotator)
        round_ = make.round_(db, cast.project, book, posts, coders)
        make.coding(db, book, round_, posts[0], coders[0], {"expression": []})
        make.coding(db, book, round_, posts[0], coders[1], {"expression": ["quality"]})
        make.coding(db, book, round_, posts[1], coders[0], {"stance": "favour"})
        make.coding(db, book, round_, posts[1], coders[1], {"expression": ["quality"]})
    with database.reading() as db:
        found = variable(report(db, cast), "expression")
    assert (found.n_units, found.n_pairable, found.n_codings) == (2, 1, 3)


def test_training_counts_only_when_it_is_asked_for(cast: Cast, database: Database) -> None:
    coded(database, cast, purpose="training")
    with database.reading() as db:
        assert report(db, cast).variables == ()
        assert report(db, cast).rounds == ()
        asked = report(db, cast, rounds=[1])
    assert variable(asked, "stance").n_codings == 12


def second_round(db: Session, cast: Cast, book: Codebook, posts: list[object]) -> None:
    again = make.round_(db, cast.project, book, posts, (cast.annotator,))  # type: ignore[arg-type]
    for post in posts:
        make.coding(db, book, again, post, cast.annotator, {"stance": "favour"})  # type: ignore[arg-type]


def test_the_same_annotator_in_a_second_round_is_reported_and_not_merged(
    cast: Cast, database: Database
) -> None:
    scene = coded(database, cast)
    with database.reading() as db:
        alone = variable(report(db, cast), "stance")
    with database.writing() as db:
        second_round(db, cast, scene.book, list(scene.posts[:4]))
    with database.reading() as db:
        both = variable(report(db, cast), "stance")
        only_second = variable(report(db, cast, rounds=[2]), "stance")
    assert alone.n_repeats == 0
    assert both.n_repeats == 4
    assert estimates(both.coefficients) == estimates(alone.coefficients)
    assert (both.n_codings, only_second.n_codings, only_second.n_repeats) == (12, 4, 0)


def test_annotators_of_different_rounds_meet_on_a_post(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        for coder in (cast.annotator, cast.other_annotator):
            round_ = make.round_(db, cast.project, book, posts, (coder,))
            for post in posts:
                make.coding(db, book, round_, post, coder, {"stance": "favour"})
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_pairable == 2


def test_a_code_is_asked_only_where_its_codebook_offers_it(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        old = make.published(db, cast.project, {"expression": ("multiple", ("attachment",))})
        new = make.published(db, cast.project, {"expression": ("multiple", ("attachment", "grief"))})
        posts = make.posts(db, cast.project, 4)
        coders = (cast.annotator, cast.other_annotator)
        for book, some in ((old, posts[:2]), (new, posts[2:])):
            round_ = make.round_(db, cast.project, book, some, coders)
            for post in some:
                for coder in coders:
                    make.coding(db, book, round_, post, coder, {"expression": ["attachment"]})
    with database.reading() as db:
        [found] = report(db, cast).variables
    units = {code.key: code.n_units for code in found.codes}
    assert units == {"attachment": 4, "grief": 2}


def test_more_codes_than_bits_in_a_number(db: Session) -> None:
    cast = make_cast(db)
    codes = tuple(f"c{number}" for number in range(70))
    book = make.published(db, cast.project, {"marks": ("multiple", codes)})
    rated = [
        Rated(post, coder, {"marks": [codes[0], codes[61], codes[62], codes[69]][: 2 + place]})
        for post in ("p", "q", "r")
        for place, coder in enumerate(("u", "v"))
    ]
    write(db, cast.project, book, rated)
    [found] = report(db, cast).variables
    chosen = {code.key: code.n_chosen for code in found.codes if code.n_chosen}
    assert chosen == {"c0": 6, "c61": 6, "c62": 3}


def test_numbers_are_measured_at_the_interval_level(db: Session) -> None:
    cast = make_cast(db)
    book = make.published(db, cast.project, {"hours": ("number", ())})
    said = {"p": (1.5, 1.5), "q": (2, 4), "r": (-1, 0.25)}
    rated = [
        Rated(post, coder, {"hours": hours})
        for post, both in said.items()
        for coder, hours in zip("uv", both, strict=True)
    ]
    write(db, cast.project, book, rated)
    [found] = report(db, cast, pairs=PairsWanted()).variables
    assert [one.name for one in found.coefficients] == ["percent_agreement", "krippendorff_alpha"]
    assert found.level == "interval"
    quarters = [[int(4 * hours) for hours in both] for both in said.values()]
    assert found.alpha is not None
    close(found.alpha.estimate, slow.alpha(quarters, slow.interval))
    [pair] = found.pairs
    assert [one.name for one in pair.coefficients] == ["percent_agreement", "krippendorff_alpha"]
    assert (pair.beyond_chance.estimate, pair.table) == (found.alpha.estimate, ())
    assert (found.codes, found.confusion) == ((), ())
    [ratio] = report(db, cast, level="ratio").variables
    assert ratio.alpha is not None
    assert ratio.alpha.undefined is not None
    assert "negative" in ratio.alpha.undefined


def test_free_text_has_words_instead_of_coefficients(db: Session) -> None:
    cast = make_cast(db)
    book = make.published(db, cast.project, {"comment": ("text", ())})
    write(db, cast.project, book, [Rated("p", coder, {"comment": "hm"}) for coder in "uv"])
    [found] = report(db, cast).variables
    assert found.coefficients == ()
    assert found.note.startswith("Free text has no coefficient")


def test_undefined_is_said_in_words(db: Session) -> None:
    cast = make_cast(db)
    book = make.published(db, cast.project, {"tone": ("single", ("a", "b"))})
    make.round_(db, cast.project, book, [], [])
    [nothing] = report(db, cast).variables
    assert nothing.alpha is not None
    assert nothing.alpha.undefined == "Nothing has been coded yet."
    assert [code.prevalence for code in nothing.codes] == [None, None]
    write(db, cast.project, book, [Rated(post, coder, {"tone": "a"}) for post in "pq" for coder in "uv"])
    [same] = report(db, cast, pairs=PairsWanted()).variables
    values = {one.name: (one.estimate, one.undefined) for one in same.coefficients}
    assert values["percent_agreement"] == (1.0, None)
    assert values["krippendorff_alpha"][0] is None
    assert "Only one category was used" in (values["krippendorff_alpha"][1] or "")
    assert "same" in (same.pairs[0].beyond_chance.undefined or "")


def test_authors_are_drawn_where_they_repeat(cast: Cast, database: Database) -> None:
    coded(database, cast, authors=2)
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_authors == 2


def test_posts_are_drawn_where_no_author_repeats(cast: Cast, database: Database) -> None:
    coded(database, cast, authors=50)
    with database.reading() as db:
        assert variable(report(db, cast), "stance").n_authors is None


def test_one_seed_gives_one_interval(cast: Cast, database: Database) -> None:
    coded(database, cast)
    with database.reading() as db:
        first, again, other = (report(db, cast, seed=seed, resamples=300) for seed in (4, 4, 5))
    intervals = [
        [one.interval for one in variable(found, "emotion").coefficients] for found in (first, again, other)
    ]
    assert intervals[0] == intervals[1]
    assert intervals[0] != intervals[2]


def test_authors_are_numbered_in_the_order_of_their_posts(db: Session) -> None:
    """Not in the order of the rows, which each database has its own way of."""
    cast = make_cast(db)
    first, second, third = make.posts(db, cast.project, 3, authors=3)
    first.number, third.number = 103, 101
    db.flush()
    ids, numbers = authors(db, Selection(cast.lead.project_id, ()))
    wanted = {third.id: 1, second.id: 0, first.id: 2}
    assert dict(zip(ids.tolist(), numbers.tolist(), strict=True)) == wanted
