"""The language of the person being answered, and the words said in it.

The English text is the key. `use` is called once a request; a worker thread inherits the choice, since
context variables travel with the request.
"""

from contextvars import ContextVar
from gettext import GNUTranslations, NullTranslations

_current: ContextVar[tuple[str, NullTranslations]] = ContextVar(
    "language", default=("en", NullTranslations())
)


def use(code: str, catalogue: GNUTranslations | NullTranslations) -> None:
    """Answer in the language `code` with `catalogue` from here on."""
    _current.set((code, catalogue))


def code() -> str:
    """The code of the language in use, such as `en`."""
    return _current.get()[0]


def gettext(message: str) -> str:
    """`message` in the language in use."""
    return _current.get()[1].gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of a message that fits `count`, in the language in use."""
    return _current.get()[1].ngettext(singular, plural, count)


_ = gettext
