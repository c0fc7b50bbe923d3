"""Whether the coded posts were drawn at random from all posts, as the designs of their rounds tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.adjudication.models import Decision, StandingDecision
from server.corpora.models import ImportBatch
from server.errors import Refusal
from server.language import gettext as _
from server.results.choices import Clustering, Denominator, Reach, Ways, Weights
from server.results.fields import cells
from server.results.finals import Finals
from server.results.outcomes import Flags
from server.results.queries import Scope
from server.results.weighing import Weighing, check_weights, strata_of_cells, weighing
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue
from server.rounds.queries import in_none_of, swaying
from server.rounds.sharing import share_columns
from server.rounds.slots import QUEUED, RETURNED

# Ways of choosing posts by what is in them, by their days, or by what was said about them.
# Silent gold is among them: only the lead knows of it.
_CHOSEN = ("filter", "since", "until", "disputed", "flagged", "language_field", "gold_share", "shows_gold")


@dataclass(frozen=True)
class Drawing:
    """How a round with codings took its posts; `why_not` is empty where that was at random from all.

    `strata` is the field whose groups it drew from, if any, and `why_not_within` is empty where that was at
    random within each group.
    """

    number: int
    seed: int | None
    why_not: str
    strata: str = ""
    why_not_within: str = ""


@dataclass(frozen=True)
class Sampling:
    """The rounds with codings that a reader may see, by number.

    `n_skipped` posts of the rounds that count were skipped, nobody has coded or decided them, and nobody has
    them before them.
    """

    drawings: tuple[Drawing, ...]
    n_skipped: int = 0

    @property
    def is_random(self) -> bool:
        """Whether the coded posts are a simple random sample of all posts, or all of them."""
        return bool(self.drawings) and not any(each.why_not for each in self.drawings)

    @property
    def why_not(self) -> str:
        """Why they are none, reason by reason; empty where they are one."""
        return self._said([(each.number, each.why_not) for each in self.drawings])

    @property
    def why_not_within(self) -> str:
        """Why they are none within the groups of a field either; empty where they are."""
        return self._said([(each.number, each.why_not_within) for each in self.drawings])

    @property
    def strata(self) -> tuple[str, ...]:
        """The fields whose groups rounds drew from."""
        return tuple(sorted({each.strata for each in self.drawings if each.strata}))

    def _said(self, reasons: list[tuple[int, str]]) -> str:
        by_reason: dict[str, list[str]] = {}
        for number, why in reasons:
            if why:
                by_reason.setdefault(why, []).append(str(number))
        one, several = _("Round {number} {why}."), _("Rounds {numbers}: each {why}.")
        found = [
            several.format(numbers=", ".join(numbers), why=why)
            if len(numbers) > 1
            else one.format(number=numbers[0], why=why)
            for why, numbers in by_reason.items()
        ]
        return " ".join(found) or ("" if self.drawings else _("Nothing is coded yet."))

    @property
    def seeds(self) -> tuple[tuple[int, int], ...]:
        """Rounds and the seeds that their posts were drawn with."""
        return tuple((each.number, each.seed) for each in self.drawings if each.seed is not None)


def sampling_of(db: Session, scope: Scope) -> Sampling:
    """How the posts came to be coded that final values rest on for this reader."""
    submitted, newest = func.sum(col(RoundAnnotator.n_submitted)), _newest_import(scope)
    rows = db.execute(
        select(
            col(Round.number),
            col(Round.design),
            col(Round.is_imported),
            submitted < func.sum(col(RoundAnnotator.n_assigned)),
            col(RoundQueue.round_id).is_not(None),
            col(RoundQueue.seed).is_(None),
            col(Round.opened_at) < newest,
        )
        .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
        .outerjoin(RoundQueue, col(RoundQueue.round_id) == col(Round.id))
        .where(col(Round.id).in_(scope.rounds))
        .group_by(col(Round.id), col(RoundQueue.round_id), col(RoundQueue.seed))
        .having(submitted > 0)
        .order_by(col(Round.number))
    )
    return Sampling(tuple(_drawing(*row) for row in rows), _n_skipped(db, scope))


def _newest_import(scope: Scope) -> Any:
    """When posts were last imported that were not there before."""
    has_brought = (col(ImportBatch.project_id) == scope.project_id, col(ImportBatch.n_new) > 0)
    return select(func.max(col(ImportBatch.imported_at))).where(*has_brought).scalar_subquery()


def _n_skipped(db: Session, scope: Scope) -> int:
    """How many posts of the rounds that count were skipped; nobody coded, decided or can still code them."""
    coded, post = aliased(Assignment), col(Assignment.post_id)
    is_coded = exists().where(
        col(coded.post_id) == post, col(coded.round_id).in_(scope.rounds), col(coded.state) == "submitted"
    )
    decisions = select(col(StandingDecision.post_id)).join(
        Decision, col(Decision.id) == col(StandingDecision.decision_id)
    )
    stands = (col(StandingDecision.post_id) == post, col(Decision.basis) != "withdrawn")
    skipped = select(func.count(post.distinct())).where(
        col(Assignment.round_id).in_(scope.rounds),
        col(Assignment.state) == "skipped",
        in_none_of(swaying(scope.hidden), post),
        ~is_coded,
        ~_is_ahead(scope, post),
        ~decisions.where(*stands).exists(),
    )
    return db.scalar(skipped) or 0


def _is_ahead(scope: Scope, post: Any) -> ColumnElement[bool]:
    """Whether an annotator of an open round has the post before them, or a shared queue has it for one."""
    waiting, taken = aliased(Assignment), aliased(Assignment)
    is_open = (
        col(Round.id).in_(scope.rounds),
        col(Round.locked_at).is_(None),
        col(Round.revealed_at).is_(None),
    )
    queued = (
        select(col(waiting.id))
        .join(Round, col(Round.id) == col(waiting.round_id))
        .where(col(waiting.post_id) == post, col(waiting.state) == QUEUED, *is_open)
    )
    _n_left, is_over = share_columns()
    had = exists().where(
        col(taken.round_id) == col(Round.id),
        col(taken.post_id) == col(QueueSlot.post_id),
        col(taken.member_id) == col(RoundAnnotator.member_id),
        col(taken.state) != RETURNED,
    )
    wanted = (
        select(col(QueueSlot.id))
        .join(Round, col(Round.id) == col(QueueSlot.round_id))
        .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
        .where(col(QueueSlot.post_id) == post, col(QueueSlot.state) == "open", *is_open, ~is_over, ~had)
    )
    return or_(queued.exists(), wanted.exists())


@dataclass(frozen=True, eq=False)
class Weighted:
    """Whether posts may weigh by how they were drawn, and what each weighs where they do."""

    can_be: bool
    weighing: Weighing | None = None

    @property
    def is_so(self) -> bool:
        """Whether they do."""
        return self.weighing is not None

    @property
    def left_out(self) -> str:
        """Of what weighed shares do not speak, in words; empty where that is nothing."""
        return self.weighing.left_out if self.weighing else ""

    def on(self, coded: Flags) -> "Weighted":
        """The same for a question that not all coded posts are `coded` on (posts,)."""
        return replace(self, weighing=self.weighing.on(coded)) if self.weighing else self


UNWEIGHABLE = Weighted(can_be=False)


def weighted_by(db: Session, scope: Scope, finals: Finals, sampling: Sampling, ways: Ways) -> Weighted:
    """What each post counts, where it shall count by its draw; `finals` are those of all questions.

    Raises:
        Refusal: where posts have no weights, or none for what the shares shall speak of.
    """
    can_be = finals.has_unequal_chances or bool(sampling.strata)
    if ways.weights is not Weights.DRAWN or not finals.of:
        return Weighted(can_be)
    check_weights(ways, sampling.strata, has_unequal_chances=finals.has_unequal_chances)
    return Weighted(can_be, weighing_of(db, scope, finals, sampling))


def weighing_of(db: Session, scope: Scope, finals: Finals, sampling: Sampling) -> Weighing:
    """What each post counts by its draw, where rounds drew from the groups of no more than one field."""
    strata = None
    if sampling.strata:
        strata = strata_of_cells(cells(db, scope.project_id, sampling.strata[0]), finals.numbers)
    return weighing(finals.fractions, strata, finals.is_coded)


def check_reach(ways: Ways, sampling: Sampling) -> None:
    """Refuse to speak of the corpus alone where the coded posts were not drawn from it at random."""
    if ways.reach is not Reach.CORPUS:
        return
    is_weighed = ways.weights is Weights.DRAWN and bool(sampling.strata)
    if why := sampling.why_not_within if is_weighed else sampling.why_not:
        message = _("The coded posts are not a random sample of all posts. {why}").format(why=why)
        raise Refusal(message, {"reach": message})
    if ways.denominator is Denominator.ALL:
        message = _("Of all posts nothing is drawn: posts that are not coded count as not carrying a code.")
        raise Refusal(message, {"denominator": message})
    if ways.clusters is Clustering.AUTHOR:
        message = _(
            "Posts were drawn from this corpus one by one, so those of one author cannot count as alike. "
            "Count each on its own, or let the shares speak of posts like these."
        )
        raise Refusal(message, {"clusters": message})


def _drawing(
    number: int,
    design: Mapping[str, Any],
    is_imported: bool,
    is_begun: bool,
    is_queue: bool,
    goes_on: bool,
    is_outgrown: bool | None,
) -> Drawing:
    in_order = goes_on if is_queue else design.get("order") != "random"
    is_begun_in_order = in_order and (is_begun or is_queue)
    reasons = _reasons(
        design, is_imported, is_begun_in_order=is_begun_in_order, is_outgrown=bool(is_outgrown)
    )
    within = next(reasons, "")
    strata = design.get("strata_field", "") if design.get("posts") == "strata" else ""
    why_not = within or (_("drew its posts within groups") if strata else "")
    was_drawn = design.get("posts") in {"sample", "strata"}
    return Drawing(number, design.get("seed") if was_drawn else None, why_not, strata, within)


def _reasons(
    design: Mapping[str, Any], is_imported: bool, *, is_begun_in_order: bool, is_outgrown: bool
) -> Iterator[str]:
    if is_imported or ("posts" not in design and "again" not in design):
        yield _("came from a file, which does not say how its posts were chosen")
    if "again" in design:
        yield _("coded posts again that were chosen before")
    if any(design.get(name) for name in _CHOSEN):
        yield _("took posts that were chosen by what they are, not drawn from all")
    if design.get("added_posts"):
        yield _("was given more posts later")
    if is_outgrown:
        yield _("was opened before more posts were imported")
    if is_begun_in_order:
        yield _("is not done, and its posts come in the order of the file")
