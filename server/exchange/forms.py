"""What a browser may send about a file that waits."""

from pydantic import BaseModel


class ImportForm(BaseModel):
    """The lead's word that what was shown shall be done."""

    fingerprint: str = ""
