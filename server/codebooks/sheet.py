"""A codebook as one sheet of rows: its plain shape, and how it is read.

Each row holds one code of one question; questions keep the order in which they first appear.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from server.codebooks.when import ALWAYS, When, read_when
from server.errors import Refusal
from server.language import _, ngettext

NOTHING_APPLIES = "none"
"""The code by which a file says of a multiple-choice variable: looked, and nothing applies."""


@dataclass(frozen=True)
class CodeSheet:
    """One code: a category of a variable, with what annotators need to apply it."""

    key: str
    label: str
    value: float | None = None
    definition: str = ""
    use_when: str = ""
    avoid_when: str = ""
    example: str = ""
    counter_example: str = ""
    parent_key: str | None = None


@dataclass(frozen=True)
class VariableSheet:
    """One question about a post; `kind` is single, multiple, ordinal, number or text.

    With `when` it is asked only after one of these answers to variables before it.
    """

    key: str
    kind: str
    label: str
    hint: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    codes: tuple[CodeSheet, ...] = ()
    when: When = ALWAYS


@dataclass(frozen=True)
class CodebookSheet:
    """All variables of a codebook in their order."""

    variables: tuple[VariableSheet, ...] = ()


COLUMNS = (
    "question", "type", "code", "value", "label", "definition", "question_label", "hint", "required",
    "minimum", "maximum", "use_when", "avoid_when", "example", "counter_example", "parent", "when",
)  # fmt: skip
_NEEDED = ("question", "type", "code")
_KINDS = {
    "single": "single", "nominal": "single", "binary": "single", "categorical": "single",
    "multiple": "multiple", "multi": "multiple", "multilabel": "multiple",
    "ordinal": "ordinal", "scale": "ordinal", "likert": "ordinal",
    "number": "number", "numeric": "number", "interval": "number", "ratio": "number",
    "text": "text", "free": "text", "freetext": "text",
}  # fmt: skip
_DERIVED = "derived"
_YES, _NO = ("yes", "true", "1", "x"), ("no", "false", "0")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class SheetRow(Protocol):
    """A row of a table: its number as a spreadsheet shows it, and its cells."""

    @property
    def number(self) -> int:
        """The row number."""

    @property
    def cells(self) -> Sequence[str]:
        """The cells, as many as there are columns."""


@dataclass(frozen=True)
class FileRow:
    """A row of a codebook file; `number` is what a spreadsheet shows beside it, or that of a line."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SheetRemark:
    """What is to be said about one row of a codebook file."""

    number: int
    message: str


@dataclass(frozen=True)
class CodebookReading:
    """A codebook as read: with any problem it must not be used; `derived` questions were left out."""

    sheet: CodebookSheet
    problems: tuple[SheetRemark, ...] = ()
    notices: tuple[SheetRemark, ...] = ()
    derived: frozenset[str] = frozenset()

    def checked(self) -> CodebookSheet:
        """The codebook, or a Refusal that names the rows with a problem."""
        if self.problems:
            raise Refusal(_("The codebook was not taken.") + " " + " ".join(self._told()))
        return self.sheet

    def _told(self, most: int = 10) -> list[str]:
        row = _("Row {row}: {problem}")
        told = [row.format(row=one.number, problem=one.message) for one in self.problems[:most]]
        left = len(self.problems) - most
        return [*told, _("There are {count} more.").format(count=left)] if left > 0 else told


