"""What a report of agreement is made of: the codings that count, who made them, and how they are measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from server.agreement import FEWEST_RESAMPLES, LEVELS, is_confidence
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.codings import Selection
from server.reliability.figures import AgreementReport
from server.reliability.grouping import reading
from server.reliability.inquiry import OnceRead, Study
from server.reliability.measuring import Measuring
from server.reliability.pairing import Pairing, PairsWanted
from server.reliability.queries import (
    Annotator,
    Question,
    RoundInfo,
    annotators_of,
    chosen_rounds,
    groups_of,
    questions_of,
    rounds_of,
    swaying,
)

DEFAULT_SEED = 20250806
ALL_PAIRS = PairsWanted()


@dataclass(frozen=True)
class Material:
    """The codings of the rounds that count, as this reader may see them: `answers` by the `selection`.

    `every_round` are all rounds of the project, `rounds` those that count, `annotators` all members by id.
    `why_no_pairs` says why annotators are not told apart.
    """

    selection: Selection
    answers: OnceRead
    measuring: Measuring
    questions: tuple[Question, ...]
    annotators: dict[int, Annotator]
    every_round: tuple[RoundInfo, ...]
    rounds: tuple[RoundInfo, ...]
    group: str | None
    why_no_pairs: str

    def report(self, variable: str | None = None, pairs: PairsWanted | None = ALL_PAIRS) -> AgreementReport:
        """Agreement on every variable, or on that with this key.

        Raises:
            Refusal: These rounds do not ask that variable.
        """
        compared = None if self.why_no_pairs else pairs
        named = None if compared is None else Pairing(self.annotators, compared, self.measuring)
        study = Study(self.answers, self.measuring, named)
        return AgreementReport(
            tuple(study.agreement(one) for one in _wanted(self.questions, variable)),
            self.rounds,
            tuple(one for one in self.every_round if one.why_no_figures),
            self.group,
            self.measuring.seed,
            self.measuring.resamples,
            self.why_no_pairs,
        )


def material_of(
    db: Session,
    access: Access,
    measuring: Measuring,
    rounds: Sequence[int] | None = None,
    group: str | None = None,
) -> Material:
    """The material of the rounds with these numbers (all but training), of everybody or of one group.

    Raises:
        Refusal: There is no such round, group or level, or too few resamples.
    """
    _refuse_strange(measuring)
    every_round = rounds_of(db, access)
    chosen = chosen_rounds(every_round, rounds)
    why_no_pairs = next((one.why_no_codings for one in chosen if one.why_no_codings), "")
    members = _members(db, access, group, why_no_pairs)
    selection = Selection(access.project_id, (), members, swaying(every_round))
    return Material(
        selection,
        OnceRead(reading(db, selection)),
        measuring,
        questions_of(db, access.project_id, chosen),
        annotators_of(db, access),
        every_round,
        chosen,
        group,
        why_no_pairs,
    )


def _refuse_strange(asked: Measuring) -> None:
    if asked.level is not None and asked.level not in LEVELS:
        raise Refusal(
            _("{level} is not a level of measurement. Use one of: {levels}.").format(
                level=asked.level, levels=", ".join(LEVELS)
            )
        )
    if asked.resamples < FEWEST_RESAMPLES:
        raise Refusal(_("An interval needs at least {n} resamples.").format(n=FEWEST_RESAMPLES))
    if asked.seed < 0:
        raise Refusal(_("The seed must be a whole number from 0."))
    if not is_confidence(asked.confidence):
        raise Refusal(
            _("The confidence lies between 0 and 1, as 0.95 does, and not {n}.").format(n=asked.confidence)
        )


def _members(db: Session, access: Access, group: str | None, why_no_pairs: str) -> tuple[int, ...] | None:
    if group is None:
        return None
    if why_no_pairs:
        # Figures of a few annotators come close to showing what each of them said.
        raise Refusal(why_no_pairs)
    groups = groups_of(db, access)
    if group not in groups:
        known = ", ".join(groups) or _("none")
        raise Refusal(
            _("No annotator belongs to the group {group}. Groups of this project: {known}.").format(
                group=group, known=known
            )
        )
    return groups[group]


def _wanted(questions: Sequence[Question], variable: str | None) -> Sequence[Question]:
    if variable is None:
        return questions
    wanted = [question for question in questions if question.key == variable]
    if questions and not wanted:
        known = ", ".join(question.key for question in questions)
        raise Refusal(
            _("These rounds do not ask the variable {variable}. They ask: {known}.").format(
                variable=variable, known=known
            )
        )
    return wanted
