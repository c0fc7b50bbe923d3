"""The codebook's router, and what all its forms have in common."""

from dataclasses import replace
from typing import Annotated, Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.web.forms import Form
from server.web.numbers import number_in_path
from server.web.rendering import see_other
from server.web.routing import pages

router = pages()
Model = TypeVar("Model", bound=BaseModel)
VersionNumber = Annotated[int, number_in_path("number")]
CODEBOOK = "/projects/{project_key}/codebook"
VERSION = CODEBOOK + "/versions/{number}"
DRAFT = CODEBOOK + "/draft"
VARIABLE = DRAFT + "/variables/{variable_key}"
CODE = VARIABLE + "/codes/{code_key}"


def kept(form: Form[Model], problem: Refusal | Conflict) -> tuple[Form[Any], int]:
    """The form with what was typed and what is wrong with it, and the status of the answer."""
    if isinstance(problem, Refusal):
        # Each sentence stands at its field, and is not said twice.
        message = (
            _("Nothing was saved. Some answers need another look.") if problem.fields else problem.message
        )
        return form.refused(Refusal(message, problem.fields)), 422
    return replace(form, message=problem.message, errors={}), 409


def kept_whole(form: Form[Model], problem: Refusal | Conflict) -> tuple[Form[Any], int]:
    """The same for a button, which has no fields: what is wrong is said for the whole."""
    if isinstance(problem, Refusal) and problem.fields:
        problem = Refusal(" ".join(dict.fromkeys(problem.fields.values())))
    return kept(form, problem)


def to_draft(request: Request, notice: str, variable_key: str = "") -> Response:
    """Back to the draft, at the variable that was worked on."""
    response = see_other(request, "codebooks.draft", notice=notice)
    if variable_key:
        response.headers["location"] += f"#variable-{variable_key}"
    return response


def made_key(key: str) -> str:
    """What a lead has to know of a key that was made for them."""
    return _("Its key is {key}, and can be changed until it is published.").format(key=key)
