"""Every broken file that people upload, and the ones that only look broken."""

import csv
import io
import random
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.corpora import encodings, parsing, records
from server.corpora.compact import Row
from server.corpora.drafting import post_drafts
from server.corpora.mapping import Mapping
from server.corpora.parsing import Table, read_table
from server.errors import Refusal

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets are not here")


def read(text: str, filename: str = "posts.csv") -> Table:
    return read_table(text.encode(), filename)


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def refusal(content: bytes, filename: str = "posts.csv") -> str:
    with pytest.raises(Refusal) as caught:
        read_table(content, filename)
    return caught.value.message


def test_a_plain_file_is_read() -> None:
    table = read("id,text\n1,one\n2,two\n")
    assert table == Table(("id", "text"), [Row(2, ("1", "one")), Row(3, ("2", "two"))], "UTF-8", ",")


def test_a_binary_file_object_is_read_from_its_beginning() -> None:
    file = io.BytesIO(b"id,text\n1,one\n")
    file.read(5)
    assert cells(read_table(file, "posts.csv")) == [("1", "one")]


@pytest.mark.parametrize(
    ("codec", "mark", "name"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8-sig", b"", "UTF-8 with BOM"),
        ("utf-16", b"", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
    ],
)
def test_unicode_encodings(codec: str, mark: bytes, name: str) -> None:
    table = read_table(mark + "id,text\n1,é 中文 😀\n".encode(codec), "posts.csv")
    assert (table.columns, cells(table), table.encoding) == (("id", "text"), [("1", "é 中文 😀")], name)


def test_windows_1252_is_the_last_resort() -> None:
    table = read_table("id;text\n1;“déjà” – 5 €\n".encode("cp1252"), "posts.csv")
    assert (cells(table), table.encoding) == ([("1", "“déjà” – 5 €")], "Windows-1252")


def test_bytes_that_no_encoding_defines_are_refused_with_their_line() -> None:
    assert "line 3" in refusal(b"id,text\n1,a\n2,\x81\xe9\n")


def test_damaged_utf8_is_not_read_as_something_else() -> None:
    good = "id,text\n1,déjà vu été\n".encode()
    assert "line 3 is neither correct UTF-8" in refusal(good + b"2,\xc3\n3,x\n")


def test_damaged_utf16_is_refused() -> None:
    assert "UTF-16" in refusal("id,text\n1,a\n".encode("utf-16") + b"\x00\xd8")


def test_a_nul_character_is_refused_with_its_line() -> None:
    assert "Line 2 holds a NUL" in refusal(b"id,text\n1,a\0b and some more text that is plain enough\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_told_apart_outside_of_quotes(delimiter: str) -> None:
    rows = [("id", "text", "note"), ("1", 'a,b;c\td "q"', "x;y;z;w"), ("2", "1,2,3,4", "a;b")]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    table = read(text.getvalue())
    assert (table.delimiter, table.columns, cells(table)) == (delimiter, rows[0], rows[1:])


def test_commas_in_unquoted_text_do_not_hide_the_semicolon() -> None:
    table = read("id;text, as posted;author\n1;well, yes, but;mara\n2;no;jo\n")
    assert (table.delimiter, len(table.columns)) == (";", 3)


def test_the_name_of_a_tsv_file_settles_a_tie() -> None:
    text = "id\ttext,more\n1\ta,b\n"
    assert (read(text, "posts.tsv").delimiter, read(text).delimiter) == ("\t", ",")


def test_a_declared_delimiter_is_followed_and_its_line_hidden() -> None:
    table = read("sep=;\r\nid;text\r\n1;a,b\r\n")
    assert (table.columns, table.rows) == (("id", "text"), [Row(2, ("1", "a,b"))])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_line_breaks_in_cells(end: str) -> None:
    table = read(f'id,text{end}1,"a{end}b"{end}{end}2,c')
    assert table.rows == [Row(2, ("1", f"a{end}b")), Row(4, ("2", "c"))]


def test_text_is_kept_exactly() -> None:
    table = read('id,text\n1440716895355764743,"  ""quoted"" 👩‍👩‍👧 \u2028 00123 "\n007,5" tall\n')
    assert cells(table) == [
        ("1440716895355764743", '  "quoted" 👩‍👩‍👧 \u2028 00123 '),
        ("007", '5" tall'),
    ]


def test_blank_rows_are_passed_over_but_counted() -> None:
    assert [row.number for row in read("id,text\n\n1,a\n,\n \n2,b\n\n").rows] == [3, 6]


def test_a_row_with_too_many_cells_is_refused_alone() -> None:
    table = read("id,text\n1,a\n2,b,c\n3,d\n")
    assert cells(table) == [("1", "a"), ("3", "d")]
    assert [(row.number, "3 cells, but the header has 2" in row.reason) for row in table.refused] == [
        (3, True)
    ]


def test_empty_cells_after_the_last_column_lose_nothing() -> None:
    assert cells(read("id,text\n1,a,,\n")) == [("1", "a")]


def test_a_short_row_is_completed_and_named() -> None:
    table = read("id,text,author\n1,a\n2,b,mara\n")
    assert (cells(table), table.short) == ([("1", "a", ""), ("2", "b", "mara")], [2])


def test_text_after_a_closing_quote_refuses_the_row_alone() -> None:
    table = read('id,text\n1,"he said "hi" to me"\n2,"b" \n')
    assert cells(table) == [("2", "b")]
    assert (table.refused[0].number, "doubled" in table.refused[0].reason) == (2, True)


@pytest.mark.parametrize(
    ("text", "row"), [('id,text\n1,a\n2,"b\n3,c\n', 3), ('"id,text\n1,a\n', 1), ('id,text\n\n1,"a""\n', 3)]
)
def test_a_quote_never_closed_is_refused_with_its_row(text: str, row: int) -> None:
    assert f"opens in row {row} is never closed" in refusal(text.encode())


def test_column_names_are_trimmed_filled_in_and_numbered() -> None:
    assert read(" id ,text,,text\n1,a,b,c\n").columns == ("id", "text", "column 3", "text (2)")
    assert parsing.column_names(["a (2)", "a", "a"]) == ("a (2)", "a", "a (3)")


@pytest.mark.parametrize(
    ("content", "filename", "kind"),
    [
        (b"PK\x03\x04...xl/workbook.xml", "posts.csv", "an Excel workbook"),
        (b"PK\x03\x04", "posts.XLSX", "an Excel workbook"),
        (b"PK\x03\x04", "posts.ods", "a LibreOffice spreadsheet"),
        (b"PK\x03\x04", "posts.zip", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "posts.xls", "an old Excel"),
        (b"%PDF-1.7", "posts.pdf", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "posts.png", "a PNG picture"),
        (b"\xff\xd8\xff\xe0", "posts.jpg", "a JPEG picture"),
        (b'[\n {"id": 1}]', "posts.json", "a JSON file"),
        (b'\xef\xbb\xbf{"id": 1}\n{"id": 2}', "posts.csv", "a JSON file"),
        (b"<!DOCTYPE html><html>", "posts.csv", "a web page"),
        (b"<?xml version='1.0'?>", "posts.csv", "an XML file"),
        (b"\x1f\x8b\x08", "posts.csv.gz", "a gzip archive"),
    ],
)
def test_other_types_are_named(content: bytes, filename: str, kind: str) -> None:
    message = refusal(content, filename)
    assert (f"“{filename}” is {kind}" in message, "as CSV" in message) == (True, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b",,\n,,\n", "nothing but empty cells"),
        (b"id,text\n", "no rows below it"),
        (b"id,text", "no rows below it"),
        (b"text\nonly one column\n", "one column only"),
        (b'"id"x,text\n1,a\n', "header row cannot be read"),
    ],
)
def test_files_without_a_table_say_what_is_missing(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_cells_up_to_the_limit_are_taken_and_longer_ones_refused() -> None:
    limit = records.MAX_CELL
    longest = "x" * limit
    table = read(f'id,text\n1,{longest}\n2,{longest}x\n3,"{longest}"\n4,"{longest}x"\n5,a\n')
    assert [row.number for row in table.rows] == [2, 4, 6]
    assert {(row.number, row.reason) for row in table.refused} == {
        (3, "A cell holds more than 100,000 characters."),
        (5, "A cell holds more than 100,000 characters."),
    }


def test_a_row_of_very_many_cells_is_refused_alone() -> None:
    table = read("id,text\n1" + "," * 5_000_000 + "\n" + ',"a\n"' * 3000 + "\n2,b\n")
    assert (cells(table), [row.number for row in table.refused]) == ([("2", "b")], [2, 3])


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_cell_of_200_megabytes_is_refused_soon(quote: bytes) -> None:
    content = b"id,text\n1," + quote + b"a" * 200_000_000 + quote + b"\n2,b\n"
    started = time.process_time()
    table = read_table(content, "posts.csv")
    assert time.process_time() - started < 20
    assert (cells(table), [row.number for row in table.refused]) == ([("2", "b")], [2])


def test_a_long_cell_is_never_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(b"id,text\n1," + b"a" * 40_000_000 + b"\n2,b\n")
    tracemalloc.start()
    with path.open("rb") as file:
        table = read_table(file, "posts.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (cells(table), peak < 20_000_000) == ([("2", "b")], True)


def test_a_file_of_many_short_rows_takes_little_more_memory_than_its_bytes() -> None:
    content = b"id,text,author,date,link\n" + b"".join(b"%d,abc,,,\n" % number for number in range(90_000))
    tracemalloc.start()
    table = read_table(content, "posts.csv")
    posts = post_drafts(table, Mapping("id", "text", "author", "date", "link"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(table.rows), len(posts.drafts), posts.drafts[-1].external_id) == (90_000, 90_000, "89999")
    assert peak < 15_000_000


def test_rows_far_apart_and_from_the_end_are_found() -> None:
    table = read("id,text\n" + "".join(f"{number},{'x' * (number % 700)}é\n" for number in range(3_000)))
    assert [table.rows[place].cells[0] for place in (2_999, 0, 1_500, -1, -3_000)] == [
        *("2999", "0", "1500", "2999", "0")
    ]
    assert [row.number for row in table.rows[1_000:1_003]] == [1_002, 1_003, 1_004]
    assert [row.cells[0] for row in table.rows] == [str(number) for number in range(3_000)]
    for beyond in (3_000, -3_001):
        with pytest.raises(IndexError):
            table.rows[beyond]


def test_a_nul_character_is_found_in_a_file_of_windows_1252_too() -> None:
    assert "NUL" in refusal(b"id,text\n1,\xe9 and some more text that is plain enough\n2,a\0b\n")


def test_more_refused_rows_than_anybody_reads_refuse_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_REFUSED", 3)
    message = refusal(b"id,text\n1,a\n" + b"1,a,b\n" * 4)
    assert ("More than 3 rows" in message, "first is row 3: The row has 3 cells" in message) == (True, True)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_ROWS", 3)
    assert "more than 3 rows" in refusal(b"id,text\n" + b"1,a\n" * 4)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = st.text(st.sampled_from("abcdefg"), min_size=1, max_size=5)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"id,text\n", b"id;text\r\n1;", b"\xff\xfe", b"\xef\xbb\xbf"]),
)
def test_no_bytes_surprise_the_reader(content: bytes, start: bytes) -> None:
    try:
        table = read_table(start + content, "posts.csv")
    except Refusal:
        return
    assert all(len(row.cells) == len(table.columns) for row in table.rows)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(NAMES, min_size=2, max_size=4, unique=True),
    st.lists(st.lists(TEXTS, min_size=4, max_size=4), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read(names: list[str], rows: list[list[str]], delimiter: str, codec: str) -> None:
    width = len(names)
    numbered = [(f"n{number}", *row[: width - 1]) for number, row in enumerate(rows)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([names, *numbered])
    table = read_table(text.getvalue().encode(codec), "posts.csv")
    assert (table.columns, cells(table), table.refused) == (tuple(names), numbered, [])


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from('ab,"\r\n ;'), max_size=60), st.integers(1, 7))
def test_where_pieces_end_does_not_matter(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert outcome(pieces) == outcome([text])


def test_stretches_are_read_as_single_records_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard reader gets whole lines at once; it has to find in them what the careful one does."""
    monkeypatch.setattr(records, "MAX_CELL", 12)
    monkeypatch.setattr(records, "MAX_CELLS", 5)
    chance = random.Random(1)
    odd = ["a", " ", '"', '""', ",", "\n", "\r\n", '"b,c"', '"x\ny"', ',"q""r"', "abcdefgh", "\r", '" ']
    even = ["a", '"b"', '"c\nd"', "", '"e""f"', 'g"h', " ", "x" * 13]
    for _time in range(1_000):
        lines = [",".join(chance.choices(even, k=chance.randrange(1, 7))) for _line in range(8)]
        text = "\n".join(lines) + "\n" + "".join(chance.choices(odd, k=chance.randrange(12)))
        monkeypatch.setattr(records, "_STRETCH", len(text) + 1)
        alone = outcome([text])
        monkeypatch.setattr(records, "_STRETCH", 0)
        assert outcome([text]) == alone
        cut = chance.randrange(len(text))
        assert faulty_alike(outcome([text[:cut], text[cut:]])) == faulty_alike(alone)


def faulty_alike(found: object) -> object:
    """A row that is too long in two ways may be told of either."""
    if not isinstance(found, list):
        return found
    return [record._replace(fault="too long") if record.fault else record for record in found]


def outcome(pieces: list[str]) -> object:
    try:
        return list(records.read_records(pieces, ","))
    except Refusal as refused:
        return refused.message


def test_long_files_are_decoded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "CHUNK", 7)
    table = read_table('id,text\r\n1,é😀\r\n\r\n2,"中\r\n文"\r\n'.encode("utf-16"), "posts.csv")
    assert table.rows == [Row(2, ("1", "é😀")), Row(4, ("2", "中\r\n文"))]


@needs_shared
@pytest.mark.parametrize("name", ["ecosent", "narrative_frames", "goemotions_slice"])
@pytest.mark.parametrize("kind", ["posts", "codebook", "ratings"])
def test_real_data_is_read_as_the_standard_reader_does(name: str, kind: str) -> None:
    path = SHARED / name / f"{kind}.csv"
    table = read_table(path.read_bytes(), path.name)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert table.columns == tuple(header)
    assert cells(table) == [tuple(row) for row in rows]
    assert (table.refused, table.short, table.delimiter) == ([], [], ",")
