"""Bringing in ratings that were made elsewhere: a locked round of their own."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.clock import now
from server.codebooks.queries import Codebook, latest_published, sheet_of
from server.coding.answers import Answer
from server.coding.spans import Span
from server.corpora.models import Post
from server.corpora.parsing import Table
from server.db.tables import sql_table
from server.errors import Conflict, Refusal
from server.exchange.ratings import one_question, recal, unanswered
from server.exchange.ratings.bulk import BulkCoding, insert_rows, store_codings
from server.exchange.ratings.coders import add_coder, known_members, put_in_group
from server.exchange.ratings.reading import RatedAnswer, RatingsPlan, read_ratings
from server.exchange.ratings.recording import record_import
from server.exchange.ratings.wishes import NONE, Wishes
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import hold_project
from server.rounds.models import Assignment, Round, RoundAnnotator

_assignment = sql_table(Assignment)

Rated = Mapping[tuple[str, str], Sequence[RatedAnswer]]
# Question, code, and the first code point of a passage and the one after its last.
Marked = tuple[str, str, int, int]


@dataclass
class Beside:
    """What an annotator said of a post beside answers, and the passages marked for codes."""

    memo: str = ""
    is_unsure: bool = False
    reason: str = ""
    marked: list[Marked] = field(default_factory=list)


_NOTHING = Beside()


@dataclass(frozen=True)
class RatingsProposal:
    """What importing a file would do.

    `members` are the ids of the coders who are members already; `stored_as` is the number of the round that
    holds the same ratings, if one does, but for `n_lacking` answers that nothing applies, without which the
    file was read before; `question` is the key of the only question that the file is about, where its rows
    name none; `title` is that of the round it becomes.
    """

    plan: RatingsPlan
    book: Codebook
    members: Mapping[str, int]
    stored_as: int | None
    question: str = ""
    title: str = ""
    n_lacking: int = 0

    @property
    def coders(self) -> list[str]:
        """Everybody whose answers are taken, by name."""
        return sorted({answer.coder for answer in self.plan.answers})

    @property
    def newcomers(self) -> list[str]:
        """The coders who would become members."""
        return [coder for coder in self.coders if coder not in self.members]

    @property
    def fingerprint(self) -> str:
        """The same for the same import: what was shown is what is done."""
        said = (_fingerprint(self.plan.answers), self.book.number, sorted(self.members.items()))
        return hashlib.sha256(repr((*said, self.stored_as)).encode()).hexdigest()


@dataclass(frozen=True)
class RatingsOutcome:
    """What an import of ratings did. `is_new` is False where the round held all but `n_lacking` already."""

    plan: RatingsPlan
    n_annotators: int
    n_posts: int
    n_codings: int
    round_number: int
    is_new: bool
    n_lacking: int = 0


def propose_import(
    db: Session,
    access: Access,
    table: Table,
    derived: AbstractSet[str] = frozenset(),
    wishes: Wishes = NONE,
) -> RatingsProposal:
    """What the file says in terms of the published codebook, the project's posts and its members.

    Writes nothing. `derived` are questions of the file that are computed from others and passed over.

    Raises:
        Refusal: no codebook is published, or the file lacks a needed column.
    """
    book = _published(db, access)
    sheet, posts, question = sheet_of(book), _post_ids(db, access), ""
    if one_question.is_about_one(table):
        question = one_question.question_of(table, sheet, wishes.question)
        table = one_question.about(table, question)
    given, table = table, unanswered.settled(table, sheet, says_none=wishes.says_none)
    if table.origin.export == recal.EXPORT:
        table = recal.placed(table, list(posts), sheet)
    plan = read_ratings(table, sheet, frozenset(posts), derived)
    members = known_members(db, access, {answer.coder for answer in plan.answers}, wishes.members)
    number, n_lacking = _stored_with_less(db, access, plan, given)
    return RatingsProposal(
        plan, book, members, number, question=question, title=wishes.title, n_lacking=n_lacking
    )


def import_ratings(
    db: Session,
    access: Access,
    table: Table,
    derived: AbstractSet[str] = frozenset(),
    seen: str | None = None,
    wishes: Wishes = NONE,
) -> RatingsOutcome:
    """Store ratings in tidy form as a locked round; coders that do not exist become members.

    Rows that cannot be taken are left out and reported in the plan. The same ratings are stored once.
    `seen` is the fingerprint of the proposal that the lead was shown.

    Raises:
        Refusal: no codebook is published, or the file holds no rating that can be stored.
        Conflict: the import would not do any more what was shown.
    """
    hold_project(db, access.project_id)
    proposal = propose_import(db, access, table, derived, wishes)
    if seen is not None and seen != proposal.fingerprint:
        raise Conflict(_("The codebook, the posts or the members have changed since this was shown."))
    if not proposal.plan.answers:
        raise Refusal(_first_problem(proposal.plan))
    return stored(db, access, proposal)


def stored(
    db: Session,
    access: Access,
    proposal: RatingsProposal,
    beside: Mapping[tuple[str, str], Beside] = MappingProxyType({}),
) -> RatingsOutcome:
    """Store what is proposed, unless a round holds it; `beside` by post and coder."""
    rated = _by_post_and_coder(proposal.plan.answers)
    number = proposal.stored_as or _store(db, access, proposal, rated, beside)
    return RatingsOutcome(
        proposal.plan,
        n_annotators=len(proposal.coders),
        n_posts=len({post for post, _coder in rated}),
        n_codings=len(rated),
        round_number=number,
        is_new=proposal.stored_as is None,
        n_lacking=proposal.n_lacking,
    )


def _published(db: Session, access: Access) -> Codebook:
    book = latest_published(db, access.project_id)
    if book is None:
        raise Refusal(_("Codings need a published codebook. Publish the codebook first."))
    return book


def _first_problem(plan: RatingsPlan) -> str:
    if not plan.problems:
        return _("The file holds no codings.")
    first = plan.problems[0]
    return _("No coding could be taken. Row %(row)s: %(problem)s") % {
        "row": first.number,
        "problem": first.message,
    }


def _by_post_and_coder(answers: Iterable[RatedAnswer]) -> dict[tuple[str, str], list[RatedAnswer]]:
    found: dict[tuple[str, str], list[RatedAnswer]] = defaultdict(list)
    for answer in answers:
        found[answer.external_id, answer.coder].append(answer)
    return found


def _fingerprint(answers: Iterable[RatedAnswer]) -> str:
    said = sorted(
        repr((a.external_id, a.coder, a.question, sorted(a.codes), a.number, a.text, a.nothing_applies))
        for a in answers
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _stored_with_less(db: Session, access: Access, plan: RatingsPlan, given: Table) -> tuple[int | None, int]:
    """The round that holds these ratings, or only what the file itself gives, and how many it lacks."""
    number = stored_as(db, access, plan.answers)
    said = unanswered.given_answers(given, plan.answers)
    if number is None and said:
        number = stored_as(db, access, said)
        return number, 0 if number is None else len(plan.answers) - len(said)
    return number, 0


def stored_as(db: Session, access: Access, answers: Iterable[RatedAnswer]) -> int | None:
    """The number of the round that holds these ratings, if one does."""
    rounds = db.execute(
        select(col(Round.number), col(Round.design)).where(
            col(Round.project_id) == access.project_id, col(Round.is_imported).is_(True)
        )
    )
    said = _fingerprint(answers)
    return next((number for number, design in rounds if design.get("fingerprint") == said), None)


def _store(
    db: Session,
    access: Access,
    proposal: RatingsProposal,
    rated: Rated,
    beside: Mapping[tuple[str, str], Beside],
) -> int:
    book, post_ids = proposal.book, _post_ids(db, access)
    member_ids = _member_ids(db, access, proposal)
    n_posts = len({post for post, _coder in rated})
    round_ = _add_round(db, access, proposal, n_posts)
    places = [(post_ids[post], member_ids[coder]) for post, coder in rated]
    _add_assignments(db, round_.id or 0, places)
    at = now()
    codings = [
        _coding(book, post_ids[post], member_ids[coder], answers, beside.get((post, coder), _NOTHING), at)
        for (post, coder), answers in rated.items()
    ]
    store_codings(db, round_.id or 0, book.version_id, codings)
    record_import(db, access, round_, n_annotators=len(member_ids), codebook=book.number)
    return round_.number


def _coding(
    book: Codebook,
    post_id: int,
    member_id: int,
    answers: Sequence[RatedAnswer],
    beside: Beside,
    otherwise: datetime,
) -> BulkCoding:
    chosen = {(answer.question, code) for answer in answers for code in answer.codes}
    return BulkCoding(
        post_id,
        member_id,
        _moment(answers, otherwise),
        tuple(_cells(book, answers)),
        memo=beside.memo,
        is_unsure=beside.is_unsure,
        reason=beside.reason,
        spans=tuple(_spans(book, (one for one in beside.marked if one[:2] in chosen))),
    )


def _spans(book: Codebook, marked: Iterable[Marked]) -> Iterator[Span]:
    for question, code, start, end in sorted(set(marked)):
        variable = book.variable_by_key[question]
        yield Span(variable.id, variable.code_by_key[code].id, start, end)


def _add_round(db: Session, access: Access, proposal: RatingsProposal, n_posts: int) -> Round:
    last = db.scalar(select(func.max(col(Round.number))).where(col(Round.project_id) == access.project_id))
    at = now()
    row = Round(
        project_id=access.project_id,
        number=(last or 0) + 1,
        title=proposal.title or _("Imported codings"),
        purpose="main",
        codebook_version_id=proposal.book.version_id,
        design={"fingerprint": _fingerprint(proposal.plan.answers)},
        n_posts=n_posts,
        is_imported=True,
        opened_by=access.account_id,
        opened_at=at,
        locked_at=at,
    )
    db.add(row)
    db.flush()
    return row


def _add_assignments(db: Session, round_id: int, places: Sequence[tuple[int, int]]) -> None:
    by_member: dict[int, list[int]] = defaultdict(list)
    for post_id, member_id in sorted(places):
        by_member[member_id].append(post_id)
    db.add_all(
        RoundAnnotator(round_id=round_id, member_id=member_id, n_assigned=len(posts))
        for member_id, posts in by_member.items()
    )
    db.flush()
    rows = (
        {"round_id": round_id, "post_id": post_id, "member_id": member_id, "position": position}
        | {"state": "queued"}
        for member_id, posts in by_member.items()
        for position, post_id in enumerate(posts, start=1)
    )
    insert_rows(db, _assignment, rows)


def _moment(answers: Sequence[RatedAnswer], otherwise: datetime) -> datetime:
    return max((answer.rated_at for answer in answers if answer.rated_at), default=otherwise)


def _cells(book: Codebook, answers: Iterable[RatedAnswer]) -> Iterator[Answer]:
    for answer in answers:
        variable = book.variable_by_key[answer.question]
        if answer.nothing_applies:
            yield Answer(variable.id, nothing_applies=True)
        elif answer.number is not None or answer.text is not None:
            yield Answer(variable.id, number=answer.number, text=answer.text)
        for key in sorted(answer.codes):
            yield Answer(variable.id, code_id=variable.code_by_key[key].id)


def _post_ids(db: Session, access: Access) -> dict[str, int]:
    """The posts by their ids, in their order."""
    of_project = select(col(Post.external_id), col(Post.id)).where(col(Post.project_id) == access.project_id)
    return dict(iter(db.execute(of_project.order_by(col(Post.number)))))


def _member_ids(db: Session, access: Access, proposal: RatingsProposal) -> dict[str, int]:
    """The members that the coders of a file are; who is not there yet becomes one who cannot sign in."""
    groups = {answer.coder: answer.coder_group for answer in proposal.plan.answers if answer.coder_group}
    ids = dict(proposal.members)
    for coder, member_id in ids.items():
        put_in_group(db, member_id, groups.get(coder))
    for coder in proposal.newcomers:
        ids[coder] = add_coder(db, access, coder, groups.get(coder))
    return ids
