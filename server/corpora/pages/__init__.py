"""The pages of posts: importing them, and reading them."""

from server.corpora.pages import importing, reading
from server.corpora.pages.routes import router

__all__ = ["importing", "reading", "router"]
