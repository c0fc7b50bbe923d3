"""A codebook in the exchange format of the programs for qualitative analysis: REFI-QDA, `.qdc`. Pure.

The format (REFI-QDA Standard 1.0, 2019) knows a tree of codes with names and descriptions, and no
questions. A code at the top with codes below it is a question here, in which several may be chosen; the
others at the top are the codes of one question. What this program writes says the rest in the descriptions,
a field a paragraph, and is read back as the same codebook.
"""

import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from uuid import NAMESPACE_URL, uuid5

from server.codebooks.conditions import when_text
from server.codebooks.keys import derived_key
from server.codebooks.paragraphs import Paragraphs
from server.codebooks.sheet import (
    COLUMNS,
    NOTHING_APPLIES,
    CodebookReading,
    CodebookSheet,
    CodeSheet,
    FileRow,
    VariableSheet,
    read_codebook,
    write_number,
)
from server.errors import Refusal
from server.language import gettext as _

NAMESPACE = "urn:QDA-XML:codebook:1.0"
# What programs write beside the standard's own.
_OTHERS = ("urn:QDA-XML:codebook:1:0", "urn:QDA-XML:codebook:0:4", "urn:QDA-XML:project:1.0")
KNOWN = frozenset({NAMESPACE, *_OTHERS})
ORIGIN = "Intercoder"
MOST_CODES = 5_000
MOST_LEVELS = 50
MOST_BYTES = 20 << 20
PACKED = b"PK\x03\x04"
# The paragraph of a description → the column of a row.
_OF_QUESTION = {
    "Key": "question", "Kind": "type", "Required": "required", "Minimum": "minimum", "Maximum": "maximum",
    "Asked": "when",
}  # fmt: skip
_OF_CODE = {
    "Key": "code", "Value": "value", "Use when": "use_when", "Avoid when": "avoid_when", "Example": "example",
    "Counter-example": "counter_example",
}  # fmt: skip
_PARAGRAPHS = Paragraphs("|".join([*_OF_QUESTION, *_OF_CODE]))
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class _Code:
    """A code of the tree, with the number it has when all are counted from the top."""

    number: int
    name: str
    description: str
    below: tuple["_Code", ...]
    guid: str = ""


@dataclass(frozen=True)
class RefiCodes:
    """The codebook of a file, and the keys of question and code by the guids that codings name them by."""

    reading: CodebookReading
    keys: Mapping[str, tuple[str, str]]


# Writing


def write_refi(sheet: CodebookSheet, title: str) -> str:
    """The codebook as `.qdc`, valid against the standard's schema; `title` tells its codes from others'."""
    root = ET.Element("CodeBook", {"xmlns": NAMESPACE, "origin": ORIGIN})
    root.append(codes_element(sheet, title))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def codes_element(sheet: CodebookSheet, title: str, *, with_none: bool = False) -> ET.Element:
    """The tree of codes; `with_none` gives "nothing applies" a code of its own, that codings can name."""
    codes = ET.Element("Codes")
    for variable in sheet.variables:
        node = _write_variable(codes, sheet, variable, title)
        if with_none and variable.kind == "multiple":
            path = (title, variable.key, NOTHING_APPLIES)
            described = _PARAGRAPHS.written("", {"Key": NOTHING_APPLIES})
            _write_code(node, path, "Nothing applies", described, "true")
    return codes


# A project names the same things again and again.
@lru_cache(maxsize=10_000)
def code_guid(*path: str) -> str:
    """What names a code, by title, question and code: the same in every file."""
    return str(uuid5(NAMESPACE_URL, "\n".join(path))).upper()


def _write_variable(
    parent: ET.Element, sheet: CodebookSheet, variable: VariableSheet, title: str
) -> ET.Element:
    facts = {
        "Key": variable.key,
        "Kind": variable.kind,
        "Required": "yes" if variable.required else "no",
        "Minimum": _number(variable.minimum),
        "Maximum": _number(variable.maximum),
        "Asked": when_text(sheet, variable) if variable.when else "",
    }
    description = _PARAGRAPHS.written(variable.hint, facts)
    node = _write_code(parent, (title, variable.key), variable.label, description, "false")
    _write_below(node, variable, None, title)
    return node


def _write_below(node: ET.Element, variable: VariableSheet, above: str | None, title: str) -> None:
    for code in variable.codes:
        if code.parent_key == above:
            path = (title, variable.key, code.key)
            described = _PARAGRAPHS.written(code.definition, _facts(code))
            _write_below(_write_code(node, path, code.label, described, "true"), variable, code.key, title)


