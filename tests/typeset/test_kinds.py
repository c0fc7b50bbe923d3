"""One table in every kind of file, read again cell by cell."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from hypothesis import given
from hypothesis import strategies as st

from server.lines import in_one_line
from server.typeset import ApaTable, Column, Kind, Section, typeset
from server.typeset.latex import latex, latex_text
from server.typeset.markdown import markdown, markdown_text

HOSTILE = r"50 % & $5 #1 a_b {c} ~d ^e \f <b>g</b> | h `i` *j* [k](l) @m -- ''n'' " + '"o" −1 \x07'
TABLE = ApaTable(
    title=f"Shares {HOSTILE}",
    columns=(Column("Code", is_number=False), Column("n, seen", is_symbol=True), Column("95% CI")),
    sections=(
        Section("First & last", ((HOSTILE, "1,482", "[.20, .34]"), ("[option]", "—", "−.05"))),
        Section("", (("*star", "3", ""),)),
    ),
    notes=(
        "n: posts.",
        "",
        f"Said {HOSTILE}",
        "F(2, 8) = 1, p\N{NO-BREAK SPACE}< .05; in n posts; α: alpha.",
    ),
)
SYMBOLS = ["n", "F", "p"]
ROWS = [[in_one_line(cell) for cell in row] for section in TABLE.sections for row in section.rows]

# How LaTeX reads what is written, longest first.
_READ = {
    r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\textless{}": "<",
    r"\textgreater{}": ">", r"\textbar{}": "|", r"\textquotedbl{}": '"', r"\ensuremath{-}": "−",
    r"\textendash{}": "–", r"\textemdash{}": "—", r"\ensuremath{\alpha}": "α", r"\ensuremath{\chi}": "χ",
    r"\ensuremath{\kappa}": "κ", r"\ensuremath{\pi}": "π",
    r"\ensuremath{\leq}": "≤", r"\ensuremath{\geq}": "≥",
    r"\textquoteleft{}": "‘", r"\textquoteright{}": "’", r"\textquotedblleft{}": "“",
    r"\textquotedblright{}": "”", r"\textellipsis{}": "…", r"\OE{}": "Œ", r"\oe{}": "œ",
    r"\&": "&", r"\%": "%", r"\$": "$", r"\#": "#", r"\_": "_", r"\{": "{", r"\}": "}",
    r"\,": "\N{NARROW NO-BREAK SPACE}",
    "~": "\N{NO-BREAK SPACE}", "{}": "",
}  # fmt: skip
_TOKEN = re.compile("|".join(re.escape(token) for token in sorted(_READ, key=len, reverse=True)) + "|.")


def read_latex(text: str) -> str:
    """What LaTeX prints; fails at what it would not take for text."""
    said = []
    for token in _TOKEN.findall(text):
        assert token in _READ or token not in "\\{}$&#^_%", f"{token} in {text}"
        said.append(_READ.get(token, token))
    return "".join(said)


def symbols(sign: str, text: str) -> Iterator[str]:
    return (found[1] for found in re.finditer(sign, text))


def latex_cells(line: str) -> list[str]:
    assert line.endswith(r" \\")
    return [read_latex(cell) for cell in line.removesuffix(r" \\").split(" & ")]


def test_latex_cell_by_cell() -> None:
    lines = latex(TABLE).splitlines()
    body = lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]
    assert body[0] == r"\multicolumn{3}{@{}l}{\textbf{First \& last}} \\"
    assert [latex_cells(line) for line in body[1:]] == ROWS
    assert lines[lines.index(r"\toprule") + 1] == (
        r"Code & \multicolumn{1}{c}{\textit{n}, seen} & \multicolumn{1}{c@{}}{95\% CI} \\"
    )
    assert r"\begin{tabular}{@{}lrr@{}}" in lines
    assert [*symbols(r"\\textit{(.*?)}", lines[-2])] == ["Note.", *SYMBOLS]


def test_latex_is_balanced_and_no_row_begins_with_an_option() -> None:
    text = latex(TABLE)
    bare = re.sub(r"\\[{}\\%]", "", text)
    assert bare.count("{") == bare.count("}")
    begun, ended = re.findall(r"\\begin{(\w+)}", text), re.findall(r"\\end{(\w+)}", text)
    assert begun == ended[::-1] == ["table", "tabular"]
    assert not re.search(r"\\\\\s*[\[*]", text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_latex_says_every_text(text: str) -> None:
    said = latex_text(text)
    assert read_latex(said) == in_one_line(text)
    assert not re.search(r"--|''|``|,,|\?`|!`", said), "two would become another sign"


def read_markdown(text: str) -> str:
    """What Markdown shows; fails at what would mean something."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>|~$#&@^!]", re.sub(r"\\.", "", text)), text
    return re.sub(r"\\(.)", r"\1", text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_markdown_says_every_text(text: str) -> None:
    assert read_markdown(markdown_text(text)) == in_one_line(text)


def test_markdown_cell_by_cell() -> None:
    number, title, table, note = markdown(TABLE).strip().split("\n\n")
    assert number == "**Table X**"
    assert read_markdown(title[1:-1]) == in_one_line(TABLE.title)
    assert [*symbols(r"(?<!\\)\*([^*]+?)(?<!\\)\*", note)] == ["Note.", *SYMBOLS]
    plain = re.sub(r"(?<![\\\w])\*(\w)\*", r"\1", note.removeprefix("*Note.* "))
    assert read_markdown(plain) == in_one_line(TABLE.note)
    head, rules, section, *body = [re.split(r" (?<!\\)\| ", line[2:-2]) for line in table.splitlines()]
    assert (head, rules) == (["Code", "*n*, seen", "95% CI"], [":---", "---:", "---:"])
    assert section[0] == r"**First \& last**"
    assert [[read_markdown(cell) for cell in row] for row in body] == ROWS


class Cells(HTMLParser):
    """The rows of a page, and the names of the tags in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.is_open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        self.is_open = tag in {"td", "th"} or (self.is_open and tag == "em")
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_open = self.is_open and tag == "em"

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.rows[-1][-1] += data


def test_html_cell_by_cell() -> None:
    page = typeset(TABLE, Kind.HTML).decode()
    found = Cells(page)
    assert found.rows == [["Code", "n, seen", "95% CI"], ["First & last"], *ROWS]
    assert "b" not in found.tags, "a label is no markup"
    assert [*symbols("<em>([^<]*)</em>", page.partition("</table>")[2])] == ["Note.", *SYMBOLS]
    assert "<em>Note.</em> <em>n</em>: posts. Said" in page


def test_word_cell_by_cell() -> None:
    document = Document(BytesIO(typeset(TABLE, Kind.WORD)))
    number, title, note = document.paragraphs
    assert (number.text, title.text) == ("Table X", in_one_line(TABLE.title))
    assert title.runs[0].italic
    assert note.text == f"Note. {in_one_line(TABLE.note)}"
    [table] = document.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [["Code", "n, seen", "95% CI"], ["First & last"] * 3, *ROWS]
    heads = [cell.paragraphs[0] for cell in table.rows[0].cells]
    assert [(run.text, run.italic) for run in heads[1].runs] == [("n", True), (", seen", False)]
    assert [head.alignment for head in heads] == [None, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.CENTER]
    assert [run.text for run in note.runs if run.italic] == ["Note.", *SYMBOLS]
    assert [bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows] == [True] + [False] * 4
    borders = [row._tr.xpath(".//w:tcBorders/*") for row in table.rows]
    assert [len(found) for found in borders] == [6, 0, 0, 0, 3], (
        "three rules: above and below the head, and last"
    )


@pytest.mark.parametrize("kind", Kind)
def test_a_table_without_note_or_rows(kind: Kind) -> None:
    bare = ApaTable("Nothing", (Column("Code"),), (), ())
    file = typeset(bare, kind)
    assert file
    if kind is not Kind.WORD:
        assert b"Note" not in file
