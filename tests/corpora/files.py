"""Files of posts as a research team would upload them, and the browser that uploads them."""

from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from server.corpora.contents import Contents
from server.corpora.mapping import PostDraft
from tests.browse import form_fields, post
from tests.cast import Cast

HEADER = "post_id,text,author,created_at,url,lang\n"


def row(number: int, text: str = "I miss the old one \N{BROKEN HEART}", author: str = "mara") -> str:
    """A row with a 19-digit id and a text of its own."""
    return (
        f'19555500000000{number:05d},"{text}, {number}",{author},2025-08-08T21:14:00Z,'
        f"https://x.example/{number},en\n"
    )


def csv(*numbers: int) -> bytes:
    """A file with these posts."""
    return (HEADER + "".join(row(number) for number in numbers)).encode()


def content_hash(draft: PostDraft) -> str:
    """The hash of one post's content."""
    return Contents().hashes([draft])[0]


def path(cast: Cast, *parts: str) -> str:
    return "/".join([f"/projects/{cast.project.key}/posts", *parts])


def upload(client: TestClient, cast: Cast, content: bytes, filename: str = "posts.csv") -> Response:
    """Send a file; the answer leads to its preview, or says what is wrong."""
    return post(client, path(cast, "import"), files={"file": (filename, content)})


def previewed(client: TestClient, cast: Cast, content: bytes, query: str = "") -> Response:
    """The preview of a file that was taken."""
    sent = upload(client, cast, content)
    assert sent.status_code == 303, sent.text
    page: Response = client.get(sent.headers["location"] + query)
    return page


def import_shown(client: TestClient, page: Response, **changes: Any) -> Response:
    """Press the button of a preview."""
    address = str(page.url.copy_with(query=None))
    answer: Response = client.post(address, data=form_fields(page, page.url.path) | changes)
    return answer


def imported(client: TestClient, cast: Cast, content: bytes) -> Response:
    """Upload a file and import it as it is guessed."""
    return import_shown(client, previewed(client, cast, content))
