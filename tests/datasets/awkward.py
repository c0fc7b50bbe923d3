"""A small table in which everything is awkward that a format can get wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

from server.datasets.files import write_file
from server.datasets.table import Code, Column, Dataset, Format, Kind, Row, numbered
from server.datasets.words import yes_and_no

ID = "1955550000000000001"
MOMENT = datetime(2025, 8, 8, 21, 14, 30, tzinfo=UTC)
LONG = "Wie äußert sich die Bindung an das abgeschaltete Modell? " * 10
CODES = numbered([("for", "dafür – “yes”", None), ("against", "größtenteils dagegen " * 9, None)])
COLUMNS = (
    Column("post_id", "Id"),
    Column("number", "Number", Kind.INTEGER),
    Column("posted_at", "Moment", Kind.MOMENT),
    Column("text", 'Text "quoted" \\ and\nbroken'),
    Column("by", "A word that SPSS keeps for itself", Kind.NUMBER),
    Column("expression_attachment-to.the-model_and_more", LONG, Kind.YES_NO, yes_and_no()),
    Column("stance", "Haltung", Kind.CODED, CODES),
    Column("value", "Text or number", Kind.MIXED),
    Column("STANCE", "Differs in case alone", Kind.INTEGER),
)
ROWS: tuple[Row, ...] = (
    (ID, 1, MOMENT, '=1+1\r\nnext "line", 😀', 2.5, 1, "for", "+look", 7),
    ("@x", 2, None, "مرحبا بالعالم", -3.0, 0, None, 4.0, None),
    (None, 3, MOMENT.replace(year=1815), None, None, None, "against", None, -1),
    ("00017", 4, MOMENT, " \t#keep4o,;'", 0.0, 1, "for", "4", 0),
)


def dataset(rows: tuple[Row, ...] = ROWS, columns: tuple[Column, ...] = COLUMNS) -> Dataset:
    """The table, or another with its columns."""
    return Dataset("A study: über alles", columns, iter(rows))


def written(format_: Format, data: Dataset | None = None, *, guards: bool = True) -> BytesIO:
    """The table as a file, at its beginning."""
    file = BytesIO()
    write_file(data or dataset(), format_, file, guards=guards)
    file.seek(0)
    return file


def endless() -> Iterator[Row]:
    """Rows without an end."""
    while True:
        yield (1,)


ONE = (Column("n", "n", Kind.INTEGER),)
TWINS = (Code("a", "the same", 1), Code("b", "the same", 2))
