"""What a browser that has nothing yet loads for the annotator's page."""

import pytest
from playwright.sync_api import Request

from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, desk
from tests.web.test_static_files import MOST_BYTES, MOST_REQUESTS

pytestmark = pytest.mark.browser
__all__ = ["desk"]  # A fixture.


def test_the_annotators_page_is_light_and_asks_nobody_else(desk: Desk, new_page: NewPage) -> None:
    page = new_page()
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - it wants a function
    desk.signed_in(page)
    page.wait_for_load_state("networkidle")

    assert all(request.url.startswith(desk.live.url) for request in requests)
    assert {"document", "stylesheet", "script"} <= {request.resource_type for request in requests}
    assert len(requests) <= MOST_REQUESTS
    sizes = [request.sizes() for request in requests]
    assert sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes) <= MOST_BYTES
