"""What an event keeps of the rows that were stored by it: one a line, each of which can be erased. Pure.

A line is the number of a post (0: of none), a space, and a JSON object. The event's details name, under
`contents`, the SHA-256 over all its lines with a SHA-256 in the place of each object. An erased line holds
just that hash, so that the chain is as whole after an erasure as before. Each object has a salt that nobody
knows once it is erased: codes are few, and without one their hash would tell them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes, token_hex
from typing import Any

# Under this name details hold the hash of the contents.
NAME = "contents"
# What a reader of the history is told of an event stands in such a line, so that it can be erased, too.
TOLD = "told"
# The number of a line that is about no post.
NO_POST = 0
# Under these names readers are told which codes and questions were meant, in keys and names, and no words of
# anybody's: a post that says no more than a name is not quoted there.
_NAMED = frozenset({"decided", "withdrawn", "key", "label", "into", "what"})
_SALT = 12
_IN_DETAILS = f'"{NAME}":"'
# What each line has in it that tells something, and hardly another one.
IN_TOLD = f'"{TOLD}":'

# Made once: `json.dumps` makes a new encoder for each line.
_short = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode

Facts = Mapping[str, Any]
# Whether what readers are told of the post with a number goes, where it says this.
Goes = Callable[[int, str], bool]


@dataclass(frozen=True)
class Text:
    """A text that people wrote: the history holds its hash alone."""

    words: str


@dataclass(frozen=True)
class Line:
    """One line: `said` is None where it was erased."""

    post: int
    said: Facts | None


def new_salt() -> str:
    """Another one for each line."""
    return token_hex(_SALT)


def salts(n: int) -> Iterator[str]:
    """As many salts, drawn at once."""
    drawn = token_bytes(_SALT * n).hex()
    return (drawn[at : at + 2 * _SALT] for at in range(0, len(drawn), 2 * _SALT))


def sealed(facts: Facts, salt: str) -> dict[str, Any]:
    """The object that a line holds for these facts: texts as hashes."""
    return {**{name: _sealed(value, salt) for name, value in facts.items()}, "salt": salt}


def _sealed(value: Any, salt: str) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, Text):
        return {"sha256": sha256(f"{salt}{value.words}".encode("utf-8", "surrogatepass")).hexdigest()}
    if isinstance(value, dict):
        return {name: _sealed(each, salt) for name, each in value.items()}
    return [_sealed(each, salt) for each in value] if isinstance(value, list) else value


def line(post_number: int, facts: Facts, salt: str | None = None) -> str:
    """The line for facts about a post."""
    return f"{post_number} {_short(sealed(facts, salt or new_salt()))}"


def lines(of: Iterable[tuple[int, Facts]]) -> list[str]:
    """The lines for facts about many posts."""
    every = list(of)
    return [line(post, facts, salt) for (post, facts), salt in zip(every, salts(len(every)), strict=True)]


def told_line(post_number: int, words: Mapping[str, object]) -> str:
    """The line with what readers are told; it goes with its post, and with any post that it quotes."""
    return line(post_number, {TOLD: words})


def erased(one: str) -> str:
    """The line without what it said."""
    post, _space, said = one.partition(" ")
    return f"{post} {sha256(said.encode()).hexdigest()}" if said.startswith("{") else one


def hash_of(of_event: Iterable[str]) -> str:
    """What stands in the details of the event that has these lines."""
    return sha256("\n".join(map(erased, of_event)).encode()).hexdigest()


def read(contents: str | None) -> tuple[Line, ...]:
    """The lines of an event."""
    return tuple(each_line(contents))


def each_line(contents: str | None) -> Iterator[Line]:
    """The lines of an event, one after the other: that of an import has thousands."""
    return map(_read, contents.split("\n")) if contents else iter(())


def _read(one: str) -> Line:
    """The line; one that somebody put there who does not know how they are written says nothing."""
    post, _space, said = one.partition(" ")
    try:
        return Line(int(post), json.loads(said) if said.startswith("{") else None)
    except ValueError:
        return Line(NO_POST, None)


def without_posts(contents: str, posts: frozenset[str]) -> str:
    """The contents with the lines about these posts erased; `posts` are their numbers, written out."""
    every = contents.split("\n")
    about = [one.partition(" ")[0] for one in every]
    if posts.isdisjoint(about):  # As nearly all are.
        return contents
    return "\n".join(erased(one) if of in posts else one for of, one in zip(about, every, strict=True))


def without_told(contents: str, goes: Goes) -> str:
    """The contents with the lines erased that tell readers something which goes."""
    if IN_TOLD not in contents:
        return contents
    return "\n".join(erased(one) if _is_going(_read(one), goes) else one for one in contents.split("\n"))


def _is_going(one: Line, goes: Goes) -> bool:
    return any(goes(one.post, words) for words in _words((one.said or {}).get(TOLD)))


def _words(told: Any) -> Iterator[str]:
    """Every text in what is told, but for what names codes and questions."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict | list):
        inner = (told[name] for name in told if name not in _NAMED) if isinstance(told, dict) else told
        for each in inner:
            yield from _words(each)


def are_whole(details: str, contents: str | None) -> bool:
    """Whether contents are those that the details name, as far as they are not erased."""
    if contents is None:
        return _IN_DETAILS not in details or NAME not in json.loads(details)
    return bool(json.loads(details).get(NAME) == hash_of(contents.split("\n")))


def told(details: str, contents: str | None) -> dict[str, Any]:
    """What an event says to a reader: its details, and what its contents tell besides."""
    by_contents = {
        name: value
        for each in read(contents if contents and IN_TOLD in contents else None)
        if each.said is not None
        for name, value in each.said.get(TOLD, {}).items()
    }
    return by_contents | {name: value for name, value in json.loads(details).items() if name != NAME}
