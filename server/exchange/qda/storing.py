"""Bringing a REFI-QDA project in: its codebook, its texts as posts, its codings as locked rounds."""

import hashlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import BinaryIO

from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks import queries as codebooks
from server.codebooks.actions import publish_sheet, save_sheet
from server.codebooks.checks import Incomplete, problems
from server.codebooks.drafting import in_order
from server.codebooks.queries import latest_published, sheet_of
from server.codebooks.sheet import CodebookSheet
from server.corpora.actions import store_drafts
from server.corpora.mapping import PostDraft
from server.corpora.models import Post
from server.corpora.planning import ImportPlan, plan_import
from server.corpora.stored import StoredPosts
from server.corpora.storing import Source
from server.errors import Conflict, Refusal
from server.exchange.qda.archive import opened_project
from server.exchange.qda.format import guid_of
from server.exchange.qda.inward import QdaContent, content_of, with_missing
from server.exchange.ratings.actions import RatingsOutcome, RatingsProposal, stored, stored_as
from server.exchange.ratings.coders import known_members
from server.exchange.ratings.reading import RatingsPlan, RowProblem, read_ratings
from server.history.actions import record
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access
from server.projects.actions import hold_project
from server.web.words import number

_AT_ONCE = 500


@dataclass(frozen=True)
class QdaProposal:
    """What importing a project would do. `usable` are the posts whose codings are taken.

    `sheet` is what the codebook would say, `is_changed` whether that is another one than the published.
    """

    content: QdaContent
    new: Sequence[PostDraft]
    usable: AbstractSet[str]
    sheet: CodebookSheet
    is_changed: bool
    rounds: Sequence[tuple[int, RatingsPlan]]
    members: dict[str, int]
    known_rounds: Sequence[int]
    remarks: Sequence[str]

    @property
    def coders(self) -> list[str]:
        """Everybody whose codings are taken, by name."""
        return sorted({answer.coder for _number, plan in self.rounds for answer in plan.answers})

    @property
    def n_answers(self) -> int:
        """How many answers are taken."""
        return sum(len(plan.answers) for _number, plan in self.rounds)

    @property
    def problems(self) -> list[RowProblem]:
        """What is wrong with single codings."""
        return [problem for _number, plan in self.rounds for problem in (*plan.problems, *plan.notices)]

    @property
    def changes_nothing(self) -> bool:
        """Whether the project holds all of it."""
        is_stored = len(self.known_rounds) == len([plan for _number, plan in self.rounds if plan.answers])
        return not self.new and not self.is_changed and is_stored

    @property
    def fingerprint(self) -> str:
        """The same for the same import: what was shown is what is done."""
        posts = (sorted(draft.external_id for draft in self.new), sorted(self.usable))
        said = (posts, self.sheet, self.is_changed, self.coders, self.n_answers)
        more = (sorted(self.members.items()), self.known_rounds, self.remarks)
        return hashlib.sha256(repr((said, more)).encode()).hexdigest()


@dataclass(frozen=True)
class QdaOutcome:
    """What an import did; `version` of the codebook is None where it is a draft or as it was."""

    n_posts: int
    n_codings: int
    version: int | None
    is_draft: bool
    rounds: Sequence[int]


def read_file(file: BinaryIO, filename: str) -> QdaContent:
    """What a file holds that could be imported; `Refusal` where it is no REFI-QDA project."""
    with opened_project(file, filename) as archive:
        return content_of(archive, filename)


def propose(db: Session, access: Access, content: QdaContent) -> QdaProposal:
    """What importing the project would do. Writes nothing.

    Raises:
        Refusal: the codebook cannot be published, or a draft of it is being written.
    """
    sheet, is_changed = _codebook(db, access, content)
    posts = plan_import(content.posts, StoredPosts(db, access))
    same, others = _known_texts(db, access, (*posts.changed, *posts.locked))
    usable = {draft.external_id for draft in (*posts.new, *posts.unchanged)} | same
    rounds = [(each, read_ratings(table, sheet, usable)) for each, table in content.tables(usable)]
    if any(plan.answers for _number, plan in rounds):
        _refuse_unpublishable(sheet)
    coders = {answer.coder for _number, plan in rounds for answer in plan.answers}
    known = [
        found for _number, plan in rounds if plan.answers and (found := stored_as(db, access, plan.answers))
    ]
    return QdaProposal(
        content,
        tuple(posts.new),
        usable,
        sheet,
        is_changed,
        rounds,
        known_members(db, access, coders),
        known,
        (*_about_origin(access, content), *content.remarks, *_about_posts(posts, others)),
    )


