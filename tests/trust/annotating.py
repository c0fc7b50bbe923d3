"""Annotators at work over real HTML forms, who write down what the server has acknowledged.

Each is a thread with a connection of its own: signs in, opens the next post, answers its form, submits it
with the form's token, follows where that leads. Where the connection is cut or the server says that it is
busy, the same form is sent once more, as a person does who presses the button again.
"""

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urlencode, urlsplit

from benchmarks.browser import hidden_fields
from tests.trust.servers import PATIENCE
from tests.trust.study import CODES, PASSWORD, Person, Study

Fields = list[tuple[str, str]]
PAUSE = 0.05


@dataclass(frozen=True)
class Saved:
    """A submission that was acknowledged: the form's token, what it said, when, how often it was sent."""

    token: str
    codes: frozenset[str]
    emotion: str
    sent_at: float
    moment: float
    n_sent: int


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    location: str
    headers: Message
    body: bytes


class GaveUp(Exception):
    """Nobody has answered for longer than a person would wait."""


@dataclass
class Browser:
    """One person's browser: one connection, made anew when it was cut; the session's cookie.

    Unless it `keeps` the connection, each request has its own.
    """

    port: int
    session: str = ""
    keeps: bool = False
    waits: float = 20.0
    _connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: Fields | None = None) -> Answer:
        """One request. Raises `OSError` or `HTTPException` where it was cut."""
        body = None if fields is None else urlencode(fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields is not None else {}
        if self.session:
            headers["Cookie"] = f"session={self.session}"
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.waits)
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if not self.keeps:
            self.close()
        location = urlsplit(response.headers.get("location", "")).path
        return Answer(response.status, location, response.headers, content)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@dataclass(frozen=True)
class OpenForm:
    """A coding form that a person has before them."""

    path: str
    hidden: dict[str, str]

    def filled(self, codes: frozenset[str] = frozenset(CODES[:1]), emotion: str = "2") -> Fields:
        """What its browser sends with these answers."""
        answers = [*(("v-expression", code) for code in sorted(codes)), ("v-emotion", emotion)]
        return [*self.hidden.items(), *answers, ("v-stance", "against")]

    def saved(self, codes: frozenset[str] = frozenset(CODES[:1]), emotion: str = "2") -> Saved:
        """What was acknowledged just now."""
        now = time.monotonic()
        return Saved(self.hidden["form_token"], codes, emotion, now, now, 1)


def opened(browser: Browser, path: str) -> OpenForm:
    """The coding form that a path leads to."""
    page = browser.ask("GET", path)
    while page.status in {303, 307}:
        path = page.location
        page = browser.ask("GET", path)
    hidden = dict(hidden_fields(page.body))
    assert page.status == 200, page.body
    assert "form_token" in hidden, path
    return OpenForm(path, hidden)


@dataclass
class Annotator:
    """One annotator, what they were told was saved, and what went wrong.

    `n_unheard`: how often they sent a form while nobody listened at the port.
    """

    person: Person
    study: Study
    port: int
    pause: float = 0.0
    saved: list[Saved] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    is_finished: bool = False
    n_unheard: int = 0

    def __post_init__(self) -> None:
        self.browser = Browser(self.port, self.person.session, keeps=True)
        self.chance = random.Random(self.person.name)

    def work(self, stop: threading.Event) -> None:
        """Post after post until told to stop or nothing is left."""
        try:
            if not self.browser.session:
                self._sign_in()
            path = self.study.coding
            while path and not stop.is_set():
                path = self._one(path, stop)
                stop.wait(self.pause * self.chance.uniform(0.5, 1.5))
        except Exception as problem:
            self.errors.append(repr(problem))
        finally:
            self.browser.close()

    def _sign_in(self) -> None:
        fields = [("name", self.person.name), ("password", PASSWORD), ("next", "/")]
        answer, _n = self._patiently("POST", "/sign-in", fields)
        self.browser.session = answer.headers.get("set-cookie", "").partition("session=")[2].partition(";")[0]
        assert answer.status == 303, answer

    def _one(self, path: str, stop: threading.Event) -> str:
        """Read the page at a path, answer its form; returns where that leads, "" at the end."""
        page, _n = self._patiently("GET", path)
        if page.status in {303, 307}:
            return page.location
        if path.endswith(("/finished", "/waiting")):
            self.is_finished = path.endswith("/finished")
            stop.wait(PAUSE)
            return "" if self.is_finished else self.study.coding
        hidden = dict(hidden_fields(page.body))
        if page.status != 200 or "form_token" not in hidden:
            self.errors.append(f"GET {path}: {page.status} {page.body[:200]!r}")
            return self.study.coding
        return self._submitted(OpenForm(path, hidden))

    def _submitted(self, form: OpenForm) -> str:
        codes = frozenset(code for code in CODES if self.chance.random() < 0.5) or frozenset(CODES[:1])
        emotion, began = str(self.chance.randrange(4)), time.monotonic()
        answer, n_sent = self._patiently("POST", form.path, form.filled(codes, emotion))
        if answer.status == 303:
            token = form.hidden["form_token"]
            self.saved.append(Saved(token, codes, emotion, began, time.monotonic(), n_sent))
            return answer.location
        self.errors.append(f"POST {form.path}: {answer.status} {answer.body[:2000]!r}")
        return self.study.coding

    def _patiently(self, method: str, path: str, fields: Fields | None = None) -> tuple[Answer, int]:
        """The answer, and how often the request was sent for it: until somebody takes it."""
        until, n_sent = time.monotonic() + PATIENCE, 0
        while time.monotonic() < until:
            try:
                n_sent += 1
                answer = self.browser.ask(method, path, fields)
                if answer.status != 503:
                    return answer, n_sent
            except ConnectionRefusedError:
                n_sent -= 1  # Nobody listens, so nothing was sent.
                self.n_unheard += method == "POST"
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(PAUSE)
        raise GaveUp(f"{method} {path}")


@contextmanager
def at_work(study: Study, port: int, *, pause: float = 0.0) -> Iterator[list[Annotator]]:
    """All annotators of a study at work at this port until the block ends."""
    stop = threading.Event()
    crowd = [Annotator(person, study, port, pause) for person in study.people]
    threads = [threading.Thread(target=each.work, args=(stop,)) for each in crowd]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def all_saved(crowd: list[Annotator]) -> list[Saved]:
    """What all of them were told was saved."""
    return [saved for annotator in crowd for saved in annotator.saved]


def wait_for_saves(crowd: list[Annotator], n_more: int) -> None:
    """Let them work until so many more saves were acknowledged, however busy the machine is."""
    until, wanted = time.monotonic() + PATIENCE, len(all_saved(crowd)) + n_more
    while len(all_saved(crowd)) < wanted:
        assert not all_errors(crowd), all_errors(crowd)[:3]
        assert time.monotonic() < until, "nothing is saved any more"
        time.sleep(0.01)


def all_errors(crowd: list[Annotator]) -> list[str]:
    """What went wrong for any of them."""
    return [error for annotator in crowd for error in annotator.errors]
