"""Repeats, samples and names: what becomes of posts before they are stored."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.corpora.actions import guessed_mapping, import_posts, pseudonym_key
from server.corpora.alike import near_texts, overlap, said_before, same_texts
from server.corpora.compact import Block, Rows
from server.corpora.drafting import post_drafts
from server.corpora.drawing import draw
from server.corpora.mapping import DraftedPosts, PostDraft
from server.corpora.masking import masked, pseudonym, pseudonymised, without_mentions
from server.corpora.models import Post
from server.corpora.reading import read_posts
from server.corpora.treatment import Treatment, treated
from server.db.engine import Database
from server.history.models import HistoryEvent
from tests.browse import form_fields
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import import_shown, path, previewed
from tests.stock import on_one_database

SAID = "we all miss the old one because it was warm and kind and it listened to each of us every day"
ROWS = (
    "post_id,text,author,created_at,lang,author_name\n"
    f'1,"{SAID}",mara,2025-08-08T12:00:00Z,en,Mara K\n'
    f'2,"{SAID.upper()}  https://x.example/2",bo,2025-08-08T12:00:00Z,en,Bo\n'
    f'3,"{SAID} again",mara,2025-08-09T12:00:00Z,fr,Mara K\n'
    "4,@bo something else &amp; more,lee,2025-08-09T12:00:00Z,fr,Lee\n"
).encode()


def posts(content: bytes = ROWS) -> DraftedPosts:
    table = read_posts(content, "x.csv")
    return post_drafts(table, guessed_mapping(table))


def ids(found: DraftedPosts) -> list[str]:
    return [draft.external_id for draft in found.drafts]


# Repeats


def test_the_same_text_but_for_case_space_and_links() -> None:
    texts = ["A  b", "a B https://x.example/1", "a c", "https://x.example/2", "https://x.example/3", "ａ b"]
    assert list(same_texts(texts)) == [0, 0, 2, 3, 4, 0]


def test_what_a_stored_post_says_already() -> None:
    stored = [
        (1, "7", "A  b"),
        (2, "8", "a b"),
        (3, "9", ""),
        (4, "10", "c"),
        (5, "11", "https://x.example/1"),
    ]
    texts = ["a B", "c", "d", "", "https://x.example/2", "A b"]
    # The post with the id 7 is the stored one itself.
    assert said_before(["20", "21", "22", "23", "24", "7"], texts, stored) == {0: (1, "7"), 1: (4, "10")}


def test_repeats_are_linked_without_going_back_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{number} " + "warm and kind " * 1_500 for number in range(30)]
    lines = [f"{number},{text}\n" for number, text in enumerate([*texts, *texts])]
    read = read_posts("".join(["post_id,text\n", *lines]).encode(), "x.csv")
    rows = Rows(2)
    for row in read.rows:
        rows.add(*row)
    table = replace(read, rows=rows)
    drafted = post_drafts(table, guessed_mapping(table))
    found = treated(drafted, Treatment(exact="link"), b"")
    unpacked, unpack = list[int](), Rows._block

    def counted(rows: Rows, block: int) -> Block:
        unpacked.append(block)
        return unpack(rows, block)

    monkeypatch.setattr(Rows, "_block", counted)
    assert [draft.extra["repeats"] for draft in list(found.drafts)[30:]] == ids(found)[:30]
    assert len(found.alike) == len(list(found.alike)) == 30
    assert max(unpacked) >= 5
    assert len(unpacked) < 6 * (max(unpacked) + 1)


AGAIN = ROWS.replace(b"\n1,", b"\n11,").replace(b"\n2,", b"\n12,").replace(b"\n3,", b"\n13,")


@pytest.mark.parametrize(
    ("exact", "n_posts", "links"), [("drop", 4, {}), ("link", 7, {"11": "1", "12": "1", "13": "3"})]
)
def test_repeats_of_posts_that_the_project_has(
    database: Database, cast: Cast, exact: str, n_posts: int, links: dict[str, str]
) -> None:
    with database.writing() as db:
        import_posts(db, cast.lead, "one.csv", ROWS, treatment=Treatment(mentions=True))
        wanted = Treatment(exact=exact, mentions=True)
        outcome = import_posts(db, cast.lead, "two.csv", AGAIN, treatment=wanted)
        rows = db.exec(select(Post).where(Post.project_id == cast.project.id)).all()
    assert (len(rows), len(outcome.plan.alike)) == (n_posts, 3)
    assert {row.external_id: row.extra["repeats"] for row in rows if "repeats" in row.extra} == links
    said = [notice.message for notice in outcome.plan.alike]
    assert said[0].startswith(
        "The text is that of post 1 of the project, but for case, white space and links."
    )
    assert outcome.plan.n_dropped == 3 * (exact == "drop")


def test_nearly_the_same_texts_are_found_and_others_are_not() -> None:
    chance = np.random.default_rng(5)
    words = [f"w{place}" for place in range(4_000)]
    originals = [" ".join(chance.choice(words, 40)) for _ in range(300)]
    # One word more or less leaves nearly all triples; a third of the words exchanged leaves few.
    near = [f"{text} more" for text in originals[:100]]
    far = [" ".join([*text.split()[:20], *chance.choice(words, 20)]) for text in originals[100:200]]
    texts = originals + near + far
    first = near_texts(texts, same_texts(texts))
    assert sum(first[300 + place] == place for place in range(100)) >= 99
    assert list(first[400:]) == list(range(400, 500))
    assert overlap(texts[0], texts[300]) == 38 / 39


@pytest.mark.parametrize(
    ("exact", "near", "kept"),
    [("", "", "1234"), ("keep", "", "1234"), ("drop", "", "134"), ("drop", "drop", "14"), ("", "drop", "14")],
)
def test_repeats_are_kept_or_dropped(exact: str, near: str, kept: str) -> None:
    assert "".join(ids(treated(posts(), Treatment(exact=exact, near=near), b""))) == kept


def test_repeats_are_linked_to_the_first_and_said() -> None:
    found = treated(posts(), Treatment(exact="link", near="keep"), b"")
    assert [draft.extra.get("repeats") for draft in found.drafts] == [None, "1", None, None]
    assert [(row.number, row.message) for row in found.alike] == [
        (
            3,
            "The text is that of row 2, but for case, white space and links. "
            "It is kept with the id of that post.",
        ),
        (4, "The text is nearly that of row 2. It is kept."),
    ]


# Samples


def test_a_seed_draws_the_same_again_and_each_group_has_its_chance() -> None:
    groups = ["a"] * 90 + ["b"] * 10 + ["c"]
    first, again, other = (draw(groups, 5, seed) for seed in (1, 1, 2))
    assert (list(first.places), list(first.fractions)) == (list(again.places), list(again.fractions))
    assert list(first.places) != list(other.places)
    assert first.strata == {"a": (5, 90), "b": (5, 10), "c": (1, 1)}
    chances = {groups[place]: fraction for place, fraction in zip(first.places, first.fractions, strict=True)}
    assert chances == {"a": 5 / 90, "b": 0.5, "c": 1.0}


def test_every_post_has_the_same_chance() -> None:
    drawn = Counter(place for seed in range(2_000) for place in draw([0] * 10, 3, seed).places)
    assert all(abs(drawn[place] - 600) < 5 * (2_000 * 0.3 * 0.7) ** 0.5 for place in range(10))


@pytest.mark.parametrize(
    ("wanted", "n", "fractions"),
    [
        (Treatment(sample="random", size=2), 2, {0.5}),
        (Treatment(sample="field", field="lang", size=1), 2, {0.5}),
        (Treatment(sample="day", size=1), 2, {0.5}),
        (Treatment(sample="author"), 3, {0.5, 1.0}),
        (Treatment(sample="random", size=99), 4, {1.0}),
    ],
)
def test_samples_keep_the_chance_of_each_post(wanted: Treatment, n: int, fractions: set[float]) -> None:
    found = treated(posts(), wanted, b"")
    assert (len(found.drafts), found.n_undrawn) == (n, 4 - n)
    assert {draft.sampling_fraction for draft in found.drafts} == fractions
    assert f"{n} of 4 posts, with the seed 1" in found.said[0]


# Names


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hi @bo, and @mara.bsky.social!", "hi @user, and @user!"),
        (
            "mail me@example.org or see https://x.example/@bo",
            "mail me@example.org or see https://x.example/@bo",
        ),
        ("＠bo", "@user"),
        ("@ noon", "@ noon"),
    ],
)
def test_mentions_are_masked(text: str, shown: str) -> None:
    assert without_mentions(text) == shown
    assert masked(PostDraft(1, "1", text)).text == shown


def test_mentions_are_masked_in_further_columns_and_lists_of_them_are_dropped() -> None:
    kept = {"quoted text": "ask @lea", "mention_count": "2", "links": "https://x.example/@bo"}
    found = masked(PostDraft(1, "1", "x", extra=kept | {"mentions": "lea, bo"}))
    assert found.extra == kept | {"quoted text": "ask @user"}


def test_pseudonyms_are_stable_and_keyed_and_nothing_else_tells_the_name() -> None:
    extra = {"author_name": "Mara K", "followers": "3", "seen": "https://x.example/Mara/1", "lang": "en"}
    draft = PostDraft(1, "1", "x", author="mara", link="https://x.example/mara/1", extra=extra)
    hidden = pseudonymised(draft, b"key")
    assert hidden.author == pseudonym("mara", b"key") != pseudonym("mara", b"other")
    assert (hidden.link, hidden.extra) == (None, {"followers": "3", "lang": "en"})
    assert pseudonymised(PostDraft(1, "1", "x"), b"key").author is None


def test_what_becomes_of_links_is_said() -> None:
    rows = (
        b"post_id,text,author,url\n"
        b"1,a,mara,https://x.com/mara/status/1\n2,b,bo,https://bsky.app/profile/bo/post/2\n"
        b"3,c,lee,https://news.example/3\n"
    )
    found = treated(posts(rows), Treatment(pseudonyms=True), b"key")
    assert [draft.link for draft in found.drafts] == [
        *("https://x.com/i/status/1", None, "https://news.example/3")
    ]
    assert [sentence[:12] for sentence in found.said] == ["1 link is ke", "1 link names"]


def test_names_and_samples_are_stored_and_the_history_says_so(database: Database, cast: Cast) -> None:
    wanted = Treatment(pseudonyms=True, mentions=True, entities=True, sample="random", size=3, seed=7)
    with database.writing() as db:
        import_posts(db, cast.lead, "x.csv", ROWS, treatment=wanted)
        again = import_posts(db, cast.lead, "x.csv", ROWS, treatment=wanted)
        key = pseudonym_key(db, cast.lead)
    with database.reading() as db:
        stored = db.exec(select(Post).where(Post.project_id == cast.lead.project_id)).all()
        event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "posts.import")).one()
    assert again.plan.changes_nothing
    assert len(key) == 32
    assert {post.author for post in stored} <= {pseudonym(name, key) for name in ("mara", "bo", "lee")}
    assert {post.sampling_fraction for post in stored} == {0.75}
    assert not any("author_name" in post.extra for post in stored)
    details = json.loads(event.details)
    assert (details["seed"], details["not_drawn"]) == (7, 1)
    assert key.hex() not in event.details


def test_the_lead_chooses_on_the_preview(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead: TestClient = client_of(cast.lead)
    page = previewed(lead, cast, ROWS)
    changed = import_shown(
        lead, page, pseudonyms="on", mentions="on", entities="on", exact="drop", near="link"
    )
    assert changed.status_code == 409
    assert "You chose something else after this was shown." in changed.text
    assert "The text is that of row 2" in changed.text
    assert "Import 3 posts" in changed.text
    again = lead.post(str(page.url.copy_with(query=None)), data=form_fields(changed, page.url.path))
    assert again.status_code == 303, again.text
    text = lead.get(path(cast, "3")).text
    assert "@user</span> something else &amp; more" in text
    assert "p_" in text
    # Whoever hid names once finds them hidden in the next file, too.
    assert 'name="pseudonyms" value="on" checked' in previewed(lead, cast, ROWS).text


@on_one_database
@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"sample": "random"}, "Say how many posts are to be drawn."),
        ({"sample": "day", "size": "0"}, "1"),
        ({"sample": "field", "size": "3"}, "Choose the column whose values are the strata."),
        ({"sample": "field", "size": "3", "field": "2"}, "This column is used otherwise."),
        ({"near": "maybe"}, "another look"),
    ],
)
def test_wishes_that_make_no_sense_are_said(
    client_of: ClientOf, cast: Cast, choice: dict[str, str], said: str
) -> None:
    lead = client_of(cast.lead)
    answer = import_shown(lead, previewed(lead, cast, ROWS), **choice)
    assert answer.status_code == 422
    assert said in answer.text
