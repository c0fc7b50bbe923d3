import pytest

from server.accounts.browsers import family, system

LIKE_ALL = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {} Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        (LIKE_ALL.format("Windows NT 10.0; Win64; x64", "Chrome/140.0.0.0"), ("Chrome", "Windows")),
        (LIKE_ALL.format("Windows NT 10.0", "Chrome/140.0.0.0") + " Edg/140.0.0.0", ("Edge", "Windows")),
        (LIKE_ALL.format("Linux; Android 16", "Chrome/140.0.0.0 Mobile"), ("Chrome", "Android")),
        (LIKE_ALL.format("Macintosh; Intel Mac OS X 10_15_7", "Version/26.0"), ("Safari", "macOS")),
        (
            LIKE_ALL.format("iPhone; CPU iPhone OS 18_7 like Mac OS X", "CriOS/140.0.0.0"),
            ("Chrome", "iPhone"),
        ),
        ("<script>alert(1)</script>", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_known_by_its_family_and_system(user_agent: str, said: tuple[str, str]) -> None:
    assert (family(user_agent), system(user_agent)) == said
