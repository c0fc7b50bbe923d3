"""Matrices without a gap: the fullest there is, and what it leaves out."""

import numpy as np

from server.datasets.matrices import Judged, fullest_matrix
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
