"""A post and what was coded about it as elements of a REFI-QDA project. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from server.codebooks.refi import code_guid
from server.corpora.mapping import PostDraft
from server.exchange.qda.format import (
    AS_WRITTEN,
    AUTHOR,
    CORRECTION,
    LINK,
    NOTE,
    PARENT,
    POSTED_AT,
    QUESTION,
    THREAD,
    UNSURE,
    element,
    guid_of,
    round_name,
    text_element,
)
from server.exchange.spreadsheets import Cell

CodingRow = Mapping[str, Cell]
# Round, first code point, the one after the last, and whether no passage was marked.
Passage = tuple[int, int, int, bool]


@dataclass(frozen=True)
class Pieces:
    """Makes the elements. `key` tells the things of this project from those of others.

    `kinds` are the questions with their kinds; `fields` the variables of the further fields of posts.
    """

    key: str
    kinds: Mapping[str, str]
    fields: Mapping[str, str]

    def guid(self, *path: str) -> str:
        """What names a thing of this project."""
        return guid_of(self.key, *path)

    def case(self, post: PostDraft) -> str:
        """What the post is besides its text."""
        values = (self._value(*value) for value in self._values(post))
        source = self._reference("Source", "source", post.external_id)
        facts = {"guid": self.guid("case", post.external_id), "name": post.external_id}
        return element("Case", facts, *values, source)

    def _values(self, post: PostDraft) -> Iterator[tuple[str, str, str]]:
        """What the post is besides its text: variable, element and value."""
        if post.posted_at is not None:
            yield POSTED_AT, "DateTimeValue", post.posted_at.isoformat()
        found = {
            AUTHOR: post.author,
            AS_WRITTEN: None if post.posted_at else post.posted_at_text,
            LINK: post.link,
            THREAD: post.thread_key,
            PARENT: post.parent_key,
        }
        for name, said in (*found.items(), *((self.fields[key], said) for key, said in post.extra.items())):
            if said:
                yield name, "TextValue", said

    def _value(self, name: str, tag: str, said: str) -> str:
        variable = self._reference("Variable", "variable", name)
        return element("VariableValue", {}, variable, text_element(tag, said))

    def _reference(self, what: str, *path: str) -> str:
        return element(f"{what}Ref", {"targetGUID": self.guid(*path)})

    def source(self, post: PostDraft, rows: Sequence[CodingRow], acts: Sequence[str]) -> str:
        """The post with its codings; `acts` are the guids of the notes about it."""
        guid = self.guid("source", post.external_id)
        facts = {"guid": guid, "name": post.external_id, "plainTextPath": f"internal://{guid}.txt"}
        notes = [element("NoteRef", {"targetGUID": act}) for act in acts]
        return element("TextSource", facts, *self._selections(post, rows), *notes)

    def _selections(self, post: PostDraft, rows: Sequence[CodingRow]) -> Iterator[str]:
        coded = [
            (passage, row)
            for row in rows
            if self.kinds.get(str(row["variable"])) not in {"number", "text"}
            for passage in passages(row, len(post.text))
        ]
        for passage, own in groupby(sorted(coded, key=lambda one: one[0]), key=lambda one: one[0]):
            number, start, end, is_whole = passage
            path = ("selection", post.external_id, *map(str, passage))
            facts = {
                "guid": self.guid(*path),
                "name": round_name(number, is_whole=is_whole),
                "startPosition": str(start),
                "endPosition": str(end),
            }
            yield element("PlainTextSelection", facts, *(self._coding(path, row) for _at, row in own))

    def _coding(self, path: tuple[str, ...], row: CodingRow) -> str:
        question, code = str(row["variable"]), str(row["code"])
        target = {"targetGUID": code_guid(self.key, question, code)}
        facts = self._act("coding", row, *path, question, code)
        return element("Coding", facts, element("CodeRef", target))

    def _act(self, kind: str, row: CodingRow, *path: str) -> dict[str, str]:
        person = str(row["annotator"])
        return {
            "guid": self.guid(kind, *path, person),
            "creatingUser": self.guid("user", person),
            "creationDateTime": str(row["submitted_at"]),
        }

    def notes(self, post: PostDraft, rows: Sequence[CodingRow]) -> Iterator[tuple[str, str]]:
        """What annotators said of the post beside codes: the guid of each note, and the note."""
        for (number, _person), own in groupby(rows, key=lambda row: (row["round"], row["annotator"])):
            some = list(own)
            said = NOTE.written(str(some[0]["memo"]), dict(self._beside_codes(some)))
            if said:
                facts = self._act("note", some[0], post.external_id, str(number))
                facts["name"] = round_name(int(str(number)))
                yield facts["guid"], element("Note", facts, text_element("PlainTextContent", said))

    def _beside_codes(self, rows: Sequence[CodingRow]) -> Iterator[tuple[str, str]]:
        for row in rows:
            if self.kinds.get(str(row["variable"])) in {"number", "text"}:
                yield f"{QUESTION}{row['variable']}", str(row["value"])
        yield UNSURE, "yes" if rows[0]["unsure"] else ""
        yield CORRECTION, str(rows[0]["correction_reason"])


def passages(row: CodingRow, length: int) -> Iterator[Passage]:
    """The passages of a row of codings; where none was marked, the whole post of this length."""
    number = int(str(row["round"]))
    marked = str(row["evidence"] or "").split()
    for one in marked:
        start, _dash, end = one.partition("-")
        yield number, int(start), int(end), False
    if not marked:
        yield number, 0, length, True
