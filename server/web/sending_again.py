"""A form that could not be saved now: what was typed waits in the page that says so, to be sent again.

The fields come from the browser and go back into it; nothing is stored meanwhile.
"""

from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData

from server.errors import Forbidden
from server.web.csrf import FIELD, refuse_forged

# What a form says beside what was typed in it.
_UNTYPED = frozenset(
    {"form_token", "token", "revision", "codebook", "coder", "edition", "fingerprint", "mark", "next"}
)
_SECRET = "password"  # noqa: S105 - the names of fields that hold one


@dataclass(frozen=True)
class Sent:
    """Where a form was sent, its fields but for its key, and those of them that a person typed or chose."""

    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def typed(self) -> tuple[tuple[str, str], ...]:
        """What a person typed or chose, by the names of the fields without their kind."""
        return tuple(
            (name.removeprefix("v-"), value) for name, value in self.fields if name not in _UNTYPED and value
        )


def sent_to_keep(request: Request) -> Sent | None:
    """The form of this request; None where there is none, it has files or a password, or is not ours."""
    form: FormData | None = getattr(request.state, "form", None)
    if form is None:
        return None
    sent = form.multi_items()
    fields = tuple((name, value) for name, value in sent if isinstance(value, str) and name != FIELD)
    has_files = any(not isinstance(value, str) for _name, value in sent)
    if has_files or any(_SECRET in name for name, _value in fields):
        return None
    with suppress(Forbidden):
        refuse_forged(request)
        return Sent(_address(request), fields)
    return None


def _address(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
