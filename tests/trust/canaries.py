"""Sixty texts that would do something if a page, a file or a spreadsheet took them for more than text."""

import json
import re
from collections.abc import Iterator, Sequence

from lxml import etree, html
from sqlalchemy import Table, UniqueConstraint, text, update
from sqlmodel import Session, SQLModel

WORD = "kanari"
_CALL = f"{WORD}()"
_MARKS = ("onload", "onerror", "onclick", "onfocus autofocus", "onmouseover", "ontoggle", "onanimationstart")
MARKUP = (
    f"<script>{_CALL}</script>",
    f"</script><script>{_CALL}</script>",
    f'"><script>{_CALL}</script>',
    f"'><script>{_CALL}</script>",
    f"</title><script>{_CALL}</script>",
    f"</textarea><script>{_CALL}</script>",
    f"</style><script>{_CALL}</script>",
    f"--><script>{_CALL}</script><!--",
    f"]]><script>{_CALL}</script>",
    f"<ScRiPt>{_CALL}</sCrIpT>",
    f"<script/x>{_CALL}</script>",
    f"<script src=//{WORD}.example></script>",
    f"<img src=x onerror={_CALL}>",
    f'"><img src=x onerror="{_CALL}">',
    f"'><img src=x onerror='{_CALL}'>",
    f"<svg onload={_CALL}>",
    f"<svg><animate onbegin={_CALL} attributeName=x></svg>",
    f"<math><a href=javascript:{_CALL}>x</a></math>",
    f"<iframe src=javascript:{_CALL}></iframe>",
    f"<iframe srcdoc='<p>{WORD}</p>'></iframe>",
    f"<object data=//{WORD}.example></object>",
    f"<embed src=//{WORD}.example>",
    f"<base href=//{WORD}.example/>",
    f"<meta http-equiv=refresh content='0;url=//{WORD}.example'>",
    f"<link rel=stylesheet href=//{WORD}.example/x.css>",
    f"<style>@import '//{WORD}.example'</style>",
    f"<form action=//{WORD}.example><button>x</button></form>",
    f"<a href=javascript:{_CALL}>x</a>",
    f"<a href='JaVaScRiPt:{_CALL}'>x</a>",
    f"<a href='data:text/html,{WORD}'>x</a>",
    f"<{WORD}-x>",
    f"</p></div></main><{WORD}-y>",
    f"<p style='background:url(//{WORD}.example)'>",
    f"<!-- {WORD}",
    *(f'" {mark.replace(" ", "=1 ")}="{_CALL}" x="' for mark in _MARKS),
    *(f"' {mark.split()[0]}='{_CALL}' x='" for mark in _MARKS[:3]),
)
TEMPLATES = (f"{WORD}{{{{7*191}}}}", f"{WORD}${{7*191}}", f"{WORD}{{%print(7*191)%}}")
LINKS = (f"javascript:{_CALL}", f" \tJavaScript:{_CALL}", f"data:text/html,<b>{WORD}</b>")
FORMULAS = (
    f"=1+1 {WORD}",
    f"=cmd|' /C calc'!A0 {WORD}",
    f'=HYPERLINK("//{WORD}.example")',
    f"+1+1 {WORD}",
    f"-2+3 {WORD}",
    f"@SUM(1) {WORD}",
    f"\t=1+1 {WORD}",
    f"\r=1+1 {WORD}",
    f"＝1+1 {WORD}",
    f"'=1+1 {WORD}",
)
# What LaTeX, R and readers of numbers for letters would run.
COMMANDS = (
    f"\\input{{{WORD}}}",
    f"\\immediate\\write18{{{WORD}}}",
    f"}}\\end{{tabular}}\\{WORD}",
    f"^^5cinput {WORD}",
    f"${WORD}$ %{WORD}",
    f"\x1b\\{WORD}\n\\{WORD}",
    f'"); {WORD}() #',
    f'\\"); {WORD}() #',
)
ALL = (*MARKUP, *TEMPLATES, *LINKS, *FORMULAS)
TOGETHER = (*(formula + " " + "".join((*MARKUP, *TEMPLATES)) for formula in FORMULAS), *LINKS, *COMMANDS)

_ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href", "ping"}
_READ_OUT = {"aria-label", "alt"}  # Figures of the program say what is in them.
_ACTIVE = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "base",
    "meta",
    "link",
    "img",
    "svg",
    "math",
    "form",
}
_RUNS = re.compile(r"(javascript|vbscript|data):", re.IGNORECASE)

# Who or what is told apart by what is written there, and the program's own words.
_KEPT = re.compile(
    r"(_hash|_token|_mark|_key|^key|^hash|^name|^language|^phase|^purpose|^role|^kind|^state|^basis|^rule"
    r"|^runner|^seen|^hides|^fate|^training|^skip_reason|^seed|^action|^details|^address|^topic_field"
    r"|^external_id|^handle)$"
)


def live(page: str) -> Iterator[str]:
    """What a canary has become on a page besides text."""
    for element in html.document_fromstring(page).iter():
        yield from _alive(element)
    if f"{WORD}1337" in page:
        yield "a template was computed"


def live_in_picture(picture: bytes) -> Iterator[str]:
    """The same for an SVG file."""
    for element in etree.fromstring(picture).iter(etree.Element):
        tag = etree.QName(element).localname
        if tag in {"script", "foreignObject", "a"} or any(name.startswith("on") for name in element.attrib):
            yield tag


def _alive(element: html.HtmlElement) -> Iterator[str]:
    if not isinstance(element.tag, str):
        yield from ["a comment"] if WORD in (element.text or "") else []
        return
    values = (value for name, value in element.attrib.items() if name not in _READ_OUT)
    said = f"{element.text or ''} {' '.join(values)}"
    if WORD in element.tag or (element.tag in _ACTIVE and WORD in said):
        yield f"<{element.tag}> {said[:80]}"
    for name, value in element.attrib.items():
        plain = re.sub(r"[\x00-\x20]", "", value)
        is_picture = (element.tag, name) == ("img", "src") and plain.startswith(
            "data:image/"
        )  # Runs nothing.
        runs = name in _ADDRESSES and _RUNS.match(plain) and not is_picture
        if name.startswith("on") or WORD in name or runs:
            yield f"{name}={value[:60]}"
        if name == "style" and WORD in value:
            yield f"style={value[:60]}"


def plant(db: Session, canaries: Sequence[str]) -> int:
    """Write canaries over every text of a SQLite database that people type; returns how many fields."""
    triggers = db.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    for name in triggers:
        db.execute(text(f'DROP TRIGGER "{name}"'))
    planted = 0
    for table in SQLModel.metadata.sorted_tables:
        names = [one.name for one in table.c if _is_typed(table.name, one.name, one.type)]
        ids = list(table.primary_key.columns)
        alone = _unique_in(table)
        for row in db.execute(table.select()).mappings().all() if names else ():
            values = {}
            for name in names:
                if row[name]:
                    values[name] = canaries[planted % len(canaries)] + (
                        f" {planted}" if name in alone else ""
                    )
                    planted += 1
            is_it = [one == row[one.name] for one in ids]
            if values:
                db.execute(update(table).where(*is_it).values(values))
    fields = json.dumps({canaries[0]: canaries[-1], "lang": canaries[-1]})
    db.execute(text("UPDATE post SET extra = :fields"), {"fields": fields})
    db.expire_all()
    return planted


def _unique_in(table: Table) -> set[str]:
    """Columns in which no text may stand twice."""
    found = (each for each in table.constraints if isinstance(each, UniqueConstraint))
    return {column.name for each in found for column in each.columns}


def _is_typed(table: str, column: str, kind: object) -> bool:
    is_told = table == "history_event" and column == "subject"
    is_kept = _KEPT.search(column) and (table, column) != ("access_token", "name")
    return type(kind).__name__ == "AutoString" and not is_told and not is_kept
