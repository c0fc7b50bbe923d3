"""From the bytes of an uploaded file to a codebook."""

from pathlib import Path

import pytest

from server.codebooks.files import MAX_BYTES, read_file, read_text
from server.codebooks.sheet import CodebookSheet, VariableSheet
from server.codebooks.writing import write_codebook_csv
from server.errors import Refusal

ROWS = "question,type,code,label,definition\nstance,single,against,Gégen,“No”\nstance,single,favour,For,\n"
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_common_form_of_csv_is_read(encoding: str, delimiter: str, line_end: str) -> None:
    text = ROWS.replace(",", delimiter).replace("\n", line_end)

    [variable] = read_file(text.encode(encoding), "codebook.csv").checked().variables

    assert [(code.key, code.label) for code in variable.codes] == [("against", "Gégen"), ("favour", "For")]
    assert variable.codes[0].definition == "“No”"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b",,\n,,\n", "nothing but empty cells"),
        (b"question,type,code\n", "no row below it"),
        (b"question,code\nstance,a\n", "lacks the column “type”"),
        (b"PK\x03\x04rest", "is neither a CSV nor"),
        (b"%PDF-1.7", "is neither a CSV nor"),
        (b'{"a": 1}', "is neither a CSV nor"),
        (b"\xff\xfea", "cannot be read"),
        (b"question,type,code\na,single,\0\n", "cannot be read"),
        (b'question,type,code\na,single,"b\n', "quotation mark"),
        (b"question,type,code\na,single,b,c\n", "Row 2 has 4 cells"),
        (b"question,type,code,type\na,single,b,c\n", "more than once"),
        (b"x" * (MAX_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_its_own_words(content: bytes, part: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_file(content, "codebook.csv")

    assert part in refusal.value.message


def test_short_rows_are_filled_up_and_rows_keep_the_number_of_the_spreadsheet() -> None:
    reading = read_file(b"question,type,code,label\n\na,single,b\na,single,b\n", "codebook.csv")

    assert [problem.number for problem in reading.problems] == [4]


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared data sets")
@pytest.mark.parametrize("name", ["ecosent", "narrative_frames", "goemotions_slice"])
def test_real_codebooks_survive_being_written_and_read_again(name: str) -> None:
    sheet = read_file((SHARED / name / "codebook.csv").read_bytes(), "codebook.csv").checked()

    assert sheet.variables
    assert read_file(write_codebook_csv(sheet).encode("utf-8-sig"), "again.csv").checked() == sheet


def test_no_cell_is_computed_and_each_is_read_as_it_was() -> None:
    labels = ("=1+1", "'=1+1", "+ for it", "-", "@all", "'quoted'")
    variables = [VariableSheet(f"v{place}", "text", label) for place, label in enumerate(labels)]
    sheet = CodebookSheet(tuple(variables))
    written = write_codebook_csv(sheet)
    assert ",=" not in written
    assert ",+" not in written
    assert read_text(written, "codebook.csv").sheet == sheet
