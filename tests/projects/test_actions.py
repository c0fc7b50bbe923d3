from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from server.clock import now
from server.errors import NotFound, Refusal
from server.history.models import HistoryEvent
from server.projects import actions, queries
from server.projects.models import Invitation, Member, Project
from server.projects.roles import Role
from tests import make
from tests.cast import Cast


def account(db: Session, name: str) -> int:
    return make.account(db, name).id or 0


def events(db: Session, project_id: int) -> list[str]:
    statement = (
        select(HistoryEvent).where(HistoryEvent.chain == project_id).order_by(col(HistoryEvent.sequence))
    )
    return [event.action for event in db.exec(statement)]


def test_who_makes_a_project_leads_it(db: Session) -> None:
    creator = account(db, "anna")
    access = actions.create_project(db, creator, "A study", "About something", is_synthetic=True)
    row = db.get_one(Project, access.project_id)
    assert (row.title, row.description, row.is_synthetic) == ("A study", "About something", True)
    assert (access.account_id, access.role, access.project_key) == (creator, Role.LEAD, row.key)
    assert events(db, access.project_id) == ["project.create", "member.add"]


def test_one_form_makes_one_project(db: Session) -> None:
    creator = account(db, "anna")
    first, second = (actions.create_project(db, creator, "A study", form_token="t1") for _ in range(2))
    assert first == second
    assert actions.create_project(db, creator, "A study", form_token="t2") != first
    assert actions.create_project(db, account(db, "bert"), "A study", form_token="t1") != first
    assert len(db.exec(select(Project)).all()) == 3


def test_members_are_numbered_one_after_the_other(cast: Cast, db: Session) -> None:
    made = [
        actions.add_member(db, cast.lead.project_id, account(db, name), Role.ANNOTATOR, "students")
        for name in ("one", "two")
    ]
    rows = [db.get_one(Member, access.member_id) for access in made]
    assert [row.number for row in rows] == [6, 7]
    assert {row.coder_group for row in rows} == {"students"}


def test_nobody_is_a_member_twice(cast: Cast, db: Session) -> None:
    with pytest.raises(Refusal):
        actions.add_member(db, cast.lead.project_id, cast.viewer.account_id, Role.LEAD)


def test_a_project_can_be_renamed_and_remembers_how(cast: Cast, db: Session) -> None:
    actions.edit_project(db, cast.lead, "Another title", "")
    actions.edit_project(db, cast.lead, "Another title", "")
    assert queries.project_info(db, cast.lead).title == "Another title"
    assert events(db, cast.lead.project_id) == ["project.edit"]


def test_archiving_and_restoring_are_recorded_once(cast: Cast, db: Session) -> None:
    for act in (actions.archive, actions.archive, actions.restore, actions.restore):
        act(db, cast.lead)
    assert queries.project_info(db, cast.lead).archived_at is None
    assert events(db, cast.lead.project_id) == ["project.archive", "project.restore"]


def number_of(db: Session, member_id: int) -> int:
    return db.get_one(Member, member_id).number


def test_the_last_lead_stays(cast: Cast, db: Session) -> None:
    number = number_of(db, cast.lead.member_id)
    with pytest.raises(Refusal):
        actions.change_role(db, cast.lead, number, Role.VIEWER)
    with pytest.raises(Refusal):
        actions.deactivate_member(db, cast.lead, number)
    actions.change_role(db, cast.lead, number_of(db, cast.viewer.member_id), Role.LEAD)
    actions.deactivate_member(db, cast.lead, number)
    assert not db.get_one(Member, cast.lead.member_id).is_active


def test_a_lead_whose_account_is_deactivated_does_not_count(cast: Cast, db: Session) -> None:
    gone = make.account(db, "gone", is_active=False)
    actions.add_member(db, cast.lead.project_id, gone.id or 0, Role.LEAD)
    with pytest.raises(Refusal):
        actions.deactivate_member(db, cast.lead, number_of(db, cast.lead.member_id))


def test_deactivating_keeps_the_row_and_reactivating_the_role(cast: Cast, db: Session) -> None:
    number = number_of(db, cast.annotator.member_id)
    actions.deactivate_member(db, cast.lead, number)
    actions.deactivate_member(db, cast.lead, number)
    row = db.get_one(Member, cast.annotator.member_id)
    assert (row.is_active, row.role, row.deactivated_at is None) == (False, Role.ANNOTATOR, False)
    actions.reactivate_member(db, cast.lead, number)
    assert (row.is_active, row.deactivated_at) == (True, None)
    assert events(db, cast.lead.project_id) == ["member.deactivate", "member.reactivate"]