def _facts(code: CodeSheet) -> dict[str, str]:
    return {
        "Key": code.key,
        "Value": _number(code.value),
        "Use when": code.use_when,
        "Avoid when": code.avoid_when,
        "Example": code.example,
        "Counter-example": code.counter_example,
    }


def _write_code(
    parent: ET.Element, path: Sequence[str], name: str, description: str, is_codable: str
) -> ET.Element:
    facts = {"guid": code_guid(*path), "name": clean(name), "isCodable": is_codable}
    node = ET.SubElement(parent, "Code", facts)
    ET.SubElement(node, "Description").text = clean(description)
    return node


def _number(value: float | None) -> str:
    return "" if value is None else write_number(float(value))


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)


# Reading


def is_refi(content: bytes) -> bool:
    """Whether a file looks like one of REFI-QDA's: the codebook, or a whole project, which is packed."""
    # A table may well name the format in one of its cells.
    is_xml = content.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<")
    return (is_xml and b"urn:QDA-XML:" in content[:4096]) or content.startswith(PACKED)


def _unpacked(content: bytes, filename: str) -> bytes:
    """The description of a project out of a `.qdpx`, whatever else is in it."""
    if not content.startswith(PACKED):
        return content
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            found = _description(packed, filename)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise unknown(filename) from error
    if len(found) > MOST_BYTES:
        raise Refusal(_("“{filename}” is too large. Divide it.").format(filename=filename))
    return found


def unknown(filename: str) -> Refusal:
    """That a file is of no kind in which codebooks come."""
    words = _(
        "“{filename}” is neither a CSV nor a Markdown file, nor one of REFI-QDA (QDC, QDPX). "
        "Save it as CSV (UTF-8) and upload that."
    )
    return Refusal(words.format(filename=filename))


def _description(packed: zipfile.ZipFile, filename: str) -> bytes:
    name = next((one for one in packed.namelist() if one.casefold() == "project.qde"), None)
    if name is None:
        raise unknown(filename)
    with packed.open(name) as file:
        return file.read(MOST_BYTES + 1)


def read_refi(content: bytes, filename: str) -> CodebookReading:
    """The codebook in a `.qdc` file, or in that of a whole project, `.qde` or `.qdpx`.

    Raises:
        Refusal: it is no XML, breaks off, or holds no code.
    """
    root = _parsed(_unpacked(content, filename), filename)
    space = root.tag.partition("}")[0].lstrip("{")
    if space not in KNOWN:
        raise Refusal(_("“{filename}” is no REFI-QDA file that is known.").format(filename=filename))
    codes = next(root.iter(f"{{{space}}}Codes"), None)
    is_own = root.get("origin") == ORIGIN
    return read_codes(codes, filename, f"{{{space}}}", is_own=is_own).reading


def read_codes(
    codes: ET.Element | None,
    filename: str,
    space: str = "",
    *,
    is_own: bool,
    coded: Collection[str] = frozenset(),
) -> RefiCodes:
    """The codebook in a tree of codes.

    Args:
        codes: the tree.
        filename: what the file is called, in words of refusal.
        space: what stands before the names of its elements.
        is_own: whether this program wrote it.
        coded: the guids (in capitals) that codings name. A code that is a question here and was coded itself
            stands among the codes of that question, too.
    """
    tree = _tree(codes, space, filename)
    rows = list(_own_rows(tree) if is_own else _Foreign(_nested(tree), coded).rows())
    guids = {code.number: code.guid for code in _all(tree)}
    at = (COLUMNS.index("question"), COLUMNS.index("code"))
    keys = {guids[row.number]: (row.cells[at[0]], row.cells[at[1]]) for row in rows if row.cells[at[1]]}
    return RefiCodes(read_codebook(COLUMNS, rows), keys)


def _all(codes: Sequence[_Code]) -> Iterator[_Code]:
    for code in codes:
        yield code
        yield from _all(code.below)


def plain_guid(said: str | None) -> str:
    """A guid as files of all programs name the same thing: in capitals, without braces."""
    return (said or "").strip().strip("{}").upper()


def _parsed(content: bytes, filename: str) -> ET.Element:
    # Without the halves of wide characters, so that no other encoding hides them.
    plain = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        message = _("“{filename}” defines entities, which a codebook has no use for. It is not read.")
        raise Refusal(message.format(filename=filename))
    try:
        return ET.fromstring(content)  # noqa: S314 - without entities there is nothing to expand
    except ET.ParseError as error:
        message = _("“{filename}” is no whole XML file: line {line} cannot be read. Export it again.")
        raise Refusal(message.format(filename=filename, line=error.position[0])) from error


