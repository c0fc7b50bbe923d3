"""Links that do not say who wrote a post: in the form without a name where a platform has one. Pure."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

_X = re.compile(r"/(?:[^/]+|i/web)/status(?:es)?/(\d+)")
_REDDIT = re.compile(r"/(?:(?:r|u|user)/[^/]+/)?comments/(\w+)(?:/[^/]*/(\w+))?")
_INSTAGRAM = re.compile(r"/(?:[^/]+/)?(p|reel|tv)/([\w-]+)")
# What begins a path that leads to somebody's account, or to a post by way of it.
_OF_SOMEBODY: Mapping[str, re.Pattern[str]] = {
    "bsky.app": re.compile(r"/profile/"),
    "facebook.com": re.compile(r"/(?!(?:groups|reel|hashtag|events)/|watch|permalink|story|photo)[^/]"),
    "instagram.com": re.compile(r"/"),
    "reddit.com": re.compile(r"/(?:u|user)/"),
    "t.me": re.compile(r"/(?!c/)[^/]"),
    "twitter.com": re.compile(r"/(?!i/|search|hashtag/)[^/]"),
    "x.com": re.compile(r"/(?!i/|search|hashtag/)[^/]"),
    "youtube.com": re.compile(r"/(?:c|channel|user)/"),
}
# TikTok, Threads, YouTube, Truth Social, Mastodon and others name an account so.
_AT_SOMEBODY = re.compile(r"/(?:web/)?@[^/]")


def nameless(link: str) -> str | None:
    """The link without an account's name in it; None where the platform has no such form.

    A link to a place that is known for no names stands as it is.
    """
    parts = _split(link)
    if parts is None:
        return link
    host = _plain_host(parts)
    if made := _FORMS.get(host, _no_form)(parts.path):
        return made
    of_somebody = _OF_SOMEBODY.get(host)
    is_named = (of_somebody and of_somebody.match(parts.path)) or _AT_SOMEBODY.match(parts.path)
    return None if is_named else link


def is_form(link: str) -> bool:
    """Whether a link stands in a form that has no name in it."""
    parts = _split(link)
    return parts is not None and _FORMS.get(_plain_host(parts), _no_form)(parts.path) == link


def _split(link: str) -> SplitResult | None:
    try:
        return urlsplit(link.strip())
    except ValueError:
        return None


def _plain_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    return re.sub(r"^(?:www|m|mobile|old|new|np|amp|web)\.", "", host)


def _no_form(_path: str) -> str:
    return ""


def _of_x(path: str) -> str:
    found = _X.match(path)
    return f"https://x.com/i/status/{found[1]}" if found else ""


def _of_reddit(path: str) -> str:
    found = _REDDIT.match(path)
    if not found:
        return ""
    comment = f"/_/{found[2]}" if found[2] else ""
    return f"https://www.reddit.com/comments/{found[1]}{comment}"


def _of_instagram(path: str) -> str:
    found = _INSTAGRAM.match(path)
    return f"https://www.instagram.com/{found[1]}/{found[2]}" if found else ""


_FORMS: Mapping[str, Callable[[str], str]] = {
    "instagram.com": _of_instagram,
    "reddit.com": _of_reddit,
    "twitter.com": _of_x,
    "x.com": _of_x,
}
