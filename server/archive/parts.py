"""The files of an archive. Whoever adds one adds it to `PARTS`, and its columns to the dictionary."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from server.archive.dictionary import WEIGHTED, dictionary
from server.archive.illustrated import illustrated
from server.archive.over_time import over_time_sheet
from server.archive.packing import Content, Part
from server.archive.published import agreement_sheet, published
from server.archive.study import Study
from server.archive.tables import (
    CODINGS,
    DECISIONS,
    IMPORTS,
    QUESTIONS,
    codings,
    decisions,
    finals,
    imports,
    questions,
    texts,
)
from server.codebooks.changelog import change_log
from server.codebooks.markdown import write_markdown
from server.codebooks.queries import sheet_of
from server.codebooks.refi import write_refi
from server.exchange.codebooks import codebook_csv
from server.exchange.downloads.history_files import COLUMNS as HISTORY
from server.exchange.downloads.history_files import Kind as HistoryKind
from server.exchange.downloads.history_files import history_file
from server.exchange.spreadsheets import Cell, csv_lines
from server.history.queries import Wanted
from server.methods.document import as_markdown, as_text, write_up
from server.reliability.sheets import Sheet
from server.results.choices import USUAL
from server.results.sheets import share_sheet, together_sheet
from server.typeset.markdown import markdown_text
from server.web.languages import languages, speaking

_HERE = Path(__file__).parent
Produce = Callable[[Study], Content]


def parts_of(study: Study) -> Iterator[Part]:
    """Every file of the archive of this study."""
    yield from ((path, produce(study)) for path, produce in PARTS)
    yield from ((f"methods/methods-{code}{end}", _methods(study, code, end)) for code, end in _METHODS)
    if study.facts.weighed:
        yield WEIGHTED, _sheet(share_sheet(study.facts.weighed))
    if study.options.with_texts:
        yield "texts.csv", _sheet(texts(study))
    if study.options.with_figures:
        yield from illustrated(study)


def _csv(columns: Iterable[str], rows: Iterable[tuple[Cell, ...]]) -> Content:
    return (line.encode() for line in csv_lines(list(columns), rows, with_bom=False))


def _sheet(of: Sheet) -> Content:
    return _csv(of.columns, of.rows)


def _json(study: Study) -> Content:
    return [json.dumps(published(study), ensure_ascii=False, indent=1, allow_nan=False).encode()]


def _codebook(study: Study) -> Content:
    return (line.encode() for line in codebook_csv(sheet_of(study.book)))


def _codebook_markdown(study: Study) -> Content:
    log = change_log(study.db, study.access.project_id, study.book.number)
    return [write_markdown(sheet_of(study.book), study.access.project_title, log).encode()]


def _codebook_refi(study: Study) -> Content:
    return [write_refi(sheet_of(study.book), study.access.project_key).encode()]


def _history(study: Study) -> Content:
    """All of it, or what it says without the names and the words of people."""
    if study.options.with_names and study.options.with_texts:
        with history_file(study.db, study.access, Wanted(), HistoryKind.CSV, is_blind=False) as file:
            return list(file)
    with history_file(study.db, study.access, Wanted(), HistoryKind.JSONL, is_blind=False) as file:
        rows = [json.loads(line) for line in file]
    left_out = {"details", "contents", "previous_hash", "hash"} | (
        set() if study.options.with_names else {"person"}
    )
    return _csv(HISTORY, (tuple(None if name in left_out else row[name] for name in HISTORY) for row in rows))


def _methods(study: Study, code: str, end: str) -> Content:
    write = {".txt": as_text, ".md": as_markdown}[end]
    with speaking(code):
        return [write(write_up(study.access.project_title, study.facts))]


def _script(path: str) -> Produce:
    """A module that computes the numbers again, as a script that stands alone."""

    def produce(_study: Study) -> Content:
        source = (_HERE / path).read_text(encoding="utf-8")
        return [re.sub(r"^from server\.archive\.?", "from ", source, flags=re.MULTILINE).encode()]

    return produce


def _paper(name: str) -> Produce:
    """A text that goes into each archive, with what is special of this one in its places."""

    def produce(study: Study) -> Content:
        text = (_HERE / "papers" / name).read_text(encoding="utf-8")
        title = study.access.project_title
        said = {
            "{title}": markdown_text(title) if name.endswith(".md") else title,
            "{texts}": "with" if study.options.with_texts else "without",
            "{names}": "with names" if study.options.with_names else "with numbers instead of names",
        }
        # In one go: a title may look like another place.
        return [re.sub(r"{\w+}", lambda found: said.get(found[0], found[0]), text).encode()]

    return produce


_METHODS = tuple((code, end) for code in languages() for end in (".txt", ".md"))
PARTS: tuple[tuple[str, Produce], ...] = (
    ("README.md", _paper("README.md")),
    ("LICENSE-DATA.txt", _paper("LICENSE-DATA.txt")),
    ("LICENSE-CODE.txt", _paper("LICENSE-CODE.txt")),
    ("data-dictionary.csv", lambda study: _sheet(dictionary(study))),
    ("final.csv", lambda study: _sheet(finals(study))),
    ("codings.csv", lambda study: _csv(CODINGS, codings(study))),
    ("decisions.csv", lambda study: _csv(DECISIONS, decisions(study))),
    ("imports.csv", lambda study: _csv(IMPORTS, imports(study))),
    ("questions.csv", lambda study: _csv(QUESTIONS, questions(study))),
    ("published.json", _json),
    ("recompute.py", _script("recompute.py")),
    *(
        (f"recomputing/{file.name}", _script(f"recomputing/{file.name}"))
        for file in sorted((_HERE / "recomputing").glob("*.py"))
    ),
    ("codebook/codebook.csv", _codebook),
    ("codebook/codebook.md", _codebook_markdown),
    ("codebook/codebook.qdc", _codebook_refi),
    ("tables/results.csv", lambda study: _sheet(share_sheet(study.facts.results))),
    ("tables/together.csv", lambda study: _sheet(together_sheet(study.together, USUAL))),
    ("tables/over-time.csv", lambda study: _sheet(over_time_sheet(study.over_time))),
    ("tables/agreement.csv", lambda study: _sheet(agreement_sheet(study))),
    ("history.csv", _history),
)
