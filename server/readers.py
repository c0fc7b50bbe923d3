"""Everything that reads files which somebody sent, loaded once by the process that readers are copies of.

See `server.web.reader_processes`, which names this module to that process. Nobody else loads it.
"""

import gc

from server.codebooks.files import read_opened
from server.corpora.kept import read_and_kept
from server.exchange.qda.storing import read_file
from server.exchange.ratings.moving import codings_in
from server.exchange.uploads import table_in
from server.takedown.lists import listed
from server.web.languages import read_languages

__all__ = ["codings_in", "listed", "read_and_kept", "read_file", "read_opened", "table_in"]

read_languages()
# A copy shares the memory of all this for as long as nothing is looked through for garbage.
gc.freeze()
