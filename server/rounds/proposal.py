"""What opening a round would do: the posts and annotators it can have, and the plan a design leads to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.accounts.names import UNUSABLE
from server.codebooks.queries import latest_published
from server.columns import numbers_as_rows
from server.corpora.extra import cells_of, extra_fields, field_values
from server.corpora.models import Post
from server.corpora.threads import thread_of
from server.errors import Refusal
from server.gold.queries import has_gold, n_gold
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Permission, Role, may
from server.rounds.blindness import REVIEWERS
from server.rounds.blocks import Integers
from server.rounds.design import Order, RoundDesign
from server.rounds.gates import Candidate, Gate, gate_of, refuse_unreachable, trainings
from server.rounds.gold_posts import gold_is_shown, in_order, silent_posts, training_posts
from server.rounds.models import Assignment, Round, RoundQueue
from server.rounds.plan import Plan, PlanSummary, draw_sample, make_plan, summarise
from server.rounds.ranks import QueuePlan, QueueSummary, make_queue, summarise_queue
from server.rounds.sharing import in_queues_of
from server.rounds.threads import Threads, threads_of

_CODERS = tuple(role.value for role in Role if may(role, Permission.CODE))
N_VALUES_NAMED = 8
NO_POSTS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Offer:
    """What there is to make a round from. `codebook_number` is None until a version is published.

    `n_from_file` members are known from a file of ratings only: they can never sign in, so they are no
    candidates. `n_gold` posts have gold, `trainings` are the rounds that show it.
    """

    next_number: int
    n_posts: int
    codebook_number: int | None
    candidates: tuple[Candidate, ...]
    n_from_file: int
    extra_fields: tuple[str, ...]
    n_gold: int
    variables: tuple[tuple[str, str], ...]
    trainings: tuple[tuple[int, str], ...]


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a design leads to now. The fingerprint changes with anything that it depends on.

    Both kinds of plan point with `post_index` into `post_ids`. `n_threads`: where the order goes by them.
    `silent_ids` are those among the posts that have gold to check with.
    """

    design: RoundDesign
    version_id: int
    codebook_number: int
    annotators: tuple[Candidate, ...]
    post_ids: Integers
    n_threads: int | None
    plan: Plan | QueuePlan
    fingerprint: str
    silent_ids: Integers
    gate: Gate | None

    @property
    def n_codings(self) -> int:
        """How many codings it asks for."""
        return self.plan.n_slots if isinstance(self.plan, QueuePlan) else int(self.plan.post_index.size)

    def stored(self) -> dict[str, object]:
        """The design as the round keeps it, with what it has led to."""
        found = {} if self.n_threads is None else {"n_threads": self.n_threads}
        return self.design.stored() | found

    def summary(self) -> PlanSummary | QueueSummary:
        """Loads and overlaps of the plan, or what the queue asks for."""
        if isinstance(self.plan, Plan):
            return summarise(self.plan)
        cap = self.design.sharing.cap if self.design.sharing else None
        return summarise_queue(self.plan, len(self.annotators), cap)


def offer(db: Session, access: Access) -> Offer:
    """What a round of this project can be made from."""
    published = latest_published(db, access.project_id)
    return Offer(
        next_number=next_number(db, access),
        n_posts=db.scalar(select(func.count()).where(col(Post.project_id) == access.project_id)) or 0,
        codebook_number=published.number if published else None,
        candidates=candidates(db, access),
        n_from_file=_n_from_file(db, access),
        extra_fields=extra_fields(db, access.project_id),
        n_gold=n_gold(db, access),
        variables=tuple((each.key, each.label) for each in published.variables) if published else (),
        trainings=trainings(db, access),
    )


def next_number(db: Session, access: Access) -> int:
    """The number that the next round of the project gets."""
    newest = select(func.max(col(Round.number))).where(col(Round.project_id) == access.project_id)
    return (db.scalar(newest) or 0) + 1


def candidates(db: Session, access: Access) -> tuple[Candidate, ...]:
    """The active members who may code and can sign in, by their numbers."""
    rows = db.execute(
        select(col(Member.number), col(Member.id), col(Account.display_name), col(Member.role))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(*_may_code(access), ~_is_from_file())
        .order_by(col(Member.number))
    )
    return tuple(Candidate(number, id_, name, role in REVIEWERS) for number, id_, name, role in rows)


def _n_from_file(db: Session, access: Access) -> int:
    left_out = (
        select(func.count())
        .select_from(Member)
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(*_may_code(access), _is_from_file())
    )
    return db.scalar(left_out) or 0


def _may_code(access: Access) -> list[ColumnElement[bool]]:
    is_active = and_(col(Member.is_active), col(Account.is_active))
    return [col(Member.project_id) == access.project_id, is_active, col(Member.role).in_(_CODERS)]


def _is_from_file() -> ColumnElement[bool]:
    return col(Account.name).startswith(UNUSABLE, autoescape=True)


def propose(db: Session, access: Access, design: RoundDesign) -> Proposal:
    """The round this design leads to, or `Refusal` at the field that makes it impossible."""
    version = latest_published(db, access.project_id)
    if version is None:
        raise Refusal(_("No codebook is published yet. Publish one, then open the round."))
    annotators = _chosen(candidates(db, access), design.annotators)
    gate = gate_of(db, access, design.requires, annotators) if design.requires else None
    post_ids, silent_ids = _post_ids(db, access, design, annotators)
    refuse_unreachable(design, len(post_ids), version)
    numbers = [annotator.number for annotator in annotators]
    threads = _threads(db, post_ids) if design.order == Order.THREAD else None
    plan = _plan(design, len(post_ids), numbers, threads)
    return Proposal(
        design=design,
        version_id=version.version_id,
        codebook_number=version.number,
        annotators=annotators,
        post_ids=post_ids,
        n_threads=threads.count if threads else None,
        plan=plan,
        fingerprint=_fingerprint(version.number, numbers, post_ids, silent_ids, plan),
        silent_ids=silent_ids,
        gate=gate,
    )


