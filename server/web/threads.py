"""The threads pages run in: as many as there are connections, since more would only wait for one another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from random import uniform
from typing import TypeVar

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from server.db.engine import WAIT_SECONDS
from server.errors import Busy
from server.language import gettext as _

Result = TypeVar("Result")
# Those that came together are told over so many seconds: at once, they would hold up everybody's answers.
_SPREAD_SECONDS = 1.0


async def in_thread(call: Callable[[], Result]) -> Result:
    """What `call` gives, run in a page thread with the request's context.

    `Busy` where no thread was free for long: those that wait behind slow pages are told so at once, instead
    of each taking its time one after the other, or none where no page ends. Starlette's own hop costs three
    times as much, for cancellation that pages do not want.
    """
    loop = asyncio.get_running_loop()
    waiting = [call]
    del call  # Nothing else holds on to what was sent: a cancelled answer keeps this very frame.
    answer = loop.run_in_executor(None, copy_context().run, _begun, waiting)
    patience = WAIT_SECONDS + uniform(0, _SPREAD_SECONDS)  # noqa: S311 - nothing secret
    late = loop.call_later(patience, _give_up, waiting, answer)
    try:
        return await answer
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise Busy(_("The server is busy. Nothing was saved; please send it again.")) from None
    finally:
        late.cancel()


def _begun(waiting: list[Callable[[], Result]]) -> Result:
    """Run what waits in its thread, unless nobody waits for it any more: whoever takes it out decides."""
    try:
        call = waiting.pop()
    except IndexError:
        raise asyncio.CancelledError from None
    return call()


def _give_up(waiting: list[Callable[[], Result]], answer: asyncio.Future[Result]) -> None:
    """Wait no longer for what has not begun; it never will.

    Its place in the queue stays until a thread comes to it. What was sent does not stay with it.
    """
    with suppress(IndexError):  # A thread has taken it.
        waiting.pop()
        answer.cancel()


@asynccontextmanager
async def thread_limit(app: FastAPI) -> AsyncIterator[ThreadPoolExecutor]:
    """Size the thread pool while the application runs; close the database afterwards."""
    size = app.state.settings.threads
    current_default_thread_limiter().total_tokens = size
    with ThreadPoolExecutor(size, thread_name_prefix="page") as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        yield threads
    app.state.database.dispose()
