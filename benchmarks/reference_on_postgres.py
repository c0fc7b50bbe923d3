"""The bare reference on PostgreSQL: the same two routes, over psycopg, a connection a thread.

Run by `benchmarks.load --postgres --like-with-like` with the address in `REFERENCE_DB`. The figures to keep
are beside the reference on SQLite; this one tells how much of the distance is PostgreSQL's.
"""

import os
import threading
from functools import lru_cache
from typing import Annotated, Any

import psycopg
from fastapi import FastAPI, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from benchmarks.reference import CODES, template

app = FastAPI(openapi_url=None)
local = threading.local()


def connection() -> psycopg.Connection[Any]:
    """A connection a thread."""
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["REFERENCE_DB"], autocommit=True)
    found: psycopg.Connection[Any] = local.connection
    return found


@lru_cache(maxsize=1)
def n_posts() -> int:
    """How many posts there are; after the last comes the first again, so that there is always a next one."""
    found = connection().execute("SELECT count(*) FROM bare.post").fetchone()
    assert found
    return int(found[0])


@app.get("/annotators/{annotator}/posts/{position}")
def show(annotator: int, position: int) -> HTMLResponse:
    """The post as HTML."""
    row = connection().execute("SELECT text FROM bare.post WHERE id = %s", (position,)).fetchone()
    assert row
    return HTMLResponse(template.render(annotator=annotator, position=position, text=row[0], codes=CODES))


@app.post("/annotators/{annotator}/posts/{position}")
def store(annotator: int, position: int, codes: Annotated[list[str], Form()]) -> Response:
    """Store the codes and go on."""
    with connection().transaction(), connection().cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bare.coding (annotator, post, code) VALUES (%s, %s, %s)",
            [(annotator, position, code) for code in codes],
        )
    following = position % n_posts() + 1
    return RedirectResponse(f"/annotators/{annotator}/posts/{following}", status_code=303)


def fill(url: str, posts: int, text: str) -> None:
    """The reference's two tables, in a schema of their own. `text` has `{number}` in it."""
    with psycopg.connect(url) as db:
        db.execute("CREATE SCHEMA bare")
        db.execute("CREATE TABLE bare.post (id INTEGER PRIMARY KEY, text TEXT)")
        db.execute(
            "CREATE TABLE bare.coding (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            "annotator INTEGER, post INTEGER, code TEXT)"
        )
        with db.cursor().copy("COPY bare.post FROM STDIN") as copy:
            for number in range(1, posts + 1):
                copy.write_row((number, text.format(number=number)))
