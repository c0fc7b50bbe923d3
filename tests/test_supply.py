"""What the program is made of: locked with hashes, on a bill of materials, and asked about honestly."""

import json
from pathlib import Path

import pytest
from cyclonedx.output.json import JsonV1Dot6
from packaging.requirements import Requirement

from supply.audit import CLEAN, FOUND, NOT_ASKED, asked, judged
from supply.bill import bill
from supply.lock import LOCK, pinned
from tests.trust.reporting import report
from tests.trust.sizes import IS_FULL

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_library_has_a_version_and_hashes(name: str) -> None:
    text = (ROOT / name).read_text()
    libraries = pinned(text)
    assert len(libraries) > 50
    assert sum(len(each.hashes) for each in libraries) == text.count("--hash=")


@pytest.mark.parametrize("line", ["lib", "lib>=1", "lib==1", "lib @ https://index.example/lib.whl", "-e ."])
def test_a_line_without_version_or_hash_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a library"):
        pinned(f"{line}\n")


def test_the_bill_names_every_library_with_its_hashes_and_licence() -> None:
    text = LOCK.read_text()
    written = JsonV1Dot6(bill(text)).output_as_string()
    told = json.loads(written)
    listed = {(each["name"], each["version"]): each for each in told["components"]}
    assert set(listed) == {(each.name, each.version) for each in pinned(text)}
    for each in pinned(text):
        assert {one["content"] for one in listed[each.name, each.version]["hashes"]} == set(each.hashes)
    without = {name for name, _version in listed if not listed[name, _version].get("licenses")}
    assert without <= {each.name for each in pinned(text) if "sys_platform" in each.where}
    assert "pypi.org" not in written
    assert "://" not in written.replace(told["$schema"], "")


def test_the_bill_says_what_needs_what() -> None:
    told = json.loads(JsonV1Dot6(bill(LOCK.read_text())).output_as_string())
    needs = {each["ref"].split("@")[0]: each.get("dependsOn", []) for each in told["dependencies"]}
    assert any(each.startswith("starlette@") for each in needs["fastapi"])
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")


KNOWN = {"name": "lib", "version": "1.0", "vulns": []}
FAULTY = {"name": "old", "version": "0.1", "vulns": [{"id": "CVE-2000-1", "fix_versions": ["0.2"]}]}
UNKNOWN = {"name": "ours", "skip_reason": "Dependency not found"}


def answer(*libraries: object) -> str:
    return json.dumps({"dependencies": libraries, "fixes": []})


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (answer(KNOWN), CLEAN, "1 libraries, no vulnerability known"),
        (answer(KNOWN, FAULTY, UNKNOWN), FOUND, "old 0.1: CVE-2000-1, mended in 0.2"),
        (answer(KNOWN, UNKNOWN), NOT_ASKED, "did not answer for 1 of 2"),
        (answer(), NOT_ASKED, "did not answer"),
        ("", NOT_ASKED, "could not be asked"),
        ("<html>proxy</html>", NOT_ASKED, "could not be asked"),
    ],
)
def test_nothing_asked_is_not_nothing_found(said: str, code: int, words: str) -> None:
    verdict = judged(said, "ConnectionError: no route")
    assert verdict.code == code
    assert words in " ".join(verdict.lines)


def test_why_nobody_answered_is_said() -> None:
    assert "ConnectionError: no route" in judged("", "a line\nConnectionError: no route\n").lines


def test_faults_that_nobody_has_mended_are_told_apart() -> None:
    waiting = {**FAULTY, "vulns": [{"id": "CVE-2000-2", "fix_versions": []}]}
    verdict = judged(answer(FAULTY, waiting))
    assert verdict.n_mended == 1
    assert verdict.lines[1].endswith("CVE-2000-2, mended in no version yet")


@pytest.mark.skipif(not IS_FULL, reason="asks a database elsewhere: `make audit`")
def test_no_fault_is_known_that_is_mended_elsewhere() -> None:
    verdict = asked()
    if verdict.code == NOT_ASKED:
        pytest.skip(verdict.lines[0].rstrip(":"))
    report(26, "; ".join(verdict.lines))
    assert verdict.n_mended == 0, verdict.lines


def test_checks_do_not_wait_for_a_database_elsewhere() -> None:
    make = (ROOT / "Makefile").read_text()
    assert "\ncheck: lint test " in make


def test_every_library_that_is_asked_for_is_locked() -> None:
    names = {each.name for each in pinned(LOCK.read_text())}
    lines = (ROOT / "pyproject.toml").read_text().partition("dependencies = [")[2].partition("\n]")[0]
    wanted = {Requirement(line.strip(' ",')).name for line in lines.splitlines() if line.strip()}
    report(26, f"{len(names)} libraries locked by version and hash")
    assert wanted <= names
