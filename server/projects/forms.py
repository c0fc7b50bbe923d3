"""What browsers may send about projects and members."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from server.accounts.forms import Line, Paragraphs, ShortLine
from server.language import gettext as _
from server.projects.roles import Role
from server.web.numbers import MAX_NUMBER


def _day(value: object) -> object:
    """A day as browsers send it: 2025-12-03."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as problem:
        raise ValueError(_("Please write a day as in 2025-12-03.")) from problem


Day = Annotated[date, BeforeValidator(_day)]


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


class HandOverForm(BaseModel):
    """Who becomes the lead, and what the one who hands over stays."""

    number: Annotated[int, Field(ge=1, le=MAX_NUMBER)]
    role: Role


class InvitationForm(BaseModel):
    """An invitation. The token makes a double click one link."""

    role: Role
    note: ShortLine | None = None
    days: Annotated[int, Field(ge=1, le=30)] = 7
    form_token: str = ""


class HistoryQuery(BaseModel):
    """Which events of the history are looked at: a member's number, an area or an action, a round, days."""

    person: str = ""
    action: str = ""
    round: Annotated[int, Field(ge=1, le=MAX_NUMBER)] | None = None
    since: Day | None = None
    until: Day | None = None
    words: ShortLine | None = None
