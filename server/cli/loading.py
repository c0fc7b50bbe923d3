"""What a server loads while its door is open already: all areas, and what goes on beside the requests."""

from threading import Event, Thread

from fastapi import FastAPI

from server.adjudication.warming import warm
from server.app import furnish
from server.corpora.unseen import hide
from server.language import gettext as _
from server.takedown.forgetting import keep_forgetting
from server.takedown.log import repeat
from server.takedown.wiping import keep_wiping


def load(app: FastAPI) -> None:
    """Let everybody in, once what a restored backup has brought back is taken down again."""
    database = app.state.database
    if n := repeat(database, app.state.settings.data):
        print(_("Posts that a backup had brought back were taken down again: %s") % n, flush=True)
    hide(database)  # Until it is known whether a killed server has left an import half written.
    furnish(app)
    # While the first requests are answered; it may take seconds, and ends with the process.
    Thread(target=warm, args=(database,), daemon=True).start()
    # Each in a thread of its own: one try to wipe may take minutes, and forgetting is to wait for nobody.
    for keep_on in (keep_forgetting, keep_wiping):
        Thread(target=keep_on, args=(database, Event()), daemon=True).start()