def _codebook(db: Session, access: Access, content: QdaContent) -> tuple[CodebookSheet, bool]:
    """What the codebook would say, and whether that is something else than it says."""
    newest, draft = latest_published(db, access.project_id), codebooks.draft(db, access.project_id)
    own = sheet_of(newest) if newest else CodebookSheet()
    sheet = in_order(with_missing(own, content.codebook.checked()))
    is_changed = sheet != in_order(own)
    is_being_written = draft is not None and in_order(sheet_of(draft)) not in {in_order(own), sheet}
    if is_changed and is_being_written:
        words = _("A draft of the codebook is being written. Publish or discard it first, then import.")
        raise Refusal(words)
    return sheet, is_changed


def _refuse_unpublishable(sheet: CodebookSheet) -> None:
    if found := problems(sheet):
        raise Incomplete(found)


def _known_texts(
    db: Session, access: Access, drafts: Sequence[PostDraft]
) -> tuple[AbstractSet[str], Sequence[str]]:
    """The ids under which the project has the same text, and those under which it has another."""
    found: dict[str, str] = {}
    for first in range(0, len(drafts), _AT_ONCE):
        some = [draft.external_id for draft in drafts[first : first + _AT_ONCE]]
        rows = db.execute(
            select(col(Post.external_id), col(Post.text)).where(
                col(Post.project_id) == access.project_id, col(Post.external_id).in_(some)
            )
        )
        found.update(rows.all())
    same = {draft.external_id for draft in drafts if found.get(draft.external_id) == draft.text}
    return same, [draft.external_id for draft in drafts if draft.external_id not in same]


def _about_origin(access: Access, content: QdaContent) -> Iterator[str]:
    first = next(iter(content.guids), None)
    if first is not None and content.guids[first] == guid_of(access.project_key, "source", first):
        yield _(
            "This file was made from this very project: its codings are here already, and would stand twice."
        )


def _about_posts(posts: ImportPlan, others: Sequence[str]) -> Iterator[str]:
    for refused in posts.refused:
        yield _("Source {n}: {reason}").format(n=refused.number, reason=refused.reason)
    for external_id in others:
        words = _("“{id}” is left out with its codings: the project has another text under this id.")
        yield words.format(id=external_id)
    if posts.taken_down:
        count = len(posts.taken_down)
        words = ngettext(
            "%s text was taken down and stays away.", "%s texts were taken down and stay away.", count
        )
        yield words % number(count)


def import_project(
    db: Session, access: Access, content: QdaContent, source: Source, seen: str | None = None
) -> QdaOutcome:
    """Import the project; coders that do not exist become members, and nothing that is there is changed.

    With codings the codebook is published, without it is a draft. `seen` is the fingerprint of the proposal
    that the lead was shown.

    Raises:
        Conflict: the import would not do any more what was shown.
        Refusal: there is nothing to import.
    """
    hold_project(db, access.project_id)
    proposal = propose(db, access, content)
    if seen is not None and seen != proposal.fingerprint:
        raise Conflict(_("The codebook, the posts or the members have changed since this was shown."))
    if proposal.changes_nothing:
        raise Refusal(_("The project holds all of this already, or nothing of it can be taken."))
    version = _store_codebook(db, access, proposal, source.filename)
    new = replace(content.posts, drafts=proposal.new, refused=(), duplicates=(), notices=())
    if proposal.new:
        store_drafts(db, access, new, source)
    outcomes = list(_store_rounds(db, access, proposal))
    outcome = QdaOutcome(
        len(proposal.new),
        sum(one.n_codings for one in outcomes if one.is_new),
        version,
        proposal.is_changed and version is None,
        [one.round_number for one in outcomes],
    )
    _record(db, access, source, outcome)
    return outcome


def _store_codebook(db: Session, access: Access, proposal: QdaProposal, filename: str) -> int | None:
    if not proposal.is_changed:
        return None
    if not proposal.n_answers:
        save_sheet(db, access, proposal.sheet)
        return None
    return publish_sheet(db, access, proposal.sheet, note=filename)


def _store_rounds(db: Session, access: Access, proposal: QdaProposal) -> Iterator[RatingsOutcome]:
    book = latest_published(db, access.project_id)
    for number_in_file, plan in proposal.rounds:
        if book is None or not plan.answers:
            continue
        coders = {answer.coder for answer in plan.answers}
        # Whom the round before brought along is a member now.
        members = known_members(db, access, coders)
        beside = {
            (post, coder): said
            for (of_round, post, coder), said in proposal.content.beside.items()
            if of_round == number_in_file
        }
        found = RatingsProposal(plan, book, members, stored_as(db, access, plan.answers))
        yield stored(db, access, found, beside)


def _record(db: Session, access: Access, source: Source, outcome: QdaOutcome) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="project.import_qdpx",
        subject="project",
        details={"file": source.filename, "posts": outcome.n_posts, "codings": outcome.n_codings},
    )
