"""The codebook's pages: reading it, writing its draft, uploading it."""

from server.codebooks.pages import codes, draft, files, joining, reading, upload, variables
from server.codebooks.pages.routes import router
from server.codebooks.pages.upload import previewing

__all__ = ["codes", "draft", "files", "joining", "previewing", "reading", "router", "upload", "variables"]
