"""The passages that annotators marked as evidence: read, and laid over the text of their post.

What an annotator said last on a question counts, and so do the passages that go with it. Each annotator has
a lane of their own below the words and brackets with their letter, so that passages which overlap can be told
apart without colours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape
from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.answers import Table
from server.adjudication.scope import SUBMITTED, Scope
from server.coding.models import CodingSpan
from server.rounds.models import Assignment
from server.web.words import post_text

# More annotators than this share the last lane and its switch.
LANES = 8
_QUOTE = 200


@dataclass(frozen=True, order=True)
class Marked:
    """A passage and the annotator who marked it, by their place among the letters, from 1 on."""

    start: int
    end: int
    by: int
    letter: str


@dataclass(frozen=True)
class PassageLine:
    """A passage in the list below the post; `code_id` and `span` say what of the post shows which code."""

    lane: int
    letter: str
    code: str
    quote: str
    code_id: int
    span: str


@dataclass(frozen=True)
class Evidence:
    """The passages of a post. `switches`: the lane of each annotator who marked some, and their letter."""

    text: Markup
    switches: tuple[tuple[int, str], ...]
    lines: tuple[PassageLine, ...]


def evidence_on(db: Session, scope: Scope, table: Table) -> Evidence:
    """The passages that go with the answers on the table."""
    place = {voice.member_id: at for at, voice in enumerate(table.voices, start=1)}
    marked, lines = [], []
    for member_id, variable_id, code_id, start, end in _spans(db, scope, table):
        at = place[member_id]
        letter = table.voices[at - 1].letter
        marked.append(Marked(start, end, at, letter))
        code = scope.variable_by_id[variable_id].code_by_id.get(code_id)
        quote = table.post.text[start:end]
        shown = quote if len(quote) <= _QUOTE else f"{quote[:_QUOTE]}…"
        lines.append(
            PassageLine(lane(at), letter, code.label if code else "", shown, code_id, f"{start}-{end}")
        )
    switches = dict.fromkeys((lane(each.by), each.letter) for each in sorted(marked, key=lambda one: one.by))
    ordered = sorted(lines, key=lambda line: line.lane)
    return Evidence(overlaid(table.post.text, marked), _joined(switches), tuple(ordered))


def lane(by: int) -> int:
    """The lane of an annotator."""
    return min(by, LANES)


def _joined(switches: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    letters: dict[int, list[str]] = {}
    for at, letter in switches:
        letters.setdefault(at, []).append(letter)
    return tuple((at, ", ".join(found)) for at, found in letters.items())


def _spans(db: Session, scope: Scope, table: Table) -> Iterator[tuple[int, int, int, int, int]]:
    rows = db.execute(
        select(
            col(Assignment.member_id),
            col(Assignment.round_id),
            col(CodingSpan.variable_id),
            col(CodingSpan.code_id),
            col(CodingSpan.start),
            col(CodingSpan.end),
        )
        .join(CodingSpan, col(CodingSpan.coding_id) == col(Assignment.coding_id))
        .where(
            col(Assignment.post_id) == table.post.id,
            col(Assignment.round_id).in_(scope.round_ids),
            col(Assignment.state) == SUBMITTED,
        )
        .order_by(col(CodingSpan.start), col(CodingSpan.end), col(CodingSpan.id))
    )
    last = {(voice.member_id, key): of for voice in table.voices for key, (_a, of) in voice.answers.items()}
    for member_id, round_id, variable_id, code_id, start, end in rows:
        if last.get((member_id, variable_id)) == round_id:
            yield member_id, variable_id, code_id, start, end


def overlaid(text: str, marked: Iterable[Marked]) -> Markup:
    """The text with the passages of each annotator around its words; passages of one that meet are one."""
    runs = tuple(_runs(marked))
    cuts = sorted({0, len(text), *(min(at, len(text)) for run in runs for at in (run.start, run.end))})

    def dress(begins: int, part: str) -> Markup:
        ends = begins + len(part)
        inner = [begins, *(at for at in cuts if begins < at < ends), ends]
        return Markup("").join(
            _stretch(text[first:behind], first, behind, runs) for first, behind in pairwise(inner)
        )

    return post_text(text, dress)


def _runs(marked: Iterable[Marked]) -> Iterator[Marked]:
    """The passages of each annotator, joined where they touch or overlap."""
    open_: dict[int, Marked] = {}
    for each in sorted(marked):
        run = open_.get(each.by)
        if run is not None and each.start <= run.end:
            open_[each.by] = Marked(run.start, max(run.end, each.end), run.by, run.letter)
            continue
        if run is not None:
            yield run
        open_[each.by] = each
    yield from open_.values()


def _stretch(words: str, first: int, behind: int, runs: tuple[Marked, ...]) -> Markup:
    """Words over which no passage begins or ends, inside the lanes of all who marked them."""
    over = sorted((run for run in runs if run.start < behind and first < run.end), key=lambda run: run.by)
    said: Markup = escape(words)
    for run in over:
        before = _edge(run, f"{run.letter}[") if run.start == first else Markup("")
        after = _edge(run, f"]{run.letter}") if run.end == behind else Markup("")
        said = Markup('{}<span class="marked by-{}">{}</span>{}').format(before, lane(run.by), said, after)
    return said


def _edge(run: Marked, shown: str) -> Markup:
    """A bracket that the style sheet draws, so that it is neither copied nor searched with the text."""
    return Markup('<span class="edge by-{}" data-edge="{}"></span>').format(lane(run.by), shown)
