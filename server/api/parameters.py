"""Parameters that several operations share."""

from typing import Annotated

from fastapi import Path

ProjectKey = Annotated[
    str,
    Path(
        alias="project_key",
        description="The key of the project, as its addresses have it",
        max_length=64,
    ),
]
