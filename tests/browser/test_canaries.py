"""Figure 17 in Chromium: nothing that people typed runs, asks for anything or is said in the console."""

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.conftest import Live, NewPage
from tests.browser.furnished import Furnished
from tests.browser.scenes import scenes
from tests.browser.test_axe import FEATURES, Viewers, show
from tests.trust.canaries import TOGETHER, WORD, plant
from tests.trust.reporting import report
from tests.trust.sizes import size

pytestmark = pytest.mark.browser
_NOTE = f"window.{WORD} = () => console.error('{WORD} was called')"


class _Heard:
    """What the pages say that they should not."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._known: set[Page] = set()

    def listen(self, page: Page) -> None:
        """Hear dialogs, errors and refusals of the content security policy."""
        if page in self._known:
            return
        self._known.add(page)
        page.add_init_script(_NOTE)
        page.on("dialog", self._refuse)
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._say(page, said.type, said.text))

    def _refuse(self, dialog: Dialog) -> None:
        self.found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _say(self, page: Page, kind: str, said: str) -> None:
        # A page that is meant to answer 404 or 422 is written down by the browser as an error of its own.
        if kind == "error" and not said.startswith("Failed to load resource: the server responded"):
            self.found.append(f"{page.url}: {said[:200]}")


@pytest.mark.timeout(900)
def test_no_canary_lives_in_a_browser(furnished: Furnished, live: Live, new_page: NewPage) -> None:
    with live.database.writing() as db:
        plant(db, TOGETHER)
    live.database.memory.clear()
    viewers, heard, seen = Viewers(live, new_page), _Heard(), 0
    every = [scene for feature in FEATURES for scene in scenes(furnished, feature)]
    for scene in every[:: size(5, 1)]:
        page, key = viewers.page(scene.person, furnished.people[scene.person])
        heard.listen(page)
        show(page, key, scene)
        seen += 1
    assert heard.found == []
    report(17, f"{seen} pages full of canaries in Chromium: no violation, no dialog, no error")
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '<img src=x onerror={WORD}()>')")
    page.wait_for_timeout(200)
    assert heard.found  # It is heard when a canary lives.
