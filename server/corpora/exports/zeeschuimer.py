"""Zeeschuimer: whatever a platform sent to the browser, in an envelope that says where it was seen."""

from collections.abc import Iterator
from datetime import UTC, datetime

from server.corpora.exports import seen_on_x
from server.corpora.exports.base import (
    Found,
    Missing,
    ObjectExport,
    dig,
    listed,
    no_text,
    text_at,
)
from server.corpora.json_records import Object
from server.language import _

_EXTRA = (
    "platform",
    "collected",
    "seen at",
    "author name",
    "likes",
    "comments",
    "shares",
    "plays",
    "hashtags",
    "media",
    *seen_on_x.EXTRA,
)
# Where the platforms keep what: TikTok, Instagram, X, LinkedIn, 9gag, Imgur, Douyin, Threads, Gab, Truth.
_TEXT = (
    "desc",
    "caption.text",
    "body",
    "text",
    "content",
    "description",
    "title",
)
_AUTHOR = (
    "author.uniqueId",
    "author.unique_id",
    "user.username",
    "account.acct",
    "owner.username",
    "creator.username",
    "author.username",
    "authorInfo.uniqueId",
    "author",
)
_AUTHOR_NAME = (
    "author.nickname",
    "user.full_name",
    "core.user_results.result.core.name",
    "core.user_results.result.legacy.name",
)
_DATE = (
    "createTime",
    "create_time",
    "taken_at",
    "taken_at_timestamp",
    "legacy.created_at",
    "created_at",
    "creationTs",
)
_LIKES = ("stats.diggCount", "like_count", "legacy.favorite_count", "favourites_count", "upVoteCount")
_COMMENTS = ("stats.commentCount", "comment_count", "legacy.reply_count", "replies_count")
_SHARES = ("stats.shareCount", "legacy.retweet_count", "reblogs_count", "reshare_count")


def _is_item(found: Object) -> bool:
    return (
        isinstance(found.get("data"), dict)
        and {"item_id", "source_platform", "timestamp_collected"} <= found.keys()
    )


def _item(found: Object) -> Iterator[Found | Missing]:
    is_of_x = seen_on_x.is_of_x(found)
    data = seen_on_x.post_in(found["data"]) if is_of_x else found["data"]
    text = seen_on_x.full_text(data) if is_of_x else text_at(data, *_TEXT)
    if not text.strip():
        yield no_text()
        return
    own = text_at(found, "item_id") or text_at(data, "id")
    author = seen_on_x.username(data) if is_of_x else text_at(data, *_AUTHOR)
    yield Found(
        own,
        text,
        author,
        text_at(data, *_DATE),
        _link(found, data, own, author),
        text_at(data, "textLanguage", "lang", "legacy.lang", "language"),
        text_at(data, "legacy.conversation_id_str"),
        text_at(data, "legacy.in_reply_to_status_id_str", "in_reply_to_id"),
        {
            "platform": text_at(found, "source_platform"),
            "collected": _collected(found),
            "seen at": text_at(found, "source_platform_url", "source_url"),
            "author name": text_at(data, *_AUTHOR_NAME),
            "likes": text_at(data, *_LIKES),
            "comments": text_at(data, *_COMMENTS),
            "shares": text_at(data, *_SHARES),
            "plays": text_at(data, "stats.playCount", "play_count", "view_count"),
            "hashtags": ", ".join(_hashtags(data)),
            "media": text_at(data, "video.cover", "thumbnail_src", "display_url"),
            **(seen_on_x.referred(data) if is_of_x else {}),
        },
    )


def _link(found: Object, data: Object, own: str, author: str) -> str:
    platform = text_at(found, "source_platform")
    if "tiktok" in platform and author:
        return f"https://www.tiktok.com/@{author}/video/{own}"
    if "instagram" in platform and text_at(data, "code"):
        return f"https://www.instagram.com/p/{text_at(data, 'code')}/"
    if seen_on_x.is_of_x(found):
        return f"https://x.com/{author or 'i/web'}/status/{own}"
    return text_at(data, "url", "permalink")


def _collected(found: Object) -> str:
    """When it was seen: milliseconds, which nobody reads."""
    stated = text_at(found, "timestamp_collected")
    if not stated.isdecimal() or len(stated) > 13:
        return stated
    return datetime.fromtimestamp(int(stated) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _hashtags(data: Object) -> Iterator[str]:
    for one in listed(data.get("textExtra")) or listed(
        dig(seen_on_x.whole(data), "legacy.entities.hashtags")
    ):
        if tag := text_at(one, "hashtagName", "text"):
            yield tag


def _notes() -> tuple[str, ...]:
    left_out = _("One post for each item that was seen; those without a text are left out.")
    of_x = _("A retweet on X is given the full text of the post it repeats.")
    return (left_out, of_x)


ITEMS = ObjectExport("Zeeschuimer", _is_item, _item, _EXTRA, _notes)
