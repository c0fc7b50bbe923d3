"""What opening a round would do: the posts and annotators it can have, and the plan a design leads to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.accounts.names import UNUSABLE
from server.clock import now
from server.codebooks.queries import latest_published
from server.corpora.extra import extra_fields
from server.corpora.models import Post
from server.corpora.threads import thread_of
from server.db.bulk_rows import numbers_as_rows
from server.errors import Refusal
from server.gold.queries import n_gold
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Permission, Role, may
from server.rounds.blindness import REVIEWERS
from server.rounds.blocks import Integers
from server.rounds.design import Order, RoundDesign
from server.rounds.eligible import DisputedPosts, eligible, nobody_differs, unused, values_of
from server.rounds.gates import Candidate, Gate, gate_of, refuse_unreachable, trainings
from server.rounds.gold_posts import in_order, silent_posts, training_posts
from server.rounds.models import Round
from server.rounds.picks import Counts, Outcome, counted, readers
from server.rounds.plan import Limits, Plan, PlanSummary, draw_sample, make_plan, summarise
from server.rounds.ranks import QueuePlan, QueueSummary, make_queue, summarise_queue
from server.rounds.strata import Strata, draw_stratified, strata_of
from server.rounds.threads import Threads, threads_of

_CODERS = tuple(role.value for role in Role if may(role, Permission.CODE))
NO_OUTCOME = Outcome()
NO_POSTS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Offer:
    """What there is to make a round from. `codebook_number` is None until a version is published.

    `n_from_file` members are known from a file of ratings only: they can never sign in, so they are no
    candidates. `n_gold` posts have gold, `trainings` are the rounds that show it. The languages are those of
    the last round for which they were said.
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
    language_field: str = ""
    languages: tuple[tuple[int, tuple[str, ...]], ...] = ()


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
    outcome: Outcome = NO_OUTCOME

    @property
    def n_codings(self) -> int:
        """How many codings it asks for."""
        return self.plan.n_slots if isinstance(self.plan, QueuePlan) else int(self.plan.post_index.size)

    def stored(self) -> dict[str, object]:
        """The design as the round keeps it, with what it has led to."""
        found = {} if self.n_threads is None else {"n_threads": self.n_threads}
        return self.design.stored() | found | self.outcome.stored()

    def summary(self) -> PlanSummary | QueueSummary:
        """Loads and overlaps of the plan, or what the queue asks for."""
        if isinstance(self.plan, Plan):
            return summarise(self.plan)
        return summarise_queue(self.plan, [self.design.most_of(each.number) for each in self.annotators])


def offer(db: Session, access: Access) -> Offer:
    """What a round of this project can be made from."""
    published, last = latest_published(db, access.project_id), _last_languages(db, access)
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
        language_field=last.get("language_field", ""),
        languages=tuple((int(of), tuple(read)) for of, read in last.get("languages", {}).items()),
    )


def _last_languages(db: Session, access: Access) -> Mapping[str, Any]:
    """The design of the last round in which the languages of annotators were said."""
    of_project = col(Round.project_id) == access.project_id
    designs = db.scalars(select(col(Round.design)).where(of_project).order_by(col(Round.number).desc()))
    return next((design for design in designs if "languages" in design), {})


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


def propose(
    db: Session, access: Access, design: RoundDesign, disputed: DisputedPosts = nobody_differs
) -> Proposal:
    """The round this design leads to, or `Refusal` at the field that makes it impossible."""
    version = latest_published(db, access.project_id)
    if version is None:
        raise Refusal(_("No codebook is published yet. Publish one, then open the round."))
    if design.ends_on and design.ends_on < now().date():
        message = _("This day has passed. Choose today or a later day, or leave it empty.")
        raise Refusal(message, {"ends_on": message})
    annotators = _chosen(candidates(db, access), design.annotators)
    gate = gate_of(db, access, design.requires, annotators) if design.requires else None
    chosen = _chosen_posts(db, access, design, annotators, disputed)
    post_ids, silent_ids = chosen.post_ids, chosen.silent_ids
    refuse_unreachable(design, len(post_ids), version)
    numbers = [annotator.number for annotator in annotators]
    threads = _threads(db, post_ids) if design.order == Order.THREAD else None
    limits, languages = limits_of(db, design, numbers, post_ids)
    strata = double_strata(db, design, post_ids)
    plan = plan_of(design, len(post_ids), numbers, threads, strata, limits)
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
        outcome=replace(chosen.outcome, thin=_thin(limits, languages, design)),
    )


def double_strata(db: Session, design: RoundDesign, post_ids: Integers) -> Strata | None:
    """The strata in proportion to which posts are coded twice, if a field of them is named."""
    if design.double_share is None or not design.double_field:
        return None
    return strata_of(values_of(db, post_ids, design.double_field), "double_field")


def _threads(db: Session, post_ids: Integers) -> Threads:
    """The threads of these posts, which are in the order of their numbers."""
    wanted = numbers_as_rows(db, post_ids)
    rows = db.execute(
        select(thread_of(Post), col(Post.posted_at))
        .join(wanted, wanted.c.value == col(Post.id))
        .order_by(col(Post.number))
    )
    return threads_of((key, moment) for key, moment in rows)


