"""Figure 23: what a server that writes down every request writes of people and their words: nothing."""

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from server.accounts.models import Account
from server.accounts.passwords import hash_password
from server.corpora.models import Post
from server.db.engine import Database
from server.keeping.files import sqlite_file
from server.settings import Settings
from server.web.logbook import FIELDS
from tests import make
from tests.browse import form_fields, form_key
from tests.browser.furnished import Furnished, furnish
from tests.browser.scenes import address, routes_by_name, scenes
from tests.stock import on_one_database
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import size

PASSWORD, WRONG = "seven quiet orchards", "my cat is called Minna"
SECRET = "They switched off the only one who listened to me"
TYPED = "It reads like my neighbour Kerttu Kallio"
# Texts of people, and what they are called or let in by: table → columns.
PRIVATE = {
    "account": ("name", "display_name"),
    "post": ("text", "author", "external_id", "link"),
    "project": ("key", "title", "description"),
    "invitation": ("note", "token_hash"),
    "coding": ("memo", "form_token"),
    "decision": ("reason",),
    "post_comment": ("text",),
    "post_question": ("key", "asked", "answer"),
    "gold": ("note",),
    "upload": ("key", "filename"),
    "sign_in_session": ("token_hash",),
    "one_time_link": ("token_hash",),
}


@dataclass(frozen=True)
class World:
    """A furnished study, and the session tokens of its people."""

    settings: Settings
    furnished: Furnished
    tokens: dict[str, str]
    name: str

    @property
    def file(self) -> Path:
        """The database."""
        file = sqlite_file(self.settings.resolved_database_url)
        assert file is not None
        return file


@pytest.fixture
def world(settings: Settings) -> World:
    database = Database(settings.resolved_database_url)
    with database.writing() as db:
        furnished = furnish(db)
        people = {name: who for name, who in furnished.people.items() if who is not None}
        for name in ("admin", "lead"):
            db.get_one(Account, people[name].account_id).password_hash = hash_password(PASSWORD)
        tokens = {name: make.session(db, who.account_id) for name, who in people.items()}
        lead = db.get_one(Account, people["lead"].account_id).name
    database.dispose()
    return World(settings, furnished, tokens, lead)


def _browser(url: str, token: str = "") -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=30)
    if token:
        client.cookies.set("session", token)
    return client


def _keyed(client: httpx.Client, **fields: str) -> dict[str, str]:
    return {**fields, "form_key": form_key(client)}


def _walk(world: World, url: str) -> None:
    """Every page and every refusal, as whoever it is for: a sixth of them in the usual run."""
    clients = {name: _browser(url, world.tokens.get(name, "")) for name in world.furnished.people}
    features = sorted({name.partition(".")[0] for name in routes_by_name()})
    every = [scene for feature in features for scene in scenes(world.furnished, feature)]
    for scene in every[:: size(6, 1)]:
        client = clients[scene.person]
        if scene.fields is None:
            client.get(scene.path)
        else:
            files = {"file": ("of Kerttu Kallio.csv", scene.file)} if scene.file else None
            client.post(scene.path, data=_keyed(client, **scene.fields), files=files)
    for client in clients.values():
        client.close()


def _sign_in(world: World, url: str) -> None:
    with _browser(url) as client:
        for name, password in ((world.name, WRONG), ("Kerttu Kallio", PASSWORD), (world.name, PASSWORD)):
            client.post("/sign-in", data={"name": name, "password": password})
        client.cookies.set("session", "a-session-of-kerttu-kallio")
        client.get("/me")
        client.get(f"/reset/{world.furnished.parts['reset_token']}")
        client.post(f"/invitations/{world.furnished.parts['token']}", data={"name": "kerttu_kallio"})


def _import(world: World, url: str) -> None:
    file = {"file": ("of Kerttu Kallio.csv", f"post_id,text,author\n1,{SECRET},kerttu_kallio\n,{SECRET},\n")}
    with _browser(url, world.tokens["lead"]) as client:
        path = address(world.furnished, "corpora.receive")
        sent = client.post(path, data=_keyed(client), files=file)
        assert sent.status_code == 303
        client.get(sent.headers["location"])
        client.post(sent.headers["location"], data=_keyed(client, text="text", id="post_id"))


