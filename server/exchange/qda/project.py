"""What the description of a REFI-QDA project says, whichever program wrote it. Pure.

A project is read piece by piece: of every list in it one element at a time is in memory.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree as ET

from server.codebooks.refi import ORIGIN, plain_guid
from server.corpora.xml_events import Attributes, Refusals, XmlReader
from server.errors import Refusal
from server.language import gettext as _

MOST_BYTES = 300 << 20
MOST_LEVELS = 200
# The lists within a project whose elements are read one by one: Project, list, element.
_LEVEL = 3
TEXT = "TextSource"


@dataclass(frozen=True, slots=True)
class ReadCoding:
    """A code given to a passage; without `start` to a whole source. `code` and `user` are guids."""

    code: str
    user: str
    at: str = ""
    selection: str = ""
    start: int | None = None
    end: int = 0


@dataclass(frozen=True)
class ReadSource:
    """A text; its words stand in `content`, or in one of the files that the paths name."""

    guid: str
    name: str
    content: str | None
    plain_path: str
    rich_path: str
    codings: tuple[ReadCoding, ...]
    notes: tuple[str, ...]
    values: dict[str, str]


@dataclass(frozen=True)
class ReadNote:
    """A memo. `user` is a guid."""

    name: str
    text: str
    user: str
    at: str


@dataclass
class ReadProject:
    """A whole project; guids are in capitals. `others` counts sources that are no texts, by their kinds."""

    name: str = ""
    origin: str = ""
    creator: str = ""
    users: dict[str, str] = field(default_factory=dict)
    codes: ET.Element | None = None
    variables: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: list[ReadSource] = field(default_factory=list)
    notes: dict[str, ReadNote] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    n_other_codings: int = 0

    @property
    def is_own(self) -> bool:
        """Whether this program wrote it."""
        return self.origin == ORIGIN

    @property
    def coded(self) -> frozenset[str]:
        """The codes that codings of texts name."""
        return frozenset(coding.code for source in self.sources for coding in source.codings)


def read_project(file: IO[bytes], filename: str) -> ReadProject:
    """The project that a `project.qde` describes.

    Raises:
        Refusal: it is no REFI-QDA project, is damaged, too large, or declares entities.
    """
    reader = _Reader(filename)
    reader.read(file)
    return reader.found


class _Reader:
    """Puts together one element of a list after another, and lets each be understood when it ends."""

    def __init__(self, filename: str) -> None:
        self.found = ReadProject()
        self._filename = filename
        self._path: list[str] = []
        self._builder: ET.TreeBuilder | None = None
        self._understand: dict[str, Callable[[ET.Element], None]] = {
            "User": self._user, "Codes": self._codes, "Variable": self._variable, "Case": self._case,
            TEXT: self._text, "Note": self._note,
        }  # fmt: skip

    def read(self, file: IO[bytes]) -> None:
        """Read all of the file."""
        reader = XmlReader(self._start, self._end, self._data, self._refusals())
        for _piece in reader.read(file, MOST_BYTES):
            pass

    def _refusals(self) -> Refusals:
        def refusal(words: str) -> Refusal:
            return Refusal(words.format(filename=self._filename))

        return Refusals(
            lambda: refusal(_("“{filename}” is too large. Divide it.")),
            lambda: refusal(_("“{filename}” is no whole XML file. Export it again.")),
            lambda: refusal(
                _("“{filename}” defines entities, which no project has a use for. It is not read.")
            ),
        )

    def _start(self, name: str, facts: Attributes) -> None:
        self._path.append(name)
        if len(self._path) == 1:
            self._open(name, facts)
        elif len(self._path) > MOST_LEVELS:
            raise Refusal(
                _("“{filename}” is no whole XML file. Export it again.").format(filename=self._filename)
            )
        elif len(self._path) == _LEVEL:
            self._builder = ET.TreeBuilder()
        if self._builder is not None:
            self._builder.start(name, facts)

    def _open(self, name: str, facts: Attributes) -> None:
        spaces = [said for key, said in facts.items() if key.partition(":")[0] == "xmlns"]
        is_refi = any(said.startswith("urn:QDA-XML:") for said in spaces)
        if is_refi and name == "CodeBook":
            words = _("“{filename}” is a codebook without codings. Upload it on the page of the codebook.")
            raise Refusal(words.format(filename=self._filename))
        if not is_refi or name != "Project":
            raise Refusal(
                _("“{filename}” is no REFI-QDA file that is known.").format(filename=self._filename)
            )
        self.found.name, self.found.origin = facts.get("name", ""), facts.get("origin", "")
        self.found.creator = plain_guid(facts.get("creatingUserGUID"))

    def _data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def _end(self, name: str) -> None:
        if self._builder is not None:
            self._builder.end(name)
            if len(self._path) == _LEVEL:
                self._close(self._builder.close(), self._path[1])
                self._builder = None
        self._path.pop()

    def _close(self, node: ET.Element, within: str) -> None:
        if within == "Sources" and node.tag != TEXT:
            self.found.others[node.tag] += 1
            self.found.n_other_codings += sum(1 for _one in node.iter("Coding"))
        elif node.tag in self._understand:
            self._understand[node.tag](node)

    def _user(self, node: ET.Element) -> None:
        self.found.users[plain_guid(node.get("guid"))] = " ".join((node.get("name") or "").split())

    def _codes(self, node: ET.Element) -> None:
        self.found.codes = node

    def _variable(self, node: ET.Element) -> None:
        self.found.variables[plain_guid(node.get("guid"))] = (node.get("name") or "").strip()

    def _case(self, node: ET.Element) -> None:
        said = _values(node)
        for source in node.findall("SourceRef"):
            self.found.values.setdefault(plain_guid(source.get("targetGUID")), {}).update(said)

    def _note(self, node: ET.Element) -> None:
        facts = plain_guid(node.get("creatingUser")), node.get("creationDateTime", "")
        text = node.findtext("PlainTextContent") or node.findtext("Description") or ""
        self.found.notes[plain_guid(node.get("guid"))] = ReadNote(node.get("name", ""), text, *facts)

    def _text(self, node: ET.Element) -> None:
        self.found.sources.append(
            ReadSource(
                guid=plain_guid(node.get("guid")),
                name=node.get("name", ""),
                content=node.findtext("PlainTextContent"),
                plain_path=node.get("plainTextPath", ""),
                rich_path=node.get("richTextPath", ""),
                codings=tuple(self._codings(node)),
                notes=tuple(plain_guid(one.get("targetGUID")) for one in node.findall("NoteRef")),
                values=_values(node),
            )
        )

    def _codings(self, node: ET.Element) -> Iterator[ReadCoding]:
        for selection in node.findall("PlainTextSelection"):
            place = _position(selection, "startPosition"), _position(selection, "endPosition")
            for coding in selection.findall("Coding"):
                yield self._coding(coding, selection, *place)
        for coding in node.findall("Coding"):
            yield self._coding(coding, node, None, 0)

    def _coding(self, node: ET.Element, around: ET.Element, start: int | None, end: int) -> ReadCoding:
        target = node.find("CodeRef")
        code = plain_guid(target.get("targetGUID")) if target is not None else ""
        user = node.get("creatingUser") or around.get("creatingUser")
        at = node.get("creationDateTime") or around.get("creationDateTime") or ""
        name = around.get("name", "") if around.tag != TEXT else ""
        return ReadCoding(code, plain_guid(user) or self.found.creator, at, name, start, end)


def _values(node: ET.Element) -> dict[str, str]:
    """The values of variables, by the guids of these."""
    found = {}
    for value in node.findall("VariableValue"):
        variable = value.find("VariableRef")
        said = next((one.text or "" for one in value if one.tag.endswith("Value")), "")
        if variable is not None and said.strip():
            found[plain_guid(variable.get("targetGUID"))] = said.strip()
    return found


def _position(node: ET.Element, name: str) -> int:
    """A place in a text; -1, which lies outside of every text, where it is no number."""
    said = node.get(name, "").strip()
    return int(said) if said.isdecimal() and len(said) < 10 else -1
