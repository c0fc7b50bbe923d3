"""The page that tells what programs can ask for, made from the same description as the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from server.accounts.access import AnyOne
from server.api.application import document_of
from server.api.document import BASE
from server.web.rendering import render
from server.web.routing import pages

router = pages()


@dataclass(frozen=True)
class ParameterLine:
    """What an operation can be given, and what that is."""

    name: str
    place: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class OperationLine:
    """One operation in words."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[ParameterLine, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReferencePage:
    """All operations."""

    address: str
    document: str
    operations: tuple[OperationLine, ...]


@router.get("/api", name="api.reference")
def reference(request: Request, _viewer: AnyOne) -> Response:
    """What programs can ask for."""
    paths = document_of(request.app.state.interface)["paths"]
    lines = tuple(
        _operation(method, path, said) for path, methods in paths.items() for method, said in methods.items()
    )
    address = request.app.state.settings.resolved_base_url + BASE
    return render(request, "api/reference.html", ReferencePage(address, f"{BASE}/openapi.json", lines))


def _operation(method: str, path: str, said: Mapping[str, Any]) -> OperationLine:
    return OperationLine(
        method.upper(),
        path,
        said["summary"],
        _plain(said),
        tuple(map(_parameter, said.get("parameters", ()))),
        tuple((status, answer["description"]) for status, answer in said["responses"].items()),
    )


def _parameter(said: Mapping[str, Any]) -> ParameterLine:
    return ParameterLine(said["name"], said["in"], said.get("required", False), _plain(said))


def _plain(said: Mapping[str, Any]) -> str:
    """A description without the marks that OpenAPI takes for code."""
    return str(said.get("description", "")).replace("`", "")
