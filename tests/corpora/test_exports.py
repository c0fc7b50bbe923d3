"""Exports of programs that researchers use, known by themselves; the samples here are invented."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from server.corpora.actions import guessed_mapping
from server.corpora.drafting import post_drafts
from server.corpora.mapping import DraftedPosts, PostDraft
from server.corpora.parsing import Table
from server.corpora.reading import read_posts
from tests.corpora.test_parsing import SHARED, needs_shared

FORMATS = SHARED / "formats"


def lines(*objects: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(one) for one in objects).encode()


def read(content: bytes) -> tuple[Table, DraftedPosts]:
    table = read_posts(content, "export")
    return table, post_drafts(table, guessed_mapping(table))


def reasons(table: Table) -> list[tuple[int, str]]:
    return [(row.number, row.reason) for row in table.left_out]


PAGE = {
    "data": [
        {
            "id": "1955550000000000001",
            "text": "RT @bo: I said this &amp; that, at such length that it is cu…",
            "author_id": "7",
            "created_at": "2025-08-08T21:14:00.000Z",
            "lang": "en",
            "conversation_id": "1955550000000000001",
            "referenced_tweets": [{"type": "retweeted", "id": "1955540000000000001"}],
        },
        {
            "id": "1955550000000000002",
            "text": "@bo yes https://t.co/x",
            "author_id": "7",
            "conversation_id": "1955540000000000001",
            "referenced_tweets": [{"type": "replied_to", "id": "1955540000000000001"}],
            "edit_history_tweet_ids": ["1955550000000000000", "1955550000000000002"],
            "attachments": {"media_keys": ["3_1"]},
            "public_metrics": {"like_count": 3},
        },
    ],
    "includes": {
        "users": [{"id": "7", "username": "mara", "name": "Mara"}, {"id": "8", "username": "bo"}],
        "tweets": [
            {
                "id": "1955540000000000001",
                "author_id": "8",
                "text": "I said this &amp; that, at such length that it is cut elsewhere",
            }
        ],
        "media": [{"media_key": "3_1", "url": "https://pbs.example/1.jpg"}],
    },
    "meta": {"result_count": 2},
}


def test_pages_of_x() -> None:
    table, posts = read(lines(PAGE, {"errors": [{"detail": "Not found."}], "meta": {}, "__twarc": {}}))
    assert table.origin.export == "X API v2 (twarc JSONL)"
    assert reasons(table) == [(2, "The answer holds no posts. Not found.")]
    repeated, reply = posts.drafts
    assert repeated.text == "I said this & that, at such length that it is cut elsewhere"
    assert (repeated.external_id, repeated.author) == ("1955550000000000001", "mara")
    assert (repeated.extra["retweet of"], repeated.extra["retweeted author"]) == ("1955540000000000001", "bo")
    assert (repeated.extra["language"], repeated.link) == (
        "en",
        "https://x.com/mara/status/1955550000000000001",
    )
    assert (reply.thread_key, reply.parent_key) == ("1955540000000000001", "1955540000000000001")
    assert reply.extra["edits"] == "1955550000000000000, 1955550000000000002"
    assert (reply.extra["media"], reply.extra["likes"]) == ("https://pbs.example/1.jpg", "3")


def test_one_page_of_x_as_indented_json_is_the_same() -> None:
    table, posts = read(json.dumps(PAGE, indent=2).encode())
    assert (table.origin.export, len(posts.drafts)) == ("X API v2 (twarc JSONL)", 2)


def test_x_flattened() -> None:
    flat = {
        "id": "5",
        "text": "RT @bo: cu…",
        "author_id": "7",
        "author": {"id": "7", "username": "mara"},
        "referenced_tweets": [
            {"type": "retweeted", "id": "4", "text": "cut no more", "author": {"username": "bo"}}
        ],
        "__twarc": {},
    }
    table, posts = read(lines(flat))
    assert (table.origin.export, posts.drafts[0].text) == ("twarc, flattened", "cut no more")


def test_a_table_of_twarc() -> None:
    header = "id,conversation_id,author_id,text,author.username,referenced_tweets.replied_to.id,lang\n"
    table, posts = read((header + "1955550000000000001,9,7,one\\ntwo &lt;3,mara,9,en\n").encode())
    (post,) = posts.drafts
    assert (table.origin.export, post.text, post.author) == ("twarc CSV", "one\ntwo <3", "mara")
    assert (post.thread_key, post.parent_key, post.extra["lang"]) == ("9", "9", "en")
    assert post.link == "https://x.com/mara/status/1955550000000000001"


COMMENT = {"id": "eew1", "body": "a &gt; b", "author": "bo", "subreddit": "nrl", "link_id": "t3_aj1"} | {
    "parent_id": "t1_eew0",
    "created_utc": 1548381039,
    "permalink": "/r/nrl/comments/aj1/_/eew1/",
}


def test_comments_of_reddit() -> None:
    table, posts = read(
        lines(
            COMMENT,
            COMMENT | {"id": "eew2", "body": "[deleted]", "author": "[deleted]"},
            COMMENT | {"id": "eew3", "body": "[removed]"},
            COMMENT | {"id": "eew4", "body": "later", "author": "[deleted]", "created_utc": "1548381039"},
        )
    )
    first, later = posts.drafts
    assert table.origin.export == "Reddit comments (RC)"
    assert (first.text, first.thread_key, first.parent_key) == ("a > b", "aj1", "eew0")
    assert first.link == "https://www.reddit.com/r/nrl/comments/aj1/_/eew1/"
    assert (later.author, later.posted_at) == (None, first.posted_at)
    assert reasons(table) == [
        (2, "The post was deleted by its author; no text is left."),
        (3, "The post was removed by moderators; no text is left."),
    ]


def test_submissions_of_reddit() -> None:
    submission = {
        "id": "abc",
        "title": "Q &amp; A",
        "selftext": "Ask me.",
        "subreddit": "q",
        "author": "x",
    } | {
        "created_utc": 1546300800,
        "is_self": True,
        "permalink": "/r/q/comments/abc/x/",
        "url": "https://www.reddit.com/r/q/comments/abc/x/",
    }
    linked = submission | {"id": "abd", "selftext": "", "is_self": False, "url": "https://news.example/1"}
    removed = submission | {"id": "abe", "selftext": "[ Removed by Reddit ]", "author": "[deleted]"}
    table, posts = read(lines(submission, linked, removed, removed | {"title": "[deleted by user]"}))
    assert [post.text for post in posts.drafts] == ["Q & A\n\nAsk me.", "Q & A", "Q & A"]
    assert [post.extra.get("linked") for post in posts.drafts] == [None, "https://news.example/1", None]
    kept = posts.drafts[2]
    assert (kept.author, kept.extra["below the title"]) == (None, "[ Removed by Reddit ]")
    assert (table.origin.export, [row.number for row in table.left_out]) == ("Reddit submissions (RS)", [4])


def test_zeeschuimer_of_tiktok_and_of_another_platform() -> None:
    envelope = {
        "item_id": "72",
        "source_platform": "tiktok.com",
        "timestamp_collected": 1684325000000,
        "id": 1,
    }
    video = {"id": "72", "desc": "day 3", "createTime": 1684324801, "author": {"uniqueId": "river"}}
    other = {
        "caption": {"text": "a photo"},
        "user": {"username": "lee"},
        "taken_at": 1684324801,
        "code": "Cx",
    }
    table, posts = read(
        lines(
            envelope | {"data": video},
            envelope | {"item_id": "73", "source_platform": "instagram.com", "data": other},
            envelope | {"item_id": "74", "data": video | {"desc": ""}},
        )
    )
    assert (table.origin.export, [row.number for row in table.left_out]) == ("Zeeschuimer", [3])
    assert [(post.external_id, post.text, post.author, post.link) for post in posts.drafts] == [
        ("72", "day 3", "river", "https://www.tiktok.com/@river/video/72"),
        ("73", "a photo", "lee", "https://www.instagram.com/p/Cx/"),
    ]
    assert all(post.posted_at for post in posts.drafts)


def seen_on_x(item_id: str, user: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An item as Zeeschuimer keeps what X sends to a browser."""
    legacy = {"created_at": "Fri Aug 08 21:14:00 +0000 2025", "full_text": "short"} | more.pop("legacy", {})
    author = {"user_results": {"result": user}}
    data = {"rest_id": item_id, "core": author, "legacy": legacy | {"id_str": item_id}} | more
    envelope = {"item_id": item_id, "source_platform": "twitter.com", "timestamp_collected": 1754687640000}
    return envelope | {"data": data, "id": 1}


