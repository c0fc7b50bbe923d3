"""Links that do not say who wrote a post: in the form without a name where a platform has one. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
# Each ends where a part of the path does.
_X = re.compile(r"/(?:[^/]+|i/web)/status(?:es)?/(\d+)(?![^/?#])")
_REDDIT = re.compile(r"/(?:(?:r|u|user)/[^/]+/)?comments/(\w+)(?:/[^/]*/(\w+))?(?![^/?#])")
_INSTAGRAM = re.compile(r"/(?:[^/]+/)?(p|reel|tv)/([\w-]+)(?![^/?#])")


def _begins(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_OF_X = _begins(r"/(?:i/user/|search\?.*(?:\b(?:from|to):|@)|(?!(?:i|search|hashtag)(?:[/?]|$))[^/?])")
_OF_TELEGRAM = _begins(r"/(?!c/)[^/?]")
# What begins a path that leads to somebody's account, or to a post by way of it; with what is asked of it.
_OF_SOMEBODY: Mapping[str, re.Pattern[str]] = {
    "bsky.app": _begins(r"/profile/"),
    "facebook.com": _begins(
        r"/(?!groups/(?![^/]+/user/)|(?:reel|hashtag|events)/|watch/?(?:live/?)?(?:\?|$)|photo(?:\.php|/)?\?"
        r"|(?:permalink|story)\.php\?(?!.*\bid=)|(?:l|share|sharer/sharer)\.php\?)[^/?]"
    ),
    "instagram.com": _begins(r"/[^/?]"),
    "linkedin.com": _begins(r"/(?:company|in|posts|pub|pulse|school|showcase)/"),
    "reddit.com": _begins(r"/(?:u/|user/|r/u_)"),
    "t.me": _OF_TELEGRAM,
    "telegram.me": _OF_TELEGRAM,
    "twitter.com": _OF_X,
    "x.com": _OF_X,
    "youtube.com": _begins(
        r"/(?!(?:watch|playlist|shorts|embed|live|results|hashtag|feed|post|clip|v|e|redirect)(?:[/?]|$))[^/?]"
    ),
}
# Where platforms speak themselves.
_OWN = ("about.", "blog.", "developer.", "developers.", "help.")
# TikTok, Threads, YouTube, Truth Social, Mastodon and others name an account so.
_AT_SOMEBODY = _begins(r"/(?:web/)?(?:@[^/]|users/[^/])")
# What an archive keeps and where a link passes on to: another link within this one.
_WITHIN = re.compile(
    r"(?:/web/\d{4,14}\w*\*?/|/(?=https?(?::|%3A)))(?P<kept>.+)|=(?=https?(?::|%3A))(?P<asked>[^&]+)",
    re.IGNORECASE | re.DOTALL,
)
_MOST_WITHIN = 5
_CHANNEL = re.compile(r"(?<=[?&])ab_channel=[^&#]*&?")
_NOTHING_ASKED = re.compile(r"[?&](?=#|$)")


def nameless(link: str) -> str | None:
    """The link without an account's name in it; None where the platform has no such form.

    A link to a place that is known for no names stands as it is. One to a copy in an archive, or by way of
    another page, becomes that of the post itself where it would name an account.
    """
    return _nameless(link, _MOST_WITHIN)


def is_form(link: str) -> bool:
    """Whether a link stands in a form that has no name in it."""
    parts = _split(link)
    return parts is not None and _form(parts) == link


def _nameless(link: str, most_within: int) -> str | None:
    parts = _split(link)
    if parts is None:
        return link
    if made := _form(parts):
        return made
    asked = _path(parts) + (f"?{unquote(parts.query)}" if parts.query else "")
    of_somebody = _OF_SOMEBODY.get(_platform(parts, _OF_SOMEBODY))
    if (of_somebody and of_somebody.match(asked)) or _AT_SOMEBODY.match(asked):
        return None
    if within := _WITHIN.search(f"{parts.path}?{parts.query}"):
        return _passing_on(link, unquote(within["kept"] or within["asked"]), most_within)
    return _without_channel(link, parts)


def _passing_on(link: str, within: str, most_within: int) -> str | None:
    """A link with another one within it."""
    if most_within == 0:
        return None
    target = re.sub(r"^https?:/+", "https://", within, flags=re.IGNORECASE)
    shown = _nameless(target, most_within - 1)
    return link if shown == target else shown


def _split(link: str) -> SplitResult | None:
    plain = link.strip()
    try:
        return urlsplit(plain if _SCHEME.match(plain) else f"https://{plain}")
    except ValueError:
        return None


def _path(parts: SplitResult) -> str:
    """The path; Twitter's was long behind `#!`."""
    return unquote(parts.fragment[1:] if parts.fragment.startswith("!/") else parts.path)


def _platform(parts: SplitResult, known: Iterable[str]) -> str:
    """The one of the known hosts that the link leads to, or to a part of; empty where it is none of them."""
    host = (parts.hostname or "").rstrip(".")
    if host.startswith(_OWN):
        return ""
    return next((name for name in known if host == name or host.endswith(f".{name}")), "")


def _form(parts: SplitResult) -> str:
    """The form without a name; empty where there is none."""
    form = _FORMS.get(_platform(parts, _FORMS))
    return form(_path(parts)) if form else ""


def _without_channel(link: str, parts: SplitResult) -> str:
    """YouTube writes beside a video whose it is."""
    if "ab_channel=" not in parts.query:
        return link
    return _NOTHING_ASKED.sub("", _CHANNEL.sub("", link))


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
