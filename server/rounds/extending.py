"""More work for a round that is open: further posts by the same draw, and further codings of its posts."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext
from server.language import number as in_digits
from server.projects.access import Access
from server.rounds.actions import add_slots_of, record_round
from server.rounds.changing import (
    Coder,
    Dealt,
    add_slots,
    coders,
    deal,
    give,
    open_round_for_change,
    posts_in,
)
from server.rounds.design import RoundDesign
from server.rounds.eligible import DisputedPosts, eligible
from server.rounds.models import QueueSlot, Round, RoundAnnotator, RoundQueue
from server.rounds.plan import Plan, draw_sample
from server.rounds.proposal import double_strata, limits_of, plan_of, readable, stratified
from server.rounds.restoring import design_in


def extend(db: Session, access: Access, number: int, n_posts: int, disputed: DisputedPosts) -> int:
    """Add posts that fulfil what those of the round do, drawn by its seed; returns how many codings.

    Raises:
        Refusal: the round is not open, or there are not so many, or nobody can code them.
    """
    row = open_round_for_change(db, access, number)
    if row.shows_gold or row.is_imported:
        raise _refusal(_("A round of this kind has no draw to go on with. Open another one."))
    people = coders(db, access, row.id or 0)
    try:
        n_codings = _extend(db, access, row, people, n_posts, disputed)
    except Refusal as refusal:
        raise _refusal(refusal.message) from refusal
    row.n_posts += n_posts
    _note(row, "added_posts", n_posts)
    db.flush()
    record_round(db, access, "extend", number, {"n_posts": n_posts, "n_codings": n_codings})
    return n_codings


def _extend(
    db: Session,
    access: Access,
    row: Round,
    people: Collection[Coder],
    n_posts: int,
    disputed: DisputedPosts,
) -> int:
    by_number = {one.number: one for one in people}
    design = replace(design_in(row), annotators=tuple(sorted(by_number)))
    drawn = _drawn(db, access, row, design, n_posts, disputed)
    numbers = sorted(by_number)
    limits, _languages = limits_of(db, design, numbers, drawn)
    if limits is not None:
        assigned = _assigned(db, row.id or 0)
        had = [assigned[by_number[one].member_id] for one in numbers]
        quotas = _left_of(design, numbers, had, drawn.size)
        limits = replace(limits, quotas=quotas)
    plan = plan_of(design, drawn.size, numbers, None, double_strata(db, design, drawn), limits)
    if not isinstance(plan, Plan):
        add_slots_of(db, row.id or 0, drawn[plan.post_index], plan.depth, _last_rank(db, row.id or 0))
        db.get_one(RoundQueue, row.id).n_slots += plan.n_slots
        return plan.n_slots
    members = np.array([by_number[one].member_id for one in numbers], dtype=np.int64)
    pairs = zip(drawn[plan.post_index].tolist(), members[plan.annotator_index].tolist(), strict=True)
    give(db, row.id or 0, list(pairs))
    return int(plan.post_index.size)


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
    db: Session, access: Access, number: int, post_ids: Collection[int] | None, annotator: int | None
) -> Dealt:
    """One more coding of these posts of the round, or of all of them: by one annotator, or by who has least.

    Raises:
        Refusal: the round is not open, none of these posts is in it, or all who may code them have done so.
    """
    row = open_round_for_change(db, access, number)
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
    row.design = row.design | {name: int(str(row.design.get(name, 0))) + n}


def _refusal(message: str) -> Refusal:
    return Refusal(message, {"more_posts": message})
