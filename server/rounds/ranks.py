"""In which order a shared queue offers its posts, and how many codings it wants of each.

All posts have a rank: in a random order that comes from the seed, in the order given, or thread by thread. In
the random order an annotator does not go on after the post they had: each time the search begins at another
place, drawn from the seed, the annotator and how many posts they were handed. So everybody has a random order
of their own, and no place of it has to be written down before it comes. Thread by thread, who has had a post
goes on after it, and everybody begins at another thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from server.rounds.blocks import Integers
from server.rounds.draws import Stream, shuffled
from server.rounds.plan import n_doubled, refuse_depth, refuse_impossible
from server.rounds.strata import Strata, doubles_first
from server.rounds.threads import Threads, starts


@dataclass(frozen=True, eq=False)
class QueuePlan:
    """The posts of a shared queue by rank, from rank 1 on, and how many codings each gets.

    `thread_start` is, where they come thread by thread, how many posts stand before the thread of each.
    """

    post_index: Integers
    depth: Integers
    thread_start: Integers | None = None

    @property
    def n_slots(self) -> int:
        """Codings to make."""
        return int(self.depth.sum())


@dataclass(frozen=True)
class QueueSummary:
    """What a shared queue asks for, and how many of them its annotators may make together."""

    n_posts: int
    n_assignments: int
    single_coded: int
    double_coded: int
    n_within_caps: int


def make_queue(
    n_posts: int,
    annotators: Sequence[int],
    *,
    k: int = 1,
    double_share: float | None = None,
    seed: int,
    is_random: bool = True,
    threads: Threads | None = None,
    strata: Strata | None = None,
) -> QueuePlan:
    """The ranks of the posts; `k` codings of each, or one of each and two of a random share.

    Raises:
        Refusal: naming `posts`, `annotators`, `k`, `double_share` or `seed`.
    """
    refuse_impossible(n_posts, annotators, seed)
    refuse_depth(k, double_share, len(annotators))
    depth = np.full(n_posts, k if double_share is None else 1, dtype=np.int64)
    if double_share is not None:
        order, n_double = shuffled(n_posts, seed, Stream.POSTS), n_doubled(n_posts, double_share)
        depth[(order if strata is None else doubles_first(order, strata, n_double))[:n_double]] = 2
    if threads is not None:
        return _by_thread(threads, depth, seed)
    by_rank = shuffled(n_posts, seed, Stream.RANKS) if is_random else np.arange(n_posts)
    return QueuePlan(by_rank, depth[by_rank])


def _by_thread(threads: Threads, depth: Integers, seed: int) -> QueuePlan:
    turn = np.empty(threads.count, dtype=np.int64)
    turn[shuffled(threads.count, seed, Stream.THREADS)] = np.arange(threads.count)
    by_rank = np.lexsort((threads.place, turn[threads.thread]))
    return QueuePlan(by_rank, depth[by_rank], starts(threads.thread[by_rank]))


def first_cursor(plan: QueuePlan, at: int, n_annotators: int) -> int:
    """After which rank the annotator `at` (from 0) of so many is handed the first post.

    Thread by thread they are spread over the queue, each at the beginning of a thread, so that they do not
    break up one another's; in the order given all begin at its beginning.
    """
    if plan.thread_start is None:
        return 0
    return int(plan.thread_start[at * plan.post_index.size // n_annotators])


def summarise_queue(plan: QueuePlan, most: Sequence[int | None]) -> QueueSummary:
    """The preview of a shared queue; `most`: how many codings each annotator may make at most."""
    n_posts = int(plan.post_index.size)
    return QueueSummary(
        n_posts=n_posts,
        n_assignments=plan.n_slots,
        single_coded=int((plan.depth == 1).sum()),
        double_coded=int((plan.depth >= 2).sum()),
        n_within_caps=sum(n_posts if each is None else min(each, n_posts) for each in most),
    )


def start(seed: int, member_id: int, n_handed: int, n_posts: int) -> int:
    """After which rank a post is looked for, for an annotator who was handed so many: 0 to `n_posts` - 1."""
    said = sha256(f"{seed} {member_id} {n_handed}".encode()).digest()
    return int.from_bytes(said[:8], "big") % n_posts
