"""The bare reference: FastAPI, Jinja2 and SQLite, two routes, nothing else.

The next post as HTML; store a code and go on to the next. No sign-in, no checks, no history: what the
parts cost by themselves on this machine. Run by `benchmarks.load` with `REFERENCE_DB` in the environment.
"""

import os
import sqlite3
import threading
from functools import lru_cache
from typing import Annotated

from fastapi import FastAPI, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Post {{ position }}</title></head>
<body><main><h1>Post {{ position }}</h1><p>{{ text }}</p>
<form method="post" action="/annotators/{{ annotator }}/posts/{{ position }}">
{% for code in codes %}<label><input type="checkbox" name="codes" value="{{ code }}"> {{ code }}</label>
{% endfor %}<button>Submit</button></form></main></body></html>"""
CODES = ("attachment", "dependency", "quality", "choice", "rights", "workaround")

app = FastAPI(openapi_url=None)
template = Environment(autoescape=True).from_string(PAGE)
local = threading.local()


def connection() -> sqlite3.Connection:
    """A connection a thread."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.environ["REFERENCE_DB"], isolation_level=None, timeout=30)
        local.connection.execute("PRAGMA journal_mode=WAL")
        local.connection.execute("PRAGMA synchronous=FULL")
        local.connection.execute("PRAGMA cache_size=-65536")
    found: sqlite3.Connection = local.connection
    return found


@lru_cache(maxsize=1)
def n_posts() -> int:
    """How many posts there are; after the last comes the first again, so that there is always a next one."""
    count: int = connection().execute("SELECT count(*) FROM post").fetchone()[0]
    return count


@app.get("/annotators/{annotator}/posts/{position}")
def show(annotator: int, position: int) -> HTMLResponse:
    """The post as HTML."""
    row = connection().execute("SELECT text FROM post WHERE id = ?", (position,)).fetchone()
    return HTMLResponse(template.render(annotator=annotator, position=position, text=row[0], codes=CODES))


@app.post("/annotators/{annotator}/posts/{position}")
def store(annotator: int, position: int, codes: Annotated[list[str], Form()]) -> Response:
    """Store the codes and go on."""
    db = connection()
    db.execute("BEGIN IMMEDIATE")
    db.executemany(
        "INSERT INTO coding (annotator, post, code) VALUES (?, ?, ?)",
        [(annotator, position, code) for code in codes],
    )
    db.execute("COMMIT")
    following = position % n_posts() + 1
    return RedirectResponse(f"/annotators/{annotator}/posts/{following}", status_code=303)
