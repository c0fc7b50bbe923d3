"""Which posts say the same: exactly, but for case, white space and links, or nearly, by MinHash.

MinHash compares short signatures of what texts are made of (Broder 1997): the share of places at which two
agree estimates the share of word triples that the texts have in common. Only posts that agree on a whole band
of their signature are compared, so that the work grows with the posts and not with their pairs.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

# Texts are near to each other that have so much of their triples in common.
NEAR = 0.8
_BANDS, _ROWS = 8, 4
_PLACES = _BANDS * _ROWS
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_SEED = 20250808
_Ints = NDArray[np.int64]


def normalised(text: str) -> str:
    """The text without links, in one case, with single spaces."""
    return " ".join(_LINK.sub(" ", unicodedata.normalize("NFKC", text)).casefold().split())


def same_texts(texts: Iterable[str]) -> Sequence[int]:
    """For each text the place of the first that is the same when normalised; no two bare links are."""
    first: dict[int, int] = {}
    found = array("q")
    for place, text in enumerate(texts):
        plain = normalised(text)
        found.append(first.setdefault(hash(plain), place) if plain else place)
    return found


def said_before(
    ids: Iterable[str], texts: Iterable[str], stored: Iterable[tuple[int, str, str]]
) -> dict[int, tuple[int, str]]:
    """For the place of each text that a stored post says already, number and id of the first such post.

    `stored` are number, id and text of each. What has the id of a stored post is that post, and repeats none.
    """
    own, plain = _hashes(ids), _hashes(map(normalised, texts))
    sought, first, known = set(plain.tolist()), dict[int, tuple[int, str]](), array("q")
    for number, external_id, text in stored:
        known.append(hash(external_id))
        said = normalised(text)
        if said and (key := hash(said)) in sought:
            first.setdefault(key, (number, external_id))
    is_new = ~np.isin(own, np.array(known, dtype=np.int64))
    repeats = ((place, first.get(int(plain[place]))) for place in np.flatnonzero(is_new))
    return {int(place): post for place, post in repeats if post}


def _hashes(texts: Iterable[str]) -> _Ints:
    return np.fromiter(map(hash, texts), dtype=np.int64)


def near_texts(texts: Sequence[str], same: Sequence[int]) -> Sequence[int]:
    """For each text the place of the first that it is nearly the same as, or of itself.

    `same` gives those that are exactly the same, which are not compared again.
    """
    places = np.flatnonzero(np.asarray(same) == np.arange(len(same)))
    signatures = _signatures(texts, places)
    nearest: dict[int, int] = {}
    for one, other in _candidates(signatures):
        early, late = int(places[one]), int(places[other])
        if late in nearest or np.mean(signatures[one] == signatures[other]) < NEAR - 0.2:
            continue
        root = nearest.get(early, early)
        if overlap(texts[root], texts[late]) >= NEAR:
            nearest[late] = root
    roots = (nearest.get(place, place) for place in same)
    return array("q", roots)


def overlap(one: str, other: str) -> float:
    """The share of the triples of words of two texts that both have."""
    here, there = set(_triples(normalised(one))), set(_triples(normalised(other)))
    return len(here & there) / len(here | there) if here | there else 0.0


def _triples(plain: str) -> Iterator[int]:
    words = _WORD.findall(plain)
    for place in range(max(1, len(words) - 2)):
        yield hash(tuple(words[place : place + 3]))


def _signatures(texts: Sequence[str], places: _Ints) -> NDArray[np.uint32]:
    signatures = np.empty((len(places), _PLACES), dtype=np.uint32)
    factors, summands = _hashing()
    for row, place in enumerate(places):
        found = np.fromiter(_triples(normalised(texts[int(place)])), dtype=np.int64).astype(np.uint64)
        signatures[row] = ((factors * found + summands) >> np.uint64(32)).min(axis=1)
    return signatures


def _hashing() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Multiply-shift hashing on 64 bits: an odd factor and a summand for each place of a signature."""
    # Not at the top: what draws random numbers takes 3 MB of every server, most of which compare no texts.
    dice = np.random.default_rng(_SEED)
    halves = dice.integers(1, 1 << 63, size=(_PLACES, 1), dtype=np.uint64)
    return halves * np.uint64(2) + np.uint64(1), dice.integers(0, 1 << 63, size=(_PLACES, 1), dtype=np.uint64)


def _candidates(signatures: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Pairs that agree on a band, each time the first of a group with one of the others."""
    for band in range(_BANDS):
        rows = np.ascontiguousarray(signatures[:, band * _ROWS : (band + 1) * _ROWS])
        _different, first, which = np.unique(
            rows.view([("", rows.dtype)] * _ROWS).ravel(), return_index=True, return_inverse=True
        )
        leaders = first[which]
        for other in np.flatnonzero(leaders != np.arange(len(leaders))):
            yield int(leaders[other]), int(other)
