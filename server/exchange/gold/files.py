"""Gold answers in a file: a row a post, a column a question, and what is wrong with each cell. No SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.codebooks.queries import Codebook, VariableInfo
from server.codebooks.sheet import NOTHING_APPLIES
from server.coding.answers import Coded, coded
from server.coding.questions import answer_name, none_name
from server.corpora.parsing import Table
from server.errors import Refusal
from server.language import gettext as _
from server.training.gold_actions import MAX_NOTE
from server.web.numbers import whole_number

POST, PLATFORM_ID, NOTE, TEXT = "post", "post_id", "note", "text"
_TAKEN = frozenset({POST, PLATFORM_ID, NOTE, TEXT})
SEPARATOR = ";"
# Each post with gold is read by a person more than once; nobody writes more of them.
MAX_ROWS = 1_000
# Enough to see what the matter is.
_CODES_NAMED = 12
_CHOICES = frozenset({"single", "multiple", "ordinal"})


@dataclass(frozen=True)
class GoldFault:
    """What is wrong with a row of the file; `column` is empty where it is the row as a whole."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class GoldRow:
    """A row that can be stored. `note` is None where the file has no notes: the post then keeps its own."""

    row: int
    post_number: int
    value: Coded
    note: str | None


@dataclass(frozen=True)
class KnownPosts:
    """The posts that a file may mean: their numbers, and the numbers by the ids of the platform."""

    numbers: Collection[int] = ()
    by_platform_id: Mapping[str, int] = field(default_factory=dict)


def gold_columns(book: Codebook) -> tuple[str, ...]:
    """The columns a file of gold may have."""
    return (POST, PLATFORM_ID, *map(question_column, book.variable_by_key), NOTE)


def question_column(key: str) -> str:
    """The column of a question: its key, or `question:KEY` where another column has that name."""
    return f"question:{key}" if key in _TAKEN else key


def posts_named(table: Table) -> tuple[set[int], set[str]]:
    """The numbers and the ids by which the file names its posts.

    Raises:
        Refusal: it has no column that names them, or more rows than anybody writes gold for.
    """
    columns = _columns(table)
    if POST not in columns and PLATFORM_ID not in columns:
        raise Refusal(_("The file needs a column post, with the posts’ numbers, or post_id, with their ids."))
    if len(table.rows) > MAX_ROWS:
        raise Refusal(_("The file has more than {limit} rows. Divide it.").format(limit=MAX_ROWS))
    cells = [_cells(columns, row.cells) for row in table.rows]
    numbers = {whole_number(row.get(POST, "")) for row in cells}
    return {number for number in numbers if number}, {row.get(PLATFORM_ID, "") for row in cells} - {""}


def read_gold(table: Table, book: Codebook, posts: KnownPosts) -> tuple[list[GoldRow], list[GoldFault]]:
    """The rows that could be stored, and everything that is wrong with the file, in its order."""
    reader = _Reader(book, posts, _columns(table))
    faults = [*reader.header(), *(GoldFault(row.number, "", row.reason) for row in table.refused)]
    rows = []
    for number, cells in table.rows:
        row, wrong = reader.row(number, _cells(reader.columns, cells))
        faults += wrong
        rows += [row] if row else []
    return rows, sorted(faults, key=lambda fault: fault.row)


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(name.strip() for name in table.columns)


