"""The one table of who may do what in a project."""

from enum import StrEnum


class Role(StrEnum):
    """What a member is in a project."""

    LEAD = "lead"
    ADJUDICATOR = "adjudicator"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What a page or a button asks for."""

    SEE_PROJECT = "see_project"
    EDIT_PROJECT = "edit_project"
    MANAGE_MEMBERS = "manage_members"
    SEE_POSTS = "see_posts"
    IMPORT_POSTS = "import_posts"
    SEE_CODEBOOK = "see_codebook"
    EDIT_CODEBOOK = "edit_codebook"
    SEE_ROUNDS = "see_rounds"
    MANAGE_ROUNDS = "manage_rounds"
    CODE = "code"
    SEE_AGREEMENT = "see_agreement"
    REVIEW_DISAGREEMENTS = "review_disagreements"
    SEE_RESULTS = "see_results"
    EXPORT = "export"
    SEE_HISTORY = "see_history"


_EVERYBODY = frozenset({Permission.SEE_PROJECT, Permission.SEE_CODEBOOK})
_READS = frozenset(
    {Permission.SEE_POSTS, Permission.SEE_ROUNDS, Permission.SEE_AGREEMENT, Permission.SEE_RESULTS}
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.LEAD: frozenset(Permission),
    Role.ADJUDICATOR: _EVERYBODY | _READS | {Permission.CODE, Permission.REVIEW_DISAGREEMENTS},
    Role.ANNOTATOR: _EVERYBODY | {Permission.CODE},
    Role.VIEWER: _EVERYBODY | _READS,
}


def may(role: Role, permission: Permission) -> bool:
    """Whether members with this role have this permission."""
    return permission in GRANTS[role]
