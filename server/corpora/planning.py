"""What an import will do, said before anything is written."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring_ascii

from server.corpora.compact import Marked
from server.corpora.mapping import DraftedPosts, PostDraft, RowNotice
from server.corpora.parsing import RefusedRow
from server.corpora.tombstones import HIDDEN, hidden_id

# What becomes of a post, in the order of the groups of a plan.
_NEW, _UNCHANGED, _CHANGED, _LOCKED, _TAKEN_DOWN = range(5)


@dataclass(frozen=True, slots=True)
class StoredPost:
    """What the plan needs to know of a post that the project already has."""

    content_hash: str
    has_codings: bool
    is_taken_down: bool = False


@dataclass(frozen=True)
class ImportPlan:
    """The posts of a file by what becomes of them.

    `changed` posts take the new content; `locked` ones differ from the file too, but annotators have coded
    them, so they stay as they were coded; those `taken_down` stay away. `fingerprint` differs as soon as
    something else becomes of a post.
    """

    new: Sequence[PostDraft] = ()
    unchanged: Sequence[PostDraft] = ()
    changed: Sequence[PostDraft] = ()
    locked: Sequence[PostDraft] = ()
    taken_down: Sequence[PostDraft] = ()
    duplicates: Sequence[RowNotice] = ()
    refused: Sequence[RefusedRow] = ()
    notices: Sequence[RowNotice] = ()
    left_out: Sequence[RefusedRow] = ()
    alike: Sequence[RowNotice] = ()
    n_dropped: int = 0
    n_undrawn: int = 0
    said: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def changes_nothing(self) -> bool:
        """Whether carrying the plan out would leave the project as it is."""
        return not self.new and not self.changed


def content_hash(draft: PostDraft) -> str:
    """A SHA-256 of text, author, date, link, thread and extra fields: the same for the same content.

    The row and the order of columns do not count, and a date counts by its moment if it can be read.
    """
    date = draft.posted_at.isoformat() if draft.posted_at else draft.posted_at_text
    return hash_of(draft, as_json(date), fields_as_json(draft.extra.items()))


def hash_of(draft: PostDraft, date: str, fields: str) -> str:
    """The `content_hash` of a post whose date and extra fields are in JSON already."""
    _row, _id, text, author, _posted_at, _written, link, thread, parent, _extra, _fraction = draft
    by = "null" if author is None else encode_basestring_ascii(author)
    at = "null" if link is None else encode_basestring_ascii(link)
    content = f"[{encode_basestring_ascii(text)}, {by}, {date}, {at}, {fields}"
    # Posts without them keep the hash they had before there were threads.
    if thread or parent:
        content = f"{content}, {as_json(thread)}, {as_json(parent)}"
    return sha256(f"{content}]".encode()).hexdigest()


def as_json(text: str | None) -> str:
    """A text as JSON has it."""
    return "null" if text is None else encode_basestring_ascii(text)


def fields_as_json(fields: Iterable[tuple[str, str]]) -> str:
    """Extra fields as JSON, in the order of their names."""
    return f"[{', '.join([f'[{as_json(name)}, {as_json(value)}]' for name, value in sorted(fields)])}]"


def plan_import(posts: DraftedPosts, existing: Lookup[str, StoredPost]) -> ImportPlan:
    """Sort the posts of a file by what the project already has under their external ids."""
    fates = _fates(posts.drafts, existing)
    new, unchanged, changed, locked, taken_down = (Marked(posts.drafts, fates, fate) for fate in range(5))
    seal = sha256(posts.digest.encode() + fates).hexdigest()
    known = (posts.duplicates, posts.refused, posts.notices, posts.left_out, posts.alike)
    counts = (posts.n_dropped, posts.n_undrawn, posts.said)
    return ImportPlan(new, unchanged, changed, locked, taken_down, *known, *counts, fingerprint=seal)


def _fates(drafts: Sequence[PostDraft], existing: Lookup[str, StoredPost]) -> bytes:
    if not existing:
        return bytes([_NEW]) * len(drafts)
    if not any(external_id.startswith(HIDDEN) for external_id in existing):
        return bytes(_fate(draft, existing.get(draft.external_id)) for draft in drafts)
    names = ((draft, draft.external_id) for draft in drafts)
    return bytes(_fate(draft, existing.get(name) or existing.get(hidden_id(name))) for draft, name in names)


def _fate(draft: PostDraft, stored: StoredPost | None) -> int:
    if stored is None:
        return _NEW
    if stored.is_taken_down:
        return _TAKEN_DOWN
    if stored.content_hash == content_hash(draft):
        return _UNCHANGED
    return _LOCKED if stored.has_codings else _CHANGED
