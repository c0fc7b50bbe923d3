"""Files of every kind that posts come in, told by what is in them and not by their names."""

import json
from importlib import import_module
from io import BytesIO
from typing import Any

import pytest

from server.corpora import json_records, packing
from server.corpora.actions import guessed_mapping
from server.corpora.drafting import post_drafts
from server.corpora.mapping import DraftedPosts
from server.corpora.parsing import Table
from server.corpora.reading import read_posts
from server.errors import Refusal
from tests.corpora.workbooks import archive, cell, ods, packed, table_rows, text_cell, xlsx, zipped

LONG = "1955550000000000001"
CSV = b"post_id,text\n1955550000000000001,I miss it\n1955550000000000002,So do I\n"
LINES = (
    b'{"post_id": 1955550000000000001, "text": "I miss it", "by": {"name": "mara"}}\n'
    b'{"post_id": 1955550000000000002, "text": "So do I", "tags": ["a", "b"]}\n'
)
OBJECTS = [json.loads(line) for line in LINES.splitlines()]
HEADER = ("post_id", "text")


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def drafted(content: bytes, filename: str = "posts") -> DraftedPosts:
    table = read_posts(content, filename)
    return post_drafts(table, guessed_mapping(table))


def refusal(content: bytes, filename: str = "posts") -> str:
    with pytest.raises(Refusal) as caught:
        read_posts(content, filename)
    return caught.value.message


def parquet(**columns: list[Any]) -> bytes:
    pyarrow, writer = import_module("pyarrow"), import_module("pyarrow.parquet")
    file = BytesIO()
    writer.write_table(pyarrow.table(columns), file)
    return file.getvalue()


BOOK = xlsx({"Posts": table_rows(HEADER, (LONG, "I miss it"), ("1955550000000000002", "So do I"))})
SHEET = ods(
    '<table:table table:name="Posts">'
    "<table:table-row><table:table-cell><text:p>post_id</text:p></table:table-cell>"
    "<table:table-cell><text:p>text</text:p></table:table-cell></table:table-row>"
    '<table:table-row><table:table-cell office:value-type="float" office:value="1955550000000000001">'
    "<text:p>1.96E+18</text:p></table:table-cell>"
    "<table:table-cell><text:p>I miss it</text:p></table:table-cell>"
    '<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
    "<table:table-row><table:table-cell><text:p>1955550000000000002</text:p>"
    "</table:table-cell>"
    "<table:table-cell><text:p>So<text:s/>do I</text:p></table:table-cell></table:table-row>"
    '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>'
    "</table:table>"
)
KINDS = {
    "CSV": CSV,
    "TSV": CSV.replace(b",", b"\t"),
    "JSON Lines": LINES,
    "JSON": json.dumps(OBJECTS).encode(),
    "list within": json.dumps({"a": 1, "posts": OBJECTS}).encode(),
    "pretty": json.dumps(OBJECTS, indent=1).encode(),
    "XLSX": BOOK,
    "ODS": SHEET,
    "Parquet": parquet(post_id=[int(LONG), int(LONG) + 1], text=["I miss it", "So do I"]),
}


