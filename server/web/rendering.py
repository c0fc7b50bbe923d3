"""From a page's frozen dataclass to HTML.

A template sees the fields of its dataclass, and `shell`: what every page shows around them.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from server import language
from server.web import words
from server.web.cookies import forget_notice, notice, set_notice
from server.web.csrf import FIELD, form_key
from server.web.frames import Frames, Shell, also_for_holes
from server.web.routing import SAFE_METHODS
from server.web.static_files import drawing, static_address
from server.web.viewer import project_of, viewer_of

_SERVER = Path(__file__).parents[1]
# Macros do not see the page's context, and need addresses too.
_rendered: ContextVar[Request] = ContextVar("request being answered")


def bundled(folder: str) -> Path:
    """`templates` or `migrations`: beside the package in a checkout, inside it when installed."""
    beside = _SERVER.parent / folder
    return beside if (_SERVER.parent / "pyproject.toml").exists() else _SERVER / "bundled" / folder


def make_templates() -> Environment:
    """The templates with their filters; every value is escaped, every missing name is an error."""
    environment = Environment(
        loader=FileSystemLoader(bundled("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True
    )
    # What Jinja makes of them takes eight microseconds a word, and most words stand alone.
    environment.globals.update(gettext=_said, _=_said)
    environment.globals.update(
        url=_url, static=static_address, drawing=drawing, field_id=words.field_id, once=_keeper(environment)
    )
    environment.filters.update({name: also_for_holes(name, apply) for name, apply in words.FILTERS.items()})
    return environment


def _said(message: str, /, **values: Any) -> Markup:
    """`message` in the language in use, with the escaped `values` in their places."""
    if not values:
        return _said_alone(language.code(), message)
    return Markup(language.gettext(message)) % values  # noqa: S704 - our own words


@lru_cache(maxsize=4_096)
def _said_alone(_language: str, message: str) -> Markup:
    return Markup(language.gettext(message)) % {}  # noqa: S704 - our own words


def _keeper(environment: Environment) -> Callable[..., Markup]:
    """What `once("part.html", fact=...)` is in templates: a part that depends on these facts alone.

    It is rendered once for each language and then kept: most of a page is the same every time.
    """

    @lru_cache(maxsize=2_000)
    def keep(template: str, _language: str, facts: tuple[tuple[str, Any], ...]) -> Markup:
        return Markup(environment.get_template(template).render(facts))  # noqa: S704 - our own template

    return lambda template, **facts: keep(template, language.code(), tuple(facts.items()))


def _url(name: str, /, query: Mapping[str, Any] | None = None, **parts: Any) -> str:
    """The address of the page `name`; `project_key` is filled in where the page has one."""
    return address(_rendered.get(), name, query, **parts)


def address(request: Request, name: str, query: Mapping[str, Any] | None = None, **parts: Any) -> str:
    """The address of the page `name` on this server, with `query` behind it."""
    if "project_key" not in parts and "project_key" in request.path_params:
        parts["project_key"] = request.path_params["project_key"]
    paths: dict[str, str] = request.scope["app"].state.paths
    path = paths[name].format_map(parts)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def shell_of(request: Request) -> Shell:
    """What stands around this request's page."""
    return Shell(
        viewer=viewer_of(request),
        project=project_of(request),
        notice=notice(request),
        language=language.code().replace("_", "-"),
        path=request.scope["path"],
        route=getattr(request.scope.get("route"), "name", ""),
        form_field=FIELD,
        form_key=form_key(request),
        is_answer=request.method not in SAFE_METHODS,
    )


def render(request: Request, template: str, page: Any, status: int = 200) -> Response:
    """The page as HTML. `page` is a frozen dataclass: its fields are all the template may use."""
    environment: Environment = request.app.state.templates
    context = {field.name: getattr(page, field.name) for field in fields(page)}
    shell = shell_of(request)
    _rendered.set(request)
    html = environment.get_template(template).render(context, shell=shell)
    return _answer(request, html, shell, status)


def render_in_frame(request: Request, template: str, page: Any) -> Response:
    """The same for a page that is looked at so often that its frame is kept: see `server.web.frames`."""
    frames: Frames = request.app.state.frames
    shell = shell_of(request)
    if shell.notice:
        return render(request, template, page)
    _rendered.set(request)
    return _answer(request, frames.html(template, page, shell), shell, 200)


def _answer(request: Request, html: str | bytes, shell: Shell, status: int) -> Response:
    response = HTMLResponse(html, status_code=status)
    if shell.notice:
        forget_notice(request, response)
    return response


def fragment(request: Request, template: str, **context: Any) -> Markup:
    """A part of a page, which may be kept and shown again: it knows nothing of its reader."""
    environment: Environment = request.app.state.templates
    return Markup(environment.get_template(template).render(context))  # noqa: S704 - our own template


def see_other(
    request: Request, name: str, /, notice: str = "", query: Mapping[str, Any] | None = None, **parts: Any
) -> Response:
    """Go to the page `name` (303), and say `notice` there."""
    response = RedirectResponse(address(request, name, query, **parts), status_code=303)
    if notice:
        set_notice(request, response, notice)
    return response