def _tree(codes: ET.Element | None, space: str, filename: str) -> tuple[_Code, ...]:
    numbers = iter(range(1, MOST_CODES + 1))

    def read(node: ET.Element, level: int) -> _Code:
        number = next(numbers, None)
        if number is None or level > MOST_LEVELS:
            words = _("“{filename}” has more than {n} codes, or more than {levels} levels of them.")
            raise Refusal(words.format(filename=filename, n=MOST_CODES, levels=MOST_LEVELS))
        name = " ".join((node.get("name") or "").split()) or f"{number}"
        below = tuple(read(one, level + 1) for one in node.findall(f"{space}Code"))
        description = (node.findtext(f"{space}Description") or "").strip("\n")
        return _Code(number, name, description, below, plain_guid(node.get("guid")))

    found = tuple(read(one, 1) for one in codes.findall(f"{space}Code")) if codes is not None else ()
    if not found:
        raise Refusal(_("“{filename}” holds no codes.").format(filename=filename))
    return found


def _row(number: int, cells: dict[str, str]) -> FileRow:
    return FileRow(number, tuple(cells.get(column, "") for column in COLUMNS))


# What this program wrote


def _own_rows(codes: Sequence[_Code]) -> Iterator[FileRow]:
    for question in codes:
        text, facts = _fields(question.description, _OF_QUESTION)
        head = facts | {"question_label": question.name, "hint": text}
        rows = list(_own_codes(question.below, ""))
        if not rows:
            yield _row(question.number, head)
        for number, cells in rows:
            yield _row(number, head | cells)


def _own_codes(codes: Sequence[_Code], parent: str) -> Iterator[tuple[int, dict[str, str]]]:
    for code in codes:
        text, facts = _fields(code.description, _OF_CODE)
        yield code.number, facts | {"label": code.name, "definition": text, "parent": parent}
        yield from _own_codes(code.below, facts.get("code", ""))


def _fields(description: str, columns: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The text at the beginning of a description, and its paragraphs by their columns."""
    text, found = _PARAGRAPHS.read(description, columns)
    return text, {columns[name]: said for name, said in found.items()}


# What other programs wrote


def _nested(codes: Sequence[_Code]) -> tuple[_Code, ...]:
    r"""Codes whose names lead to them, as Taguette's `interesting\places`, below those that they name."""
    if not any("\\" in code.name for code in codes):
        return tuple(codes)
    names = {code.name for code in codes}
    under: dict[str, list[_Code]] = {}
    top = []
    for code in codes:
        above, mark, own = code.name.rpartition("\\")
        if mark and above in names and own:
            under.setdefault(above, []).append(code)
        else:
            top.append(code)

    def whole(code: _Code) -> _Code:
        own = code.name.rpartition("\\")[2] or code.name
        below = (*code.below, *(whole(one) for one in under.get(code.name, ())))
        return replace(code, name=own, below=below)

    return tuple(whole(code) for code in top)


@dataclass
class _Foreign:
    """The rows of a tree without questions."""

    top: Sequence[_Code]
    coded: Collection[str] = frozenset()
    questions: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[FileRow]:
        """The codes without others below them first, as one question, then a question for each other one."""
        single = [code for code in self.top if not code.below]
        if single:
            yield from self._question(single, {"question_label": _("Codes")})
        for code in self.top:
            if code.below:
                said = {"question_label": code.name, "hint": code.description}
                own = (replace(code, below=()),) if code.guid in self.coded else ()
                yield from self._question((*own, *code.below), said)

    def _question(self, codes: Sequence[_Code], said: dict[str, str]) -> Iterator[FileRow]:
        key = derived_key(said["question_label"], self.questions, "question")
        self.questions.append(key)
        yield from self._codes(codes, "", said | {"question": key, "type": "multiple"}, [])

    def _codes(
        self, codes: Sequence[_Code], parent: str, head: dict[str, str], taken: list[str]
    ) -> Iterator[FileRow]:
        for code in codes:
            key = derived_key(code.name, [*taken, "none"], "code")
            taken.append(key)
            cells = {"code": key, "label": code.name, "definition": code.description, "parent": parent}
            yield _row(code.number, head | cells)
            yield from self._codes(code.below, key, head, taken)
