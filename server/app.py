"""Wires the pages of all areas, and what they know of one another, into one application; no logic."""

from fastapi import APIRouter, FastAPI

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
from server.api.application import interface_of
from server.api.pages import router as api
from server.archive.pages import router as archive
from server.care.pages import router as care
from server.care.queries import timed_since
from server.codebooks.pages import previewing as codebooks_previewing
from server.codebooks.pages import router as codebooks
from server.codebooks.station import codebook_station
from server.coding.answering_pages import router as coding_answering
from server.coding.asking_pages import router as coding_asking
from server.coding.entry import router as coding_entry
from server.coding.own_questions import answers_notices
from server.coding.pages import desk_router as coding_desk
from server.coding.pages import router as coding
from server.coding.pages import taking as coding_taking
from server.coding.queries import own_key_that_shows
from server.coding.questions_to_lead import questions_notice
from server.coding.time_pages import router as coding_times
from server.corpora.pages import router as corpora
from server.corpora.running import Imports
from server.corpora.station import posts_station
from server.door import ACCOUNTS, let_in, open_door, routes_of
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
from server.projects.actions import hold_invitations_of
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
from server.tokens.actions import hold_tokens_of
from server.tokens.pages import router as tokens
from server.training.actions import settle
from server.training.gold_pages import router as training_gold
from server.training.pages import router as training
from server.web.languages import read_languages

# Addresses are looked for in this order, and the annotator's path is the one in a hurry.
ROUTERS: tuple[APIRouter, ...] = (
    coding_desk,
    coding,
    *ACCOUNTS,
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
    """The whole application for these settings. It does not migrate: `intercoder serve` does."""
    app = open_door(settings, furnish)
    furnish(app)
    return app


def furnish(app: FastAPI) -> None:
    """Give an application that is only a door everything else.

    Raises:
        Refusal: the file of a language is broken.
    """
    read_languages()
    app.state.imports = Imports(app.state.database, app.state.settings.shown_at_once)
    app.state.overview = OVERVIEW
    app.state.settle_training = settle
    app.state.disputed_posts = disputed_posts
    app.state.leads = leads_something
    app.state.endings = (hold_tokens_of, hold_invitations_of)
    app.state.recognise = recognise
    app.state.key_that_shows = own_key_that_shows
    let_in(app, [*routes_of(ROUTERS), interface_of(app)])
