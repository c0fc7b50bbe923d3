"""Which export a file is. The more particular stand before those that ask for less."""

from collections.abc import Sequence

from server.corpora.exports import fourcat, reddit, tables, telegram, x, youtube, zeeschuimer
from server.corpora.exports.base import ObjectExport, TableExport
from server.corpora.json_records import Object

_OBJECTS = (
    zeeschuimer.ITEMS,
    x.PAGES,
    x.FLAT,
    reddit.COMMENTS,
    reddit.SUBMISSIONS,
    youtube.DOWNLOADER,
    telegram.CHAT,
)
_TABLES = (
    x.TABLE,
    fourcat.X,
    fourcat.OTHERS,
    fourcat.WITHOUT_THREADS,
    youtube.DATA_TOOLS,
    youtube.VIDEO_COMMENTS,
    tables.META,
    tables.BRANDWATCH,
    tables.CROWDTANGLE,
    tables.COMMUNALYTIC,
)


def known_objects(sample: Sequence[Object]) -> ObjectExport | None:
    """The export that most objects of a sample fit."""
    for export in _OBJECTS:
        if sample and sum(map(export.fits, sample)) * 2 > len(sample):
            return export
    return None


def known_table(columns: tuple[str, ...]) -> TableExport | None:
    """The export whose columns these are."""
    return next((export for export in _TABLES if export.fits(columns)), None)
