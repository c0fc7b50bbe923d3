"""What a token may be used for. Pure: the role of its owner decides besides."""

from enum import StrEnum

from server.language import gettext as _


class Scope(StrEnum):
    """One thing that a program may do with a token."""

    PROJECTS_READ = "projects:read"
    POSTS_READ = "posts:read"
    POSTS_WRITE = "posts:write"
    CODINGS_READ = "codings:read"
    DECISIONS_READ = "decisions:read"
    AGREEMENT_READ = "agreement:read"
    RESULTS_READ = "results:read"


def scope_offers() -> tuple[tuple[str, str], ...]:
    """The scopes to choose from, each in words."""
    return (
        (Scope.PROJECTS_READ, _("Read projects and codebooks")),
        (Scope.POSTS_READ, _("Read posts")),
        (Scope.POSTS_WRITE, _("Import posts")),
        (Scope.CODINGS_READ, _("Read codings")),
        (Scope.DECISIONS_READ, _("Read decisions")),
        (Scope.AGREEMENT_READ, _("Read agreement")),
        (Scope.RESULTS_READ, _("Read results and the final dataset")),
    )
