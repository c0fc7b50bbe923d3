"""The pages of training: feedback after each post, where one stands, and what the lead sees of it."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.coding.desk import PostShown, Progress, desk
from server.coding.stored import answers_of
from server.errors import Refusal
from server.estimation.binomial import clopper_pearson_interval
from server.language import gettext as _
from server.projects.access import Access, Codes, ManagesRounds
from server.rounds.pass_rules import Ending, rule_words
from server.rounds.queries import OwnRound, round_numbered, sight_of
from server.training import actions
from server.training.answers import by_variable
from server.training.comparing import different_first, verdicts
from server.training.feedback import Compared, compared
from server.training.forms import DecideForm
from server.training.going_on import opened_after, rounds_behind, rule_for_trainees, waits_for_lead
from server.training.queries import (
    Trainee,
    Training,
    checked_round,
    checked_silently,
    edition_shown,
    ending_of,
    shown_to,
    trainees,
    training_numbered,
)
from server.training.scores import Confusion, Mark, Score, Showing
from server.web.forms import Form, blank, form_of
from server.web.numbers import number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
ROUND = "/projects/{project_key}/rounds/{number}"
Number = Annotated[int, number_in_path("number")]
Position = Annotated[int, number_in_path("position")]


@dataclass(frozen=True)
class FeedbackPage:
    """A submitted post of a training beside its gold. `n_different` of the questions that can be judged."""

    number: int
    round_title: str
    position: int
    post: PostShown
    progress: Progress
    rows: tuple[Compared, ...]
    n_judged: int
    n_different: int
    note: str
    is_last: bool


@dataclass(frozen=True)
class StandingPage:
    """Where a trainee stands: how the training ended, each of their posts, and what they can code now."""

    training: Training
    ending: str
    rule: str
    showing: Showing
    marks: tuple[Mark, ...]
    opened: tuple[OwnRound, ...]


@dataclass(frozen=True)
class TraineeShown:
    """A trainee as the lead sees them. `is_undecided`: it is the lead's turn to say how they go on."""

    trainee: Trainee
    showing: Showing
    scores: tuple[Score, ...]
    confusions: tuple[Confusion, ...]
    is_undecided: bool


@dataclass(frozen=True)
class TraineesPage:
    """The trainees of a round. Where the reader codes in it, `why_hidden` says why nothing is shown.

    `behind`: numbers and titles of the rounds that open for who has passed.
    """

    training: Training
    rule: str
    behind: tuple[tuple[int, str], ...]
    why_hidden: str
    shown: tuple[TraineeShown, ...]
    form: Form[Any]


@dataclass(frozen=True)
class CheckedScore:
    """One question of silent gold: right, of how many, and the 95 % interval of the share."""

    label: str
    n: int
    n_right: int
    low: float
    high: float


@dataclass(frozen=True)
class Checked:
    """An annotator on the silent gold of a round."""

    name: str
    n_coded: int
    scores: tuple[CheckedScore, ...]
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True)
class SilentPage:
    """How the annotators of a round did on its silent gold."""

    training: Training
    why_hidden: str
    shown: tuple[Checked, ...]


@router.get(ROUND + "/code/{position:digits}/gold", name="training.feedback")
def feedback(request: Request, db: Db, access: Codes, number: Number, position: Position) -> Response:
    """One's own answers beside the gold, as it was when they were submitted."""
    training = training_numbered(db, access, number)
    here = desk(db, access, number, position)
    gold = edition_shown(db, training, access, position)
    own = by_variable(answers_of(db.connection(), here.coding_id or 0))
    found = verdicts(training.book, gold, own, training.read_as)
    judged = [verdict for verdict in found if verdict.is_judged]
    page = FeedbackPage(
        number=number,
        round_title=training.title,
        position=position,
        post=here.post,
        progress=here.progress,
        rows=tuple(compared(verdict) for verdict in different_first(found)),
        n_judged=len(judged),
        n_different=sum(not verdict.is_right for verdict in judged),
        note=gold.note,
        is_last=here.progress.done >= here.progress.n_assigned,
    )
    return render(request, "training/feedback.html", page)


