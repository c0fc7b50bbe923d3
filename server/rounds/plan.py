"""Who codes which posts of a round, and in what order: drawn from a seed, balanced, the same everywhere.

What is promised:

- loads differ by at most one post between any two annotators;
- the numbers of posts that two annotators share differ, over all pairs, by at most one with two annotators
  a post (and within a double-coded share), by at most two with three, and by at most three with more;
- the same seed and numbers give the same plan on every platform and with every version of Python and numpy:
  only the raw words of the PCG64 generator, whose stream is fixed, and integer arithmetic are used;
- annotators are sorted first, so the order in which they are named does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext, number
from server.rounds.blocks import Integers, even_blocks, keys_needed, pair_overlaps
from server.rounds.bounded import Kind, Shares, seated, shares
from server.rounds.draws import Stream, raw_words, shuffled
from server.rounds.strata import Strata, doubles_first
from server.rounds.threads import Threads, thread_by_thread


@dataclass(frozen=True, eq=False)
class Plan:
    """The assignments of a round, one element of the three arrays each, by annotator and then by position.

    `annotator_index` points into `annotators`; `position` counts from 1 for every annotator.
    """

    seed: int
    n_posts: int
    annotators: tuple[int, ...]
    post_index: Integers
    annotator_index: Integers
    position: Integers


@dataclass(frozen=True, eq=False)
class Limits:
    """Who may code how many posts, and which; annotators in ascending order.

    `tongue` is for each post a row of `reads`, which says who reads it; each post is read by somebody.
    """

    quotas: tuple[int, ...]
    tongue: Integers
    reads: NDArray[np.bool_]

    @property
    def n_readers(self) -> Integers:
        """How many annotators read each post."""
        return np.asarray(self.reads.sum(axis=1)[self.tongue], dtype=np.int64)


@dataclass(frozen=True)
class PlanSummary:
    """What a plan asks of each annotator and lets each pair share."""

    n_posts: int
    n_assignments: int
    loads: dict[int, int]
    overlaps: dict[tuple[int, int], int]
    single_coded: int
    double_coded: int


def make_plan(
    n_posts: int,
    annotators: Sequence[int],
    *,
    k: int = 1,
    double_share: float | None = None,
    seed: int,
    is_random: bool = True,
    threads: Threads | None = None,
    strata: Strata | None = None,
    limits: Limits | None = None,
) -> Plan:
    """A balanced plan: `k` annotators for every post, or one for every post and two for a random share.

    With a `double_share` the value of `k` is not looked at. The double-coded posts are a simple random sample
    of `double_share` of all posts, rounded half up; with `strata`, of each stratum in proportion. With
    `limits` loads are as even as these allow, and posts that too few annotators read get as many as read
    them. Every annotator's posts come in an order of their own, or
    in the order given where that is not to be random; with `threads`, those of a thread by date and one after
    another, and the threads in an order of their own.

    Raises:
        Refusal: naming `posts`, `annotators`, `k`, `double_share`, `quotas` or `seed`.
    """
    refuse_impossible(n_posts, annotators, seed)
    people = tuple(sorted(annotators))
    refuse_depth(k, double_share, len(people))
    order = shuffled(n_posts, seed, Stream.POSTS)
    n_double = 0 if double_share is None else n_doubled(n_posts, double_share)
    if strata is not None and n_double:
        order = doubles_first(order, strata, n_double)
    if limits is not None:
        posts, coders = _limited(order, k if double_share is None else 1, n_double, limits, seed)
    else:
        if double_share is None:
            posts, coders = _everywhere(order, len(people), k, seed)
        else:
            posts, coders = _with_double_share(order, len(people), n_double, seed)
        coders = shuffled(len(people), seed, Stream.ANNOTATORS)[coders]
    posts, coders = _ordered(seed, posts, coders, is_random=is_random, threads=threads)
    position = np.arange(1, coders.size + 1) - np.searchsorted(coders, np.arange(len(people)))[coders]
    return Plan(seed, n_posts, people, posts, coders, position)


def n_doubled(n_posts: int, double_share: float) -> int:
    """How many posts a share of them is, rounded half up."""
    return int(n_posts * double_share + 0.5)


def draw_sample(n_posts: int, size: int, seed: int) -> Integers:
    """A simple random sample of `size` of `n_posts` posts, as ascending indexes.

    A larger sample from the same seed contains every smaller one.

    Raises:
        Refusal: naming `posts`, `size` or `seed`.
    """
    _refuse_seed(seed)
    if n_posts < 1:
        raise _refusal("posts", _("There are no posts to draw from. Import posts first."))
    if size < 1:
        raise _refusal("size", _("A sample needs at least one post."))
    if size > n_posts:
        message = _("The sample cannot be larger than the number of posts. There are {n}.")
        raise _refusal("size", message.format(n=number(n_posts)))
    return np.sort(shuffled(n_posts, seed, Stream.SAMPLE)[:size])


def summarise(plan: Plan) -> PlanSummary:
    """The loads, overlaps and depth of a plan, for its preview."""
    members = np.zeros((plan.n_posts, len(plan.annotators)), dtype=np.bool_)
    members[plan.post_index, plan.annotator_index] = True
    depth = members.sum(axis=1)
    shared = pair_overlaps(members)
    loads = members.sum(axis=0)
    pairs = [(i, j) for i in range(len(plan.annotators)) for j in range(i + 1, len(plan.annotators))]
    return PlanSummary(
        n_posts=plan.n_posts,
        n_assignments=int(plan.post_index.size),
        loads={person: int(load) for person, load in zip(plan.annotators, loads, strict=True)},
        overlaps={(plan.annotators[i], plan.annotators[j]): int(shared[i, j]) for i, j in pairs},
        single_coded=int((depth == 1).sum()),
        double_coded=int((depth >= 2).sum()),
    )


def _everywhere(posts: Integers, n_annotators: int, k: int, seed: int) -> tuple[Integers, Integers]:
    """Post and annotator of every assignment when each post gets `k` annotators."""
    blocks = _blocks(posts.size, n_annotators, k, seed)
    return np.repeat(posts, k), blocks.ravel()


def _with_double_share(
    posts: Integers, n_annotators: int, n_double: int, seed: int
) -> tuple[Integers, Integers]:
    """Post and annotator of every assignment when the first `n_double` posts get two and the rest one."""
    doubles = _blocks(n_double, n_annotators, 2, seed).ravel() if n_double else np.empty(0, dtype=np.int64)
    singles = _levelling(np.bincount(doubles, minlength=n_annotators), posts.size - n_double, seed)
    return np.concatenate([np.repeat(posts[:n_double], 2), posts[n_double:]]), np.concatenate(
        [doubles, singles]
    )


def _limited(order: Integers, k: int, n_double: int, limits: Limits, seed: int) -> tuple[Integers, Integers]:
    """Post and annotator of every assignment where not everybody may code any number of any posts."""
    wanted = np.full(order.size, k, dtype=np.int64)
    wanted[:n_double] = 2
    kinds = _kinds(order, np.minimum(wanted, limits.n_readers[order]), limits)
    n_people = limits.reads.shape[1]
    found = shares(kinds, limits.quotas)
    _refuse_missing(found)
    overlaps = np.zeros((n_people, n_people), dtype=np.int64)
    words = raw_words(order.size * n_people, seed, Stream.BLOCKS)
    parts, begin = [], 0
    for kind, counts in zip(kinds, found.counts, strict=True):
        end = begin + kind.posts.size * n_people
        parts.append(seated(kind, counts, words[begin:end], overlaps).ravel())
        begin = end
    posts = [np.repeat(kind.posts, kind.depth) for kind in kinds]
    return np.concatenate(posts), np.concatenate(parts)


def _kinds(order: Integers, depth: Integers, limits: Limits) -> list[Kind]:
    tongue = limits.tongue[order]
    return [
        Kind(order[(tongue == place) & (depth == n)], n, tuple(np.flatnonzero(limits.reads[place]).tolist()))
        for place in range(len(limits.reads))
        for n in np.unique(depth[tongue == place]).tolist()
        if n
    ]


def _refuse_missing(found: Shares) -> None:
    if not found.missing:
        return
    most = sum(sum(counts) for counts in found.counts)
    message = ngettext(
        "The quotas leave {n} coding without an annotator: {wanted} are asked for, {most} are allowed. "
        "Raise them, add annotators, or take fewer posts.",
        "The quotas leave {n} codings without an annotator: {wanted} are asked for, {most} are allowed. "
        "Raise them, add annotators, or take fewer posts.",
        found.missing,
    )
    said = {"n": number(found.missing), "wanted": number(most + found.missing), "most": number(most)}
    raise _refusal("quotas", message.format(**said))


def _levelling(loads: Integers, n_more: int, seed: int) -> Integers:
    """Annotators for `n_more` single posts: first those behind, then everybody in turn."""
    turn = shuffled(loads.size, seed, Stream.REMAINDER)
    behind = turn[loads[turn] < loads.max()]
    turns = -(-n_more // loads.size) + 1
    return np.concatenate([behind, np.tile(turn, turns)])[:n_more]


def _blocks(n_blocks: int, n_annotators: int, size: int, seed: int) -> Integers:
    """Balanced blocks whose ties are broken by the seed."""
    keys = raw_words(keys_needed(n_blocks, n_annotators, size), seed, Stream.BLOCKS)
    return even_blocks(n_blocks, n_annotators, size, keys)


def _ordered(
    seed: int, posts: Integers, coders: Integers, *, is_random: bool, threads: Threads | None
) -> tuple[Integers, Integers]:
    """The assignments by annotator, and for each in the order given, by thread, or in an own random order."""
    # Sorted by post and annotator first: the order then depends on the assignments alone.
    first = np.lexsort((posts, coders))
    posts, coders = posts[first], coders[first]
    if threads is not None:
        order = thread_by_thread(posts, coders, threads, raw_words(posts.size, seed, Stream.THREADS))
    elif is_random:
        order = np.lexsort((raw_words(posts.size, seed, Stream.ORDER), coders))
    else:
        return posts, coders
    return posts[order], coders[order]


def refuse_impossible(n_posts: int, annotators: Sequence[int], seed: int) -> None:
    """Refuse what makes any plan impossible."""
    _refuse_seed(seed)
    if n_posts < 1:
        raise _refusal("posts", _("There are no posts to share out. Choose at least one."))
    if not annotators:
        raise _refusal("annotators", _("There is nobody to code. Choose at least one annotator."))
    if len(set(annotators)) < len(annotators):
        raise _refusal("annotators", _("An annotator is named twice. Choose each one once."))


def _refuse_seed(seed: int) -> None:
    """Refuse a seed from which nothing can be drawn."""
    if seed < 0:
        raise _refusal("seed", _("The seed must be a whole number of 0 or more."))


def refuse_depth(k: int, double_share: float | None, n_annotators: int) -> None:
    """Refuse more codings of a post than there are annotators."""
    if double_share is None:
        refuse_k(k, n_annotators)
    else:
        refuse_share(double_share, n_annotators)


def refuse_k(k: int, n_annotators: int) -> None:
    """Refuse a number of annotators for each post that nobody can fill."""
    if k < 1:
        raise _refusal("k", _("Every post needs at least one annotator."))
    if k > n_annotators:
        message = _("More annotators are asked for each post than there are. Choose at most {n}.")
        raise _refusal("k", message.format(n=n_annotators))


def refuse_share(share: float, n_annotators: int) -> None:
    """Refuse a share that is none, or that one person would have to code twice."""
    if not 0 <= share <= 1:
        raise _refusal("double_share", _("The double-coded share must lie between 0 and 100 %."))
    if share > 0 and n_annotators < 2:
        raise _refusal("double_share", _("Double coding needs at least two annotators. Choose another one."))


def _refusal(field: str, message: str) -> Refusal:
    """The same words for the page and for the field."""
    return Refusal(message, {field: message})
