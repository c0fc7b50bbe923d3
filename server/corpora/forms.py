"""What a browser may send about posts.

Columns are sent by their place in the file, counted from 1: a name may hold line breaks, which browsers
rewrite on the way.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Lookup
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.corpora.guessing import ColumnGuess
from server.corpora.mapping import Mapping
from server.corpora.reading import MAX_SHEETS
from server.corpora.treatment import Treatment
from server.errors import Refusal
from server.language import gettext as _

ROLES = ("id", "text", "author", "date", "link", "thread", "parent")
TREATMENT = ("entities", "exact", "near", "sample", "size", "field", "seed", "pseudonyms", "mentions")
CHOICES = ROLES + TREATMENT
Column = Annotated[int, Field(ge=1, le=2_000)]


class UploadForm(BaseModel):
    """The file itself does not come as text."""


class SheetForm(BaseModel):
    """A sheet of a workbook by its place."""

    sheet: Annotated[int, Field(ge=1, le=MAX_SHEETS)]


class TreatmentForm(BaseModel):
    """What becomes of the posts before they are stored. `field` is a column by its place."""

    entities: bool = False
    exact: Literal["", "keep", "link", "drop"] = ""
    near: Literal["", "keep", "link", "drop"] = ""
    sample: Literal["", "random", "field", "day", "author"] = ""
    size: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    field: Column | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    pseudonyms: bool = False
    mentions: bool = False

    def treatment(self, columns: Sequence[str], mapping: Mapping) -> Treatment:
        """The wishes, or a Refusal that says at each field what is missing."""
        faults: dict[str, str] = {}
        if self.sample in {"random", "field", "day"} and self.size is None:
            faults["size"] = _("Say how many posts are to be drawn.")
        name = columns[self.field - 1] if self.field and self.field <= len(columns) else ""
        if self.sample == "field" and not name:
            faults["field"] = _("Choose the column whose values are the strata.")
        elif self.sample == "field" and name in vars(mapping).values():
            faults["field"] = _("This column is used otherwise. Choose one that is kept as an extra field.")
        if faults:
            raise Refusal(_("Some answers need another look."), faults)
        chosen = self.model_dump(include=set(TREATMENT)) | {"size": self.size or 0, "field": name}
        if self.sample != "field":
            chosen["field"] = ""
        if not self.sample or self.sample == "author":
            chosen["size"] = 0
        return Treatment(**chosen)


class MappingForm(TreatmentForm):
    """Which column holds what."""

    id: Column | None = None
    text: Column | None = None
    author: Column | None = None
    date: Column | None = None
    link: Column | None = None
    thread: Column | None = None
    parent: Column | None = None

    def mapping(self, columns: Sequence[str]) -> Mapping:
        """The columns by their names, or a Refusal that says at each field what is wrong."""
        chosen = {role: getattr(self, role) for role in ROLES}
        faults = dict(_unchosen(chosen)) | dict(_unknown(chosen, columns)) | dict(_repeated(chosen, columns))
        if faults:
            raise Refusal(_("Say which column holds what, then look again."), faults)
        names = {role: columns[place - 1] for role, place in chosen.items() if place is not None}
        return Mapping(**names)


class ImportForm(MappingForm):
    """The columns as they stand in the form, and what was shown: its fingerprint and its columns.

    `look`: the button that only looks again.
    """

    fingerprint: str = ""
    seen: str = ""
    look: str = ""

    @property
    def is_as_seen(self) -> bool:
        """Whether the columns are those that the preview was worked out for."""
        return self.seen in ("", choices_seen({name: getattr(self, name) for name in CHOICES}))


def choices_seen(chosen: Lookup[str, object]) -> str:
    """The chosen columns and wishes as a preview remembers them."""
    # An empty seed is the first one.
    typed = {name: _as_typed(chosen.get(name)) for name in CHOICES}
    return ",".join((typed | {"seed": typed["seed"] or "1"}).values())


def _as_typed(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value).strip()


def role_word(role: str) -> str:
    """What a column may hold."""
    words = {
        "id": _("id"),
        "text": _("text"),
        "author": _("author"),
        "date": _("date"),
        "link": _("link"),
        "thread": _("thread"),
        "parent": _("post answered"),
    }
    return words[role]


def places(guess: ColumnGuess, columns: Sequence[str]) -> dict[str, int]:
    """The guessed columns as the form sends them."""
    guessed = {role: getattr(guess, role) for role in ROLES}
    return {role: columns.index(name) + 1 for role, name in guessed.items() if name is not None}


def _unchosen(chosen: dict[str, int | None]) -> Iterator[tuple[str, str]]:
    if chosen["id"] is None:
        yield "id", _("Choose the column that holds the id of each post.")
    if chosen["text"] is None:
        yield "text", _("Choose the column that holds the text of each post.")


def _unknown(chosen: dict[str, int | None], columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    for role, place in chosen.items():
        if place is not None and place > len(columns):
            yield role, _("The file has no such column. Choose one of its columns.")


def _repeated(chosen: dict[str, int | None], columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    first: dict[int, str] = {}
    for role, place in chosen.items():
        if place is None or place > len(columns):
            continue
        other = first.setdefault(place, role)
        # The address of a post may well be its id.
        if other not in {role, "id"} or (other == "id" and role not in {"id", "link"}):
            message = _("The column “{name}” is chosen as the {other} already. Choose another.")
            yield role, message.format(name=columns[place - 1], other=role_word(other))
