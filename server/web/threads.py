"""The threads pages run in: as many as there are connections, since more would only wait for one another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from time import monotonic
from typing import TypeVar

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from server.db.engine import WAIT_SECONDS
from server.errors import Busy
from server.language import gettext as _

Result = TypeVar("Result")


async def in_thread(call: Callable[[], Result]) -> Result:
    """What `call` gives, run in a page thread with the request's context.

    `Busy` where no thread was free for long: those that wait behind slow pages are told so at once, instead
    of each taking its time one after the other. Starlette's own hop costs three times as much, for
    cancellation that pages do not want.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, copy_context().run, _in_time, monotonic(), call)


def _in_time(asked_at: float, call: Callable[[], Result]) -> Result:
    if monotonic() - asked_at > WAIT_SECONDS:
        raise Busy(_("The server is busy. Nothing was saved; please send it again."))
    return call()


@asynccontextmanager
async def thread_limit(app: FastAPI) -> AsyncIterator[ThreadPoolExecutor]:
    """Size the thread pool while the application runs; close the database afterwards."""
    size = app.state.settings.threads
    current_default_thread_limiter().total_tokens = size
    with ThreadPoolExecutor(size, thread_name_prefix="page") as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        yield threads
    app.state.database.dispose()
