"""What an event of the history says besides its action: to what it was done, and its details."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from server.language import gettext as _

_NAMES = re.compile(r"\(\?P<\w+>.*?\)")
_PLACES = re.compile(r"%\(\w+\)s")


def subject_words(subject: str) -> str:
    """To what something was done, such as `round 2`, in words; what has none yet is shown as it is."""
    for pattern, said in _subjects().items():
        if found := re.fullmatch(pattern, subject):
            return said % found.groupdict()
    return subject


def _subjects() -> dict[str, str]:
    return {
        "project": _("project"),
        "invitation": _("invitation"),
        r"access token (?P<handle>[0-9a-f]+)": _("access token %(handle)s"),
        "codebook draft": _("codebook draft"),
        r"codebook version (?P<number>\d+)": _("codebook version %(number)s"),
        r"variable (?P<key>\S+)": _("variable %(key)s"),
        r"code (?P<key>\S+)": _("code %(key)s"),
        r"member (?P<number>\d+)": _("member %(number)s"),
        r"members (?P<numbers>.+)": _("members %(numbers)s"),
        r"import (?P<number>\d+)": _("import %(number)s"),
        r"round (?P<number>\d+)": _("round %(number)s"),
        r"round (?P<round>\d+) post (?P<post>\d+)": _("round %(round)s post %(post)s"),
        r"post (?P<number>\d+)": _("post %(number)s"),
        r"meeting (?P<number>\d+)": _("meeting %(number)s"),
        r"bulk decision (?P<number>\d+)": _("bulk decision %(number)s"),
    }


def subject_of_words(words: str) -> str:
    """What somebody looks for in subjects, as subjects are stored: `phase 2` becomes `round 2`."""
    found = " ".join(words.replace(",", " ").split())
    for pattern, said in _subjects().items():
        stored, shown = _NAMES.sub("", pattern).split(), _PLACES.sub("", said).split()
        if len(stored) == len(shown) == 1:
            found = re.sub(rf"\b{re.escape(shown[0])}\b", stored[0], found, flags=re.IGNORECASE)
    return found


def detail_words(details: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What an event says besides its subject, as pairs of a name and a text; changes as `old → new`.

    Fingerprints say nothing to a reader, and what was left empty says nothing at all.
    """
    told = {key: value for key, value in details.items() if key != "fingerprint" and not _is_empty(value)}
    return tuple(_pairs(told, ""))


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _names() -> dict[str, str]:
    return _of_people() | _of_codebooks() | _of_imports() | _of_work() | _of_rounds()


def _of_people() -> dict[str, str]:
    return {
        "annotator": _("annotator"),
        "annotators": _("annotators"),
        "days": _("days"),
        "description": _("description"),
        "display_name": _("display name"),
        "events": _("events in which something was erased"),
        "hours": _("hours"),
        "is_admin": _("is admin"),
        "may_create_projects": _("may create projects"),
        "name": _("name"),
        "note": _("note"),
        "quotes": _("texts that quoted"),
        "reason": _("reason"),
        "reasons": _("reasons"),
        "revision": _("revision"),
        "role": _("role"),
        "scopes": _("scopes"),
        "title": _("title"),
        "topics": _("topics"),
        "warning": _("warning"),
    }


def _of_codebooks() -> dict[str, str]:
    return {
        "codebook": _("codebook"),
        "codebook_unclear": _("codebook unclear"),
        "codebook_version": _("codebook version"),
        "codes": _("codes"),
        "codes_reordered": _("codes reordered"),
        "changed": _("changed"),
        "definition": _("definition"),
        "example": _("example"),
        "counter_example": _("counter example"),
        "use_when": _("use when"),
        "avoid_when": _("avoid when"),
        "fields": _("fields"),
        "hint": _("hint"),
        "into": _("into"),
        "kind": _("kind"),
        "label": _("label"),
        "minimum": _("minimum"),
        "maximum": _("maximum"),
        "parent_key": _("parent key"),
        "remark": _("remark"),
        "reordered": _("reordered"),
        "required": _("required"),
        "value": _("value"),
        "variables": _("variables"),
    }


def _of_imports() -> dict[str, str]:
    return {
        "entities": _("HTML entities read"),
        "exact": _("same texts"),
        "near": _("similar texts"),
        "sample": _("sample"),
        "size": _("size"),
        "pseudonyms": _("pseudonyms"),
        "mentions": _("mentions masked"),
        "alike": _("alike"),
        "dropped": _("dropped as alike"),
        "not_drawn": _("not drawn"),
        "left_out": _("left out"),
        "export": _("export"),
        "shape": _("shape"),
        "authors_as_pseudonyms": _("authors as numbers"),
        "ids_and_codes_only": _("ids and codes only"),
    }


