"""Who looks, and at which project: what every page knows about its reader."""

from dataclasses import dataclass, field

from fastapi import Request


@dataclass(frozen=True)
class Viewer:
    """The person who is signed in."""

    account_id: int
    display_name: str
    is_admin: bool
    may_create_projects: bool


@dataclass(frozen=True)
class ProjectHeading:
    """The project a page belongs to, and the permissions its reader has there."""

    key: str
    title: str
    is_synthetic: bool
    permissions: frozenset[str] = field(default_factory=frozenset)


def remember_viewer(request: Request, viewer: Viewer) -> None:
    """Let the page's frame say who is signed in."""
    request.state.viewer = viewer


def remember_project(request: Request, project: ProjectHeading) -> None:
    """Let the page's frame say which project this is."""
    request.state.project = project


def viewer_of(request: Request) -> Viewer | None:
    """Who is signed in, if this request has found out."""
    return getattr(request.state, "viewer", None)


def project_of(request: Request) -> ProjectHeading | None:
    """The project of this request, if it has found one."""
    return getattr(request.state, "project", None)
