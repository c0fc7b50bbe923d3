"""What a browser may send about access tokens."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from server.accounts.forms import ShortLine
from server.language import gettext as _
from server.tokens.actions import MAX_DAYS
from server.tokens.scopes import Scope


def _some(scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
    if not scopes:
        raise ValueError(_("Choose at least one."))
    return scopes


class TokenForm(BaseModel):
    """A new token; an empty project stands for all of the owner's."""

    name: ShortLine
    project: str = ""
    scopes: Annotated[tuple[Scope, ...], AfterValidator(_some)] = Field(default=(), validate_default=True)
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)]
    form_token: str = ""
