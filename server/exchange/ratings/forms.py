"""What a browser may send about files of ratings."""

from pydantic import BaseModel


class RatingsForm(BaseModel):
    """The file itself does not come as text."""
