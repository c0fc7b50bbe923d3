"""The standing cast of the tests: who belongs to the study, and who does not."""

from dataclasses import dataclass

from sqlmodel import Session

from server.projects.access import Access
from server.projects.models import Project
from server.projects.roles import Role
from tests import make


@dataclass(frozen=True)
class Cast:
    """A study and its people, each as the `Access` they act with."""

    project: Project
    lead: Access
    adjudicator: Access
    annotator: Access
    other_annotator: Access
    viewer: Access


def make_cast(db: Session) -> Cast:
    """A project with a member of each role."""
    project = make.project(db, title="When a model is retired")
    return Cast(
        project,
        lead=make.member(db, project, Role.LEAD, "lead"),
        adjudicator=make.member(db, project, Role.ADJUDICATOR, "adjudicator"),
        annotator=make.member(db, project, Role.ANNOTATOR, "annotator"),
        other_annotator=make.member(db, project, Role.ANNOTATOR, "other_annotator"),
        viewer=make.member(db, project, Role.VIEWER, "viewer"),
    )
