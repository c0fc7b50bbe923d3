"""Changing projects: making them, their members, and invitations."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from server.accounts.actions import create_account
from server.accounts.holding import hold_active
from server.accounts.identities import create_known
from server.accounts.models import Account
from server.accounts.provider import Proof
from server.accounts.queries import hash_token
from server.clock import now
from server.db.locks import BESIDE_REFERENCES
from server.errors import Conflict, Forbidden, NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access, not_allowed
from server.projects.models import Invitation, Member, Project
from server.projects.queries import HANDLE_LENGTH, invitation, member_of, successors, why_no_joining
from server.projects.roles import Permission, Role, may


def create_project(
    db: Session,
    account_id: int,
    title: str,
    description: str = "",
    is_synthetic: bool = False,
    form_token: str = "",
) -> Access:
    """Make a project and its creator the lead. The same `form_token` gives the project it made before."""
    key = _key(account_id, form_token)
    row = Project(
        key=key,
        title=title,
        description=description,
        is_synthetic=is_synthetic,
        created_by=account_id,
        created_at=now(),
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return _made_before(db, key, account_id)
    project_id = row.id or 0
    _record(db, project_id, account_id, "project.create", "project", {"title": title})
    return add_member(db, project_id, account_id, Role.LEAD, actor_id=account_id)


def _key(account_id: int, form_token: str) -> str:
    if not form_token:
        return secrets.token_hex(6)
    return hashlib.sha256(f"project\0{account_id}\0{form_token}".encode()).hexdigest()[:12]


def _made_before(db: Session, key: str, account_id: int) -> Access:
    project_id = db.scalars(select(col(Project.id)).where(col(Project.key) == key)).one()
    member = member_of(db, project_id or 0, account_id)
    if member is None or not member.is_active:
        raise Conflict
    return _access(db, member)


def _access(db: Session, member: Member) -> Access:
    project = db.get_one(Project, member.project_id)
    return Access(
        member.account_id, member.id or 0, Role(member.role), project.id or 0, project.key, project.title
    )


def add_member(
    db: Session,
    project_id: int,
    account_id: int,
    role: Role,
    coder_group: str | None = None,
    actor_id: int | None = None,
    action: str = "member.add",
) -> Access:
    """Make an account a member with the next number."""
    hold_project(db, project_id)
    if member_of(db, project_id, account_id) is not None:
        raise Refusal(_("This person is a member already."))
    last = db.scalar(select(func.max(col(Member.number))).where(col(Member.project_id) == project_id))
    row = Member(
        project_id=project_id,
        account_id=account_id,
        number=(last or 0) + 1,
        role=role,
        coder_group=coder_group,
        joined_at=now(),
    )
    db.add(row)
    db.flush()  # The id is part of the access.
    _record(db, project_id, actor_id, action, f"member {row.number}", {"role": role})
    return _access(db, row)


def hold_project(db: Session, project_id: int) -> Project:
    """The project as it is now; whoever else changes it, its members or its settings waits for us."""
    return db.get_one(Project, project_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)


def _hold_for_lead(db: Session, access: Access) -> None:
    """Hold the project for somebody who runs it; `Forbidden` where they do not any more."""
    hold_active(db, access.account_id)
    hold_project(db, access.project_id)
    member = db.get_one(Member, access.member_id, populate_existing=True)
    if not (member.is_active and may(Role(member.role), Permission.MANAGE_MEMBERS)):
        raise Forbidden(not_allowed())


def edit_project(db: Session, access: Access, title: str, description: str) -> None:
    """Change what the project says about itself."""
    row = hold_project(db, access.project_id)
    details: dict[str, object] = {}
    if row.title != title:
        details["title"] = {"before": row.title, "after": title}
    if row.description != description:
        details["description"] = {"before": row.description, "after": description}
    row.title, row.description = title, description
    if details:
        _record(db, access.project_id, access.account_id, "project.edit", "project", details)


def archive(db: Session, access: Access) -> None:
    """Put the project away: everything can be read, nothing changed."""
    row = hold_project(db, access.project_id)
    if row.archived_at is None:
        row.archived_at = now()
        _record(db, access.project_id, access.account_id, "project.archive", "project")


def restore(db: Session, access: Access) -> None:
    """Take the project out of the archive."""
    row = hold_project(db, access.project_id)
    if row.archived_at is not None:
        row.archived_at = None
        _record(db, access.project_id, access.account_id, "project.restore", "project")


def change_role(db: Session, access: Access, number: int, role: Role) -> None:
    """Give a member another role."""
    row = _demand_member(db, access, number)
    if row.role == role:
        return
    _keep_a_lead(db, row)
    if row.role == Role.LEAD:
        hold_invitations_of(db, row.account_id, access.account_id, access.project_id)()
    details = {"role": {"before": row.role, "after": role}}
    row.role = role
    db.flush()
    _record(db, access.project_id, access.account_id, "member.change_role", f"member {number}", details)


def hand_over(db: Session, access: Access, number: int, kept: Role) -> None:
    """Make another member the lead, and keep only the role `kept`: both, or neither.

    Raises:
        Refusal: whoever has this number could not run the project.
        Conflict: it was handed over to them a moment ago, as by the same form sent twice.
    """
    _hold_to_hand_over(db, access, number)
    if number not in {row.number for row in successors(db, access)}:
        message = _("Choose an active member who can sign in.")
        raise Refusal(message, {"number": message})
    heir = _demand_member(db, access, number)
    details = {"role": {"before": heir.role, "after": Role.LEAD}}
    heir.role = Role.LEAD
    db.flush()
    _record(db, access.project_id, access.account_id, "project.hand_over", f"member {number}", details)
    change_role(db, access, db.get_one(Member, access.member_id).number, kept)


def _hold_to_hand_over(db: Session, access: Access, number: int) -> None:
    try:
        _hold_for_lead(db, access)
    except Forbidden:
        heir = select(col(Member.role)).where(
            col(Member.project_id) == access.project_id, col(Member.number) == number
        )
        if db.scalar(heir) == Role.LEAD:
            raise Conflict from None
        raise


def deactivate_member(db: Session, access: Access, number: int) -> None:
    """Take a member out of the project; what they did stays, and links they gave away let nobody in."""
    row = _demand_member(db, access, number)
    if not row.is_active:
        return
    _keep_a_lead(db, row)
    row.is_active, row.deactivated_at = False, now()
    db.flush()  # Whoever locks several of these takes them in this order: members, invitations, the history.
    hold_invitations_of(db, row.account_id, access.account_id, access.project_id)()
    _record(db, access.project_id, access.account_id, "member.deactivate", f"member {number}")


def reactivate_member(db: Session, access: Access, number: int) -> None:
    """Let a member in again, with the role and the work they had."""
    row = _demand_member(db, access, number)
    if not row.is_active:
        row.is_active, row.deactivated_at = True, None
        db.flush()
        _record(db, access.project_id, access.account_id, "member.reactivate", f"member {number}")


def _demand_member(db: Session, access: Access, number: int) -> Member:
    _hold_for_lead(db, access)
    found: Member | None = db.scalar(
        select(Member)
        .where(col(Member.project_id) == access.project_id, col(Member.number) == number)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _keep_a_lead(db: Session, leaving: Member) -> None:
    """`Refusal` where nobody else could run the project."""
    leads = db.scalars(
        select(col(Member.id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(
            col(Member.project_id) == leaving.project_id,
            col(Member.role) == Role.LEAD,
            col(Member.is_active),
            col(Account.is_active),
        )
    )
    if set(leads) == {leaving.id}:
        raise Refusal(_("This is the only lead. Make another member lead first, then come back."))


def invite(db: Session, access: Access, role: Role, note: str, days: int, token: str) -> None:
    """Let `token` admit one person with this role; the same token again makes no second invitation."""
    _hold_for_lead(db, access)
    try:
        with db.begin_nested():
            db.add(
                Invitation(
                    project_id=access.project_id,
                    token_hash=hash_token(token),
                    role=role,
                    note=note,
                    created_by=access.account_id,
                    created_at=now(),
                    expires_at=now() + timedelta(days=days),
                )
            )
    except IntegrityError:
        if invitation(db, token).project_id != access.project_id:
            raise Conflict from None
        return
    details = {"role": role, "note": note, "days": days}
    _record(db, access.project_id, access.account_id, "invitation.create", "invitation", details)


def revoke_invitation(db: Session, access: Access, handle: str) -> None:
    """Withdraw an open invitation."""
    statement = (
        update(Invitation)
        .where(
            col(Invitation.project_id) == access.project_id,
            func.substr(col(Invitation.token_hash), 1, HANDLE_LENGTH) == handle,
            col(Invitation.used_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
        .values(revoked_at=now())
        .returning(col(Invitation.role), col(Invitation.note))
    )
    revoked = db.execute(statement).first()
    if revoked is None:
        raise NotFound(_("This invitation is not open any more: it was used or withdrawn."))
    details = {"role": revoked.role, "note": revoked.note}
    _record(db, access.project_id, access.account_id, "invitation.revoke", "invitation", details)


def hold_invitations_of(
    db: Session, account_id: int, actor_id: int | None, project_id: int | None = None
) -> Callable[[], None]:
    """Hold the open invitations that an account has made, in one project or in all.

    What comes back withdraws them.
    """
    is_open = (
        col(Invitation.used_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        col(Invitation.expires_at) > now(),
    )
    own = select(Invitation).where(col(Invitation.created_by) == account_id, *is_open)
    if project_id is not None:
        own = own.where(col(Invitation.project_id) == project_id)
    rows = db.scalars(own.order_by(col(Invitation.id)).with_for_update()).all()

    def withdraw() -> None:
        for row in rows:
            row.revoked_at = now()
            details = {"role": row.role, "note": row.note}
            _record(db, row.project_id, actor_id, "invitation.revoke", "invitation", details)

    return withdraw


def join(db: Session, token: str, account_id: int) -> str:
    """Make the account a member by the invitation, use it up, and return the project's key."""
    hold_active(db, account_id)  # A form that was sent twice waits here until it is seen what the first did.
    offer = invitation(db, token, account_id)
    if offer.used_by is not None:
        return offer.project_key
    if why_not := why_no_joining(db, offer, account_id):
        raise Refusal(why_not)
    hold_project(db, offer.project_id)
    if _claim(db, token, account_id):
        add_member(db, offer.project_id, account_id, offer.role, actor_id=account_id, action="member.join")
    return offer.project_key


