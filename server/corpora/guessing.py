"""Which column of a file is probably what, from its name first and from its contents otherwise."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.corpora.compact import Row
from server.corpora.dates import read_time


def _ranked(names: str) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names.split())}


# In the order of preference. Exports of 4CAT, twarc, YouTube Data Tools, Communalytic, CrowdTangle,
# Brandwatch and Reddit archives are among them; so are common German and French headings.
_ID = _ranked(
    "post_id tweet_id status_id comment_id message_id video_id item_id doc_id document_id text_id unit_id "
    "external_id facebook_id id id_str uid uuid key beitrag_id beitrags_id beitragsnummer nummer nr "
    "identifiant id_post id_publication numero"
)
_TEXT = _ranked(
    "text full_text post_text tweet_text comment_text body message content post tweet comment caption "
    "selftext headline title beitrag beitragstext inhalt nachricht kommentar texte contenu publication "
    "commentaire"
)
_AUTHOR = _ranked(
    "author username user_name author_username screen_name user handle account author_name author_id "
    "user_id authorid userid user_screen_name channel page_name post_owner_name creator poster autor "
    "autorin verfasser benutzer benutzername nutzer nutzername auteur autrice utilisateur utilisateurice "
    "nom_utilisateur compte"
)
_DATE = _ranked(
    "created_at posted_at published_at date_posted creation_time post_created post_created_date created date "
    "datetime timestamp time created_utc unix_timestamp published create_time posted datum erstellt "
    "erstellt_am veroeffentlicht veröffentlicht zeit zeitpunkt zeitstempel date_creation date_publication "
    "publie_le publié_le cree_le créé_le heure"
)
_LINK = _ranked(
    "link url permalink post_url tweet_url status_url comment_url tiktok_url href adresse lien "
    "adresse_web verweis"
)

# The thread a post stands in, and the post it answers: as ids, never as names of people.
_THREAD = _ranked(
    "conversation_id thread_id threadid root_id root_post_id submission_id link_id discussion_id topic_id "
    "thread conversation diskussion diskussions_id unterhaltung id_conversation id_fil id_discussion fil"
)
_PARENT = _ranked(
    "parent_id parent_post_id parent_comment_id parent_key referenced_tweets_replied_to_id "
    "in_reply_to_status_id_str in_reply_to_status_id in_reply_to_tweet_id in_reply_to_id replied_to_post "
    "replied_to_id reply_to_message_id reply_to_id reply_to is_reply_to in_reply_to parent antwort_auf "
    "reponse_a réponse_à en_reponse_a en_réponse_à id_parent"
)

# A link or date of the author, of a picture or of the search does not lead to the post.
_OF_SOMETHING_ELSE = (
    "author|user|channel|page|profile|avatar|image|thumbnail|music|video|attach|collect|edit|twarc"
)
_Fits = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class ColumnGuess:
    """For each role the name of the column that probably has it, or None."""

    id: str | None = None
    text: str | None = None
    author: str | None = None
    date: str | None = None
    link: str | None = None
    thread: str | None = None
    parent: str | None = None


def guess_columns(columns: Sequence[str], sample_rows: Sequence[Row]) -> ColumnGuess:
    """The probable column of each role; no column gets two roles, and an unsure role stays None."""
    cells = {name: _column(sample_rows, place) for place, name in enumerate(columns)}
    free = dict(cells)
    # First, and by their names alone: what they hold looks like ids of posts, and is.
    thread, parent = _take(free, _THREAD, _are_filled), _take(free, _PARENT, _are_filled)
    link = _take(free, _LINK, _are_links) or _take_by_content(free, _are_links, _OF_SOMETHING_ELSE)
    date = _take(free, _DATE, _are_dates) or _take_by_content(free, _are_written_dates, _OF_SOMETHING_ELSE)
    identity = _take(free, _ID, _are_distinct) or _take_by_content(free, _are_like_ids)
    text = _take(free, _TEXT, _are_filled) or _take_longest(free)
    author = _take(free, _AUTHOR, _are_filled)
    return ColumnGuess(identity, text, author, date, link, thread, parent)


def _column(rows: Sequence[Row], place: int) -> list[str]:
    return [cell for row in rows if (cell := row.cells[place].strip())]


def _plain_name(name: str) -> str:
    """`authorName`, `author.name` and `Author Name` are one name: `author_name`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", parted.casefold()).strip("_")


def _take(free: dict[str, list[str]], ranks: dict[str, int], fits: _Fits) -> str | None:
    """The best-named column, those first whose contents fit; an empty sample fits everything."""
    named = [column for column in free if _plain_name(column) in ranks]
    if not named:
        return None
    best = min(named, key=lambda column: (not _fits_or_empty(free, column, fits), ranks[_plain_name(column)]))
    if not _fits_or_empty(free, best, fits) and fits in (_are_links, _are_dates):
        return None
    del free[best]
    return best


def _fits_or_empty(free: dict[str, list[str]], column: str, fits: _Fits) -> bool:
    nothing_known = not any(free.values())
    return nothing_known or fits(free[column])


def _take_by_content(free: dict[str, list[str]], fits: _Fits, unless: str = r"(?!)") -> str | None:
    candidates = (column for column in free if not re.search(unless, _plain_name(column)))
    found = next((column for column in candidates if fits(free[column])), None)
    if found is not None:
        del free[found]
    return found


def _take_longest(free: dict[str, list[str]]) -> str | None:
    longest = max(free, key=lambda column: _mean_length(free[column]), default=None)
    if longest is None or _mean_length(free[longest]) < 15:
        return None
    del free[longest]
    return longest


def _mean_length(cells: Sequence[str]) -> float:
    return sum(map(len, cells)) / len(cells) if cells else 0.0


def _mostly(cells: Sequence[str], holds: Callable[[str], object]) -> bool:
    return bool(cells) and sum(bool(holds(cell)) for cell in cells) >= 0.8 * len(cells)


def _are_links(cells: Sequence[str]) -> bool:
    return _mostly(cells, lambda cell: re.match(r"https?://\S+$", cell))


def _are_dates(cells: Sequence[str]) -> bool:
    return _mostly(cells, read_time)


def _are_written_dates(cells: Sequence[str]) -> bool:
    # A ten-digit number without a name that says so is as likely an id as a time.
    return _mostly(cells, lambda cell: not cell.isdigit() and read_time(cell))


def _are_distinct(cells: Sequence[str]) -> bool:
    return bool(cells) and len(set(cells)) == len(cells)


def _are_like_ids(cells: Sequence[str]) -> bool:
    return _are_distinct(cells) and all(len(cell) <= 64 and not re.search(r"\s", cell) for cell in cells)


def _are_filled(cells: Sequence[str]) -> bool:
    return bool(cells)
