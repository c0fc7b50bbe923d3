"""What the server writes about its own work: a line of JSON an event, with fields that were thought about.

No line holds what people wrote, an address with an id in it, a token or a name: a route is named, not its
address; whoever asks, comes in or is refused is told by the account's number (`server.web.watching`,
`server.accounts.telling`); and of an error its kind and the lines of our program that it came through, not
its words, which may quote a post.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

# Beside the moment, the level and the words of the program.
FIELDS = ("request", "method", "route", "status", "ms", "reference", "kind", "account", "address", "places")


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The moment, the level, the words, and the fields that may be told."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level, said = record.levelname.lower(), record.getMessage().strip()
        line: dict[str, Any] = {"at": at, "level": level, "said": said}
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.exc_info and record.exc_info[1]:
            line["error"] = list(without_words(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False)


def without_words(error: BaseException) -> Iterator[str]:
    """An error and what led to it: kinds and places in the program, the newest first."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        state = getattr(getattr(found, "orig", None), "sqlstate", None)
        yield type(found).__name__ + (f" {state}" if state else "")
        for frame in traceback.extract_tb(found.__traceback__):
            yield f"{frame.filename}:{frame.lineno} {frame.name}"
        found = found.__cause__ or found.__context__


def log_config() -> dict[str, Any]:
    """For `logging.config` and uvicorn: every line to standard error, in this form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Lines}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "loggers": {"uvicorn": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
                    "intercoder": {"handlers": ["lines"], "level": "INFO", "propagate": False}},
    }  # fmt: skip
