"""From rows to posts: guesses, drafts, dates, and what an import will do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.corpora.dates import read_time
from server.corpora.drafting import post_drafts
from server.corpora.guessing import ColumnGuess, guess_columns
from server.corpora.mapping import DraftedPosts, Mapping, PostDraft, check_mapping
from server.corpora.parsing import Table, read_table
from server.corpora.planning import ImportPlan, Known, StoredPost, plan_import
from server.errors import Refusal
from tests.corpora.files import content_hash

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets are not here")

FULL = Mapping("id", "text", "author", "date", "link")
HEADER = "id,text,author,date,link,lang\n"


def table(text: str) -> Table:
    return read_table(text.encode(), "posts.csv")


def drafted(rows: str, mapping: Mapping = FULL, header: str = HEADER) -> DraftedPosts:
    return post_drafts(table(header + rows), mapping)


def guessed(text: str) -> ColumnGuess:
    read = table(text)
    return guess_columns(read.columns, read.rows)


def stored(posts: DraftedPosts, coded: bool = False) -> Known:
    return Known({draft.external_id: StoredPost(content_hash(draft), coded) for draft in posts.drafts})


def sizes(plan: ImportPlan) -> tuple[int, ...]:
    groups = (plan.new, plan.unchanged, plan.changed, plan.locked, plan.duplicates, plan.refused)
    return tuple(len(group) for group in groups)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "post_id,text,author,created_at,link\n1,hello,mara,2025-08-06,https://x.example/1\n",
            ColumnGuess("post_id", "text", "author", "created_at", "link"),
        ),
        (
            "Full Text,tweetId,User Name,Created At,URL\nhello,12,mara,2025-08-06,https://x.example/1\n",
            ColumnGuess("tweetId", "Full Text", "User Name", "Created At", "URL"),
        ),
        (
            "Nr;Beitrag;Autorin;Datum;Verweis\n1;hallo;mara;2025-08-06;https://x.example/1\n",
            ColumnGuess("Nr", "Beitrag", "Autorin", "Datum", "Verweis"),
        ),
        (
            "identifiant;contenu;auteur;date;lien\n1;salut;mara;2025-08-06;https://x.example/1\n",
            ColumnGuess("identifiant", "contenu", "auteur", "date", "lien"),
        ),
        ("id,body,timestamp\nt1_a,hello,1754481600\n", ColumnGuess("id", "body", None, "timestamp")),
    ],
)
def test_columns_are_guessed_by_name(text: str, expected: ColumnGuess) -> None:
    assert guessed(text) == expected


def test_columns_are_guessed_by_content() -> None:
    text = "a,b,c,d\n17,A sentence about something.,2025-08-06 10:00,https://x.example/1\n"
    text += "18,Another sentence about it.,2025-08-07 10:00,https://x.example/2\n"
    assert guessed(text) == ColumnGuess("a", "b", None, "c", "d")


def test_a_name_gives_way_to_contents_that_cannot_be_it() -> None:
    text = "id,text,link,date,timestamp\n1,hello,yes,Monday,2025-08-06\n"
    guess = guessed(text)
    assert (guess.link, guess.date) == (None, "timestamp")


def test_the_address_of_the_author_is_not_the_link_of_the_post() -> None:
    assert guessed("id,text,author_url\n1,hello,https://x.example/mara\n").link is None


def test_columns_are_guessed_without_rows_by_name_alone() -> None:
    assert guess_columns(["text", "id"], []) == ColumnGuess("id", "text")
    assert guess_columns([], []) == ColumnGuess()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-08-06T12:00:00Z", datetime(2025, 8, 6, 12, tzinfo=UTC)),
        ("2025-08-06T12:00:00.5+02:00", datetime(2025, 8, 6, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2025-08-06T12:00:00-0500", datetime(2025, 8, 6, 17, tzinfo=UTC)),
        (" 2025-08-06 12:00:01 ", datetime(2025, 8, 6, 12, 0, 1, tzinfo=UTC)),
        ("2025-08-06 12:00:01 UTC", datetime(2025, 8, 6, 12, 0, 1, tzinfo=UTC)),
        ("2025-08-06", datetime(2025, 8, 6, tzinfo=UTC)),
        ("Wed Aug 06 12:00:00 +0000 2025", datetime(2025, 8, 6, 12, tzinfo=UTC)),
        ("1754481600", datetime(2025, 8, 6, 12, tzinfo=UTC)),
        ("1754481600.0", datetime(2025, 8, 6, 12, tzinfo=UTC)),
        ("1754481600500", datetime(2025, 8, 6, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("08/06/2025", None),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+10:00", None),
        ("2025-02-30", None),
        ("1440716895355764743", None),
        ("1900-01-01", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2100-12-31 23:59:59", datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1899-12-31 23:59:59", None),
        ("1900-01-01T00:30:00+01:00", None),
        ("2101-01-01", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("Fri Dec 31 12:00:00 +0000 9999", None),
        ("9999999999", None),
    ],
)
def test_times_are_read(text: str, expected: datetime | None) -> None:
    assert read_time(text) == expected


@given(st.text(max_size=40))
def test_no_text_surprises_the_reader_of_times(text: str) -> None:
    moment = read_time(text)
    assert moment is None or moment.tzinfo is UTC


def test_a_row_becomes_a_draft() -> None:
    posts = drafted('1440716895355764743,"Hi\r\nthere ",mara,2025-08-06 10:00,https://x.example/1,en\n')
    assert posts.drafts == [
        PostDraft(
            row_number=2,
            external_id="1440716895355764743",
            text="Hi\nthere ",
            author="mara",
            posted_at=datetime(2025, 8, 6, 10, tzinfo=UTC),
            posted_at_text="2025-08-06 10:00",
            link="https://x.example/1",
            extra={"lang": "en"},
        )
    ]
    assert (posts.duplicates, posts.refused, posts.notices) == ([], [], [])


def test_columns_without_a_role_become_extra_fields_and_empty_cells_nothing() -> None:
    draft = drafted("1,a,mara,2025-08-06,,\n", Mapping("id", "text")).drafts[0]
    assert (draft.author, draft.extra) == (None, {"author": "mara", "date": "2025-08-06"})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (" ,a,,,,", "no id"),
        ("1,  ,,,,", "no text"),
        ("x" * 201 + ",a,,,,", "longer than 200"),
        ("1.44072E+18,a,,,,", "rounded by a spreadsheet"),
        ('"1,44072E+18",a,,,,', "rounded by a spreadsheet"),
    ],
)
def test_rows_without_id_or_text_are_refused_with_their_number(row: str, reason: str) -> None:
    posts = drafted(f"0,fine,,,,\n{row}\n")
    assert [(refused.number, reason in refused.reason) for refused in posts.refused] == [(3, True)]


def test_rows_that_the_table_refused_are_among_the_refused() -> None:
    posts = drafted("1,a,,,,,,too many\n,b,,,,\n")
    assert [row.number for row in posts.refused] == [2, 3]


def test_different_texts_under_one_id_are_refused_and_all_rows_named() -> None:
    posts = drafted("1,a,,,,\n2,b,,,,\n1,c,,,,\n1,a,,,,\n")
    assert [draft.external_id for draft in posts.drafts] == ["2"]
    assert [row.number for row in posts.refused] == [2, 4, 5]
    assert all("Rows 2, 4 and 5 give the id “1” to different texts" in row.reason for row in posts.refused)


def test_repeated_rows_count_as_duplicates() -> None:
    posts = drafted("1,a,,,,en\n1,a,,,,en\n1,a,,,,fr\n")
    assert ([draft.row_number for draft in posts.drafts], posts.refused) == ([2], [])
    assert [(notice.number, "other cells differ" in notice.message) for notice in posts.duplicates] == [
        (3, False),
        (4, True),
    ]


def test_the_same_text_under_two_ids_is_two_posts() -> None:
    assert len(drafted("1,a,,,,\n2,a,,,,\n").drafts) == 2


def test_unreadable_dates_and_links_are_reported_and_kept() -> None:
    posts = drafted("1,a,,last week,javascript:alert(1),\n")
    draft = posts.drafts[0]
    assert (draft.posted_at, draft.posted_at_text, draft.link) == (None, "last week", None)
    assert draft.extra == {"link": "javascript:alert(1)"}
    assert [notice.number for notice in posts.notices] == [2, 2]


def test_a_date_beyond_any_calendar_of_posts_is_kept_as_text_and_reported() -> None:
    posts = drafted("1,a,,9999-12-31,,\n2,b,,0001-01-01,,\n")
    assert [(draft.posted_at, draft.posted_at_text) for draft in posts.drafts] == [
        (None, "9999-12-31"),
        (None, "0001-01-01"),
    ]
    assert [notice.number for notice in posts.notices] == [2, 3]


def test_completed_rows_are_reported() -> None:
    posts = drafted("1,a\n2\n")
    assert ([notice.number for notice in posts.notices], [row.number for row in posts.refused]) == ([2], [3])


def test_a_mapping_that_does_not_fit_says_so_at_its_fields() -> None:
    with pytest.raises(Refusal) as caught:
        check_mapping(["id", "text"], Mapping("id", "id", author="who"))
    assert set(caught.value.fields) == {"text", "author"}
    with pytest.raises(Refusal):
        drafted("1,a,,,,\n", Mapping("id", "body"))


def test_a_plan_sorts_posts_by_what_is_there() -> None:
    before = drafted("1,a,,,,\n2,b,,,,\n3,c,,,,\n")
    existing = Known(stored(before) | {"3": StoredPost("something else", has_codings=True)})
    plan = plan_import(drafted("1,a,,,,\n2,B,,,,\n3,c,,,,\n4,d,,,,\n4,d,,,,\n,e,,,,\n"), existing)
    assert sizes(plan) == (1, 1, 1, 1, 1, 1)
    assert not plan.changes_nothing


def test_the_same_file_again_changes_nothing() -> None:
    posts = drafted("1,a,mara,last week,https://x.example/1,en\n2,a,,2025-08-06,,\n")
    plan = plan_import(posts, stored(posts, coded=True))
    assert (sizes(plan), plan.changes_nothing) == ((0, 2, 0, 0, 0, 0), True)


def test_the_hash_is_stable_and_sees_content_only() -> None:
    draft = drafted("1,a,mara,2025-08-06T10:00:00Z,https://x.example/1,en\n").drafts[0]
    assert content_hash(draft) == "aeab1d2ce56f861ea06348dd884e046580cabecf7110f2dfeeb5571b6a56b3f7"
    same = draft._replace(row_number=9, external_id="2", posted_at_text="2025-08-06 12:00:00+02:00")
    assert content_hash(same) == content_hash(draft)
    reordered = draft._replace(extra={"b": "1", "a": "2"}), draft._replace(extra={"a": "2", "b": "1"})
    assert content_hash(reordered[0]) == content_hash(reordered[1])
    others = [
        draft._replace(text="b"),
        draft._replace(author=None),
        draft._replace(posted_at=None),
        draft._replace(link=None),
        draft._replace(extra={}),
        draft._replace(thread_key="t"),
        draft._replace(parent_key="t"),
    ]
    assert len({content_hash(other) for other in [draft, *others]}) == 8


@pytest.mark.parametrize(
    ("columns", "thread", "parent"),
    [
        ("id,conversation_id,referenced_tweets.replied_to.id,in_reply_to_user_id", 1, 2),
        ("id,thread_id,body,replied_to_post", 1, 3),
        ("id,thread_id,chat,body,is_reply,reply_to", 1, 5),
        ("id,text,isReply,isReplyTo,isReplyToName", None, 3),
        ("id,body,link_id,parent_id", 2, 3),
        ("identifiant,texte,fil,réponse à", 2, 3),
        ("id,text,in_reply_to_username", None, None),
    ],
)
def test_threads_and_the_posts_answered_are_guessed(
    columns: str, thread: int | None, parent: int | None
) -> None:
    names = columns.split(",")
    guess = guess_columns(names, [])
    expected = [None if place is None else names[place] for place in (thread, parent)]
    assert [guess.thread, guess.parent] == expected


def _threaded(rows: str) -> DraftedPosts:
    mapping = Mapping("id", "text", thread="thread", parent="parent")
    return post_drafts(table("id,text,thread,parent\n" + rows), mapping)


@pytest.mark.parametrize(
    ("row", "thread", "parent"),
    [
        ("2,a,1, 1 \n", "1", "1"),
        ("2,a,,\n", None, None),
        ("2,a,NaN,None\n", None, None),
        ("eew5j0j,a,t3_ajis4z,t1_eew18eq\n", "ajis4z", "eew18eq"),
        ("t1_eew5j0j,a,t3_ajis4z,t1_eew18eq\n", "t3_ajis4z", "t1_eew18eq"),
        ("2,a,t1_Not a name,t1_\n", "t1_Not a name", "t1_"),
    ],
)
def test_threads_are_named_as_posts_are(row: str, thread: str | None, parent: str | None) -> None:
    [draft] = _threaded(row).drafts
    assert (draft.thread_key, draft.parent_key, draft.extra) == (thread, parent, {})


@pytest.mark.parametrize("key", ["1.44071E+18", "x" * 201])
def test_what_can_be_no_id_makes_no_thread_and_is_reported(key: str) -> None:
    posts = _threaded(f"2,a,{key},1\n")
    [draft] = posts.drafts
    assert (draft.thread_key, draft.parent_key, draft.extra) == (None, "1", {"thread": key})
    assert "is not the id of a thread" in posts.notices[0].message


def test_posts_without_threads_keep_the_hash_they_always_had() -> None:
    draft = PostDraft(2, "1", "hello", author="mara", link="https://x.example/1", extra={"lang": "en"})
    assert content_hash(draft).startswith("d1fc3617cca0")


@needs_shared
@pytest.mark.parametrize(
    ("name", "count"), [("ecosent", 339), ("narrative_frames", 428), ("goemotions_slice", 4703)]
)
def test_real_posts_are_guessed_drafted_and_imported_once(name: str, count: int) -> None:
    path = SHARED / name / "posts.csv"
    read = read_table(path.read_bytes(), path.name)
    guess = guess_columns(read.columns, read.rows[:50])
    threads = ("thread_id", "parent_id") if name == "goemotions_slice" else (None, None)
    assert guess == ColumnGuess("post_id", "text", "author", "created_at", None, *threads)
    posts = post_drafts(read, Mapping("post_id", "text", "author", "created_at", None, *threads))
    assert (len(posts.drafts), posts.refused, posts.duplicates, posts.notices) == (count, [], [], [])
    assert sizes(plan_import(posts, Known())) == (count, 0, 0, 0, 0, 0)
    assert plan_import(posts, stored(posts)).changes_nothing
