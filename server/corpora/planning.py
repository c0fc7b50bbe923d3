"""What an import will do, said before anything is written."""

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from server.corpora.compact import Marked
from server.corpora.contents import content_hash
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
