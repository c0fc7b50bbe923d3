"""A codebook as the questions of the coding form: field names, and the key that chooses each code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import ascii_lowercase

from server.codebooks.queries import Codebook, CodeInfo, VariableInfo

CHOICES = frozenset({"single", "multiple", "ordinal"})
# The desk's commands: definitions, memo, skip, unsure. No code has one of these letters.
COMMANDS = "dmsu"
_LETTERS = "".join(letter for letter in ascii_lowercase if letter not in COMMANDS)
_ALL_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")
_NOTHING = "0"


@dataclass(frozen=True)
class Choice:
    """A code as it can be chosen. `key` is the key on the keyboard, empty where there are no more."""

    value: str
    label: str
    mark: str
    key: str
    depth: int
    code: CodeInfo

    @property
    def has_help(self) -> bool:
        """Whether the codebook says more of this code than its label."""
        said = self.code
        return bool(
            said.definition or said.use_when or said.avoid_when or said.example or said.counter_example
        )


@dataclass(frozen=True)
class Question:
    """A variable as it is asked. `none` names the field of "nothing applies"."""

    name: str
    none: str
    none_key: str
    variable: VariableInfo
    choices: tuple[Choice, ...]

    @property
    def has_help(self) -> bool:
        """Whether the codebook explains any of its codes."""
        return any(choice.has_help for choice in self.choices)


def answer_name(variable_key: str) -> str:
    """The form field that holds the answer of a variable."""
    return f"v-{variable_key}"


def none_name(variable_key: str) -> str:
    """The form field that says that none of a variable's codes applies."""
    return f"none-{variable_key}"


def questions(book: Codebook) -> tuple[Question, ...]:
    """The questions of a codebook in its order. The first with codes takes the digits, the rest letters."""
    letters = iter(_LETTERS)
    asked: list[Question] = []
    digits_free = True
    for variable in book.variables:
        takes_digits = digits_free and variable.kind in CHOICES
        digits_free = digits_free and not takes_digits
        asked.append(_question(variable, takes_digits, letters))
    return tuple(asked)


def _question(variable: VariableInfo, takes_digits: bool, letters: Iterator[str]) -> Question:
    digits = iter(_digits(variable) if takes_digits else ())
    choices = tuple(
        Choice(code.key, code.label, _mark(code), _next_key(digits, letters), _depth(variable, code), code)
        for code in variable.codes
    )
    none_key = "" if variable.kind != "multiple" else _NOTHING if takes_digits else next(letters, "")
    return Question(answer_name(variable.key), none_name(variable.key), none_key, variable, choices)


def _digits(variable: VariableInfo) -> Iterable[str]:
    """1 to 9 and 0; a scale from 0 to 9 or a part of it has its own numbers."""
    if variable.kind == "multiple":
        return _ALL_DIGITS[:-1]
    steps = [_mark(code) for code in variable.codes]
    is_scale = variable.kind == "ordinal" and all(step in _ALL_DIGITS for step in steps)
    return steps if is_scale and len(set(steps)) == len(steps) else _ALL_DIGITS


def _next_key(digits: Iterator[str], letters: Iterator[str]) -> str:
    return next(digits, "") or next(letters, "")


def _mark(code: CodeInfo) -> str:
    """What stands on a step of a scale: its number, or its label where it has none."""
    return code.label if code.value is None else f"{code.value:g}"


def _depth(variable: VariableInfo, code: CodeInfo) -> int:
    depth, parent = 0, code.parent_id
    while parent is not None and depth < len(variable.codes):
        depth += 1
        above = variable.code_by_id.get(parent)
        parent = above.parent_id if above else None
    return depth
