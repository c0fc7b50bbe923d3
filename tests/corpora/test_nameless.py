"""Links without the name of the account that they lead to."""

import pytest

from server.corpora.mapping import PostDraft
from server.corpora.masking import pseudonymised
from server.corpora.nameless import is_form, nameless

X, REDDIT = "https://x.com/i/status/19", "https://www.reddit.com/comments/1ab2c"


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://x.com/mara/status/19", X),
        ("http://mobile.twitter.com/Mara_K/statuses/19?s=20", X),
        ("https://twitter.com/i/web/status/19/photo/1", X),
        (X, X),
        ("https://x.com/mara", None),
        ("https://www.reddit.com/user/mara/comments/1ab2c/a_title/", REDDIT),
        ("https://old.reddit.com/r/u_mara/comments/1ab2c", REDDIT),
        ("https://reddit.com/r/ChatGPT/comments/1ab2c/mara_says/kd3/", f"{REDDIT}/_/kd3"),
        (f"{REDDIT}/_/kd3", f"{REDDIT}/_/kd3"),
        ("https://www.instagram.com/mara/p/C1_x-y/", "https://www.instagram.com/p/C1_x-y"),
        ("https://bsky.app/profile/mara.bsky.social/post/3k", None),
        ("https://www.tiktok.com/@mara/video/7", None),
        ("https://mastodon.example/@mara/11", None),
        ("https://www.facebook.com/mara.k/posts/7", None),
        ("https://www.facebook.com/groups/12/posts/7", "https://www.facebook.com/groups/12/posts/7"),
        ("https://t.me/mara/7", None),
        ("https://www.youtube.com/watch?v=abc&lc=d", "https://www.youtube.com/watch?v=abc&lc=d"),
        ("https://news.example/mara", "https://news.example/mara"),
        ("http://[x", "http://[x"),
    ],
)
def test_a_link_without_a_name(link: str, shown: str | None) -> None:
    assert nameless(link) == shown
    assert shown is None or nameless(shown) == shown


def test_a_short_name_within_a_form_is_no_name() -> None:
    """An author called red wrote no part of reddit.com."""
    draft = PostDraft(
        1, "1", "x", author="red", link=f"{REDDIT}/", extra={"quoted": "https://x.com/bo/status/19"}
    )
    hidden = pseudonymised(draft, b"key")
    assert (hidden.link, hidden.extra) == (REDDIT, {"quoted": X})
    assert is_form(REDDIT)
    assert not is_form("https://news.example/red")