def plan_of(
    design: RoundDesign,
    n_posts: int,
    numbers: Sequence[int],
    threads: Threads | None,
    strata: Strata | None,
    limits: Limits | None,
) -> Plan | QueuePlan:
    """Who codes which of so many posts, or what a shared queue wants of them."""
    asked: dict[str, Any] = {
        "k": design.k,
        "double_share": design.double_share,
        "seed": design.seed,
        "is_random": design.order == Order.RANDOM,
        "threads": threads,
        "strata": strata,
    }
    if design.sharing:
        return make_queue(n_posts, numbers, **asked)
    return make_plan(n_posts, numbers, **asked, limits=limits)


def _chosen(offered: Sequence[Candidate], numbers: Sequence[int]) -> tuple[Candidate, ...]:
    by_number = {candidate.number: candidate for candidate in offered}
    if set(numbers) - by_number.keys():
        message = _("Somebody you chose cannot code in this project any more. Choose again.")
        raise Refusal(message, {"annotators": message})
    return tuple(by_number[number] for number in sorted(set(numbers)))


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The posts of a round by their numbers, which of them are silent gold, and what the draw has led to."""

    post_ids: Integers
    silent_ids: Integers
    outcome: Outcome = NO_OUTCOME


def _chosen_posts(
    db: Session,
    access: Access,
    design: RoundDesign,
    annotators: Sequence[Candidate],
    disputed: DisputedPosts,
) -> _Chosen:
    if design.shows_gold:
        members = [annotator.member_id for annotator in annotators]
        return _Chosen(training_posts(db, access, members, design.sample_size, design.seed), NO_POSTS)
    found, outcome = readable(db, design, eligible(db, access, design, disputed))
    if design.picks.strata_field:
        found, outcome = stratified(db, design, found, outcome)
    elif design.sample_size is not None:
        found = found[draw_sample(found.size, design.sample_size, design.seed)]
    if not design.gold_share:
        return _Chosen(found, NO_POSTS, outcome)
    conditions = unused(access, design.unused)
    silent = silent_posts(db, access, design.gold_share, found.size, design.seed, conditions)
    return _Chosen(in_order(db, access, np.concatenate([found, silent])), np.sort(silent), outcome)


def readable(db: Session, design: RoundDesign, found: Integers) -> tuple[Integers, Outcome]:
    """The posts that one of the annotators reads at least; the others are counted by their languages."""
    crew = design.crew
    if not (crew.language_field and crew.languages):
        return found, NO_OUTCOME
    values = values_of(db, found, crew.language_field)
    is_read = np.array([bool(readers(crew, design.annotators, value)) for value in values], dtype=np.bool_)
    if not is_read.any():
        message = _("None of these annotators reads any of these posts. Choose others, or other languages.")
        raise _refusal("language_field", message)
    unread = counted([value for value, each in zip(values, is_read.tolist(), strict=True) if not each])
    return found[is_read], Outcome(unread=unread)


def stratified(
    db: Session, design: RoundDesign, found: Integers, outcome: Outcome
) -> tuple[Integers, Outcome]:
    """A random sample of posts by strata, and how many of each it has."""
    picks = design.picks
    strata = strata_of(values_of(db, found, picks.strata_field), "strata_field")
    drawn = draw_stratified(strata, design.seed, size=design.sample_size, each=picks.per_stratum)
    taken = np.bincount(strata.of[drawn], minlength=len(strata.values)).tolist()
    named = list(zip(strata.values, taken, strict=True))
    small = [pair for pair in named if picks.per_stratum and pair[1] < picks.per_stratum]
    return found[drawn], replace(outcome, strata=tuple(named), small=tuple(small))


def limits_of(
    db: Session, design: RoundDesign, numbers: Sequence[int], post_ids: Integers
) -> tuple[Limits | None, tuple[str, ...]]:
    """Who may code how many and which of the posts; and the language of each, where it matters."""
    crew = design.crew
    if design.shows_gold or not crew.is_limited:
        return None, ()
    values = values_of(db, post_ids, crew.language_field) if crew.language_field else [""] * post_ids.size
    names = sorted(set(values))
    place = {name: at for at, name in enumerate(names)}
    reads = [[one in readers(crew, numbers, name) for one in numbers] for name in names]
    most, n_posts = dict(crew.quotas), int(post_ids.size)
    return (
        Limits(
            tuple(min(most.get(one, n_posts), n_posts) for one in numbers),
            np.array([place[value] for value in values], dtype=np.int64),
            # A post of silent gold may be in any language: where nobody reads that, all are asked.
            np.array([row if any(row) else [True] * len(numbers) for row in reads], dtype=np.bool_),
        ),
        tuple(values) if crew.languages else (),
    )


def _thin(limits: Limits | None, languages: Sequence[str], design: RoundDesign) -> Counts:
    """Posts that fewer annotators read than were to code each, by language."""
    if limits is None or not languages:
        return ()
    wanted = design.k if design.double_share is None else 1
    short = limits.n_readers < wanted
    return counted([value for value, each in zip(languages, short.tolist(), strict=True) if each])


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


def _refusal(field: str, message: str) -> Refusal:
    return Refusal(message, {field: message})
