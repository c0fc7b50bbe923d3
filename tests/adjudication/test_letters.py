"""Letters say nothing about who is who."""

from collections import Counter

from server.adjudication.letters import lettered


def test_letters_are_the_same_at_every_look_and_in_any_order() -> None:
    assert lettered("key", 7, [3, 1, 2]) == lettered("key", 7, [1, 2, 3])


def test_each_member_has_a_letter_of_their_own_from_a_on() -> None:
    letters = lettered("key", 7, range(30))
    assert sorted(letters) == list(range(30))
    assert set(letters.values()) == {*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "AB", "AC", "AD"}
    assert list(letters.values())[:3] == ["A", "B", "C"]


def test_every_order_comes_up_about_equally_often_over_the_posts() -> None:
    orders = Counter(tuple(lettered("key", post, [1, 2, 3])) for post in range(6_000))
    assert len(orders) == 6
    assert all(850 < count < 1150 for count in orders.values())


def test_another_project_shuffles_otherwise() -> None:
    posts = range(200)
    assert [lettered("key", post, [1, 2]) for post in posts] != [
        lettered("yek", post, [1, 2]) for post in posts
    ]
