"""Archives that fill the memory or the disk, lead elsewhere, or end too early."""

import gzip
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tests.corpora.hostile_files.given import (
    CODEBOOK_,
    CSV,
    JSON,
    LINES,
    MB,
    ODS,
    POSTS,
    PROJECT,
    QDC,
    QDE,
    QDPX,
    RATINGS,
    XLSX,
    Hostile,
    parquet_file,
    replaced,
    turns,
)
from tests.corpora.workbooks import archive


def zeros(megabytes: int, byte: bytes = b"a") -> tuple[bytes, int]:
    """So many megabytes of one byte as a raw deflate stream, without packing more than one of them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(byte * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15)
    return block * megabytes + end.flush(), megabytes * MB


def bomb_gzip(megabytes: int) -> bytes:
    return gzip.compress(b"id,text\n1,") + gzip.compress(b"a" * MB) * megabytes


def bomb_zip(name: str, megabytes: int, *, declared: int | None = None) -> bytes:
    """A zip with one file; `declared` is the size that it claims."""
    stream, size = zeros(megabytes)
    claimed = size if declared is None else declared
    encoded = name.encode()
    sizes = struct.pack("<III", 0, len(stream), claimed & 0xFFFFFFFF)
    local = (
        b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(encoded), 0)
    )
    central = (
        b"PK\x01\x02"
        + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33)
        + sizes
        + struct.pack("<HHHHHII", len(encoded), 0, 0, 0, 0, 0, 0)
        + encoded
    )
    body = local + encoded + stream
    return body + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(body), 0)


def overlapping(count: int) -> bytes:
    """A zip in which many names lead to the same bytes."""
    content = archive({"posts.csv": CSV * 50_000})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    central = b"".join(entry.replace(b"posts.csv", f"{place:05d}.csv".encode()) for place in range(count))
    tail = struct.pack("<HHHHIIH", 0, 0, count, count, len(central), start, 0)
    return content[:start] + central + b"PK\x05\x06" + tail


def many(count: int, **more: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as packed:
        for name, content in more.items():
            packed.writestr(name.replace("__", "."), content)
        for place in range(count):
            packed.writestr(f"sources/{place}.csv", CSV)
    return file.getvalue()


def matryoshka(depth: int) -> bytes:
    content, name = CSV, "posts.csv"
    for _level in range(depth):
        content, name = archive({name: content}), "inner.zip"
    return content


def gzipped(depth: int) -> bytes:
    content = CSV
    for _level in range(depth):
        content = gzip.compress(content)
    return content


def member(*, name: str = "posts.csv", content: bytes = CSV, method: int = 8, flags: int = 0) -> bytes:
    """A zip whose only file claims to be packed by this method, or locked."""
    packed = bytearray(archive({name: content}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = packed.index(mark)
        struct.pack_into("<HH", packed, place + at, flags, method)
    return bytes(packed)


def bombs() -> Iterator[Hostile]:
    readers = turns()
    files: dict[str, Callable[[], bytes]] = {
        "ratio.zip": lambda: bomb_zip("posts.csv", 300),
        "lying.zip": lambda: bomb_zip("posts.csv", 300, declared=10),
        "boasting.zip": lambda: bomb_zip("posts.csv", 1, declared=0xFFFFFFF0),
        "overlapping.zip": lambda: overlapping(900),
        "overlapping more.zip": lambda: overlapping(20_000),
        "many.zip": lambda: many(20_000),
        "nested.zip": lambda: matryoshka(12),
        "nested twice.zip": lambda: matryoshka(2),
        "gzip.gz": lambda: bomb_gzip(300),
        "gzip of gzip.gz": lambda: gzipped(2),
        "gzip of many.gz": lambda: gzipped(30),
        "gzip of zip.gz": lambda: gzip.compress(archive({"posts.csv": CSV})),
        "zip of gzip.zip": lambda: archive({"posts.csv.gz": bomb_gzip(300)}),
        "method.zip": lambda: member(method=99),
        "locked.zip": lambda: member(flags=1),
        "workbook.xlsx": lambda: archive({"xl/workbook.xml": b"<workbook/>"}),
        "sheet.xlsx": lambda: replaced(XLSX, "xl/worksheets/sheet1.xml", bomb_zip("x", 300)),
    }
    for name, make in files.items():
        yield Hostile("bombs", name, name, make, next(readers))
    for name, part in (("sheet.xlsx", "xl/worksheets/sheet1.xml"), ("strings.xlsx", "xl/sharedStrings.xml")):
        yield Hostile("bombs", f"large {name}", name, partial(with_bomb, XLSX, part, 200), (POSTS,))
    yield Hostile(
        "bombs", "large sheet.ods", "sheet.ods", lambda: with_bomb(ODS, "content.xml", 200), (POSTS,)
    )
    for name in ("project.qde", "sources/t.txt"):
        make = partial(with_bomb, PROJECT, name, 200)
        yield Hostile("bombs", f"large {name}", "study.qdpx", make, (QDPX, CODEBOOK_))
    yield Hostile(
        "bombs", "many sources", "study.qdpx", lambda: many(20_000, project__qde=QDE), (QDPX, CODEBOOK_)
    )


def with_bomb(packed: bytes, name: str, megabytes: int) -> bytes:
    """The archive with so much of nothing in one file."""
    file = BytesIO()
    with ZipFile(BytesIO(packed)) as old, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as new:
        for one in {*old.namelist(), name}:
            if one != name:
                new.writestr(one, old.read(one))
        content = old.read(name) if name in old.namelist() else b"<sst>"
        with new.open(name, "w") as part:
            part.write(content[:-10])
            for _time in range(megabytes):
                part.write(b" " * MB)
    return file.getvalue()


def paths() -> Iterator[Hostile]:
    names = (
        "../../../etc/cron.d/x.csv",
        "/etc/passwd",
        "C:\\Windows\\x.csv",
        "..\\..\\x.csv",
        "CON",
        "a" * 60_000,
        "x.csv/../../y.csv",
        "sources/",
        "\u202evsc.x",
        "//server/share/x.csv",
        "posts.csv:stream",
        "~/x.csv",
    )
    for place, name in enumerate(names):
        yield Hostile("paths", f"zip {place}", "x.zip", partial(archive, {name: CSV}), (POSTS,))
        described = QDE.replace(b"internal://t.txt", name[:500].encode())
        make = partial(archive, {"project.qde": described, name: b"One."})
        yield Hostile("paths", f"qdpx {place}", "x.qdpx", make, (QDPX,))
    yield Hostile("paths", "link", "x.zip", linked, (POSTS, QDPX))
    yield Hostile("paths", "twice", "x.zip", twice, (POSTS,))
    for name in ("../x.csv", "a/b\\c.csv", "x" * 3_000 + ".csv", "\0.csv", "\n.csv", ""):
        yield Hostile("paths", f"called {name[:9]!r}", name, lambda: CSV, (POSTS, RATINGS))


def linked() -> bytes:
    file, info = BytesIO(), ZipInfo("posts.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with ZipFile(file, "w") as packed:
        packed.writestr(info, "/etc/passwd")
        packed.writestr("project.qde", QDE)
    return file.getvalue()


def twice() -> bytes:
    return archive({"posts.csv": CSV, "posts.cs_": CSV}).replace(b"posts.cs_", b"posts.csv")


def cut() -> Iterator[Hostile]:
    wholes = {
        "csv.gz": (gzip.compress(CSV * 500), POSTS),
        "csv.zip": (archive({"p.csv": CSV * 500}), POSTS),
        "xlsx": (XLSX, POSTS),
        "ods": (ODS, POSTS),
        "parquet": (parquet_file(), POSTS),
        "json": (JSON, POSTS),
        "jsonl": (LINES, POSTS),
        "qdpx": (PROJECT, QDPX),
        "qde": (QDE, QDPX),
        "qdc": (QDC, CODEBOOK_),
    }
    for ending, (whole, reader) in wholes.items():
        for part in (0.03, 0.5, 0.9):
            make = partial(bytes, whole[: int(len(whole) * part)])
            yield Hostile("cut", f"{ending} at {part}", f"x.{ending}", make, (reader,))
        make = partial(bytes, whole[:-1])
        yield Hostile("cut", f"{ending} at its end", f"x.{ending}", make, (reader,))
        make = partial(bytes, flipped(whole))
        yield Hostile("cut", f"{ending} with noise", f"x.{ending}", make, (reader,))


def flipped(content: bytes) -> bytes:
    chance, found = random.Random(len(content)), bytearray(content)
    for _time in range(max(3, len(content) // 100)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)
