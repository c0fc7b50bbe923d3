"""Reddit: the dumps of comments (RC) and of submissions (RS), as Pushshift and Arctic Shift write them."""

from collections.abc import Iterator

from server.corpora.exports.base import (
    Found,
    Missing,
    ObjectExport,
    decoded_text,
    entities_note,
    gone,
    known_author,
    no_text,
    text_at,
)
from server.corpora.json_records import Object
from server.language import _

_COMMON = ("subreddit", "score", "edited", "author id", "flair")
_SITE = "https://www.reddit.com"


def _is_comment(found: Object) -> bool:
    return {"body", "link_id", "parent_id", "subreddit", "id"} <= found.keys()


def _comment(found: Object) -> Iterator[Found | Missing]:
    body = text_at(found, "body")
    if missing := gone(body):
        yield missing
        return
    yield Found(
        text_at(found, "id"),
        decoded_text(body),
        known_author(text_at(found, "author")),
        text_at(found, "created_utc"),
        _link(found),
        "",
        _bare(text_at(found, "link_id")),
        _bare(text_at(found, "parent_id")),
        _common(found) | {"controversiality": text_at(found, "controversiality")},
    )


def _is_submission(found: Object) -> bool:
    return {"title", "selftext", "subreddit", "id", "created_utc"} <= found.keys()


def _submission(found: Object) -> Iterator[Found | Missing]:
    title, body = decoded_text(text_at(found, "title")).strip(), text_at(found, "selftext")
    missing = gone(body)
    kept = ("" if gone(title) else title, "" if missing else decoded_text(body).strip())
    text = "\n\n".join(filter(None, kept))
    if not text:
        yield missing or gone(title) or no_text()
        return
    target = text_at(found, "url")
    is_link = text_at(found, "is_self") != "true" and target != _link(found)
    yield Found(
        text_at(found, "id"),
        text,
        known_author(text_at(found, "author")),
        text_at(found, "created_utc"),
        _link(found),
        "",
        text_at(found, "id"),
        "",
        _common(found)
        | {
            "linked": target if is_link else "",
            "comments": text_at(found, "num_comments"),
            "below the title": body if missing else "",
        },
    )


def _link(found: Object) -> str:
    path = text_at(found, "permalink")
    return f"{_SITE}{path}" if path.startswith("/") else path


def _bare(name: str) -> str:
    """The id in a name such as `t3_1abc`, as it stands in the column of ids."""
    kind, _mark, own = name.partition("_")
    return own if len(kind) == 2 and kind.startswith("t") else name


def _common(found: Object) -> dict[str, str]:
    edited = text_at(found, "edited")
    return {
        "subreddit": text_at(found, "subreddit"),
        "score": text_at(found, "score"),
        "edited": "" if edited == "false" else edited,
        "author id": text_at(found, "author_fullname"),
        "flair": text_at(found, "link_flair_text", "author_flair_text"),
    }


def _notes() -> tuple[str, ...]:
    return (entities_note(),)


def _submission_notes() -> tuple[str, ...]:
    said = _("The text of a submission is its title, and what stands below it unless that was removed.")
    return (said, entities_note())


COMMENTS = ObjectExport("Reddit comments (RC)", _is_comment, _comment, (*_COMMON, "controversiality"), _notes)
SUBMISSIONS = ObjectExport(
    "Reddit submissions (RS)",
    _is_submission,
    _submission,
    (*_COMMON, "linked", "comments", "below the title"),
    _submission_notes,
)
