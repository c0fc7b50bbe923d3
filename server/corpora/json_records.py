"""Objects from JSON Lines and from JSON, one at a time. Numbers stay as they are written, digit by digit."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from server.corpora.encodings import decoded, detect_encoding
from server.errors import Refusal
from server.language import _, number

MAX_OBJECT = 32 << 20
_CHUNK = 1 << 16
_NEAR_THE_END = 64
_decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
Object = dict[str, Any]

CHAT = "chat"
_CHATS, _MESSAGES = ("chats", "left_chats"), "messages"
# A chat alone begins with its name.
_ACCOUNT = re.compile(r'\{\s*"about"\s*:\s*"')


class JsonRecord(NamedTuple):
    """An object, or the reason why there is none.

    `number` is its line, or its place in the list; 0 says that the file is this one object.
    """

    number: int
    found: Object
    fault: str | None = None


def json_lines(file: BinaryIO) -> Iterator[JsonRecord]:
    """The object on each line; a broken line is told with its number, and the next one is read."""
    file.seek(0)
    line = 0
    while content := file.readline(MAX_OBJECT + 1):
        line += 1
        if len(content) > MAX_OBJECT:
            _pass_over_line(file, content)
            said = _("The line is longer than {mb} MB.").format(mb=MAX_OBJECT >> 20)
            yield JsonRecord(line, {}, said)
        elif content.strip(b"\xef\xbb\xbf \t\r\n\0"):
            yield _of_line(line, content)


def _pass_over_line(file: BinaryIO, content: bytes) -> None:
    while content and not content.endswith(b"\n"):
        content = file.readline(_CHUNK)


def _of_line(line: int, content: bytes) -> JsonRecord:
    text = content.decode("utf-8-sig", errors="replace").strip()
    try:
        found = _decoder.decode(text)
    except json.JSONDecodeError as problem:
        return JsonRecord(line, {}, _fault(problem, len(text)))
    except (ValueError, RecursionError):
        return JsonRecord(line, {}, _("The line is nested too deeply to be read."))
    if not isinstance(found, dict):
        return JsonRecord(line, {}, _("The line holds no JSON object."))
    return JsonRecord(line, found)


def _fault(problem: json.JSONDecodeError, length: int) -> str:
    if problem.pos >= length - 1 or problem.msg.startswith("Unterminated"):
        return _("The line is cut off: its JSON does not end.")
    said = _("The line is not JSON: it goes wrong at character {place}.")
    return said.format(place=number(problem.pos + 1))


def json_objects(file: BinaryIO) -> Iterator[JsonRecord]:
    """The objects of a list, or of a list within an object; an object without such a list is the only one.

    A file that is no JSON is refused with the line where it goes wrong, since what follows cannot be told
    apart.
    """
    file.seek(0)
    encoding = detect_encoding(file)
    text = _Text(decoded(file, encoding))
    if text.peek() == "[":
        yield from numbered(_elements(text))
    elif _size(file) <= MAX_OBJECT:
        yield JsonRecord(0, text.value())
        text.refuse_more()
    else:
        yield from numbered(_messages(text) if text.begins_with(_ACCOUNT) else _elements_within(text))


def _size(file: BinaryIO) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end


def numbered(values: Iterable[Any]) -> Iterator[JsonRecord]:
    """The objects of a list with their places from 1 on."""
    for place, value in enumerate(values, start=1):
        if isinstance(value, dict):
            yield JsonRecord(place, value)
        else:
            yield JsonRecord(place, {}, _("The list holds something else than an object here."))


def list_within(found: Object) -> list[Any] | None:
    """The longest list of objects in an object, at most three steps down; of an account all its messages."""
    if messages := [*_messages_in(found)]:
        return messages
    level, lists = [found], []
    for _step in range(3):
        values = list(chain.from_iterable(one.values() for one in level))
        lists += [value for value in values if isinstance(value, list) and _has_object(value)]
        level = [value for value in values if isinstance(value, dict)]
    return max(lists, key=len, default=None)


def _has_object(values: list[Any]) -> bool:
    return any(isinstance(value, dict) for value in values[:10])


def _elements(text: "_Text") -> Iterator[Any]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        yield text.value()
        if text.peek() == ",":
            text.take(",")
            continue
        text.take("]")
        return


def _elements_within(text: "_Text") -> Iterator[Any]:
    """The first list of objects in a large object; whatever stands before it is passed over."""
    text.take("{")
    while text.peek() == '"':
        text.value()
        text.take(":")
        following = text.peek()
        if following == "{":
            yield from _elements_within(text)
            return
        if following == "[":
            yield from _elements(text)
            return
        text.value()
        if text.peek() == ",":
            text.take(",")


# Telegram Desktop's export of a whole account: lists of chats, each with a list of messages.


def _messages_in(account: Object) -> Iterator[Object]:
    """The messages of all chats in an account, each with its chat; none in any other object."""
    for chats in (account.get(name) for name in _CHATS):
        for chat in _list_at(chats, "list"):
            about = {name: value for name, value in chat.items() if name != _MESSAGES}
            yield from (message | {CHAT: about} for message in _list_at(chat, _MESSAGES))


def _list_at(found: Any, name: str) -> list[Object]:
    values = found.get(name) if isinstance(found, dict) else None
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _messages(text: "_Text") -> Iterator[Any]:
    """The same, of an account that is too large to be held at once."""
    for name in _names(text):
        if name in _CHATS and text.peek() == "{":
            yield from _of_chats(text)
        else:
            text.value()


def _of_chats(text: "_Text") -> Iterator[Any]:
    for name in _names(text):
        if name == "list" and text.peek() == "[":
            for _place in _places(text):
                yield from _of_chat(text)
        else:
            text.value()


def _of_chat(text: "_Text") -> Iterator[Any]:
    about: Object = {}
    for name in _names(text):
        if name != _MESSAGES or text.peek() != "[":
            about[name] = text.value()
            continue
        for _place in _places(text):
            message = text.value()
            yield message | {CHAT: about} if isinstance(message, dict) else message


def _names(text: "_Text") -> Iterator[str]:
    """The names in an object; whoever asks for the next has taken the value."""
    text.take("{")
    while text.peek() == '"':
        name = text.value()
        text.take(":")
        yield name
        if text.peek() == ",":
            text.take(",")
    text.take("}")


def _places(text: "_Text") -> Iterator[None]:
    """The places in a list; whoever asks for the next has taken the value."""
    text.take("[")
    while text.peek() != "]":
        yield None
        if text.peek() == ",":
            text.take(",")
    text.take("]")


class _Text:
    """JSON that is read a piece at a time."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._buffer, self._place, self._line = "", 0, 1

    def _more(self, least: int = 1) -> bool:
        """Read on; False at the end. What was taken is forgotten."""
        self._line += self._buffer.count("\n", 0, self._place)
        parts, got = [self._buffer[self._place :]], 0
        self._place = 0
        while got < least and (piece := next(self._pieces, "")):
            parts.append(piece)
            got += len(piece)
        self._buffer = "".join(parts)
        return got > 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._place < len(self._buffer):
                if not self._buffer[self._place].isspace():
                    return self._buffer[self._place]
                self._place += 1
            if not self._more():
                return ""

    def begins_with(self, shape: re.Pattern[str]) -> bool:
        """Whether what comes next has this shape, in the piece that is read already."""
        self.peek()
        return shape.match(self._buffer, self._place) is not None

    def take(self, character: str) -> None:
        """Pass over this character; refuses the file where another stands."""
        if self.peek() != character:
            raise self._broken(self._place)
        self._place += 1

    def value(self) -> Any:
        """The next value as a whole."""
        self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self._buffer, self._place)
            except json.JSONDecodeError as problem:
                is_early = problem.pos < len(self._buffer) - _NEAR_THE_END
                if is_early and not problem.msg.startswith("Unterminated"):
                    raise self._broken(problem.pos) from problem
                self._grow(problem.pos)
            except (ValueError, RecursionError) as problem:
                raise Refusal(_("The JSON is nested too deeply to be read.")) from problem
            else:
                self._place = end
                return value

    def _grow(self, wrong_at: int) -> None:
        waiting = len(self._buffer) - self._place
        place = wrong_at - self._place
        if waiting > MAX_OBJECT or not self._more(max(waiting, 1)):
            raise self._broken(place if waiting <= MAX_OBJECT else 0)

    def refuse_more(self) -> None:
        """Refuse a file that goes on after its value."""
        if self.peek():
            raise self._broken(self._place)

    def _broken(self, place: int) -> Refusal:
        line = self._line + self._buffer.count("\n", 0, place)
        return Refusal(
            _(
                "The JSON goes wrong or ends too soon on line {line}. Export or download the file again."
            ).format(line=number(line))
        )
