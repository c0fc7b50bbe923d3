"""Which language a person is answered in: the account's, else the browser's, else English."""

import re
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from server import language

CATALOGUES = Path(__file__).parent / "languages"


@cache
def catalogues() -> dict[str, GNUTranslations | NullTranslations]:
    """Every language there is a compiled catalogue for, and English, which needs none."""
    found: dict[str, GNUTranslations | NullTranslations] = {"en": NullTranslations()}
    for file in sorted(CATALOGUES.glob("*/LC_MESSAGES/intercoder.mo")):
        with file.open("rb") as opened:
            found[file.parents[1].name] = GNUTranslations(opened)
    return found


def choose_language(accepted: str) -> None:
    """Answer in the first language of an `Accept-Language` header that there is."""
    known = catalogues()
    chosen = next((code for code in _preferred(accepted) if code in known), "en")
    language.use(chosen, known[chosen])


def use_language(code: str | None) -> None:
    """Answer in the account's own language, where it has chosen one."""
    if code in catalogues():
        language.use(str(code), catalogues()[str(code)])


@lru_cache(maxsize=256)
def _preferred(accepted: str) -> tuple[str, ...]:
    """The primary language tags of a header, most wanted first (RFC 9110, 12.5.4)."""
    wanted: list[tuple[float, int, str]] = []
    for position, part in enumerate(accepted.split(",")[:20]):
        match = re.fullmatch(r"\s*([A-Za-z]{2,3})(?:-[\w-]*)?\s*(?:;\s*q=([\d.]{1,5}))?\s*", part)
        if match:
            wanted.append((-_quality(match[2]), position, match[1].lower()))
    return tuple(code for _quality_, _position, code in sorted(wanted))


def _quality(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
