"""ReCal's files (Freelon 2010): whole numbers alone, a row a unit, a column a coder, no names. Pure.

They hold neither ids nor codes. The nth row is the nth post, and a number stands for the code that has it in
the download for ReCal: the codebook's number where each code has one of its own, else its place from 1 on.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO

from server.codebooks.sheet import CodebookSheet, VariableSheet
from server.corpora.compact import Row
from server.corpora.parsing import Origin, Table, read_table
from server.datasets.table import numbered
from server.errors import Refusal
from server.exchange.ratings.naming import Naming
from server.language import gettext as _

EXPORT = "ReCal"
_COLUMNS = ("post_id", "coder", "question", "code")
_NUMBERS = re.compile(rb"\s*-?\d+\s*([,;\t]\s*-?\d*\s*)+")


def is_matrix(file: BinaryIO) -> bool:
    """Whether the first line of a file holds whole numbers alone, two at least."""
    file.seek(0)
    first = file.readline(100_000).removeprefix(b"\xef\xbb\xbf")
    return _NUMBERS.fullmatch(first.strip(b"\r\n")) is not None


def with_names(content: bytes) -> bytes:
    """The file with a line of names above where it has none: ReCal's files begin with the first unit."""
    first, _end, _rest = content.partition(b"\n")
    cells = re.split(rb"[,;\t]", first.lstrip(b"\xef\xbb\xbf").strip())
    if not all(re.fullmatch(rb'"?-?\d*"?', cell.strip()) for cell in cells):
        return content
    separator = next((mark for mark in (b",", b";", b"\t") if mark in first), b",")
    names = separator.join(b"coder %d" % (at + 1) for at in range(len(cells)))
    return names + b"\n" + content.lstrip(b"\xef\xbb\xbf")


def matrix_in(file: BinaryIO, filename: str) -> Table:
    """The numbers as rows of unit, coder, question and number. The file is called after the question."""
    file.seek(0)
    table = read_table(BytesIO(with_names(file.read())), filename)
    question = PurePath(filename).name.partition(".")[0]
    rows = [
        Row(unit, (str(unit), coder, question, cell.strip()))
        for unit, row in enumerate(table.rows, start=1)
        for coder, cell in zip(table.columns, row.cells, strict=True)
    ]
    return replace(table, columns=_COLUMNS, rows=rows, origin=Origin("CSV", export=EXPORT))


def placed(table: Table, posts: Sequence[str], codebook: CodebookSheet) -> Table:
    """A matrix with the ids of the posts, given in their order, and the keys of the codes; gaps are left out.

    Raises:
        Refusal: it has not as many rows as there are posts, or several codes may be chosen.
    """
    units = [int(row.cells[0]) for row in table.rows]
    _refuse_other_number(units[-1] if units else 0, len(posts))
    question = Naming(codebook, is_of_one=True).question(table.rows[0].cells[2])
    keys = _keys(next((one for one in codebook.variables if one.key == question), None))
    rows = [
        Row(row.number, (posts[unit - 1], row.cells[1], question, keys.get(row.cells[3], row.cells[3])))
        for unit, row in zip(units, table.rows, strict=True)
        if row.cells[3]
    ]
    return replace(table, rows=rows)


def _refuse_other_number(n_rows: int, n_posts: int) -> None:
    if n_rows != n_posts:
        raise Refusal(
            _(
                "ReCal's files name no posts, so that each row has to stand for the post in its place. "
                "This one has %(rows)s rows, the project %(posts)s posts. Write a column post_id in front."
            )
            % {"rows": n_rows, "posts": n_posts}
        )


def _keys(variable: VariableSheet | None) -> dict[str, str]:
    """The codes' keys by their numbers; none where nothing is known of the question."""
    if variable is None:
        return {}
    if variable.kind == "multiple":
        raise Refusal(
            _(
                "“%s” may have several codes, and a file of ReCal says of one only whether it was chosen. "
                "Bring it as a table with a column post_id."
            )
            % variable.label
        )
    codes = numbered([(code.key, code.label, code.value) for code in variable.codes])
    return {str(code.number): code.key for code in codes}
