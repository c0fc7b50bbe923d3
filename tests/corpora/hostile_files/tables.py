"""Sheets with cells far away, XML with entities, and files under the names of others."""

import gzip
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from itertools import cycle, islice
from zipfile import ZipFile

from tests.corpora.hostile_files.given import (
    CODEBOOK_,
    CSV,
    JSON,
    LAUGHS,
    LINES,
    ODS,
    OUTSIDE,
    POSTS,
    PROJECT,
    QDC,
    QDE,
    QDPX,
    ROW,
    TABLES,
    XLSX,
    Hostile,
    parquet_file,
    replaced,
    turns,
)
from tests.corpora.workbooks import archive, cell, ods, text_cell, xlsx


def far_cells() -> Iterator[Hostile]:
    def sheet(*rows: str) -> Callable[[], bytes]:
        return lambda: xlsx({"S": [text_cell("A1", "id") + text_cell("B1", "text"), *rows]})

    def repeated(cells: str = "1", rows: str = "1", content: str = "x") -> Callable[[], bytes]:
        row = (
            f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
            f'table:number-columns-repeated="{cells}"><text:p>{content}</text:p></table:table-cell></table:table-row>'
        )
        return lambda: ods(f'<table:table table:name="S">{ROW}{row}{ROW}</table:table>')

    places = ("XFD1048576", "XFE1", "ZZZZZZZ9", "A99999999999", "A0", "1A", "", "A1048577", "ÄÖ1", "A-1")
    for place in places:
        yield Hostile("far cells", f"cell {place}", "far.xlsx", sheet(text_cell(place, "far")), TABLES)
    for kind, stored in (
        ("s", "4294967295"),
        ("s", "-1"),
        ("s", "x"),
        ("n", "1e999"),
        ("d", "x"),
        ("b", "7"),
    ):
        make = sheet(cell("A2", stored, kind) + text_cell("B2", "x"))
        yield Hostile("far cells", f"value {kind} {stored}", "far.xlsx", make, (POSTS,))
    yield Hostile("far cells", "style", "far.xlsx", sheet(cell("A2", "9e9", "n", 99_999_999)), (POSTS,))
    yield Hostile("far cells", "100,000 cells", "far.xlsx", sheet(text_cell("C2", "x") * 100_000), (POSTS,))
    for number in ("2147483648", "1048576", "-5", "x", "99999999999999999999"):
        yield Hostile("far cells", f"columns {number}", "far.ods", repeated(cells=number), (POSTS,))
        yield Hostile("far cells", f"rows {number}", "far.ods", repeated(rows=number), (POSTS,))
        yield Hostile("far cells", f"empty rows {number}", "far.ods", repeated(number, number, ""), (POSTS,))


def entities() -> Iterator[Hostile]:
    texts = {"laughs": LAUGHS, "outside": OUTSIDE, "quadratic": quadratic()}
    parts = {
        "xlsx": (XLSX, "xl/worksheets/sheet1.xml", POSTS),
        "strings.xlsx": (XLSX, "xl/sharedStrings.xml", POSTS),
        "workbook.xlsx": (XLSX, "xl/workbook.xml", POSTS),
        "ods": (ODS, "content.xml", POSTS),
        "qdpx": (PROJECT, "project.qde", QDPX),
    }
    for name, declared in texts.items():
        entity = b"&i;" if name != "quadratic" else b"&q;" * 20_000
        for ending, (packed, part, reader) in parts.items():
            make = partial(replaced, packed, part, declaring(packed, part, declared, entity))
            yield Hostile("entities", f"{name} {ending}", f"x.{ending.rpartition('.')[2]}", make, (reader,))
        for ending, plain in (("qdc", QDC), ("qde", QDE)):
            for codec in ("utf-8", "utf-16", "utf-16-be"):
                make = partial(declared_in, plain, declared, entity, codec)
                yield Hostile("entities", f"{name} {ending} {codec}", f"x.{ending}", make, (CODEBOOK_, QDPX))


def quadratic() -> bytes:
    return b'<!DOCTYPE l [<!ENTITY q "' + b"q" * 50_000 + b'">]>'


