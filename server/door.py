"""What is answered first: the door, while all areas are still being loaded behind it.

They are most of the program, and loading them takes a second of the processor. Who comes first is signed in
nowhere and sees the door. So a server listens with its pages, the state of the server and static files, and
`load` brings everything else in a thread. Until then other requests wait, forms among them, for what a form
does may need any area: see `server.web.waiting`.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, asynccontextmanager
from contextvars import copy_context
from typing import cast

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import State
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from server.accounts.entry import router as accounts_entry
from server.accounts.me_pages import ending as accounts_ending
from server.accounts.me_pages import router as accounts_me
from server.accounts.own_pages import router as accounts_own
from server.accounts.pages import router as accounts
from server.accounts.provider import Provider
from server.accounts.provider_pages import back_router as accounts_back
from server.accounts.provider_pages import router as accounts_provider
from server.accounts.queries import is_session
from server.accounts.step_pages import router as accounts_step
from server.db.engine import Database
from server.settings import Settings
from server.web.body_limit import BodyLimitMiddleware
from server.web.failures import install_failures
from server.web.few import places_for
from server.web.frames import Frames
from server.web.garbage import set_apart_what_stays, uncollected
from server.web.headers import HeadersMiddleware
from server.web.health import router as health
from server.web.rendering import make_templates
from server.web.static_files import STATIC, CompressedStaticFiles
from server.web.threads import thread_limit
from server.web.waiting import PathsSoFar, Waiting, loaded
from server.web.watching import Metrics, WatchMiddleware

ACCOUNTS: tuple[APIRouter, ...] = (
    accounts,
    accounts_back,
    accounts_ending,
    accounts_entry,
    accounts_me,
    accounts_own,
    accounts_provider,
    accounts_step,
)
# The one page of another area that the pages of the door name.
_HOME, _HOME_PATH = "projects.home", "/"

Load = Callable[[FastAPI], None]


class _State(State):
    """What all requests share, in plain attributes: Starlette makes a call of each look, dozens a page."""

    __setattr__ = object.__setattr__  # type: ignore[assignment]
    __delattr__ = object.__delattr__


def open_door(settings: Settings, load: Load) -> FastAPI:
    """The application as far as the door. Once it runs, `load` is called in a thread, and calls `let_in`."""
    metrics = Metrics()
    app = FastAPI(
        title="Intercoder",
        openapi_url=None,
        redirect_slashes=False,
        # What goes wrong is told to the log of `server.web.failures`, and to nobody else.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_alive,
        middleware=[
            *_watch(settings, metrics),
            Middleware(HeadersMiddleware, is_https=settings.is_https),
            Middleware(BodyLimitMiddleware, max_bytes=settings.max_upload_mb * 1024 * 1024),
        ],
    )
    app.state = cast(State, _State())
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.is_leaving = False
    app.state.load, app.state.loading, app.state.is_loaded = load, Future[None](), False
    app.state.database = Database(settings.resolved_database_url, settings.threads)
    app.state.scanning = places_for(settings.threads)
    app.state.reading = places_for(settings.threads)
    app.state.templates = make_templates()
    app.state.frames = Frames(app.state.templates)
    app.state.is_session = is_session
    app.state.provider = Provider(settings) if settings.oidc_issuer else None
    app.state.paths = PathsSoFar(app, _paths(routes_of(ACCOUNTS)) | {_HOME: _HOME_PATH})
    app.include_router(health)
    app.mount("/static", CompressedStaticFiles(directory=STATIC), name="static")
    app.state.always = tuple(app.router.routes)
    app.router.routes = [*_looked_at(accounts_entry), *app.state.always, Waiting(app, _HOME_PATH)]
    install_failures(app)
    return app


def let_in(app: FastAPI, areas: Iterable[BaseRoute]) -> None:
    """Answer the addresses of the areas, too, from now on: the last that loading does."""
    routes = [*areas]
    app.state.paths = _paths(routes)
    app.router.routes = [*routes, *app.state.always]
    app.state.is_loaded = True


def routes_of(routers: Iterable[APIRouter]) -> Iterator[BaseRoute]:
    """The routes of routers that have no prefix and nothing else in common.

    Not by `include_router`: it matches each address twice.
    """
    return (route for router in routers for route in router.routes)


def _looked_at(router: APIRouter) -> list[BaseRoute]:
    """Its pages without what their forms do."""
    return [route for route in router.routes if isinstance(route, APIRoute) and route.methods == {"GET"}]


def _paths(routes: Iterable[BaseRoute]) -> dict[str, str]:
    """Page name → path, so that addresses are made without searching all routes."""
    return {route.name: route.path_format for route in routes if isinstance(route, APIRoute)}


def _watch(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """Only where somebody reads what it tells, since it costs every request a little."""
    if not (settings.log_requests or settings.metrics_token):
        return []
    return [Middleware(WatchMiddleware, metrics=metrics, writes=settings.log_requests)]


@asynccontextmanager
async def _alive(app: FastAPI) -> AsyncIterator[None]:
    """What goes on while the application runs; it ends when what is being loaded is."""
    with app.state.database.watched():  # Also while pages end that wait for the database.
        async with thread_limit(app) as threads:
            with ExitStack() as beside:
                app.state.loading = threads.submit(copy_context().run, _complete, app, beside)
                if app.state.is_loaded:
                    await loaded(app)
                yield
                await loaded(app)


def _complete(app: FastAPI, beside: ExitStack) -> None:
    """Load what is not there yet, and begin what goes on beside the requests."""
    if not app.state.is_loaded:
        with uncollected():
            app.state.load(app)
    beside.enter_context(app.state.imports.going_on())
    set_apart_what_stays()
