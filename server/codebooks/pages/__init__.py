"""The codebook's pages: reading it, writing its draft, uploading it."""

from server.codebooks.pages import codes, draft, joining, reading, upload, variables
from server.codebooks.pages.routes import router

__all__ = ["codes", "draft", "joining", "reading", "router", "upload", "variables"]
