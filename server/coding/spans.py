"""Passages of a post that are evidence for a code.

A passage is a half-open range of Unicode code points of the post's text as it is stored: `text[start:end]`
in Python. Code points do not depend on how a program holds text in memory (JavaScript counts UTF-16 units,
in which an emoji is two), and the text of a post that has codings never changes. The words of a passage are
never stored: they are the post's.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from server.codebooks.queries import Codebook, VariableInfo
from server.errors import Refusal
from server.language import gettext as _

# Passages of one coding.
MOST = 200
_PREFIX = "s-"
_PASSAGE = re.compile(r"(?P<code>[^:\s]+):(?P<start>\d{1,9})-(?P<end>\d{1,9})", re.ASCII)

Typed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, order=True)
class Span:
    """A passage from `start` up to, not including, `end`, marked for a code that was chosen."""

    variable_id: int
    code_id: int
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A passage as the form shows it. `value` is what the form sends."""

    value: str
    code_key: str
    code_label: str
    quote: str


class WrongSpan(Exception):
    """Why a passage cannot be taken, in words."""


def span_name(variable_key: str) -> str:
    """The form field with the passages of a variable's codes."""
    return f"{_PREFIX}{variable_key}"


def has_spans(typed: Typed) -> bool:
    """Whether the form marks any passage."""
    return any(name.startswith(_PREFIX) and values for name, values in typed.items())


def spans_of(variable: VariableInfo, typed: Typed, chosen: Collection[int | None], length: int) -> set[Span]:
    """The passages marked for the codes of a variable in a post of `length` code points.

    Raises:
        WrongSpan: One of them lies outside the post, or belongs to a code that is not chosen.
    """
    return {
        _span(variable, value, chosen, length) for value in typed.get(span_name(variable.key), ()) if value
    }


def _span(variable: VariableInfo, value: str, chosen: Collection[int | None], length: int) -> Span:
    found = _PASSAGE.fullmatch(value)
    code = variable.code_by_key.get(found["code"]) if found else None
    if found is None or code is None:
        raise WrongSpan(_("A marked passage cannot be read. Take it away and mark it again."))
    if code.id not in chosen:
        said = _(
            "A passage is marked for “%(code)s”, which is not chosen. Choose it, or take the passage away."
        )
        raise WrongSpan(said % {"code": code.label})
    start, end = int(found["start"]), int(found["end"])
    if not start < end <= length:
        raise WrongSpan(_("A marked passage does not lie in this post. Take it away and mark it again."))
    return Span(variable.id, code.id, start, end)


def refuse_too_many(spans: Collection[Span]) -> None:
    """A coding has at most `MOST` passages."""
    if len(spans) > MOST:
        raise Refusal(_("At most %(most)s passages can be marked in one post.") % {"most": MOST})


def typed_spans(book: Codebook, spans: Iterable[Span]) -> dict[str, list[str]]:
    """The form's fields for stored passages, in the order of the text."""
    typed: dict[str, list[str]] = {}
    for span in sorted(spans, key=lambda one: (one.start, one.end, one.code_id)):
        variable = book.variable_by_id[span.variable_id]
        key = variable.code_by_id[span.code_id].key
        typed.setdefault(span_name(variable.key), []).append(f"{key}:{span.start}-{span.end}")
    return typed


def passages(variable: VariableInfo, typed: Typed, text: str) -> tuple[Passage, ...]:
    """The passages in the form that can be shown, each once."""
    found = []
    for value in dict.fromkeys(typed.get(span_name(variable.key), ())):
        parts = _PASSAGE.fullmatch(value)
        code = variable.code_by_key.get(parts["code"]) if parts else None
        if parts and code:
            quote = text[int(parts["start"]) : int(parts["end"])]
            found.append(Passage(value, code.key, code.label, quote))
    return tuple(found)
