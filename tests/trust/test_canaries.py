"""Figure 17: what people type, bring in and are called stays text: on every page and in every file."""

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePosixPath

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from server.archive.forms import Options
from server.archive.making import archive
from server.db.engine import Database
from server.keeping.files import sqlite_file
from tests.browse import form_key, forms_of
from tests.browser.furnished import Furnished, furnish
from tests.browser.scenes import NO_PAGES, Scene, address, person_of, routes_by_name, scenes
from tests.conftest import ClientOf
from tests.stock import on_one_database
from tests.trust.canaries import (
    ALL,
    FORMULAS,
    LINKS,
    MARKUP,
    TEMPLATES,
    TOGETHER,
    live,
    plant,
)
from tests.trust.carried import computed, live_in_file
from tests.trust.reporting import report
from tests.trust.sizes import IS_FULL, size
from tests.trust.unchanged import watching

FEATURES = sorted({name.partition(".")[0] for name in routes_by_name()})
_FILENAME = re.compile(r'filename="?([^";]+)')
DOWNLOADS = ("exchange.final", "exchange.codings", "exchange.judgements", "exchange.history")
Canaries = tuple[str, ...]
UPLOADS = ("corpora.receive", "exchange.receive_ratings", "exchange.receive_gold", "codebooks.preview")


def test_there_are_sixty_canaries_that_sing_where_nothing_is_escaped() -> None:
    assert len(ALL) == len(set(ALL)) == 60
    for canary in MARKUP:
        page = f"<html><body><p>{canary}</p><input value=\"{canary}\"><input value='{canary}'></body></html>"
        assert list(live(page)), canary
    for canary in LINKS:
        assert list(live(f"<html><body><a href='{canary}'>x</a></body></html>")), canary
    assert not list(
        live("<html><body><p>kanari &lt;script&gt;kanari()&lt;/script&gt; =1+1</p></body></html>")
    )
    assert list(computed(iter([[canary] for canary in FORMULAS[:-1]]))) == [
        each[:40] for each in FORMULAS[:-1]
    ]
    assert len(TEMPLATES) == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "1,=1+1 kanari\n"),
        ("a.tex", r"a & \kanari \\"),
        ("a.tex", r"a & ^^5cinput kanari \\"),
        ("a.tex", r"\begin{tabular}{l} }\end{tabular}\end{tabular}"),
        ("a.tex", "a \x1b"),
        ("a.md", "a <b>kanari</b>"),
        ("a.R", 'x <- "\\\\"; kanari() #"'),
        ("a.py", "kanari()"),
        ("a.qde", "<Project><kanari/></Project>"),
        ("a.html", "<p><script>kanari()</script></p>"),
    ],
)
def test_a_file_in_which_one_lives_is_found(name: str, content: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, content)
    assert list(live_in_file("all.zip", packed.getvalue()))


class Walk:
    """The browsers of everybody in a furnished study full of canaries, and what was found alive."""

    def __init__(self, furnished: Furnished, client_of: ClientOf) -> None:
        self.furnished = furnished
        self.clients = {name: client_of(who) for name, who in furnished.people.items()}
        self.found: list[str] = []
        self.answers = 0
        self.files: set[str] = set()

    def look(self, name: str, answer: Response) -> Response:
        """Look for what lives in an answer of any kind."""
        self.answers += 1
        kind = answer.headers.get("content-type", "")
        if answer.status_code >= 500:
            self.found.append(f"{name}: {answer.status_code}")
        elif file := _FILENAME.search(answer.headers.get("content-disposition", "")):
            self.files.add(PurePosixPath(file[1]).suffix)
            self.found += [f"{name}: {each}" for each in live_in_file(file[1], answer.content)]
        elif kind.startswith("text/html") and answer.text.strip():
            self.found += [f"{name}: {each}" for each in live(answer.text)]
        return answer

    def post(self, name: str, client: TestClient, path: str, **sent: object) -> Response:
        """Send a form and look at what comes of it."""
        data = {**sent.pop("data", {}), "form_key": form_key(client)}  # type: ignore[dict-item]
        answer = client.post(path, data=data, follow_redirects=True, **sent)
        return self.look(name, answer)

    def show(self, scene: Scene) -> Response:
        """A scene, as whoever it is for."""
        client = self.clients[scene.person]
        if scene.fields is None:
            return self.look(scene.name, client.get(scene.path, follow_redirects=True))
        files = {"file": ("file.csv", scene.file)} if scene.file else None
        return self.post(scene.name, client, scene.path, data=dict(scene.fields), files=files)


