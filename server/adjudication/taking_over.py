"""Taking a post over from the adjudicator to whom it belongs."""

from sqlalchemy import exists, select
from sqlmodel import Session, col

from server.adjudication.answers import table_of
from server.adjudication.models import Decision, PostTaken
from server.adjudication.scope import Scope
from server.adjudication.sharing import sharing_of
from server.adjudication.standing import by_a_person
from server.adjudication.writing import one_at_a_time
from server.clock import now
from server.corpora.taken_down import refuse_taken_down
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access


def take_over(db: Session, access: Access, scope: Scope, number: int) -> None:
    """Let a post belong to whoever asks for it.

    Raises:
        Refusal: The queue is not split among them, or somebody decided the post, which they would have seen.
    """
    one_at_a_time(db, access)
    post = table_of(db, access, scope, number).post
    refuse_taken_down(post.is_taken_down)
    post_id = post.id
    sharing = sharing_of(db, access.project_id)
    if not sharing.splits or access.member_id not in sharing.member_ids:
        raise Refusal(_("You have no share of the queue, so there is nothing to take over."))
    owner = sharing.owner(post_id)
    if owner == access.member_id:
        return
    decided = exists().where(col(Decision.post_id) == post_id, by_a_person())
    if db.scalar(select(decided)):
        raise Refusal(_("Somebody has begun to decide this post, so it stays with whom it belongs to."))
    db.merge(
        PostTaken(post_id=post_id, project_id=access.project_id, member_id=access.member_id, taken_at=now())
    )
    db.flush()
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="adjudication.take_over",
        subject=f"post {number}",
        details={},
    )
