"""A codebook as Markdown: to be read in an appendix, and read back as the same codebook.

Names of fields are the same in every language, like the columns of the CSV. Texts stand in quotes, a line
each, with every character escaped that Markdown would take for its own; so any text comes back as it was.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from server.codebooks.changelog import LogEntry
from server.codebooks.conditions import when_text
from server.codebooks.sheet import (
    COLUMNS,
    CodebookReading,
    CodebookSheet,
    CodeSheet,
    FileRow,
    SheetRemark,
    VariableSheet,
    read_codebook,
    write_number,
)
from server.errors import Refusal
from server.language import gettext as _

CHANGE_LOG = "# Change log"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$^])")
_LIST = re.compile(r"^(\d*)([-+=.)])")
_REFERENCE = re.compile(r"\\(.)|&#(\d{1,7});", re.DOTALL)
_BREAKS = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ENDS = re.compile(r"^\s+|\s+$")
_HEADING = re.compile(r"(##|###) (.*) \{#([^{}\s]+)\}")
_FACT = re.compile(r"- ([A-Za-z]+): `?([^`]*)`?")
_FIELD = re.compile(r"\*\*([A-Za-z -]+)\*\*")
# What stands in the file → the column of a row.
_VARIABLE_FACTS = {
    "kind": "type", "required": "required", "minimum": "minimum", "maximum": "maximum", "asked": "when",
}  # fmt: skip
_CODE_FACTS = {"value": "value", "below": "parent"}
_TEXTS = {
    "definition": "Definition", "use_when": "Use when", "avoid_when": "Avoid when", "example": "Example",
    "counter_example": "Counter-example",
}  # fmt: skip
_COLUMN_OF_TEXT = {name.casefold(): column for column, name in _TEXTS.items()} | {"hint": "hint"}


def write_markdown(sheet: CodebookSheet, title: str, log: Sequence[LogEntry] = ()) -> str:
    """The codebook and its change log; `read_markdown` reads the codebook again."""
    lines = [f"# {_escaped(title)}", ""]
    for variable in sheet.variables:
        lines += _variable_lines(sheet, variable)
    if log:
        lines += _log_lines(log)
    return "\n".join(lines).rstrip("\n") + "\n"


def _variable_lines(sheet: CodebookSheet, variable: VariableSheet) -> Iterator[str]:
    yield from (f"## {_escaped(variable.label)} {{#{variable.key}}}", "", f"- Kind: {variable.kind}")
    yield f"- Required: {'yes' if variable.required else 'no'}"
    for name, limit in (("Minimum", variable.minimum), ("Maximum", variable.maximum)):
        if limit is not None:
            yield f"- {name}: {write_number(limit)}"
    if variable.when:
        yield f"- Asked: `{when_text(sheet, variable)}`"
    yield ""
    yield from _quoted("Hint", variable.hint)
    for code in variable.codes:
        yield from _code_lines(code)


def _code_lines(code: CodeSheet) -> Iterator[str]:
    yield from (f"### {_escaped(code.label)} {{#{code.key}}}", "")
    if code.value is not None:
        yield f"- Value: {write_number(code.value)}"
    if code.parent_key:
        yield f"- Below: `{code.parent_key}`"
    if code.value is not None or code.parent_key:
        yield ""
    for column, name in _TEXTS.items():
        yield from _quoted(name, getattr(code, column))


def _quoted(name: str, text: str) -> Iterator[str]:
    if text:
        yield from (f"**{name}**", "")
        yield from _quote(text)
        yield ""


def _quote(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        # A backslash at the end keeps the break within a paragraph.
        yield f"> {_escaped(line)}" + ("\\" if following and line else "") if line else ">"


def _log_lines(log: Sequence[LogEntry]) -> Iterator[str]:
    yield from (CHANGE_LOG, "")
    for entry in log:
        yield from (f"## Version {entry.number}, {entry.published_at:%Y-%m-%d}", "")
        if entry.note:
            yield from (*_quote(entry.note), "")
        for line in entry.lines:
            yield f"- {f'*{line.weight}* ' if line.weight else ''}{_escaped(line.text)}"
        if entry.lines:
            yield ""


def _escaped(text: str) -> str:
    """The text on one line, in characters that Markdown shows as they are."""
    text = _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))
    return _ENDS.sub(_referenced, _BREAKS.sub(_referenced, text))


def _referenced(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in found[0])


def _plain(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        if found[2] is None:
            return found[1]
        return chr(int(found[2])) if int(found[2]) < 0x110000 else found[0]

    return _REFERENCE.sub(character, text)


def is_markdown(filename: str, text: str) -> bool:
    """Whether a file is one by its name, or by how it begins."""
    return filename.casefold().endswith((".md", ".markdown")) or text.lstrip("\ufeff").startswith("# ")


@dataclass
class _Reader:
    """Takes the lines of a file one by one, and makes a row of each code."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[SheetRemark] = field(default_factory=list)
    variable: dict[str, str] = field(default_factory=dict)
    current: dict[str, str] | None = None
    is_code: bool = False
    column: str = ""
    begun: int = 0

    def problem(self, number: int, message: str) -> None:
        self.problems.append(SheetRemark(number, message))

    def heading(self, number: int, level: str, label: str, key: str) -> None:
        if level == "##":
            self.close()
            self.variable = {"question": key, "question_label": _plain(label)}
            self.current, self.is_code, self.begun = self.variable, False, number
        elif not self.variable:
            self.problem(number, _("This code stands before the first question."))
        else:
            self.begun = 0
            self.current = {"code": key, "label": _plain(label)}
            self.is_code = True
            self.current["question"] = self.variable["question"]
            self.rows.append((number, self.current))
        self.column = ""

    def close(self) -> None:
        """End a question; one without codes is a row of its own. Each row says what its question says."""
        if self.begun:
            self.rows.append((self.begun, {"question": self.variable["question"]}))
        self.begun = 0
        for _number, row in self.rows:
            if row["question"] == self.variable.get("question"):
                row.update({name: said for name, said in self.variable.items() if name not in row})

    def fact(self, number: int, name: str, said: str) -> None:
        column = (_CODE_FACTS if self.is_code else _VARIABLE_FACTS).get(name.casefold())
        if self.current is None or column is None:
            self.problem(number, _("“{name}” is not known here.").format(name=name))
        elif column in self.current:
            self.problem(number, _("“{name}” stands here twice.").format(name=name))
        else:
            self.current[column] = said.strip()

    def text(self, number: int, name: str) -> None:
        column = _COLUMN_OF_TEXT.get(name.casefold(), "")
        if self.current is None or not column or (column == "hint") is self.is_code:
            self.problem(number, _("“{name}” is not known here.").format(name=name))
            column = ""
        elif column in self.current:
            self.problem(number, _("“{name}” stands here twice.").format(name=name))
            column = ""
        self.column = column

    def quote(self, number: int, line: str) -> None:
        if not self.column or self.current is None:
            self.problem(number, _("It is not clear what this text belongs to."))
            return
        said = re.sub(r"(?<!\\)((?:\\\\)*)\\$", r"\1", line.removeprefix(" "))
        earlier = self.current.get(self.column)
        self.current[self.column] = _plain(said) if earlier is None else f"{earlier}\n{_plain(said)}"

    def line(self, number: int, line: str) -> None:
        if line.startswith(">"):
            self.quote(number, line[1:])
        elif heading := _HEADING.fullmatch(line.rstrip()):
            self.heading(number, heading[1], heading[2], heading[3])
        elif fact := _FACT.fullmatch(line.rstrip()):
            self.fact(number, fact[1], fact[2])
        elif name := _FIELD.fullmatch(line.rstrip()):
            self.text(number, name[1])
        elif line.startswith("##"):
            message = _("A heading needs its key at the end, such as: ## What stance? {#stance}")
            self.problem(number, message)
        elif line.strip() and self.current is not None:
            self.problem(number, _("This line cannot be read. Texts stand behind a > at the beginning."))


def read_markdown(text: str, filename: str) -> CodebookReading:
    """The codebook in a text that `write_markdown` wrote, or somebody after its pattern.

    Problems name the line. What stands before the first question and from the change log on is left out.
    """
    reader = _Reader()
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if line.rstrip() == CHANGE_LOG:
            break
        reader.line(number, line)
    reader.close()
    if not reader.rows and not reader.problems:
        message = _(
            "“{filename}” has no question. Each begins with a line such as: ## What stance? {{#stance}}"
        )
        raise Refusal(message.format(filename=filename, example="## What stance? {#stance}"))
    rows = [FileRow(number, tuple(row.get(name, "") for name in COLUMNS)) for number, row in reader.rows]
    reading = read_codebook(COLUMNS, rows)
    problems = sorted([*reader.problems, *reading.problems], key=lambda problem: problem.number)
    return replace(reading, problems=tuple(problems))
