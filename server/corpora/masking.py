"""Posts without the names of people: pseudonyms that only the project's key can make, and masked mentions."""

import hmac
import re
from collections.abc import Iterable
from hashlib import sha256
from html import unescape

from server.corpora.mapping import PostDraft
from server.corpora.nameless import is_form, nameless

MENTION = "@user"
_LENGTH = 16
# An address of e-mail is no mention, and neither is what stands in a link.
_MENTION = re.compile(r"(?<![\w/.@+-])[@＠]\w[\w-]*(?:\.\w[\w-]*)*")
_OF_PEOPLE = re.compile(
    r"author|user|name|handle|account|owner|channel|profile|avatar|photo|mention|actor|autor|auteur|nutzer|"
    r"screen|from\b|replied to|forwarded|chat with"
)
# With or without a scheme; a full stop or a bracket behind it is no part of it.
_LINK = re.compile(
    r"(?:https?://|(?<![\w@./-])(?:[\w-]+\.)+[a-z]{2,}/)[^\s,;|<>\"']*[^\s,;|<>\"'.:!?()\[\]{}]",
    re.IGNORECASE,
)


def pseudonym(author: str, key: bytes) -> str:
    """The same for the same author and key; without the key nobody can find it by trying names."""
    return "p_" + hmac.new(key, author.strip().encode(), sha256).hexdigest()[:_LENGTH]


def without_mentions(text: str) -> str:
    """The text with every @-mention in the same words."""
    return _MENTION.sub(MENTION, text) if "@" in text or "＠" in text else text


def masked_place(text: str, place: int, *, is_end: bool = False) -> int:
    """Where a code point stands once mentions are masked; one within a mention is at its beginning or end."""
    shift = 0
    for mention in _MENTION.finditer(text):
        start, end = mention.span()
        if place <= start:
            break
        if place < end:
            return start + shift + (len(MENTION) if is_end else 0)
        shift += len(MENTION) - (end - start)
    return place + shift


def names_people(field: str) -> bool:
    """Whether an extra field, by its name, says who wrote a post or was meant by it."""
    return _OF_PEOPLE.search(field.casefold().replace("_", " ")) is not None


def pseudonymised(draft: PostDraft, key: bytes) -> PostDraft:
    """The post with a pseudonym, and without what would give it away: in its link or its extra fields."""
    return shown_as(draft, pseudonym(draft.author, key) if draft.author else None)


def shown_as(draft: PostDraft, name: str | None) -> PostDraft:
    """The post with this instead of its author, and without what would tell who that is."""
    author = draft.author
    shown = {
        field: value_without_name(value, author)
        for field, value in draft.extra.items()
        if not names_people(field)
    }
    return draft._replace(
        author=name,
        link=link_without_name(draft.link, author),
        extra={field: value for field, value in shown.items() if value is not None},
    )


def link_without_name(link: str | None, author: str | None) -> str | None:
    """The link of a post in a form that does not say who wrote it; None where there is none."""
    shown = nameless(link) if link else None
    return shown if shown and (not _tells(shown, author) or is_form(shown)) else None


def value_without_name(value: str, author: str | None) -> str | None:
    """The value of an extra field that does not say who wrote its post; None where it would.

    Links in it are in a form without a name. The field itself must not be one that `names_people`.
    """
    shown = _with_nameless(value)
    tells = _tells(shown, author) and _tells(_without_forms(shown), author)
    return shown if _still_says(shown, value) and not tells else None


def _with_nameless(value: str) -> str:
    """The value with each link in it in a form without a name; without those that have none."""
    if "/" not in value:
        return value  # Looking for links costs more than all the rest, and most values have none.
    shown = _LINK.sub(lambda link: nameless(link[0]) or "", value)
    return value if shown == value else shown.strip()


def _still_says(value: str, before: str) -> bool:
    """Whether more than commas and brackets is left of what was there before."""
    return value == before or re.search(r"\w", value) is not None


def _without_forms(value: str) -> str:
    return _LINK.sub(lambda link: "" if is_form(link[0]) else link[0], value)


def _tells(text: str | None, author: str | None) -> bool:
    return bool(text and author) and str(author).lstrip("@").casefold() in str(text).casefold()


def names_mentioned(field: str) -> bool:
    """Whether an extra field, by its name, lists who is mentioned, mostly without an @; a count does not."""
    return "mention" in field.casefold() and "count" not in field.casefold()


def shown_fields(fields: Iterable[str], *, hides_people: bool, masks_mentions: bool) -> tuple[str, ...]:
    """The extra fields that a file for others may have."""
    return tuple(
        field
        for field in fields
        if not (hides_people and names_people(field)) and not (masks_mentions and names_mentioned(field))
    )


def masked(draft: PostDraft) -> PostDraft:
    """The post with masked mentions, also in what it quotes, and without lists of them."""
    extra = {
        name: without_mentions(value) for name, value in draft.extra.items() if not names_mentioned(name)
    }
    return draft._replace(text=without_mentions(draft.text), extra=extra)


def with_characters(draft: PostDraft) -> PostDraft:
    """The post with the characters that HTML entities in its text stand for."""
    return draft._replace(text=unescape(draft.text)) if "&" in draft.text else draft
