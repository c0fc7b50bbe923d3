"""Style, scripts and icon: their addresses, and how they travel.

They are compressed once and kept. Pages are not compressed at all: a page holds form tokens beside words
that somebody else may have chosen, and its compressed length would tell of both (BREACH).
"""

import gzip
import os
import re
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_REFUSED = re.compile(r"q=0(\.0*)?")


def static_address(name: str) -> str:
    """The address of a static file, with a mark that changes when the file does."""
    return f"/static/{name}?{_mark(STATIC / name)}"


@cache
def drawing(name: str) -> Markup:
    """A picture to stand in a page itself: one request less on the way to the first page."""
    return Markup((STATIC / name).read_text("utf-8"))  # noqa: S704 - our own file


@cache
def _mark(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:12]


class CompressedStaticFiles(StaticFiles):
    """Static files that leave compressed where the browser takes that.

    A range is one of the file as it is, so that it is answered uncompressed.
    """

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, or that the browser has it."""
        asked = Headers(scope=scope)
        response: Response = FileResponse(full_path, status_code=status_code, stat_result=stat_result)
        file = Path(full_path)
        if "range" not in asked and takes_gzip(asked.get("accept-encoding", "")):
            response = _compressed(response, file, stat_result, scope["method"])
        response.headers["vary"] = "Accept-Encoding"
        is_marked = scope["query_string"].decode("latin-1") == _mark(file)
        response.headers["cache-control"] = _FOR_EVER if is_marked else _ASK_FIRST
        if self.is_not_modified(response.headers, asked):
            return NotModifiedResponse(response.headers)
        return response


def _compressed(plain: Response, file: Path, stat_result: os.stat_result, method: str) -> Response:
    """The same answer with compressed content, or `plain` where compressing saves nothing."""
    content = _gzipped(file, stat_result.st_mtime_ns)
    if len(content) >= stat_result.st_size:
        return plain
    headers = {
        "content-encoding": "gzip",
        "content-length": str(len(content)),
        "etag": plain.headers["etag"].removesuffix('"') + '-gzip"',  # Other bytes, another tag.
        "last-modified": plain.headers["last-modified"],
    }
    return Response(b"" if method == "HEAD" else content, plain.status_code, headers, plain.media_type)


@lru_cache(maxsize=100)
def _gzipped(file: Path, _changed: int) -> bytes:
    """Without a time in it, so that every server process sends the same bytes under the same tag."""
    return gzip.compress(file.read_bytes(), mtime=0)


def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` names gzip and does not refuse it."""
    for each in accepted.lower().replace(" ", "").split(","):
        coding, _semicolon, weight = each.partition(";")
        if coding == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False
