"""What every template keeps to, and what the frame around a page shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from jinja2 import DictLoader, Environment
from jinja2.loaders import ChoiceLoader

from server.projects.roles import GRANTS, Role
from server.settings import Settings
from server.web import places
from server.web.failures import failure
from server.web.rendering import bundled, make_templates, render
from server.web.viewer import ProjectHeading, Viewer, remember_project, remember_viewer
from tests.access_table import ROUTES

TEMPLATES = make_templates()
NAMES = TEMPLATES.list_templates(extensions=["html"])
SOURCES = {name: (bundled("templates") / name).read_text() for name in NAMES}
PARTS = ("layouts/", "components/")

PLACES = {
    "Coding": "coding.start",
    "Posts": "corpora.index",
    "Codebook": "codebooks.show",
    "Rounds": "rounds.index",
    "Agreement": "reliability.show",
    "Disagreements": "adjudication.queue",
    "Results": "results.show",
    "Members": "projects.members",
    "History": "projects.history",
}


# What every template keeps to


def test_compiles() -> None:
    for name in NAMES:
        TEMPLATES.get_template(name)


def _with(*patterns: str) -> list[tuple[str, str]]:
    """Which templates have what one of these patterns matches."""
    return [(name, each) for name, source in SOURCES.items() for each in patterns if re.search(each, source)]


def test_keeps_to_the_content_security_policy() -> None:
    styles, handlers = (r"\sstyle\s*=", r"<style\b"), r"\son[a-z]+\s*=\s*[\"']"
    assert not _with(*styles, handlers, r"<script\b(?![^>]*src=)", r"javascript:")


def test_escapes_everything() -> None:
    assert not _with(r"\|\s*safe\b|autoescape|\bMarkup\b")


def test_asks_nobody_else_for_anything() -> None:
    assert not _with(r"(?:src|href)=[\"'](?:https?:)?//")


def _key_carriers(source: str) -> list[str]:
    """What puts the form key into a form: the macro, a field of its own, and macros that call the macro."""
    macros = re.findall(r"{% macro (\w+)\([^)]*\) %}(.*?){% endmacro %}", source, re.DOTALL)
    fields = ['value="{{ form_key }}"', 'value="{{ shell.form_key }}"']
    return ["form_key()", *fields, *(f"{name}(" for name, body in macros if "form_key()" in body)]


def test_forms_that_change_something_carry_the_form_key() -> None:
    for name, source in SOURCES.items():
        carriers = _key_carriers(source)
        for form in re.findall(r"<form\b.*?</form>", source, re.DOTALL):
            if re.search(r"method=[\"']post[\"']", form.partition(">")[0], re.IGNORECASE):
                assert any(carrier in form for carrier in carriers), (name, form[:200])


def test_a_page_has_a_title() -> None:
    pages = [name for name in NAMES if not name.startswith(PARTS) and "{% extends" in SOURCES[name]]
    assert not [name for name in pages if not re.search(r"{%-? block title", SOURCES[name])]


# The frame around a page


@dataclass(frozen=True)
class Page:
    heading: str = "A page"


@dataclass(frozen=True)
class Frame:
    """Which page is asked for, by whom, of which project."""

    role: Role = Role.LEAD
    route: str = "rounds.index"
    is_synthetic: bool = False
    is_admin: bool = False


def _page(frame: Frame) -> Callable[..., Response]:
    def show(request: Request, project_key: str) -> Response:
        viewer = Viewer(1, "Ada & Co", is_admin=frame.is_admin, may_create_projects=False)
        remember_viewer(request, viewer)
        permissions = frozenset(str(permission) for permission in GRANTS[frame.role])
        heading = ProjectHeading(project_key, "A <study>", frame.is_synthetic, permissions)
        remember_project(request, heading)
        return render(request, "page.html", Page())

    return show


def _app(frame: Frame) -> FastAPI:
    """An application with one page of a project, and addresses for all the frame links to."""
    app = FastAPI()
    app.state.templates = _with_page(make_templates())
    app.state.settings = Settings()
    project_pages = {name: f"/projects/{{project_key}}/{name}" for name in PLACES.values()}
    others = ("projects.home", "accounts.me", "accounts.index", "accounts.sign_out")
    app.state.paths = {
        **project_pages,
        "projects.show": "/projects/{project_key}",
        **{name: f"/{name}" for name in others},
    }
    app.get(f"/projects/{{project_key}}/{frame.route}", name=frame.route)(_page(frame))
    app.get("/broken", name="broken")(_broken)
    return app


def _with_page(environment: Environment) -> Environment:
    page = (
        '{% extends "layouts/project.html" %}{% block title %}{{ heading }}{% endblock %}'
        "{% block content %}<h1>{{ heading }}</h1>{% endblock %}"
    )
    assert environment.loader is not None
    environment.loader = ChoiceLoader([environment.loader, DictLoader({"page.html": page})])
    return environment


def _broken(request: Request) -> Response:
    return failure(request, 500, "Nothing was changed.", "8f3a90c1")


def shown(frame: Frame, **cookies: str) -> str:
    client = TestClient(_app(frame), cookies=cookies)
    text: str = client.get(f"/projects/k3y/{frame.route}").text
    return text


def links(page: str) -> dict[str, str]:
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', page)
    return {word: address for address, word in found}


def test_the_lead_can_go_everywhere() -> None:
    found = links(shown(Frame()))
    assert {word: found[word] for word in PLACES} == {
        word: f"/projects/k3y/{name}" for word, name in PLACES.items()
    }


def test_an_annotator_is_offered_only_what_annotators_may_open() -> None:
    assert set(links(shown(Frame(role=Role.ANNOTATOR, route="coding.start")))) & set(PLACES) == {
        "Coding",
        "Codebook",
    }


@pytest.mark.parametrize(
    ("route", "word", "kind"),
    [
        ("rounds.index", "Rounds", "page"),
        ("rounds.new", "Rounds", "true"),
        ("projects.members", "Members", "page"),
        ("projects.history", "History", "page"),
        ("projects.hand_over", "Members", "true"),
        ("takedown.look", "Posts", "true"),
        ("methods.show", "Results", "true"),
        ("norming.posts", "Rounds", "true"),
        ("exchange.gold_file", "Rounds", "true"),
        ("coding.times", "Rounds", "true"),
    ],
)
def test_the_place_one_is_at_is_marked_and_no_other(route: str, word: str, kind: str) -> None:
    page = shown(Frame(route=route))
    assert re.findall(r'aria-current="(\w+)">([^<]+)<', page) == [(kind, word)]


def test_every_page_of_a_project_says_to_which_place_it_belongs() -> None:
    features = {name.partition("/")[0] for name in NAMES if '"layouts/project.html"' in SOURCES[name]}
    assert not {name for name in features - {"recoding"} if name not in places._OF_FEATURE}
    assert places._OF_PAGE.keys() <= ROUTES.keys()
    assert {*places._OF_FEATURE.values(), *places._OF_PAGE.values()} == {places.NONE, *PLACES.values()}


def test_the_projects_first_page_marks_no_place() -> None:
    assert "aria-current" not in shown(Frame(route="projects.show"))


def test_a_synthetic_study_says_so_on_its_pages() -> None:
    assert "Synthetic sample study" in shown(Frame(is_synthetic=True))
    assert "Synthetic" not in shown(Frame())


def test_names_are_escaped_and_stand_in_the_title() -> None:
    page = shown(Frame())
    assert "<title>A page · A &lt;study&gt; · Intercoder</title>" in page
    assert "Ada &amp; Co" in page
    assert "A <study>" not in page


def test_only_an_admin_is_offered_the_accounts() -> None:
    assert links(shown(Frame(is_admin=True)))["Accounts"] == "/accounts.index"
    assert "Accounts" not in links(shown(Frame()))


def test_the_notice_is_said_as_a_status() -> None:
    page = shown(Frame(), notice="The%20round%20is%20open.")
    assert '<p class="notice" role="status">The round is open.</p>' in page
    assert 'class="notice"' not in shown(Frame())


def test_signing_out_is_a_form_with_its_key() -> None:
    page = shown(Frame(), session="token")
    form = re.search(r'<form method="post" action="/accounts.sign_out">.*?</form>', page, re.DOTALL)
    assert form is not None
    assert re.search(r'name="form_key" value="\w{43}"', form[0])


def test_a_page_can_be_reached_past_its_frame() -> None:
    page = shown(Frame())
    assert 'href="#content"' in page
    assert '<main id="content" class="report"' in page


def test_a_failure_says_what_happened_and_where_to_go() -> None:
    page = TestClient(_app(Frame())).get("/broken").text
    assert "<h1>Something broke on our side</h1>" in page
    assert "Nothing was changed." in page
    assert "8f3a90c1" in page
    assert 'href="/projects.home"' in page
