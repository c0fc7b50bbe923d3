"""What an import will do, said before anything is written."""

import json
from collections.abc import Iterable
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from hashlib import sha256

from server.corpora.mapping import DraftedPosts, PostDraft, RowNotice
from server.corpora.parsing import RefusedRow


@dataclass(frozen=True)
class StoredPost:
    """What the plan needs to know of a post that the project already has."""

    content_hash: str
    has_codings: bool


@dataclass(frozen=True)
class ImportPlan:
    """The posts of a file by what becomes of them.

    `changed` posts take the new content; `locked` ones differ from the file too, but annotators have coded
    them, so they stay as they were coded.
    """

    new: list[PostDraft] = field(default_factory=list)
    unchanged: list[PostDraft] = field(default_factory=list)
    changed: list[PostDraft] = field(default_factory=list)
    locked: list[PostDraft] = field(default_factory=list)
    duplicates: list[RowNotice] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notices: list[RowNotice] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        """Whether carrying the plan out would leave the project as it is."""
        return not self.new and not self.changed


def content_hash(draft: PostDraft) -> str:
    """A SHA-256 of text, author, date, link and extra fields, the same for the same content everywhere.

    The row and the order of columns do not count, and a date counts by its moment if it can be read.
    """
    date = draft.posted_at.isoformat() if draft.posted_at else draft.posted_at_text
    content = [draft.text, draft.author, date, draft.link, sorted(draft.extra.items())]
    return sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()


def plan_import(posts: DraftedPosts, existing: Lookup[str, StoredPost]) -> ImportPlan:
    """Sort the posts of a file by what the project already has under their external ids."""
    plan = ImportPlan(duplicates=posts.duplicates, refused=posts.refused, notices=posts.notices)
    _sort(posts.drafts, existing, plan)
    return plan


def _sort(drafts: Iterable[PostDraft], existing: Lookup[str, StoredPost], plan: ImportPlan) -> None:
    for draft in drafts:
        stored = existing.get(draft.external_id)
        if stored is None:
            plan.new.append(draft)
        elif stored.content_hash == content_hash(draft):
            plan.unchanged.append(draft)
        elif stored.has_codings:
            plan.locked.append(draft)
        else:
            plan.changed.append(draft)
