"""Every page on PostgreSQL, of a study that has something everywhere: each statement can be answered.

What pages say is tested on one database, since it does not depend on it; their statements do.
"""

from hashlib import sha256

import pytest

from server.db.engine import Database
from tests.browser.furnished import furnish
from tests.browser.scenes import routes_by_name, scenes
from tests.conftest import ClientOf

FEATURES = sorted({name.partition(".")[0] for name in routes_by_name()})


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_every_page_and_every_refusal(database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        furnished = furnish(db)
    clients = {name: client_of(person) for name, person in furnished.people.items()}
    wrong = []
    for scene in (scene for feature in FEATURES for scene in scenes(furnished, feature)):
        client = clients[scene.person]
        if scene.fields is None:
            answer = client.get(scene.path, follow_redirects=True)
        else:
            key = sha256(b"form key\0" + client.cookies.get("session", "").encode()).hexdigest()[:43]
            files = {"file": ("file.csv", scene.file)} if scene.file else None
            answer = client.post(
                scene.path, data={**scene.fields, "form_key": key}, files=files, follow_redirects=True
            )
        if answer.status_code != scene.status:
            wrong.append(f"{scene.name}: {answer.status_code}, not {scene.status}")
    assert wrong == []
