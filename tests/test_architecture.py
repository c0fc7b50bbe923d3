"""What keeps the house in order, apart from the import contracts (`lint-imports`)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = [
    file for part in ("server", "benchmarks", "supply") for file in sorted((ROOT / part).rglob("*.py"))
]
MAX_FILE, MAX_FUNCTION, MAX_TEMPLATE = 400, 50, 150
STANDARD = {"models", "queries", "actions", "forms", "pages"}
FEATURES = {
    "accounts",
    "projects",
    "codebooks",
    "corpora",
    "rounds",
    "care",
    "coding",
    "training",
    "reliability",
    "adjudication",
    "norming",
    "results",
    "exchange",
}


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def test_modules_and_functions_stay_small() -> None:
    long = [name_of(file) for file in MODULES if len(file.read_text().splitlines()) > MAX_FILE]
    assert not long, f"longer than {MAX_FILE} lines"
    functions = [(name_of(file), function.name, _length(function)) for file, function in _functions()]
    assert not [found for found in functions if found[2] > MAX_FUNCTION], f"longer than {MAX_FUNCTION} lines"


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions() -> Iterator[tuple[Path, Function]]:
    for file in MODULES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, Function):
                yield file, node


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        (name_of(file), inner.lineno)
        for file, function in _functions()
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_templates_stay_small() -> None:
    files = (ROOT / "templates").rglob("*.html")
    assert not [name_of(file) for file in files if len(file.read_text().splitlines()) > MAX_TEMPLATE]


def test_every_page_is_rendered_from_the_template_of_its_feature() -> None:
    strays = [
        (name_of(file), template)
        for file in MODULES
        if file.name == "pages.py"
        for template in _templates(file)
        if not template.startswith(f"{file.relative_to(ROOT / 'server').parts[0]}/")
    ]
    assert not strays


def _templates(file: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html"):
            yield node.value


def test_only_the_route_class_commits() -> None:
    modules = (ROOT / "server").rglob("*.py")
    commits = [name_of(file) for file in modules if ".commit()" in file.read_text()]
    assert commits == ["server/db/engine.py"]


def test_the_guide_for_those_who_change_it_tells_what_is_so() -> None:
    guide = (ROOT / "docs" / "contributing.md").read_text()
    assert f"at most {MAX_FILE} lines, a function {MAX_FUNCTION} (" in guide
    assert f"a template {MAX_TEMPLATE}." in guide
    places = set(re.findall(r"`((?:server|tests|docs|migrations)/[\w/.-]+)`", guide))
    assert not {place for place in places if not (ROOT / place).exists()}
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", guide)) <= goals


def test_no_file_names_an_index_or_a_folder_of_this_machine() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        text = (ROOT / name).read_text()
        assert "index-url" not in text
        assert "://" not in text
        assert str(ROOT) not in text


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    for page in (ROOT / "docs" / "decisions").glob("0*.md"):
        heading = page.read_text().splitlines()[0].removeprefix("# ")
        assert f"[{heading}]({page.name})" in index, page.name


def test_no_test_begins_a_loop_beside_that_of_a_browser() -> None:
    """Where a browser test ran before in the same process, its loop runs on: a second one cannot begin."""
    here = Path(__file__)
    files = (file for file in here.parent.rglob("*.py") if file != here)
    assert not [file.name for file in files if "asyncio.run(" in file.read_text()]
