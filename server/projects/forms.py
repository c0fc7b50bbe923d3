"""What browsers may send about projects and members."""

from typing import Annotated

from pydantic import BaseModel, Field

from server.accounts.forms import Line, Paragraphs, ShortLine
from server.projects.roles import Role


class NewProjectForm(BaseModel):
    """A new study. The token makes a double click one project."""

    title: Line
    description: Paragraphs = ""
    form_token: str = ""


class ProjectForm(BaseModel):
    """What a project says about itself."""

    title: Line
    description: Paragraphs = ""


class RoleForm(BaseModel):
    """A member's new role."""

    role: Role


class InvitationForm(BaseModel):
    """An invitation. The token makes a double click one link."""

    role: Role
    note: ShortLine | None = None
    days: Annotated[int, Field(ge=1, le=30)] = 7
    form_token: str = ""
