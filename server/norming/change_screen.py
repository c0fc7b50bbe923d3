"""Agreement before and after discussion as its page and its file show it."""

from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.scope import CountedRound
from server.agreement import Coefficient
from server.norming.compared import revealed_round
from server.norming.measures import Figures, Line, Moves, before_after
from server.norming.second_codings import are_asked
from server.projects.access import Access
from server.reliability.screens import CoefficientLine, coefficient_line
from server.reliability.sheets import Cell, Sheet
from server.rounds.queries import Sight

# More changes than these are counted together.
MOST = 5


@dataclass(frozen=True)
class FiguresShown:
    """Percent agreement and alpha, with the reasons where there is none; None of free text."""

    n_posts: int | None
    agreed: CoefficientLine | None
    alpha: CoefficientLine | None


@dataclass(frozen=True)
class LineShown:
    """A variable or a code; `n_more`: changes of a kind that is not listed."""

    label: str
    is_code: bool
    before: FiguresShown
    after: FiguresShown
    moves: Moves
    listed: tuple[tuple[str, str, int], ...]
    n_more: int


@dataclass(frozen=True)
class ChangePage:
    """Before and after, apart. `asks_again` as on the list of posts."""

    round: CountedRound
    lines: tuple[LineShown, ...]
    n_posts: int
    n_codings: int
    n_seconds: int
    asks_again: bool | None
    hidden: tuple[Sight, ...]


def change_page(db: Session, access: Access, number: int) -> ChangePage:
    """The page of one revealed round."""
    of = revealed_round(db, access, number)
    found = before_after(db, access, of)
    lines = tuple(_line(each) for each in found.lines)
    asks = are_asked(db, of)
    return ChangePage(of.round, lines, found.n_posts, found.n_codings, found.n_seconds, asks, of.scope.hidden)


def _line(line: Line) -> LineShown:
    listed = line.moves.to[:MOST]
    n_more = sum(n for _from, _to, n in line.moves.to[MOST:])
    before, after = _shown(line.before), _shown(line.after)
    return LineShown(line.label, bool(line.code_key), before, after, line.moves, listed, n_more)


def _shown(figures: Figures) -> FiguresShown:
    agreed, alpha = figures.agreed, figures.alpha
    return FiguresShown(
        agreed.n_pairable if agreed else None,
        coefficient_line(agreed) if agreed else None,
        coefficient_line(alpha) if alpha else None,
    )


def change_sheet(db: Session, access: Access, number: int) -> Sheet:
    """The same as a table: a row for the independent codings of a line, and one for the second ones."""
    found = before_after(db, access, revealed_round(db, access, number))
    columns = (
        *("variable", "code", "label", "codings", "posts"),
        *(f"percent_agreement{part}" for part in ("", "_low", "_high", "_undefined")),
        *("coefficient", *(f"alpha{part}" for part in ("", "_low", "_high", "_undefined"))),
        *("answers", "changed", "changes"),
    )
    return Sheet(columns, tuple(row for line in found.lines for row in _rows(line)))


def _rows(line: Line) -> tuple[tuple[Cell, ...], ...]:
    changes = "; ".join(f"{one} → {other}: {n}" for one, other, n in line.moves.to)
    named = (line.variable_key, line.code_key, line.label)
    return (
        (*named, "independent", *_cells(line.before), line.moves.n, None, None),
        (
            *named,
            "after discussion",
            *_cells(line.after),
            line.moves.n,
            line.moves.n_changed,
            changes or None,
        ),
    )


def _cells(figures: Figures) -> tuple[Cell, ...]:
    posts = figures.agreed.n_pairable if figures.agreed else None
    name = figures.alpha.name if figures.alpha else None
    return posts, *_numbers(figures.agreed), name, *_numbers(figures.alpha)


def _numbers(one: Coefficient | None) -> tuple[Cell, ...]:
    if one is None:
        return None, None, None, None
    low, high = one.interval or (None, None)
    return one.estimate, low, high, one.reason
