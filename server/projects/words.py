"""The roles in words."""

from server.language import gettext as _
from server.projects.roles import Role


def role_word(role: Role) -> str:
    """The name of a role."""
    return {
        Role.LEAD: _("lead"),
        Role.ADJUDICATOR: _("adjudicator"),
        Role.ANNOTATOR: _("annotator"),
        Role.VIEWER: _("viewer"),
    }[role]


def role_offers() -> tuple[tuple[str, str], ...]:
    """The roles to choose from, each with what it may do."""
    return (
        (Role.ANNOTATOR, _("Annotator: codes the posts that are assigned")),
        (Role.ADJUDICATOR, _("Adjudicator: codes, sees agreement and decides disagreements")),
        (Role.VIEWER, _("Viewer: reads agreement and results")),
        (Role.LEAD, _("Lead: runs the study, like you")),
    )
