"""The end of a server that is told to stop: nobody's request is cut off."""

import signal
import threading
from concurrent.futures import Future
from types import FrameType

import uvicorn
from fastapi import FastAPI

# Requests that are being worked on have so long to end.
DRAIN_SECONDS = 30


class LeavingServer(uvicorn.Server):
    """A server that gives notice: on SIGTERM it first says on /openz that it leaves, and goes on working.

    So a proxy that asks there sends the next person to another server before this one closes its door. Then
    it takes no new connections and ends what it has begun.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave: after the notice for SIGTERM, at once for Ctrl+C or a second signal."""
        notice: float = self._app.state.settings.notice_seconds
        if sig != signal.SIGTERM or not notice or self._app.state.is_leaving:
            super().handle_exit(sig, frame)
            return
        self._app.state.is_leaving = True
        leaving = threading.Timer(notice, super().handle_exit, (sig, frame))
        leaving.daemon = True
        leaving.start()

    async def on_tick(self, counter: int) -> bool:
        """Whether to end: also where the areas behind the door cannot be loaded, for they are the server."""
        loading: Future[None] = self._app.state.loading
        is_broken = loading.done() and loading.exception() is not None
        return is_broken or await super().on_tick(counter)
