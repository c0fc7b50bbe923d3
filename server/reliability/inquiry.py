"""What is found out about one variable: its answers grouped, measured, and compared pair by pair."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from server.agreement import Coefficient
from server.codebooks.queries import CodeInfo
from server.language import gettext as _
from server.reliability.figures import CodeAgreement, PairAgreement, VariableAgreement
from server.reliability.grouping import Answered
from server.reliability.measuring import Measuring
from server.reliability.pairing import Pairing, Table, confusion
from server.reliability.queries import Question
from server.reliability.raters import conger_kappa

# How a question was answered in these rounds, by their ids.
Answers: TypeAlias = Callable[[Question, tuple[int, ...]], Answered]


@dataclass
class OnceRead:
    """Answers that are read once for each choice of rounds; those of one question are kept at a time."""

    read: Answers
    question: Question | None = None
    found: dict[tuple[int, ...], Answered] = field(default_factory=dict)

    def __call__(self, question: Question, rounds: tuple[int, ...]) -> Answered:
        """The grouped answers to the question in these rounds."""
        if question is not self.question:
            self.question, self.found = question, {}
        if rounds not in self.found:
            self.found[rounds] = self.read(question, rounds)
        return self.found[rounds]


@dataclass(frozen=True)
class Study:
    """What all variables of a report share."""

    answers: OnceRead
    measuring: Measuring
    pairing: Pairing | None

    def agreement(self, question: Question) -> VariableAgreement:
        """Agreement on one variable."""
        if question.kind == "text":
            return self._of_text(question)
        return _Inquiry(self, question).agreement()

    def of_answers(self, question: Question) -> tuple[Coefficient, ...]:
        """The coefficients of whole answers alone."""
        return _Inquiry(self, question).coefficients()

    def of_code(self, question: Question, code: CodeInfo) -> CodeAgreement:
        """One code of the question against the rest."""
        return _Inquiry(self, question).of_code(code)

    def _of_text(self, question: Question) -> VariableAgreement:
        note = _("Free text has no coefficient of agreement. Read what was written beside the codes.")
        level = self.measuring.level_of("text")
        return VariableAgreement(
            question.key, "text", question.label, level, 0, 0, 0, 0, None, 0, (), (), (), 0, (), note
        )


@dataclass(frozen=True)
class _Inquiry:
    """One variable: each of its codes rests on the answers of the rounds that offer it."""

    study: Study
    question: Question

    def agreement(self) -> VariableAgreement:
        """Everything that is said of the variable."""
        whole = self.answers(self.question.rounds)
        extent = whole.patterns.unnamed.extent
        clusters = whole.patterns.clusters
        return VariableAgreement(
            key=self.question.key,
            kind=self.question.kind,
            label=self.question.label,
            level=self.study.measuring.level_of(self.question.kind),
            n_units=extent.n_units,
            n_pairable=extent.n_pairable,
            n_codings=extent.n_codings,
            n_annotators=len(whole.patterns.annotators),
            n_authors=None if clusters is None else clusters.n_clusters,
            n_repeats=whole.n_repeats,
            coefficients=self.coefficients(),
            codes=tuple(self.of_code(code) for code in self.question.codes),
            pairs=self._pairs(whole),
            n_pairs=len(whole.patterns.pairs) if self.study.pairing else 0,
            confusion=self._confusion(whole),
            note="",
        )

    def answers(self, rounds: tuple[int, ...]) -> Answered:
        """The grouped answers of these rounds."""
        return self.study.answers(self.question, rounds)

    def coefficients(self) -> tuple[Coefficient, ...]:
        """Those of whole answers."""
        whole = self.answers(self.question.rounds)
        measuring, unnamed = self.study.measuring, whole.patterns.unnamed
        if self.question.kind == "multiple":
            return measuring.of_sets(unnamed, whole.contents)
        if self.question.kind == "number":
            return measuring.of_numbers(unnamed, whole.values)
        codes = self.question.codes
        values = measuring.values_of(codes, self.question.kind) or (0.0,)
        known = conger_kappa(measuring, whole.patterns, np.arange(len(codes)), len(values), values)
        return *measuring.of_codes(unnamed, codes, self.question.kind), *known

    def of_code(self, code: CodeInfo) -> CodeAgreement:
        """A code that only some rounds offer says nothing about the others: there it could not be chosen."""
        asked = self.answers(self.question.offered[code.id])
        holds = asked.contents[:, self._place(code)]
        found = self.study.measuring.of_code(asked.patterns.unnamed, code, holds)
        known = conger_kappa(self.study.measuring, asked.patterns, holds.astype(np.int64), 2)
        return replace(found, coefficients=(*found.coefficients, *known))

    def _place(self, code: CodeInfo) -> int:
        return self.question.codes.index(code)

    def _pairs(self, whole: Answered) -> tuple[PairAgreement, ...]:
        pairing = self.study.pairing
        if pairing is None:
            return ()
        if self.question.kind == "number":
            return pairing.agreements_on_numbers(whole.patterns, whole.values)
        if self.question.kind != "multiple":
            codes = self.question.codes
            values = self.study.measuring.values_of(codes, self.question.kind)
            return pairing.agreements(whole.patterns, np.arange(len(codes)), len(codes), None, values)
        return tuple(pair for code in self._codes_to_pair(pairing) for pair in self._pairs_on(code, pairing))

    def _pairs_on(self, code: CodeInfo, pairing: Pairing) -> tuple[PairAgreement, ...]:
        asked = self.answers(self.question.offered[code.id])
        chosen = asked.contents[:, self._place(code)].astype(np.int64)
        return pairing.agreements(asked.patterns, chosen, 2, code.key)

    def _codes_to_pair(self, pairing: Pairing) -> list[CodeInfo]:
        wanted = pairing.wanted.code
        return [code for code in self.question.codes if wanted is None or code.key == wanted]

    def _confusion(self, whole: Answered) -> Table:
        """For a variable with one answer, or for the one code that was asked for."""
        pairing = self.study.pairing
        if pairing is None or self.question.kind == "number":
            return ()
        if self.question.kind != "multiple":
            n_codes = len(self.question.codes)
            return confusion(whole.patterns, np.arange(n_codes), n_codes)
        for code in self._codes_to_pair(pairing) if pairing.wanted.code else []:
            asked = self.answers(self.question.offered[code.id])
            return confusion(asked.patterns, asked.contents[:, self._place(code)].astype(np.int64), 2)
        return ()
