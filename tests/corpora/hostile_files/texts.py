"""Texts in strange encodings, with lines without an end, and with formulas."""

import random
from collections.abc import Callable, Iterator
from functools import partial

from tests.corpora.hostile_files.archives import bomb_gzip, bomb_zip
from tests.corpora.hostile_files.given import (
    CODEBOOK_,
    GOLD,
    JSON,
    MB,
    POSTS,
    QDE,
    QDPX,
    RATINGS,
    TABLES,
    Hostile,
    turns,
)
from tests.corpora.workbooks import archive, text_cell, xlsx


def long_lines() -> Iterator[Hostile]:
    files: dict[str, Callable[[], bytes]] = {
        "line.csv.gz": lambda: bomb_gzip(1_024),
        "line.csv.zip": lambda: bomb_zip("posts.csv", 1_024),
        "line.csv": lambda: b"id,text\n1," + b"a" * (30 * MB),
        "quoted.csv": lambda: b'id,text\n1,"' + b"a\n" * (10 * MB),
        "quotes.csv": lambda: b"id,text\n1," + b'"' * (5 * MB),
        "commas.csv": lambda: b"id,text\n1" + b"," * (10 * MB),
        "line.json": lambda: b'[{"id": "1", "text": "' + b"a" * (40 * MB) + b'"}]',
        "line.jsonl": lambda: b'{"id": "1", "text": "' + b"a" * (40 * MB) + b'"}\n',
        "returns.csv": lambda: b"id,text\r" * MB,
        "lines.csv": lambda: b"\n" * (10 * MB),
    }
    for name, make in files.items():
        yield Hostile("long lines", name, name, make, TABLES if "csv" in name else (POSTS, RATINGS))


def encodings() -> Iterator[Hostile]:
    readers = turns()
    accents = "id,text\n1,Café déjà \N{BROKEN HEART}\n2,ß\n"
    bodies = {
        "mixed": b"id,text\n1,Caf\xc3\xa9\n2,Caf\xe9\n3,na\xc3\xafve \xe9\n",
        "undefined": b"id,text\n1,\x81\x8d\x8f\x90\x9d\n",
        "nul": b"id,text\n1,a\0b\n",
        "many nuls": b"\0" * 10_000,
        "utf-16 le": accents.encode("utf-16-le"),
        "utf-16 be": accents.encode("utf-16-be"),
        "utf-16 odd": accents.encode("utf-16")[:-1],
        "utf-32": accents.encode("utf-32"),
        "cut utf-8": accents.encode()[: accents.encode().index(b"\xf0") + 2] + b"\n2,x\n",
        "overlong": b"id,text\n1,\xc0\xaf\xe0\x80\xaf\n",
        "surrogates": b"id,text\n1,\xed\xa0\x80\xed\xb0\x80\n",
        "two marks": b"\xef\xbb\xbf\xef\xbb\xbfid,text\n1,x\n",
        "controls": b"id,text\n1,\x01\x02\x1b[31m\x7f\n",
        "directions": "id,text\n1,\u202e\u2066\u200f\ufeff\ufffe\uffff\n".encode(),
        "separators": "id,text\n1,a\u2028b\u2029c\x85d\x1ce\n".encode(),
        "noise": random.Random(7).randbytes(20_000),
    }
    for name, content in bodies.items():
        yield Hostile("encodings", name, f"{name}.csv", partial(bytes, content), next(readers))
    objects = {
        "lone surrogate": b'[{"id": "1\\ud800", "text": "x\\udfff", "k\\ud800": "v"}]',
        "lone surrogate in lines": b'{"id": "1", "text": "x\\ud83d"}\n',
        "nul": b'[{"id": "1\\u0000", "text": "x\\u0000", "k\\u0000": "v"}]',
        "utf-16": JSON.decode().encode("utf-16"),
        "latin": b'[{"id": "1", "text": "Caf\xe9"}]',
        "label studio": (
            b'[{"id": 1, "data": {"id": "1"}, "annotations": [{"completed_by": "a\\ud800", "result": '
            b'[{"type": "choices", "from_name": "stance", "value": {"choices": ["x\\ud800"]}}]}]}]'
        ),
    }
    for name, content in objects.items():
        yield Hostile("encodings", f"json {name}", "x.json", partial(bytes, content), (POSTS, RATINGS))


def formulas() -> Iterator[Hostile]:
    said = ("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+1-1", '=HYPERLINK("http://x","y")', "\t=1", "＝1+1")
    for place, formula in enumerate(said):
        quoted = '"' + formula.replace('"', '""') + '"'
        rows = f"id,text,author\n{quoted},{quoted},{quoted}\n"
        yield Hostile("formulas", f"cell {place}", "x.csv", partial(str.encode, rows), TABLES)
        book = f"question,type,code,label\nstance,single,a,{quoted}\nstance,single,b,B\n{quoted},single,c,C\n"
        yield Hostile("formulas", f"codebook {place}", "x.csv", partial(str.encode, book), (CODEBOOK_,))
    cells = '<c r="A2"><f>1+1</f></c><c r="B2" t="str"><f>WEBSERVICE("http://x")</f><v>x</v></c>'
    sheet = {"S": [text_cell("A1", "id") + text_cell("B1", "text"), cells]}
    yield Hostile("formulas", "workbook", "x.xlsx", partial(xlsx, sheet), TABLES)


def numbers() -> Iterator[Hostile]:
    said = (
        "1" * 5_000,
        "1" * 100_000,
        "1e999",
        "-1e-999",
        "NaN",
        "Infinity",
        "0x7f",
        "9" * 400 + ".5",
        "1_000",
        "٣",
    )
    for number in said:
        short = number[:9] + str(len(number))
        objects = f'[{{"id": {number}, "text": "x", "date": {number}, "created_utc": {number}}}]'
        yield Hostile("numbers", f"json {short}", "x.json", partial(str.encode, objects), (POSTS, RATINGS))
        rows = f"post_id,coder,question,code,value,rated_at\n1,a,stance,against,{number},{number}\n"
        yield Hostile("numbers", f"ratings {short}", "x.csv", partial(str.encode, rows), (RATINGS,))
        dates = f"id,text,created_at\n1,x,{number}\n{number},y,{number}\n"
        yield Hostile("numbers", f"dates {short}", "x.csv", partial(str.encode, dates), (POSTS,))
        gold = f"post,stance,note\n{number},against,x\n"
        yield Hostile("numbers", f"gold {short}", "x.csv", partial(str.encode, gold), (GOLD,))
        book = (
            f"question,type,code,value,minimum,maximum\ns,ordinal,a,{number},,\ns,ordinal,b,1,,\n"
            f"n,number,,,{number},{number}\n"
        )
        yield Hostile("numbers", f"codebook {short}", "x.csv", partial(str.encode, book), (CODEBOOK_,))
        places = QDE.replace(b'"0"', f'"{number}"'.encode()).replace(b'"3"', f'"-{number}"'.encode())
        make = partial(archive, {"project.qde": places, "sources/t.txt": b"One."})
        yield Hostile("numbers", f"positions {short}", "x.qdpx", make, (QDPX,))
