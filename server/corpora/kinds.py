"""What an uploaded file is, told by its bytes: its name may say anything."""

import json
from enum import Enum
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from server.corpora.encodings import UTF8, detect_encoding, refuse_other_types
from server.errors import Refusal
from server.language import _

_HEAD = 4096
_LINES = 20
_SAMPLE = 1 << 22
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class Kind(Enum):
    """How a file holds posts, or that it is packed."""

    GZIP = "gzip"
    ZIP = "ZIP"
    XLSX = "XLSX"
    ODS = "ODS"
    PARQUET = "Parquet"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    TEXT = "CSV"


PACKED = frozenset({Kind.GZIP, Kind.ZIP})


def kind_of(file: BinaryIO, filename: str) -> Kind:
    """What the file is; raises Refusal for what holds no posts. The file is left at its beginning."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(file, filename)
    if head.startswith(b"PAR1"):
        return Kind.PARQUET
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
        return _json(file, filename)
    refuse_other_types(head, filename)
    return Kind.TEXT


def _zipped(file: BinaryIO, filename: str) -> Kind:
    try:
        with ZipFile(file) as archive:
            names = frozenset(archive.namelist())
            if "xl/workbook.xml" in names:
                return Kind.XLSX
            if "content.xml" in names and "mimetype" in names:
                with archive.open("mimetype") as stated:
                    if stated.read(len(_ODS)) == _ODS:
                        return Kind.ODS
    except (BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError) as problem:
        raise Refusal(
            _(
                "“{filename}” begins like a ZIP archive or an Excel workbook but is damaged or cut off. "
                "Export or download it again."
            ).format(filename=filename)
        ) from problem
    finally:
        file.seek(0)
    if names & {"[Content_Types].xml", "mimetype", "xl/workbook.bin"}:
        raise Refusal(
            _(
                "“{filename}” is an office document without sheets that can be read here. "
                "Save it as XLSX, ODS or CSV and upload that file."
            ).format(filename=filename)
        )
    return Kind.ZIP


def _json(file: BinaryIO, filename: str) -> Kind:
    """Whether each line is an object of its own. What begins with a brace but is no JSON is a table."""
    refuse_binary_json(file, filename)
    sample = file.read(_SAMPLE).decode("utf-8-sig", errors="replace")
    file.seek(0)
    lines = [line for line in sample.splitlines()[: 10 * _LINES] if line.strip()][:_LINES]
    if sample.lstrip().startswith("{") and any(map(_is_object, lines)):
        return Kind.JSON_LINES
    return Kind.JSON if _begins_like_json(sample.lstrip()) else Kind.TEXT


def refuse_binary_json(file: BinaryIO, filename: str) -> None:
    """Refuse JSON in another encoding than UTF-8, which its standard asks for."""
    encoding = detect_encoding(file)
    if encoding.codec != UTF8.codec:
        raise Refusal(
            _("“{filename}” is JSON in another encoding than UTF-8. Save it as UTF-8 and upload it.").format(
                filename=filename
            )
        )
    file.seek(0)


def _is_object(line: str) -> bool:
    try:
        return bool(json.loads(line)) and line.lstrip().startswith("{")
    except (ValueError, RecursionError):
        return False


def _begins_like_json(text: str) -> bool:
    after = text[1:].lstrip()[:1]
    return after in {'"', "}", ""} if text.startswith("{") else after in {"{", "[", "]", '"', ""}
