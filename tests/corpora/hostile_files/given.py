"""What hostile files are made of: good ones of each kind, and what a file is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from itertools import cycle
from zipfile import ZipFile

from server.codebooks.refi import write_refi
from server.sample.codebook import CODEBOOK
from tests.corpora.workbooks import archive, ods, table_rows, xlsx

POSTS, RATINGS, CODEBOOK_, GOLD, QDPX = "posts", "ratings", "codebook", "gold", "qdpx"
# Where each of them is uploaded.
PAGES = {
    POSTS: "posts/import",
    RATINGS: "ratings",
    CODEBOOK_: "codebook/upload",
    GOLD: "gold-file",
    QDPX: "qdpx",
}
TABLES = (POSTS, RATINGS, GOLD)
ALL = (POSTS, RATINGS, CODEBOOK_, GOLD, QDPX)


def turns() -> Iterator[tuple[str, ...]]:
    """What a file for any page is given for: the posts, and in turn one of the others, which is quicker."""
    return cycle([(POSTS, other) for other in ALL[1:]])


CSV = b"id,text,author\n1,One,a\n2,Two,b\n"
JSON = b'[{"id": "1", "text": "One"}, {"id": "2", "text": "Two"}]'
LINES = b'{"id": "1", "text": "One"}\n{"id": "2", "text": "Two"}\n'
XLSX = xlsx({"Posts": table_rows(("id", "text"), ("1", "One"), ("2", "Two"))})
CELLS = "".join(f"<table:table-cell><text:p>{said}</text:p></table:table-cell>" for said in ("id", "text"))
ROW = f"<table:table-row>{CELLS}</table:table-row>"
ODS = ods(f'<table:table table:name="Posts">{ROW}{ROW}</table:table>')
QDE = (
    b'<Project xmlns="urn:QDA-XML:project:1.0" name="P" origin="O"><CodeBook><Codes>'
    b'<Code guid="c" name="milk"/><Code guid="d" name="tea"/></Codes></CodeBook><Sources>'
    b'<TextSource guid="t" name="one" plainTextPath="internal://t.txt"><PlainTextSelection guid="s" '
    b'startPosition="0" endPosition="3"><Coding guid="k"><CodeRef targetGUID="c"/></Coding>'
    b"</PlainTextSelection></TextSource></Sources></Project>"
)
PROJECT = archive({"project.qde": QDE, "sources/t.txt": b"One."})
QDC = write_refi(CODEBOOK, "study").encode()
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {after} "{f"&{before};" * 10}">'.encode()
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
LAUGHS += b"]>"
OUTSIDE = b'<!DOCTYPE l [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
MB = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """A file, made when it is asked for, and what it is given for."""

    family: str
    name: str
    filename: str
    make: Callable[[], bytes]
    given_for: tuple[str, ...] = ALL


def parquet_file() -> bytes:
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    file = BytesIO()
    parquet.write_table(pyarrow.table({"id": ["1", "2"], "text": ["One", "Two"]}), file)
    return file.getvalue()


def replaced(packed: bytes, name: str, content: bytes) -> bytes:
    """The archive with another content of one file."""
    with ZipFile(BytesIO(packed)) as file:
        members = {one: file.read(one) for one in file.namelist()}
    return archive(members | {name: content})
