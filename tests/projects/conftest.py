"""The navigation around these pages names the page of disagreements, which may not be wired yet."""

import pytest
from fastapi import FastAPI


@pytest.fixture(autouse=True)
def _named_places(app: FastAPI) -> None:
    app.state.paths.setdefault("adjudication.queue", "/projects/{project_key}/disagreements")
