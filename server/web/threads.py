"""As many worker threads as there are connections: more would only wait for one another."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from server.web.garbage import set_apart_what_stays


@asynccontextmanager
async def thread_limit(app: FastAPI) -> AsyncIterator[None]:
    """Size the thread pool while the application runs; close the database afterwards."""
    current_default_thread_limiter().total_tokens = app.state.settings.threads
    set_apart_what_stays()
    yield
    app.state.database.dispose()
