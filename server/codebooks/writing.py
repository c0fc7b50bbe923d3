"""A codebook as the rows and the CSV that `server.codebooks.sheet` reads again."""

import csv
from io import StringIO

from server.codebooks.conditions import when_text
from server.codebooks.sheet import COLUMNS, CodebookSheet, CodeSheet, VariableSheet, write_number
from server.datasets.formulas import guard_cell


def codebook_rows(sheet: CodebookSheet) -> list[tuple[str, ...]]:
    """The rows of `COLUMNS` that `read_codebook` reads as this codebook again."""
    return [row for variable in sheet.variables for row in _variable_rows(sheet, variable)]


def write_codebook_csv(sheet: CodebookSheet) -> str:
    """The codebook as CSV in which no spreadsheet computes a cell; `read_text` reads the same codebook."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guard_cell(cell) for cell in row] for row in codebook_rows(sheet))
    return text.getvalue()


def _variable_rows(sheet: CodebookSheet, variable: VariableSheet) -> list[tuple[str, ...]]:
    common = (
        variable.label,
        variable.hint,
        "yes" if variable.required else "no",
        write_number(variable.minimum),
        write_number(variable.maximum),
    )
    when = when_text(sheet, variable)
    codes = variable.codes or (CodeSheet("", ""),)
    return [(variable.key, variable.kind, *_code_cells(code, common), when) for code in codes]


def _code_cells(code: CodeSheet, common: tuple[str, ...]) -> tuple[str, ...]:
    own = (code.key, write_number(code.value), code.label, code.definition)
    notes = (code.use_when, code.avoid_when, code.example, code.counter_example, code.parent_key or "")
    return (*own, *common, *notes)
