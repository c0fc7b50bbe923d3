"""A table as a Word document: three rules, no lines between rows, as the APA asks for."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from server.language import gettext as _
from server.lines import in_one_line
from server.typeset.symbols import Piece, head, pieces
from server.typeset.tables import ApaTable, Column


def word(table: ApaTable) -> bytes:
    """The document."""
    document = Document()
    document.core_properties.title = in_one_line(table.title)[:255]
    document.core_properties.author = ""
    document.add_paragraph().add_run(_("Table X")).bold = True
    document.add_paragraph().add_run(in_one_line(table.title)).italic = True
    _table(document, table)
    if table.note:
        note = document.add_paragraph()
        note.add_run(_("Note.")).italic = True
        note.add_run(" ")
        _dress(note, pieces(table.note))
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _table(document: Doc, table: ApaTable) -> None:
    n_headings = sum(bool(section.heading) for section in table.sections)
    grid = document.add_table(1 + n_headings + table.n_rows, len(table.columns))
    # Asking a table for a row walks through all of it.
    rows = iter(grid.rows)
    names = next(rows)
    _heads(names, table.columns)
    cells = names.cells
    for section in table.sections:
        if section.heading:
            cells = next(rows).cells
            cells[0].merge(cells[-1]).paragraphs[0].add_run(in_one_line(section.heading)).bold = True
        for row in section.rows:
            cells = next(rows).cells
            for cell, said, column in zip(cells, row, table.columns, strict=True):
                _write(cell, said, column)
    for cell in cells:
        _rule(cell, *(("top", "bottom") if cells is names.cells else ("bottom",)))


def _heads(row: Any, columns: Sequence[Column]) -> None:
    """The heads of the columns, which stand on top of each page that the table goes on to."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for place, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        paragraph = cell.paragraphs[0]
        _dress(paragraph, head(column))
        if place:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _rule(cell, "top", "bottom")


def _dress(paragraph: Any, of: Iterable[Piece]) -> None:
    for text, is_symbol in of:
        paragraph.add_run(text).italic = is_symbol


def _write(cell: Any, said: str, column: Column) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.add_run(in_one_line(said))
    if column.is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _rule(cell: Any, *sides: str) -> None:
    """A thin line above or below a cell; the library has no borders of its own."""
    borders = OxmlElement("w:tcBorders")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "auto")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)
