"""Wires settings, database, templates and pages into one application; no logic."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

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
from server.adjudication.desk_pages import router as adjudication_desk
from server.adjudication.disputed import disputed_posts
from server.adjudication.each_pages import router as adjudication_each
from server.adjudication.example_pages import router as adjudication_example
from server.adjudication.meeting_pages import router as adjudication_meeting
from server.adjudication.modelled_pages import router as adjudication_modelled
from server.adjudication.pages import router as adjudication
from server.adjudication.settings_pages import router as adjudication_settings
from server.adjudication.sharing import owes_decision
from server.adjudication.sharing_pages import router as adjudication_sharing
from server.adjudication.station import decisions_station
from server.api.application import mount_interface
from server.api.pages import router as api
from server.archive.pages import router as archive
from server.care.pages import router as care
from server.care.queries import timed_since
from server.codebooks.pages import previewing as codebooks_previewing
from server.codebooks.pages import router as codebooks
from server.codebooks.station import codebook_station
from server.coding.answering import questions_notice
from server.coding.answering_pages import router as coding_answering
from server.coding.asking import answers_notices
from server.coding.asking_pages import router as coding_asking
from server.coding.entry import router as coding_entry
from server.coding.pages import desk_router as coding_desk
from server.coding.pages import router as coding
from server.coding.pages import taking as coding_taking
from server.coding.queries import own_key_that_shows
from server.coding.time_pages import router as coding_times
from server.corpora.pages import router as corpora
from server.corpora.running import Imports
from server.corpora.station import posts_station
from server.db.engine import Database
from server.exchange.copying.pages import router as copying
from server.exchange.downloads.history_pages import router as history_files
from server.exchange.downloads.pages import router as downloads
from server.exchange.gold.pages import router as gold_files
from server.exchange.papers.agreement_sheets import router as agreement_sheets
from server.exchange.papers.norming_sheets import router as norming_sheets
from server.exchange.papers.pages import router as papers
from server.exchange.papers.problem_sheets import router as problem_sheets
from server.exchange.papers.result_sheets import router as result_sheets
from server.exchange.qda.pages import router as qda
from server.exchange.ratings.pages import router as ratings
from server.methods.pages import router as methods
from server.norming.pages import router as norming
from server.projects.access import recognise
from server.projects.actions import revoke_invitations_of
from server.projects.entry import router as projects_entry
from server.projects.handing_over import router as projects_handing_over
from server.projects.history_pages import router as projects_history
from server.projects.membership import router as projects_membership
from server.projects.overview import Overview
from server.projects.pages import router as projects
from server.projects.queries import leads_something
from server.rebuilding.pages import router as rebuilding
from server.recoding.pages import router as recoding
from server.reliability.drift_pages import router as reliability_drift
from server.reliability.pages import router as reliability
from server.reliability.planner import router as reliability_planner
from server.results.corrected_pages import router as results_corrected
from server.results.group_pages import router as results_groups
from server.results.pages import router as results
from server.results.together_pages import router as results_together
from server.rounds.changing_pages import router as rounds_changing
from server.rounds.opening_pages import router as rounds_opening
from server.rounds.pages import router as rounds
from server.rounds.skip_pages import router as rounds_skipping
from server.rounds.station import codings_by_member, codings_station, own_rounds, rounds_station
from server.rounds.watching_pages import router as rounds_watching
from server.settings import Settings
from server.takedown.pages import router as takedown
from server.tokens.actions import end_tokens_of
from server.tokens.pages import router as tokens
from server.training.actions import settle
from server.training.gold_pages import router as training_gold
from server.training.pages import router as training
from server.web.body_limit import BodyLimitMiddleware
from server.web.failures import install_failures
from server.web.frames import Frames
from server.web.headers import HeadersMiddleware
from server.web.health import router as health
from server.web.languages import read_languages
from server.web.rendering import make_templates
from server.web.static_files import STATIC, CompressedStaticFiles
from server.web.threads import thread_limit
from server.web.watching import Metrics, WatchMiddleware

# Addresses are looked for in this order, and the annotator's path is the one in a hurry.
ROUTERS: tuple[APIRouter, ...] = (
    coding_desk,
    coding,
    accounts,
    accounts_back,
    accounts_ending,
    accounts_entry,
    accounts_me,
    accounts_own,
    accounts_provider,
    accounts_step,
    adjudication_example,
    # Before the posts, whose numbers stand in the same place of the address.
    adjudication_modelled,
    adjudication_each,
    adjudication_meeting,
    problem_sheets,
    result_sheets,
    adjudication_settings,
    adjudication_sharing,
    adjudication,
    adjudication_desk,
    api,
    archive,
    care,
    codebooks,
    codebooks_previewing,
    coding_answering,
    coding_asking,
    coding_entry,
    coding_taking,
    coding_times,
    copying,
    corpora,
    downloads,
    ratings,
    agreement_sheets,
    papers,
    qda,
    gold_files,
    history_files,
    methods,
    norming,
    norming_sheets,
    projects,
    projects_entry,
    projects_handing_over,
    projects_history,
    rebuilding,
    projects_membership,
    recoding,
    reliability,
    reliability_drift,
    reliability_planner,
    results,
    results_groups,
    results_together,
    results_corrected,
    rounds_opening,  # Before the rounds, whose numbers stand in the same place of the address.
    rounds,
    rounds_changing,
    rounds_skipping,
    rounds_watching,
    takedown,
    tokens,
    training,
    training_gold,
)

OVERVIEW = Overview(
    stations=(posts_station, codebook_station, rounds_station, codings_station, decisions_station),
    own_rounds=own_rounds,
    codings_by_member=codings_by_member,
    notices=(questions_notice, answers_notices),
    timed_since=timed_since,
    owes_decision=owes_decision,
)


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings. It does not migrate: `intercoder serve` does."""
    read_languages()
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
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.is_leaving = False
    app.state.database = Database(settings.resolved_database_url, settings.threads)
    app.state.imports = Imports(app.state.database, settings.shown_at_once)
    app.state.templates = make_templates()
    app.state.frames = Frames(app.state.templates)
    app.state.overview = OVERVIEW
    app.state.settle_training = settle
    app.state.disputed_posts = disputed_posts
    app.state.is_session = is_session
    app.state.provider = Provider(settings) if settings.oidc_issuer else None
    app.state.leads = leads_something
    app.state.endings = (end_tokens_of, revoke_invitations_of)
    app.state.recognise = recognise
    app.state.key_that_shows = own_key_that_shows
    for router in ROUTERS:
        # Not `include_router`: it matches each address twice, and these have no prefix and nothing in common.
        app.router.routes.extend(router.routes)
    app.state.paths = _paths()
    app.include_router(health)
    mount_interface(app, settings)
    app.mount("/static", CompressedStaticFiles(directory=STATIC), name="static")
    install_failures(app)
    return app


def _watch(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """Only where somebody reads what it tells, since it costs every request a little."""
    if not (settings.log_requests or settings.metrics_token):
        return []
    return [Middleware(WatchMiddleware, metrics=metrics, writes=settings.log_requests)]


@asynccontextmanager
async def _alive(app: FastAPI) -> AsyncIterator[None]:
    """What goes on while the application runs."""
    async with thread_limit(app):
        with app.state.imports.going_on():
            yield


def _paths() -> dict[str, str]:
    """Page name → path, so that addresses are made without searching all routes."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {route.name: route.path_format for route in routes}
