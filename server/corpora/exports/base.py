"""What a program's export is to the import: how it is known, and how a record of it becomes a post."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from server.corpora.flattening import as_text
from server.corpora.json_records import Object
from server.language import _

# The columns in which posts from objects come; those of the export itself follow them.
COLUMNS = ("id", "text", "author", "date", "link", "language", "thread", "parent")
ROLES = {name: name for name in COLUMNS if name != "language"}
# What Reddit leaves in the place of a text or a name: "[deleted]", "[removed]", "[ Removed by Reddit ]".
_GONE = re.compile(r"\[\s*(deleted|removed)\b[^\[\]]{0,40}\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A post in an export, by the columns above; `extra` by the names that the export declares."""

    id: str
    text: str
    author: str = ""
    date: str = ""
    link: str = ""
    language: str = ""
    thread: str = ""
    parent: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """A record without anything to code, such as a deleted post, and why."""

    reason: str


@dataclass(frozen=True)
class ObjectExport:
    """An export in JSON. `fits` looks at one object, `posts` gives the posts in it."""

    name: str
    fits: Callable[[Object], bool]
    posts: Callable[[Object], Iterator[Found | Missing]]
    extra: tuple[str, ...]
    notes: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True)
class TableExport:
    """An export as a table, which is known by the names of its columns.

    `roles` gives for each role the columns that may have it, the best first. The first of `titles` that
    the table has stands above the text. `marks_gone` says that posts of Reddit may be in it, where words in
    brackets stand for what was deleted. `made` gives roles that no column has, made from the cells of a row.
    """

    name: str
    needs: frozenset[str]
    roles: Mapping[str, tuple[str, ...]]
    any_of: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    has_entities: bool = False
    escapes_lines: bool = False
    marks_gone: bool = False
    made: Mapping[str, Callable[[Mapping[str, str]], str]] = field(default_factory=dict)
    notes: Callable[[], tuple[str, ...]] = tuple

    def fits(self, columns: tuple[str, ...]) -> bool:
        """Whether a table with these columns is such an export."""
        has = frozenset(columns)
        return self.needs <= has and (not self.any_of or bool(self.any_of & has))

    def chosen(self, columns: tuple[str, ...]) -> dict[str, str]:
        """The column of each role that the table has one for."""
        found = {
            role: next((name for name in names if name in columns), "") for role, names in self.roles.items()
        }
        return {role: name for role, name in found.items() if name}


def dig(found: Any, path: str) -> Any:
    """The value at a path such as `author.uniqueId`; None where there is none."""
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text_at(found: Any, *paths: str) -> str:
    """The first value that is not empty at one of these paths, as text."""
    return next(filter(None, (as_text(dig(found, path)) for path in paths)), "")


def listed(value: Any) -> list[Any]:
    """A list as it is, anything else as none."""
    return value if isinstance(value, list) else []


def decoded_text(text: str) -> str:
    """The text with the characters that HTML entities stand for."""
    return unescape(text) if "&" in text else text


def no_text() -> Missing:
    """What is said of a post that is a picture or a video alone."""
    return Missing(_("The post has no text: it may be a picture, a video or a link alone."))


def gone(text: str) -> Missing | None:
    """What is said of a post in whose place words such as `[removed]` stand; None of any other text."""
    said = _GONE.fullmatch(text.strip()) if "[" in text[:9] else None
    if said is None:
        return None
    if said[1].casefold() == "deleted":
        return Missing(_("The post was deleted by its author; no text is left."))
    return Missing(_("The post was removed by moderators; no text is left."))


def known_author(author: str) -> str:
    """The author; nobody where one says that the account is gone, which is the same word for everybody."""
    return "" if gone(author) else author


def entities_note() -> str:
    """What is said where HTML entities are read as characters."""
    return _("HTML entities are read as the characters they stand for.")
