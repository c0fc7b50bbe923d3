"""The post from which a page of the codebook was opened, so that one finds the way back to it.

The address names it by two numbers and the search it was found with, so that it leads to no other place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from server.projects.access import Access
from server.projects.roles import Permission
from server.web.came import came_from
from server.web.numbers import whole_number


@dataclass(frozen=True)
class CodedPost:
    """Where a post stands that was being coded, and the search in one's own codings it was opened from."""

    round: int
    position: int
    came: Mapping[str, str] = field(default_factory=dict)

    @property
    def search(self) -> dict[str, str | int]:
        """What keeps it in the address of another page of the codebook."""
        return {"round": self.round, "position": self.position, **self.came}


def coded_post(request: Request, access: Access) -> CodedPost | None:
    """The post that the address names; None where it names none, or the reader codes nothing."""
    if not access.may(Permission.CODE):
        return None
    number, position = (whole_number(request.query_params.get(name, "")) for name in ("round", "position"))
    return CodedPost(number, position, came_from(request)) if number and position else None
