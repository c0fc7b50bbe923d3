"""Names that SPSS and Stata allow, and all of them different."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.datasets.legal_names import SPSS, STATA, Limits, label_of, legal_names
from server.datasets.table import Column


@given(st.lists(st.text(max_size=90) | st.sampled_from(["if", "IF", "by", "str8", "_all", "é" * 40])))
@pytest.mark.parametrize("limits", [SPSS, STATA], ids=["spss", "stata"])
def test_any_names_become_legal(limits: Limits, keys: list[str]) -> None:
    found = legal_names([Column(key, "") for key in keys], limits)
    assert len({name.casefold() for name in found}) == len(keys)
    for name in found:
        assert re.fullmatch(r"[^\W\d_]\w*", name)
        assert len(name.encode()) <= limits.name
        assert name.casefold() not in limits.reserved


def test_a_name_that_had_to_change_stands_in_the_label() -> None:
    assert label_of(Column("a b", "Said"), "a_b", SPSS) == "a b: Said"
    assert label_of(Column("a", "Said\n twice"), "a", SPSS) == "Said twice"
    assert label_of(Column("a", "x" * 90), "a", STATA) == "x" * 79 + "…"
    assert len(label_of(Column("a", "ü" * 200), "a", SPSS).encode()) <= 255
