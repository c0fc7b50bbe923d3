"""The router of the posts' pages.

Reading a large file takes seconds, in which nobody else could write: forms find out who asks, read the
file, and only then open a writing transaction of their own.
"""

from collections.abc import AsyncIterator

from fastapi import Depends, Request

from server.web.routing import ReadsFirstRoute, pages

router = pages(ReadsFirstRoute)
POSTS = "/projects/{project_key}/posts"
IMPORT = POSTS + "/import"
FILE = IMPORT + "/{upload_key}"


async def _close_files(request: Request) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await request.close()


# However a request ends, the files it brought are closed, and with them what they take on the disk.
closes_files = Depends(_close_files)
