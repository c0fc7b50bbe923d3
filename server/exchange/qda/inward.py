"""From a REFI-QDA project to posts, a codebook and codings as this program has them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from server.codebooks.refi import RefiCodes, read_codes
from server.codebooks.sheet import CodebookReading, CodebookSheet, VariableSheet
from server.corpora.compact import Lazy, Row
from server.corpora.drafting import post_drafts
from server.corpora.mapping import MAX_ID, DraftedPosts, PostDraft
from server.corpora.mapping import Mapping as Columns
from server.corpora.parsing import Table
from server.datasets.table import unequal
from server.errors import Refusal
from server.exchange.qda.archive import Archive
from server.exchange.qda.format import (
    ANNOTATORS,
    AS_WRITTEN,
    AUTHOR,
    CORRECTION,
    FIXED,
    LINK,
    NOTE,
    PARENT,
    POSTED_AT,
    QUESTION,
    THREAD,
    UNSURE,
    read_round,
)
from server.exchange.qda.positions import PlacedText, counting_of
from server.exchange.qda.project import ReadCoding, ReadNote, ReadProject, ReadSource
from server.exchange.ratings.actions import Beside
from server.exchange.ratings.reading import MAX_NAME
from server.language import gettext as _
from server.language import ngettext
from server.web.words import number

COLUMNS = ("post_id", "coder", "question", "code", "value", "coder_group", "rated_at")
MOST_ROUNDS, MOST_VARIABLES = 500, 1_000
_AFTER_NAME = re.compile(": ")
# Names that no variable of a project has: those are stripped.
_ID, _TEXT, _DATE = " id", " text", " date"

# Round, post and coder: one act of coding.
Act = tuple[int, str, str]


@dataclass
class QdaContent:
    """A project as it could be imported. `remarks` say what is left out, and what else to know.

    `guids` are what the file calls the posts.
    """

    title: str
    origin: str
    codebook: CodebookReading
    posts: DraftedPosts
    rows: dict[int, list[Row]] = field(default_factory=dict)
    beside: dict[Act, Beside] = field(default_factory=dict)
    guids: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def tables(self, posts: AbstractSet[str]) -> Iterator[tuple[int, Table]]:
        """The codings of each round that are about these posts."""
        for round_number, rows in sorted(self.rows.items()):
            yield round_number, Table(COLUMNS, [row for row in rows if row.cells[0] in posts], "UTF-8", ",")


def content_of(archive: Archive, filename: str) -> QdaContent:
    """What the project says, with the texts of its sources.

    Raises:
        Refusal: the codebook cannot be read.
    """
    return _Reading(archive, filename).content()


def with_missing(sheet: CodebookSheet, more: CodebookSheet) -> CodebookSheet:
    """The codebook, and behind it the questions and codes of another one that it does not have.

    A scale takes no further codes: between which of its own they would stand nobody can tell.
    """
    found = {variable.key: variable for variable in more.variables}
    known = {variable.key for variable in sheet.variables}
    own = [_with_codes(variable, found.get(variable.key)) for variable in sheet.variables]
    return CodebookSheet((*own, *(one for one in more.variables if one.key not in known)))


def _with_codes(variable: VariableSheet, other: VariableSheet | None) -> VariableSheet:
    if other is None or {variable.kind, other.kind} - {"single", "multiple"}:
        return variable
    known = {code.key for code in variable.codes}
    return replace(variable, codes=(*variable.codes, *(c for c in other.codes if c.key not in known)))


class _Reading:
    """One look at all sources of a project."""

    def __init__(self, archive: Archive, filename: str) -> None:
        self._archive, self._project, self._filename = archive, archive.project, filename
        codes = self._codes(filename)
        self._keys = codes.keys
        self._kinds = {one.key: one.kind for one in codes.reading.sheet.variables}
        self._remarks: list[str] = []
        self._texts: dict[str, tuple[ReadSource, PlacedText]] = {}
        self._people = _people(self._project)
        self._groups = _groups(self._project, set(self._people.values()))
        self._taken: set[tuple[Act, str, str]] = set()
        self._faults: Counter[str] = Counter()
        self._n_codings = 0
        self._found = QdaContent(
            self._project.name, self._project.origin, codes.reading, DraftedPosts((), (), (), ())
        )

    def _codes(self, filename: str) -> RefiCodes:
        if self._project.codes is None:
            return RefiCodes(CodebookReading(CodebookSheet()), {})
        coded = self._project.coded
        return read_codes(self._project.codes, filename, is_own=self._project.is_own, coded=coded)

    def content(self) -> QdaContent:
        """Everything that the project says."""
        for source in self._project.sources:
            self._take(source)
        self._found.posts = self._drafts()
        way = counting_of(
            (text, [(one.start, one.end) for one in source.codings if one.start is not None])
            for source, text in self._texts.values()
        )
        for external_id, (source, text) in self._texts.items():
            for coding in source.codings:
                self._n_codings += 1
                place = None if coding.start is None else text.passage(coding.start, coding.end, way)
                self._code(external_id, coding, place, len(text.text))
            for guid in source.notes:
                if guid in self._project.notes:
                    self._note(external_id, self._project.notes[guid])
        self._refuse_too_many(len(self._found.rows), MOST_ROUNDS)
        self._drop_memos()
        self._found.remarks = [*self._remarks, *self._counted()]
        return self._found

    def _refuse_too_many(self, found: int, most: int) -> None:
        if found > most:
            words = _("“{filename}” is too large. Divide it.")
            raise Refusal(words.format(filename=self._filename))

    def _drop_memos(self) -> None:
        """Take away what belongs to no coding, and count it with the notes that are about no text."""
        coded = {act for act, _question, _code in self._taken}
        stray = [act for act in self._found.beside if act not in coded]
        for act in stray:
            del self._found.beside[act]
        about = {guid for source, _text in self._texts.values() for guid in source.notes}
        own = {ANNOTATORS} if self._project.is_own else frozenset()
        others = [
            one for guid, one in self._project.notes.items() if guid not in about and one.name not in own
        ]
        self._faults["note"] = len(stray) + len(others)

    def _take(self, source: ReadSource) -> None:
        """Read the text of a source, or say why it cannot be a post."""
        try:
            raw = self._archive.text(source)
        except Refusal as refusal:
            self._leave_out(source, refusal.message)
            return
        if raw is None:
            self._leave_out(source, _("Its text is not in the file."))
            return
        external_id = self._id(source)
        self._texts[external_id] = source, PlacedText(raw)
        self._found.guids[external_id] = source.guid

    def _leave_out(self, source: ReadSource, reason: str) -> None:
        count = len(source.codings)
        said = ngettext(
            "“{name}” is left out, with {n} coding: {reason}",
            "“{name}” is left out, with {n} codings: {reason}",
            count,
        )
        name = source.name[:MAX_NAME] or source.guid
        self._remarks.append(said.format(name=name, n=number(count), reason=reason))

    def _id(self, source: ReadSource) -> str:
        name = source.name.replace("\0", "").strip()
        is_usable = 0 < len(name) <= MAX_ID and name not in self._texts
        return name if is_usable else source.guid or f"source-{len(self._texts) + 1}"

    def _drafts(self) -> DraftedPosts:
        """The posts, read as those of a table are: with the same care for dates, links and ids."""
        said = self._project.variables
        self._refuse_too_many(len(said), MOST_VARIABLES)
        names = unequal(said.values())
        columns = {guid: name for guid, name in zip(said, names, strict=True) if name}
        is_own = self._project.is_own and set(FIXED) <= set(names)
        texts = list(self._texts.items())

        def row(place: int) -> Row:
            external_id, (source, text) = texts[place]
            return Row(place + 1, (external_id, text.text, *self._cells(source, columns)))

        rows = Lazy(range(len(texts)), row)
        table = Table((_ID, _TEXT, _DATE, *columns.values()), rows, "UTF-8", ",")
        roles = Columns(_ID, _TEXT, AUTHOR, _DATE, LINK, THREAD, PARENT) if is_own else Columns(_ID, _TEXT)
        drafts = post_drafts(table, roles).at_hand()
        return replace(drafts, drafts=list(map(_without_dates, drafts.drafts))) if is_own else drafts

    def _cells(self, source: ReadSource, columns: Mapping[str, str]) -> tuple[str, ...]:
        values = self._project.values.get(source.guid, {}) | source.values
        by_name = {name: values.get(guid, "").replace("\0", "") for guid, name in columns.items()}
        date = (by_name.get(POSTED_AT) or by_name.get(AS_WRITTEN, "")) if self._project.is_own else ""
        return (date, *by_name.values())

    def _code(self, post: str, coding: ReadCoding, place: tuple[int, int] | None, length: int) -> None:
        keys = self._keys.get(coding.code)
        if keys is None:
            self._faults["code"] += 1
            return
        own = read_round(coding.selection) if self._project.is_own else None
        round_number, is_whole = own or (1, place == (0, length))
        act = (round_number, post, self._person(coding.user))
        if coding.start is not None and place is None and not is_whole:
            self._faults["passage"] += 1
        self._add(act, *keys, "", coding.at)
        if place is not None and not is_whole:
            self._found.beside.setdefault(act, Beside()).marked.append((*keys, *place))

    def _add(self, act: Act, question: str, code: str, value: str, at: str) -> None:
        round_number, post, coder = act
        said = (act, question, code)
        if said not in self._taken:
            self._taken.add(said)
            cells = (post, coder, question, code, value, self._groups.get(coder, ""), at)
            self._found.rows.setdefault(round_number, []).append(Row(self._n_codings, cells))

    def _note(self, post: str, note: ReadNote) -> None:
        own = read_round(note.name) if self._project.is_own else None
        act = (own[0] if own else 1, post, self._person(note.user))
        memo, said = NOTE.read(note.text) if own else (note.text, {})
        beside = self._found.beside.setdefault(act, Beside())
        beside.memo = "\n".join(each for each in (beside.memo, memo) if each)
        beside.is_unsure = UNSURE in said
        beside.reason = said.get(CORRECTION, "")
        for name, value in said.items():
            if name.startswith(QUESTION):
                self._n_codings += 1
                self._add(act, name.removeprefix(QUESTION), "", value, note.at)

    def _person(self, guid: str) -> str:
        return self._people.get(guid) or self._people.setdefault(guid, _nameless(guid, self._project))

    def _counted(self) -> Iterator[str]:
        """What was left out in numbers."""
        if others := self._project.others.total():
            said = ngettext(
                "%(n)s source is no text (%(kinds)s) and is left out, with %(codings)s codings.",
                "%(n)s sources are no texts (%(kinds)s) and are left out, with %(codings)s codings.",
                others,
            )
            kinds = ", ".join(sorted(kind.removesuffix("Source") for kind in self._project.others))
            codings = number(self._project.n_other_codings)
            yield said % {"n": number(others), "kinds": kinds, "codings": codings}
        if count := self._faults["passage"]:
            said = ngettext(
                "%s passage lies outside of its text; its code is taken for the whole post.",
                "%s passages lie outside of their texts; their codes are taken for the whole posts.",
                count,
            )
            yield said % number(count)
        if count := self._faults["note"]:
            said = ngettext(
                "%s note is left out: it is about no text that its author coded.",
                "%s notes are left out: they are about no text that their authors coded.",
                count,
            )
            yield said % number(count)
        if count := self._faults["code"]:
            said = ngettext(
                "%s coding names a code that the file does not have, and is left out.",
                "%s codings name codes that the file does not have, and are left out.",
                count,
            )
            yield said % number(count)


def _without_dates(draft: PostDraft) -> PostDraft:
    """The post without the fields that its date was read from."""
    extra = {name: said for name, said in draft.extra.items() if name not in {POSTED_AT, AS_WRITTEN}}
    return draft._replace(extra=extra)


def _people(project: ReadProject) -> dict[str, str]:
    """The users' names, each another one."""
    named = {guid: (name[:MAX_NAME] or _nameless(guid, project)) for guid, name in project.users.items()}
    found, taken, times = dict[str, str](), set[str](), Counter[str]()
    for guid, name in named.items():
        candidate = name
        while candidate in taken:
            times[name] += 1
            candidate = f"{name} ({times[name] + 1})"
        taken.add(candidate)
        found[guid] = candidate
    return found


def _nameless(guid: str, project: ReadProject) -> str:
    """What a coder is called whom the file does not name."""
    if guid:
        return guid[:MAX_NAME]
    return _("unnamed coder of {program}").format(program=project.origin.strip()[:100] or "REFI-QDA")


def _groups(project: ReadProject, people: AbstractSet[str]) -> dict[str, str]:
    """The groups of annotators, in a project that this program wrote."""
    if not project.is_own:
        return {}
    notes = (note for note in project.notes.values() if note.name == ANNOTATORS)
    lines = (line for note in notes for line in note.text.split("\n"))
    marks = ((line, mark) for line in lines for mark in _AFTER_NAME.finditer(line[: MAX_NAME + 2]))
    found = ((line[: mark.start()], line[mark.end() :]) for line, mark in marks)
    return {person: group for person, group in found if person in people}
