"""Tables as the shell prints them: for eyes, for Markdown, for LaTeX."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from server.lines import in_one_line
from server.typeset.latex import latex_row, latex_text


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
    return in_one_line(text).replace("|", r"\|")


def latex_table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """The table in LaTeX, for the packages booktabs and fontenc with T1."""
    body = [r"\midrule", *(_latex_row(line) for line in lines)]
    head = [rf"\begin{{tabular}}{{{'l' * len(columns)}}}", r"\toprule", _latex_row(columns)]
    return "\n".join([*head, *body, r"\bottomrule", r"\end{tabular}"])


def _latex_row(cells: Sequence[str]) -> str:
    return latex_row([latex_text(cell) for cell in cells])
