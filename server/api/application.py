"""The interface as an application of its own within the server: its errors are problems, not pages."""

import re
from threading import BoundedSemaphore
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.routing import Mount

from server.api import codings, decisions, figures, final, posts, projects
from server.api.document import BASE, describe
from server.api.problems import install_problems
from server.settings import Settings

ROUTERS: tuple[APIRouter, ...] = (
    projects.router,
    posts.router,
    codings.router,
    codings.recording,
    decisions.router,
    figures.router,
    final.router,
)


def interface_of(app: FastAPI) -> Mount:
    """The interface under its address, on the database of `app`."""
    settings: Settings = app.state.settings
    interface = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in ROUTERS:
        interface.router.routes.extend(router.routes)
    interface.state.database = app.state.database
    interface.state.settings = settings
    interface.state.heavy = BoundedSemaphore(max(1, settings.threads // 4))
    install_problems(interface)
    app.state.interface = interface
    interface.add_route("/openapi.json", _document, name="api.document")
    return _mounted(interface)


def _mounted(interface: FastAPI) -> Mount:
    """`interface` under its address, also where a line end stands in what is asked for."""
    mount = Mount(BASE, interface, name="api")
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def _document(request: Request) -> Response:
    return JSONResponse(document_of(request.app))


def document_of(interface: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made when it is first asked for."""
    if interface.openapi_schema is None:
        interface.openapi_schema = describe(interface)
    return interface.openapi_schema
