"""Links without the name of the account that they lead to."""

import pytest

from server.corpora.mapping import PostDraft
from server.corpora.masking import pseudonymised
from server.corpora.nameless import is_form, nameless

X, REDDIT = "https://x.com/i/status/19", "https://www.reddit.com/comments/1ab2c"
VIDEO = "https://www.youtube.com/watch?v=abc"
ARCHIVED = "https://web.archive.org/web/20230101000000"


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
        (f"{VIDEO}&lc=d", f"{VIDEO}&lc=d"),
        (f"{VIDEO}&ab_channel=Mara", VIDEO),
        ("https://m.youtube.com/watch?ab_channel=Mara&v=abc", "https://m.youtube.com/watch?v=abc"),
        ("https://youtube.com/mara", None),
        ("https://www.youtube.com/shorts/abc", "https://www.youtube.com/shorts/abc"),
        ("https://www.facebook.com/photographer.mara/posts/7", None),
        ("https://www.facebook.com/watchmaker/posts/7", None),
        ("https://www.facebook.com/storyteller.mara/posts/7", None),
        ("https://de-de.facebook.com/mara/posts/7", None),
        ("https://www.facebook.com/groups/12/user/100", None),
        ("https://www.facebook.com/permalink.php?story_fbid=7&id=100", None),
        ("https://www.facebook.com/watch/?v=7", "https://www.facebook.com/watch/?v=7"),
        ("https://www.facebook.com/photo.php?fbid=7", "https://www.facebook.com/photo.php?fbid=7"),
        ("https://mastodon.example/users/mara/statuses/1", None),
        ("https://www.tiktok.com/%40mara/video/7", None),
        ("x.com/mara/status/19", X),
        ("www.tiktok.com/@mara", None),
        ("https://twitter.com/#!/mara/status/19", X),
        ("https://twitter.com/#!/mara", None),
        ("https://x.com/mara/status/19mara", None),
        ("https://x.com/i/user/1", None),
        ("https://x.com/searching_mara", None),
        ("https://x.com/search?q=from%3Amara", None),
        ("https://x.com/search?q=cats", "https://x.com/search?q=cats"),
        ("https://telegram.me/mara/7", None),
        ("https://t.me/c/12/7", "https://t.me/c/12/7"),
        ("https://www.reddit.com/r/u_mara/", None),
        ("https://www.reddit.com/r/ChatGPT/", "https://www.reddit.com/r/ChatGPT/"),
        ("https://de.linkedin.com/posts/mara-k_so-it-goes-activity-7", None),
        (f"{ARCHIVED}/https://x.com/mara/status/19", X),
        (f"{ARCHIVED}/x.com/mara", None),
        (f"{ARCHIVED}/https://news.example/mara", f"{ARCHIVED}/https://news.example/mara"),
        ("https://out.example/?to=https%3A%2F%2Fwww.tiktok.com%2F%40mara", None),
        ("https://x.com/mara?to=https://news.example", None),
        ("https://out.example/?to=" * 4_000, None),
        ("https://netflix.com/mara", "https://netflix.com/mara"),
        ("https://help.x.com/en/rules", "https://help.x.com/en/rules"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fmara%2Fstatus%2F19&h=1", X),
        (
            "https://www.youtube.com/redirect?q=https://news.example",
            "https://www.youtube.com/redirect?q=https://news.example",
        ),
        ("https://news.example/mara", "https://news.example/mara"),
        ("http://[x", "http://[x"),
    ],
)
def test_a_link_without_a_name(link: str, shown: str | None) -> None:
    assert nameless(link) == shown
    assert shown is None or nameless(shown) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://x.com/mara/status/19 https://news.example/story", f"{X} https://news.example/story"),
        ("see (https://x.com/mara/status/19), x.com/bo/status/19.", f"see ({X}), {X}."),
        (
            "https://bsky.app/profile/m/post/1 and https://news.example/story",
            "and https://news.example/story",
        ),
        ("https://bsky.app/profile/m/post/1, https://t.me/m/7", None),
        ("['https://news.example/a_(b)']", "['https://news.example/a_(b)']"),
        ("https://news.example/red https://x.com/mara/status/19", None),
        ("a@x.com/b, 1.5/2", "a@x.com/b, 1.5/2"),
        ("by:t.me/mara/7, 3", "by:, 3"),
        ("", ""),
    ],
)
def test_links_within_a_value_lose_names_and_the_rest_stays(value: str, shown: str | None) -> None:
    hidden = pseudonymised(PostDraft(1, "1", "x", author="red", extra={"links": value}), b"key")
    assert hidden.extra.get("links") == shown


def test_a_short_name_within_a_form_is_no_name() -> None:
    """An author called red wrote no part of reddit.com."""
    draft = PostDraft(
        1, "1", "x", author="red", link=f"{REDDIT}/", extra={"quoted": "https://x.com/bo/status/19"}
    )
    hidden = pseudonymised(draft, b"key")
    assert (hidden.link, hidden.extra) == (REDDIT, {"quoted": X})
    assert is_form(REDDIT)
    assert not is_form("https://news.example/red")
