"""What several tests of results start from."""

import pytest
from sqlmodel import Session

from server.codebooks.queries import Codebook
from tests.cast import Cast
from tests.results.scene import drawn


@pytest.fixture
def sample(db: Session, cast: Cast) -> tuple[Cast, Codebook]:
    """Four of eight posts, drawn at random, coded once: one is against, three are in favour."""
    return drawn(db, cast)
