"""Letters instead of names: an order of its own for each post, that tells nothing about who is who."""

from collections.abc import Iterable
from hashlib import sha256
from string import ascii_uppercase


def lettered(project_key: str, post_id: int, member_ids: Iterable[int]) -> dict[int, str]:
    """A letter for each member, in the order of the letters: the same at every look at this post."""
    shuffled = sorted(member_ids, key=lambda member_id: _digest(project_key, post_id, member_id))
    return {member_id: _letter(place) for place, member_id in enumerate(shuffled)}


def _digest(project_key: str, post_id: int, member_id: int) -> str:
    return sha256(f"letters {project_key} {post_id} {member_id}".encode()).hexdigest()


def _letter(place: int) -> str:
    """A to Z, then AA, AB and so on."""
    above, rest = divmod(place, len(ascii_uppercase))
    return (_letter(above - 1) if above else "") + ascii_uppercase[rest]
