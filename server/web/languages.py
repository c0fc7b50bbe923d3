"""Which language a person is answered in: the account's, else the browser's, else English."""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations

from babel import Locale

from server import language
from server.web.catalogues import files, words_of

ENGLISH = "en"


@cache
def languages() -> tuple[str, ...]:
    """English, which needs no file, and every language there is a file for."""
    return ENGLISH, *files()


def read_languages() -> None:
    """Read every language, so that what is broken in one is told at start: `Refusal`."""
    for code in languages():
        _words(code)


@cache
def _words(code: str) -> GNUTranslations | NullTranslations:
    return NullTranslations() if code == ENGLISH else words_of(files()[code])


def names_of_languages() -> tuple[tuple[str, str], ...]:
    """Every language by its code, with its name in itself: `fr`, `Français`."""
    return tuple((code, (Locale.parse(code).get_display_name() or code).capitalize()) for code in languages())


def language_offered(wanted: str) -> str:
    """`wanted`, or the language in use where there is no such."""
    return wanted if wanted in languages() else language.code()


def speaking(code: str) -> AbstractContextManager[None]:
    """Say in one of the languages what is said within; `code` is one of `languages`."""
    return language.speaking(code, _words(code))


def choose_language(accepted: str) -> None:
    """Answer in the first language of an `Accept-Language` header that there is."""
    _use(_preferred(accepted))


def use_language(code: str | None) -> None:
    """Answer in the account's own language, where it has chosen one."""
    if code in languages():
        _use([str(code)])


def choose_language_of_shell(environment: Mapping[str, str]) -> None:
    """Speak the language that the environment of a command asks for, as gettext reads it."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((environment[name] for name in names if environment.get(name)), "")
    _use(re.split(r"[.@]", each)[0] for each in wanted.split(":"))


def _use(wanted: Iterable[str]) -> None:
    code = next(filter(None, map(_known, wanted)), ENGLISH)
    language.use(code, _words(code))


def _known(tag: str) -> str | None:
    """The language there is for a tag: for `pt-BR` the file `pt_BR`, else `pt`."""
    codes = {code.lower(): code for code in languages()}
    asked = tag.lower().replace("-", "_")
    return codes.get(asked) or codes.get(asked.partition("_")[0])


@lru_cache(maxsize=256)
def _preferred(accepted: str) -> tuple[str, ...]:
    """The language tags of a header, most wanted first (RFC 9110, 12.5.4)."""
    wanted: list[tuple[float, int, str]] = []
    for position, part in enumerate(accepted.split(",")[:20]):
        match = re.fullmatch(r"\s*([A-Za-z]{2,3}(?:-\w+)*)\s*(?:;\s*q=([\d.]{1,5}))?\s*", part)
        if match and (quality := _quality(match[2])) > 0:
            wanted.append((-quality, position, match[1]))
    return tuple(tag for _quality_, _position, tag in sorted(wanted))


def _quality(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
