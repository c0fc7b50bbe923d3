"""Codings in a file of any team, for agreement without a project: long form and wide form.

Long: a row a coding, with columns for the unit, the coder and the value; a row a code where several can be
chosen. Wide: a row a unit, a column a coder, as ReCal takes it, with or without a line of names above. Empty
cells and `NA` are codings that are missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.agreement import Level
from server.codebooks.queries import CodeInfo
from server.corpora.parsing import Table
from server.errors import Refusal
from server.language import gettext as _
from server.reliability.codings import BITS, Codings
from server.reliability.queries import Annotator, Question

MISSING = frozenset({"", "NA"})
NOTHING_APPLIES = "none"
# A number with more different values than these is no list of categories.
MOST_CATEGORIES = 50
ONE_ROUND = (1,)
UNIT = ("unit", "post_id", "id", "item", "document", "text_id")
CODER = ("coder", "annotator", "rater", "user")
VALUE = ("value", "code", "rating", "label")
CODE = "code"
VARIABLE = ("variable", "question")


@dataclass(frozen=True)
class Asked:
    """How a file is to be read: names of its columns where they are not the usual ones, kind and level."""

    unit: str | None = None
    coder: str | None = None
    value: str | None = None
    variable: str | None = None
    cluster: str | None = None
    is_multiple: bool = False
    level: Level = "nominal"


@dataclass(frozen=True)
class Given:
    """One value that one coder gave to one unit, and where it stands."""

    row: int
    unit: str
    coder: str
    value: str


@dataclass(frozen=True, eq=False)
class CodedVariable:
    """One variable of a file, as agreement wants it."""

    question: Question
    codings: Codings
    of_authors: np.ndarray[tuple[int], np.dtype[np.int64]]
    author: np.ndarray[tuple[int], np.dtype[np.int64]]
    annotators: dict[int, Annotator]


def read_long(table: Table, asked: Asked) -> tuple[CodedVariable, ...]:
    """The variables of a file in long form, in the order in which they come.

    Raises:
        Refusal: A column is missing, a coder answered twice, or a value does not fit the level.
    """
    unit, coder = _column(table, asked.unit, UNIT), _column(table, asked.coder, CODER)
    value = _column(table, asked.value, VALUE)
    code = -1 if asked.value else _column(table, None, (CODE,), is_needed=False)
    variable = _column(table, asked.variable, VARIABLE, is_needed=asked.variable is not None)
    cluster = _column(table, asked.cluster, (), is_needed=asked.cluster is not None)
    by_variable: dict[str, list[Given]] = {}
    codes: dict[str, list[Given]] = {}
    authors: dict[str, str] = {}
    for number, cells in table.rows:
        given = Given(number, cells[unit].strip(), cells[coder].strip(), cells[value].strip())
        _refuse_nameless(given)
        key = cells[variable].strip() if variable >= 0 else ""
        if code >= 0:
            codes.setdefault(key, []).append(replace(given, value=cells[code].strip()))
        if cluster >= 0:
            _note_author(authors, given.unit, cells[cluster].strip(), number)
        by_variable.setdefault(key, []).append(given)
    told = {key: given if _is_told(given) else codes.get(key, given) for key, given in by_variable.items()}
    return tuple(_variable(key, given, authors, asked) for key, given in told.items())


def _is_told(given: Iterable[Given]) -> bool:
    """Whether there is a value at all: in the tidy form of ratings, codes without a number have none."""
    return any(each.value not in MISSING for each in given)


def read_wide(table: Table, asked: Asked) -> tuple[CodedVariable, ...]:
    """The one variable of a file in wide form.

    Raises:
        Refusal: A column is missing, or a value does not fit the level.
    """
    first = table.columns[0].strip().lower()
    unit = _column(table, asked.unit, (), is_needed=True) if asked.unit else 0 if first in UNIT else -1
    cluster = _column(table, asked.cluster, (), is_needed=asked.cluster is not None)
    coders = [at for at in range(len(table.columns)) if at not in {unit, cluster}]
    authors: dict[str, str] = {}
    rows: dict[str, int] = {}
    given: list[Given] = []
    for number, cells in table.rows:
        name = cells[unit].strip() if unit >= 0 else str(number)
        if name in rows and not asked.is_multiple:
            raise Refusal(
                _("Row {row}: unit {unit} has row {other} already. In wide form a unit has one row.").format(
                    row=number, unit=name, other=rows[name]
                )
            )
        rows[name] = number
        if cluster >= 0:
            _note_author(authors, name, cells[cluster].strip(), number)
        given += [Given(number, name, table.columns[at], cells[at].strip()) for at in coders]
        _refuse_nameless(given[-1])
    return (_variable("", given, authors, asked),)


def _column(table: Table, name: str | None, usual: Sequence[str], *, is_needed: bool = True) -> int:
    """Where the column stands; -1 where there is none and none is needed."""
    wanted = (name.strip().lower(),) if name else tuple(usual)
    known = [column.strip().lower() for column in table.columns]
    for each in wanted:
        if each in known:
            return known.index(each)
    if not is_needed:
        return -1
    raise Refusal(
        _("The file has no column {wanted}. Its columns are: {known}.").format(
            wanted=" / ".join(wanted), known=", ".join(table.columns)
        )
    )


def _refuse_nameless(given: Given) -> None:
    """Rows without a unit would all be taken for the same one."""
    if not given.unit:
        raise Refusal(_("Row {row} does not say which unit was coded.").format(row=given.row))
    if not given.coder:
        raise Refusal(_("Row {row} does not say who coded.").format(row=given.row))


def _note_author(authors: dict[str, str], unit: str, author: str, row: int) -> None:
    if authors.setdefault(unit, author) != author:
        raise Refusal(
            _("Row {row}: unit {unit} belongs to {author} here and to {other} above.").format(
                row=row, unit=unit, author=author or "–", other=authors[unit] or "–"
            )
        )


def _variable(key: str, every: Sequence[Given], authors: dict[str, str], asked: Asked) -> CodedVariable:
    given = [one for one in every if one.value not in MISSING]
    _refuse_not_a_number(given)
    units = _numbered(one.unit for one in every)
    coders = _numbered(one.coder for one in every)
    kind, codes = _kind_and_codes(given, asked)
    answers = _answers(given, kind, codes)
    question = Question(1, key, kind, key, codes, ONE_ROUND, {code.id: ONE_ROUND for code in codes})
    codings = Codings(
        np.array([units[unit] for unit, _coder in answers], dtype=np.int64),
        np.array([coders[coder] for _unit, coder in answers], dtype=np.int64),
        _as_table(list(answers.values()), kind, len(codes)),
    )
    known = [unit for unit in units if authors.get(unit)]
    numbers = _numbered(authors[unit] for unit in known)
    return CodedVariable(
        question,
        codings,
        np.array([units[unit] for unit in known], dtype=np.int64),
        np.array([numbers[authors[unit]] for unit in known], dtype=np.int64),
        {number: Annotator(number, number, name) for name, number in coders.items()},
    )


def _refuse_not_a_number(given: Sequence[Given]) -> None:
    """Programs write NaN where a value is missing; taken for a code it would count as agreement."""
    for one in given:
        if one.value.lower() == "nan":
            raise Refusal(
                _("Row {row}: “{value}” is no value. Leave the cell empty where one is missing.").format(
                    row=one.row, value=one.value
                )
            )


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """A number from 1 for each name, in the order in which they come."""
    numbers: dict[str, int] = {}
    for name in names:
        numbers.setdefault(name, len(numbers) + 1)
    return numbers


def _kind_and_codes(given: Sequence[Given], asked: Asked) -> tuple[str, tuple[CodeInfo, ...]]:
    """The kind of variable that the values make, and its codes in order."""
    texts = {one.value for one in given} - ({NOTHING_APPLIES} if asked.is_multiple else set())
    if asked.is_multiple:
        return "multiple", tuple(_code(at, text, None) for at, text in enumerate(sorted(texts), start=1))
    numbers = {one.value: _number(one, asked.level) for one in given}
    if asked.level == "nominal":
        known = sorted(texts, key=lambda text: (numbers[text] is None, numbers[text] or 0.0, text))
        return "single", tuple(_code(at, text, numbers[text]) for at, text in enumerate(known, start=1))
    values = sorted({value for value in numbers.values() if value is not None})
    if len(values) > MOST_CATEGORIES:
        return "number", ()
    kind = "ordinal" if asked.level == "ordinal" else "single"
    return kind, tuple(_code(at, f"{value:g}", value) for at, value in enumerate(values, start=1))


def _number(given: Given, level: Level) -> float | None:
    """The value as a number, which every level but the nominal needs."""
    try:
        # Python reads 1_000 as a number; people write it as a name.
        number = float("nan") if "_" in given.value else float(given.value)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        if level == "nominal":
            return None
        raise Refusal(
            _("Row {row}: “{value}” is no number, which the {level} level needs.").format(
                row=given.row, value=given.value, level=level
            )
        )
    if level == "ratio" and number < 0:
        raise Refusal(
            _("Row {row}: {value} is negative, and the ratio level begins at zero.").format(
                row=given.row, value=given.value
            )
        )
    return number


def _code(number: int, key: str, value: float | None) -> CodeInfo:
    return CodeInfo(number, key, key, value, "", "", "", "", "", None)


def _answers(
    given: Sequence[Given], kind: str, codes: Sequence[CodeInfo]
) -> dict[tuple[str, str], list[float]]:
    """What each coder answered to each unit: a number, the id of a code, or the codes that were chosen."""
    by_text = {code.key: code.id for code in codes}
    by_value = {code.value: code.id for code in codes if code.value is not None}
    answers: dict[tuple[str, str], list[float]] = {}
    for one in given:
        said = answers.setdefault((one.unit, one.coder), [])
        if kind != "multiple":
            if said:
                raise _coded_before(one)
            said.append(_single(one, kind, by_text, by_value))
        elif one.value != NOTHING_APPLIES:
            said.append(by_text[one.value])
    return answers


def _coded_before(one: Given) -> Refusal:
    words = _("Row {row}: {coder} has coded {unit} before. Where several codes can be chosen, say --multi.")
    return Refusal(words.format(row=one.row, coder=one.coder, unit=one.unit))


def _single(one: Given, kind: str, by_text: dict[str, int], by_value: dict[float, int]) -> float:
    if kind == "number":
        return float(one.value)
    return by_text[one.value] if one.value in by_text else by_value[float(one.value)]


def _as_table(
    answers: Sequence[Sequence[float]], kind: str, n_codes: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64 | np.int64]]:
    if kind == "number":
        return np.array(answers, dtype=np.float64).reshape(len(answers), 1)
    if kind != "multiple":
        return np.array(answers, dtype=np.int64).reshape(len(answers), 1)
    table = np.zeros((len(answers), max(1, -(-n_codes // BITS))), dtype=np.int64)
    for row, chosen in enumerate(answers):
        for code in {int(code) - 1 for code in chosen}:
            table[row, code // BITS] += 1 << code % BITS
    return table
