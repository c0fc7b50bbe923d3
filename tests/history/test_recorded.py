"""Every action that the program records anywhere has words for a reader."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import server
from server.history.words import action_words

_SOURCES = sorted(Path(server.__file__).parent.rglob("*.py"))
_Function = ast.FunctionDef


@cache
def _recorded() -> set[str]:
    """The actions of all calls of `record`, followed through the functions that pass them on."""
    return {
        action
        for path, function, call in _calls()["record"]
        for action in _values(path, function, _argument(call, "action"))
    }


@cache
def _calls() -> dict[str, list[tuple[Path, _Function, ast.Call]]]:
    """Every call within a function, by the name that is called."""
    found = defaultdict(list)
    for path in _SOURCES:
        for function in _functions(ast.parse(path.read_text())):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    found[_name(node.func)].append((path, function, node))
    return found


def _functions(tree: ast.Module) -> Iterator[_Function]:
    return (node for node in ast.walk(tree) if isinstance(node, _Function))


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def _argument(call: ast.Call, name: str, place: int | None = None) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[place] if place is not None and place < len(call.args) else None


def _values(path: Path, function: _Function, said: ast.expr | None) -> set[str]:
    if isinstance(said, ast.Constant):
        return {str(said.value)}
    if isinstance(said, ast.IfExp):
        return _values(path, function, said.body) | _values(path, function, said.orelse)
    if isinstance(said, ast.JoinedStr):
        return {"".join(parts) for parts in product(*(_values(path, function, part) for part in said.values))}
    if isinstance(said, ast.FormattedValue):
        return _values(path, function, said.value)
    assert isinstance(said, ast.Name), f"{path}: which action {function.name} records cannot be read"
    return _passed(path, function, said.id)


def _passed(path: Path, function: _Function, parameter: str) -> set[str]:
    """What the callers of a function give for a parameter; those of a private one are in its module."""
    names = [each.arg for each in function.args.args]
    place = names.index(parameter)
    given = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
    found: set[str] = set()
    for module, caller, call in _calls()[function.name]:
        if module == path or not function.name.startswith("_"):
            found |= _values(module, caller, _argument(call, parameter, place) or given.get(parameter))
    assert found, f"{path}: nobody calls {function.name}"
    return found


def test_actions_are_found_in_every_way_of_writing_them() -> None:
    assert {"export", "member.add", "member.join", "round.lock", "coding.correct", "codebook.upload"} <= (
        _recorded()
    )


def test_every_recorded_action_has_words() -> None:
    assert [action for action in sorted(_recorded()) if action_words(action) == action] == []