def _forms(pages: list[tuple[str, Response]]) -> Iterator[tuple[str, str, list[str]]]:
    """Each form that was offered: to whom, its address, and the names of its fields."""
    seen = set()
    for person, page in pages:
        for form in forms_of(page) if page.headers.get("content-type", "").startswith("text/html") else ():
            if form.method == "post" and (person, form.action) not in seen:
                seen.add((person, form.action))
                yield person, form.action, sorted(set(form.fields) - {"form_key"})


def _bring(walk: Walk, canaries: tuple[str, ...]) -> None:
    """Files whose names, headings and cells are canaries."""
    client = walk.clients["lead"]
    content = io.StringIO()
    csv.writer(content).writerows(
        [["post_id", "text", canaries[0]], *([i, c, c] for i, c in enumerate(canaries))]
    )
    for name in UPLOADS:
        path = address(walk.furnished, name)
        for filename in (f"{canaries[0].replace(chr(13), '')[:90]}.csv", "plain.csv"):
            walk.post(name, client, path, files={"file": (filename, content.getvalue())})


def _take_away(walk: Walk) -> None:
    """Every file there is to download."""
    client = walk.clients["lead"]
    for name in sorted(NO_PAGES - set(DOWNLOADS)):
        if "GET" in (routes_by_name()[name].methods or ()):
            walk.look(name, walk.clients[person_of(name)].get(address(walk.furnished, name)))
    for table in ("md", "tex", "html", "docx"):
        path = address(walk.furnished, "exchange.result_paper", {}, sort="tables", ending=table)
        walk.look(f"table.{table}", client.get(path))
    for name in DOWNLOADS:
        for kind in ("csv", "xlsx", "sav", "dta", "r") if name == DOWNLOADS[0] else ("csv", "xlsx"):
            fields = {"format": kind, "texts": "on", "names": "on"}
            walk.post(f"{name}.{kind}", client, address(walk.furnished, name), data=fields)


def _archived(walk: Walk, database: Database) -> None:
    """The replication archive but for its figures, which are looked at where they are downloaded."""
    lead = walk.furnished.people["lead"]
    assert lead is not None
    with database.reading() as db, archive(db, lead, Options(True, True, False)) as file:
        walk.found += live_in_file("archive.zip", file.read())


def _send(walk: Walk, database: Database, forms: list[tuple[str, str, list[str]]], typed: Canaries) -> None:
    """Type canaries into every field of each form, as if no other had been sent: one of them signs out."""
    file = sqlite_file(database.url)
    assert file is not None
    with (
        closing(sqlite3.connect(":memory:")) as before,
        closing(sqlite3.connect(file)) as now,
        watching(database) as watch,
    ):
        now.backup(before)
        for person, action, fields in forms:
            data = {name: typed[place % len(typed)] for place, name in enumerate(fields)}
            walk.post(f"the form {action} as {person}", walk.clients[person], action, data=data)
            if watch.has_changed():
                before.backup(now)
                database.memory.clear()
                watch.has_changed()


TURNS = (TOGETHER, *((canary,) for canary in ALL)) if IS_FULL else (TOGETHER,)


@pytest.mark.timeout(600)
@on_one_database
@pytest.mark.parametrize("canaries", TURNS, ids=range(len(TURNS)))
def test_no_canary_lives(database: Database, client_of: ClientOf, canaries: tuple[str, ...]) -> None:
    with database.writing() as db:
        furnished = furnish(db)
        planted = plant(db, canaries)
    database.memory.clear()
    walk = Walk(furnished, client_of)
    every = [scene for feature in FEATURES for scene in scenes(furnished, feature)]
    pages = [(scene.person, walk.show(scene)) for scene in every[:: size(5, 1)]]
    _take_away(walk)
    _bring(walk, canaries)
    walk.post("qdpx", walk.clients["lead"], address(furnished, "exchange.qdpx_file"), data={"texts": "on"})
    _archived(walk, database)
    _send(walk, database, list(_forms(pages))[:: size(6, 1)], canaries)
    assert walk.found == []
    assert {".csv", ".xlsx", ".sav", ".dta", ".zip", ".docx", ".tex", ".md", ".html", ".qdpx"} <= walk.files
    assert planted > 200
    assert walk.answers > 100
    report(
        17, f"{len(canaries)} texts of canaries in {planted} fields, {walk.answers} pages and files: 0 live"
    )