@router.get(ROUND + "/training/mine", name="training.standing")
def standing(request: Request, db: Db, access: Codes, number: Number) -> Response:
    """Where one stands in a training."""
    training = training_numbered(db, access, number)
    ending = ending_of(db, access, training)
    showing = shown_to(db, training, [access.member_id])[access.member_id]
    done = tuple(mark for mark in showing.marks if mark.is_skipped or mark.verdicts is not None)
    rule = rule_for_trainees(training, len(showing.marks))
    opened = opened_after(db, access, training)
    page = StandingPage(training, ending, rule, showing, done, opened)
    return render(request, "training/standing.html", page)


def _rule(db: Db, access: Access, number: int) -> str:
    return rule_words(round_numbered(db, access, number).design)


@router.get(ROUND + "/training", name="training.trainees")
def trainees_(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """How each trainee does, for the lead."""
    return _show_trainees(request, db, access, number, blank())


@router.post(ROUND + "/training", name="training.decide")
def decide(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[DecideForm], form_of(DecideForm)],
) -> Response:
    """Let a trainee in, or ask them for another try."""
    try:
        asked = form.checked()
        actions.decide(db, access, number, asked.annotator, Ending(asked.ending))
    except Refusal as refusal:
        return _show_trainees(request, db, access, number, form.refused(refusal), 422)
    of = training_numbered(db, access, number)
    name = next(one.name for one in trainees(db, of) if one.number == asked.annotator)
    said = _said_of(Ending(asked.ending)).format(name=name)
    return see_other(request, "training.trainees", number=number, notice=said)


def _said_of(ending: Ending) -> str:
    if ending is Ending.LET_IN:
        return _("{name} is let in: the rounds behind this training are open for them.")
    return _("{name} reads that you ask for another try. Now open a training round with other posts.")


def _show_trainees(
    request: Request, db: Db, access: Access, number: int, form: Form[Any], status: int = 200
) -> Response:
    training = training_numbered(db, access, number)
    why_hidden = sight_of(db, access, training.id).why_no_codings
    people = () if why_hidden else trainees(db, training)
    of = shown_to(db, training, [one.member_id for one in people])
    shown = tuple(_trainee(training, one, of[one.member_id]) for one in people)
    rule, behind = _rule(db, access, number), rounds_behind(db, training)
    page = TraineesPage(training, rule, behind, why_hidden, shown, form)
    return render(request, "training/trainees.html", page, status)


def _trainee(training: Training, trainee: Trainee, showing: Showing) -> TraineeShown:
    is_undecided = waits_for_lead(training, trainee.ending)
    return TraineeShown(trainee, showing, showing.scores(), showing.confusions(), is_undecided)


@router.get(ROUND + "/silent-gold", name="training.silent")
def silent(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """How the annotators do on silent gold, for the lead."""
    training = checked_round(db, access, number)
    why_hidden = sight_of(db, access, training.id).why_no_codings
    people = () if why_hidden else trainees(db, training)
    of = checked_silently(db, training, [one.member_id for one in people])
    shown = tuple(_checked(one, of[one.member_id]) for one in people)
    return render(request, "training/silent.html", SilentPage(training, why_hidden, shown))


def _checked(trainee: Trainee, showing: Showing) -> Checked:
    scores = [(score.variable.label, score.n, score.n_right) for score in showing.scores()]
    if showing.coded:
        scores.append((_("Whole posts"), len(showing.coded), showing.n_right))
    checked = (
        CheckedScore(label, n, n_right, *clopper_pearson_interval(n_right, n)) for label, n, n_right in scores
    )
    return Checked(trainee.name, len(showing.coded), tuple(checked), showing.confusions())
