"""Every request counted, timed and, if wanted, written down: for whoever looks after the server."""

import logging
import re
import secrets
import time

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("intercoder.requests")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FAILED = 500
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one server process, as Prometheus reads them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "intercoder_requests", "Answered requests", ("route", "method", "status"), registry=self.registry
        )
        # Without labels, so that it is there and zero before anything fails: an increase shows in it alone.
        self._failures = Counter(
            "intercoder_failures", "Requests on which the program failed", registry=self.registry
        )
        self._seconds = Histogram(
            "intercoder_request_seconds",
            "Time to the last byte",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Add a request that was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._failures.inc(status == _FAILED)
        self._seconds.labels(route).observe(seconds)


class WatchMiddleware:
    """Gives each request an id, and counts and logs what became of it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, writes: bool) -> None:
        self.app = app
        self._metrics = metrics
        self._writes = writes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and look at its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, status, began = _request_id(scope), 500, time.perf_counter()

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, told)
        finally:
            self._tell(scope, request_id, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route, method = _route_of(scope), scope["method"]
        self._metrics.count(route, method, status, seconds)
        if self._writes:
            fields = {"request": request_id, "method": method, "route": route, "status": status}
            fields |= {"ms": round(1_000 * seconds, 1), "account": _account_of(scope)}
            log.info("request", extra=fields)


def _request_id(scope: Scope) -> str:
    """The proxy's, so that both logs can be read together; else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def _route_of(scope: Scope) -> str:
    """The name of the page; nothing of an address that somebody made up."""
    return getattr(scope.get("route"), "name", "") or "none"


def _account_of(scope: Scope) -> int | None:
    """The number of who asked, by a session or by a token; None where the request was nobody's."""
    state = scope.get("state", {})
    who = state.get("viewer") or state.get("holder")
    return None if who is None else int(who.account_id)
