"""Questions that an annotator who submitted left without an answer. Pure.

Where several codes may be chosen, who chose none has said that nothing applies: without it every denominator
would be of those alone who found something. A question of one code was skipped, and one that the annotator's
other answers do not ask was not left at all. doccano does not say what was submitted; there the lead does.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.corpora.compact import Row
from server.corpora.flattening import writable
from server.corpora.parsing import RefusedRow, Table
from server.exchange.ratings.naming import Naming
from server.exchange.ratings.one_question import DOCCANO
from server.exchange.ratings.programs import LABEL_STUDIO, POTATO, Said
from server.language import gettext as _

COLUMNS = ("post_id", "coder", "question", "code", "value", "rated_at", "unanswered")
_POST, _CODER, _QUESTION, _CODE, _UNANSWERED = 0, 1, 2, 3, 6
_YES = "yes"
_PROGRAMS = frozenset({LABEL_STUDIO, POTATO, DOCCANO})


def rows_of(found: Sequence[tuple[int, Said]]) -> list[Row]:
    """A row for each answer, and one for each question of the file that was left without any."""
    questions = dict.fromkeys(question for _number, said in found for question, _code, _value in said.answers)
    return [
        Row(number, tuple(map(writable, cells)))
        for number, said in found
        for cells in _cells(said, questions or ("",))
    ]


def _cells(said: Said, questions: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for question, code, value in said.answers:
        yield (said.post, said.coder, question, code, value, said.at, "")
    answered = {question for question, _code, _value in said.answers}
    for question in questions:
        if question not in answered:
            yield (said.post, said.coder, question, "", "", said.at, _YES)


def n_without_label(table: Table, codebook: CodebookSheet, question: str) -> int:
    """How many records of doccano have no label, where that may mean that nothing applies."""
    kinds = {one.key: one.kind for one in codebook.variables}
    if table.origin.export != DOCCANO or kinds.get(question) != "multiple":
        return 0
    return sum(map(_is_unanswered, table.rows))


def settled(table: Table, codebook: CodebookSheet, *, says_none: bool = False) -> Table:
    """The file with “none” where nothing applied, without the other rows that hold no answer.

    What is left out is told. `says_none` is the lead's word about the records of doccano without a label.
    """
    if table.origin.export not in _PROGRAMS:
        return table
    asked = _Asked(table.rows, codebook)
    can_tell = says_none or table.origin.export != DOCCANO
    rows: list[Row] = []
    left_out = [*table.left_out]
    for row in table.rows:
        if not _is_unanswered(row):
            rows.append(row)
        elif (variable := asked.of(row)) and variable.kind == "multiple" and can_tell:
            rows.append(Row(row.number, (*row.cells[:_CODE], NOTHING_APPLIES, *row.cells[_CODE + 1 :])))
        elif variable and variable.codes:
            left_out.append(RefusedRow(row.number, _unanswered(variable)))
    return replace(table, rows=rows, left_out=left_out)


def _is_unanswered(row: Row) -> bool:
    return row.cells[_UNANSWERED] == _YES


def _unanswered(variable: VariableSheet) -> str:
    words = _("The annotator gave no answer to “{question}”; the post counts as not coded there.")
    return words.format(question=variable.key)


class _Asked:
    """Which questions an annotator was asked about a post, by the answers to those before them."""

    def __init__(self, rows: Iterable[Row], codebook: CodebookSheet) -> None:
        self._variables = {one.key: one for one in codebook.variables}
        self._chosen: dict[tuple[str, str], set[ConditionSheet]] = defaultdict(set)
        naming = Naming(codebook)
        on = {condition.on for one in codebook.variables for condition in one.when}
        for row in rows:
            question = row.cells[_QUESTION]
            if question in on:
                code = NOTHING_APPLIES if _is_unanswered(row) else naming.code(question, row.cells[_CODE])
                self._chosen[row.cells[_POST], row.cells[_CODER]].add(ConditionSheet(question, code))

    def of(self, row: Row) -> VariableSheet | None:
        """The question of this row; None where the annotator was not asked it, or nobody knows it."""
        variable = self._variables.get(row.cells[_QUESTION])
        return variable if variable and self._is_asked(row, variable) else None

    def _is_asked(self, row: Row, variable: VariableSheet) -> bool:
        chosen = self._chosen.get((row.cells[_POST], row.cells[_CODER]), set())
        return not variable.when or any(
            self._is_asked(row, self._variables[one.on]) for one in variable.when & chosen
        )
