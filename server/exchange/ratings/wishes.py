"""What the lead says of a file that it does not say itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wishes:
    """The key of the question that a file is about, and the numbers of the members that its coders are.

    `says_none` holds where records without a label say that nothing applies. `title` is that of the round
    which the codings become; without it that says only what it is.
    """

    question: str = ""
    members: Mapping[str, int] = field(default_factory=dict)
    says_none: bool = False
    title: str = ""


NONE = Wishes()
