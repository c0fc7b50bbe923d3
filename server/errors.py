"""What the program refuses, in words and without HTTP numbers.

`server.web.failures` is the one place that knows which page and status an error becomes.
"""

from collections.abc import Mapping


class IntercoderError(Exception):
    """Anything that is told to the person in words."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class Refusal(IntercoderError):
    """What was asked cannot be done as it was asked; nothing was changed.

    `fields` maps the names of form fields to what is wrong with each.
    """

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class NotFound(IntercoderError):
    """There is no such thing, or none that this person may know of."""


class UsedUp(NotFound):
    """What a link offered was taken; perhaps by the one who asks, who then signs in."""


class Forbidden(IntercoderError):
    """The person belongs here but may not do this."""


class Conflict(IntercoderError):
    """Somebody (or another tab) was faster: what the form was made from has changed."""


class SignInNeeded(IntercoderError):
    """Nobody is signed in, and this needs somebody."""


class Busy(IntercoderError):
    """The server cannot take this now; the same request may be sent again."""


class OutOfOrder(Busy):
    """The server cannot save at all until its admin has done something, or its database is back."""
