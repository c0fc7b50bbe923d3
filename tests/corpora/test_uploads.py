"""Files are kept packed, and come out as they went in."""

import hashlib
import random
from io import BytesIO

import pytest

from server.corpora import uploads
from server.corpora.uploads import packed, packed_hash, plain_filename, unpacked


@pytest.mark.parametrize("size", [0, 1, 100_000, 3_000_001])
@pytest.mark.parametrize("kind", ["random", "same"])
def test_a_file_comes_out_as_it_went_in(size: int, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_IN_MEMORY", 1 << 20)
    content = random.Random(1).randbytes(size) if kind == "random" else b"x" * size
    file = BytesIO(content)
    file.seek(size)
    kept = packed(file)
    with unpacked(kept) as opened:
        assert opened.read() == content
    assert packed_hash(kept) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("posts.csv", "posts.csv"),
        ("C:\\Users\\me\\posts.csv", "posts.csv"),
        ("../../posts.csv", "posts.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("  ", ""),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_a_filename_is_made_plain(name: str, shown: str) -> None:
    assert plain_filename(name) == shown
