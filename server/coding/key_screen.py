"""The page of an annotator's own keys: what it shows, and what was chosen on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.codebooks.queries import Codebook
from server.coding import keymap
from server.coding.forms import KeysForm
from server.coding.keymap import OwnKeys
from server.coding.queries import OwnRound
from server.coding.questions import Question, questions
from server.errors import Refusal
from server.language import gettext as _
from server.web.forms import Form


@dataclass(frozen=True)
class KeyRow:
    """What has a key, and its field in the form."""

    name: str
    label: str
    key: str

    @property
    def field(self) -> str:
        """The name of its field."""
        return _field(self.name)


@dataclass(frozen=True)
class KeyGroup:
    """The keys of one question, or of the commands."""

    label: str
    rows: tuple[KeyRow, ...]


@dataclass(frozen=True)
class KeysPage:
    """Every key of the desk."""

    round: OwnRound
    form: Form[KeysForm]
    groups: tuple[KeyGroup, ...]
    is_off: bool
    labels: Mapping[str, str]


def keys_page(of: OwnRound, book: Codebook, own: OwnKeys, form: Form[KeysForm]) -> KeysPage:
    """The keys as they are, or as they were typed."""
    asked = questions(book)
    keys = _typed(keymap.usual(asked), own, form)
    groups = _groups(asked, keys)
    labels = {row.field: row.label for group in groups for row in group.rows}
    return KeysPage(of, form, groups, form.has("off") if form.typed else own.is_off, labels)


def _groups(asked: Sequence[Question], keys: Mapping[str, str]) -> tuple[KeyGroup, ...]:
    return (
        KeyGroup(_("Commands"), _rows(_commands(), keys)),
        *(KeyGroup(each.variable.label, _rows(dict(_answers(each)), keys)) for each in asked),
    )


def _rows(labels: Mapping[str, str], keys: Mapping[str, str]) -> tuple[KeyRow, ...]:
    return tuple(KeyRow(name, label, keys[name]) for name, label in labels.items())


def _commands() -> dict[str, str]:
    labels = {
        "definition": _("Definition of the code you are at"),
        "evidence": _("Mark a passage as evidence"),
        "find": _("Find a code"),
        "memo": _("Memo"),
        "question": _("Question to the lead"),
        "show": _("Show a hidden post"),
        "skip": _("Skip"),
        "thread": _("Open the thread"),
        "unsure": _("Unsure"),
        "help": _("List of keys"),
    }
    return {keymap.command_name(command): label for command, label in labels.items()}


def _answers(question: Question) -> Iterator[tuple[str, str]]:
    variable = question.variable
    for choice in question.choices:
        yield keymap.answer_key_name(variable.key, choice.value), choice.label
    if variable.kind == "multiple":
        yield keymap.nothing_key_name(variable.key), _("Nothing applies")
    if not question.choices:
        yield keymap.field_key_name(variable.key), _("Write in the field")


def _field(name: str) -> str:
    return f"k-{name}"


def _typed(usual: Mapping[str, str], own: OwnKeys, form: Form[KeysForm]) -> dict[str, str]:
    """The key of each name: as typed, or as it is where its field was not sent."""
    now = keymap.merged(usual, OwnKeys(own.keys))
    return {
        name: form.text(_field(name)).strip().lower() if _field(name) in form.typed else key
        for name, key in now.items()
    }


def chosen_keys(book: Codebook, own: OwnKeys, form: Form[KeysForm]) -> OwnKeys:
    """The keys that the form asks for; `Refusal` with a sentence at each field that cannot have its key."""
    if form.checked().reset:
        return OwnKeys()
    usual = keymap.usual(questions(book))
    wanted = _typed(usual, own, form)
    wrong = _clashes(book, wanted)
    for name, key in wanted.items():
        if not keymap.is_usable(key):
            wrong[_field(name)] = _("Write one character, or nothing.")
    if wrong:
        raise Refusal(_("Some keys need another look. Nothing was saved."), wrong)
    # What belongs to other versions of the codebook stays.
    kept = {name: key for name, key in own.keys.items() if name not in usual}
    return OwnKeys(kept | keymap.changes(usual, wanted), form.has("off"))


def _clashes(book: Codebook, wanted: Mapping[str, str]) -> dict[str, str]:
    """What is said at each field whose key others have, too."""
    said = _("The same key as: %(others)s.")
    labels = {row.name: row.label for group in _groups(questions(book), wanted) for row in group.rows}
    return {
        _field(name): said % {"others": ", ".join(labels[each] for each in others)}
        for name, others in keymap.clashing(wanted).items()
    }