MARA = {"core": {"screen_name": "mara", "name": "Mara"}, "legacy": {"followers_count": 1}}
BO = {"legacy": {"screen_name": "bo", "name": "Bo"}}


def test_zeeschuimer_of_x_has_authors_whole_retweets_and_long_posts() -> None:
    note = {"note_tweet_results": {"result": {"text": "long &gt; 280 characters"}}}
    quoted = seen_on_x("3", BO, legacy={"full_text": "quoted &amp; all"})["data"]
    entities = {"user_mentions": [{"screen_name": "lea"}], "hashtags": [{"text": "boat"}]}
    first = seen_on_x("2", BO, note_tweet=note, quoted_status_result={"result": quoted})["data"]
    first["legacy"]["entities"] = entities
    cut = {"full_text": "RT @bo: long &gt; 28…", "retweeted_status_result": {"result": {"tweet": first}}}
    table, posts = read(
        lines(
            seen_on_x("5", MARA, legacy=cut),
            seen_on_x("6", BO, legacy={"full_text": "a &amp; b", "in_reply_to_status_id_str": "5"}),
        )
    )
    repeated, reply = posts.drafts
    assert (table.origin.export, repeated.author, repeated.text) == (
        *("Zeeschuimer", "mara", "long > 280 characters"),
    )
    assert repeated.link == "https://x.com/mara/status/5"
    assert {name: repeated.extra[name] for name in ("author name", "kind", "retweet of")} == {
        **{"author name": "Mara", "kind": "retweeted", "retweet of": "2"},
    }
    assert repeated.extra["retweeted author"] == "bo"
    assert (repeated.extra["quoted post"], repeated.extra["quoted text"]) == ("3", "quoted & all")
    assert (repeated.extra["hashtags"], repeated.extra["mentions"]) == ("boat", "lea")
    assert (reply.author, reply.text, reply.parent_key) == ("bo", "a & b", "5")
    assert (reply.extra["kind"], "retweet of" in reply.extra) == ("replied_to", False)


