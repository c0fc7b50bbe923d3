"""Bringing in ratings that were made elsewhere: a locked round of their own."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.clock import now
from server.codebooks.queries import Codebook, latest_published, sheet_of
from server.corpora.models import Post
from server.corpora.parsing import Table
from server.errors import Refusal
from server.exchange.bulk import BulkCoding, StoredAnswer, insert_rows, store_codings
from server.exchange.downloads import Wanted
from server.exchange.ratings import RatedAnswer, RatingsPlan, read_ratings
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import add_member
from server.projects.models import Member, Project
from server.projects.roles import Role
from server.rounds.models import Assignment, Round, RoundAnnotator

_assignment = cast(SqlTable, Assignment.__table__)  # type: ignore[attr-defined]

Rated = Mapping[tuple[str, str], Sequence[RatedAnswer]]


@dataclass(frozen=True)
class RatingsOutcome:
    """What an import of ratings did. `round_number` is None where the same ratings were there already."""

    plan: RatingsPlan
    n_annotators: int
    n_posts: int
    n_codings: int
    round_number: int | None


def plan_ratings(db: Session, access: Access, table: Table) -> RatingsPlan:
    """What the file says in terms of the published codebook and the project's posts; writes nothing."""
    return read_ratings(table, sheet_of(_published(db, access)), posts=frozenset(_post_ids(db, access)))


def import_ratings(db: Session, access: Access, table: Table) -> RatingsOutcome:
    """Store ratings in tidy form as a locked round; annotators that do not exist become members.

    Rows that cannot be taken are left out and reported in the plan. The same ratings are stored once.

    Raises:
        Refusal: no codebook is published, or the file holds no rating that can be stored.
    """
    db.execute(select(col(Project.id)).where(col(Project.id) == access.project_id).with_for_update())
    plan = plan_ratings(db, access, table)
    if not plan.answers:
        raise Refusal(_first_problem(plan))
    rated = _by_post_and_coder(plan.answers)
    coders, posts = {coder for _post, coder in rated}, {post for post, _coder in rated}
    fingerprint = _fingerprint(plan.answers)
    number = None
    if not _was_imported(db, access, fingerprint):
        number = _store(db, access, rated, fingerprint)
    return RatingsOutcome(plan, len(coders), len(posts), len(rated), number)


def _published(db: Session, access: Access) -> Codebook:
    book = latest_published(db, access.project_id)
    if book is None:
        raise Refusal(_("Ratings need a published codebook. Publish the codebook first."))
    return book


def _first_problem(plan: RatingsPlan) -> str:
    if not plan.problems:
        return _("The file holds no ratings.")
    first = plan.problems[0]
    return _("No rating could be taken. Row %(row)s: %(problem)s") % {
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


def _was_imported(db: Session, access: Access, fingerprint: str) -> bool:
    designs = db.scalars(
        select(col(Round.design)).where(
            col(Round.project_id) == access.project_id, col(Round.is_imported).is_(True)
        )
    )
    return any(design.get("fingerprint") == fingerprint for design in designs)


def _store(db: Session, access: Access, rated: Rated, fingerprint: str) -> int:
    book = _published(db, access)
    post_ids, member_ids = _post_ids(db, access), _member_ids(db, access, rated)
    round_ = _add_round(db, access, book, len({post for post, _coder in rated}), fingerprint)
    places = [(post_ids[post], member_ids[coder]) for post, coder in rated]
    _add_assignments(db, round_.id or 0, places)
    at = now()
    codings = [
        BulkCoding(post_ids[post], member_ids[coder], _moment(answers, at), tuple(_cells(book, answers)))
        for (post, coder), answers in rated.items()
    ]
    store_codings(db, round_.id or 0, book.version_id, codings)
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="ratings.import",
        subject=f"round {round_.number}",
        details={"codings": len(codings), "annotators": len(member_ids), "codebook": book.number},
    )
    return round_.number


def _add_round(db: Session, access: Access, book: Codebook, n_posts: int, fingerprint: str) -> Round:
    last = db.scalar(select(func.max(col(Round.number))).where(col(Round.project_id) == access.project_id))
    at = now()
    row = Round(
        project_id=access.project_id,
        number=(last or 0) + 1,
        title=_("Imported ratings"),
        purpose="main",
        codebook_version_id=book.version_id,
        design={"fingerprint": fingerprint},
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


def _cells(book: Codebook, answers: Iterable[RatedAnswer]) -> Iterator[StoredAnswer]:
    for answer in answers:
        variable = book.variable_by_key[answer.question]
        if answer.nothing_applies:
            yield StoredAnswer(variable.id, nothing_applies=True)
        elif answer.number is not None or answer.text is not None:
            yield StoredAnswer(variable.id, number=answer.number, text=answer.text)
        for key in sorted(answer.codes):
            yield StoredAnswer(variable.id, code_id=variable.code_by_key[key].id)


def _post_ids(db: Session, access: Access) -> dict[str, int]:
    rows = db.execute(
        select(col(Post.external_id), col(Post.id)).where(col(Post.project_id) == access.project_id)
    )
    return dict(rows.all())


def _member_ids(db: Session, access: Access, rated: Rated) -> dict[str, int]:
    """The members that the coders of a file are; who is not there yet becomes one who cannot sign in."""
    groups = {answer.coder: answer.coder_group for answers in rated.values() for answer in answers}
    names = _member_ids_by_name(db, access)
    ids: dict[str, int] = {}
    for coder in sorted(groups):
        known = names.get(_account_name(access, coder), names.get(coder.lower()))
        ids[coder] = known if known is not None else _new_member(db, access, coder, groups[coder])
    return ids


def _member_ids_by_name(db: Session, access: Access) -> dict[str, int]:
    rows = db.execute(
        select(col(Account.name), col(Member.id))
        .join(Member, col(Member.account_id) == col(Account.id))
        .where(col(Member.project_id) == access.project_id)
    )
    return dict(rows.all())


def _account_name(access: Access, coder: str) -> str:
    # Sign-in names are in lower case; this one keeps "A" and "a" apart, and nobody signs in with it.
    return f"{access.project_key}.{coder}"


def _new_member(db: Session, access: Access, coder: str, group: str | None) -> int:
    account = Account(name=_account_name(access, coder), display_name=coder, created_at=now())
    db.add(account)
    db.flush()
    made = add_member(
        db, access.project_id, account.id or 0, Role.ANNOTATOR, group, actor_id=access.account_id
    )
    return made.member_id


def record_download(db: Session, access: Access, wanted: Wanted) -> None:
    """Note in the history that a file left the server."""
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="export",
        subject="project",
        details={"what": wanted.what.value, "names": wanted.with_names, "rule": wanted.rule.value},
    )
