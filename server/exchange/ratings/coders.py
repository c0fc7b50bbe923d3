"""Who the coders of a file are: members of the project, or people known from this file only."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import select, update
from sqlmodel import Session, col

from server.accounts.models import Account
from server.accounts.names import plain_name, unusable_name
from server.clock import now
from server.projects.access import Access
from server.projects.actions import add_member
from server.projects.models import Member
from server.projects.roles import Role

_Lookup = tuple[Mapping[str, int], Callable[[str], str]]


def known_members(
    db: Session, access: Access, coders: Collection[str], told: Mapping[str, int] = MappingProxyType({})
) -> dict[str, int]:
    """The ids of the members that these coders are; who is left out is not a member yet.

    A coder is the member whose number the lead `told`, else whoever an earlier file called so, else the
    member with this sign-in name, else the only one with this shown name. Two coders of one file are never
    the same member.
    """
    # "anna" comes before "Anna": a sign-in name goes to whoever is written exactly like it.
    in_order = sorted(set(coders), key=lambda coder: (coder != coder.lower(), coder))
    found: dict[str, int] = {}
    taken: set[int] = set()
    for ids, name_of in _lookups(db, access, told):
        for coder in in_order:
            member_id = ids.get(name_of(coder))
            if coder not in found and member_id is not None and member_id not in taken:
                found[coder] = member_id
                taken.add(member_id)
    return found


def _lookups(db: Session, access: Access, told: Mapping[str, int]) -> Iterator[_Lookup]:
    rows = db.execute(
        select(col(Account.name), col(Account.display_name), col(Member.id), col(Member.number))
        .join(Member, col(Member.account_id) == col(Account.id))
        .where(col(Member.project_id) == access.project_id)
    ).all()
    by_name = {name: member_id for name, _shown, member_id, _number in rows}
    times_shown = Counter(shown for _name, shown, _member_id, _number in rows)
    by_number = {str(number): member_id for _name, _shown, member_id, number in rows}
    yield by_number, lambda coder: str(told.get(coder, ""))
    yield by_name, lambda coder: _account_name(access, coder)
    yield by_name, plain_name
    yield {shown: member_id for _name, shown, member_id, _number in rows if times_shown[shown] == 1}, str


def add_coder(db: Session, access: Access, coder: str, group: str | None) -> int:
    """Make the coder a member who cannot sign in, since nobody can have or type the account's name."""
    account = Account(name=_account_name(access, coder), display_name=coder, created_at=now())
    db.add(account)
    db.flush()
    made = add_member(
        db, access.project_id, account.id or 0, Role.ANNOTATOR, group, actor_id=access.account_id
    )
    return made.member_id


def put_in_group(db: Session, member_id: int, group: str | None) -> None:
    """Give a member who has no group the one that the file says."""
    if group is not None:
        statement = update(Member).where(col(Member.id) == member_id, col(Member.coder_group).is_(None))
        db.execute(statement.values(coder_group=group))


def _account_name(access: Access, coder: str) -> str:
    # The hash keeps "A" and "a" apart, and whatever a coder is called fits into a name.
    return unusable_name(access.project_key, hashlib.sha256(coder.encode()).hexdigest()[:24])
