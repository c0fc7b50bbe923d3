"""The pages of posts: importing them, and reading them."""

# In this order: the number of a post stands in the same place of the address as the word for an import.
from server.corpora.pages import files, importing, progress, reading
from server.corpora.pages.routes import router

__all__ = ["files", "importing", "progress", "reading", "router"]