def join_as_new(db: Session, token: str, name: str, display_name: str, password_hash: str) -> tuple[int, str]:
    """Make an account and a member by the invitation; returns the account's id and the project's key."""
    invitation(db, token)
    account_id = create_account(db, None, name, display_name)
    db.get_one(Account, account_id).password_hash = password_hash
    return account_id, join(db, token, account_id)


def join_as_known(db: Session, token: str, proof: Proof, name: str, display_name: str) -> tuple[int, str]:
    """The same for somebody whom the identity provider knows: they need no password."""
    invitation(db, token)
    account_id = create_known(db, proof, name, display_name)
    return account_id, join(db, token, account_id)


def _claim(db: Session, token: str, account_id: int) -> bool:
    """Use the invitation up. However many come at once, the database lets one through.

    False where the same account did so a moment ago, by a form that was sent twice.
    """
    statement = (
        update(Invitation)
        .where(
            col(Invitation.token_hash) == hash_token(token),
            col(Invitation.used_at).is_(None),
            col(Invitation.revoked_at).is_(None),
            col(Invitation.expires_at) > now(),
        )
        .values(used_at=now(), used_by=account_id)
        .returning(col(Invitation.id))
    )
    if db.execute(statement).first() is not None:
        return True
    db.expire_all()  # What was read before the others came says nothing any more.
    if invitation(db, token, account_id).used_by != account_id:
        raise Conflict
    return False


def _record(
    db: Session,
    project_id: int,
    actor_id: int | None,
    action: str,
    subject: str,
    details: Mapping[str, object] | None = None,
) -> None:
    record(db, project_id=project_id, actor_id=actor_id, action=action, subject=subject, details=details)
