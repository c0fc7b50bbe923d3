"""4CAT: one table a data source, with names that nearly all of them share."""

from server.corpora.exports.base import TableExport, entities_note
from server.language import _

_DATES = frozenset({"timestamp", "unix_timestamp", "created_at"})
_TITLES = ("subject", "title")
_ROLES = {
    "id": ("id",),
    "text": ("body",),
    "author": (
        "author",
        "author_screen_name",
        "author_username",
        "account_username",
        "author_name",
        "author_nickname",
    ),
    "date": ("created_at", "timestamp", "unix_timestamp"),
    "link": ("link", "tiktok_url", "comment_url", "post_url", "url"),
    "thread": ("thread_id",),
    "parent": ("replied_to_post", "reply_to", "parent_id", "in_reply_to_comment_id"),
}


def _x_notes() -> tuple[str, ...]:
    return (_("Line breaks, which the table writes as \\n, are read as line breaks."), entities_note())


X = TableExport(
    "4CAT, X",
    frozenset({"id", "thread_id", "body", "is_retweet", "is_quote_tweet"}),
    _ROLES,
    titles=_TITLES,
    has_entities=True,
    escapes_lines=True,
    notes=_x_notes,
)
OTHERS = TableExport(
    "4CAT",
    frozenset({"id", "thread_id", "body"}),
    _ROLES,
    any_of=_DATES,
    titles=_TITLES,
    marks_gone=True,
)
WITHOUT_THREADS = TableExport(
    "4CAT",
    frozenset({"id", "body", "timestamp", "unix_timestamp"}),
    _ROLES,
    titles=_TITLES,
    marks_gone=True,
)
