"""Telegram Desktop: `result.json` of one chat or of a whole account, where a text may be in pieces."""

from collections.abc import Iterator
from typing import Any

from server.corpora.exports.base import Found, Missing, ObjectExport, listed, no_text, text_at
from server.corpora.flattening import as_text
from server.corpora.json_records import CHAT as ITS_CHAT
from server.corpora.json_records import Object
from server.language import _

_EXTRA = (
    "author id", "forwarded from", "edited", "links", "media", "reactions", "chat", "chat with", "chat type",
)  # fmt: skip


def _is_message(found: Object) -> bool:
    return {"id", "type", "date", "text"} <= found.keys() and bool(
        {"date_unixtime", "from_id", "actor"} & found.keys()
    )


def _message(found: Object) -> Iterator[Found | Missing]:
    if found.get("type") != "message":
        yield Missing(_("A message of the service, such as “joined the group”: nobody wrote it."))
        return
    text = _whole(found.get("text"))
    if not text.strip():
        yield no_text()
        return
    yield Found(
        _named(found, "id"),
        text,
        text_at(found, "from", "from_id"),
        # The other date has no zone: it is that of whoever made the export.
        text_at(found, "date_unixtime", "date"),
        "",
        "",
        "",
        _named(found, "reply_to_message_id"),
        {
            "author id": text_at(found, "from_id"),
            "forwarded from": text_at(found, "forwarded_from"),
            "edited": text_at(found, "edited"),
            "links": " ".join(_links(found.get("text"))),
            "media": text_at(found, "photo", "file", "media_type"),
            "reactions": _reactions(found),
            "chat with" if _is_with_somebody(found) else "chat": text_at(found, f"{ITS_CHAT}.name"),
            "chat type": text_at(found, f"{ITS_CHAT}.type"),
        },
    )


def _is_with_somebody(found: Object) -> bool:
    """Whether a chat is with one other, or with oneself, so that name and id are those of a person."""
    kind = text_at(found, f"{ITS_CHAT}.type")
    return bool(kind) and "group" not in kind and "channel" not in kind


def _named(found: Object, key: str) -> str:
    """The id of a message, with that of its chat where several chats may have the same.

    Large groups and channels each count from 1. All chats with one other have one count, that of the account.
    """
    own, chat = text_at(found, key), text_at(found, f"{ITS_CHAT}.id")
    return f"{chat}-{own}" if own and chat and not _is_with_somebody(found) else own


def _whole(text: Any) -> str:
    """A text that may be a list of plain pieces and of marked ones."""
    if not isinstance(text, list):
        return as_text(text)
    return "".join(text_at(piece, "text") if isinstance(piece, dict) else as_text(piece) for piece in text)


def _links(text: Any) -> Iterator[str]:
    for piece in listed(text):
        if isinstance(piece, dict) and text_at(piece, "type") in {"link", "text_link"}:
            yield text_at(piece, "href", "text")


def _reactions(found: Object) -> str:
    counted = [one for one in listed(found.get("reactions")) if isinstance(one, dict)]
    return ", ".join(f"{text_at(one, 'emoji', 'type')}: {text_at(one, 'count')}" for one in counted)


def _notes() -> tuple[str, ...]:
    pieces = _("Texts in pieces are put together; messages of the service are left out.")
    return (pieces, _("Of a whole account, all chats are read."))


CHAT = ObjectExport("Telegram Desktop", _is_message, _message, _EXTRA, _notes)
