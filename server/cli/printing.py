"""Tables as the shell prints them: for eyes, for Markdown, for LaTeX."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


def print_table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Print it in columns, as wide as the screen."""
    table = Table(*columns, box=None)
    for line in lines:
        table.add_row(*line)
    # Piped into a file or another program, lines stay whole.
    width = None if sys.stdout.isatty() else 200
    Console(width=width, markup=False, highlight=False, emoji=False).print(table)


def markdown_table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """The table in Markdown; a bar within a cell is escaped."""
    rows = [columns, ["---"] * len(columns), *lines]
    return "\n".join(f"| {' | '.join(map(_markdown_cell, row))} |" for row in rows)


def _markdown_cell(text: str) -> str:
    return _in_one_line(text).replace("|", r"\|")


def latex_table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """The table in LaTeX, for the package booktabs."""
    body = [r"\midrule", *(_latex_row(line) for line in lines)]
    head = [rf"\begin{{tabular}}{{{'l' * len(columns)}}}", r"\toprule", _latex_row(columns)]
    return "\n".join([*head, *body, r"\bottomrule", r"\end{tabular}"])


def latex_text(text: str) -> str:
    """The text as LaTeX sets it, whatever its letters mean there."""
    return "".join(_LATEX.get(letter, letter) for letter in _in_one_line(text))


def _latex_row(cells: Sequence[str]) -> str:
    row = " & ".join(map(latex_text, cells)) + r" \\"
    # The end of the row above would take these as its own option.
    return "{}" + row if row.startswith(("[", "*")) else row


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
