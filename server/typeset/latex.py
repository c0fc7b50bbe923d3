r"""A table in LaTeX, for the packages booktabs and fontenc with T1. The paper numbers it."""

from collections.abc import Iterable, Iterator, Sequence

from server.language import gettext as _
from server.lines import in_one_line
from server.typeset.symbols import Piece, head, pieces
from server.typeset.tables import ApaTable

# What means something else to LaTeX, and what pdfLaTeX does not know though tables have it. Other letters
# beyond Latin-1, as labels may have them, are for XeLaTeX and LuaLaTeX alone.
_SAID = {
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
    '"': r"\textquotedbl{}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "\N{EN DASH}": r"\textendash{}",
    "\N{EM DASH}": r"\textemdash{}",
    "\N{LEFT SINGLE QUOTATION MARK}": r"\textquoteleft{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": r"\textquoteright{}",
    "\N{LEFT DOUBLE QUOTATION MARK}": r"\textquotedblleft{}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": r"\textquotedblright{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\textellipsis{}",
    "\N{LATIN CAPITAL LIGATURE OE}": r"\OE{}",
    "\N{LATIN SMALL LIGATURE OE}": r"\oe{}",
    "\N{GREEK SMALL LETTER ALPHA}": r"\ensuremath{\alpha}",
    "\N{GREEK SMALL LETTER KAPPA}": r"\ensuremath{\kappa}",
    "\N{GREEK SMALL LETTER PI}": r"\ensuremath{\pi}",
    "\N{GREEK SMALL LETTER CHI}": r"\ensuremath{\chi}",
    "\N{LESS-THAN OR EQUAL TO}": r"\ensuremath{\leq}",
    "\N{GREATER-THAN OR EQUAL TO}": r"\ensuremath{\geq}",
}
# Two of them in a row become another sign.
_JOINED = frozenset("-'`,?!")


def latex(table: ApaTable) -> str:
    """The table as a float, with its title above and its note below."""
    return "\n".join(_lines(table)) + "\n"


def latex_text(text: str) -> str:
    """The text in one line as LaTeX sets it, whatever its letters mean there."""
    return _escaped(in_one_line(text))


def _escaped(text: str) -> str:
    said = []
    before = ""
    for letter in text:
        apart = "{}" if letter in _JOINED and before in _JOINED else ""
        said.append(apart + _SAID.get(letter, letter))
        before = letter
    return "".join(said)


def latex_row(cells: Sequence[str]) -> str:
    """A row of cells that are LaTeX already."""
    row = " & ".join(cells) + r" \\"
    # The end of the row above would take these as its own option.
    return "{}" + row if row.startswith(("[", "*")) else row


def _lines(table: ApaTable) -> Iterator[str]:
    yield r"% \usepackage{booktabs} \usepackage[T1]{fontenc}"
    yield r"\begin{table}[htbp]"
    yield rf"\caption{{\textit{{{latex_text(table.title)}}}}}"
    yield rf"\begin{{tabular}}{{@{{}}{''.join('r' if one.is_number else 'l' for one in table.columns)}@{{}}}}"
    yield r"\toprule"
    yield latex_row([_head(table, place) for place in range(len(table.columns))])
    yield r"\midrule"
    for section in table.sections:
        if section.heading:
            across = len(table.columns)
            yield rf"\multicolumn{{{across}}}{{@{{}}l}}{{\textbf{{{latex_text(section.heading)}}}}} \\"
        yield from (latex_row([latex_text(cell) for cell in row]) for row in section.rows)
    yield r"\bottomrule"
    yield r"\end{tabular}"
    if table.note:
        word, said = latex_text(_("Note.")), _dressed(pieces(table.note))
        yield rf"\par\smallskip{{\footnotesize\textit{{{word}}} {said}\par}}"
    yield r"\end{table}"


def _head(table: ApaTable, place: int) -> str:
    """The head of a column: in the middle, but that of the first one, whose rows it names, to the left."""
    label = _dressed(head(table.columns[place]))
    if not place:
        return label
    edge = "@{}" if place == len(table.columns) - 1 else ""
    return rf"\multicolumn{{1}}{{c{edge}}}{{{label}}}"


def _dressed(of: Iterable[Piece]) -> str:
    return "".join(rf"\textit{{{_escaped(text)}}}" if is_symbol else _escaped(text) for text, is_symbol in of)
