"""Searching in texts without regard to case, in any script and alike on both databases.

SQLite's `LIKE` knows the case of ASCII letters only, and PostgreSQL's `ILIKE` that of the database's locale.
So each letter is looked for in all its cases: `ü` as `[üÜ]`, by `GLOB` in the one and by a regular
expression in the other.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session

_Escape = Callable[[str], str]


def contains(db: Session, column: Any, words: str) -> ColumnElement[bool]:
    """Whether the words are somewhere in a column."""
    return _found(db, column, words, "*{}*", "{}")


def begins_with(db: Session, column: Any, words: str) -> ColumnElement[bool]:
    """Whether a column begins with the words."""
    return _found(db, column, words, "{}*", "^{}")


def _found(db: Session, column: Any, words: str, glob: str, regular: str) -> ColumnElement[bool]:
    # An umlaut may be stored as one character or as two.
    forms = sorted({unicodedata.normalize(form, words) for form in ("NFC", "NFD")})
    if db.get_bind().dialect.name == "sqlite":
        return or_(*(column.op("GLOB")(glob.format(_pattern(form, _in_glob))) for form in forms))
    return or_(*(column.regexp_match(regular.format(_pattern(form, _in_regular))) for form in forms))


def _pattern(words: str, escape: _Escape) -> str:
    return "".join(_one(letter, escape) for letter in words)


def _one(letter: str, escape: _Escape) -> str:
    cases = {letter, letter.lower(), letter.upper(), letter.upper().lower()}
    single = sorted(case for case in cases if len(case) == 1)
    return f"[{''.join(single)}]" if len(single) > 1 else escape(letter)


def _in_glob(letter: str) -> str:
    return f"[{letter}]" if letter in "*?[" else letter


def _in_regular(letter: str) -> str:
    return letter if letter.isalnum() or not letter.isascii() else f"\\{letter}"