def _threads(db: Session, post_ids: Integers) -> Threads:
    """The threads of these posts, which are in the order of their numbers."""
    wanted = numbers_as_rows(db, post_ids)
    rows = db.execute(
        select(thread_of(Post), col(Post.posted_at))
        .join(wanted, wanted.c.value == col(Post.id))
        .order_by(col(Post.number))
    )
    return threads_of((key, moment) for key, moment in rows)


def _plan(
    design: RoundDesign, n_posts: int, numbers: Sequence[int], threads: Threads | None
) -> Plan | QueuePlan:
    make = make_queue if design.sharing else make_plan
    return make(
        n_posts,
        numbers,
        k=design.k,
        double_share=design.double_share,
        seed=design.seed,
        is_random=design.order == Order.RANDOM,
        threads=threads,
    )


def _chosen(offered: Sequence[Candidate], numbers: Sequence[int]) -> tuple[Candidate, ...]:
    by_number = {candidate.number: candidate for candidate in offered}
    if set(numbers) - by_number.keys():
        message = _("Somebody you chose cannot code in this project any more. Choose again.")
        raise Refusal(message, {"annotators": message})
    return tuple(by_number[number] for number in sorted(set(numbers)))


def _post_ids(
    db: Session, access: Access, design: RoundDesign, annotators: Sequence[Candidate]
) -> tuple[Integers, Integers]:
    """The ids of the posts the design names, in the order of their numbers; and which are silent gold."""
    if design.shows_gold:
        members = [annotator.member_id for annotator in annotators]
        return training_posts(db, access, members, design.sample_size, design.seed), NO_POSTS
    found = _eligible(db, access, design)
    if not found.size:
        raise _nothing_left(db, access, design)
    if design.sample_size is not None:
        found = found[draw_sample(found.size, design.sample_size, design.seed)]
    if not design.gold_share:
        return found, NO_POSTS
    unused = _unused(access) if design.leaves_out_used else []
    silent = silent_posts(db, access, design.gold_share, found.size, design.seed, unused)
    return in_order(db, access, np.concatenate([found, silent])), np.sort(silent)


def _unused(access: Access) -> list[ColumnElement[bool]]:
    """What a post that is in no round fulfils."""
    is_used = (col(Assignment.post_id) == col(Post.id), col(Assignment.state) != "withdrawn")
    return [~exists().where(*is_used), ~in_queues_of(_queues(access), col(Post.id))]


def _eligible(db: Session, access: Access, design: RoundDesign) -> Integers:
    conditions: list[ColumnElement[bool]] = [col(Post.project_id) == access.project_id, ~gold_is_shown()]
    if design.gold_share:
        conditions.append(~has_gold())
    if design.filter_field:
        cells = cells_of(db)
        of_field = cells.c.key == design.filter_field
        conditions.append(exists().where(of_field, cells.c.value.in_(design.filter_values)))
    if design.leaves_out_used:
        conditions += _unused(access)
    ids = db.scalars(select(col(Post.id)).where(*conditions).order_by(col(Post.number)))
    return np.fromiter(ids, dtype=np.int64)


def _queues(access: Access) -> Select[int]:
    of_project = col(Round.project_id) == access.project_id
    return (
        select(col(RoundQueue.round_id))
        .join(Round, col(Round.id) == col(RoundQueue.round_id))
        .where(of_project)
    )


def _nothing_left(db: Session, access: Access, design: RoundDesign) -> Refusal:
    """Why a design names no posts, at the field that is to blame."""
    if db.scalar(select(col(Post.id)).where(col(Post.project_id) == access.project_id).limit(1)) is None:
        return Refusal(_("The project has no posts yet. Import posts, then open the round."))
    if design.filter_field and (values := field_values(db, access.project_id, design.filter_field)):
        if not set(values) & set(design.filter_values):
            message = _("No post has this value in “{field}”. Frequent values there: {values}.")
            named = ", ".join(values[:N_VALUES_NAMED])
            return _refusal("filter_values", message.format(field=design.filter_field, values=named))
    elif design.filter_field:
        return _refusal("filter_field", _("No post has a field of this name. Choose one from the list."))
    if not design.leaves_out_used:
        message = _("The gold answers of all these posts are shown in a training round. Choose other posts.")
        return _refusal("posts", message)
    return _refusal("leaves_out_used", _("All of these posts are in a round already. Choose other posts."))


def _refusal(field: str, message: str) -> Refusal:
    return Refusal(message, {field: message})


def _fingerprint(
    version: int,
    annotators: Sequence[int],
    post_ids: Integers,
    silent_ids: Integers,
    plan: Plan | QueuePlan,
) -> str:
    hashed = hashlib.sha256(f"{version} {annotators}".encode())
    rest = (plan.annotator_index, plan.position) if isinstance(plan, Plan) else (plan.depth,)
    for numbers in (post_ids, plan.post_index, *rest, silent_ids):
        hashed.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
    return hashed.hexdigest()
