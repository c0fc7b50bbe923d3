"""What a browser may send about posts.

Columns are sent by their place in the file, counted from 1: a name may hold line breaks, which browsers
rewrite on the way.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Lookup
from typing import Annotated

from pydantic import BaseModel, Field

from server.corpora.guessing import ColumnGuess
from server.corpora.mapping import Mapping
from server.errors import Refusal
from server.language import gettext as _

ROLES = ("id", "text", "author", "date", "link", "thread", "parent")
Column = Annotated[int, Field(ge=1, le=2_000)]


class UploadForm(BaseModel):
    """The file itself does not come as text."""


class MappingForm(BaseModel):
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
        return self.seen in ("", columns_seen({role: getattr(self, role) or "" for role in ROLES}))


def columns_seen(chosen: Lookup[str, object]) -> str:
    """The chosen columns as a preview remembers them."""
    return ",".join(str(chosen[role]) for role in ROLES)


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
