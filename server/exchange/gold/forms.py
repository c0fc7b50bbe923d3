"""What a browser may send about files of gold."""

from pydantic import BaseModel


class GoldFileForm(BaseModel):
    """The file itself does not come as text."""
