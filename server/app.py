"""Wires settings, database, templates and pages into one application; no logic."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from server.db.engine import Database
from server.settings import Settings
from server.web.failures import install_failures
from server.web.headers import HeadersMiddleware
from server.web.rendering import STATIC, make_templates
from server.web.threads import thread_limit

ROUTERS: tuple[APIRouter, ...] = ()


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings. It does not migrate: `intercoder serve` does."""
    app = FastAPI(
        title="Intercoder",
        openapi_url=None,
        redirect_slashes=False,
        lifespan=thread_limit,
        max_body_size=settings.max_upload_mb * 1024 * 1024,
        middleware=[Middleware(HeadersMiddleware)],
    )
    app.state.settings = settings
    app.state.database = Database(settings.resolved_database_url, settings.threads)
    app.state.templates = make_templates()
    for router in ROUTERS:
        app.include_router(router)
    app.state.paths = _paths()
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    install_failures(app)
    return app


def _paths() -> dict[str, str]:
    """Page name → path, so that addresses are made without searching all routes."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {route.name: route.path for route in routes}
