"""Which key does what on the desk: the usual keys, and what an annotator made of them. Pure.

A key is stored under the name of what it does. Codes keep their keys in the codebook for life, so that the
names hold in every version of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from server.coding.questions import COMMANDS, Question


@dataclass(frozen=True)
class Commands:
    """The keys of the desk's commands; empty where it has none."""

    definition: str
    evidence: str
    find: str
    memo: str
    question: str
    show: str
    skip: str
    thread: str
    unsure: str
    help: str

    @property
    def definitions(self) -> str:
        """What Shift makes of the key of a definition: the key of all of them. Only letters have one."""
        shifted = self.definition.upper()
        return shifted if shifted != self.definition else ""


USUAL_COMMANDS = Commands(**COMMANDS)


@dataclass(frozen=True)
class OwnKeys:
    """What an annotator changed: name → key, and whether keys of one character do anything at all."""

    keys: Mapping[str, str] = field(default_factory=dict)
    is_off: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether nothing was changed."""
        return not self.keys and not self.is_off


def keys_in(stored: Mapping[str, Any] | None) -> OwnKeys:
    """The keys as they are stored with a member."""
    return OwnKeys(stored["keys"], stored["off"]) if stored else OwnKeys()


def usual(asked: Sequence[Question]) -> dict[str, str]:
    """The usual key of each command and answer, by name."""
    found = {command_name(command): key for command, key in COMMANDS.items()}
    for question in asked:
        variable = question.variable.key
        found |= {answer_key_name(variable, choice.value): choice.key for choice in question.choices}
        if question.variable.kind == "multiple":
            found[nothing_key_name(variable)] = question.none_key
        if not question.choices:
            found[field_key_name(variable)] = question.key
    return found


def command_name(command: str) -> str:
    """The name under which the key of a command is stored."""
    return f"!{command}"


def answer_key_name(variable_key: str, code_key: str) -> str:
    """The name under which the key of a code is stored."""
    return f"{variable_key}.{code_key}"


def nothing_key_name(variable_key: str) -> str:
    """The name under which the key of "nothing applies" is stored."""
    return f"{variable_key}."


def field_key_name(variable_key: str) -> str:
    """The name under which the key of a field is stored."""
    return variable_key


def merged(usual_keys: Mapping[str, str], own: OwnKeys) -> dict[str, str]:
    """The key of each name. An own key wins: what usually has it has none then."""
    if own.is_off:
        return dict.fromkeys(usual_keys, "")
    taken = {own.keys[name] for name in usual_keys if name in own.keys}
    return {name: own.keys.get(name, "" if key in taken else key) for name, key in usual_keys.items()}


def key_that_shows(own: OwnKeys) -> str:
    """The key that opens a hidden post, whatever else has one; empty where it has none."""
    name, usual_key = command_name("show"), COMMANDS["show"]
    if own.is_off:
        return ""
    return own.keys.get(name, "" if usual_key in own.keys.values() else usual_key)


def is_usable(key: str) -> bool:
    """Whether a key of one character can be given away; none at all can."""
    return not key or (len(key) == 1 and key.isprintable() and not key.isspace())


def clashing(keys: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names whose key others have, too, with these others."""
    named: dict[str, list[str]] = {}
    for name, key in keys.items():
        named.setdefault(key, []).append(name)
    return {
        name: tuple(other for other in named[key] if other != name)
        for name, key in keys.items()
        if key and len(named[key]) > 1
    }


def changes(usual_keys: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The keys that differ from the usual ones."""
    return {name: key for name, key in wanted.items() if key != usual_keys[name]}


def commands_of(keys: Mapping[str, str]) -> Commands:
    """The keys of the commands among all keys."""
    return Commands(**{command: keys[command_name(command)] for command in COMMANDS})


def with_keys(asked: Sequence[Question], keys: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions, each answer with its key among `keys`."""
    return tuple(_with_keys(question, keys) for question in asked)


def _with_keys(question: Question, keys: Mapping[str, str]) -> Question:
    variable = question.variable.key
    choices = tuple(
        replace(choice, key=keys[answer_key_name(variable, choice.value)]) for choice in question.choices
    )
    nothing = keys.get(nothing_key_name(variable), "")
    return replace(question, choices=choices, none_key=nothing, key=keys.get(field_key_name(variable), ""))
