"""Agreement beside the results, out of the codings that final values were read from.

Where every coding that counts is the current one these are the same, and reading them again for each question
would take longer than all the rest. Else agreement reads for itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlmodel import Session

from server.adjudication.tallies import Codings, Flags, Ints
from server.agreement import DEFAULT_RESAMPLES
from server.codebooks.kinds import CHOICES
from server.codebooks.queries import VariableInfo
from server.projects.access import Access
from server.reliability.codings import Codings as Independent
from server.reliability.codings import Selection, all_are_current, codings_from_flags
from server.reliability.figures import VariableAgreement
from server.reliability.grouping import reading
from server.reliability.inquiry import OnceRead
from server.reliability.material import DEFAULT_SEED, Material, material_of
from server.reliability.measuring import Measuring
from server.reliability.queries import Question
from server.reliability.queries import swaying as swaying_rounds
from server.results.queries import Scope, all_choices, has_one_window
from server.rounds.queries import swaying


def agreement_of(
    db: Session, access: Access, scope: Scope, asked: Sequence[VariableInfo], *, is_alpha_alone: bool
) -> dict[str, VariableAgreement]:
    """The agreement on every question as this reader may see it, by its key; of pairs nothing is said."""
    measuring = Measuring(None, DEFAULT_SEED, DEFAULT_RESAMPLES, is_alpha_alone=is_alpha_alone)
    material = material_of(db, access, measuring)
    if _is_read_already(db, access, scope, material):
        of = [variable for variable in asked if variable.kind in CHOICES]
        found = _Found(all_choices(db, scope, of), {variable.id: variable for variable in of})
        answers = OnceRead(reading(db, material.selection, found.of))
        material = replace(material, answers=answers)
    return {one.key: one for one in material.report(pairs=None).variables}


def _is_read_already(db: Session, access: Access, scope: Scope, material: Material) -> bool:
    """Whether what final values rest on is what agreement rests on."""
    rounds = tuple(one.id for one in material.rounds)
    is_same = set(rounds) == set(scope.rounds)
    is_same &= set(swaying_rounds(material.every_round)) == set(swaying(scope.hidden))
    return is_same and has_one_window(db, access) and all_are_current(db, Selection(scope.project_id, rounds))


@dataclass(frozen=True, eq=False)
class _Found:
    """Codings of choices, with the questions that they were read for by their ids."""

    codings: Codings
    variables: Mapping[int, VariableInfo]

    def of(self, question: Question, rounds: tuple[int, ...]) -> Independent | None:
        """What was coded on a question in these rounds; None where it was read as another question."""
        variable = self.variables.get(question.id)
        if variable is None or not question.codes or not _is_within(question, variable):
            return None
        parts = [self._in_round(question, variable, round_id) for round_id in rounds]
        post, member, chosen = (np.concatenate(each) for each in zip(_nobody(question), *parts, strict=True))
        return codings_from_flags(question, post, member, chosen)

    def _in_round(
        self, question: Question, variable: VariableInfo, round_id: int
    ) -> tuple[Ints, Ints, Flags]:
        found = self.codings.only(self.codings.round == round_id)
        nothing, every = found.choices(variable)
        codes = found.choices(replace(variable, codes=question.codes))[1]
        answered = [nothing, *every] if question.kind == "multiple" else codes
        rows = np.flatnonzero(np.logical_or.reduce(answered)) if answered else np.zeros(0, dtype=np.int64)
        return found.post[rows], found.member[rows], np.stack([flags[rows] for flags in codes], axis=1)


def _is_within(question: Question, variable: VariableInfo) -> bool:
    codes, known = ({id_ for code in of.codes for id_ in code.ids} for of in (question, variable))
    return question.kind == variable.kind and codes <= known


def _nobody(question: Question) -> tuple[Ints, Ints, Flags]:
    nobody = np.zeros(0, dtype=np.int64)
    return nobody, nobody, np.zeros((0, len(question.codes)), dtype=np.bool_)
