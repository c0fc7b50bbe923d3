"""The exports of `shared/data/formats`, read with `json` and `csv` alone: what an import of each has to hold.

Nothing here knows the program's own readers. A post that a file gives no text for is not expected.
"""

import csv
import gzip
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from tests.conftest import SHARED

FORMATS = SHARED / "data" / "formats"
Record = dict[str, Any]


class Told(NamedTuple):
    """A post as the final dataset has it: cells as a CSV holds them, without the guards of formulas."""

    post_id: str
    text: str
    author: str
    posted_at: str
    thread_id: str = ""
    parent_id: str = ""


def moment(stated: str | float) -> str:
    """A time of a file as ISO 8601 in UTC, to the second; Unix time where it is a number."""
    try:
        read = datetime.fromtimestamp(float(stated), UTC)
    except ValueError:
        read = datetime.fromisoformat(str(stated))
    return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC).isoformat(timespec="seconds")


def lines(path: Path) -> Iterator[Record]:
    """The objects of a file of JSON lines, without the lines that are broken."""
    whole = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in whole.decode().splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def cells(path: Path) -> Iterator[Record]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source)


def pages_of_x(path: Path) -> Iterator[Told]:
    """Answers of the API: a retweet has its full text among what came along."""
    for answer in lines(path):
        data, included = answer.get("data", []), answer.get("includes", {})
        names = {user["id"]: user["username"] for user in included.get("users", ())}
        whole = {tweet["id"]: tweet for tweet in included.get("tweets", ())}
        for tweet in data if isinstance(data, list) else [data]:
            yield _tweet(tweet, names.get(tweet["author_id"], ""), whole)


def flat_of_x(path: Path) -> Iterator[Told]:
    """One post a line, with whom it refers to inside."""
    for tweet in lines(path):
        inside = {one["id"]: one for one in tweet.get("referenced_tweets", ()) if "text" in one}
        yield _tweet(tweet, tweet["author"]["username"], inside)


def _tweet(tweet: Record, author: str, whole: dict[str, Record]) -> Told:
    refers = {one["type"]: one["id"] for one in tweet.get("referenced_tweets", ())}
    source = whole.get(refers.get("retweeted", ""), tweet)
    thread, parent = tweet.get("conversation_id", ""), refers.get("replied_to", "")
    return Told(
        tweet["id"],
        unescape(source["text"]),
        author or tweet["author_id"],
        moment(tweet["created_at"]),
        thread,
        parent,
    )


def table_of_twarc(_path: Path) -> Iterator[Told]:
    """The table was made of the answer of the same name: its posts are those, whatever its cells say."""
    return pages_of_x(FORMATS / "x-twitter/api_v2_page_brexit.jsonl.gz")


def fourcat_of_x(_path: Path) -> Iterator[Told]:
    """The first forty posts of the same answer; 4CAT has no column for the post that is answered."""
    for post in islice(table_of_twarc(FORMATS), 40):
        yield post._replace(parent_id="")


def comments_of_reddit(path: Path) -> Iterator[Told]:
    for one in lines(path):
        if one["body"] not in {"[deleted]", "[removed]"}:
            parent, thread = one["parent_id"][3:], one["link_id"][3:]
            author = one["author"].replace("[deleted]", "")
            yield Told(one["id"], unescape(one["body"]), author, moment(one["created_utc"]), thread, parent)


def submissions_of_reddit(path: Path) -> Iterator[Told]:
    for one in lines(path):
        if one["selftext"] != "[removed]":
            text = "\n\n".join(filter(None, (one["title"], one["selftext"])))
            yield Told(one["id"], unescape(text), one["author"], moment(one["created_utc"]), one["id"])


def downloader_of_youtube(path: Path) -> Iterator[Told]:
    for one in lines(path):
        above = one["cid"].split(".")[0]
        yield Told(
            one["cid"],
            one["text"],
            one["author"],
            moment(one["time_parsed"]),
            above,
            above if one["reply"] else "",
        )


