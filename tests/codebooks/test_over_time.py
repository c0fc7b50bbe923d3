"""Codes of several versions side by side."""

from dataclasses import replace

from server.codebooks.over_time import told_apart
from server.codebooks.queries import Codebook, CodeInfo, VariableInfo


def code(id_: int, label: str) -> CodeInfo:
    return CodeInfo(id_, f"code_{id_}", label, None, "", "", "", "", "", None)


def test_an_older_code_of_the_same_name_says_how_long_it_was_used() -> None:
    now = VariableInfo(
        1, "mood", "Mood", "", "multiple", False, None, None, (code(3, "Loss"), code(4, "Joy"))
    )
    before = replace(now, codes=(code(2, "Loss"), code(5, "Anger")))
    books = [Codebook(n, n, "", 0, None, (variable,)) for n, variable in ((2, now), (1, before))]
    both = told_apart(now.with_codes_of(before), books)
    assert [each.label for each in both.codes] == ["Loss", "Joy", "Loss (until version 1)", "Anger"]
    assert told_apart(now, books) is now