def test_links_of_who_is_taken_out_let_nobody_in(cast: Cast, db: Session) -> None:
    second = make.member(db, cast.project, Role.LEAD, "second_lead")
    actions.invite(db, second, Role.LEAD, "", 7, "theirs")
    actions.invite(db, cast.lead, Role.LEAD, "", 7, "ours")
    actions.deactivate_member(db, cast.lead, number_of(db, second.member_id))
    with pytest.raises(NotFound):
        queries.invitation(db, "theirs")
    assert queries.invitation(db, "ours").role is Role.LEAD


def test_links_of_who_leads_no_more_let_nobody_in(cast: Cast, db: Session) -> None:
    second = make.member(db, cast.project, Role.LEAD, "second_lead")
    actions.invite(db, second, Role.LEAD, "", 7, "theirs")
    actions.change_role(db, cast.lead, number_of(db, second.member_id), Role.VIEWER)
    with pytest.raises(NotFound):
        queries.invitation(db, "theirs")


def test_members_that_do_not_exist_cannot_be_changed(cast: Cast, db: Session) -> None:
    for act in (actions.deactivate_member, actions.reactivate_member):
        with pytest.raises(NotFound):
            act(db, cast.lead, 99)


def invite(db: Session, cast: Cast, token: str = "secret", days: int = 7) -> str:
    actions.invite(db, cast.lead, Role.ANNOTATOR, "Bert", days, token)
    return token


def test_an_invitation_admits_one_person_with_its_role(cast: Cast, db: Session) -> None:
    token, bert, carl = invite(db, cast), account(db, "bert"), account(db, "carl")
    assert actions.join(db, token, bert) == cast.lead.project_key
    member = queries.member_of(db, cast.lead.project_id, bert)
    assert member is not None
    assert (member.role, member.number) == (Role.ANNOTATOR, 6)
    with pytest.raises(NotFound, match="has been used"):
        actions.join(db, token, carl)
    assert events(db, cast.lead.project_id) == ["invitation.create", "member.join"]


def test_who_has_joined_may_open_the_link_again(cast: Cast, db: Session) -> None:
    token, bert = invite(db, cast), account(db, "bert")
    assert actions.join(db, token, bert) == actions.join(db, token, bert)
    assert events(db, cast.lead.project_id).count("member.join") == 1


def test_the_token_is_not_stored(cast: Cast, db: Session) -> None:
    token = invite(db, cast)
    row = db.exec(select(Invitation)).one()
    assert token not in row.model_dump_json()
    assert queries.open_invitations(db, cast.lead)[0].handle != token


def test_the_same_link_is_one_invitation(cast: Cast, db: Session) -> None:
    invite(db, cast)
    invite(db, cast)
    assert len(queries.open_invitations(db, cast.lead)) == 1


def test_an_expired_invitation_admits_nobody(cast: Cast, db: Session) -> None:
    token = invite(db, cast)
    db.exec(select(Invitation)).one().expires_at = now() - timedelta(seconds=1)
    with pytest.raises(NotFound, match="has expired"):
        actions.join(db, token, account(db, "bert"))
    assert queries.open_invitations(db, cast.lead) == ()


def test_a_withdrawn_invitation_admits_nobody(cast: Cast, db: Session) -> None:
    token = invite(db, cast)
    handle = queries.open_invitations(db, cast.lead)[0].handle
    actions.revoke_invitation(db, cast.lead, handle)
    with pytest.raises(NotFound, match="withdrawn"):
        actions.join(db, token, account(db, "bert"))
    with pytest.raises(NotFound):
        actions.revoke_invitation(db, cast.lead, handle)


def test_an_invitation_of_another_project_cannot_be_withdrawn(cast: Cast, db: Session) -> None:
    invite(db, cast)
    handle = queries.open_invitations(db, cast.lead)[0].handle
    other = make.member(db, make.project(db), Role.LEAD, "other")
    with pytest.raises(NotFound):
        actions.revoke_invitation(db, other, handle)
    assert queries.open_invitations(db, other) == ()
    assert len(queries.open_invitations(db, cast.lead)) == 1


def test_members_leave_an_invitation_open_for_others(cast: Cast, db: Session) -> None:
    token = invite(db, cast)
    with pytest.raises(Refusal, match="member of this project already"):
        actions.join(db, token, cast.viewer.account_id)
    assert len(queries.open_invitations(db, cast.lead)) == 1


def test_who_was_deactivated_does_not_come_back_by_a_link(cast: Cast, db: Session) -> None:
    token = invite(db, cast)
    actions.deactivate_member(db, cast.lead, number_of(db, cast.viewer.member_id))
    with pytest.raises(Refusal, match="membership was ended"):
        actions.join(db, token, cast.viewer.account_id)


def test_a_new_person_gets_an_account_and_a_membership(cast: Cast, db: Session) -> None:
    token = invite(db, cast)
    account_id, key = actions.join_as_new(db, token, "bert", "Bert", "a hash")
    assert key == cast.lead.project_key
    assert queries.member_of(db, cast.lead.project_id, account_id) is not None
    assert [project.key for project in queries.own_projects(db, account_id)] == [key]
