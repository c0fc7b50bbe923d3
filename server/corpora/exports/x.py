"""X (Twitter): answers of API v2 as twarc keeps them, one a line, and the same flattened."""

from collections.abc import Iterator
from typing import Any

from server.corpora.exports.base import (
    Found,
    Missing,
    ObjectExport,
    TableExport,
    decoded_text,
    dig,
    entities_note,
    listed,
    text_at,
)
from server.corpora.flattening import as_text
from server.corpora.json_records import Object
from server.language import _

_EXTRA = (
    "author id",
    "author name",
    "kind",
    "retweet of",
    "retweeted author",
    "quoted post",
    "quoted text",
    "replied to author id",
    "media",
    "links",
    "hashtags",
    "mentions",
    "place",
    "edits",
    "retweets",
    "replies",
    "likes",
    "quotes",
    "source",
    "possibly sensitive",
)
_METRICS = {
    "retweets": "retweet_count",
    "replies": "reply_count",
    "likes": "like_count",
    "quotes": "quote_count",
}


def _notes() -> tuple[str, ...]:
    retweets = _("A retweet is cut in this export; it is given the full text of the post it repeats.")
    return (retweets, entities_note())


def _is_page(found: Object) -> bool:
    data = found.get("data")
    first = data[0] if isinstance(data, list) and data else data
    if not data:
        return bool({"errors", "meta"} & found.keys()) and bool({"__twarc", "includes"} & found.keys())
    return isinstance(first, dict) and {"id", "text"} <= first.keys() and _has_more(found, first)


def _has_more(found: Object, first: Object) -> bool:
    return (
        bool({"includes", "meta", "__twarc", "matching_rules"} & found.keys())
        or "edit_history_tweet_ids" in first
    )


def _of_page(found: Object) -> Iterator[Found | Missing]:
    data = found.get("data")
    posts = [data] if isinstance(data, dict) else listed(data)
    included = _Included(found.get("includes"))
    if not posts:
        said = text_at(found, "title", "detail") or text_at(
            next(iter(listed(found.get("errors"))), {}), "detail"
        )
        yield Missing(_("The answer holds no posts. {reason}").format(reason=said).strip())
    for post in posts:
        if isinstance(post, dict):
            yield _post(post, included)


class _Included:
    """What came along with the posts of an answer."""

    def __init__(self, includes: Any) -> None:
        self.users = _by(dig(includes, "users"), "id")
        self.posts = _by(dig(includes, "tweets"), "id")
        self.media = _by(dig(includes, "media"), "media_key")
        self.places = _by(dig(includes, "places"), "id")


def _by(found: Any, key: str) -> dict[str, Object]:
    return {as_text(one.get(key)): one for one in listed(found) if isinstance(one, dict)}


def _is_flat(found: Object) -> bool:
    return isinstance(found.get("author"), dict) and {"id", "text", "author_id"} <= found.keys()


def _of_flat(found: Object) -> Iterator[Found | Missing]:
    yield _post(found, _Included(None))


def _post(post: Object, included: _Included) -> Found:
    author = _author(post, included)
    referred = {as_text(one.get("type")): one for one in listed(post.get("referenced_tweets"))}
    repeated = _referred(referred.get("retweeted"), included)
    quoted = _referred(referred.get("quoted"), included)
    post_id, username = text_at(post, "id"), text_at(author, "username")
    return Found(
        post_id,
        _full_text(repeated) or _full_text(post),
        username or text_at(post, "author_id"),
        text_at(post, "created_at"),
        f"https://x.com/{username or 'i/web'}/status/{post_id}",
        text_at(post, "lang"),
        text_at(post, "conversation_id"),
        text_at(referred.get("replied_to"), "id"),
        {
            "author id": text_at(post, "author_id"),
            "author name": text_at(author, "name"),
            "kind": ", ".join(sorted(referred)),
            "retweet of": text_at(repeated, "id"),
            "retweeted author": text_at(_author(repeated, included), "username"),
            "quoted post": text_at(quoted, "id"),
            "quoted text": _full_text(quoted),
            "replied to author id": text_at(post, "in_reply_to_user_id"),
            **_attached(repeated if _full_text(repeated) else post, included),
            "edits": _edits(post),
            "source": text_at(post, "source"),
            "possibly sensitive": text_at(post, "possibly_sensitive"),
            **{name: text_at(post, f"public_metrics.{key}") for name, key in _METRICS.items()},
        },
    )


def _author(post: Object, included: _Included) -> Object:
    own = post.get("author")
    return own if isinstance(own, dict) else included.users.get(text_at(post, "author_id"), {})


def _referred(reference: Object | None, included: _Included) -> Object:
    """A post that another refers to; where it did not come along, its reference."""
    if reference is None:
        return {}
    return included.posts.get(text_at(reference, "id"), reference)


def _full_text(post: Object) -> str:
    # Long posts keep all of their text beside the first 280 characters.
    return decoded_text(text_at(post, "note_tweet.text", "text"))


def _attached(post: Object, included: _Included) -> dict[str, str]:
    keys = listed(dig(post, "attachments.media_keys"))
    media = [included.media.get(as_text(key), {}) for key in keys] + listed(dig(post, "attachments.media"))
    links = [text_at(one, "expanded_url", "url") for one in listed(dig(post, "entities.urls"))]
    place = post.get("geo") if isinstance(post.get("geo"), dict) else {}
    place = included.places.get(text_at(place, "place_id"), place)
    return {
        "media": " ".join(filter(None, (text_at(one, "url", "preview_image_url") for one in media))),
        "links": " ".join(filter(None, links)),
        "hashtags": ", ".join(text_at(one, "tag") for one in listed(dig(post, "entities.hashtags"))),
        "mentions": ", ".join(text_at(one, "username") for one in listed(dig(post, "entities.mentions"))),
        "place": text_at(place, "full_name"),
    }


def _edits(post: Object) -> str:
    """The ids of the versions before this one, where the post was edited."""
    versions = listed(post.get("edit_history_tweet_ids"))
    return as_text(versions) if len(versions) > 1 else ""


def _twarc_notes() -> tuple[str, ...]:
    return (_("Line breaks, which the table writes as \\n, are read as line breaks."), entities_note())


PAGES = ObjectExport("X API v2 (twarc JSONL)", _is_page, _of_page, _EXTRA, _notes)
FLAT = ObjectExport("twarc, flattened", _is_flat, _of_flat, _EXTRA, _notes)
TABLE = TableExport(
    "twarc CSV",
    frozenset({"id", "conversation_id", "author_id", "text", "author.username"}),
    {
        "id": ("id",),
        "text": ("text",),
        "author": ("author.username",),
        "date": ("created_at",),
        "thread": ("conversation_id",),
        "parent": ("referenced_tweets.replied_to.id",),
    },
    has_entities=True,
    escapes_lines=True,
    made={"link": lambda cells: f"https://x.com/{cells['author.username'] or 'i/web'}/status/{cells['id']}"},
    notes=_twarc_notes,
)