def _cells(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return dict(zip(columns, (cell.strip() for cell in cells), strict=True))


@dataclass
class _Reader:
    book: Codebook
    posts: KnownPosts
    columns: tuple[str, ...]
    seen: dict[int, int] = field(default_factory=dict)
    """The row in which each post stands."""

    def header(self) -> Iterator[GoldFault]:
        """Columns that nobody knows, and questions everybody has to answer that have none."""
        known = {*gold_columns(self.book), TEXT}
        for name in self.columns:
            if name not in known:
                words = _("The codebook has no such question. Known columns: {known}.")
                yield GoldFault(1, name, words.format(known=_some(gold_columns(self.book))))
        for variable in self.book.variables:
            column = question_column(variable.key)
            if variable.is_required and not variable.when and column not in self.columns:
                yield GoldFault(1, column, _("This column is missing, and its question needs an answer."))

    def row(self, number: int, cells: Mapping[str, str]) -> tuple[GoldRow | None, list[GoldFault]]:
        """One row, or what is wrong with it."""
        post_number, wrong = self._post(number, cells)
        value, of_answers = self._value(cells)
        note = cells.get(NOTE)
        if note and len(note) > MAX_NOTE:
            of_answers[NOTE] = _("This is too long.")
        faults = [*wrong, *(GoldFault(number, column, said) for column, said in of_answers.items())]
        if faults or value is None or post_number is None:
            return None, faults
        return GoldRow(number, post_number, value, note), []

    def _post(self, row: int, cells: Mapping[str, str]) -> tuple[int | None, list[GoldFault]]:
        """The number of the post that the row names."""
        said, platform_id = cells.get(POST, ""), cells.get(PLATFORM_ID, "")
        number, by_id = whole_number(said), self.posts.by_platform_id.get(platform_id)
        if not said and not platform_id:
            return None, [GoldFault(row, "", _("The row names no post."))]
        if said and number not in self.posts.numbers:
            return None, [GoldFault(row, POST, _("There is no post {number}.").format(number=said[:40]))]
        if platform_id and by_id is None:
            words = _("The post “{post}” is not among the posts. Import the posts first.")
            return None, [GoldFault(row, PLATFORM_ID, words.format(post=platform_id[:80]))]
        if said and platform_id and number != by_id:
            return None, [GoldFault(row, PLATFORM_ID, _("This is post {number}.").format(number=by_id))]
        return self._once(row, number if said else by_id)

    def _once(self, row: int, number: int | None) -> tuple[int | None, list[GoldFault]]:
        first = self.seen.setdefault(number or 0, row)
        if first == row:
            return number, []
        words = _("Post {number} stands in row {row} already.").format(number=number, row=first)
        return None, [GoldFault(row, "", words)]

    def _value(self, cells: Mapping[str, str]) -> tuple[Coded | None, dict[str, str]]:
        """The answers as they would be stored, or a sentence for each column that holds none."""
        typed: dict[str, tuple[str, ...]] = {}
        wrong: dict[str, str] = {}
        for variable in self.book.variables:
            column = question_column(variable.key)
            fields, fault = _typed(variable, cells.get(column, ""))
            typed |= fields
            wrong |= {column: fault} if fault else {}
        try:
            value = coded(self.book, typed)
        except Refusal as refusal:
            return None, self._by_column(refusal.fields, cells) | wrong
        if not value.answers:
            wrong[""] = _("The row answers no question.")
        return value, wrong

    def _by_column(self, fields: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
        """What is wrong in words for a file; a column that is missing was named once, above all rows."""
        said = (
            (one, question_column(one.key), fields.get(answer_name(one.key))) for one in self.book.variables
        )
        return {
            column: words if cells.get(column) else _needed(one)
            for one, column, words in said
            if words and (one.when or column in self.columns)
        }


def _typed(variable: VariableInfo, cell: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """A cell as the form of a coding would send it, and what is wrong with it."""
    name = answer_name(variable.key)
    if not cell or variable.kind not in _CHOICES:
        return {name: (cell,)}, ""
    codes = [cell]
    if variable.kind == "multiple":
        codes = [code.strip() for code in cell.split(SEPARATOR) if code.strip()]
    chosen = tuple(code for code in codes if variable.kind != "multiple" or code != NOTHING_APPLIES)
    unknown = [code for code in chosen if code not in variable.code_by_key]
    nothing = {none_name(variable.key): ("on",)} if len(chosen) < len(codes) else {}
    return {name: chosen, **nothing}, _no_code(variable, unknown[0]) if unknown else ""


def _no_code(variable: VariableInfo, said: str) -> str:
    words = _("“{said}” is no code here. The codes: {codes}.")
    return words.format(said=said[:40], codes=_some(variable.code_by_key))


def _needed(variable: VariableInfo) -> str:
    if variable.kind == "multiple":
        return _("This needs codes with semicolons between them, or none where nothing applies.")
    return _("This needs an answer.")


def _some(words: Collection[str]) -> str:
    shown = list(words)[:_CODES_NAMED]
    return ", ".join(shown) + (", …" if len(words) > _CODES_NAMED else "")
