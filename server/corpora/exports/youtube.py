"""YouTube: comments from YouTube Data Tools, from youtube-comment-downloader, and as coded in NVivo."""

from collections.abc import Iterator

from server.corpora.exports.base import Found, Missing, ObjectExport, TableExport, no_text, text_at
from server.corpora.json_records import Object
from server.language import _

_EXTRA = ("likes", "replies", "time as shown", "channel", "heart", "photo")


def _is_comment(found: Object) -> bool:
    return {"cid", "text", "time", "author", "votes"} <= found.keys()


def _comment(found: Object) -> Iterator[Found | Missing]:
    own = text_at(found, "cid")
    if not text_at(found, "text").strip():
        yield no_text()
        return
    # A reply is named by the comment it answers and a name of its own.
    parent = own.rpartition(".")[0] if text_at(found, "reply") == "true" else ""
    yield Found(
        own,
        text_at(found, "text"),
        text_at(found, "author"),
        text_at(found, "time_parsed"),
        "",
        "",
        parent or own,
        parent,
        {
            "likes": text_at(found, "votes"),
            "replies": text_at(found, "replies"),
            "time as shown": text_at(found, "time"),
            "channel": text_at(found, "channel"),
            "heart": text_at(found, "heart"),
            "photo": text_at(found, "photo"),
        },
    )


def _notes() -> tuple[str, ...]:
    return (_("Dates are reckoned from “1 year ago” by the program, so only their year may be right."),)


DOWNLOADER = ObjectExport("youtube-comment-downloader", _is_comment, _comment, _EXTRA, _notes)
DATA_TOOLS = TableExport(
    "YouTube Data Tools",
    frozenset({"id", "text", "publishedAt", "authorName", "isReplyTo"}),
    {
        "id": ("id",),
        "text": ("text",),
        "author": ("authorName",),
        "date": ("publishedAt",),
        "parent": ("isReplyTo",),
    },
    made={"thread": lambda cells: cells["isReplyTo"].strip() or cells["id"]},
)
VIDEO_COMMENTS = TableExport(
    "YouTube comments with their video",
    frozenset({"comment_id", "comment_text", "comment_author", "video_id"}),
    {
        "id": ("comment_id",),
        "text": ("comment_text",),
        "author": ("comment_author",),
        "date": ("comment_date",),
        "thread": ("video_id",),
    },
)
