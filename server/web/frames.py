"""Pages whose frame is kept: rendered once for the same facts, and filled with what changes.

Most of an annotator's page is the same from post to post, and rendering it is most of what the page
costs. A page's dataclass marks the fields that change; the others are its facts. The template is rendered
for the facts with a `Hole` in place of each changing field, and what comes out is kept. A hole can be
shown, also an attribute of it or through a filter; a template that decides by one is told at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn

from jinja2 import Environment
from markupsafe import Markup, escape

from server.web.places import place_of
from server.web.viewer import ProjectHeading, Viewer

MOST_FRAMES = 500
_MARK = re.compile("\0([^\0]*)\0")  # No text has a NUL in it, so that none looks like a mark.


@dataclass(frozen=True)
class Shell:
    """What stands around every page. `is_answer`: to a form, so that asking for it again gives another."""

    viewer: Viewer | None
    project: ProjectHeading | None
    notice: str
    language: str
    path: str
    route: str
    form_field: str
    form_key: str
    is_answer: bool = False

    @property
    def place(self) -> str:
        """The place of the project's menu to which this page belongs; empty for none."""
        return place_of(self.route)

    def may(self, permission: str) -> bool:
        """Whether the reader has this permission in the page's project."""
        return self.project is not None and permission in self.project.permissions


def changing() -> Any:
    """Marks a field of a page's dataclass that its template shows and never decides by."""
    return field(metadata={"changing": True})


class Hole:
    """Stands in a frame for a value, and says of itself which."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> "Hole":
        if name.startswith("__"):
            raise AttributeError(name)
        return Hole(f"{self._path}.{name}")

    def through(self, filter_name: str) -> "Hole":
        """The value as this filter shows it."""
        return Hole(f"{self._path}|{filter_name}")

    def __html__(self) -> str:
        return f"\0{self._path}\0"

    __str__ = __html__

    def _decides_nothing(self, *_: object) -> NoReturn:
        raise TypeError(f"{self._path} changes within a frame that is kept, so nothing may depend on it")

    __hash__ = object.__hash__
    __eq__ = __ne__ = _decides_nothing
    __bool__ = __len__ = __iter__ = __call__ = __lt__ = __gt__ = __le__ = __ge__ = _decides_nothing
    __add__ = __sub__ = __mod__ = __getitem__ = __contains__ = _decides_nothing


def also_for_holes(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is put off until the frame is filled where it meets a hole."""

    def applied(value: Any, *options: Any, **named: Any) -> Any:
        return value.through(name) if isinstance(value, Hole) else apply(value, *options, **named)

    return applied


class _Shown(NamedTuple):
    """What the paths of a frame's holes begin at."""

    page: Any
    shell: Shell


@dataclass(frozen=True)
class Frame:
    """A rendered page, encoded, with `%s` at each of its holes.

    `finds` find the values that stand in it; some of them go through `filters`, by their places;
    `order` says which stands where, since some stand twice.
    """

    html: bytes
    finds: tuple[Callable[[_Shown], Any], ...]
    filters: tuple[tuple[int, Callable[[Any], Any]], ...]
    order: tuple[int, ...]

    def filled(self, page: Any, shell: Shell) -> bytes:
        """The page with its changing values, escaped."""
        shown = _Shown(page, shell)
        values = [find(shown) for find in self.finds]
        for place, apply in self.filters:
            values[place] = apply(values[place])
        safe = [(value if type(value) is Markup else escape(value)).encode() for value in values]
        return self.html % tuple([safe[place] for place in self.order])


class Frames:
    """The frames that were rendered so far, and how a page is made with them."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._kept: dict[tuple[Any, ...], Frame] = {}

    def html(self, template: str, page: Any, shell: Shell) -> bytes:
        """The page, in the frame that its facts and its reader's place call for.

        Encoded, since that takes longer for all of a page than for what is filled in.
        """
        viewer = shell.viewer
        standing = viewer and (viewer.is_admin, viewer.may_create_projects)
        key = (template, shell.language, shell.route, shell.project, standing, _read_facts(page))
        frame = self._kept.get(key)
        if frame is None:
            if len(self._kept) >= MOST_FRAMES:
                self._kept.clear()
            frame = self._kept[key] = self._made(template, page, shell)
        return frame.filled(page, shell)

    def _made(self, template: str, page: Any, shell: Shell) -> Frame:
        fields_of_page = {name: getattr(page, name) for name in _field_names(type(page), changing=False)}
        holes = {name: Hole(name) for name in _field_names(type(page), changing=True)}
        around = _with_holes(shell)
        html = self._environment.get_template(template).render(fields_of_page | holes, shell=around)
        texts, marks = _MARK.split(html)[0::2], _MARK.split(html)[1::2]
        places = {mark: place for place, mark in enumerate(dict.fromkeys(marks))}
        filters = self._environment.filters
        through = ((place, filters[name]) for mark, place in places.items() for name in mark.split("|")[1:])
        format_ = "%s".join(text.replace("%", "%%") for text in texts)
        order = tuple(places[mark] for mark in marks)
        return Frame(format_.encode(), tuple(map(_find, places)), tuple(through), order)


def _find(mark: str) -> Callable[[_Shown], Any]:
    """What finds the value for a mark such as `post.text|post_text`."""
    path = mark.partition("|")[0]
    return attrgetter(path if path.startswith("shell.") else f"page.{path}")


def _with_holes(shell: Shell) -> Shell:
    """What stands around the page, for everybody of the same standing."""
    name: Any = Hole("shell.viewer.display_name")
    key: Any = Hole("shell.form_key")
    viewer = shell.viewer and replace(shell.viewer, account_id=0, display_name=name)
    return replace(shell, viewer=viewer, path="", form_key=key)


def _read_facts(page: Any) -> Any:
    """The fields of a page that its frame depends on."""
    kind: Any = type(page)
    return _facts_of(kind)(page)


@cache
def _facts_of(page: Any) -> Callable[[Any], Any]:
    return attrgetter(*_field_names(page, changing=False))


def _field_names(page: type, *, changing: bool) -> list[str]:
    return [each.name for each in fields(page) if bool(each.metadata.get("changing")) == changing]
