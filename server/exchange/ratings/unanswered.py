"""Questions that an annotator who submitted left without an answer. Pure.

Where several codes may be chosen, who chose none has said that nothing applies: without it every denominator
would be of those alone who found something. A question of one code was skipped, and one that the annotator's
other answers do not ask was not left open. Of doccano's records the lead says whether all were submitted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.corpora.compact import Row
from server.corpora.flattening import writable
from server.corpora.parsing import RefusedRow, Table
from server.exchange.ratings.naming import Naming
from server.exchange.ratings.one_question import DOCCANO
from server.exchange.ratings.programs import LABEL_STUDIO, POTATO, Said
from server.exchange.ratings.reading import RatedAnswer
from server.language import gettext as _

COLUMNS = ("post_id", "coder", "question", "code", "value", "rated_at", "submitted")
_POST, _CODER, _QUESTION, _CODE, _AT, _SUBMITTED = 0, 1, 2, 3, 5, 6
_YES = "yes"
_PROGRAMS = frozenset({LABEL_STUDIO, POTATO, DOCCANO})


def rows_of(found: Iterable[tuple[int, Said]]) -> list[Row]:
    """A row for each answer, and one for each submission, whatever was answered in it."""
    return [Row(number, tuple(map(writable, cells))) for number, said in found for cells in _cells_of(said)]


def _cells_of(said: Said) -> Iterator[tuple[str, ...]]:
    for question, code, value in said.answers:
        yield (said.post, said.coder, question, code, value, said.at, "")
    yield (said.post, said.coder, "", "", "", said.at, _YES)


def n_without_label(table: Table, codebook: CodebookSheet, question: str) -> int:
    """How many records of doccano have no label, where that may mean that nothing applies.

    None of a question with a condition: whether it was asked is in no file that is about it alone.
    """
    always = {one.key for one in codebook.variables if one.kind == "multiple" and not one.when}
    if table.origin.export != DOCCANO or question not in always:
        return 0
    labelled = {_submission(row) for row in table.rows if not _is_submission(row)}
    return len({_submission(row) for row in table.rows} - labelled)


def settled(table: Table, codebook: CodebookSheet, *, says_none: bool = False) -> Table:
    """The file with “none” where nothing applied, and without the rows that stand for submissions.

    What was left open otherwise is told. `says_none` is the lead's word about the records of doccano without
    a label.
    """
    if table.origin.export not in _PROGRAMS:
        return table
    answers = _Answers(table.rows, codebook)
    can_tell = says_none or table.origin.export != DOCCANO
    rows: list[Row] = []
    left_out = [*table.left_out]
    done: set[tuple[str, str]] = set()
    for row in table.rows:
        if not _is_submission(row):
            rows.append(row)
        elif _submission(row) not in done:
            done.add(_submission(row))
            for variable, is_asked in answers.left_open(*_submission(row)):
                if is_asked and variable.kind == "multiple" and can_tell:
                    rows.append(_none(row, variable))
                else:
                    left_out.append(RefusedRow(row.number, _unanswered(variable, is_asked=is_asked)))
    return replace(table, rows=rows, left_out=left_out)


def given_answers(table: Table, answers: Sequence[RatedAnswer]) -> Sequence[RatedAnswer]:
    """Of the answers in a file that was settled, those that its own rows give and `settled` did not add."""
    if table.origin.export not in _PROGRAMS:
        return answers
    given = {
        (*map(str.strip, _submission(row)), row.cells[_QUESTION].strip())
        for row in table.rows
        if not _is_submission(row)
    }
    return [one for one in answers if (one.external_id, one.coder, one.question) in given]


def _is_submission(row: Row) -> bool:
    return row.cells[_SUBMITTED] == _YES


def _submission(row: Row) -> tuple[str, str]:
    """The post and the annotator."""
    return row.cells[_POST], row.cells[_CODER]


def _none(row: Row, variable: VariableSheet) -> Row:
    post, coder = _submission(row)
    return Row(row.number, (post, coder, variable.key, NOTHING_APPLIES, "", row.cells[_AT], ""))


def _unanswered(variable: VariableSheet, *, is_asked: bool | None) -> str:
    words = _("The annotator gave no answer to “{question}”; the post counts as not coded there.")
    if is_asked is None:
        words = _("Whether “{question}” was asked is not in the file; the post counts as not coded there.")
    return words.format(question=variable.key)


class _Answers:
    """The codes that each annotator chose of each post, and what that leaves open.

    Open can be what somebody answered in the file; of others nobody knows whether they were there.
    """

    def __init__(self, rows: Iterable[Row], codebook: CodebookSheet) -> None:
        coded = {one.key: one for one in codebook.variables if one.codes}
        self._codes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        naming, seen = Naming(codebook), set[str]()
        for row in rows:
            question = row.cells[_QUESTION]
            seen.add(question)
            if question in coded and not _is_submission(row):
                self._codes[*_submission(row), question].add(naming.code(question, row.cells[_CODE]))
        self._variables = {key: one for key, one in coded.items() if key in seen}

    def left_open(self, post: str, coder: str) -> list[tuple[VariableSheet, bool | None]]:
        """The questions that this annotator did not answer about this post, but those that were not asked.

        With each, whether it was asked; None where that depends on a question that is not in the file.
        """
        unanswered = (
            (variable, self._is_asked(post, coder, variable))
            for variable in self._variables.values()
            if (post, coder, variable.key) not in self._codes
        )
        return [(variable, is_asked) for variable, is_asked in unanswered if is_asked is not False]

    def _is_asked(self, post: str, coder: str, variable: VariableSheet) -> bool | None:
        if not variable.when:
            return True
        held = {self._holds(post, coder, one) for one in variable.when}
        return True if True in held else None if None in held else False

    def _holds(self, post: str, coder: str, condition: ConditionSheet) -> bool | None:
        on = self._variables.get(condition.on)
        if on is None:
            return None
        return condition.code in self._chosen(post, coder, on) and self._is_asked(post, coder, on)

    def _chosen(self, post: str, coder: str, variable: VariableSheet) -> Set[str]:
        nothing = {NOTHING_APPLIES} if variable.kind == "multiple" else set()
        return self._codes.get((post, coder, variable.key), nothing)
