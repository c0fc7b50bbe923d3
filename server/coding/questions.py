"""A codebook as the questions of the coding form: field names, and the key that chooses each code."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase

from server.codebooks.queries import Codebook, CodeInfo, VariableInfo
from server.coding.conditions import asked_only_if
from server.coding.spans import span_name
from server.language import figure

CHOICES = frozenset({"single", "multiple", "ordinal"})
# The desk's commands and their usual keys. No code has one of these.
COMMANDS = {
    "definition": "d",
    "evidence": "e",
    "find": "f",
    "memo": "m",
    "question": "q",
    "show": ".",
    "skip": "s",
    "thread": "t",
    "unsure": "u",
    "help": "?",
}
_LETTERS = "".join(letter for letter in ascii_lowercase if letter not in COMMANDS.values())
_ALL_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")
_NOTHING = "0"
# How many letters stand side by side under the steps of a scale, on a telephone.
_ROOM = 54
# A question with more codes than this has a field that finds them.
_MANY = 15


@dataclass(frozen=True)
class Choice:
    """A code as it can be chosen. `key` is the key on the keyboard, empty where there are no more.

    `mark` stands on a step of a scale, `caption` under it where there is room for the label. `parent` is
    the value of the code above it, and `n_below` how many codes stand below it, at any depth.
    """

    value: str
    label: str
    mark: str
    key: str
    depth: int
    code: CodeInfo
    caption: str = ""
    parent: str = ""
    n_below: int = 0

    @property
    def has_help(self) -> bool:
        """Whether the codebook says more of this code than its label."""
        said = self.code
        return bool(
            said.definition or said.use_when or said.avoid_when or said.example or said.counter_example
        )


@dataclass(frozen=True)
class Question:
    """A variable as it is asked. `none` names the field of "nothing applies".

    `key` leads to the field of a number or a text. `only_if` says in words under which condition it is
    asked, and `when` in fields of the form: `v-expression=attachment none-expression=on`.
    """

    name: str
    none: str
    none_key: str
    variable: VariableInfo
    choices: tuple[Choice, ...]
    key: str = ""
    only_if: str = ""
    when: str = ""

    @property
    def evidence(self) -> str:
        """The field that holds the passages marked for its codes."""
        return span_name(self.variable.key)

    @property
    def has_help(self) -> bool:
        """Whether the codebook explains any of its codes."""
        return any(choice.has_help for choice in self.choices)

    @property
    def is_long(self) -> bool:
        """Whether its codes are too many to be read through for every post."""
        return self.variable.kind in {"single", "multiple"} and len(self.choices) > _MANY


def answer_name(variable_key: str) -> str:
    """The form field that holds the answer of a variable."""
    return f"v-{variable_key}"


def none_name(variable_key: str) -> str:
    """The form field that says that none of a variable's codes applies."""
    return f"none-{variable_key}"


def questions(book: Codebook) -> tuple[Question, ...]:
    """The questions of a codebook in its order, each answer with a key of its own.

    The first question with codes takes the digits, the rest letters. A scale has the digits that stand
    on its steps or none: a digit that chose another step than its own would be a trap.
    """
    free, letters = set(_ALL_DIGITS), iter(_LETTERS)
    asked: list[Question] = []
    for variable in book.variables:
        question = replace(
            _question(variable, _digits(variable, free), letters),
            only_if=asked_only_if(book.variables, variable),
            when=" ".join(sorted(_fulfilling(book, variable))),
        )
        free -= {question.none_key, *(choice.key for choice in question.choices)}
        asked.append(question)
    return tuple(asked)


def _fulfilling(book: Codebook, variable: VariableInfo) -> Iterator[str]:
    """The fields, with their values, that fulfil the condition of a variable."""
    for on_id, code_id in variable.when:
        on = book.variable_by_id.get(on_id)
        if on is not None and code_id is None:
            yield f"{none_name(on.key)}=on"
        elif on is not None and code_id in on.code_by_id:
            yield f"{answer_name(on.key)}={on.code_by_id[code_id].key}"


def _question(variable: VariableInfo, digits: Sequence[str], letters: Iterator[str]) -> Question:
    keys = iter(digits)
    above = {code.id: _above(variable, code) for code in variable.codes}
    n_below = Counter(one.id for of_code in above.values() for one in of_code)
    choices = tuple(
        _choice(variable, code, next(keys, "") or next(letters, ""), above[code.id], n_below[code.id])
        for code in variable.codes
    )
    none_key = "" if variable.kind != "multiple" else _NOTHING if digits else next(letters, "")
    key = "" if variable.kind in CHOICES else next(letters, "")
    return Question(answer_name(variable.key), none_name(variable.key), none_key, variable, choices, key)


def _choice(
    variable: VariableInfo, code: CodeInfo, key: str, above: Sequence[CodeInfo], n_below: int
) -> Choice:
    parent, caption = above[0].key if above else "", _caption(variable, code)
    return Choice(code.key, code.label, _mark(code), key, len(above), code, caption, parent, n_below)


def _digits(variable: VariableInfo, free: Collection[str]) -> Sequence[str]:
    """The digits that choose the codes of a variable, in their order; none where letters do."""
    if variable.kind == "ordinal":
        steps = [_mark(code) for code in variable.codes]
        return steps if set(steps) <= set(free) and len(set(steps)) == len(steps) else ()
    if variable.kind not in CHOICES or len(free) < len(_ALL_DIGITS):
        return ()
    return _ALL_DIGITS[:-1] if variable.kind == "multiple" else _ALL_DIGITS


def _caption(variable: VariableInfo, code: CodeInfo) -> str:
    """The label of a step, where it is another than its mark and fits into two lines under it."""
    if variable.kind != "ordinal" or code.label == _mark(code):
        return ""
    room = _ROOM // len(variable.codes)
    fits = len(code.label) <= 2 * room and all(len(word) <= room for word in code.label.split())
    return code.label if fits else ""


def _mark(code: CodeInfo) -> str:
    """What stands on a step of a scale: its number, or its label where it has none."""
    return code.label if code.value is None else figure(code.value)


def _above(variable: VariableInfo, code: CodeInfo) -> tuple[CodeInfo, ...]:
    """The codes above one, the nearest first."""
    found: list[CodeInfo] = []
    above = variable.code_by_id.get(code.parent_id or 0)
    while above is not None and above not in found:
        found.append(above)
        above = variable.code_by_id.get(above.parent_id or 0)
    return tuple(found)
