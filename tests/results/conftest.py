"""Pages of this feature are framed by a navigation that names features which may not be wired yet."""

import pytest
from fastapi import FastAPI


@pytest.fixture(autouse=True)
def _named_places(request: pytest.FixtureRequest) -> None:
    if "client_of" in request.fixturenames:
        app: FastAPI = request.getfixturevalue("app")
        for name in ("corpora.index", "reliability.show", "adjudication.queue", "exchange.show"):
            app.state.paths.setdefault(name, "/projects/{project_key}/" + name.replace(".", "/"))