@pytest.mark.parametrize("wrap", ["plain", "gz", "zip", "gz in zip"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_whatever_its_name_and_wrapping(kind: str, wrap: str) -> None:
    content = KINDS[kind]
    wrapped = {
        "plain": content,
        "gz": packed(content),
        "zip": zipped(data__bin=content),
        "gz in zip": zipped(data__gz=packed(content)),
    }
    posts = drafted(wrapped[wrap], "wrong.docx")
    assert [(post.external_id, post.text) for post in posts.drafts] == [
        (LONG, "I miss it"),
        ("1955550000000000002", "So do I"),
    ]


def test_parts_of_objects_are_extra_fields() -> None:
    first, second = drafted(LINES).drafts
    assert (first.extra, second.extra) == ({"by.name": "mara"}, {"tags": "a, b"})


def test_several_files_of_one_kind_are_one_table_with_rows_numbered_through() -> None:
    table = read_posts(zipped(a__csv=CSV, b__csv=b"post_id,text\n7,more\n"), "posts.zip")
    assert [row.number for row in table.rows] == [2, 3, 5]
    assert any("b.csv from row 4 on" in note for note in table.origin.notes)
    lines = read_posts(zipped(a__jsonl=LINES, b__jsonl=LINES + b"{broken\n"), "posts.zip")
    assert ([row.number for row in lines.rows], lines.refused[0].number) == ([1, 2, 3, 4], 5)


def test_what_stands_beside_the_posts_in_a_zip_is_passed_over_and_said() -> None:
    packed_files = archive(
        {"__MACOSX/._a.csv": b"x", "x/": b"", "x/a.csv": CSV, "x/b.pdf": b"%PDF", "README": b"a,b"}
    )
    table = read_posts(packed_files, "posts.zip")
    assert (len(table.rows), table.origin.notes) == (
        2,
        ("Passed over, since no posts can be read in them: x/b.pdf, README.",),
    )


BAD: list[tuple[bytes, str]] = [
    (zipped(a__csv=CSV, b__jsonl=LINES), "several kinds: “a.csv” is CSV, “b.jsonl” is JSON Lines"),
    (zipped(a__csv=CSV, b__csv=b"id,text\n1,x\n"), "“b.csv” has other columns than “a.csv”"),
    (zipped(a__pdf=b"%PDF"), "holds no file with posts"),
    (zipped(**{"word/document.xml": b"", "[Content_Types].xml": b""}), "office document without sheets"),
    (BOOK[:-30], "damaged or cut off"),
    (packed(CSV)[:-12], "damaged or cut off"),
    (packed(packed(CSV)), "packed more than once"),
    (KINDS["Parquet"][:-9], "damaged or cut off"),
    (KINDS["JSON"][:-5], "goes wrong or ends too soon on line 1"),
    (b'[\n{"id": 1},\n{"id": oops}, {"id": 3, "text": "' + b"x" * 200 + b'"}]', "line 3"),
    (b"[" * 100_000, "nested too deeply"),
    (b"[]", "holds no posts"),
    (xlsx({"Empty": [], "Header": table_rows(HEADER)}), "No sheet of this workbook"),
    (zipped(a__csv=b"post_id,text\n" + b"0" * (64 << 20)), "grows far too large"),
]


@pytest.mark.parametrize(("content", "message"), BAD, ids=[message for _content, message in BAD])
def test_what_cannot_be_read_is_refused_in_words(content: bytes, message: str) -> None:
    assert message in refusal(content)


def test_a_broken_line_is_named_and_the_rest_is_read() -> None:
    first, second = LINES.splitlines(keepends=True)
    posts = drafted(first + b'{"post_id": 3, "text": "cut o\n' + b"[1]\n" + b"{'a': 1}\n\n" + second)
    assert [post.row_number for post in posts.drafts] == [1, 6]
    assert [(row.number, row.reason) for row in posts.refused] == [
        (2, "The line is cut off: its JSON does not end."),
        (3, "The line holds no JSON object."),
        (4, "The line is not JSON: it goes wrong at character 2."),
    ]


def test_a_line_without_end_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "MAX_OBJECT", 1 << 20)
    posts = drafted(LINES + b'{"post_id": "' + b"9" * (3 << 20) + b'"}\n' + LINES.replace(b"19555", b"29555"))
    assert (len(posts.drafts), posts.refused[0].number) == (4, 3)
    assert "longer than 1 MB" in posts.refused[0].reason


def test_a_list_in_a_file_too_large_to_hold_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "MAX_OBJECT", 4_000)
    posts = [{"post_id": str(place), "text": "long " * 20} for place in range(1, 300)]
    content = json.dumps({"about": {"n": 1, "posts": posts}}, indent=2).encode()
    assert len(drafted(content).drafts) == 299


def test_characters_that_no_database_takes_are_marked() -> None:
    posts = drafted(b'{"id": "1", "text": "half \\ud83d and \\u0000"}\n{"id": "2", "text": "x"}')
    assert posts.drafts[0].text == "half \N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}"


# Workbooks


