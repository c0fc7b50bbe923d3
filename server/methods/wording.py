"""From templates to sentences whose numbers know where they come from. Pure but for the language in use.

A sentence is a row of segments: words, and figures that lead to a page. What each says is settled when it is
made, in the language that is in use then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from string import Formatter
from typing import Any

from babel.lists import format_list

from server import language
from server.language import gettext as _
from server.language import ngettext
from server.projects.roles import Permission
from server.web.words import coefficient, day, number, percent_in_print


@dataclass(frozen=True)
class Source:
    """A page that a figure comes from, and what it takes to see it."""

    page: str
    needs: Permission
    parts: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Segment:
    """Some words; `source` is None for those that are no figure."""

    text: str
    source: Source | None = None


Sentence = tuple[Segment, ...]
Said = str | Segment | Sentence

POSTS = Source("corpora.index", Permission.SEE_POSTS)
IMPORTS = Source("corpora.batches", Permission.SEE_POSTS)
TAKEDOWNS = Source("takedown.index", Permission.IMPORT_POSTS)
CODEBOOK = Source("codebooks.show", Permission.SEE_CODEBOOK)
ROUNDS = Source("rounds.index", Permission.SEE_ROUNDS)
DECISIONS = Source("adjudication.queue", Permission.REVIEW_DISAGREEMENTS)
AGREEMENT = Source("reliability.show", Permission.SEE_AGREEMENT)
RESULTS = Source("results.show", Permission.SEE_RESULTS)
WEIGHED = Source("results.show", Permission.SEE_RESULTS, query={"weights": "drawn"})


def of_round(number: int) -> Source:
    """The page of a round."""
    return Source("rounds.show", Permission.SEE_ROUNDS, {"number": number})


def of_version(number: int) -> Source:
    """A version of the codebook."""
    return Source("codebooks.version", Permission.SEE_CODEBOOK, {"number": number})


def of_question(key: str) -> Source:
    """The agreement on one question."""
    return Source("reliability.show", Permission.SEE_AGREEMENT, query={"variable": key})


def sentence(template: str, **said: Said) -> Sentence:
    """The template with what is said in its places, such as `{posts}`."""
    found: list[Segment] = []
    for words, name, _spec, _conversion in Formatter().parse(template):
        found.append(Segment(words))
        if name:
            found += segments(said[name])
    return tuple(each for each in found if each.text)


def segments(said: Said) -> Sentence:
    """Words, a figure or a sentence as a row of segments."""
    if isinstance(said, str):
        return (Segment(said),)
    return (said,) if isinstance(said, Segment) else said


def plain(of: Iterable[Segment]) -> str:
    """The words alone."""
    return "".join(each.text for each in of)


def listed(parts: Sequence[Said]) -> Sentence:
    """`a, b and c`, as the language has it."""
    if not parts:
        return ()
    marks = [f"\0{at}\0" for at in range(len(parts))]
    joined = format_list(marks, locale=language.locale())
    pieces = joined.split("\0")
    found: list[Segment] = []
    for at, piece in enumerate(pieces):
        found += segments(parts[int(piece)]) if at % 2 else segments(piece)
    return tuple(each for each in found if each.text)


def separated(parts: Sequence[Said]) -> Sentence:
    """`a; b; c`: for parts that have commas in them."""
    between = Segment(f"{_(';')} ")
    found: list[Segment] = []
    for at, part in enumerate(parts):
        found += (*((between,) if at else ()), *segments(part))
    return tuple(found)


def figure(value: int, source: Source) -> Segment:
    """A count that leads to where it comes from."""
    return Segment(number(value), source)


def quoted(label: str) -> str:
    """A label as the text names it."""
    return _("“{label}”").format(label=" ".join(label.split()))


def posts(n: int, source: Source = POSTS) -> Segment:
    """`1,482 posts`."""
    return Segment(ngettext("{n} post", "{n} posts", n).format(n=number(n)), source)


def annotators(n: int, source: Source = ROUNDS) -> Segment:
    """`3 annotators`."""
    return Segment(ngettext("{n} annotator", "{n} annotators", n).format(n=number(n)), source)


def version(n: int) -> Segment:
    """`version 2`."""
    return Segment(_("version {number}").format(number=n), of_version(n))


def span(first: datetime, last: datetime) -> str:
    """`from 6 August 2025 to 14 August 2025`, or `on 6 August 2025`."""
    if day(first) == day(last):
        return _("on {day}").format(day=day(first))
    return _("from {first} to {last}").format(first=day(first), last=day(last))


def interval(of: tuple[float, float]) -> str:
    """`0.62 to 0.71`, for a coefficient."""
    return _("{low} to {high}").format(low=coefficient(of[0]), high=coefficient(of[1]))


def percents(of: tuple[float, float]) -> str:
    """`25.1 to 29.0%`, for a share."""
    return _("{low} to {high}").format(low=number(100 * of[0], 1), high=percent_in_print(of[1]))


def joined(sentences: Iterable[Sentence]) -> Sentence:
    """The sentences that say something, one after the other, with a space between them."""
    found: list[Segment] = []
    for each in filter(None, sentences):
        found += ((Segment(" "),) if found else ()) + each
    return tuple(found)
