"""The whole sample study as plain data: posts, codebook, codings and decisions. All of it is synthetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.codebooks.sheet import CodebookSheet
from server.sample.annotators import ANNOTATORS, Reading, read_all
from server.sample.codebook import CODEBOOK
from server.sample.decisions import Ruling, decide
from server.sample.dice import Dice
from server.sample.texts import Draft, write_all
from server.sample.truth import FIRST_DAY, N_AUTHORS, TruePost, draw_truth

SEED = 2025
TITLE = "When a model is retired"
ABOUT = (
    "1,482 posts by 381 accounts about the retirement of a model called 4o. Posts, accounts, codings and "
    "decisions were made up for this program and put together by chance. Nobody wrote them, and nothing in "
    "them says anything about a real person or product."
)

# Ids of real posts of this length start with 1; these cannot be mistaken for them.
_FIRST_ID = 9_100_000_000_000_000_000


@dataclass(frozen=True)
class SamplePost:
    """One synthetic post as an import would bring it."""

    external_id: str
    text: str
    author: str
    posted_at: datetime
    link: str | None
    thread_key: str
    parent_key: str | None
    extra: Mapping[str, str]


@dataclass(frozen=True)
class SampleCoding:
    """What one annotator did with one post: answers, or the reason why it was skipped.

    `answers` holds code keys for each variable; an empty tuple for the multiple choice says that nothing
    applies.
    """

    annotator: str
    external_id: str
    answers: Mapping[str, tuple[str, ...]]
    unsure: bool
    memo: str
    skip_reason: str | None
    submitted_at: datetime
    seconds: int


@dataclass(frozen=True)
class SampleDecision:
    """What the lead decided about one variable of one post."""

    external_id: str
    variable: str
    codes: tuple[str, ...]
    reason: str
    decided_at: datetime


@dataclass(frozen=True)
class SampleStudy:
    """Everything that is needed to fill a project.

    The codings follow the order of `make_plan(len(posts), annotators, k=3, seed=plan_seed)` with the posts
    and the annotators in the order given here.
    """

    title: str
    about: str
    seed: int
    plan_seed: int
    codebook: CodebookSheet
    annotators: tuple[str, ...]
    posts: tuple[SamplePost, ...]
    codings: tuple[SampleCoding, ...]
    decisions: tuple[SampleDecision, ...]


def sample_study(seed: int = SEED) -> SampleStudy:
    """The sample study; the same seed always gives the same study."""
    truth = draw_truth(seed)
    drafts = write_all(seed, truth)
    readings = read_all(seed, seed, truth, drafts)
    posts = _posts(seed, truth, drafts)
    return SampleStudy(
        title=TITLE,
        about=ABOUT,
        seed=seed,
        plan_seed=seed,
        codebook=CODEBOOK,
        annotators=ANNOTATORS,
        posts=posts,
        codings=tuple(_coding(reading, posts) for reading in readings),
        decisions=tuple(_decision(ruling, posts) for ruling in decide(seed, truth, readings)),
    )


def _posts(seed: int, truth: list[TruePost], drafts: list[Draft]) -> tuple[SamplePost, ...]:
    """The posts with ids, handles and the extra fields of a platform."""
    dice = Dice(seed, "platform")
    handles = _handles(dice)
    ids = [_external_id(post.posted_at, dice) for post in truth]
    threads: list[str] = []
    for external_id, draft in zip(ids, drafts, strict=True):
        threads.append(external_id if draft.parent is None else threads[draft.parent])
    return tuple(
        SamplePost(external_id, draft.text, handles[post.author], post.posted_at, None,
                   thread, None if draft.parent is None else ids[draft.parent], _extra(dice))
        for external_id, post, draft, thread in zip(ids, truth, drafts, threads, strict=True)
    )  # fmt: skip


def _handles(dice: Dice) -> list[str]:
    """One pseudonym for each author, all different."""
    numbers = dice.shuffled(range(16**4))[:N_AUTHORS]
    return [f"user_{number:04x}" for number in numbers]


def _external_id(posted_at: datetime, dice: Dice) -> str:
    """An id of 19 digits that grows with time and says nothing else."""
    seconds = int((posted_at - FIRST_DAY).total_seconds())
    return str(_FIRST_ID + seconds * 4_000_000_000 + dice.below(4_000_000_000))


def _extra(dice: Dice) -> dict[str, str]:
    """How much the post was liked and passed on."""
    likes = int(dice.between(0, 1) ** 6 * 900 + dice.below(9))
    return {
        "likes": str(likes),
        "reposts": str(int(likes * dice.between(0, 0.4))),
    }


def _coding(reading: Reading, posts: tuple[SamplePost, ...]) -> SampleCoding:
    """A reading under the names of its annotator and post."""
    return SampleCoding(
        annotator=ANNOTATORS[reading.annotator],
        external_id=posts[reading.post].external_id,
        answers=reading.answers,
        unsure=reading.unsure,
        memo=reading.memo,
        skip_reason=reading.skip_reason or None,
        submitted_at=reading.submitted_at,
        seconds=reading.seconds,
    )


def _decision(ruling: Ruling, posts: tuple[SamplePost, ...]) -> SampleDecision:
    """A ruling under the id of its post."""
    return SampleDecision(
        external_id=posts[ruling.post].external_id,
        variable=ruling.variable,
        codes=ruling.codes,
        reason=ruling.reason,
        decided_at=ruling.decided_at,
    )
