"""More work for a round that is open: further posts by the same draw, and further codings of its posts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.db.bulk_rows import numbers_as_rows
from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext
from server.language import number as in_digits
from server.projects.access import Access
from server.rounds.actions import add_slots_of, record_round
from server.rounds.blocks import Integers
from server.rounds.changing import (
    Coder,
    Dealt,
    add_slots,
    coders,
    deal,
    give,
    open_round,
    open_round_for_change,
    posts_in,
)
from server.rounds.design import RoundDesign
from server.rounds.eligible import DisputedPosts, eligible
from server.rounds.models import QueueSlot, Round, RoundAnnotator, RoundQueue
from server.rounds.plan import Plan, draw_sample
from server.rounds.proposal import double_strata, limits_of, plan_of, readable, stratified
from server.rounds.ranks import QueuePlan
from server.rounds.restoring import design_in

SHOWN = 50
_BEGINNING = 120


@dataclass(frozen=True, eq=False)
class Extension:
    """The posts that would be added, in the order in which they are drawn, and what is asked of whom.

    `by_number`: how many of them each annotator would get; empty in a shared queue, where whoever is free
    takes them. The fingerprint changes with anything that it depends on.
    """

    post_ids: Integers
    seed: int
    plan: Plan | QueuePlan
    by_number: Mapping[int, int]
    members: Integers
    fingerprint: str

    @property
    def n_codings(self) -> int:
        """How many codings are asked for."""
        return self.plan.n_slots if isinstance(self.plan, QueuePlan) else int(self.plan.post_index.size)


def extension(db: Session, access: Access, number: int, n_posts: int, disputed: DisputedPosts) -> Extension:
    """What adding posts would do: those drawn by the seed of the round from what fulfils its conditions.

    Raises:
        Refusal: the round is not open, or there are not so many, or nobody can code them.
    """
    row = open_round(db, access, number)
    if row.shows_gold or row.is_imported or "again" in row.design:
        raise _refusal(_("A round of this kind has no draw to go on with. Open another one."))
    try:
        return _extension(db, access, row, n_posts, disputed)
    except Refusal as refusal:
        raise _refusal(refusal.message) from refusal


def _extension(db: Session, access: Access, row: Round, n_posts: int, disputed: DisputedPosts) -> Extension:
    by_number = {one.number: one for one in coders(db, access, row.id or 0)}
    design = replace(design_in(row), annotators=tuple(sorted(by_number)))
    drawn = _drawn(db, access, row, design, n_posts, disputed)
    numbers = sorted(by_number)
    limits, _languages = limits_of(db, design, numbers, drawn)
    if limits is not None:
        assigned = _assigned(db, row.id or 0)
        had = [assigned[by_number[one].member_id] for one in numbers]
        limits = replace(limits, quotas=_left_of(design, numbers, had, drawn.size))
    plan = plan_of(design, drawn.size, numbers, None, double_strata(db, design, drawn), limits)
    loads = np.bincount(plan.annotator_index, minlength=len(numbers)) if isinstance(plan, Plan) else ()
    return Extension(
        post_ids=drawn,
        seed=design.seed,
        plan=plan,
        by_number=dict(zip(numbers, (int(load) for load in loads), strict=False)),
        members=np.array([by_number[one].member_id for one in numbers], dtype=np.int64),
        fingerprint=_fingerprint(numbers, drawn, plan),
    )


def _fingerprint(numbers: Sequence[int], drawn: Integers, plan: Plan | QueuePlan) -> str:
    hashed = sha256(f"{numbers}".encode())
    rest = plan.annotator_index if isinstance(plan, Plan) else plan.depth
    for each in (drawn, plan.post_index, rest):
        hashed.update(np.ascontiguousarray(each, dtype="<i8").tobytes())
    return hashed.hexdigest()


def extend(
    db: Session, access: Access, number: int, n_posts: int, disputed: DisputedPosts, seen: str | None = None
) -> int:
    """Add the posts that the preview with the fingerprint `seen` showed; returns how many codings.

    Raises:
        Refusal: as `extension`, or it would no longer do what the preview said.
    """
    row = open_round_for_change(db, access, number)
    found = extension(db, access, number, n_posts, disputed)
    if seen is not None and seen != found.fingerprint:
        message = _("Look first at which posts would be added: the list below says what holds now.")
        raise _refusal(message)
    _write(db, row, found)
    row.n_posts += n_posts
    _note(row, "added_posts", n_posts)
    db.flush()
    told: dict[str, object] = {"n_posts": n_posts, "n_codings": found.n_codings, "seed": found.seed}
    record_round(db, access, "extend", number, told)
    return found.n_codings


def first_of(db: Session, found: Extension) -> tuple[tuple[int, str], ...]:
    """The first posts of an extension by their numbers, with the beginnings of their texts."""
    wanted = numbers_as_rows(db, found.post_ids)
    rows = db.execute(
        select(col(Post.number), func.substr(col(Post.text), 1, _BEGINNING))
        .join(wanted, wanted.c.value == col(Post.id))
        .order_by(col(Post.number))
        .limit(SHOWN)
    )
    return tuple((number, text if len(text) < _BEGINNING else f"{text}…") for number, text in rows)


def _write(db: Session, row: Round, found: Extension) -> None:
    plan, post_ids = found.plan, found.post_ids[found.plan.post_index]
    if isinstance(plan, QueuePlan):
        add_slots_of(db, row.id or 0, post_ids, plan.depth, _last_rank(db, row.id or 0))
        db.get_one(RoundQueue, row.id).n_slots += plan.n_slots
        return
    members = found.members[plan.annotator_index]
    give(db, row.id or 0, list(zip(post_ids.tolist(), members.tolist(), strict=True)))


def _drawn(
    db: Session, access: Access, row: Round, design: RoundDesign, n_posts: int, disputed: DisputedPosts
) -> Any:
    found, outcome = readable(db, design, eligible(db, access, design, disputed))
    found = found[~np.isin(found, posts_in(db, row.id or 0))]
    if n_posts > found.size:
        message = ngettext(
            "Only {n} further post fulfils the conditions of this round.",
            "Only {n} further posts fulfil the conditions of this round.",
            int(found.size),
        )
        raise Refusal(message.format(n=in_digits(int(found.size))))
    if design.picks.strata_field:
        in_proportion = replace(design.picks, per_stratum=None)
        asked = replace(design, picks=in_proportion, sample_size=n_posts)
        return stratified(db, asked, found, outcome)[0]
    return found[draw_sample(found.size, n_posts, design.seed)]


def _left_of(design: RoundDesign, numbers: list[int], had: list[int], n_posts: int) -> tuple[int, ...]:
    """What the quotas still allow each annotator."""
    most = dict(design.crew.quotas)
    return tuple(
        min(max(most[one] - n, 0), n_posts) if one in most else n_posts
        for one, n in zip(numbers, had, strict=True)
    )


def _assigned(db: Session, round_id: int) -> dict[int, int]:
    rows = db.execute(
        select(col(RoundAnnotator.member_id), col(RoundAnnotator.n_assigned)).where(
            col(RoundAnnotator.round_id) == round_id
        )
    )
    return {row.member_id: row.n_assigned for row in rows}


def _last_rank(db: Session, round_id: int) -> int:
    last: int | None = db.scalar(
        select(func.max(col(QueueSlot.rank))).where(col(QueueSlot.round_id) == round_id)
    )
    return last or 0


def add_codings(
    db: Session,
    access: Access,
    number: int,
    post_ids: Collection[int] | None,
    annotator: int | None,
    seen: int,
) -> Dealt:
    """One more coding of these posts of the round, or of all of them: by one annotator, or by who has least.

    Raises:
        Refusal: the round is not open, others than those `seen` were added meanwhile, none of these posts is
            in it, or all who may code them have done so.
    """
    row = open_round_for_change(db, access, number)
    if seen != _noted(row, "added_codings"):
        raise Refusal(_("Codings were added to this round meanwhile. Look whether more are wanted."))
    here = posts_in(db, row.id or 0)
    wanted = here if post_ids is None else here[np.isin(here, np.array(sorted(post_ids), dtype=np.int64))]
    if not wanted.size:
        message = _("No post of this round is in such a disagreement that you may look into.")
        raise Refusal(message, {"of": message})
    people = coders(db, access, row.id or 0)
    if annotator is not None:
        people = tuple(one for one in people if one.number == annotator)
    if not people:
        message = _("This annotator gets no posts in this round. Choose another.")
        raise Refusal(message, {"coder": message})
    found = _one_more(db, row, wanted.tolist(), people, annotator)
    if not found.n_given:
        message = _("All who could be given these posts have, or had, each of them already.")
        raise Refusal(message, {"coder": message})
    _note(row, "added_codings", found.n_given)
    db.flush()
    given = {str(one): n for one, n in found.by_number.items() if one}
    record_round(db, access, "add_codings", number, {"n_codings": found.n_given, "given_to": given})
    return found


def _one_more(
    db: Session, row: Round, post_ids: list[int], people: tuple[Coder, ...], annotator: int | None
) -> Dealt:
    if db.get(RoundQueue, row.id):
        if annotator is not None:
            message = _("In a shared queue whoever is free takes the post. Choose nobody in particular.")
            raise Refusal(message, {"coder": message})
        n = add_slots(db, row.id or 0, post_ids, len(people))
        return Dealt({0: n} if n else {}, len(post_ids) - n)
    dealt = deal(db, row.id or 0, post_ids, people)
    give(db, row.id or 0, dealt.pairs)
    return dealt


def _note(row: Round, name: str, n: int) -> None:
    """Say in the design what was added, so that the round's page and its readers know."""
    row.design = row.design | {name: _noted(row, name) + n}


def n_added_codings(db: Session, round_id: int) -> int:
    """How many codings were added to the round since it was opened."""
    return _noted(db.get_one(Round, round_id), "added_codings")


def _noted(row: Round, name: str) -> int:
    return int(str(row.design.get(name, 0)))


def _refusal(message: str) -> Refusal:
    return Refusal(message, {"more_posts": message})
