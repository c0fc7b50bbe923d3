"""What pdfLaTeX can set of all that tables say, in each language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import server
from server.language import gettext, ngettext
from server.typeset.latex import latex_text
from server.web.languages import languages, speaking

# Where the words of tables come from: titles, heads and notes, with the methods and reasons told in these.
_WORDS = ("typeset", "reliability", "results", "estimation", "agreement")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def said_in(module: Path) -> Iterator[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    docstrings = {id(each.body[0]) for each in ast.walk(tree) if isinstance(each, _DOCUMENTED) and each.body}
    inside = {
        id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr) and id(each) in docstrings
    }
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in inside:
            yield each.value


def translated(texts: set[str]) -> Iterator[str]:
    for code in languages():
        with speaking(code):
            yield from (gettext(text) for text in texts)
            yield from (ngettext(text, text, n) for text in texts for n in (1, 2))


def test_pdflatex_knows_every_letter() -> None:
    """With T1 it knows Latin-1; all else has to be said in commands."""
    modules = [module for name in _WORDS for module in (Path(server.__file__).parent / name).rglob("*.py")]
    texts = {text for module in modules for text in said_in(module) if text}
    for text in sorted({*translated(texts)}):
        unknown = {letter for letter in latex_text(text) if ord(letter) > 0xFF}
        assert not unknown, f"{unknown} in {text!r}"
