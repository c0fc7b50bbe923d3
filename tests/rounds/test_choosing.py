"""Which posts a round takes, and who may code how many and which of them."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from server.adjudication.disputed import disputed_posts
from server.coding.models import PostQuestion
from server.corpora.models import Post
from server.db.engine import Database
from server.errors import Refusal
from server.rounds.design import Purpose, RoundDesign, described
from server.rounds.models import Assignment
from server.rounds.picks import Crew, Picks
from server.rounds.plan import Limits, Plan, make_plan, summarise
from server.rounds.proposal import Proposal, propose
from server.rounds.strata import allotted, strata_of
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf

DESIGN = RoundDesign("Next", Purpose.MAIN, (3, 4), seed=5, k=2)
LANGUAGES = ["en"] * 12 + ["fr"] * 6 + ["ar"] * 2


@pytest.fixture
def posts(cast: Cast, database: Database) -> list[Post]:
    """Twenty posts in three languages, the first six of them coded; ids are kept for the tests."""
    with database.writing() as db:
        book, found = make.published(db, cast.project), make.posts(db, cast.project, len(LANGUAGES))
        for row, language in zip(found, LANGUAGES, strict=True):
            row.extra = {"lang": language}
        annotators = [cast.annotator, cast.other_annotator]
        first = make.round_(
            db, cast.project, book, found[:6], annotators, locked_at=make.MOMENT, purpose="pilot"
        )
        for at, (one, other) in enumerate(
            [("favour", "favour"), ("favour", "against"), ("against", "favour")]
        ):
            make.coding(db, book, first, found[at], annotators[0], {"stance": one}, is_unsure=at == 0)
            make.coding(db, book, first, found[at], annotators[1], {"stance": other})
        skipped = db.exec(
            select(Assignment).where(Assignment.round_id == first.id, Assignment.post_id == found[4].id)
        ).first()
        assert skipped
        skipped.state, skipped.skip_reason = "skipped", "unclear"
        db.add(
            PostQuestion(
                key="q",
                project_id=make.id_of(cast.project),
                round_id=make.id_of(first),
                post_id=make.id_of(found[3]),
                member_id=cast.annotator.member_id,
                asked="Is it?",
                asked_at=make.MOMENT,
            )
        )
        db.flush()
        db.expunge_all()
        return found


def proposed(db: Session, cast: Cast, **changes: Any) -> Proposal:
    return propose(db, cast.lead, replace(DESIGN, **changes), disputed_posts)


def numbers(posts: list[Post], found: Proposal) -> list[int]:
    of = {post.id: post.number for post in posts}
    return [of[post_id] for post_id in found.post_ids.tolist()]


CHOICES: list[tuple[dict[str, Any], Any]] = [
    ({"picks": Picks(since=date(2025, 8, 8), until=date(2025, 8, 8))}, range(1, 21)),
    ({"unused": "any"}, range(7, 21)),
    ({"unused": "main"}, range(1, 21)),
    ({"unused": "uncoded"}, range(4, 21)),
    ({"picks": Picks(disputed="open")}, [2, 3]),
    ({"picks": Picks(disputed="any", disputed_on="stance")}, [2, 3]),
    ({"picks": Picks(flagged=("unsure",))}, [1]),
    ({"picks": Picks(flagged=("question", "skipped"))}, [4, 5]),
    ({"picks": Picks(disputed="open", flagged=("unsure",)), "unused": "main"}, "posts"),
    ({"picks": Picks(disputed="decided")}, "disputed"),
    ({"picks": Picks(disputed="open", disputed_on="emotion")}, "disputed"),
    ({"picks": Picks(since=date(2026, 1, 1))}, "since"),
    ({"picks": Picks(until=date(2020, 1, 1))}, "until"),
    ({"picks": Picks(strata_field="lang", per_stratum=4)}, 10),
    ({"picks": Picks(strata_field="lang"), "sample_size": 10}, 10),
    ({"picks": Picks(strata_field="lang"), "sample_size": 21}, "size"),
]


def test_a_choice_takes_the_posts_it_names(posts: list[Post], cast: Cast, database: Database) -> None:
    with database.reading() as db:
        assert [_taken(db, cast, posts, changes) for changes, _ in CHOICES] == [
            [*taken] if isinstance(taken, range) else taken for _, taken in CHOICES
        ]


def _taken(db: Session, cast: Cast, posts: list[Post], changes: dict[str, Any]) -> Any:
    """The numbers of the posts, how many there are where they are drawn, or the field that is refused."""
    try:
        found = numbers(posts, proposed(db, cast, **changes))
    except Refusal as refusal:
        return next(iter(refusal.fields))
    is_drawn = "picks" in changes and changes["picks"].strata_field
    assert numbers(posts, proposed(db, cast, **changes)) == found
    return len(found) if is_drawn else found


def test_strata_are_drawn_equally_or_in_proportion(posts: list[Post], cast: Cast, database: Database) -> None:
    with database.reading() as db:
        each = proposed(db, cast, picks=Picks(strata_field="lang", per_stratum=4))
        share = proposed(db, cast, picks=Picks(strata_field="lang"), sample_size=10)
    assert dict(each.outcome.strata) == {"ar": 2, "en": 4, "fr": 4}
    assert each.outcome.small == (("ar", 2),)
    assert dict(share.outcome.strata) == {"ar": 1, "en": 6, "fr": 3}
    said = dict(described(each.stored()))
    assert said["Posts"] == "a random sample of 4 for each value of lang (ar 2, en 4, fr 4)"
    assert "fewer posts than were asked for, and all of them are taken: ar 2" in said["Not met"]


def test_the_double_coded_share_follows_the_strata() -> None:
    strata = strata_of(["a"] * 70 + ["b"] * 20 + ["c"] * 10, "double_field")
    assert allotted(15, strata.sizes).tolist() == [11, 3, 1]  # Of 10.5, 3 and 1.5; the first wins.
    plan = make_plan(100, range(4), double_share=0.15, seed=3, strata=strata)
    times = Counter(plan.post_index.tolist())
    doubled = Counter(strata.values[strata.of[post]] for post, n in times.items() if n == 2)
    assert dict(doubled) == {"a": 11, "b": 3, "c": 1}
    assert sorted(Counter(plan.annotator_index.tolist()).values()) == [28, 29, 29, 29]


def limited(quotas: tuple[int, ...], tongue: list[int], reads: list[list[int]], **asked: Any) -> Plan:
    limits = Limits(quotas, np.array(tongue, dtype=np.int64), np.array(reads, dtype=np.bool_))
    return make_plan(len(tongue), range(len(quotas)), seed=1, limits=limits, **asked)


def test_quotas_and_languages_bound_the_plan() -> None:
    tongue = [0] * 60 + [1] * 30
    plan = limited((90, 90, 20, 90), tongue, [[1, 1, 1, 0], [0, 1, 1, 1]], k=2)
    summary = summarise(plan)
    assert (summary.double_coded, summary.n_assignments) == (90, 180)
    assert summary.loads[2] == 20
    assert max(summary.loads.values()) - min(summary.loads[one] for one in (0, 1, 3)) <= 50
    assert len(set(zip(plan.post_index.tolist(), plan.annotator_index.tolist(), strict=True))) == 180
    coded_by = {0: set(), 1: set()}  # type: dict[int, set[int]]
    for at, one in zip(plan.post_index.tolist(), plan.annotator_index.tolist(), strict=True):
        coded_by[tongue[at]].add(one)
    assert coded_by[0] <= {0, 1, 2}
    assert coded_by[1] <= {1, 2, 3}
    again = limited((90, 90, 20, 90), tongue, [[1, 1, 1, 0], [0, 1, 1, 1]], k=2)
    assert (again.post_index == plan.post_index).all()
    even = summarise(limited((200, 200, 200), [0] * 100, [[1, 1, 1]], k=2))
    assert sorted(even.loads.values()) == [66, 67, 67]
    assert max(even.overlaps.values()) - min(even.overlaps.values()) <= 2
    # Whoever reads both languages must leave the first to the other.
    chain = summarise(limited((10, 10), [0] * 10 + [1] * 10, [[1, 1], [0, 1]], k=1))
    assert chain.loads == {0: 10, 1: 10}
    with pytest.raises(Refusal) as refusal:
        limited((10, 5), [0] * 10, [[1, 1]], k=2)
    assert "leave 5 codings without an annotator: 20 are asked for, 15 are allowed" in refusal.value.message


def test_posts_that_nobody_reads_are_counted_and_left_out(
    posts: list[Post], cast: Cast, database: Database
) -> None:
    crew = Crew(language_field="lang", languages=((3, ("EN", "fr")), (4, ("en",))))
    with database.reading() as db:
        found = proposed(db, cast, crew=crew)
    assert found.outcome.unread == (("ar", 2),)
    assert found.outcome.thin == (("fr", 6),)
    summary = found.summary()
    assert (summary.n_posts, summary.n_assignments, summary.double_coded) == (18, 30, 12)
    said = dict(described(found.stored(), names={"3": "Ana", "4": "Ben"}))
    assert said["Languages read"] == "Ana: EN, fr; Ben: en (in lang)"
    assert "reads 2 posts, which are left out: ar 2." in said["Not met"]
    assert "Fewer annotators read 6 posts" in said["Not met"]


def test_the_form_leads_to_the_round_and_remembers_languages(
    posts: list[Post], cast: Cast, client_of: ClientOf
) -> None:
    lead: TestClient = client_of(cast.lead)
    path = f"/projects/{cast.project.key}/rounds"
    typed = {
        "title": "Read",
        "purpose": "reliability",
        "posts": "strata",
        "strata_field": "lang",
        "strata_by": "each",
        "per_stratum": "3",
        "annotators": ["3", "4"],
        "coders": "several",
        "k": "2",
        "language_field": "lang",
        "reads-3": "en, fr",
        "quota-4": "8",
    }
    part = lead.get(f"{path}/new/preview", params=typed | {"part": "figures"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "interval of alpha reaches about" in part.text
    assert "With 6 posts coded by 2 annotators each" in part.text
    refused = lead.get(f"{path}/new/preview", params=typed | {"part": "figures", "quota-4": "1"})
    assert refused.status_code == 422
    assert "codings without an annotator" in refused.text
    page = lead.get(f"{path}/new/preview", params=typed, follow_redirects=True)
    assert "Fewer annotators read 2 posts than were to code each" in page.text
    answer = post(lead, path, form_fields(page, path))
    assert answer.status_code == 303
    shown = lead.get(answer.headers["location"]).text
    assert "a random sample of 3 for each value of lang (ar 2, en 3, fr 3)" in shown
    assert "Languages read" in shown
    offered = form_fields(lead.get(f"{path}/new"), "/preview", "get")
    assert (offered["language_field"], offered["reads-3"]) == (["lang"], ["en, fr"])
