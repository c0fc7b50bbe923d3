"""What a browser may send about the codebook. Each form carries the edition it was made from."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from server.codebooks.drafting import Move
from server.codebooks.sheet import CodeSheet, VariableSheet
from server.codebooks.when import ALWAYS, read_when


def _with_point(value: object) -> object:
    """Half the world writes decimals with a comma."""
    return value.replace(",", ".") if isinstance(value, str) else value


Label = Annotated[str, Field(max_length=300)]
Words = Annotated[str, Field(max_length=20_000)]
Key = Annotated[str, Field(max_length=64)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_with_point)]
Kind = Literal["single", "multiple", "ordinal", "number", "text"]
# An answer to another variable, such as expression=attachment.
Condition = Annotated[str, Field(max_length=129, pattern=r"^[\w.-]+=[\w.-]+$")]

# What the lead says of a change, such as wording:stance=against, or meaning:stance= for the variable.
Mark = Annotated[str, Field(max_length=140, pattern=r"^(meaning|wording):[\w.-]+=[\w.-]*$")]


class EditionForm(BaseModel):
    """A button: remove, bring back, discard."""

    edition: int


class MoveForm(EditionForm):
    """One place up or down, below the one before or out from there, or `to` a place below a parent."""

    direction: Literal["up", "down", "in", "out", "to"]
    parent_key: Key = ""
    place: Annotated[int, Field(ge=0, le=100_000)] = 0

    def move(self) -> Move:
        """What the button or the handle asks for."""
        return Move(self.direction, self.parent_key or None, self.place)


class VariableForm(EditionForm):
    """A variable without its codes; an empty key is made of the label.

    `when` holds the answers to other variables after which it is asked.
    """

    label: Label
    kind: Kind
    key: Key = ""
    hint: Words = ""
    is_required: bool = False
    minimum: Number | None = None
    maximum: Number | None = None
    when: tuple[Condition, ...] = ()

    def sheet(self) -> VariableSheet:
        """The variable as the draft shall have it."""
        return VariableSheet(
            key=self.key,
            kind=self.kind,
            label=self.label,
            hint=self.hint,
            required=self.is_required,
            minimum=self.minimum,
            maximum=self.maximum,
            when=read_when("; ".join(self.when)) or ALWAYS,
        )


class CodeForm(EditionForm):
    """A code; an empty key is made of the label."""

    label: Label
    key: Key = ""
    value: Number | None = None
    parent_key: Key = ""
    definition: Words = ""
    use_when: Words = ""
    avoid_when: Words = ""
    example: Words = ""
    counter_example: Words = ""
    then: Literal["", "next"] = ""

    def sheet(self) -> CodeSheet:
        """The code as the draft shall have it."""
        return CodeSheet(
            key=self.key,
            label=self.label,
            value=self.value,
            definition=self.definition,
            use_when=self.use_when,
            avoid_when=self.avoid_when,
            example=self.example,
            counter_example=self.counter_example,
            parent_key=self.parent_key or None,
        )


class MergeForm(EditionForm):
    """The code that takes this one up."""

    into: Key = ""
    takes_examples: bool = False


class SplitForm(EditionForm):
    """The labels of the codes that take the place of one, a line each."""

    labels: Words = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(line.strip() for line in self.labels.splitlines() if line.strip())


class PublishForm(EditionForm):
    """The word that the draft shall become a version, and which of its changes are of meaning."""

    note: Words = ""
    marks: tuple[Mark, ...] = ()

    def said(self) -> dict[tuple[str, str], bool]:
        """Whether each entry changed in its meaning, by the keys of its variable and its code."""
        found = {}
        for mark in self.marks:
            word, _colon, place = mark.partition(":")
            variable, _equals, code = place.partition("=")
            found[variable, code] = word == "meaning"
        return found


class UploadForm(BaseModel):
    """A codebook file; the file itself is among the form's files."""


class SaveForm(EditionForm):
    """The word that the file just previewed shall be the draft. It carries the file's content."""

    sheet: str
    filename: str = ""
