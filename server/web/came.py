"""The search in one's own codings from which a post was opened; it stays in the addresses that follow."""

import re
from collections.abc import Mapping

from fastapi import Request

_IS_PAGE = re.compile("[1-9][0-9]{0,4}")


def came_from(request: Request) -> Mapping[str, str]:
    """What of the address says so; empty where the post was reached in the queue."""
    if not request.scope["query_string"]:
        return {}
    asked = request.query_params
    if asked.get("from") != "mine":
        return {}
    kept = {name: asked[name][:200] for name in ("from", "wanted", "words") if asked.get(name)}
    page = asked.get("page", "")
    return kept | ({"page": page} if _IS_PAGE.fullmatch(page) else {})
