"""From the bytes of an uploaded file to a table of text: every cell is exactly the text of the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain, islice
from typing import BinaryIO

from server.corpora.compact import Row, Rows, compressed
from server.corpora.encodings import decoded, detect_encoding, refuse_other_types
from server.corpora.records import Record, detect_delimiter, read_records
from server.corpora.surveyed import Surveyed
from server.errors import Refusal
from server.language import _, number

MAX_ROWS = 1_000_000
MAX_REFUSED = 100_000
_SAMPLE = 1 << 16
_LONGEST_PREAMBLE = 30
_IN_PREAMBLE = 2
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken, and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class Origin:
    """How a file holds its table: what kind it is, and the program that wrote it where that is known.

    `roles` gives the columns that this program's id, text and so on stand in. `notes` are sentences. `sheets`
    are the names of the sheets of a workbook, of which `sheet` was read, counted from 1.
    """

    kind: str = "CSV"
    export: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    sheet: int = 0


@dataclass(frozen=True)
class Table:
    """What a file holds. `short` numbers the rows whose missing last cells were taken as empty.

    `left_out` are records without anything to code, such as deleted posts. `surveyed` is what a look at all
    rows has found, where somebody looked already.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]
    encoding: str
    delimiter: str
    refused: list[RefusedRow] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    left_out: list[RefusedRow] = field(default_factory=list)
    origin: Origin = Origin()
    surveyed: Surveyed | None = field(default=None, compare=False)

    def compressed(self) -> Rows:
        """Its rows in compressed blocks."""
        return compressed(self.rows, len(self.columns))


def read_table(content: bytes | BinaryIO, filename: str) -> Table:
    """The table in a CSV or TSV file; raises Refusal when the file as a whole cannot be read.

    Blank rows are passed over but counted. A row with more cells than the header, a cell that is too long or
    quotation marks gone wrong is refused alone. A row with fewer cells is completed with empty ones, since
    spreadsheets leave out empty cells at the end; whoever needs those cells refuses it then.
    """
    file = BytesIO(content) if isinstance(content, bytes) else content
    file.seek(0)
    head = file.read(4096)
    refuse_other_types(head, filename)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise Refusal(_("“{filename}” is empty. Choose a file with a header row.").format(filename=filename))
    file.seek(0)
    return read_text_table(file, filename)


def read_text_table(file: BinaryIO, filename: str, *, begins_later: bool = False) -> Table:
    """The table in a file of text; `begins_later` says that lines may stand above its header."""
    encoding = detect_encoding(file)
    pieces = decoded(file, encoding)
    sample = next(pieces, "")
    named, rest = _declared_delimiter(sample)
    delimiter = named or detect_delimiter(rest[:_SAMPLE], len(rest) <= _SAMPLE, filename)
    records = read_records(chain([rest], pieces), delimiter or ",")
    notes: tuple[str, ...] = ()
    if begins_later:
        records, notes = without_preamble(records)
    table = tabulate(records, encoding.name, delimiter or ",", Origin(notes=notes))
    # Only now, since a quotation mark that is never closed also leaves one column, and is told as such.
    if delimiter is None:
        _refuse_single_column(filename)
    return table


def _declared_delimiter(sample: str) -> tuple[str | None, str]:
    """The delimiter of a first line such as `sep=;`, which spreadsheets write and hide, and what follows."""
    first, end, rest = sample.partition("\n")
    declared = first.strip("\r").strip('"')
    if end and len(declared) == 5 and declared.lower().startswith("sep=") and declared[4] in ",;\t":
        return declared[4], rest
    return None, sample


def without_preamble(records: Iterator[Record]) -> tuple[Iterator[Record], tuple[str, ...]]:
    """The records from the header on, and what is said of lines that stand above it.

    Programs write there what was searched for: lines of one or two cells. The header is the first row that
    names at least four columns, each differently.
    """
    first = list(islice(records, _LONGEST_PREAMBLE))
    start = next((place for place, record in enumerate(first) if _is_header(record)), 0)
    above = [record for record in first[:start] if len(_filled(record)) > _IN_PREAMBLE]
    if not start or above:
        return chain(first, records), ()
    said = _("Above the header there is this, which is passed over: {lines}.")
    lines = "; ".join(" ".join(_filled(record))[:80] for record in first[:start])
    return chain(first[start:], records), (said.format(lines=lines),)


