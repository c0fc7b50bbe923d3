"""By what posts can be told apart: their day, their further columns, their author, other codes."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import select, true
from sqlmodel import Session, col

from server.codebooks.queries import CodeInfo, VariableInfo
from server.corpora.extra import cells_of
from server.corpora.models import Post
from server.errors import Refusal
from server.language import gettext as _
from server.language import month_of_year, ngettext, number
from server.results.finals import Finals
from server.results.outcomes import Basis, Choices, Counts, Flags, has_value, is_coded_on
from server.web.words import day

# More groups than these are joined, or refused where they are days.
MOST_VALUES = 20
MOST_TIMES = 130
TIMES = ("day", "week", "month")
# What begins with 0 is the name of something, such as a postal code.
_WHOLE_NUMBER = re.compile("0|[1-9][0-9]{0,8}")
_SIZES = ((1, 1), (2, 4), (5, 9), (10, 0))


@dataclass(frozen=True, eq=False)
class Grouping:
    """Posts in groups. `of` (posts,) is the place of each post's group in `labels`, -1 where it has none.

    `at` is where a group stands in time, in days; empty where groups are none. `keys` are the labels for
    programs. `n_joined` values were joined in the last group. Where groups are answers to a question, `coded`
    are the posts that are coded on it (posts,).
    """

    name: str
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    of: Counts
    at: tuple[int, ...] = ()
    n_joined: int = 0
    coded: Flags | None = None


@dataclass(frozen=True)
class Pick:
    """A code of a question."""

    variable: VariableInfo
    code: CodeInfo

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return f"{self.variable.key}:{self.code.key}"


def picks(of: Sequence[VariableInfo]) -> dict[str, Pick]:
    """All codes that posts can carry, by their names in addresses."""
    found = (Pick(variable, code) for variable in of for code in variable.codes)
    return {pick.key: pick for pick in found}


def by_time(moments: Sequence[datetime | None], step: str) -> Grouping:
    """Posts by the day, week or month (UTC) in which they were posted; `Refusal` where these are too many."""
    begins: Callable[[datetime], int] = {"day": _day, "week": _week, "month": _month}[step]
    whole = np.array([-1 if moment is None else begins(moment) for moment in moments], dtype=np.int64)
    days, place = np.unique(whole, return_inverse=True)
    n_times = int((days >= 0).sum())
    if n_times > MOST_TIMES:
        message = _("There are {n} of these, more than can be shown. Choose a longer time.")
        raise Refusal(message.format(n=number(n_times)), {"by": message.format(n=number(n_times))})
    # Without a date, -1 is the first of the sorted days.
    of = place.reshape(-1) - int(days.size > n_times)
    dates = [date.fromordinal(int(each)) for each in days[days >= 0]]
    keys = tuple(each.isoformat()[:7] if step == "month" else each.isoformat() for each in dates)
    labels = tuple(_time_label(each, step) for each in dates)
    return Grouping(time_label(step), keys, labels, of, tuple(each.toordinal() for each in dates))


def time_label(step: str) -> str:
    """A length of time as a person reads it."""
    return {"day": _("Day"), "week": _("Week"), "month": _("Month")}[step]


def _day(moment: datetime) -> int:
    return moment.toordinal()


def _week(moment: datetime) -> int:
    return moment.toordinal() - moment.weekday()


def _month(moment: datetime) -> int:
    return moment.toordinal() - moment.day + 1


def _time_label(begins: date, step: str) -> str:
    if step == "week":
        said = _("{first} to {last}")
        return said.format(first=day(begins), last=day(begins + timedelta(days=6)))
    return month_of_year(begins) if step == "month" else day(begins)


def by_author(finals: Finals) -> Grouping:
    """Posts by how many posts of the project their author has; in no group where no author is known."""
    posts = finals.authors.posts_each
    of = np.full(posts.size, -1, dtype=np.int64)
    for place, (least, most) in enumerate(_SIZES):
        of[(posts >= least) & ((posts <= most) | (most == 0))] = place
    keys = tuple(f"{least}-{most}" if most else f"{least}+" for least, most in _SIZES)
    labels = tuple(_size_label(least, most) for least, most in _SIZES)
    return Grouping(_("Posts of the author"), keys, labels, of)


def _size_label(least: int, most: int) -> str:
    if least == most:
        return ngettext("{n} post", "{n} posts", least).format(n=number(least))
    if most:
        return _("{least} to {most} posts").format(least=number(least), most=number(most))
    return _("{least} posts or more").format(least=number(least))


def cells(db: Session, project_id: int, field: str) -> list[tuple[int, str]]:
    """What stands in a further column, with the number of each post that has something there."""
    unfolded = cells_of(db)
    rows = db.execute(
        select(col(Post.number), unfolded.c.value)
        .select_from(Post)
        .join(unfolded, true())
        .where(col(Post.project_id) == project_id, unfolded.c.key == field, unfolded.c.value != "")
    )
    return [(int(post), str(value)) for post, value in rows]


def by_field(found: Sequence[tuple[int, str]], field: str, numbers: Counts) -> Grouping:
    """Posts by what stands in a further column. `numbers` are those of all posts, in ascending order.

    Numbers stand in their order, in about equal parts where there are many of them; words by how often they
    are there.
    """
    posts = np.array([post for post, _value in found], dtype=np.int64)
    at = np.searchsorted(numbers, posts)
    of = np.full(numbers.size, -1, dtype=np.int64)
    frequent = [value for value, _n in Counter(value for _post, value in found).most_common()]
    if found and all(map(_WHOLE_NUMBER.fullmatch, frequent)):
        keys, of[at] = _in_parts(np.array([int(value) for _post, value in found], dtype=np.int64))
        return Grouping(field, keys, tuple(key.replace("-", "\N{EN DASH}") for key in keys), of)
    # One above the most is not worth joining: it would be a group of one value.
    shown = frequent if len(frequent) <= MOST_VALUES + 1 else frequent[:MOST_VALUES]
    place = {value: rank for rank, value in enumerate(shown)}
    of[at] = [place.get(value, len(shown)) for _post, value in found]
    n_joined = len(frequent) - len(shown)
    if not n_joined:
        return Grouping(field, tuple(shown), tuple(shown), of)
    others = ngettext("{n} other value", "{n} other values", n_joined).format(n=number(n_joined))
    return Grouping(field, (*shown, "(others)"), (*shown, others), of, n_joined=n_joined)


def _in_parts(amounts: Counts) -> tuple[tuple[str, ...], Counts]:
    """What parts there are, ascending, and in which each number lies: each alone, or in quarters of them."""
    different = np.unique(amounts)
    if different.size <= MOST_VALUES + 1:
        return tuple(map(str, different.tolist())), np.searchsorted(different, amounts)
    ends = np.unique(np.quantile(amounts, (0.25, 0.5, 0.75, 1), method="lower"))
    part = np.searchsorted(ends, amounts)
    spans = [
        (int(inside.min()), int(inside.max())) for inside in (amounts[part == n] for n in range(ends.size))
    ]
    return tuple(str(low) if low == high else f"{low}-{high}" for low, high in spans), part


def by_code(finals: Finals, pick: Pick) -> Grouping:
    """Posts with a code, and those without it; of those that are open on it, none."""
    values = choices_of(finals, pick.variable)
    place = pick.variable.codes.index(pick.code)
    basis, carries = values.basis[:, place], values.chosen[:, place]
    known = has_value(basis) & (basis != Basis.UNRESOLVED)
    of = np.where(known, np.where(carries, 0, 1), -1).astype(np.int64)
    labels = (_("with “{code}”"), _("without “{code}”"))
    said = tuple(label.format(code=pick.code.label) for label in labels)
    keys = (f"with {pick.code.key}", f"without {pick.code.key}")
    return Grouping(pick.code.label, keys, said, of, coded=is_coded_on(basis))


def by_question(finals: Finals, variable: VariableInfo) -> Grouping:
    """Posts by the one code that they have of a question."""
    values = choices_of(finals, variable)
    chosen, coded = values.chosen, is_coded_on(values.basis[:, 0])
    of = np.where(chosen.any(axis=1), chosen.argmax(axis=1), -1).astype(np.int64)
    keys = tuple(code.key for code in variable.codes)
    return Grouping(variable.label, keys, tuple(code.label for code in variable.codes), of, coded=coded)


def choices_of(finals: Finals, variable: VariableInfo) -> Choices:
    """The final codes of a question that has codes."""
    values = next(final.values for each, final in finals.of if each.id == variable.id)
    if not isinstance(values, Choices):
        raise TypeError(variable.key)
    return values
