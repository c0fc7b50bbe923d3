"""A codebook as a DOCX document, fit for an appendix: definitions, rules, examples and the change log."""

from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as Doc

from server.codebooks.changelog import LogEntry
from server.codebooks.changes import field_word
from server.codebooks.nesting import NestedCode, NestedVariable, nested_variables
from server.codebooks.sheet import CodebookSheet
from server.language import gettext as _

_RULES = ("use_when", "avoid_when")
_QUOTES = ("example", "counter_example")


def write_docx(sheet: CodebookSheet, title: str, log: Sequence[LogEntry]) -> bytes:
    """The document."""
    document = Document()
    document.core_properties.title = document.core_properties.subject = _clean(title)[:255]
    document.core_properties.author = ""
    document.add_heading(_clean(title), level=0)
    for item in nested_variables(sheet):
        _variable(document, item)
    _log(document, log)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _variable(document: Doc, item: NestedVariable) -> None:
    variable = item.variable
    document.add_heading(_clean(variable.label), level=1)
    low, high = item.limits
    facts = [
        item.kind,
        variable.key,
        _("must be answered") if variable.required else _("may be left open"),
        _clean(item.only_if),
        _("at least {low}").format(low=low) if low else "",
        _("at most {high}").format(high=high) if high else "",
    ]
    document.add_paragraph(" · ".join(fact for fact in facts if fact)).runs[0].italic = True
    _paragraphs(document, variable.hint)
    for place in item.codes:
        _code(document, place)
    if variable.kind == "multiple":
        document.add_heading(_("Nothing applies"), level=2)
        _paragraphs(document, _("Always offered: the post was read, and none of these codes fits."))


def _code(document: Doc, place: NestedCode) -> None:
    code = place.code
    number = f"{place.value} " if place.value else ""
    heading = document.add_heading(f"{number}{_clean(code.label)}", level=min(2 + place.depth, 9))
    heading.add_run(f" ({code.key})").bold = False
    _paragraphs(document, code.definition)
    for name, said in [(name, getattr(code, name)) for name in (*_RULES, *_QUOTES)]:
        if said:
            style = "Quote" if name in _QUOTES else None
            document.add_paragraph().add_run(field_word(name)).bold = True
            _paragraphs(document, said, style)


def _log(document: Doc, log: Sequence[LogEntry]) -> None:
    if not log:
        return
    document.add_heading(_("Change log"), level=1)
    for entry in log:
        version = _("Version {number}").format(number=entry.number)
        document.add_heading(f"{version}, {entry.published_at:%Y-%m-%d}", level=2)
        _paragraphs(document, entry.note)
        for line in entry.lines:
            paragraph = document.add_paragraph(style="List Bullet")
            if line.weight:
                paragraph.add_run(f"{line.weight}{_(':')} ").italic = True
            paragraph.add_run(_clean(line.text))


def _paragraphs(document: Doc, text: str, style: str | None = None) -> None:
    for part in _clean(text).split("\n\n"):
        if part:
            document.add_paragraph(part, style)


def _clean(text: str) -> str:
    """The text without the control characters that no XML can hold."""
    return "".join(each for each in text if each in "\n\t" or (each >= " " and each not in "\ufffe\uffff"))
