"""The id that stands for one which names an author, where a post was taken down. Pure."""

from hashlib import sha256

HIDDEN = "taken-down-"


def hidden_id(external_id: str) -> str:
    """The same for the same id, so that the post is known again when a file brings it once more."""
    return HIDDEN + sha256(external_id.encode()).hexdigest()[:24]
