"""Posts without the names of people: pseudonyms that only the project's key can make, and masked mentions."""

import hmac
import re
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
    r"screen|from\b|replied to|forwarded"
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


def names_people(field: str) -> bool:
    """Whether an extra field, by its name, says who wrote a post or was meant by it."""
    return _OF_PEOPLE.search(field.casefold().replace("_", " ")) is not None


def pseudonymised(draft: PostDraft, key: bytes) -> PostDraft:
    """The post with a pseudonym, and without what would give it away: in its link or its extra fields."""
    author = draft.author
    shown = {name: _with_nameless(value) for name, value in draft.extra.items() if not names_people(name)}
    kept = {
        name: value
        for name, value in shown.items()
        if _still_says(value, draft.extra[name]) and not _tells(_without_forms(value), author)
    }
    link = link_without_name(draft)
    return draft._replace(author=pseudonym(author, key) if author else None, link=link, extra=kept)


def link_without_name(draft: PostDraft) -> str | None:
    """The link of a post in a form that does not say who wrote it; None where there is none."""
    link = nameless(draft.link) if draft.link else None
    return link if link and (is_form(link) or not _tells(link, draft.author)) else None


def _with_nameless(value: str) -> str:
    """The value with each link in it in a form without a name; without those that have none."""
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


def masked(draft: PostDraft) -> PostDraft:
    """The post with masked mentions, also in what it quotes, and without lists of them."""
    extra = {
        name: without_mentions(value) for name, value in draft.extra.items() if not names_mentioned(name)
    }
    return draft._replace(text=without_mentions(draft.text), extra=extra)


def with_characters(draft: PostDraft) -> PostDraft:
    """The post with the characters that HTML entities in its text stand for."""
    return draft._replace(text=unescape(draft.text)) if "&" in draft.text else draft