def _fail(world: World, url: str) -> None:
    """Failures of the server's own, in the middle of what people typed, and requests that nobody can read."""
    path = address(world.furnished, "coding.save_draft")
    with _browser(url, world.tokens["annotator"]) as client, closing(sqlite3.connect(world.file)) as database:
        database.execute("ALTER TABLE draft RENAME TO draft_elsewhere")
        assert client.post(path, data=_keyed(client, memo=TYPED)).status_code == 500
        database.execute("ALTER TABLE draft_elsewhere RENAME TO draft")
        assert client.post(path, data=_keyed(client, memo=TYPED)).status_code == 204
        for strange in (f"/{TYPED}", f"/projects/{TYPED}/posts/{SECRET}", f"/me?next={TYPED}&q={SECRET}"):
            client.get(strange, headers={"referer": f"{url}/{TYPED}", "user-agent": TYPED})
        client.post(path, content=TYPED.encode() + b"\xff", headers={"content-type": "multipart/form-data"})
        client.request("PURGE", f"/{TYPED}")


def _take_down(world: World, url: str) -> None:
    """The first post goes for good while every request is written down."""
    path = address(world.furnished, "takedown.look")
    with _browser(url, world.tokens["lead"]) as client:
        shown = client.post(path, data=_keyed(client, posts="#1", with_copies="on"))
        fields = form_fields(shown, "/confirmed") | {"codings": ["keep"], "is_meant": ["on"]}
        assert client.post(f"{path}/confirmed", data=fields).status_code == 303


def _first_text(world: World) -> str:
    database = Database(world.settings.resolved_database_url)
    with database.reading() as db:
        said = db.scalar(select(col(Post.text)).order_by(col(Post.id)))
    database.dispose()
    return said or ""


def _files_with(world: World, log: Path, words: str) -> list[str]:
    """All that the server has written which still holds the words: database, its log of changes, lines."""
    files = (log, *(path for path in world.settings.data.rglob("*") if path.is_file()))
    return [path.name for path in files if words.encode() in path.read_bytes()]


def _private(world: World) -> set[str]:
    """All that may stand in no log."""
    database = Database(world.settings.resolved_database_url)
    with database.reading() as db:
        found = {text for table in PRIVATE for text in _texts(db, table)}
    database.dispose()
    links = {world.furnished.parts[name] for name in ("token", "reset_token")}
    return found | links | {*world.tokens.values(), PASSWORD, WRONG, SECRET, TYPED, "Kerttu", "kerttu"}


def _texts(db: Session, table: str) -> Iterator[str]:
    columns = SQLModel.metadata.tables[table].c
    for row in db.execute(select(*(columns[name] for name in PRIVATE[table]))):
        yield from (text for text in row if text)


@pytest.mark.timeout(600)
@on_one_database
def test_the_log_of_a_full_run_tells_nothing_of_anybody(world: World, server: Server) -> None:
    log, gone = server.log, _first_text(world)
    server.more = ("--log-requests",)
    log.touch()
    assert _files_with(world, log, gone) == ["intercoder.sqlite3"]
    with serving(server):
        for deed in (_walk, _sign_in, _import, _fail, _take_down):
            deed(world, f"http://127.0.0.1:{server.port}")
        server.end(signal.SIGTERM)
    assert _files_with(world, log, gone) == []
    report(22, "the post taken down in a full run: 0 hits in what the server wrote to its log and its folder")
    said = log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert len({line.get("route") for line in lines}) > size(30, 150)
    assert {"request", "failure"} <= {line["said"] for line in lines}
    assert {name for line in lines for name in line} <= {"at", "level", "said", "error", *FIELDS}
    whose = {line["account"] for line in lines if line["said"] == "request"}
    people = {who.account_id for who in world.furnished.people.values() if who is not None}
    assert whose <= {None, *people}
    assert len(whose) > 3
    private = _private(world)
    assert {text for text in private if text in said} == set()
    report(
        23, f"{len(lines)} lines of a full run searched for {len(private)} texts, names and tokens: 0 found"
    )
