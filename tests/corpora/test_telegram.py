"""Chats of Telegram Desktop: one, or all of an account."""

import json

import pytest

from server.corpora import json_records
from server.corpora.masking import pseudonymised
from tests.corpora.test_exports import read


def test_a_chat_of_telegram() -> None:
    base = {"type": "message", "date": "2022-03-01T10:00:00", "date_unixtime": "1646128800", "from": "Chan"}
    pieces = ["See ", {"type": "link", "text": "https://example.org"}, " now"]
    chat = {
        "name": "Chan",
        "id": 1001,
        "messages": [
            base | {"id": 1, "type": "service", "text": ""},
            base | {"id": 2, "text": pieces, "reply_to_message_id": 1},
            base | {"id": 3, "text": "", "photo": "photos/1.jpg"},
        ],
    }
    table, posts = read(json.dumps(chat, indent=1).encode())
    (post,) = posts.drafts
    assert (table.origin.export, len(table.left_out)) == ("Telegram Desktop", 2)
    assert (post.external_id, post.text, post.parent_key) == ("2", "See https://example.org now", "1")
    assert (post.extra["links"], post.row_number) == ("https://example.org", 2)


@pytest.mark.parametrize("is_large", [False, True])
def test_all_chats_of_an_account_of_telegram(is_large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "MAX_OBJECT", 600 if is_large else 32 << 20)
    base = {"type": "message", "date": "2022-03-01T10:00:00", "date_unixtime": "1646128800", "from": "Bo"}
    messages = [base | {"id": 1, "text": "hello"}, base | {"id": 2, "text": "yes", "reply_to_message_id": 1}]
    chats = [{"name": name, "id": place, "messages": messages} for place, name in ((7, "Group"), (8, None))]
    account = {
        "about": "The data you asked for.",
        "personal_information": {"user_id": 1},
        "contacts": {"list": [{"first_name": "Bo", "date": ""}] * 5},
        "chats": {"about": "", "list": [*chats, {"name": "Empty", "id": 10, "messages": []}]},
        "left_chats": {
            "list": [{"name": "Left", "id": 9, "type": "public_channel", "messages": messages[:1]}]
        },
    }
    table, posts = read(json.dumps(account, indent=1).encode())
    assert table.origin.export == "Telegram Desktop"
    assert [(post.external_id, post.parent_key, post.extra.get("chat")) for post in posts.drafts] == [
        *(("7-1", None, "Group"), ("7-2", "7-1", "Group"), ("8-1", None, None), ("8-2", "8-1", None)),
        ("9-1", None, "Left"),
    ]


def test_a_chat_of_telegram_with_one_other_tells_nobody_who_that_is() -> None:
    base = {"type": "message", "date": "2022-03-01T10:00:00", "from": "Me", "from_id": "user1", "text": "yes"}
    reply = base | {"id": 39, "reply_to_message_id": 38}
    chats = [
        {"name": "Alice Smith", "type": kind, "id": 7003, "messages": messages}
        for kind, messages in (
            ("personal_chat", [base | {"id": 38}, reply]),
            ("bot_chat", [base | {"id": 41}]),
            ("private_group", [base | {"id": 42}]),
        )
    ]
    _table, posts = read(json.dumps({"about": "", "chats": {"list": chats}}).encode())
    assert [post.extra.get("chat with") for post in posts.drafts] == [*["Alice Smith"] * 3, None]
    *personal, group = [pseudonymised(post, b"key") for post in posts.drafts]
    assert [(post.external_id, post.parent_key) for post in personal] == [
        *(("38", None), ("39", "38"), ("41", None)),
    ]
    assert not any(word in str(post) for post in personal for word in ("Alice", "7003"))
    assert (group.external_id, group.extra["chat"]) == ("7003-42", "Alice Smith")
