"""XML of unknown origin, piece by piece: no entities, no document types, no more bytes than are allowed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from server.errors import Refusal
from server.language import _

_CHUNK = 1 << 17
# A tag that goes on for longer is read again from its beginning with every piece, and none has to be.
_LONGEST_TAG = 4 << 20
Attributes = dict[str, str]


@dataclass(frozen=True)
class Refusals:
    """What is said of a file that is too large when it is unpacked, that is damaged, or declares entities."""

    too_large: Callable[[], Refusal]
    damaged: Callable[[], Refusal]
    entities: Callable[[], Refusal]


def damaged_sheet() -> Refusal:
    """What is said of a workbook whose parts cannot be read."""
    return Refusal(_("The workbook is damaged: its sheet cannot be read. Save it again as XLSX or CSV."))


def _too_large_sheet() -> Refusal:
    return Refusal(_("A sheet grows far too large when it is unpacked. Save it as CSV."))


def _entities_in_workbook() -> Refusal:
    return Refusal(_("The workbook declares entities, which no spreadsheet program does. It is not read."))


OF_WORKBOOKS = Refusals(_too_large_sheet, damaged_sheet, _entities_in_workbook)


class XmlReader:
    """Feeds an XML file to three functions; names come without their namespace prefix."""

    def __init__(
        self,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
        refusals: Refusals = OF_WORKBOOKS,
    ) -> None:
        self._refusals = refusals
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = lambda name, found: start(name.rpartition(":")[2], found)
        self._parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, file: IO[bytes], max_bytes: int) -> Iterator[None]:
        """Read the file; a turn of the iteration is a piece of it."""
        size = 0
        try:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise self._refusals.too_large()
                self._parser.Parse(chunk, False)
                if size - self._parser.CurrentByteIndex > _LONGEST_TAG:
                    raise self._refusals.too_large()
                yield
            self._parser.Parse(b"", True)
        except expat.ExpatError as problem:
            raise self._refusals.damaged() from problem
        yield

    def _refuse_doctype(self, *_declared: object) -> None:
        raise self._refusals.entities()
