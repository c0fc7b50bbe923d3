"""X as it sends posts to browsers: an author, a repeated post and a quoted one stand within a post."""

from typing import Any

from server.corpora.exports.base import decoded_text, dig, listed, text_at
from server.corpora.json_records import Object

EXTRA = ("kind", "retweet of", "retweeted author", "quoted post", "quoted text", "links", "mentions")
_PLATFORMS = frozenset({"twitter.com", "x.com"})
# The older place stands last; before GraphQL there was yet another.
_USERNAME = (
    "core.user_results.result.core.screen_name",
    "core.user_results.result.legacy.screen_name",
    "user.screen_name",
)
_TEXT = ("note_tweet.note_tweet_results.result.text", "legacy.full_text", "full_text")


def is_of_x(item: Object) -> bool:
    """Whether an item of Zeeschuimer was seen on X."""
    return text_at(item, "source_platform") in _PLATFORMS


def post_in(data: Any) -> Object:
    """The post, taken out of what says who may see it."""
    inner = dig(data, "tweet")
    found = inner if isinstance(inner, dict) else data
    return found if isinstance(found, dict) else {}


def whole(post: Object) -> Object:
    """The post that this one repeats, whose text is not cut; else the post itself."""
    return _repeated(post) or post


def username(post: Object) -> str:
    """What its author is called."""
    return text_at(post, *_USERNAME)


def full_text(post: Object) -> str:
    """The text; of a retweet that of the post it repeats, of a long post all of it."""
    # Long posts keep all of their text beside the first 280 characters.
    return decoded_text(text_at(whole(post), *_TEXT) or text_at(post, *_TEXT))


def referred(post: Object) -> dict[str, str]:
    """What the post repeats, quotes and names, by the names that other exports of X give it."""
    repeated, quoted = _repeated(post), post_in(dig(whole(post), "quoted_status_result.result"))
    quoted_id = text_at(quoted, "rest_id") or text_at(whole(post), "legacy.quoted_status_id_str")
    replied = text_at(post, "legacy.in_reply_to_status_id_str")
    kinds = (("quoted", quoted_id), ("replied_to", replied))
    entities = dig(whole(post), "legacy.entities")
    return {
        "kind": "retweeted" if repeated else ", ".join(kind for kind, found in kinds if found),
        "retweet of": text_at(repeated, "rest_id", "legacy.id_str"),
        "retweeted author": username(repeated),
        "quoted post": quoted_id,
        "quoted text": full_text(quoted),
        "links": " ".join(
            filter(None, (text_at(one, "expanded_url") for one in listed(dig(entities, "urls"))))
        ),
        "mentions": ", ".join(text_at(one, "screen_name") for one in listed(dig(entities, "user_mentions"))),
    }


def _repeated(post: Object) -> Object:
    return post_in(dig(post, "legacy.retweeted_status_result.result"))
