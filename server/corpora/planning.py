"""What an import will do, said before anything is written."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Protocol

from server.corpora.compact import Marked
from server.corpora.contents import Contents
from server.corpora.mapping import DraftedPosts, PostDraft, RowNotice
from server.corpora.parsing import RefusedRow
from server.corpora.tombstones import hidden_id

# What becomes of a post, in the order of the groups of a plan.
_NEW, _UNCHANGED, _CHANGED, _LOCKED, _TAKEN_DOWN = range(5)
_AT_ONCE = 500


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


class Stored(Protocol):
    """The posts of a project, of which a plan asks for some hundred at a time."""

    def __len__(self) -> int:
        """How many there are."""

    def among(self, external_ids: Sequence[str]) -> Lookup[str, StoredPost]:
        """Those with these external ids. Those that were taken down are found by the ids they had."""


class Known(dict[str, StoredPost]):
    """Posts that are known by themselves, without a database."""

    def among(self, external_ids: Sequence[str]) -> Lookup[str, StoredPost]:
        """Those with these external ids."""
        found = ((name, self.get(name) or self.get(hidden_id(name))) for name in external_ids)
        return {name: stored for name, stored in found if stored}


def plan_import(posts: DraftedPosts, existing: Stored) -> ImportPlan:
    """Sort the posts of a file by what the project already has under their external ids."""
    fates = _fates(posts.drafts, existing)
    new, unchanged, changed, locked, taken_down = (Marked(posts.drafts, fates, fate) for fate in range(5))
    seal = sha256(posts.digest.encode() + fates).hexdigest()
    known = (posts.duplicates, posts.refused, posts.notices, posts.left_out, posts.alike)
    counts = (posts.n_dropped, posts.n_undrawn, posts.said)
    return ImportPlan(new, unchanged, changed, locked, taken_down, *known, *counts, fingerprint=seal)


def _fates(drafts: Sequence[PostDraft], existing: Stored) -> bytes:
    if not existing:
        return bytes([_NEW]) * len(drafts)
    fates, contents, source = bytearray(), Contents(), iter(drafts)
    while some := list(islice(source, _AT_ONCE)):
        stored = existing.among([draft.external_id for draft in some])
        fates += bytes(_of_some(some, stored, contents) if stored else [_NEW] * len(some))
    return bytes(fates)


def _of_some(
    drafts: Sequence[PostDraft], stored: Lookup[str, StoredPost], contents: Contents
) -> Iterator[int]:
    for draft, content_hash in zip(drafts, contents.hashes(drafts), strict=True):
        yield _fate(content_hash, stored.get(draft.external_id))


def _fate(content_hash: str, stored: StoredPost | None) -> int:
    if stored is None:
        return _NEW
    if stored.is_taken_down:
        return _TAKEN_DOWN
    if stored.content_hash == content_hash:
        return _UNCHANGED
    return _LOCKED if stored.has_codings else _CHANGED
