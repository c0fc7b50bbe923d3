"""Reading pages as a browser would: forms with their fields, and submitting them."""

from dataclasses import dataclass
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient
from httpx import Client, Response


class Fields(HTMLParser):
    """The named values that a browser would send with the forms of a page, by form action."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                {"action": given.get("action", ""), "method": given.get("method"), "fields": {}}
            )
        elif tag == "input" and self.forms and given.get("name"):
            self._input(given)
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select and "selected" in given:
            self._add(self._select, given.get("value", ""))
        elif tag == "textarea" and self.forms:
            self._textarea = given.get("name")
            self.forms[-1]["fields"].setdefault(self._textarea, [""])

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        if kind not in {"submit", "file"}:
            self._add(given["name"], given.get("value", "on"))

    def _add(self, name: str, value: str) -> None:
        self.forms[-1]["fields"].setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            self.forms[-1]["fields"][self._textarea][0] += data


def form_fields(page: Response, action: str = "", method: str = "post") -> dict[str, list[str]]:
    """What the first form of the page whose action contains `action` would send as it stands."""
    parser = Fields()
    parser.feed(page.text)
    for form in parser.forms:
        if action in form["action"] and form["method"] == method:
            fields: dict[str, list[str]] = form["fields"]
            return fields
    raise AssertionError(f"no form with an action like {action!r} on {page.url}")


@dataclass(frozen=True)
class FormOnPage:
    """A form as a browser would send it as it stands."""

    action: str
    method: str
    fields: dict[str, list[str]]


def forms_of(page: Response) -> list[FormOnPage]:
    """All forms of a page."""
    parser = Fields()
    parser.feed(page.text)
    return [FormOnPage(**form) for form in parser.forms]


def form_key(client: Client) -> str:
    """The token that the forms of this signed-in browser carry."""

    token = client.cookies.get("session", "")
    return sha256(b"form key\0" + token.encode()).hexdigest()[:43] if token else ""


def post(client: TestClient, path: str, fields: dict[str, Any] | None = None, **options: Any) -> Response:
    """Send a form with its token, as the page itself would."""
    answer: Response = client.post(path, data={"form_key": form_key(client), **(fields or {})}, **options)
    return answer
