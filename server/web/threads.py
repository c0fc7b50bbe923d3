"""The threads pages run in: as many as there are connections, since more would only wait for one another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TypeVar

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from server.web.garbage import set_apart_what_stays

Result = TypeVar("Result")


async def in_thread(call: Callable[[], Result]) -> Result:
    """What `call` gives, run in a page thread with the request's context.

    Starlette's own hop costs three times as much, for cancellation that pages do not want.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, copy_context().run, call)


@asynccontextmanager
async def thread_limit(app: FastAPI) -> AsyncIterator[None]:
    """Size the thread pool while the application runs; close the database afterwards."""
    size = app.state.settings.threads
    current_default_thread_limiter().total_tokens = size
    with ThreadPoolExecutor(size, thread_name_prefix="page") as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        set_apart_what_stays()
        yield
    app.state.database.dispose()
