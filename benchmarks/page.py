"""How long an annotator looks at nothing: from Submit to the first paint of the next post, in a real browser.

One annotator codes a round of a million posts by the keys, in a headless Chromium, where the next post takes
the place of the last, and every turn is followed by one on the lightest page that the same server has, to
which the browser goes. Both requests of a turn count. Run it with `python -m benchmarks.page`, or with fewer
`--posts`.
"""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import text
from sqlmodel import Session

from benchmarks.crowd import add_study
from benchmarks.load import CODING, free_port, serving
from benchmarks.study import MOMENT, add_rows
from server.accounts.models import SignInSession
from server.accounts.queries import hash_token
from server.db.engine import Database
from server.db.migrate import migrate
from server.rounds.models import Round, RoundAnnotator
from server.settings import Settings
from tests.browser.conftest import ARGUMENTS, CHROMIUM

EMPTY_PAGE = "/healthz"
ANNOTATOR = 2  # Account and member; the lead is 1.
# Neighbours in the queue are far apart in the file, as they are in a shuffled round.
QUEUE = (
    "WITH RECURSIVE places(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM places WHERE n < {posts}) "
    "INSERT INTO assignment (round_id, member_id, post_id, position, state) "
    "SELECT 1, {member}, 1 + (n * 7919) % {posts}, n, 'queued' FROM places"
)
# What was sent when, and the first paint of the post that takes the place of another in the same page.
NOTE_SUBMIT = """addEventListener('submit', () => { window.sent = performance.now() }, true)
document.addEventListener('arrived', () => {
  document.getElementById('post-heading').setAttribute('elementtiming', 'post')
  window.turned = new Promise((resolve) => new PerformanceObserver((painted) => {
    const [fetched] = performance.getEntriesByType('resource').slice(-1)
    resolve([painted.getEntries().at(-1).renderTime - window.sent, fetched.responseEnd - window.sent])
  }).observe({type: 'element'}))
})"""
TURNED = "() => window.turned"
FIRST_KEYS = (
    "[...document.querySelectorAll('.question')].map((each) => each.querySelector('kbd').textContent)"
)
# Survives the way to the next page of the same server.
GO = """(path) => {
  sessionStorage.setItem('sent', performance.timeOrigin + performance.now())
  location.assign(path)
}"""
TIMES = """() => new Promise((resolve) => new PerformanceObserver((paints) => {
  const [paint] = paints.getEntriesByName('first-contentful-paint')
  if (!paint) return
  const [navigation] = performance.getEntriesByType('navigation')
  const painted = performance.timeOrigin + paint.startTime
  resolve([painted - sessionStorage.getItem('sent'), navigation.responseEnd])
}).observe({type: 'paint', buffered: true}))"""
Times = tuple[float, float]


def main() -> None:
    """Read the arguments, run, print."""
    given = _arguments()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        began = time.perf_counter()
        token = _fill(Path(name), given.posts)
        print(f"{given.posts:,} posts, written in {time.perf_counter() - began:.0f} s")
        port = free_port()
        server = serving(
            "benchmarks.load:application", port, min(os.sched_getaffinity(0)), INTERCODER_DATA=name
        )
        with server, _chromium() as browser:
            _report(*_turns(browser, f"http://127.0.0.1:{port}", token, given))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="where the database is put")
    return parser.parse_args()


# The study


def _fill(folder: Path, n_posts: int) -> str:
    """A round of all posts for one annotator; returns the token of their session."""
    url = Settings(data=folder).resolved_database_url
    migrate(url)
    database = Database(url)
    with database.writing() as db:
        add_study(db, n_posts, max(1, n_posts // 4), n_annotators=1)
        _open_round(db, n_posts)
        token = _sign_in(db)
    database.dispose()
    return token


def _open_round(db: Session, n_posts: int) -> None:
    round_ = {"id": 1, "project_id": 1, "number": 1, "title": "Main round", "purpose": "main", "design": {}}
    add_rows(db, Round, [round_ | {"codebook_version_id": 1, "n_posts": n_posts, "opened_at": MOMENT}])
    counter = {"round_id": 1, "member_id": ANNOTATOR, "n_submitted": 0, "n_skipped": 0}
    add_rows(db, RoundAnnotator, [counter | {"n_assigned": n_posts}])
    db.connection().execute(text(QUEUE.format(posts=n_posts, member=ANNOTATOR)))


def _sign_in(db: Session) -> str:
    token = secrets.token_urlsafe(16)
    session = {"token_hash": hash_token(token), "account_id": ANNOTATOR, "created_at": MOMENT}
    add_rows(db, SignInSession, [session | {"expires_at": datetime.now(UTC) + timedelta(days=1)}])
    return token


# The browser


@contextmanager
def _chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        raise SystemExit("no Chromium was found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _turns(
    browser: Browser, url: str, token: str, given: argparse.Namespace
) -> tuple[list[Times], list[Times]]:
    """The times of the next post and of the empty page, in turns; the first of each does not count."""
    desk, empty = _window(browser, url, token), _window(browser, url, token)
    desk.goto(f"{CODING}/{given.posts // 2}")
    empty.goto(EMPTY_PAGE)
    posts, nothing = [], []
    for _ in range(given.turns + 1):
        posts.append(_submit(desk))
        nothing.append(_open_nothing(empty))
    return posts[1:], nothing[1:]


def _window(browser: Browser, url: str, token: str) -> Page:
    context = browser.new_context(base_url=url)
    context.add_cookies([{"name": "session", "value": token, "url": url}])
    context.add_init_script(NOTE_SUBMIT)
    return context.new_page()


def _submit(page: Page) -> Times:
    """Choose the first code of every question and submit, all by key."""
    for key in page.evaluate(FIRST_KEYS):
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    paint, received = page.evaluate(TURNED)
    return paint, received


def _open_nothing(page: Page) -> Times:
    with page.expect_navigation():
        page.evaluate(GO, EMPTY_PAGE)
    paint, received = page.evaluate(TIMES)
    return paint, received


# The report


def _report(posts: list[Times], nothing: list[Times]) -> None:
    print(f"{'milliseconds':<14}{'received':>10}{'first paint':>13}{'p95':>8}")
    for name, times in (("next post", posts), ("empty page", nothing)):
        paints = sorted(paint for paint, _received in times)
        late = paints[min(len(paints) - 1, int(0.95 * len(paints)))]
        received = statistics.median(received for _paint, received in times)
        print(f"{name:<14}{received:>10.1f}{statistics.median(paints):>13.1f}{late:>8.1f}")
    ratio = _median_paint(posts) / _median_paint(nothing)
    print(f"the next post takes {ratio:.2f} times as long as an empty page")


def _median_paint(times: list[Times]) -> float:
    return statistics.median(paint for paint, _received in times)


if __name__ == "__main__":
    main()