def test_comments_of_youtube() -> None:
    one = {"cid": "UgA", "text": "hi", "time": "1 year ago", "author": "@m", "votes": "1.2K", "reply": False}
    reply = one | {"cid": "UgA.R1", "reply": True, "time_parsed": 1682932353.5}
    table, posts = read(lines(one, reply))
    assert table.origin.export == "youtube-comment-downloader"
    assert [(post.thread_key, post.parent_key) for post in posts.drafts] == [("UgA", None), ("UgA", "UgA")]
    assert posts.drafts[1].posted_at is not None
    csv = b"id,publishedAt,authorName,text,isReplyTo\nUgA,2023-05-01 09:12:33,M,=1+1,\nUgA.R1,,Jo,yes,UgA\n"
    table, posts = read(csv)
    assert (table.origin.export, posts.drafts[0].text) == ("YouTube Data Tools", "=1+1")
    assert [(post.thread_key, post.parent_key) for post in posts.drafts] == [("UgA", None), ("UgA", "UgA")]


TABLES = {
    "4CAT": "id,thread_id,body,author,timestamp,tiktok_url\n1,1,hello,bo,2023-05-17 12:00:01,https://a.example/1\n"
    "2,2,,bo,2023-05-17 12:00:01,\n",
    "4CAT, X": "id,thread_id,subject,body,author,timestamp,link,is_retweet,is_quote_tweet\n"
    "1,1,,hello,bo,2023-05-17 12:00:01,https://a.example/1,no,no\n",
    "Communalytic": "id,username,date,text\nat://a/1,bo,2024-11-01T22:13:05.123Z,hello\n",
    "Meta Content Library": "id,creation_time,text,post_owner.id,post_owner.name\n"
    "1,2024-05-01T10:00:00+00:00,hello,2,bo\n2,2024-05-01T10:00:00+00:00,,2,bo\n",
    "Brandwatch": "Report:,Mentions\n\nQuery Id,Query Name,Date,Url,Author,Full Text\n"
    "9,q,2023-03-02 10:11:12.0,https://a.example/1,bo,hello\n",
    "CrowdTangle": "Page Name,User Name,Facebook Id,Post Created,URL,Message\n"
    "B,bo,9,2021-06-01 12:30:00 EDT,https://a.example/1,hello\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_programs(name: str) -> None:
    table, posts = read(TABLES[name].encode())
    (post,) = posts.drafts
    assert (table.origin.export, post.text, post.author) == (name, "hello", "bo")
    assert post.posted_at is not None
    assert len(table.left_out) == (name in {"4CAT", "Meta Content Library"})


@pytest.mark.parametrize("author", ["author", "account_username", "author_nickname", "author_screen_name"])
def test_authors_and_titles_in_each_table_of_4cat(author: str) -> None:
    """Gab and Truth, Douyin, VK and Xiaohongshu call them otherwise than the rest."""
    rows = f"id,thread_id,title,body,author_id,{author},timestamp\n1,1,Title,text,9,bo,2023-05-17 12:00:01\n"
    (post,) = read(rows.encode())[1].drafts
    assert (post.text, post.author) == ("Title\n\ntext", "bo")


def test_what_was_deleted_is_no_post_in_tables_either() -> None:
    table, posts = read(
        b"id,thread_id,subject,body,author,timestamp\n1,1,,hello,[deleted],2023-05-17 12:00:01\n"
        b"2,1,,[removed],bo,2023-05-17 12:00:01\n3,1,Kept,[deleted],bo,2023-05-17 12:00:01\n"
        b"4,1,,[deleted scenes] are here,bo,2023-05-17 12:00:01\n"
    )
    assert [(post.text, post.author) for post in posts.drafts] == [
        *(("hello", None), ("Kept", "bo"), ("[deleted scenes] are here", "bo")),
    ]
    assert reasons(table) == [(3, "The post was removed by moderators; no text is left.")]
    table, posts = read(b"id,username,date,text\n1,[deleted],2024-11-01,hello\n2,bo,2024-11-01,[deleted]\n")
    assert ([post.author for post in posts.drafts], len(table.left_out)) == ([None], 1)


def test_a_record_unlike_the_others_is_refused_alone() -> None:
    table, posts = read(lines(COMMENT, {"id": "x"}, COMMENT | {"id": "eew9"}))
    assert len(posts.drafts) == 2
    assert "not like the others" in table.refused[0].reason


@pytest.mark.parametrize("odd", [None, 1, "x", [], [1], {}, {"a": 1}, True])
def test_odd_values_in_known_exports_are_no_mistakes_of_the_program(odd: Any) -> None:
    for record in (PAGE, COMMENT):
        for changed in _with_odd(record, odd):
            read(lines(record, record, changed))


def _with_odd(record: dict[str, Any], odd: Any) -> Iterator[dict[str, Any]]:
    for name, value in record.items():
        yield record | {name: odd}
        if isinstance(value, dict):
            yield from ({**record, name: inner} for inner in _with_odd(value, odd))
        if isinstance(value, list) and isinstance(value[0], dict):
            yield from ({**record, name: [inner, *value[1:]]} for inner in _with_odd(value[0], odd))


# The real exports

REAL = {
    "4cat/bsky.csv": ("4CAT", 1, 0, 0),
    "4cat/telegram.csv": ("4CAT", 1, 0, 0),
    "4cat/tiktok.csv": ("4CAT", 1, 1, 0),
    "4cat/twitterv2.csv": ("4CAT, X", 40, 0, 0),
    "other/communalytic_bluesky.csv": ("Communalytic", 2, 0, 0),
    "other/meta_content_library_facebook.csv": ("Meta Content Library", 1, 1, 0),
    "reddit/pushshift_RC_comments.ndjson": ("Reddit comments (RC)", 58, 2, 0),
    "reddit/pushshift_RS_submissions.ndjson": ("Reddit submissions (RS)", 4, 1, 0),
    "x-twitter/api_v2_edited.jsonl": ("X API v2 (twarc JSONL)", 1, 0, 0),
    "x-twitter/api_v2_geo_tweets.jsonl": ("X API v2 (twarc JSONL)", 2, 0, 0),
    "x-twitter/api_v2_page_brexit.jsonl.gz": ("X API v2 (twarc JSONL)", 100, 0, 0),
    "x-twitter/api_v2_streaming_output_with_error.jsonl": ("X API v2 (twarc JSONL)", 7, 0, 1),
    "x-twitter/twarc2_csv_brexit_100.csv": ("twarc CSV", 100, 0, 0),
    "x-twitter/twarc2_flat_40.jsonl": ("twarc, flattened", 40, 0, 0),
    "youtube/youtube_comment_downloader.ndjson": ("youtube-comment-downloader", 5, 0, 0),
    "youtube/youtube_data_tools_comments.csv": ("YouTube Data Tools", 5, 0, 0),
    "zeeschuimer/tiktok.ndjson": ("Zeeschuimer", 2, 1, 0),
}


def drafts_of(name: str) -> dict[str, PostDraft]:
    _table, posts = read((FORMATS / name).read_bytes())
    return {post.external_id: post for post in posts.drafts}


@needs_shared
@pytest.mark.parametrize("name", REAL)
def test_real_exports_are_known_and_need_no_correction(name: str) -> None:
    table, posts = read((FORMATS / name).read_bytes())
    outcome = (table.origin.export, len(posts.drafts), len(posts.left_out), len(posts.refused))
    assert outcome == REAL[name]
    assert not posts.notices
    assert all(post.posted_at for post in posts.drafts)


@needs_shared
def test_a_page_of_x_and_the_table_that_twarc_made_of_it_are_the_same_posts() -> None:
    page, table = (
        drafts_of("x-twitter/api_v2_page_brexit.jsonl.gz"),
        drafts_of("x-twitter/twarc2_csv_brexit_100.csv"),
    )
    assert page.keys() == table.keys()
    for post_id, post in page.items():
        other = table[post_id]
        assert (post.text, post.author, post.posted_at) == (other.text, other.author, other.posted_at)
        assert (post.thread_key, post.parent_key) == (other.thread_key, other.parent_key)
        assert post.link == other.link
