"""That the deliberate faults of `mutants.py` can still be made; `make mutants` shows what catches them."""

import shutil
from pathlib import Path

import pytest

from tests.trust.mutants import FAULTS, ROOT, Edit, Fault, main
from tests.trust.sizes import IS_FULL


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.whole_name)
def test_the_fault_still_has_its_place(fault: Fault, tmp_path: Path) -> None:
    for name in {edit.file for edit in fault.edits}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for edit in fault.edits:
        edit.apply(tmp_path)
        if edit.file.endswith(".py"):
            compile((tmp_path / edit.file).read_text(encoding="utf-8"), edit.file, "exec")
    for test in fault.tests:
        file, _colons, name = test.partition("::")
        assert f"def {name.partition('[')[0]}" in (ROOT / file).read_text(encoding="utf-8")


def test_there_are_ten_and_each_part_is_made_alone() -> None:
    assert len({fault.name for fault in FAULTS}) == 10
    assert len({fault.whole_name for fault in FAULTS}) == len(FAULTS) == 13


def test_a_place_that_is_gone_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="0 times"):
        Edit("a.py", "two").apply(tmp_path)


@pytest.mark.skipif(not IS_FULL, reason="takes minutes: `make mutants`")
def test_every_fault_is_caught() -> None:
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
