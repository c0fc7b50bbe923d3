"""What a reader may ask of the agreement page, in its address."""

from pydantic import BaseModel


class AgreementQuery(BaseModel):
    """What is looked at; an empty field means the page's own choice.

    `pair` is two numbers of members with a hyphen between them.
    """

    round: list[int] = []
    variable: str = ""
    code: str = ""
    level: str = ""
    group: str = ""
    pair: str = ""