def _of_work() -> dict[str, str]:
    return {
        "adjudicators": _("adjudicators"),
        "assignments": _("assignments"),
        "double_percent": _("percent decided twice"),
        "is_second": _("decided second, independently"),
        "splits": _("splits the queue"),
        "meeting": _("meeting"),
        "present": _("present"),
        "codings": _("codings"),
        "counted_again": _("sent back, and counted again"),
        "waiting_again": _("sent back, and waiting again"),
        "decided": _("decided"),
        "decisions": _("decisions"),
        "double_share": _("double share"),
        "edition": _("edition"),
        "duplicates": _("duplicates"),
        "field": _("field"),
        "file": _("file"),
        "format": _("format"),
        "filter": _("filter"),
        "leaves_out_used": _("leaves out used"),
        "left_as_coded": _("left as coded"),
        "taken_down": _("taken down"),
        "quotes": _("texts that quoted them"),
        "ends_on": _("ends on"),
        "hides": _("hides"),
        "is_timed": _("time measured"),
        "names": _("names"),
        "new": _("new"),
        "pause_minutes": _("minutes to a pause"),
        "posts": _("posts"),
        "purpose": _("purpose"),
        "ratings": _("codings"),
        "refused": _("refused"),
        "rule": _("rule"),
        "rules": _("rules"),
        "model": _("model"),
        "threshold": _("threshold"),
        "sample_size": _("sample size"),
        "seed": _("seed"),
        "shows_author": _("shows author"),
        "superseded": _("superseded"),
        "texts": _("texts"),
        "topic_field": _("field of the topics"),
        "unchanged": _("unchanged"),
        "values": _("values"),
        "withdrawn": _("withdrawn"),
    }


def _of_rounds() -> dict[str, str]:
    return {
        "disputed": _("in disagreement"),
        "disputed_on": _("in disagreement on"),
        "double_field": _("double share by"),
        "flagged": _("flagged"),
        "given_to": _("given to"),
        "language_field": _("field of the language"),
        "languages": _("languages"),
        "per_stratum": _("posts for each value"),
        "quotas": _("most posts of each"),
        "since": _("since"),
        "small": _("values with fewer posts"),
        "strata": _("strata"),
        "strata_field": _("field of the strata"),
        "thin": _("read by too few"),
        "unread": _("read by nobody"),
        "until": _("until"),
        "unused": _("not used before"),
    }


def _value_words() -> dict[tuple[str, object], str]:
    """What stands for a choice, by the detail it is the value of."""
    return {
        ("what", "final"): _("the final dataset"),
        ("what", "codings"): _("all codings"),
        ("what", "history"): _("the history"),
        ("what", "agreement"): _("codings for programs of agreement"),
        ("shape", "wide"): _("wide"),
        ("shape", "long"): _("long"),
        ("what", "added"): _("added"),
        ("what", "removed"): _("removed"),
        ("what", "changed"): _("changed"),
        ("what", "merged"): _("merged"),
        ("what", "split"): _("split"),
        ("rule", "unanimous"): _("unanimous answers"),
        ("rule", "plurality"): _("the most frequent answer"),
        ("rule", "majority"): _("the answer of more than half"),
        ("rule", "decisions"): _("decisions only"),
        ("rule", "single"): _("single codings"),
        ("rule", "model"): _("what a model of annotators is sure of"),
        ("rule", "each"): _("a rule for each question"),
        ("model", "dawid_skene"): _("Dawid–Skene"),
        ("role", "lead"): _("lead"),
        ("role", "adjudicator"): _("adjudicator"),
        ("role", "annotator"): _("annotator"),
        ("role", "viewer"): _("viewer"),
        ("purpose", "training"): _("training"),
        ("purpose", "pilot"): _("pilot"),
        ("purpose", "reliability"): _("reliability"),
        ("purpose", "main"): _("main"),
        ("hides", "all"): _("all posts"),
        ("hides", "none"): _("no posts"),
        ("hides", "topics"): _("posts with a topic"),
        ("posts", "all"): _("all"),
        ("posts", "sample"): _("sample"),
    }


def _pairs(details: Mapping[str, Any], within: str) -> Iterator[tuple[str, str]]:
    words = _names()
    for key, value in details.items():
        bare = key.removeprefix("n_")
        name = within + words.get(bare, bare.replace("_", " "))
        if key == "what":
            yield _("file"), _text(value, key)
        elif _counts_decisions(key, value):
            yield _("decisions"), ", ".join(f"{variable} {count}" for variable, count in value.items())
        elif isinstance(value, Mapping) and not _is_change(value):
            yield from _pairs(value, f"{name} / ")
        else:
            yield name, _text(value, key)


def _counts_decisions(key: str, value: Any) -> bool:
    """Whether this says how many decisions were made on which variable."""
    if key != "variables" or not isinstance(value, Mapping):
        return False
    return all(isinstance(count, int) for count in value.values())


def _is_change(value: Mapping[str, Any]) -> bool:
    return set(value) == {"before", "after"} and not any(isinstance(end, Mapping) for end in value.values())


def _text(value: Any, key: str) -> str:
    """A value in words; `key` is the detail it is the value of."""
    if isinstance(value, Mapping):
        return _change(value, key) if _is_change(value) else _thing(value)
    if isinstance(value, list) and value:
        return ", ".join(_text(item, key) for item in value)
    if _is_empty(value):
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _value_words().get((key, value), str(value))


def _change(value: Mapping[str, Any], key: str) -> str:
    return f"{_text(value['before'], key)} → {_text(value['after'], key)}"


def _thing(value: Mapping[str, Any]) -> str:
    """One of a list, such as a variable of the codebook: what was done to it, its key, and the rest."""
    head = " ".join(_text(value[name], name) for name in ("what", "key") if name in value)
    rest = {name: said for name, said in value.items() if name not in ("what", "key", "label")}
    between = _(";") + " "
    told = between.join(f"{name}{_(':')} {said}" for name, said in _pairs(rest, ""))
    return f"{head} ({told})" if head and told else head or told
