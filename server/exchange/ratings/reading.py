"""Ratings made elsewhere: from rows of post, coder, question and code to one answer a question.

What contradicts itself is reported with its row and left out; nothing is merged in silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, VariableSheet, read_number
from server.corpora.dates import read_time
from server.corpora.parsing import Table
from server.errors import Refusal
from server.exchange.ratings.naming import Naming
from server.exchange.ratings.recal import EXPORT as RECAL
from server.language import gettext as _
from server.language import ngettext

_NEEDED = ("post_id", "coder", "question", "code")
MAX_NAME = 200

# The columns of our own download of codings, so that what goes out can come in again.
_SYNONYMS = {"annotator": "coder", "variable": "question", "submitted_at": "rated_at"}


@dataclass(frozen=True)
class RatedAnswer:
    """What one annotator answered to one question about one post."""

    external_id: str
    coder: str
    coder_group: str | None
    question: str
    codes: frozenset[str] = frozenset()
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False
    rated_at: datetime | None = None


@dataclass(frozen=True)
class RowProblem:
    """What is to be said about a row of the file.

    Not a mistake are rows in which an annotator says a second time what was asked once: real studies hold
    them.
    """

    number: int
    message: str
    is_mistake: bool = True


@dataclass(frozen=True)
class RatingsPlan:
    """The answers that can be taken, what was left out and why, and what else to know.

    `names` is what the file calls each code, by question and key.
    """

    answers: list[RatedAnswer]
    problems: list[RowProblem]
    notices: list[RowProblem]
    names: Mapping[tuple[str, str], Iterable[str]] = field(default_factory=dict)

    @property
    def mistakes(self) -> list[RowProblem]:
        """The problems of rows that cannot be taken as they are."""
        return [problem for problem in self.problems if problem.is_mistake]


@dataclass(frozen=True)
class _Line:
    number: int
    cells: dict[str, str]
    unknown: str = ""
    """What stands for a code and is the number of none."""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def answer(self) -> tuple[str, str, str]:
        return (self["post_id"], self["coder"], self["question"])


@dataclass
class _Given:
    """What the rows of one answer give together."""

    codes: frozenset[str] = frozenset()
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False


def read_ratings(
    table: Table,
    codebook: CodebookSheet,
    posts: AbstractSet[str] | None = None,
    derived: AbstractSet[str] = frozenset(),
) -> RatingsPlan:
    """Read the tidy form `post_id,coder,question,code,value[,coder_group,rated_at]`.

    Args:
        table: the file; raises Refusal when it lacks a needed column.
        codebook: the questions and codes that are known.
        posts: the external ids that are known; without it every post is.
        derived: questions that are computed from others and passed over.

    An answer is left out and reported when one of its rows cannot be taken or when they contradict each
    other; a row that repeats another is reported and counts once.
    """
    reader = _Reader(codebook, posts, derived)
    reader.problems += [RowProblem(row.number, row.reason) for row in table.refused]
    reader.notices += [RowProblem(row.number, row.reason) for row in table.left_out]
    naming = Naming(codebook, by_number=table.origin.export == RECAL)
    answers = [reader.answer(lines) for lines in reader.by_answer(_lines(table, naming)).values()]
    problems = sorted(reader.problems, key=lambda problem: problem.number)
    return RatingsPlan([answer for answer in answers if answer], problems, reader.notices, naming.heard)


def _missing_words(missing: list[str]) -> str:
    words = ngettext("the column {names}", "the columns {names}", len(missing))
    return words.format(names=", ".join(f"“{column}”" for column in missing))


def _about_none(said: str) -> str:
    """What has to be added where somebody wrote "none" and it means nothing."""
    if said != NOTHING_APPLIES:
        return ""
    words = _("“none” answers multiple-choice questions only; leave the row out where nothing was answered.")
    return " " + words


def _lines(table: Table, naming: Naming) -> list[_Line]:
    names = [_SYNONYMS.get(name, name) for name in (column.strip().casefold() for column in table.columns)]
    missing = [column for column in _NEEDED if column not in names]
    if missing:
        raise Refusal(
            _(
                "The codings lack {missing}. They need the columns post_id, coder, question and code; "
                "value, coder_group and rated_at may follow."
            ).format(missing=_missing_words(missing))
        )
    stripped = ((row.number, [cell.strip() for cell in row.cells]) for row in table.rows)
    lines = (_Line(number, dict(zip(names, cells, strict=True))) for number, cells in stripped)
    return [_renamed(line, naming) for line in lines]


def _renamed(line: _Line, naming: Naming) -> _Line:
    key = naming.code(line["question"], line["code"])
    return _Line(line.number, line.cells | {"code": key}, "" if key else line["code"])


@dataclass
class _Reader:
    codebook: CodebookSheet
    posts: AbstractSet[str] | None
    derived: AbstractSet[str]
    problems: list[RowProblem] = field(default_factory=list)
    notices: list[RowProblem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._variables = {variable.key: variable for variable in self.codebook.variables}
        self._codes = {key: {code.key for code in one.codes} for key, one in self._variables.items()}
        self._groups: dict[str, _Line] = {}
        self._passed_over: set[str] = set()

    def by_answer(self, lines: Iterable[_Line]) -> dict[tuple[str, str, str], list[_Line]]:
        """The rows of each answer, without those of which it is not known whose answer they are."""
        answers: dict[tuple[str, str, str], list[_Line]] = {}
        for line in lines:
            if self._is_placed(line):
                self._check_group(line)
                answers.setdefault(line.answer, []).append(line)
        return answers

    def answer(self, lines: Sequence[_Line]) -> RatedAnswer | None:
        """The answer that rows about the same post, coder and question give, or None after a problem."""
        variable = self._variables[lines[0]["question"]]
        own = self._without_repetitions(variable, lines)
        given = self._given(variable, own)
        if given is None:
            return None
        external_id, coder, question = own[0].answer
        return RatedAnswer(
            external_id=external_id,
            coder=coder,
            coder_group=next((line["coder_group"] for line in own if line["coder_group"]), None),
            question=question,
            codes=given.codes,
            number=given.number,
            text=given.text,
            nothing_applies=given.nothing_applies,
            rated_at=self._latest(own),
        )

    def _problem(self, line: _Line, message: str, *, is_mistake: bool = True) -> None:
        self.problems.append(RowProblem(line.number, message, is_mistake))

    def _is_placed(self, line: _Line) -> bool:
        if line["question"] in self.derived:
            self._pass_over(line)
            return False
        fault = self._misplacement(line)
        if fault:
            self._problem(line, fault)
        return fault is None

    def _pass_over(self, line: _Line) -> None:
        if line["question"] not in self._passed_over:
            self._passed_over.add(line["question"])
            message = _("The question “{question}” is computed from others; its codings are passed over.")
            self.notices.append(RowProblem(line.number, message.format(question=line["question"])))

    def _misplacement(self, line: _Line) -> str | None:
        if not line["coder"]:
            return _("The row names no coder.")
        if len(line["coder"]) > MAX_NAME:
            return _("The name of the coder is longer than {n} characters.").format(n=MAX_NAME)
        if not line["post_id"]:
            return _("The row names no post.")
        if self.posts is not None and line["post_id"] not in self.posts:
            return _("The post “{post}” is not among the posts. Import the posts first.").format(
                post=line["post_id"]
            )
        return self._question_fault(line["question"])

    def _question_fault(self, question: str) -> str | None:
        if not question:
            return _("The row names no question.")
        if question not in self._variables:
            return _("The codebook has no question “{question}”.").format(question=question)
        return None

    def _check_group(self, line: _Line) -> None:
        if not line["coder_group"]:
            return
        first = self._groups.setdefault(line["coder"], line)
        if first["coder_group"] != line["coder_group"]:
            message = _("The coder “{coder}” is in the group “{group}” here and in “{other}” in row {row}.")
            self._problem(
                line,
                message.format(
                    coder=line["coder"],
                    group=line["coder_group"],
                    other=first["coder_group"],
                    row=first.number,
                ),
            )

    def _without_repetitions(self, variable: VariableSheet, lines: Sequence[_Line]) -> list[_Line]:
        """The rows without those that say the same as an earlier one, which are reported."""
        first: dict[str, _Line] = {}
        for line in lines:
            said = line["code"] if variable.codes else line["value"] or line["code"]
            earlier = first.setdefault(said, line)
            if earlier is not line:
                same = earlier.cells == line.cells
                message = (
                    _("The row repeats row {row} and counts once.")
                    if same
                    else _("The coder gave the same answer in row {row} already; it counts once.")
                )
                self._problem(line, message.format(row=earlier.number), is_mistake=False)
        return list(first.values())

    def _given(self, variable: VariableSheet, lines: Sequence[_Line]) -> _Given | None:
        if variable.kind == "multiple":
            return self._several_codes(variable, lines)
        # A code that does not exist is a mistake, even where the annotator said something else besides.
        known = [self._is_known(variable, line) for line in lines if variable.codes]  # Each is reported.
        if not all(known):
            return None
        if len(lines) > 1:
            self._contradict(lines)
            return None
        if variable.kind == "number":
            return self._one_number(variable, lines[0])
        if variable.kind == "text":
            return self._one_text(lines[0])
        return _Given(codes=frozenset([lines[0]["code"]]))

    def _contradict(self, lines: Sequence[_Line]) -> None:
        message = _(
            "The coder “{coder}” answered “{question}” of post “{post}” differently in row {row}; "
            "neither answer is taken."
        )
        for line in lines[1:]:
            post, coder, question = line.answer
            said = message.format(coder=coder, question=question, post=post, row=lines[0].number)
            self._problem(line, said, is_mistake=False)

    def _several_codes(self, variable: VariableSheet, lines: Sequence[_Line]) -> _Given | None:
        nothing = [line for line in lines if line["code"] == NOTHING_APPLIES]
        coded = [line for line in lines if line["code"] != NOTHING_APPLIES]
        taken = [self._is_known(variable, line) and self._is_assigned(line) for line in coded]
        if nothing and coded:
            message = _("“none” says that nothing applies, but row {row} gives a code; neither is taken.")
            self._problem(nothing[0], message.format(row=coded[0].number))
            return None
        if not all(taken):
            return None
        return _Given(codes=frozenset(line["code"] for line in coded), nothing_applies=bool(nothing))

    def _is_assigned(self, line: _Line) -> bool:
        if read_number(line["value"]) == 0:
            message = _("The row gives the code “{code}” the value 0. Rows stand for codes that were given.")
            self._problem(line, message.format(code=line["code"]))
            return False
        return True

    def _is_known(self, variable: VariableSheet, line: _Line) -> bool:
        if line["code"] in self._codes[variable.key]:
            return True
        if said := line["code"] or line.unknown:
            message = _("The question “{question}” has no code “{code}”.")
            words = message.format(question=variable.key, code=said)
            self._problem(line, words + _about_none(said))
        else:
            self._problem(line, _("The row names no code."))
        return False

    def _one_number(self, variable: VariableSheet, line: _Line) -> _Given | None:
        said = line["value"] or line["code"]
        number = read_number(said)
        if number is None:
            message = _("The question “{question}” takes a number, not “{said}”.")
            self._problem(line, message.format(question=variable.key, said=said) + _about_none(said))
            return None
        return _Given(number=number) if self._is_within(variable, number, line) else None

    def _is_within(self, variable: VariableSheet, number: float, line: _Line) -> bool:
        too_low = variable.minimum is not None and number < variable.minimum
        too_high = variable.maximum is not None and number > variable.maximum
        if too_low or too_high:
            message = _("The number {number} is outside what the question “{question}” allows.")
            self._problem(line, message.format(number=f"{number:g}", question=variable.key))
        return not (too_low or too_high)

    def _one_text(self, line: _Line) -> _Given | None:
        text = line["value"] or line["code"]
        if not text:
            self._problem(line, _("The row holds no answer."))
        return _Given(text=text) if text else None

    def _latest(self, lines: Sequence[_Line]) -> datetime | None:
        moments = [self._moment(line) for line in lines if line["rated_at"]]
        return max((moment for moment in moments if moment), default=None)

    def _moment(self, line: _Line) -> datetime | None:
        moment = read_time(line["rated_at"])
        if moment is None:
            message = _("The time “{said}” cannot be read; the answer is taken without it.")
            self.notices.append(RowProblem(line.number, message.format(said=line["rated_at"])))
        return moment