@dataclass(frozen=True)
class _Line:
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class _Reader:
    """Collects what is wrong with the rows while variables are made of them."""

    problems: list[SheetRemark] = field(default_factory=list)

    def problem(self, line: _Line, message: str) -> None:
        self.problems.append(SheetRemark(line.number, message))

    def variable(self, lines: Sequence[_Line]) -> VariableSheet | None:
        kind = self._kind(lines)
        if kind is None:
            return None
        key = lines[0]["question"]
        self._check_key(lines[0], key)
        variable = VariableSheet(
            key=key,
            kind=kind,
            label=self._agreed(lines, "question_label") or humanised(key),
            hint=self._agreed(lines, "hint"),
            required=self._truth(lines),
            minimum=self._read_number(lines[0], "minimum", self._agreed(lines, "minimum")),
            maximum=self._read_number(lines[0], "maximum", self._agreed(lines, "maximum")),
            codes=self._codes(kind, lines),
            when=self._when(lines),
        )
        self._check_limits(lines[0], variable)
        return variable

    def _kind(self, lines: Sequence[_Line]) -> str | None:
        first = lines[0]
        kind = _kind_of(first)
        if kind is None:
            message = _("The type “{type}” is not known. Use single, multiple, ordinal, number or text.")
            self.problem(first, message.format(type=first["type"]))
        for line in lines[1:]:
            if _kind_of(line) != kind:
                message = _(
                    "The question “{question}” has two types: “{first}” in row {row} and “{other}” here."
                )
                self.problem(
                    line,
                    message.format(
                        question=line["question"], first=first["type"], row=first.number, other=line["type"]
                    ),
                )
        return kind

    def _agreed(self, lines: Sequence[_Line], column: str) -> str:
        """What the rows of a question say in `column`; it may stand in one of them or in all."""
        said = [line for line in lines if line[column]]
        for line in said[1:]:
            if line[column] != said[0][column]:
                message = _("The column “{column}” says something else here than in row {row}.")
                self.problem(line, message.format(column=column, row=said[0].number))
        return said[0][column] if said else ""

    def _truth(self, lines: Sequence[_Line]) -> bool:
        said = self._agreed(lines, "required").casefold()
        if said not in ("", *_YES, *_NO):
            self.problem(
                lines[0], _("The column “required” takes yes or no, not “{said}”.").format(said=said)
            )
        return said not in _NO

    def _when(self, lines: Sequence[_Line]) -> When:
        said = self._agreed(lines, "when")
        when = read_when(said)
        if when is None:
            message = _(
                "The column “when” takes a question and its codes, such as expression=attachment|quality, "
                "not “{said}”."
            )
            self.problem(lines[0], message.format(said=said))
        return when or ALWAYS

    def _read_number(self, line: _Line, column: str, said: str) -> float | None:
        number = read_number(said) if said else None
        if said and number is None:
            message = _("The column “{column}” takes a number, not “{said}”.")
            self.problem(line, message.format(column=column, said=said))
        return number

    def _check_limits(self, line: _Line, variable: VariableSheet) -> None:
        low, high = variable.minimum, variable.maximum
        if low is not None and high is not None and low > high:
            self.problem(line, _("The minimum is greater than the maximum."))

    def _check_key(self, line: _Line, key: str) -> None:
        if not _KEY.fullmatch(key):
            message = _(
                "“{key}” cannot be a key. Use up to 64 letters without accents, digits, _, - and ., "
                "beginning with a letter or digit; what annotators read stands in label and question_label."
            )
            self.problem(line, message.format(key=key))

    def _codes(self, kind: str, lines: Sequence[_Line]) -> tuple[CodeSheet, ...]:
        if kind in ("number", "text"):
            self._refuse_codes(lines)
            return ()
        own = [line for line in lines if not (kind == "multiple" and line["code"] == NOTHING_APPLIES)]
        if not own:
            self.problem(lines[0], _("The question has no code but “none”. Give it at least one."))
        codes = [self._code(line) for line in own]
        self._check_codes(own)
        return tuple(self._ordered(own, codes) if kind == "ordinal" else codes)

    def _refuse_codes(self, lines: Sequence[_Line]) -> None:
        for line in lines:
            if line["code"]:
                self.problem(line, _("A question for a number or a text has no codes. Leave the code empty."))

    def _code(self, line: _Line) -> CodeSheet:
        return CodeSheet(
            key=line["code"],
            label=line["label"] or humanised(line["code"]),
            value=self._read_number(line, "value", line["value"]),
            definition=line["definition"],
            use_when=line["use_when"],
            avoid_when=line["avoid_when"],
            example=line["example"],
            counter_example=line["counter_example"],
            parent_key=line["parent"] or None,
        )

    def _check_codes(self, lines: Sequence[_Line]) -> None:
        first: dict[str, _Line] = {}
        for line in lines:
            key = line["code"]
            if not key:
                self.problem(line, _("The row names no code."))
                continue
            self._check_key(line, key)
            earlier = first.setdefault(key.casefold(), line)
            if earlier is not line:
                message = _("The code “{code}” of the question “{question}” is already in row {row}.")
                self.problem(line, message.format(code=key, question=line["question"], row=earlier.number))
        self._check_parents(lines)

    def _check_parents(self, lines: Sequence[_Line]) -> None:
        parents = {line["code"]: line["parent"] for line in lines}
        for line in lines:
            parent = line["parent"]
            if parent and parent not in parents:
                message = _("The parent “{parent}” is not a code of the question “{question}”.")
                self.problem(line, message.format(parent=parent, question=line["question"]))
            elif _is_own_ancestor(line["code"], parents):
                self.problem(line, _("The code “{code}” is its own ancestor.").format(code=line["code"]))

    def _ordered(self, lines: Sequence[_Line], codes: Sequence[CodeSheet]) -> list[CodeSheet]:
        """Codes of a scale with their values; without any, their order numbers them from 0."""
        if not any(line["value"] for line in lines):
            return [replace(code, value=float(rank)) for rank, code in enumerate(codes)]
        first: dict[float, _Line] = {}
        for line, code in zip(lines, codes, strict=True):
            if not line["value"]:
                self.problem(line, _("The other codes of this scale have a value. Give this one its own."))
            elif code.value is not None and first.setdefault(code.value, line) is not line:
                message = _("Row {row} has the same value, so the order of the scale is not clear.")
                self.problem(line, message.format(row=first[code.value].number))
        return list(codes)


