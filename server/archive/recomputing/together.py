"""Which codes stand together in posts."""

from collections.abc import Iterator

import numpy as np

from server.archive.recomputing.finals import Final
from server.archive.recomputing.reading import NOTHING, Question
from server.archive.recomputing.shares import Number, carrying


def pairs(
    questions: list[Question], finals: dict[str, dict[str, Final]]
) -> Iterator[tuple[tuple[str, str, str, str], dict[str, Number]]]:
    """Every code with every other one that a post can have beside it; `finals` are those of each question."""
    codes, carries, coded = [], [], []
    for question in questions:
        for key, of in carrying(question, finals[question.key]).items():
            if key != NOTHING:
                codes.append((question, key))
                carries.append([one.carries for one in of.values()])
                coded.append([one.counts for one in of.values()])
    has, known = np.array(carries, dtype=np.float64), np.array(coded, dtype=np.float64)
    # The posts with both codes, and those with the code of the row that were coded on that of the column.
    both, of_row = (has @ has.T, has @ known.T) if codes else (has, known)
    either = of_row + of_row.T - both
    for r, (question, code) in enumerate(codes):
        for c, (other, other_code) in enumerate(codes):
            if question.key == other.key and (r == c or question.kind != "multiple"):
                continue
            yield (
                (question.key, code, other.key, other_code),
                {
                    "both": int(both[r, c]),
                    "of_code": int(of_row[r, c]),
                    "of_either": int(either[r, c]),
                    "share": float(both[r, c] / of_row[r, c]) if of_row[r, c] else None,
                    "jaccard": float(both[r, c] / either[r, c]) if either[r, c] else None,
                },
            )
