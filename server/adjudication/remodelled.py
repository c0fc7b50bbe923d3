"""Fitted models are kept in memory until something new is coded: a page that needs them comes again."""

from sqlmodel import Session

from server.adjudication.memory import stamp_of
from server.adjudication.modelled import Asked, Modelled, evidence_on, modelled
from server.adjudication.scope import scope_of
from server.projects.access import Access

# The questions in dispute on a post, and the codes of a choice of many, are modelled one by one.
_KEPT = 12


def remembered_model(db: Session, access: Access, asked: Asked) -> Modelled | None:
    """The models of a question, from memory if nothing was coded since they were fitted."""
    scope = scope_of(db, access)
    stamp = (stamp_of(db, scope), scope.hidden, access.member_id)
    place = ("modelled", access.project_id)
    kept_at, kept = db.info["memory"].get(place, (None, {}))
    found: dict[str, tuple[Asked, Modelled | None]] = kept if kept_at == stamp else {}
    asked_before, known = found.get(asked.key, (None, None))
    if asked_before == asked:
        return known
    evidence = evidence_on(db, access, asked)
    model = None if evidence is None else modelled(evidence)
    fresh = found if len(found) < _KEPT else {}
    db.info["memory"][place] = (stamp, {**fresh, asked.key: (asked, model)})
    return model