def read_codebook(columns: Sequence[str], rows: Iterable[SheetRow]) -> CodebookReading:
    """Read a codebook of one row a code; raises Refusal when a needed column is missing.

    A question for a number or a text is one row with an empty code. `none` in a multiple-choice question is
    its explicit "nothing applies" and no code. Derived questions are computed from others and left out.
    """
    lines = _lines(columns, rows)
    reader = _Reader()
    questions = _by_question(lines, reader)
    derived = {key for key, own in questions.items() if own[0]["type"].casefold() == _DERIVED}
    notices = tuple(_left_out(questions[key][0]) for key in questions if key in derived)
    read = [reader.variable(own) for key, own in questions.items() if key not in derived]
    variables = tuple(variable for variable in read if variable is not None)
    problems = tuple(sorted(reader.problems, key=lambda problem: problem.number))
    return CodebookReading(CodebookSheet(variables), problems, notices, frozenset(derived))


def _lines(columns: Sequence[str], rows: Iterable[SheetRow]) -> list[_Line]:
    names = [column.strip().casefold() for column in columns]
    missing = [column for column in _NEEDED if column not in names]
    if missing:
        raise Refusal(
            ngettext(
                "The codebook lacks the column {missing}. It needs question, type and code.",
                "The codebook lacks the columns {missing}. It needs question, type and code.",
                len(missing),
            ).format(missing=", ".join(f"“{column}”" for column in missing))
        )
    stripped = ((row.number, [cell.strip() for cell in row.cells]) for row in rows)
    return [_Line(number, dict(zip(names, cells, strict=True))) for number, cells in stripped]


def _by_question(lines: Iterable[_Line], reader: _Reader) -> dict[str, list[_Line]]:
    questions: dict[str, list[_Line]] = {}
    spellings: dict[str, str] = {}
    for line in lines:
        key = line["question"]
        spelling = spellings.setdefault(key.casefold(), key)
        if not key:
            reader.problem(line, _("The row names no question."))
        elif spelling != key:
            message = _("The question “{question}” is written “{other}” elsewhere.")
            reader.problem(line, message.format(question=key, other=spelling))
        else:
            questions.setdefault(key, []).append(line)
    return questions


def _left_out(line: _Line) -> SheetRemark:
    message = _("The question “{question}” is computed from others and was left out.")
    return SheetRemark(line.number, message.format(question=line["question"]))


def _kind_of(line: _Line) -> str | None:
    said = re.sub(r"[\s_-]", "", line["type"].casefold()).removesuffix("choice")
    return _KINDS.get(said, _DERIVED if said == _DERIVED else None)


def _is_own_ancestor(key: str, parents: dict[str, str]) -> bool:
    seen: set[str] = set()
    ancestor = parents.get(key, "")
    while ancestor and ancestor not in seen:
        seen.add(ancestor)
        ancestor = parents.get(ancestor, "")
    return key in seen


def humanised(key: str) -> str:
    """A label made of a key: `very_unclear` reads "Very unclear"."""
    words = re.sub(r"[_\s]+", " ", key).strip()
    return words[:1].upper() + words[1:]


def read_number(text: str) -> float | None:
    """The finite number that `text` writes, with a point or a comma for decimals; None if it writes none.

    `1,234` is not read, since it is one number to half of the world and another to the other half.
    """
    if "_" in text or _AMBIGUOUS.fullmatch(text.strip()):
        return None
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def write_number(number: float | None) -> str:
    """The shortest text that reads as the same number: 1.0 is written 1."""
    if number is None:
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
