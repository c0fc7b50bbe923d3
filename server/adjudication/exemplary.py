"""What of a post can become an example at one click: the codes chosen for it, and what was taken just now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.answers import Table
from server.codebooks.queries import Codebook, being_written
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.roles import Permission

KINDS = ("example", "counter_example")


@dataclass(frozen=True)
class Choice:
    """A code of the draft: how a form names it, such as stance=against, and the words for it."""

    place: str
    question: str
    label: str

    @property
    def words(self) -> str:
        """Both in one line."""
        return f"{self.question} {self.label}"


@dataclass(frozen=True)
class Added:
    """An example that was just taken over."""

    place: str
    kind: str
    label: str

    @property
    def variable_key(self) -> str:
        """The question that the code answers."""
        return self.place.partition("=")[0]

    @property
    def code_key(self) -> str:
        """The code."""
        return self.place.partition("=")[2]


@dataclass(frozen=True)
class Exemplary:
    """`place_by_id`: how a code of the draft is named in a form. `message`: why nothing was taken."""

    chosen: tuple[Choice, ...]
    place_by_id: Mapping[int, str]
    added: Added | None
    message: str


def exemplary(
    db: Session, access: Access, table: Table, place: str, kind: str, message: str
) -> Exemplary | None:
    """What the page of a disputed post offers whoever writes the codebook; None for all others."""
    if not access.may(Permission.EDIT_CODEBOOK):
        return None
    book = being_written(db, access.project_id)
    return Exemplary(
        tuple(choice for code_id, choice in choices(book) if code_id in chosen_codes(table)),
        {code_id: choice.place for code_id, choice in choices(book)},
        added(book, place, kind),
        message,
    )


def choices(book: Codebook) -> Iterable[tuple[int, Choice]]:
    """The codes of a draft by their ids."""
    return [
        (code.id, Choice(f"{variable.key}={code.key}", variable.label, code.label))
        for variable in book.variables
        for code in variable.codes
    ]


def chosen_codes(table: Table) -> frozenset[int]:
    """The codes that annotators chose for a post."""
    given = (answer for voice in table.voices for said, _round in voice.answers.values() for answer in said)
    return frozenset(answer.code_id for answer in given if answer.code_id is not None)


def found(book: Codebook, place: str) -> tuple[str, str]:
    """The question and the code that a form names."""
    variable_key, _equals, key = place.partition("=")
    variable = book.variable_by_key.get(variable_key)
    if variable is None or key not in variable.code_by_key:
        message = _("The draft has no such code any more. Choose another one.")
        raise Refusal(message, {"code": message})
    return variable_key, key


def added(book: Codebook, place: str, kind: str) -> Added | None:
    """What the address says was taken over, as long as the draft has the code."""
    try:
        variable_key, key = found(book, place)
    except Refusal:
        return None
    if kind not in KINDS:
        return None
    return Added(place, kind, book.variable_by_key[variable_key].code_by_key[key].label)
