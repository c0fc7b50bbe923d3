"""Settling care on its two pages."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from tests.browse import form_fields, post
from tests.cast import Cast

Settle = Callable[..., int]


def settings_path(cast: Cast) -> str:
    return f"/projects/{cast.project.key}/settings/care"


def own_path(cast: Cast) -> str:
    return f"/projects/{cast.project.key}/care"


def settle(lead: TestClient, cast: Cast, **fields: Any) -> int:
    """Change these fields of the lead's page; returns the status."""
    offered = dict(form_fields(lead.get(settings_path(cast)), "/settings/care"))
    changed = {name.replace("__", "-"): value for name, value in fields.items()}
    return post(lead, settings_path(cast), offered | changed).status_code


def settle_own(client: TestClient, cast: Cast, **fields: Any) -> int:
    """Change these fields of one's own page."""
    offered = dict(form_fields(client.get(own_path(cast)), "/care"))
    return post(client, own_path(cast), offered | fields).status_code


def read_before(client: TestClient, cast: Cast, search: str = "") -> str:
    """Say that what is to be read was read; returns where that leads."""
    path = own_path(cast) + "/before" + search
    fields = dict(form_fields(client.get(path), "/before"))
    return str(post(client, path, fields).headers["location"])
