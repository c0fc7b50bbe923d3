"""What posts say, as one hash each: whether a file says the same of a post as the project does."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring_ascii

from server.corpora.mapping import PostDraft
from server.corpora.remembered import Remembered


class Contents:
    """Hashes the contents of posts, many at once.

    A hash is a SHA-256 of text, author, date, link, thread and extra fields: the same for the same content.
    The row and the order of columns do not count, and a date counts by its moment if it can be read.
    """

    def __init__(self) -> None:
        self._dates = Remembered(lambda moment: _as_json(moment.isoformat()))
        self._fields = Remembered(_fields_as_json)

    def hashes(self, drafts: Sequence[PostDraft]) -> list[str]:
        """The hash of each post, as 64 hexadecimal digits."""
        if not drafts:
            return []
        _rows, _ids, texts, authors, moments, written, links, threads, parents, extra, _fractions = zip(
            *drafts, strict=True
        )
        dates = [
            self._dates[moment] if moment else _as_json(as_written)
            for moment, as_written in zip(moments, written, strict=True)
        ]
        fields = self._fields.of_each(extra)
        columns = (_all_as_json(texts), _all_as_json(authors), dates, _all_as_json(links), fields)
        parts = zip(*columns, strict=True)
        contents = [f"[{text}, {by}, {date}, {at}, {more}]" for text, by, date, at, more in parts]
        if any(threads) or any(parents):
            contents = list(map(_with_thread, contents, threads, parents))
        return [sha256(content.encode()).hexdigest() for content in contents]


def _with_thread(content: str, thread: str | None, parent: str | None) -> str:
    # Posts without them keep the hash they had before there were threads.
    if not (thread or parent):
        return content
    return f"{content[:-1]}, {_as_json(thread)}, {_as_json(parent)}]"


def _as_json(text: str | None) -> str:
    return "null" if text is None else encode_basestring_ascii(text)


def _all_as_json(texts: Sequence[str | None]) -> Iterable[str]:
    return map(_as_json, texts) if None in texts else map(encode_basestring_ascii, texts)  # type: ignore[arg-type]


def _fields_as_json(fields: Iterable[tuple[str, str]]) -> str:
    """Extra fields as JSON, in the order of their names."""
    return f"[{', '.join([f'[{_as_json(name)}, {_as_json(value)}]' for name, value in sorted(fields)])}]"
