"""The pages of posts: importing them, and reading them."""

from server.corpora.pages import importing, progress, reading, uploading
from server.corpora.pages.routes import router

__all__ = ["importing", "progress", "reading", "router", "uploading"]