def _filled(record: Record) -> list[str]:
    return [cell.strip() for cell in record.cells if cell.strip()]


def _is_header(record: Record) -> bool:
    names = _filled(record)
    return _IN_PREAMBLE + 2 <= len(names) == len(set(names)) and all(len(name) < 80 for name in names)


def tabulate(
    records: Iterator[Record], encoding: str, delimiter: str, origin: Origin, *, completes: bool = False
) -> Table:
    """The table whose header is the first record; `completes`: empty last cells are never written."""
    columns = column_names(_header(records))
    rows = Rows(len(columns))
    table = Table(columns, rows, encoding, delimiter, origin=origin)
    count = 0
    while some := list(islice(records, _AT_ONCE)):
        count += len(some)
        if count > MAX_ROWS:
            refuse_too_many_rows()
        _take_all(some, table, rows)
    if completes:
        table.short.clear()
    if not table.rows and not table.refused:
        raise Refusal(_("The file holds a header but no rows below it. Choose a file with rows."))
    return table


def _header(records: Iterator[Record]) -> tuple[str, ...]:
    header = next(records, None)
    if header is None:
        raise Refusal(_("The file holds nothing but empty cells. Choose a file with a header row."))
    if header.fault:
        raise Refusal(_("The header row cannot be read. {reason}").format(reason=header.fault))
    return header.cells


def _take_all(records: Sequence[Record], table: Table, rows: Rows) -> None:
    numbers, cells, _faults = zip(*records, strict=True)
    if set(map(len, cells)) == {len(table.columns)}:
        rows.extend(numbers, cells)
        return
    for record in records:
        _take(record, table, rows)


def _take(record: Record, table: Table, rows: Rows) -> None:
    width = len(table.columns)
    number, cells, fault = record
    if len(cells) == width:
        rows.add(number, cells)
        return
    reason = fault or _surplus(cells, width)
    if reason:
        table.refused.append(RefusedRow(number, reason))
        refuse_too_many_refused(table.refused)
        return
    if len(cells) < width:
        table.short.append(number)
    rows.add(number, cells[:width] + ("",) * (width - len(cells)))


def refuse_too_many_refused(refused: Sequence[RefusedRow]) -> None:
    """Refuse the whole file when so many rows cannot be taken that nobody could go through the reasons."""
    if len(refused) > MAX_REFUSED:
        raise Refusal(
            _(
                "More than {limit} rows of this file cannot be taken. The first is row {row}: {reason} "
                "Mend the file or choose other columns."
            ).format(limit=number(MAX_REFUSED), row=refused[0].number, reason=refused[0].reason)
        )


def _surplus(cells: tuple[str, ...], width: int) -> str | None:
    # Spreadsheets may write delimiters after the last column; empty cells there lose nothing.
    if not any(cell.strip() for cell in cells[width:]):
        return None
    return _(
        "The row has {found} cells, but the header has {expected}. "
        "Perhaps a cell with a delimiter or line break lacks its quotation marks."
    ).format(found=len(cells), expected=width)


def column_names(header: Iterable[str]) -> tuple[str, ...]:
    """Names for all columns: trimmed, a blank one called by its place, a repeated one numbered."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip().strip("\ufeff") or _("column {place}").format(place=place)
        names.append(_unused(name, names))
    return tuple(names)


def _unused(name: str, names: list[str]) -> str:
    taken, candidate, count = set(names), name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name} ({count})"
    return candidate


def _refuse_single_column(filename: str) -> None:
    raise Refusal(
        _(
            "“{filename}” has one column only. Columns are separated by commas, semicolons or tabs, "
            "and at least two are needed: the id and the text of each post."
        ).format(filename=filename)
    )


def refuse_too_many_rows() -> None:
    """Refuse a file with more rows than one import takes."""
    raise Refusal(
        _("The file has more than {limit} rows. Divide it and import the parts one by one.").format(
            limit=number(MAX_ROWS)
        )
    )
