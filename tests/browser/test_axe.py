"""Every page, light and dark, wide, on a phone and enlarged: axe-core finds nothing, all is within reach."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, Template
from playwright.sync_api import Page, Response

from server.accounts.actions import make_setup_link
from server.projects.access import Access
from server.web.rendering import bundled
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.furnished import Furnished
from tests.browser.looking import faults
from tests.browser.scenes import HALF_WAY, NO_PAGES, ON_AN_EMPTY_SERVER, Scene, routes_by_name, scenes

pytestmark = pytest.mark.browser

FEATURES = sorted({name.partition(".")[0] for name in routes_by_name()})
_SEND = """([path, fields, file]) => {
  const form = document.createElement('form')
  Object.assign(form, {method: 'post', action: path, enctype: file ? 'multipart/form-data' : ''})
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}))
  }
  if (file) {
    const input = Object.assign(document.createElement('input'), {type: 'file', name: 'file'})
    const files = new DataTransfer()
    files.items.add(new File([file], 'file.csv'))
    input.files = files.files
    form.append(input)
  }
  document.body.append(form)
  HTMLFormElement.prototype.submit.call(form)
}"""

_LETTERS = """(letters) => {
  document.body.replaceChildren(...letters.map(([color, position], place) => {
    const line = document.createElement('p')
    line.textContent = `Line ${place} of some words`
    Object.assign(line.style, {color, position, top: '400px'})
    return line
  }))
}"""


class Viewers:
    """The browsers of the people in the study, each opened when it is first needed."""

    def __init__(self, live: Live, new_page: NewPage) -> None:
        self._live, self._new_page = live, new_page
        self._pages: dict[str, tuple[Page, str]] = {}

    def page(self, name: str, person: Access | None) -> tuple[Page, str]:
        """The page of this person and the key that their forms carry."""
        if name not in self._pages:
            page, key = self._new_page(reduced_motion="reduce"), ""
            if person is not None:
                with self._live.database.writing() as db:
                    token = make.session(db, person.account_id)
                page.context.add_cookies([{"name": "session", "value": token, "url": self._live.url}])
                key = sha256(b"form key\0" + token.encode()).hexdigest()[:43]
            page.goto("/healthz")
            self._pages[name] = page, key
        return self._pages[name]


def show(page: Page, key: str, scene: Scene) -> Response | None:
    """Go to the page as the scene says."""
    if scene.fields is None:
        return page.goto(scene.path)
    with page.expect_navigation() as gone:
        page.evaluate(_SEND, [scene.path, {**scene.fields, "form_key": key}, scene.file])
    return gone.value


@pytest.mark.timeout(400)
@pytest.mark.parametrize("feature", FEATURES)
def test_every_page_is_for_everybody(
    feature: str, furnished: Furnished, live: Live, new_page: NewPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = _note_templates(monkeypatch)
    viewers = Viewers(live, new_page)
    found = []
    for turn, scene in enumerate(scenes(furnished, feature)):
        page, key = viewers.page(scene.person, furnished.people[scene.person])
        answer = show(page, key, scene)
        status = answer.status if answer else 0
        if status != scene.status:
            found.append(f"{scene.name}: answered {status} instead of {scene.status}")
        found += [f"{scene.name}, {fault}" for fault in faults(page, turn)]
    found += [f"{name} was never shown" for name in _templates(feature) - rendered]
    assert not found, "\n" + "\n".join(found)


def _note_templates(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the templates that are rendered from now on."""
    rendered: set[str] = set()
    get_template = Environment.get_template

    def noted(self: Environment, name: str, *more: Any) -> Template:
        rendered.add(name)
        return get_template(self, name, *more)

    monkeypatch.setattr(Environment, "get_template", noted)
    return rendered


def _templates(feature: str) -> set[str]:
    """The pages of a feature; what begins with _ is a part of one."""
    files = (bundled("templates") / feature).glob("[!_]*.html")
    elsewhere = {f"{Path(name.replace('.', '/'))}.html" for name in ON_AN_EMPTY_SERVER | HALF_WAY}
    return {f"{feature}/{file.name}" for file in files} - elsewhere


def test_setting_up_is_for_everybody(live: Live, new_page: NewPage) -> None:
    with live.database.writing() as db:
        path = f"/set-up/{make_setup_link(db)}"
    page = new_page(reduced_motion="reduce")
    for scene in (Scene("set up", "", path), Scene("set up, refused", "", path, 422, {})):
        answer = show(page, "", scene)
        assert answer is not None
        assert answer.status == scene.status
        assert not list(faults(page, 0))


def test_letters_that_are_hard_to_read_are_found_once_or_where_they_lie_over_others(
    live: Live, new_page: NewPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INTERCODER_EVERY_LOOK", raising=False)  # One look each, as in the tests.
    page = new_page(reduced_motion="reduce")
    page.goto("/healthz")
    page.evaluate(_LETTERS, [["black", "static"], ["silver", "static"], ["silver", "static"]])
    assert sum("color-contrast" in fault for fault in faults(page, 0)) == 1
    page.evaluate(_LETTERS, [["silver", "static"], ["grey", "static"], ["silver", "absolute"]])
    assert [fault.count("<p") for fault in faults(page, 0) if "color-contrast" in fault] == [1, 1]


def test_only_routes_that_exist_are_left_out() -> None:
    assert set(routes_by_name()) >= NO_PAGES | ON_AN_EMPTY_SERVER
