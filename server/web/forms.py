"""Forms: what a browser sent, parsed into a model, with what was typed kept beside it.

FastAPI's own form parameters answer JSON 422 before our code runs; a person needs the page again, with
what they typed and a sentence at each field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, cast, get_origin
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from server.errors import Refusal
from server.language import gettext as _
from server.web.bodies import refuse_unreadable
from server.web.deferring import deferred
from server.web.scanning import SentFile

Model = TypeVar("Model", bound=BaseModel)
MAX_FIELDS = 5_000
MAX_FIELD_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Form(Generic[Model]):
    """A form as it was sent, or as it is offered.

    `typed` is what stands in its fields, `value` the parsed model or None, `errors` a sentence a field,
    `message` a sentence for the whole form.
    """

    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, SentFile] = field(default_factory=dict)
    value: Model | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    def checked(self) -> Model:
        """The parsed model; `Refusal` with a sentence a field where it could not be parsed."""
        if self.value is None:
            raise Refusal(self.message or _("Some answers need another look."), self.errors)
        return self.value

    def refused(self, refusal: Refusal) -> "Form[Model]":
        """The same form with what was wrong with it said."""
        return replace(self, errors=refusal.fields, message=refusal.message)

    def text(self, name: str) -> str:
        """What stands in the field `name`."""
        values = self.typed.get(name, ())
        return values[-1] if values else ""

    def has(self, name: str, value: object = "on") -> bool:
        """Whether the box or option `value` of the field `name` is chosen."""
        return str(value) in self.typed.get(name, ())

    def error(self, name: str) -> str:
        """What is wrong with the field `name`; empty where nothing is."""
        return self.errors.get(name, "")


def blank(**typed: object) -> Form[Any]:
    """A form to offer, with these values in its fields (a list or tuple for several)."""
    return Form(typed={name: _as_texts(value) for name, value in typed.items() if value is not None})


def _as_texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(str(item) for item in value)
    if isinstance(value, bool):
        return ("on",) if value else ()
    return (str(value),)


def form_of(model: type[Model]) -> Any:
    """What stands in a parameter's `Annotated` that is a `Form[model]`; `read_form` has read the body."""
    return deferred(lambda _db, request: parse(model, request.state.form))


async def read_form(request: Request) -> FormData:
    """The body as a form, read before a connection to the database is taken."""
    if not hasattr(request.state, "form"):
        await refuse_unreadable(request)
        is_plain = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        request.state.form = await (_plain_form(request) if is_plain else _form_with_files(request))
    form: FormData = request.state.form
    return form


async def _plain_form(request: Request) -> FormData:
    """A form without files. The standard library reads it several times faster than the multipart parser."""
    try:
        body = (await request.body()).decode()
        pairs: list[tuple[str, str | UploadFile]] = []
        pairs += parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as problem:  # Not UTF-8, or too many fields.
        raise HTTPException(400) from problem
    return FormData(pairs)


async def _form_with_files(request: Request) -> FormData:
    """A form with files, each of which is scanned when it is opened: nobody gets it otherwise."""
    form = await request.form(max_files=20, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    sent = [(name, _scanned_first(request, value)) for name, value in form.multi_items()]
    return FormData(cast(list[tuple[str, str | UploadFile]], sent))


def _scanned_first(request: Request, value: str | UploadFile) -> str | SentFile:
    return value if isinstance(value, str) else SentFile(value.filename or "", value.file, request)


def parse(model: type[Model], data: FormData) -> Form[Model]:
    """`data` as a `model`. Empty fields count as not given; white space around a value is dropped."""
    typed: dict[str, tuple[str, ...]] = {}
    files: dict[str, SentFile] = {}
    for name, value in cast(list[tuple[str, str | SentFile]], data.multi_items()):
        if isinstance(value, SentFile):
            files[name] = value
        else:
            # No text has a NUL in it, and PostgreSQL could not store one.
            typed[name] = (*typed.get(name, ()), value.replace("\0", ""))
    try:
        parsed = model.model_validate(_given(model, typed))
    except ValidationError as problem:
        return Form(
            typed,
            files,
            errors={_field(error): _sentence(error) for error in problem.errors()},
            message=_("Some answers need another look."),
        )
    return Form(typed, files, value=parsed)


def _given(model: type[BaseModel], typed: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        values = tuple(value.strip() for value in typed.get(name, ()))
        if get_origin(info.annotation) in {tuple, list, set, frozenset}:
            given[name] = [value for value in values if value != ""]
        elif values and values[-1] != "":
            given[name] = values[-1].replace("\r\n", "\n")
    return given


def _field(error: ErrorDetails) -> str:
    return str(error["loc"][0]) if error["loc"] else ""


def _sentence(error: ErrorDetails) -> str:
    """Pydantic's finding in words for a person."""
    context = error.get("ctx", {})
    sentences = {
        "missing": _("Please fill this in."),
        "string_too_short": _("Please write at least {min_length} characters."),
        "string_too_long": _("This is too long: at most {max_length} characters."),
        "int_parsing": _("Please write a whole number."),
        "int_from_float": _("Please write a whole number."),
        "float_parsing": _("Please write a number."),
        "finite_number": _("Please write a number."),
        "greater_than_equal": _("This must be at least {ge}."),
        "greater_than": _("This must be more than {gt}."),
        "less_than_equal": _("This must be at most {le}."),
        "less_than": _("This must be less than {lt}."),
        "enum": _("Please choose one of the answers offered."),
        "literal_error": _("Please choose one of the answers offered."),
    }
    if error["type"] == "value_error":
        return str(context.get("error", _("This cannot be used.")))
    return sentences.get(error["type"], _("This cannot be used.")).format(**context)
