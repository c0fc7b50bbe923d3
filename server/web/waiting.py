"""Requests that come while the server still loads what answers them: they wait, and then are answered.

`app.state.loading` is the future of it. What stands here is taken out of the way when all is loaded, so that
no request is dearer for it afterwards.
"""

import asyncio
from collections.abc import Mapping
from typing import NoReturn

from fastapi import FastAPI, Request
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from server.errors import Busy, SignInNeeded
from server.web.cookies import session_token


async def loaded(app: FastAPI) -> bool:
    """Whether all could be loaded, once that is known."""
    [loading], _none = await asyncio.wait([asyncio.wrap_future(app.state.loading)])
    return loading.exception() is None


class Waiting(BaseRoute):
    """Every address that is not loaded yet."""

    def __init__(self, app: FastAPI, home: str) -> None:
        self._app, self._home = app, home

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """All requests."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    def url_path_for(self, name: str, /, **parts: object) -> NoReturn:
        """It has no address of its own."""
        raise NoMatchFound(name, parts)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer when all is loaded; where that failed the server is about to end."""
        if scope["path"] == self._home and scope["method"] == "GET" and not session_token(Request(scope)):
            raise SignInNeeded  # As the first page itself would say.
        if not await loaded(self._app):
            raise Busy
        await self._app.router(scope, receive, send)


class PathsSoFar(dict[str, str]):
    """The paths that are known already; who asks for another waits until all are."""

    def __init__(self, app: FastAPI, known: Mapping[str, str]) -> None:
        super().__init__(known)
        self._app = app

    def __missing__(self, name: str) -> str:
        self._app.state.loading.result()
        paths: dict[str, str] = self._app.state.paths
        return paths[name]
