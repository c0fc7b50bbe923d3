"""What files of a project are called."""

from dataclasses import replace

import pytest

from server.projects.access import Access
from server.projects.files import file_stem
from server.projects.roles import Role

ACCESS = Access(1, 1, Role.LEAD, 1, "a1b2c3", "")


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("When a model is retired", "when-a-model-is-retired"),
        ("Étude n° 2 / été: l’attachement?", "etude-n-2-ete-lattachement"),
        ("../../etc/passwd\r\nX: y", "etc-passwd-x-y"),
        ("مرحبا", "a1b2c3"),
        ("word " * 40, "word-" * 11 + "word"),
    ],
)
def test_names_are_plain(title: str, stem: str) -> None:
    assert file_stem(replace(ACCESS, project_title=title)) == stem