def declaring(packed: bytes, part: str, declared: bytes, entity: bytes) -> bytes:
    with ZipFile(BytesIO(packed)) as file:
        content = file.read(part) if part in file.namelist() else b"<sst><si><t>x</t></si></sst>"
    return declared_in(content, declared, entity, "utf-8")


def declared_in(content: bytes, declared: bytes, entity: bytes, codec: str) -> bytes:
    """The XML with a document type, and an entity of it in its first text."""
    body = content.partition(b"?>")[2] if content.startswith(b"<?xml") else content
    at = body.index(b">") + 1
    whole = b"<?xml version='1.0'?>" + declared + body[:at] + entity + body[at:]
    return whole.decode().encode(codec)


def headers() -> Iterator[Hostile]:
    readers = turns()
    wide = ",".join(f"c{n}" for n in range(100_000))
    rows = {
        "twice": "id,id,text,text\n1,2,x,y\n",
        "all the same": ",".join(["id"] * 500) + "\n" + ",".join(["x"] * 500) + "\n",
        "100,000 columns": f"id,text,{wide}\n1,x\n",
        "without names": ",,,\n1,x,y,z\n",
        "blank names": " ,\t,id,text\n1,2,3,x\n",
        "long names": f"id,text,{'n' * 200_000}\n1,x,y\n",
        "alone": "id,text",
        "one column": "text\nx\n",
        "only separators": ";;;;\n;;;;\n",
        "ragged": "id,text\n1\n1,2,3,4\n,,\n",
        "never closed": 'id,text\n1,"x\n2,y\n' * 200,
        "ratings twice": "post_id,post_id,coder,question,code\n1,2,a,stance,against\n",
        "renamed twice": "post_id,annotator,coder,question,variable,code\n1,a,b,stance,x,against\n",
        "many ids": "id,text\n" + "1,x\n1,y\n" * 5_000,
    }
    for name, content in rows.items():
        yield Hostile("headers", name, "x.csv", partial(str.encode, content), next(readers))


def empty() -> Iterator[Hostile]:
    readers = turns()
    contents = {
        "nothing": b"",
        "a mark": b"\xef\xbb\xbf",
        "another mark": b"\xff\xfe",
        "white space": b" \n\t\r\n ",
        "a nul": b"\0",
        "a list": b"[]",
        "an object": b"{}",
        "a brace": b"{",
        "nothing in gzip": gzip.compress(b""),
        "nothing in zip": archive({}),
        "an empty file in zip": archive({"x.csv": b""}),
        "a folder": archive({"x/": b""}),
        "a comma": b",",
        "a quote": b'"',
        "PAR1": b"PAR1",
        "PAR1 twice": b"PAR1\xff\xff\xff\x7fPAR1",
        "PK": b"PK\x03\x04",
    }
    for name, content in contents.items():
        yield Hostile("empty", name, "x.csv", partial(bytes, content), next(readers))


def disguised() -> Iterator[Hostile]:
    readers = turns()
    contents: dict[str, Callable[[], bytes]] = {
        "csv": lambda: CSV,
        "json": lambda: JSON,
        "jsonl": lambda: LINES,
        "xlsx": lambda: XLSX,
        "ods": lambda: ODS,
        "parquet": parquet_file,
        "qdc": lambda: QDC,
        "qdpx": lambda: PROJECT,
        "md": lambda: b"# Codes\n\n## a\n",
        "pdf": lambda: b"%PDF-1.7\n1 0 obj\n",
        "png": lambda: b"\x89PNG\r\n\x1a\n" + bytes(50),
        "exe": lambda: b"MZ\x90\0\x03\0\0\0" + bytes(50),
        "html": lambda: b"<!doctype html><p>x</p>",
        "doc": lambda: b"\xd0\xcf\x11\xe0" + bytes(600),
        "sqlite": lambda: b"SQLite format 3\0" + bytes(90),
        "docx": lambda: archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
    }
    endings = cycle(
        ("csv", "json", "jsonl", "xlsx", "ods", "parquet", "zip", "gz", "qdc", "qdpx", "md", "txt")
    )
    for kind, make in contents.items():
        for ending in islice(endings, 5):
            yield Hostile("disguised", f"{kind} as {ending}", f"x.{ending}", make, next(readers))