def tools_of_youtube(path: Path) -> Iterator[Told]:
    for one in cells(path):
        above = one["isReplyTo"]
        yield Told(
            one["id"],
            one["text"],
            one["authorName"],
            moment(one["publishedAt"]),
            above or one["id"],
            above,
        )


def items_of_tiktok(path: Path) -> Iterator[Told]:
    for one in lines(path):
        data = one["data"]
        if data["desc"]:
            yield Told(one["item_id"], data["desc"], data["author"]["uniqueId"], moment(data["createTime"]))


def table(post_id: str, text: str, author: str, date: str, thread: str = "") -> Callable[..., Iterator[Told]]:
    """A reader of tables with these columns."""

    def read(path: Path) -> Iterator[Told]:
        for one in cells(path):
            if one[text]:
                yield Told(one[post_id], one[text], one[author], moment(one[date]), one.get(thread, ""))

    return read


_fourcat = ("id", "body", "author")
# Each file: the reader, and words that its page of looking over has to say, with the number of the row.
READ: dict[str, tuple[Callable[[Path], Iterator[Told]], tuple[tuple[int, str], ...]]] = {
    **{
        f"x-twitter/api_v2_{name}": (pages_of_x, ())
        for name in (
            "cotweet.jsonl",
            "edited.jsonl",
            "geo_tweets.jsonl",
            "many_urls.jsonl",
            "mentions_tweet.jsonl",
            "page_brexit.jsonl.gz",
            "page_two_tweets.jsonl",
            "quoted_edit.jsonl",
        )
    },
    "x-twitter/api_v2_streaming_output_with_error.jsonl": (
        pages_of_x,
        ((8, "The line is cut off: its JSON does not end."),),
    ),
    "x-twitter/twarc2_csv_brexit_100.csv": (table_of_twarc, ()),
    "x-twitter/twarc2_flat_40.jsonl": (flat_of_x, ()),
    "reddit/pushshift_RC_comments.ndjson": (
        comments_of_reddit,
        ((8, "The post was deleted by its author"), (9, "The post was removed by moderators")),
    ),
    "reddit/pushshift_RS_submissions.ndjson": (
        submissions_of_reddit,
        ((3, "The post was removed by moderators"),),
    ),
    "youtube/youtube_comment_downloader.ndjson": (downloader_of_youtube, ()),
    "youtube/youtube_data_tools_comments.csv": (tools_of_youtube, ()),
    "4cat/bsky.csv": (table(*_fourcat, "created_at", "thread_id"), ()),
    "4cat/telegram.csv": (table(*_fourcat, "timestamp", "thread_id"), ()),
    "4cat/tiktok.csv": (table(*_fourcat, "timestamp", "thread_id"), ((3, "The post has no text"),)),
    "4cat/twitterv2.csv": (fourcat_of_x, ()),
    "zeeschuimer/tiktok.ndjson": (items_of_tiktok, ((2, "The post has no text"),)),
    "other/communalytic_bluesky.csv": (table("id", "text", "username", "date"), ()),
    "other/meta_content_library_facebook.csv": (
        table("id", "text", "post_owner.name", "creation_time"),
        ((3, "The post has no text"),),
    ),
}


def codes_of(path: Path) -> Counter[tuple[str, str]]:
    r"""Each code of a file of REFI-QDA, and the one above it, whether by place or by name (`above\own`)."""
    content = path.read_bytes()
    if path.suffix == ".qdpx":
        with zipfile.ZipFile(path) as packed:
            content = packed.read("Project.qde")
    root = ElementTree.fromstring(content)
    space = root.tag.partition("}")[0] + "}"
    found: Counter[tuple[str, str]] = Counter()

    def add(node: ElementTree.Element, above: str) -> None:
        by_name, _mark, name = " ".join(str(node.get("name")).split()).rpartition("\\")
        found[name, by_name or above] += 1
        for below in node.findall(f"{space}Code"):
            add(below, name)

    for top in root.findall(f".//{space}Codes/{space}Code"):
        add(top, "")
    return found
