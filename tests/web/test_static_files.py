"""How style and scripts travel, and what a browser loads to show the annotator's page."""

import gzip
import re

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from server.db.engine import Database
from server.web.static_files import STATIC, static_address, takes_gzip
from tests.cast import Cast
from tests.coding.desk import study
from tests.conftest import ClientOf
from tests.stock import on_one_database

ZIPPED = {"accept-encoding": "gzip, deflate, br"}
AS_IT_IS = {"accept-encoding": "identity"}
MOST_BYTES, MOST_REQUESTS = 60_000, 6
_LOADED = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="([^"]*)"')
STYLE = (STATIC / "app.css").read_bytes()


@pytest.fixture
def client(client_of: ClientOf) -> TestClient:
    return client_of(None)


def raw(
    client: TestClient, path: str, headers: dict[str, str], method: str = "GET"
) -> tuple[Response, bytes]:
    """The answer, and its content as it travelled."""
    with client.stream(method, path, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


@on_one_database
@pytest.mark.parametrize("name", sorted(file.name for file in STATIC.iterdir()))
def test_a_browser_gets_every_file_compressed_and_whole(client: TestClient, name: str) -> None:
    answer, content = raw(client, static_address(name), ZIPPED)

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(content))
    assert len(content) < (STATIC / name).stat().st_size
    assert gzip.decompress(content) == (STATIC / name).read_bytes()


@on_one_database
@pytest.mark.parametrize("headers", [AS_IT_IS, {"accept-encoding": "br, gzip;q=0"}])
def test_who_does_not_take_gzip_gets_the_file_as_it_is(client: TestClient, headers: dict[str, str]) -> None:
    answer, content = raw(client, static_address("app.css"), headers)

    assert "content-encoding" not in answer.headers
    assert content == STYLE


@on_one_database
@pytest.mark.parametrize("headers", [ZIPPED, AS_IT_IS])
def test_caches_are_told_that_there_are_two_of_it(client: TestClient, headers: dict[str, str]) -> None:
    answer, _content = raw(client, static_address("app.css"), headers)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@on_one_database
def test_only_an_address_with_the_mark_of_the_file_is_kept_for_ever(client: TestClient) -> None:
    for path in ("/static/app.css", "/static/app.css?000000000000"):
        assert client.get(path).headers["cache-control"] == "no-cache"
    missing = client.get("/static/nothing.css")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


@on_one_database
def test_each_has_a_tag_of_its_own_by_which_it_is_known_again(client: TestClient) -> None:
    tags = [
        raw(client, static_address("app.css"), headers)[0].headers["etag"] for headers in (ZIPPED, AS_IT_IS)
    ]
    assert tags[0] != tags[1]
    for tag, headers in zip(tags, (ZIPPED, AS_IT_IS), strict=True):
        answer, content = raw(client, static_address("app.css"), headers | {"if-none-match": tag})
        assert (answer.status_code, answer.headers["etag"], content) == (304, tag, b"")
        assert answer.headers["vary"] == "Accept-Encoding"


@on_one_database
def test_asking_for_the_head_brings_the_same_headers_and_no_content(client: TestClient) -> None:
    for headers in (ZIPPED, AS_IT_IS):
        whole, _content = raw(client, static_address("app.css"), headers)
        head, content = raw(client, static_address("app.css"), headers, "HEAD")
        assert content == b""
        assert head.headers == whole.headers


@on_one_database
def test_a_range_is_one_of_the_file_as_it_is(client: TestClient) -> None:
    answer, content = raw(client, static_address("app.css"), ZIPPED | {"range": "bytes=10-19"})

    assert answer.status_code == 206
    assert "content-encoding" not in answer.headers
    assert content == STYLE[10:20]


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [("gzip", True), ("br;q=1.0, GZIP;q=0.8", True), ("", False), ("br", False), ("gzip; q=0.000", False)],
)
def test_what_a_browser_takes_is_read_as_it_says_it(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


@on_one_database
def test_pages_hold_form_tokens_and_are_never_compressed(client: TestClient) -> None:
    page = client.get("/sign-in", headers=ZIPPED)
    assert page.status_code == 200
    assert "content-encoding" not in page.headers


@on_one_database
def test_the_annotators_page_is_light(cast: Cast, client_of: ClientOf, database: Database) -> None:
    with database.writing() as db:
        path = study(db, cast).path(1)
    client = client_of(cast.annotator)
    answer, page = raw(client, path, ZIPPED)
    assert answer.status_code == 200
    linked = set(_LOADED.findall(page.decode()))

    assert {address.partition("?")[0] for address in linked} >= {"/static/app.css", "/static/annotate.js"}
    assert all(address.startswith("/static/") for address in linked)
    assert 1 + len(linked) <= MOST_REQUESTS
    files = [raw(client, address, ZIPPED) for address in linked]
    assert all(answer.status_code == 200 for answer, _content in files)
    assert sum(_with_headers(*each) for each in [(answer, page), *files]) <= MOST_BYTES


def _with_headers(answer: Response, content: bytes) -> int:
    return len(content) + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
