"""The access table: for each route, the status each person gets when they send it an empty form.

401 stands for "sent to the sign-in page". What a permitted person gets is the status of the page itself:
200, 303 for a form that was accepted, 422 for one that needs values, 404 or 409 where the thing asked
for is not there.
"""

from dataclasses import dataclass

PERSONS = (
    "anonymous",
    "outsider",
    "viewer",
    "annotator",
    "other annotator",
    "adjudicator",
    "lead",
    "admin",
    "deactivated",
)


@dataclass(frozen=True)
class Route:
    """The statuses of a route, in the order of `PERSONS`."""

    statuses: tuple[int, ...]


def public(status: int) -> Route:
    """Anybody."""
    return Route((status,) * len(PERSONS))


def signed_in(status: int) -> Route:
    """Whoever has an account."""
    return Route((401, *((status,) * (len(PERSONS) - 1))))


def admin(status: int) -> Route:
    """Admins of the server; the rest are told that they may not."""
    return Route((401, 403, 403, 403, 403, 403, 403, status, 403))


def members(status: int) -> Route:
    """Every active member."""
    return Route((401, 404, status, status, status, status, status, 404, 404))


def readers(status: int) -> Route:
    """Viewer, adjudicator and lead."""
    return Route((401, 404, status, 403, 403, status, status, 404, 404))


def reviewers(status: int) -> Route:
    """Adjudicator and lead."""
    return Route((401, 404, 403, 403, 403, status, status, 404, 404))


def lead(status: int) -> Route:
    """The lead alone."""
    return Route((401, 404, 403, 403, 403, 403, status, 404, 404))


def coders(own: int, others: int) -> Route:
    """Who may code; `own` for the annotator of the round, `others` for those who have no part in it."""
    return Route((401, 404, 403, own, others, others, others, 404, 404))
