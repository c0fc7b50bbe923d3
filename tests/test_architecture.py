"""What keeps the house in order, apart from the import contracts (`lint-imports`)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.settings import Settings

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


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(file: Path) -> None:
    source = file.read_text()
    assert len(source.splitlines()) <= MAX_FILE
    long = [name for name, lines in _functions(source) if lines > MAX_FUNCTION]
    assert not long, f"longer than {MAX_FUNCTION} lines: {long}"


def _functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_nothing_is_imported_inside_a_function(file: Path) -> None:
    tree = ast.parse(file.read_text())
    hidden = [
        inner.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, f"imports inside functions at lines {hidden}"


@pytest.mark.parametrize("file", sorted((ROOT / "templates").rglob("*.html")), ids=name_of)
def test_templates_stay_small(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= MAX_TEMPLATE


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
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html"):
            yield node.value


def test_only_the_route_class_commits() -> None:
    modules = (ROOT / "server").rglob("*.py")
    commits = [name_of(file) for file in modules if ".commit()" in file.read_text()]
    assert commits == ["server/db/engine.py"]


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    missing = [name for name in Settings.model_fields if f"INTERCODER_{name.upper()}" not in readme]
    assert not missing


def test_no_file_names_an_index_or_a_folder_of_this_machine() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        text = (ROOT / name).read_text()
        assert "index-url" not in text
        assert "://" not in text
        assert str(ROOT) not in text