def test_the_first_sheet_with_rows_is_read_and_the_others_are_named() -> None:
    rows = table_rows(HEADER, ("1", "one"))
    book = xlsx({"Notes": table_rows(("only this",)), "Old": rows, "Posts": rows}, hidden=("Old",))
    assert read_posts(book, "x").origin.notes == (
        "Read from the sheet “Posts”, the first with rows. Not read: “Notes”, “Old”.",
    )


def test_cells_of_a_workbook_are_read_as_they_are_shown() -> None:
    row = "".join(
        (
            cell("A2", "1955550000000000001"),
            cell("B2", "0", "s"),
            cell("C2", "45000.5", style=2),
            cell("D2", "45000", style=1),
            cell("E2", "1", "b"),
            cell("F2", "5.0000000000000003E-2"),
            '<c r="G2"><f>A2+1</f><v>7</v></c>',
        )
    )
    header = "".join(text_cell(f"{letter}1", name) for letter, name in zip("ABCDEFG", "abcdefg", strict=True))
    shared = ("<r><t>two </t></r><r><t>runs</t></r><rPh><t>aid</t></rPh>",)
    table = read_posts(xlsx({"S": [header, row]}, strings=shared), "x")
    shown = (LONG, "two runs", "2023-03-15 12:00:00", "2023-03-15", "TRUE", "0.05", "7")
    assert (cells(table), table.short) == ([shown], [])
    assert "1 cell is a formula; what it showed last is read." in table.origin.notes


def test_ids_that_a_spreadsheet_rounded_are_refused() -> None:
    rows = table_rows(HEADER)
    rows.append(cell("A2", "1.9555500000000001E+18") + text_cell("B2", "one"))
    rows.append(cell("A3", "7") + text_cell("B3", "two"))
    posts = drafted(xlsx({"S": rows}))
    assert len(posts.drafts) == 1
    assert "rounded by a spreadsheet" in posts.refused[0].reason


@pytest.mark.parametrize(
    ("ids", "is_said"),
    [
        (("1955550000000000000", "1955551230000000000", "1955552000000000000"), True),
        (("1955550000000000256", "1955550000000000512", "1955550000000001024"), True),
        (("1955550000000000001", "1955550000000000512", "1955550000000001024"), False),
        (("1955550000000000000", "1955551230000000000"), False),
        (("100", "200", "300"), False),
    ],
)
def test_ids_that_look_rounded_are_warned_of(ids: tuple[str, ...], is_said: bool) -> None:
    content = "id,text\n" + "".join(f"{one},text {one}\n" for one in ids)
    assert any("rounded" in sentence for sentence in drafted(content.encode()).said) is is_said


def test_a_cell_at_the_far_end_of_a_sheet_takes_no_room() -> None:
    rows = table_rows(HEADER, ("1", "one"))
    rows.append(text_cell("XFD1048576", "far away"))
    posts = drafted(xlsx({"S": rows}))
    assert (len(posts.drafts), posts.refused[0].reason) == (1, "The row has more than 2,000 cells.")


def test_a_workbook_that_declares_entities_is_refused() -> None:
    assert "No sheet" in refusal(ods(""))
    laughing = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    assert "declares entities" in refusal(archive({"mimetype": kind, "content.xml": laughing}))


def test_a_row_that_is_said_to_be_there_a_million_times_is_refused() -> None:
    row = "<table:table-cell><text:p>a</text:p></table:table-cell>" * 2
    body = '<table:table><table:table-row table:number-rows-repeated="1000000">'
    body += f"{row}</table:table-row></table:table>"
    assert "damaged" in refusal(ods(body))


def test_a_zip_with_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MAX_MEMBERS", 1)
    assert "more than 1 files" in refusal(zipped(a__csv=CSV, b__csv=CSV))


# Text


def test_lines_above_the_header_are_passed_over_and_said() -> None:
    table = read_posts(
        b"Report:,Mentions\nBrand:,us\n\nid,text,author,date\n1,one,mara,2025-08-08\n", "x.csv"
    )
    assert (table.columns, [row.number for row in table.rows]) == (("id", "text", "author", "date"), [5])
    assert table.origin.notes == (
        "Above the header there is this, which is passed over: Report: Mentions; Brand: us.",
    )
