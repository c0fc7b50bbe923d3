"""What programs are told of the interface: the OpenAPI document, made from the operations themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from server.api.problems import MEDIA_TYPE, Problem

VERSION = "1.0"
BASE = "/api/v1"
_PROJECT = "{project_key}"
_AT_ANY_TIME = {
    401: "There is no token, or none that works",
    422: "Something that was sent cannot be used; `errors` says what",
    429: "Too many wrong tokens came from this address",
    503: "The server is busy: the same may be asked again after `Retry-After` seconds",
}
_OF_A_PROJECT = {
    403: "The token lacks the scope, or its owner's role the permission",
    404: "There is no such project, or none that the token reaches",
}
_WITH_A_BODY = {
    400: "The body cannot be read",
    409: "Something else is going on, or the idempotency key was used for another body",
    413: "The body is larger than is taken",
    415: "The body is not application/json",
}
_REFERENCE = {"$ref": "#/components/schemas/Problem"}
_RETRY = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "How to sign in", "schema": {"type": "string"}}}
_HEADERS = {401: _CHALLENGE, 429: _RETRY, 503: _RETRY}
ABOUT = """What the pages of this server show, for programs.

Every request carries an access token, `Authorization: Bearer intercoder_…`, which its owner makes on the page
*Access tokens*. It may do what its scopes say, and never more than its owner may at that moment: whoever
codes blindly sees no more here than on the pages. Moments are in UTC (RFC 3339). What goes wrong is told as
problem details (RFC 9457)."""


def documented(path: str, settings: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """All answers of an operation besides the one that its model describes."""
    found = dict(_AT_ANY_TIME)
    found |= _OF_A_PROJECT if _PROJECT in path else {403: _OF_A_PROJECT[403]}
    if settings.get("methods") and "GET" not in settings["methods"]:
        found |= _WITH_A_BODY
    problems = {status: _problem(status, said) for status, said in sorted(found.items())}
    return {**problems, **(settings.get("responses") or {})}


def _problem(status: int, said: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": said, "content": {MEDIA_TYPE: {"schema": _REFERENCE}}}
    if status in _HEADERS:
        answer["headers"] = _HEADERS[status]
    return answer


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, with how to sign in and what problems look like."""
    document = get_openapi(
        title="Intercoder",
        version=VERSION,
        openapi_version="3.1.0",
        description=ABOUT,
        routes=app.routes,
        servers=[{"url": BASE}],
    )
    parts = document.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    parts.setdefault("schemas", {}).update(schema.pop("$defs", {}), Problem=schema)
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    return document
