"""Matrices without a gap: the fullest there is, and what it leaves out."""

import zipfile
from io import BytesIO

import numpy as np

from server.datasets.matrices import Judged, MatrixArchive, fullest_matrix
from server.datasets.table import Column, Kind

NAMES = {1: "anna", 2: "ben", 3: "cleo"}
COLUMN = Column("stance", "Stance", Kind.CODED)


def judged(*given: tuple[int, int, float]) -> Judged:
    unit, coder, number = zip(*given, strict=True)
    return Judged(np.array(unit), np.array(coder), np.array(number, dtype=np.float64))


def test_everybody_where_everybody_coded_everything() -> None:
    found = fullest_matrix(COLUMN, judged((8, 2, 0), (7, 1, 1), (7, 2, 2), (8, 1, 1)), NAMES)
    assert (found.coders, found.n_left_out) == (("anna", "ben"), 0)
    assert found.units.tolist() == [7, 8]
    assert found.numbers.tolist() == [[1, 2], [1, 0]]


def test_those_who_coded_most_together() -> None:
    pairs = [(unit, coder, 1.0) for unit in range(5) for coder in (1, 3)]
    found = fullest_matrix(COLUMN, judged(*pairs, (5, 1, 1), (5, 2, 1), (0, 2, 1)), NAMES)
    assert (found.coders, len(found.units), found.n_left_out) == (("anna", "cleo"), 5, 1)


def test_no_matrix_has_its_reason() -> None:
    alone = fullest_matrix(COLUMN, judged((1, 1, 1), (2, 2, 1)), NAMES)
    halves = fullest_matrix(COLUMN, judged((1, 1, 0.5), (1, 2, 1)), NAMES)
    assert (alone.coders, alone.why_empty) == ((), "No post was coded by two annotators.")
    assert (halves.coders, halves.why_empty) == ((), "ReCal takes whole numbers alone.")


def test_questions_called_as_the_files_of_the_archive_itself_have_other_names() -> None:
    told = judged((7, 1, 4), (7, 2, 5))
    columns = [Column(key, key.title(), Kind.NUMBER) for key in ("key", "rows", "stance", "Key")]
    file = BytesIO()
    MatrixArchive([fullest_matrix(column, told, NAMES) for column in columns], {7: "post 7"}).write(file)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        parts = {name: archive.read(name).decode() for name in names}
    assert names == ["key.csv", "rows.csv", "key_2.csv", "rows_2.csv", "stance.csv", "Key_3.csv"]
    assert [parts[name] for name in names[2:]] == ["4,5\r\n"] * 4
    assert "key_2.csv,question,,Key\r\n" in parts["key.csv"]
    assert "rows_2.csv,1,post 7\r\n" in parts["rows.csv"]
