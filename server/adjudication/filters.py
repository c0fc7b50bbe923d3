"""Which disagreements are looked at: as it stands in the address, and as it is looked up."""

from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.scope import Scope
from server.adjudication.tallies import Lens
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import RoundAnnotator

STATES = ("open", "decided", "all")
FLAGS = ("any", "unsure", "memo", "question", "problem", "back", "apart")
ORDERS = ("agreement", "entropy", "post", "random")
_MOST_BITS = 64
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Filters:
    """What was chosen: keys and numbers as they are typed in an address; `code` is `variable:code`."""

    variable: str = ""
    code: str = ""
    one: str = ""
    other: str = ""
    round: str = ""
    state: str = "open"
    flagged: str = ""
    entropy: str = ""
    sample: str = ""
    seed: str = ""
    order: str = "agreement"
    share: str = ""

    @property
    def query(self) -> dict[str, str]:
        """What of it has to stand in an address."""
        return {name: value for name, value in asdict(self).items() if value and (name, value) not in _USUAL}

    @property
    def whole(self) -> "Filters":
        """The same, decided or not."""
        return replace(self, state="all")


_USUAL = {("state", "open"), ("order", "agreement")}


@dataclass(frozen=True)
class Sifting:
    """Which disputes of a lens are listed, and in which order.

    At least `entropy` bits; marked as `flag` says; a random `sample` of so many, drawn by the `seed`.
    """

    flag: str = ""
    entropy: float = 0.0
    sample: int = 0
    seed: str = "1"
    order: str = "agreement"


@dataclass(frozen=True)
class Person:
    """An annotator who can be chosen for a pair."""

    member_id: int
    number: int
    name: str


@dataclass(frozen=True)
class Choice:
    """The filters looked up. `problems` says what of them could not be used, and why."""

    filters: Filters
    lens: Lens
    sifting: Sifting = field(default=Sifting())
    problems: tuple[str, ...] = field(default=())


def people(db: Session, access: Access, scope: Scope) -> tuple[Person, ...]:
    """The annotators of the rounds that count, by their numbers."""
    rows = db.execute(
        select(col(Member.id), col(Member.number), col(Account.display_name))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(
            col(Member.project_id) == access.project_id,
            col(Member.id).in_(
                select(col(RoundAnnotator.member_id)).where(
                    col(RoundAnnotator.round_id).in_(scope.round_ids), col(RoundAnnotator.n_submitted) > 0
                )
            ),
        )
        .order_by(col(Member.number))
    )
    return tuple(Person(*row) for row in rows)


def looked_up(filters: Filters, scope: Scope, annotators: tuple[Person, ...]) -> Choice:
    """What the filters mean here; what means nothing is left out, and said."""
    problems: list[str] = []
    clean = replace(filters, state=filters.state if filters.state in STATES else "open")
    variable_ids, code_id = _asked(clean, scope, problems)
    lens = Lens(_rounds(clean, scope, problems), variable_ids, code_id, _pair(clean, annotators, problems))
    return Choice(clean, lens, _sifting(clean, problems), tuple(problems))


def _sifting(filters: Filters, problems: list[str]) -> Sifting:
    if filters.flagged not in ("", *FLAGS):
        problems.append(_("There is no such mark, so marked and unmarked posts are shown."))
    return Sifting(
        filters.flagged if filters.flagged in FLAGS else "",
        _at_least(filters.entropy, problems),
        _sample(filters.sample, problems),
        filters.seed or "1",
        filters.order if filters.order in ORDERS else "agreement",
    )


def _at_least(typed: str, problems: list[str]) -> float:
    try:
        value = float(typed.replace(",", ".") or 0)
    except ValueError:
        value = -1.0
    if 0 <= value < _MOST_BITS:
        return value
    problems.append(_("An entropy is a number of bits from 0 on, such as 0.9. Until then, all are shown."))
    return 0.0


def _sample(typed: str, problems: list[str]) -> int:
    if not typed or (typed.isascii() and typed.isdigit() and 0 < int(typed) <= _LARGEST):
        return int(typed or 0)
    problems.append(_("A random sample has a whole number of posts, from 1 on. Until then, all are shown."))
    return 0


def _asked(filters: Filters, scope: Scope, problems: list[str]) -> tuple[tuple[int, ...], int | None]:
    variable_key, _colon, code_key = filters.code.partition(":")
    variable = scope.variable_by_key.get(variable_key or filters.variable)
    if variable is None:
        if filters.code or filters.variable:
            problems.append(_("This question is not in the codebook, so all questions are shown."))
        # What annotators write in their own words nearly always differs.
        return tuple(each.id for each in scope.variables if each.kind != "text"), None
    if filters.code and filters.variable not in ("", variable_key):
        problems.append(_("This code belongs to another question, so no post fits. Change one of the two."))
        return (), None
    code = variable.code_by_key.get(code_key)
    if code_key and code is None:
        problems.append(_("This code is not in the codebook, so the whole question is shown."))
    return (variable.id,), code.id if code else None


def _rounds(filters: Filters, scope: Scope, problems: list[str]) -> tuple[int, ...]:
    if not filters.round:
        return scope.round_ids
    chosen = tuple(each.id for each in scope.rounds if str(each.number) == filters.round)
    if not chosen:
        problems.append(_why_no_round(filters.round, scope))
    return chosen


def _why_no_round(number: str, scope: Scope) -> str:
    for sight in scope.hidden:
        if str(sight.number) == number:
            return sight.why_no_codings
    if number in {str(each) for each in scope.practice}:
        return _("Round {number} is for practice. Nothing of it is decided or enters the results.").format(
            number=number
        )
    return _("This project has no such round.")


def _pair(filters: Filters, annotators: tuple[Person, ...], problems: list[str]) -> tuple[int, ...]:
    if not filters.one and not filters.other:
        return ()
    chosen = {each.member_id for each in annotators if str(each.number) in {filters.one, filters.other}}
    if chosen and filters.one == filters.other:
        problems.append(_("Nobody differs from themselves, so no post fits. Choose two annotators."))
        return tuple(chosen)
    if len(chosen) < 2:
        problems.append(_("A pair needs two different annotators. Until then, all are compared."))
        return ()
    return tuple(sorted(chosen))
