"""Agreement from round to round, and from one version of the codebook to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sqlmodel import Session

from server.agreement import Coefficient
from server.codebooks.queries import CodeInfo
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.figures import named
from server.reliability.inquiry import Study
from server.reliability.material import Material
from server.reliability.queries import Question, RoundInfo, questions_of
from server.reliability.screens import CoefficientLine, coefficient_line, round_label
from server.rounds.design import Purpose


@dataclass(frozen=True)
class Step:
    """Agreement in some rounds alone, all made under `version` of the codebook.

    `prevalence`: the share of codings that chose the code, None where whole answers are compared.
    """

    rounds: tuple[RoundInfo, ...]
    version: int
    coefficients: tuple[Coefficient, ...]
    prevalence: float | None

    @property
    def label(self) -> str:
        """What is compared: a round, or a version with its rounds."""
        if len(self.rounds) == 1:
            return round_label(self.rounds[0])
        numbers = ", ".join(str(one.number) for one in self.rounds)
        return _("Rounds {numbers}").format(numbers=numbers)

    @property
    def measured_alpha(self) -> Coefficient:
        """Krippendorff's alpha."""
        return next(one for one in self.coefficients if one.name == "krippendorff_alpha")

    @property
    def alpha(self) -> CoefficientLine:
        """Krippendorff's alpha as the page shows it."""
        return coefficient_line(self.measured_alpha)

    @property
    def n_posts(self) -> int:
        """How many posts two annotators or more coded."""
        return self.coefficients[0].n_pairable

    def value(self, name: str) -> float | None:
        """The estimate of one coefficient; None where there is none."""
        one = named(self.coefficients, name)
        return one.estimate if one else None


@dataclass(frozen=True)
class Trend:
    """Each round by itself, and each version of the codebook where several rounds share one."""

    rounds: tuple[Step, ...]
    versions: tuple[Step, ...]


NO_TREND = Trend((), ())


def trend(db: Session, access: Access, material: Material, key: str, code: str) -> Trend:
    """The trend of the variable with this key, or of its `code`; empty where fewer than two rounds say it."""
    rounds = tuple(_told(material))
    question = next((one for one in questions_of(db, access.project_id, rounds) if one.key == key), None)
    if question is None or question.kind == "text":
        return NO_TREND
    asked = [one for one in rounds if one.id in question.rounds]
    if len(asked) < 2:
        return NO_TREND  # Before anything is read: most studies have one round.
    steps = tuple(_steps(material, question, code, [(one,) for one in asked]))
    if len(steps) < 2:
        return NO_TREND
    return Trend(steps, _of_versions(material, question, code, [step.rounds[0] for step in steps]))


def _told(material: Material) -> Iterator[RoundInfo]:
    """The rounds that may be shown one by one: training only where it is looked at, as everywhere."""
    for one in material.every_round:
        why_not = one.why_no_codings if material.group else one.why_no_figures
        if not why_not and (one.purpose != Purpose.TRAINING or one in material.rounds):
            yield one


def _of_versions(
    material: Material, question: Question, code: str, rounds: Sequence[RoundInfo]
) -> tuple[Step, ...]:
    """A step for each version, where that says more than the rounds do."""
    by_version = groupby(sorted(rounds, key=lambda one: one.version), lambda one: one.version)
    parts = [tuple(of) for _version, of in by_version]
    return tuple(_steps(material, question, code, parts)) if 1 < len(parts) < len(rounds) else ()


def _steps(
    material: Material, question: Question, code: str, parts: Sequence[tuple[RoundInfo, ...]]
) -> Iterator[Step]:
    """One for each part in which somebody answered."""
    study = Study(material.answers, material.measuring, None)
    for part in parts:
        found = _measured(study, _narrowed(question, {one.id for one in part}), code)
        if found is not None and found[0] and found[0][0].n_codings:
            yield Step(part, part[-1].version, *found)


def _measured(
    study: Study, question: Question, code: str
) -> tuple[tuple[Coefficient, ...], float | None] | None:
    """What is measured, and how often the code is chosen; None where no round offers the code."""
    if question.kind != "multiple":
        return study.of_answers(question), None
    offered = _code(question, code)
    if offered is None:
        return None
    found = study.of_code(question, offered)
    return found.coefficients, found.prevalence


def _code(question: Question, key: str) -> CodeInfo | None:
    return next((code for code in question.codes if code.key == key), None)


def _narrowed(question: Question, rounds: set[int]) -> Question:
    """The question as these rounds alone ask it."""
    offered = {code: tuple(one for one in of if one in rounds) for code, of in question.offered.items()}
    return replace(
        question,
        rounds=tuple(one for one in question.rounds if one in rounds),
        codes=tuple(code for code in question.codes if offered[code.id]),
        offered=offered,
    )
