"""Every coding and decision of a project out of its history, beside what is stored."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.models import Decision
from server.adjudication.recorded import stored_decisions
from server.coding.models import Coding
from server.coding.recorded import Keys, Stored, keys_of, stored_codings
from server.corpora.models import Post
from server.history.contents import Facts, Line, sealed
from server.language import gettext as _
from server.projects.models import Member
from server.rebuilding.differences import (
    CODING,
    DECISION,
    Difference,
    Kind,
    Rebuilt,
    about,
    differing,
    what_of,
)
from server.rebuilding.pointers import misplaced
from server.rebuilding.recorded import Earlier, Fates, Place, Recorded, earlier, fates_of, recorded_lines
from server.rounds.models import Assignment, Round

_AT_ONCE = 500
_Recorded = tuple[int, Facts]


def rebuild(db: Session, project_id: int) -> Rebuilt:
    """Rebuild the codings and decisions of a project from its history, which is whole, and compare them.

    One state of the database is read, some hundred rows at a time.
    """
    return _Rebuilding(db, project_id).done()


def members_by_number(db: Session, project_id: int) -> dict[int, str]:
    """The members of a project by their accounts, without their names."""
    of_project = col(Member.project_id) == project_id
    rows = db.execute(select(col(Member.account_id), col(Member.number)).where(of_project))
    return {account_id: _("member %s") % number for account_id, number in rows}


class _Rebuilding:
    """The walk along the history: which rows it has met, and what came of it."""

    def __init__(self, db: Session, project_id: int) -> None:
        self._db, self._project_id = db, project_id
        self._keys: Keys = keys_of(db, project_id)
        self._fates: Fates = fates_of(db, project_id)
        self._silenced = set(self._fates.silenced)
        self._met: dict[str, set[int]] = {CODING: set(), DECISION: set()}
        self._found = Rebuilt()

    def done(self) -> Rebuilt:
        """Walk to the end."""
        for some in recorded_lines(self._db, self._project_id):
            self._compare(some)
        before = earlier(self._db, self._project_id)
        self._look_at_other_codings(before)
        self._look_at_other_decisions(before)
        for found in misplaced(self._db, self._project_id):
            self._found.differ(found)
        return self._found

    def _compare(self, some: Iterable[Recorded]) -> None:
        recorded: dict[str, dict[int, _Recorded]] = {CODING: {}, DECISION: {}}
        for event, each in some:
            if each.said is None:
                self._look_at_erased(event, each)
            elif each.post in self._fates.removed:
                self._found.differ(about(Kind.NOT_ERASED, what_of(each.said) or CODING, each.post, each.said))
            elif what := what_of(each.said):
                id_ = each.said[what]
                recorded[what][id_] = each.post, self._fates.restated.get((what, id_), each.said)
        for what, rows in recorded.items():
            self._compare_rows(what, rows)

    def _look_at_erased(self, event: int, line: Line) -> None:
        if line.post in self._fates.removed:
            self._found.n_erased += 1
        elif event in self._silenced:
            self._silenced.remove(event)
        else:
            self._found.differ(Difference(Kind.ERASED, CODING, line.post or None))

    def _compare_rows(self, what: str, recorded: dict[int, _Recorded]) -> None:
        stored = {row.id: row for row in self._stored(what, list(recorded))}
        self._met[what].update(recorded)
        for id_, (post, said) in recorded.items():
            if id_ not in stored:
                self._found.differ(about(Kind.MISSING, what, post, said))
                continue
            row = sealed(stored[id_].facts, str(said.get("salt")))
            if row == said and stored[id_].post == post:
                self._found.agree(what)
            else:
                self._found.differ(about(Kind.CHANGED, what, post, said, differing(said, row)))

    def _stored(self, what: str, ids: Collection[int]) -> Iterator[Stored]:
        every = sorted(ids)
        for first in range(0, len(every), _AT_ONCE):
            some = every[first : first + _AT_ONCE]
            if what == CODING:
                here = (col(Round.project_id) == self._project_id, col(Post.project_id) == self._project_id)
                yield from stored_codings(self._db, self._keys, col(Coding.id).in_(some), *here)
            else:
                of_project = col(Decision.project_id) == self._project_id
                yield from stored_decisions(self._db, self._keys, col(Decision.id).in_(some), of_project)

    def _look_at_other_codings(self, before: Earlier) -> None:
        """Codings that no contents tell of: events without contents stored them, or nobody did."""
        imported: Counter[int] = Counter()
        places = set(before.places)
        for row in self._stored(CODING, self._unmet(CODING)):
            said = row.facts
            place = Place(said["round"], row.post, said["annotator"], said["revision"])
            if place in places:
                places.remove(place)
                self._found.n_codings_before += 1
            elif imported[place.round] < before.imported.get(place.round, 0):
                imported[place.round] += 1
                self._found.n_codings_before += 1
            else:
                self._found.differ(about(Kind.ADDED, CODING, row.post, said))
        for place in sorted(places, key=repr):
            if place.post not in self._fates.removed:
                self._found.differ(
                    Difference(Kind.MISSING, CODING, place.post, place.round, place.account_id)
                )

    def _look_at_other_decisions(self, before: Earlier) -> None:
        low, high = before.n_decisions
        unmet = self._unmet(DECISION)
        n_known = min(len(unmet), high)
        self._found.n_decisions_before += n_known
        for row in self._stored(DECISION, unmet[n_known:]):
            self._found.differ(about(Kind.ADDED, DECISION, row.post, row.facts))
        if not self._fates.removed:
            for _each in range(low - len(unmet)):
                self._found.differ(Difference(Kind.MISSING, DECISION, None))

    def _unmet(self, what: str) -> list[int]:
        if what == CODING:
            statement = (
                select(col(Coding.id))
                .join(Assignment, col(Assignment.id) == col(Coding.assignment_id))
                .join(Round, col(Round.id) == col(Assignment.round_id))
                .where(col(Round.project_id) == self._project_id)
                .order_by(col(Coding.id))
            )
        else:
            of_project = col(Decision.project_id) == self._project_id
            statement = select(col(Decision.id)).where(of_project).order_by(col(Decision.id))
        return [id_ for id_ in self._db.scalars(statement) if id_ is not None and id_ not in self._met[what]]
