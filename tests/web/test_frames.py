"""A page in a kept frame reads like the same page rendered anew, whoever looks and whatever it says."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, UndefinedError

from server.web import frames
from server.web.frames import Frames, Hole, Shell, changing
from server.web.rendering import make_templates
from server.web.viewer import Viewer

MOMENT = datetime(2025, 8, 8, 21, 14, tzinfo=UTC)
SHELL = Shell(Viewer(1, "Ada & Co", False, False), None, "", "en", "/", "page", "form_key", "key of Ada")
SOURCE = """<title>{{ text }}</title>100 % {{ kind }} {{ text }} {{ person.name }} {{ at | moment }}
{{ count | number }} {{ shell.form_key }} {{ shell.viewer.display_name }}
{% if kind == "b" %}%s{{ count }}{% endif %}{% trans n=count | number %}{{ n }} posts{% endtrans %}"""


@dataclass(frozen=True)
class Person:
    name: str


@dataclass(frozen=True)
class Page:
    kind: str
    text: str = changing()
    person: Person = changing()
    at: datetime = changing()
    count: int = changing()


PAGES = [
    Page(kind, text, Person(name), MOMENT, count)
    for kind in "ab"
    for text, name, count in (("<b>%s</b> {{ x }}", "Ö 🙂", 1_234), ("plain", "\\0 & %d", 7))
]


def environment(source: str) -> Environment:
    made = make_templates()
    made.loader = DictLoader({"page.html": source})
    return made


def plain(made: Environment, page: Page, shell: Shell) -> bytes:
    return made.get_template("page.html").render(vars(page), shell=shell).encode()


def test_a_kept_frame_reads_like_the_page_rendered_anew() -> None:
    made = environment(SOURCE)
    kept = Frames(made)
    someone = replace(SHELL, viewer=Viewer(2, "<Bo>", False, False), form_key="key of Bo")
    for _ in range(2):
        for page in PAGES:
            for shell in (SHELL, someone):
                assert kept.html("page.html", page, shell) == plain(made, page, shell)


def test_facts_have_a_frame_each_and_what_changes_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    made = environment(SOURCE)
    get_template = made.get_template

    def noted(name: str) -> Any:
        rendered.append(name)
        return get_template(name)

    monkeypatch.setattr(made, "get_template", noted)
    kept = Frames(made)
    for page in PAGES:
        kept.html("page.html", page, SHELL)
    assert len(rendered) == 2
    kept.html("page.html", PAGES[0], replace(SHELL, language="fr"))
    kept.html("page.html", PAGES[0], replace(SHELL, viewer=Viewer(3, "Admin", True, True)))
    assert len(rendered) == 4


def test_no_more_frames_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST_FRAMES", 3)
    made = environment(SOURCE)
    kept = Frames(made)
    for kind in "abcdefgh":
        page = replace(PAGES[0], kind=kind)
        assert kept.html("page.html", page, SHELL) == plain(made, page, SHELL)
        assert len(kept._kept) <= 3


@pytest.mark.parametrize(
    "source",
    [
        "{% if text %}x{% endif %}",
        "{% if text == 'plain' %}x{% endif %}",
        "{% if count > 3 %}x{% endif %}",
        "{% for letter in text %}{{ letter }}{% endfor %}",
        "{{ count + 1 }}",
        "{{ person.name.upper() }}",
        "{{ text[0] }}",
        "{% if text in ('a', 'b') %}x{% endif %}",
    ],
)
def test_a_template_that_decides_by_what_changes_is_told_at_once(source: str) -> None:
    with pytest.raises((TypeError, UndefinedError), match=r"changes within a frame|Hole object"):
        Frames(environment(source)).html("page.html", PAGES[0], SHELL)


def test_a_frame_without_holes_is_a_page_too() -> None:
    assert Frames(environment("100 %")).html("page.html", PAGES[0], SHELL) == b"100 %"


def test_a_hole_has_no_hidden_attributes() -> None:
    hole: Any = Hole("text")
    with pytest.raises(AttributeError):
        _ = hole.__wrapped__
