"""What the files of a page are called."""

import pytest
from starlette.datastructures import QueryParams

from server.exchange.papers.called import called


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "shares.svg"),
        ("rule=majority&variable=stance&width=column", "shares-stance-column.svg"),
        ("by=day&code=stance:against", "shares-stance-against-day.svg"),
        ("round=2&round=3&variable=", "shares-2-3.svg"),
        ('variable=a"/../b\r\n&by=Größe', "shares-a-b-Gr-e.svg"),
        ("variable=" + "x" * 300, f"shares-{'x' * 93}.svg"),
    ],
)
def test_files_of_a_page_are_told_apart(query: str, name: str) -> None:
    assert called("shares", QueryParams(query), "svg") == name
